"""The same questions for both sides: text, space, text with space and time, tiles.

Each is a title, a goal as (text, function of both figures), and the paths that natbase and the thin layer are asked.
"""

import math
import re
from urllib.parse import quote

from .load import lines

SINCE = "2005-01-01"
TILE_POINTS = 10_000
POINT = re.compile(r"POINT\((\S+) (\S+)\)")


def at_most(factor):
    """natbase costs at most `factor` times PostgreSQL."""
    return lambda ours, theirs: ours <= theirs * factor


def questions(rows):
    """name → title, goal, whether it holds, natbase's paths, the layer's paths, whether natbase asks under the grant."""
    words, names = lines(rows, "words.txt"), lines(rows, "place-names.txt")[:400]
    kinds = sorted({name[-2:] for name in names})[:40]
    boxes = [box.split(",") for box in lines(rows, "boxes.txt")]
    points = [point.split(",") for point in lines(rows, "points.txt")]
    slices = [one.split(",") for one in lines(rows, "slices.txt")]
    counties = lines(rows, "counties.txt")[::15]
    trades = lines(rows, "trades.txt")
    tiles = busy_tiles(rows)
    search, places = "/api/v1/search", "/api/v1/datasets/geospatial/places/records"
    combined = [(trades[at % len(trades)], county) for at, county in enumerate(counties)]
    # A tile is kept until its data change: other days are other tiles with the same features, which are drawn anew.
    days = [f"{2027 + at // 300}-{1 + at % 300 // 25:02}-{1 + at % 25:02}" for at in range(600)]
    xyz = "/ogc/collections/geospatial:places/xyz"
    since = quote(f"established >= DATE('{SINCE}')")
    return {
        "words": (
            "text: the 10 best works and the exact total, common words", "≤ a tenth", at_most(0.1),
            [f"{search}?dataset=culture/works&limit=10&q={quote(word)}" for word in words],
            [f"/works?q={quote(word)}" for word in words], False),
        "words ranked by the index": (
            "– PostgreSQL with RUM", "≤ a tenth", at_most(0.1), None, [f"/works?ranked=true&q={quote(word)}" for word in words], False),
        "kinds": (
            "text: the 10 best place names, common words", "≤ a tenth", at_most(0.1),
            [f"{search}?dataset=geospatial/places&limit=10&q={quote(kind)}" for kind in kinds],
            [f"/names?q={quote(kind)}" for kind in kinds], False),
        "kinds ranked by the index": (
            "– PostgreSQL with RUM", "≤ a tenth", at_most(0.1), None, [f"/names?ranked=true&q={quote(kind)}" for kind in kinds], False),
        "names": (
            "text: a whole place name, rare", "≤ PostgreSQL", at_most(1),
            [f"{search}?dataset=geospatial/places&limit=10&q={quote(name)}" for name in names],
            [f"/names?q={quote(name)}" for name in names], False),
        "box": (
            "a page of 100 places in a box of 0.3°", "≤ a third", at_most(1 / 3),
            [f"{places}?limit=100&bbox={','.join(box)}" for box in boxes],
            [f"/places?west={w}&south={s}&east={e}&north={n}" for w, s, e, n in boxes], False),
        "nearest": (
            "the 10 nearest places", "≤ half", at_most(0.5),
            [f"{places}?limit=10&sort=distance&near={lon},{lat},500000" for lon, lat in points],
            [f"/nearest?lon={lon}&lat={lat}" for lon, lat in points], False),
        "combined": (
            "enterprises: text ∩ county's outline ∩ date, 10 best and the exact total", "≤ a tenth", at_most(0.1),
            [f"{search}?dataset=legal-entity/enterprises&limit=10&q={quote(trade)}&within={quote(county)}&filter={since}"
             for trade, county in combined],
            [f"/combined?q={quote(trade)}&within={quote(county)}&since={SINCE}" for trade, county in combined], True),
        "tile": (
            f"a map tile over about {TILE_POINTS:,} points", "< 15 ms", lambda ours, _: ours < 15_000,
            [f"{xyz}/{z}/{x}/{y}.pbf?datetime={day}" for z, x, y in tiles for day in days],
            [f"/tiles/{z}/{x}/{y}" for z, x, y in tiles], False),
        "kept tile": (
            "– the same tile asked for again, nothing changed", "", None,
            [f"{xyz}/{z}/{x}/{y}.pbf" for z, x, y in tiles], [f"/tiles/{z}/{x}/{y}" for z, x, y in tiles], False),
        "series": (
            "a series of 300 months", "", None,
            [f"/api/v1/macroeconomy/series?indicator={i}&region={d}" for i, d in slices],
            [f"/series?indicator={i}&division={d}" for i, d in slices], False),
    }


def busy_tiles(rows):
    """Tiles of the Web Mercator pyramid over about as many points as the goal speaks of; at a small scale the busiest."""
    counts = {}
    with open(f"{rows}/import/places.csv", encoding="utf-8") as file:
        for line in file:
            found = POINT.search(line)
            if found:
                lon, lat = math.radians(float(found[1])), math.radians(float(found[2]))
                x, y = (lon / math.pi + 1) / 2, (1 - math.asinh(math.tan(lat)) / math.pi) / 2
                for z in range(5, 11):
                    tile = (z, int(x * (1 << z)), int(y * (1 << z)))
                    counts[tile] = counts.get(tile, 0) + 1
    return sorted(counts, key=lambda tile: abs(counts[tile] - TILE_POINTS))[:12]
