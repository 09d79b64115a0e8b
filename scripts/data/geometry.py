"""The little plane geometry that preparing data needs: centroids, point in polygon, simpler outlines. Degrees throughout."""


def polygons(geometry):
    """The polygons (lists of rings) of a GeoJSON Polygon or MultiPolygon."""
    kind, coordinates = geometry["type"], geometry["coordinates"]
    return [coordinates] if kind == "Polygon" else coordinates if kind == "MultiPolygon" else []


def ring_area(ring):
    """Signed area of a ring, square degrees."""
    return sum(a[0] * b[1] - b[0] * a[1] for a, b in zip(ring, ring[1:])) / 2


def centroid(geometry):
    """A point for the whole: the centroid of the largest part, or its widest inner point if the centroid lies outside."""
    largest = max(polygons(geometry), key=lambda p: abs(ring_area(p[0])))
    ring = largest[0]
    area = ring_area(ring)
    if not area:
        return [round(ring[0][0], 6), round(ring[0][1], 6)]
    x = sum((a[0] + b[0]) * (a[0] * b[1] - b[0] * a[1]) for a, b in zip(ring, ring[1:])) / (6 * area)
    y = sum((a[1] + b[1]) * (a[0] * b[1] - b[0] * a[1]) for a, b in zip(ring, ring[1:])) / (6 * area)
    if not inside_polygon(x, y, largest):
        x = widest(y, largest) or x
    return [round(x, 6), round(y, 6)]


def widest(y, rings):
    """The middle of the longest stretch inside the polygon at latitude y."""
    cuts = sorted(cut for ring in rings for cut in crossings(y, ring))
    stretches = list(zip(cuts[::2], cuts[1::2]))
    if not stretches:
        return None
    left, right = max(stretches, key=lambda s: s[1] - s[0])
    return (left + right) / 2


def crossings(y, ring):
    """Where a ring crosses latitude y."""
    for a, b in zip(ring, ring[1:]):
        if (a[1] > y) != (b[1] > y):
            yield a[0] + (y - a[1]) * (b[0] - a[0]) / (b[1] - a[1])


def inside_polygon(x, y, rings):
    """Whether a point lies in a polygon with holes (even-odd)."""
    return sum(1 for ring in rings for cut in crossings(y, ring) if cut > x) % 2 == 1


def box(geometry):
    """West, south, east, north."""
    points = [p for polygon in polygons(geometry) for p in polygon[0]]
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return min(xs), min(ys), max(xs), max(ys)


