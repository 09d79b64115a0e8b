"""Writes the committed sample (sample/): small, permissive licences only, no non-commercial data.

Run by hand when the sample changes: `python3 scripts/data/sample.py --with pwt91.csv.xz --with …indicators.tgz`.
The synthetic persons and enterprises come from `natbase synth --sample` and are left as they are.
"""

import argparse
import json
from pathlib import Path

import divisions
import places
import series
import works
from geometry import simplified
from output import CIVIL_AFFAIRS, CULTURE, MARKET, POLICE, RESOURCES, STATISTICS, Output
from packages import ROOT

REGIONS = {
    "CHN", "USA", "JPN", "DEU", "GBR", "FRA", "IND", "BRA", "RUS", "KOR", "CAN", "AUS", "ITA", "MEX", "IDN", "ZAF", "TUR",
    "SGP", "VNM", "THA", "HKG", "MAC",
}
PWT_COLUMNS = ["rgdpe", "rgdpna", "pop", "emp", "hc", "labsh", "csh_i", "xr"]
PLACES = 2_600
#: Provinces and cities whose outline the sample holds, simplified; counties of 成都 for the division of a point.
CITIES = {"510100", "440100", "330100"}


def outline(code, geometry):
    """A simplified outline for provinces, three cities and the counties of 成都."""
    if code.endswith("0000"):
        return simplified(geometry, 0.03)
    if code in CITIES or code.startswith("5101"):
        return simplified(geometry, 0.004)
    return None


def current():
    """Divisions of levels 0 to 3, and the townships of 成都市 锦江区."""
    for row in divisions.civil_affairs(outline):
        if row["level"] in "0123" or row["code"].startswith("510104"):
            yield row


def without_points(rows):
    """Countries without outline: their centre is enough in a sample."""
    for row in rows:
        yield row | {"boundary": None}


def largest_places():
    """The largest places with Chinese names, and every Chinese place of note, without far aliases."""
    chinese, abroad = [], []
    for row in places.populated():
        row["aliases"] = row["aliases"][:3]
        (chinese if row["country"] == "CHN" else abroad).append(row)
    return sorted(chinese[: PLACES - 1_000] + abroad[:1_000], key=lambda r: -(r["population"] or 0))


def main():
    """Writes the sample and its manifest."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--with", dest="files", action="append", default=[], type=Path, metavar="FILE")
    files = parser.parse_args().files
    pwt = next(f for f in files if "pwt" in f.name)
    wdi = next(f for f in files if "indicators" in f.name)
    out = Output(ROOT / "sample")
    geo = {"dataset": "geospatial/divisions"}
    out.ndjson("divisions.ndjson", current(), source=CIVIL_AFFAIRS, title="行政区划（民政部，2025年末）", **geo)
    out.ndjson("divisions-former.ndjson", (r for r in divisions.former() if int(r["_valid_to"][:4]) > 1995), source=CIVIL_AFFAIRS, title="历史行政区划（1995年以来）", **geo)
    out.ndjson("countries.ndjson", without_points(divisions.world(lambda code, geometry: geometry)), source=RESOURCES, title="国家和地区", **geo)
    out.ndjson("boundary-lines.ndjson", places.boundary_lines(("province",)), dataset="geospatial/places", source=RESOURCES, title="境界线")
    out.ndjson("places.ndjson", largest_places(), dataset="geospatial/places", source=RESOURCES, title="地名（GeoNames）")
    series_sets(out, pwt, wdi)
    poems = {"dataset": "culture/works", "source": CULTURE}
    out.ndjson("works-shijing.ndjson", works.book_of_songs(), title="诗经", **poems)
    out.ndjson("works-tang.ndjson", works.tang_three_hundred(), title="唐诗三百首", **poems)
    out.ndjson("works-songci.ndjson", works.song_three_hundred(), title="宋词三百首", **poems)
    synthetic(out)
    out.manifest()


def series_sets(out, pwt, wdi):
    """China and 21 other economies of PWT; China's WDI series from 1990 on."""
    codes = set(series.WDI_NAMES)
    indicators = [i for i in series.pwt_indicators() if i["code"][4:].lower() in PWT_COLUMNS]
    out.csv("indicators.csv", series.INDICATOR_COLUMNS, [*indicators, *series.wdi_indicators(wdi, codes)], dataset="macroeconomy/indicators", source=STATISTICS, title="指标")
    target = {"dataset": "macroeconomy/observations", "source": STATISTICS}
    out.csv("observations-pwt.csv", series.COLUMNS, series.pwt_observations(pwt, REGIONS, PWT_COLUMNS), title="佩恩世界表9.1（节选）", **target)
    out.csv("observations-wdi.csv", series.COLUMNS, series.wdi_observations(wdi, {"CHN"}, codes, 1960), title="世界发展指标（节选）", **target)


def synthetic(out):
    """Takes the files that `natbase synth` wrote into the manifest; they are loaded first, being small."""
    for name, dataset, source, title in (
        ("enterprises.csv", "legal-entity/enterprises", MARKET, "模拟企业"),
        ("shareholdings.csv", "legal-entity/shareholdings", MARKET, "模拟股东"),
        ("persons.csv", "population/persons", POLICE, "模拟人口"),
    ):
        path = out.folder / name
        if path.exists():
            out.add(name, sum(1 for _ in open(path, encoding="utf-8")) - 1, dataset, source, title)
            out.entries.insert(0, out.entries.pop())


if __name__ == "__main__":
    main()
