"""Spatial relations of a running natbase beside an independent implementation: GEOS, through shapely.

usage: space.py make FILE             writes shapes as CSV (fid, name, geom)
       space.py check BASE FILE       asks every relation with shapes of the same kinds; ends with 1 at the first difference

Coordinates are small whole numbers, so that shapes touch, share edges and are equal as often as they overlap.
"""

import csv
import json
import random
import sys
import urllib.parse
import urllib.request

import shapely

SEED, STORED, ASKED, SIDE = 20261128, 400, 40, 12
RELATIONS = {
    "S_INTERSECTS": shapely.intersects, "S_DISJOINT": shapely.disjoint, "S_WITHIN": shapely.within,
    "S_CONTAINS": shapely.contains, "S_EQUALS": shapely.equals, "S_CROSSES": shapely.crosses,
    "S_OVERLAPS": shapely.overlaps, "S_TOUCHES": shapely.touches,
}


def shape(dice: random.Random) -> shapely.Geometry:
    """A valid geometry of any kind."""
    def place() -> tuple[int, int]:
        return dice.randrange(SIDE), dice.randrange(SIDE)

    def box() -> shapely.Polygon:
        (x, y), wide, high = place(), dice.randrange(1, 6), dice.randrange(1, 6)
        return shapely.box(x, y, x + wide, y + high)

    def ring() -> shapely.Polygon:
        (x, y), wide, high = place(), dice.randrange(3, 8), dice.randrange(3, 8)
        hole = [(x + 1, y + 1), (x + 1, y + high - 1), (x + wide - 1, y + high - 1), (x + wide - 1, y + 1)]
        return shapely.Polygon(shapely.box(x, y, x + wide, y + high).exterior.coords, [hole])

    makers = [
        lambda: shapely.Point(place()),
        lambda: shapely.MultiPoint([place() for _ in range(dice.randrange(2, 5))]),
        lambda: shapely.LineString([place() for _ in range(dice.randrange(2, 5))]),
        lambda: shapely.MultiLineString([[place(), place()] for _ in range(2)]),
        box, box,
        lambda: shapely.Polygon([place() for _ in range(dice.randrange(3, 6))]),
        ring,
        lambda: shapely.MultiPolygon([box(), box()]),
    ]
    while True:
        made = dice.choice(makers)()
        if made.is_valid and made.is_simple and not made.is_empty and (made.area > 0 or made.geom_type in ("Point", "MultiPoint") or made.length > 0):
            if made.geom_type == "MultiPoint" and len({point.coords[0] for point in made.geoms}) < len(made.geoms):
                continue
            return made


def make(file: str) -> None:
    dice = random.Random(SEED)
    with open(file, "w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["fid", "name", "geom"])
        for number in range(STORED):
            writer.writerow([number, f"s{number}", shape(dice).wkt])


def found(base: str, text: str) -> set[str]:
    query = urllib.parse.urlencode({"filter": text, "limit": 1000, "fields": "name"})
    with urllib.request.urlopen(f"{base}/api/v1/datasets/geospatial/ne-shapes/records?{query}") as answer:
        return {item["fields"]["name"] for item in json.load(answer)["items"]}


def check(base: str, file: str) -> None:
    with open(file, encoding="utf-8") as rows:
        stored = {row["name"]: shapely.from_wkt(row["geom"]) for row in csv.DictReader(rows)}
    dice = random.Random(SEED + 1)
    compared, held = 0, dict.fromkeys(RELATIONS, 0)
    for number in range(ASKED):
        # Every second one is a stored one, so that some are equal.
        asked = shape(dice) if number % 2 else dice.choice(list(stored.values()))
        for name, relation in RELATIONS.items():
            expected = {key for key, own in stored.items() if relation(own, asked)}
            got = found(base, f"{name}(geom, {asked.wkt})")
            if got != expected:
                key = min(got ^ expected)
                sys.exit(f"{name}({stored[key].wkt}, {asked.wkt}): natbase says {key in got}, GEOS says {key in expected}")
            compared += len(stored)
            held[name] += len(expected)
    rare = [name for name, count in held.items() if count < 20]
    assert not rare, f"{rare} hold too seldom to prove anything"
    print(f"ok  {compared:,} predicates as GEOS has them; true: {held}", flush=True)


if __name__ == "__main__":
    make(sys.argv[2]) if sys.argv[1] == "make" else check(sys.argv[2], sys.argv[3])