class Finder:
    """Finds the areas that hold a point. Cost a point: the polygons whose box covers its cell of one degree."""

    def __init__(self, areas):
        """`areas`: pairs (key, geometry)."""
        self.cells = {}
        for key, geometry in areas:
            west, south, east, north = bounds = box(geometry)
            for column in range(int(west // 1), int(east // 1) + 1):
                for row in range(int(south // 1), int(north // 1) + 1):
                    self.cells.setdefault((column, row), []).append((key, bounds, polygons(geometry)))

    def find(self, x, y):
        """The key of the first area that holds the point, or None."""
        for key, (west, south, east, north), parts in self.cells.get((int(x // 1), int(y // 1)), []):
            if west <= x <= east and south <= y <= north and any(inside_polygon(x, y, part) for part in parts):
                return key
        return None


def repaired(geometry):
    """The geometry with two faults of its sources mended: rings that pass a point twice are cut there, and "holes" that
    lie outside their polygon become parts of their own."""
    parts = []
    for polygon in polygons(geometry):
        outer, *holes = polygon
        first, *loops = cut_loops(outer)
        mended = [[first]]
        for loop in loops:
            if (ring_area(loop) > 0) == (ring_area(first) > 0):
                mended.append([loop])
            else:
                mended[0].append(loop)
        for hole in holes:
            if inside_polygon(hole[0][0], hole[0][1], [outer]) or inside_polygon(hole[1][0], hole[1][1], [outer]):
                mended[0].append(hole)
            else:
                mended.append([hole])
        parts += mended
    return {"type": "MultiPolygon", "coordinates": parts}


def cut_loops(ring):
    """A ring and the loops it makes at points it passes twice; the largest first."""
    done, walk, seen = [], [], {}
    for point in ring[:-1]:
        at = seen.get(tuple(point))
        if at is not None:
            loop = walk[at:] + [point]
            for passed in walk[at + 1 :]:
                seen.pop(tuple(passed), None)
            walk = walk[: at + 1]
            if len(loop) >= 4 and ring_area(loop):
                done.append(loop)
            continue
        seen[tuple(point)] = len(walk)
        walk.append(point)
    if len(walk) < 3:
        return [ring]
    return sorted([walk + [walk[0]], *done], key=lambda r: -abs(ring_area(r)))


def simplified(geometry, tolerance, digits=3):
    """The geometry with fewer points (Douglas-Peucker); rings that would cross themselves or each other keep more points."""
    rings = [(part, ring) for part, polygon in enumerate(polygons(geometry)) for ring in polygon]
    steps = [tolerance] * len(rings)
    out = [simple_ring(ring, tolerance, digits) for _, ring in rings]
    while crossing := {i for pair in crossing_pairs(out) for i in pair if steps[i]}:
        for i in crossing:
            steps[i] = steps[i] / 4 if steps[i] > tolerance / 60 else 0
            out[i] = simple_ring(rings[i][1], steps[i], digits) if steps[i] else rings[i][1]
    parts = [[] for _ in polygons(geometry)]
    for (part, _), ring in zip(rings, out):
        parts[part].append(ring)
    return {"type": "MultiPolygon", "coordinates": parts}


def crossing_pairs(rings):
    """Pairs of rings of which a side of one touches or crosses a side of the other."""
    boxes = [(min(p[0] for p in r), min(p[1] for p in r), max(p[0] for p in r), max(p[1] for p in r)) for r in rings]
    for i, (west, south, east, north) in enumerate(boxes):
        for j in range(i + 1, len(boxes)):
            other = boxes[j]
            if other[0] <= east and other[2] >= west and other[1] <= north and other[3] >= south:
                if rings_cross(rings[i], rings[j], boxes[j] if len(rings[j]) < len(rings[i]) else boxes[i]):
                    yield i, j


def rings_cross(one, two, around):
    """Whether two rings share a point; only sides that reach into `around` are looked at."""
    near = [
        [s for s in zip(r, r[1:]) if max(s[0][0], s[1][0]) >= around[0] and min(s[0][0], s[1][0]) <= around[2]
         and max(s[0][1], s[1][1]) >= around[1] and min(s[0][1], s[1][1]) <= around[3]]
        for r in (one, two)
    ]
    return any(
        turn(a, b, c) * turn(a, b, d) <= 0 and turn(c, d, a) * turn(c, d, b) <= 0 for a, b in near[0] for c, d in near[1]
    )


def simple_ring(ring, tolerance, digits):
    """One ring, simplified at the largest tolerance that leaves it sound; the ring itself if none does."""
    step = tolerance
    while step > tolerance / 64:
        half = max(range(len(ring)), key=lambda i: (ring[i][0] - ring[0][0]) ** 2 + (ring[i][1] - ring[0][1]) ** 2)
        kept = peucker(ring[: half + 1], step)[:-1] + peucker(ring[half:], step)
        rounded = [[round(x, digits), round(y, digits)] for x, y in kept]
        rounded = [p for i, p in enumerate(rounded) if i == 0 or p != rounded[i - 1]]
        if len(rounded) >= 4 and not crosses_itself(rounded):
            return rounded
        step /= 2
    return ring


def peucker(line, tolerance):
    """Douglas-Peucker, without recursion."""
    keep, stack = {0, len(line) - 1}, [(0, len(line) - 1)]
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        (ax, ay), (bx, by) = line[first], line[last]
        dx, dy = bx - ax, by - ay
        norm = (dx * dx + dy * dy) ** 0.5
        best, at = -1.0, first
        for i in range(first + 1, last):
            px, py = line[i][0] - ax, line[i][1] - ay
            distance = abs(px * dy - py * dx) / norm if norm else (px * px + py * py) ** 0.5
            if distance > best:
                best, at = distance, i
        if best > tolerance:
            keep.add(at)
            stack += [(first, at), (at, last)]
    return [line[i] for i in sorted(keep)]


def crosses_itself(ring):
    """Whether two sides of a ring touch or cross apart from neighbours. Cost: square of the sides."""
    if len({tuple(p) for p in ring}) != len(ring) - 1 or not ring_area(ring):
        return True
    sides = list(zip(ring, ring[1:]))
    for i, (a, b) in enumerate(sides):
        for j in range(i + 2, len(sides)):
            if i == 0 and j == len(sides) - 1:
                continue
            c, d = sides[j]
            if max(a[0], b[0]) < min(c[0], d[0]) or max(c[0], d[0]) < min(a[0], b[0]):
                continue
            if turn(a, b, c) * turn(a, b, d) <= 0 and turn(c, d, a) * turn(c, d, b) <= 0:
                return True
    return False


def turn(a, b, c):
    """Positive if a, b, c turn left."""
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
