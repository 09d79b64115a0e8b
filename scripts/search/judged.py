"""Makes the judged queries over the sample: scenarios/judged.tsv.

usage: python3 scripts/search/judged.py          needs pypinyin and opencc-python-reimplemented

Known items: a query is made from a record the way people ask for it, and the records that answer it are judged by rule:
grade 3 the very record, or one of the same name; grade 2 what bears the name otherwise (a city for its former name, a
place beside the division of its name); grade 1 works of an author asked for. The file is reviewed by hand: lines that
begin with `#` are left out. Columns: kind, query, then `dataset/id=grade` each.
"""

import csv
import json
import pathlib
import random
from collections import defaultdict

from opencc import OpenCC
from pypinyin import Style, lazy_pinyin

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "sample"
simple = OpenCC("t2s").convert
random.seed(20261128)


def ndjson(name: str) -> list[dict]:
    return [json.loads(line) for line in (SAMPLE / name).read_text(encoding="utf-8").splitlines() if line]


works = [w for name in ("works-tang.ndjson", "works-songci.ndjson", "works-shijing.ndjson") for w in ndjson(name)]
places = ndjson("places.ndjson")
divisions = [d for d in ndjson("divisions.ndjson") if "_valid_to" not in d]
enterprises = list(csv.DictReader((SAMPLE / "enterprises.csv").open(encoding="utf-8")))
indicators = list(csv.DictReader((SAMPLE / "indicators.csv").open(encoding="utf-8")))

by_title, by_line, by_author = defaultdict(set), defaultdict(set), defaultdict(set)
for work in works:
    key = f"culture/works/{work['work_id']}"
    by_title[simple(work.get("title", ""))].add(key)
    by_author[simple(work.get("author", ""))].add(key)
    for line in work.get("lines", []):
        for half in simple(line).replace("？", "，").replace("。", "，").replace("！", "，").replace("；", "，").split("，"):
            if len(half) >= 4:
                by_line[half].add(key)
by_name = defaultdict(dict)
for place in places:
    key = f"geospatial/places/{place['place_id']}"
    by_name[place["name"]][key] = 3
    for alias in place.get("aliases", []):
        by_name[alias].setdefault(key, 2)
for division in divisions:
    key = f"geospatial/divisions/{division['system']}~{division['code']}"
    by_name[division["name"]][key] = 3
    name = division["name"]
    short = name[:-1] if len(name) > 2 and name[-1] in "省市县区盟旗州" else name
    by_name[short].setdefault(key, 2)

rows: list[tuple[str, str, dict[str, int]]] = []


def add(kind: str, query: str, judged: dict[str, int]) -> None:
    if query and judged and len(judged) <= 40 and all(query != q for _, q, _ in rows):
        rows.append((kind, query, judged))


def some(items: list, count: int) -> list:
    return random.sample(items, min(count, len(items)))


titles = [t for t in by_title if 2 <= len(t) <= 12 and len(by_title[t]) <= 10 and "/" not in t]
for title in some(titles, 50):
    add("title", title, dict.fromkeys(by_title[title], 3))
for title in some([t for t in titles if OpenCC("s2t").convert(t) != t], 30):
    add("traditional", OpenCC("s2t").convert(title), dict.fromkeys(by_title[title], 3))
for title in some([t for t in titles if 3 <= len(t) <= 6 and t.isalpha()], 30):
    add("pinyin", "".join(lazy_pinyin(title)), dict.fromkeys(by_title[title], 3))
lines = [line for line in by_line if 5 <= len(line) <= 9 and len(by_line[line]) <= 3]
for line in some(lines, 40):
    add("verse", line, dict.fromkeys(by_line[line], 3))
for line in some(lines, 20):
    part = line[1:5]
    found = {key for other, keys in by_line.items() if part in other for key in keys}
    add("part of a verse", part, dict.fromkeys(found, 3))
for author in some([a for a in by_author if 2 <= len(a) <= 4 and 2 <= len(by_author[a]) <= 10], 20):
    add("author", author, dict.fromkeys(by_author[author], 1))
chinese = [p["name"] for p in places if p["country"] == "CHN" and len(p["name"]) >= 2 and p.get("population", 0) > 300_000]
foreign = [p["name"] for p in places if p["country"] != "CHN" and len(p["name"]) >= 2 and p.get("population", 0) > 500_000]
for name in some(chinese, 30) + some(foreign, 15):
    add("place", name, by_name[name])
for name in some([n for n in chinese if len(n) in (2, 3)], 30):
    add("place in pinyin", "".join(lazy_pinyin(name)), by_name[name])
for name in some([d["name"] for d in divisions if len(d["name"]) >= 4], 20):
    initials = "".join(lazy_pinyin(name, style=Style.FIRST_LETTER))
    add("initials", initials, {k: g for k, g in by_name[name].items()})
for place in some([p for p in places if "en" in p.get("names", {}) and " " not in p["names"]["en"] and p["country"] != "CHN"], 20):
    same = [p for p in places if p.get("names", {}).get("en") == place["names"]["en"]]
    add("place in Latin", place["names"]["en"], {f"geospatial/places/{p['place_id']}": 3 for p in same})
for division in some(divisions, 20):
    add("division code", division["code"], {f"geospatial/divisions/{division['system']}~{division['code']}": 3})
for name in some([d["name"] for d in divisions if len(d["name"]) >= 3], 30):
    add("division", name, by_name[name])
for firm in some(enterprises, 20):
    add("credit code", firm["credit_code"], {f"legal-entity/enterprises/{firm['credit_code']}": 3})
for firm in some(enterprises, 15):
    same = [e for e in enterprises if e["credit_code"].startswith(firm["credit_code"][:14])]
    add("start of a credit code", firm["credit_code"][:14], {f"legal-entity/enterprises/{e['credit_code']}": 3 for e in same})
for firm in some(enterprises, 30):
    part = firm["name"][:4]
    same = [e for e in enterprises if part in e["name"]]
    add("start of a company's name", part, {f"legal-entity/enterprises/{e['credit_code']}": 3 for e in same})
for indicator in indicators[:25]:
    same = [i for i in indicators if i["name"] == indicator["name"]]
    add("indicator", indicator["name"], {f"macroeconomy/indicators/{i['code']}": 3 for i in same})

with (ROOT / "scenarios" / "judged.tsv").open("w", encoding="utf-8") as out:
    for kind, query, judged in rows:
        marks = "\t".join(f"{key}={grade}" for key, grade in sorted(judged.items()))
        out.write(f"{kind}\t{query}\t{marks}\n")
print(len(rows), "queries")
