//! What a geometry must be: finite coordinates in range, closed rings, polygons valid by OGC Simple Features.
//!
//! Crossings are found by a sweep over the segments' boxes, sorted by longitude, so that a boundary of a million points is
//! checked in about a second and the place of the fault is known (`geo`'s own check compares every pair of a ring).

use geo::coordinate_position::{CoordPos, CoordinatePosition};
use geo::line_intersection::{LineIntersection, line_intersection};
use geo::{BoundingRect, Coord, Geometry, Intersects, Line, LineString, Polygon};

use super::ShapeError;

/// Pairs of segments compared before a geometry is called too intricate.
const PAIRS_MAX: usize = 100_000_000;

/// Refuses what is not a longitude and a latitude.
pub(super) fn coordinate(at: Coord) -> Result<(), ShapeError> {
    // Written so that NaN fails.
    if (-180.0..=180.0).contains(&at.x) && (-90.0..=90.0).contains(&at.y) {
        return Ok(());
    }
    Err(ShapeError::OutOfRange { lon: at.x, lat: at.y })
}

/// Refuses a ring that is open or too short. An empty ring passes here and fails as an empty geometry.
pub(super) fn closed(ring: &[Coord]) -> Result<(), ShapeError> {
    match (ring.first(), ring.last()) {
        (Some(first), Some(last)) if ring.len() < 4 || first != last => {
            Err(ShapeError::OpenRing { lon: first.x, lat: first.y })
        }
        _ => Ok(()),
    }
}

fn invalid(reason: impl Into<String>) -> ShapeError {
    ShapeError::Invalid { reason: reason.into() }
}

/// Checks everything.
pub(super) fn check(geometry: &Geometry, points_max: usize) -> Result<(), ShapeError> {
    use geo::CoordsIter;
    let points = geometry.coords_count();
    if points == 0 {
        return Err(ShapeError::Empty);
    }
    if points > points_max {
        return Err(ShapeError::TooManyPoints { points, points_max });
    }
    geometry.coords_iter().try_for_each(coordinate)?;
    valid(geometry)
}

fn valid(geometry: &Geometry) -> Result<(), ShapeError> {
    match geometry {
        Geometry::Point(_) | Geometry::MultiPoint(_) => Ok(()),
        Geometry::Line(line) => valid_line(&[line.start, line.end]),
        Geometry::LineString(line) => valid_line(&line.0),
        Geometry::MultiLineString(lines) => lines.0.iter().try_for_each(|line| valid_line(&line.0)),
        Geometry::Polygon(polygon) => valid_polygons(&[polygon]),
        Geometry::Rect(rect) => valid_polygons(&[&rect.to_polygon()]),
        Geometry::Triangle(triangle) => valid_polygons(&[&triangle.to_polygon()]),
        Geometry::MultiPolygon(polygons) => valid_polygons(&polygons.0.iter().collect::<Vec<_>>()),
        Geometry::GeometryCollection(members) => members.0.iter().try_for_each(valid),
    }
}

fn valid_line(line: &[Coord]) -> Result<(), ShapeError> {
    match line.first() {
        Some(first) if line.iter().any(|c| c != first) => Ok(()),
        Some(first) => {
            Err(invalid(format!("a line at ({}, {}) has fewer than two different points", first.x, first.y)))
        }
        None => Err(invalid("a line is empty")),
    }
}

/// A segment of a ring: which polygon, which ring, and its place in the ring.
struct Segment {
    line: Line,
    polygon: usize,
    ring: usize,
    place: usize,
    ring_length: usize,
}

impl Segment {
    fn west(&self) -> f64 {
        self.line.start.x.min(self.line.end.x)
    }
    fn east(&self) -> f64 {
        self.line.start.x.max(self.line.end.x)
    }
    fn is_neighbour_of(&self, other: &Self) -> bool {
        let apart = self.place.abs_diff(other.place);
        apart == 1 || apart + 1 == self.ring_length
    }
}

fn valid_polygons(polygons: &[&Polygon]) -> Result<(), ShapeError> {
    let mut segments = Vec::new();
    let mut rings = 0;
    for (number, polygon) in polygons.iter().enumerate() {
        for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
            add_ring(ring, number, rings, &mut segments)?;
            rings += 1;
        }
    }
    no_crossing(segments)?;
    polygons.iter().try_for_each(|polygon| holes_inside(polygon))?;
    parts_apart(polygons)
}

fn add_ring(ring: &LineString, polygon: usize, number: usize, into: &mut Vec<Segment>) -> Result<(), ShapeError> {
    closed(&ring.0)?;
    let Some(first) = ring.0.first() else { return Err(invalid("a ring is empty")) };
    let begin = into.len();
    // Repeated points are no fault; their segments have no length.
    for (place, line) in ring.lines().filter(|l| l.start != l.end).enumerate() {
        into.push(Segment { line, polygon, ring: number, place, ring_length: 0 });
    }
    let length = into.len() - begin;
    if length < 3 {
        return Err(invalid(format!("the ring at ({}, {}) has fewer than three different points", first.x, first.y)));
    }
    into.iter_mut().skip(begin).for_each(|segment| segment.ring_length = length);
    Ok(())
}

fn no_crossing(mut segments: Vec<Segment>) -> Result<(), ShapeError> {
    segments.sort_by(|a, b| a.west().total_cmp(&b.west()));
    let mut open: Vec<&Segment> = Vec::new();
    let mut pairs = 0_usize;
    for segment in &segments {
        let west = segment.west();
        open.retain(|other| other.east() >= west);
        pairs += open.len();
        if pairs > PAIRS_MAX {
            return Err(invalid("it is too intricate to be checked; simplify it or split it"));
        }
        for other in &open {
            meeting(segment, other)?;
        }
        open.push(segment);
    }
    Ok(())
}

/// Whether two segments may meet as they do.
fn meeting(a: &Segment, b: &Segment) -> Result<(), ShapeError> {
    let (ay, by) = ((a.line.start.y, a.line.end.y), (b.line.start.y, b.line.end.y));
    if ay.0.max(ay.1) < by.0.min(by.1) || by.0.max(by.1) < ay.0.min(ay.1) {
        return Ok(());
    }
    let same = a.ring == b.ring;
    let (what, at) = match line_intersection(a.line, b.line) {
        None => return Ok(()),
        Some(LineIntersection::Collinear { intersection }) if intersection.start == intersection.end => {
            if !same || a.is_neighbour_of(b) {
                return Ok(());
            }
            ("touches itself", intersection.start)
        }
        Some(LineIntersection::Collinear { intersection }) => {
            (if same { "runs back over itself" } else { "shares an edge with another ring" }, intersection.start)
        }
        Some(LineIntersection::SinglePoint { intersection, is_proper }) => {
            if !is_proper && (!same || a.is_neighbour_of(b)) {
                return Ok(());
            }
            (
                match (same, is_proper) {
                    (true, true) => "crosses itself",
                    (true, false) => "touches itself",
                    _ => "crosses another ring",
                },
                intersection,
            )
        }
    };
    let part = if a.polygon == b.polygon { String::new() } else { " of another part".to_owned() };
    Err(invalid(format!("a ring {what}{part} at ({}, {})", at.x, at.y)))
}

/// A point of `ring` that does not lie on the boundary of `area`, and where it lies; rings do not cross any more.
fn side(ring: &LineString, area: &Polygon) -> CoordPos {
    let middles = ring.lines().map(|l| (l.start + l.end) / 2.0);
    ring.0
        .iter()
        .copied()
        .chain(middles)
        .map(|at| area.coordinate_position(&at))
        .find(|position| *position != CoordPos::OnBoundary)
        .unwrap_or(CoordPos::OnBoundary)
}

fn holes_inside(polygon: &Polygon) -> Result<(), ShapeError> {
    let holes = polygon.interiors();
    if holes.is_empty() {
        return Ok(());
    }
    let outline = Polygon::new(polygon.exterior().clone(), Vec::new());
    let areas: Vec<Polygon> = holes.iter().map(|hole| Polygon::new(hole.clone(), Vec::new())).collect();
    for (at, hole) in holes.iter().enumerate() {
        let place = hole.0.first().copied().unwrap_or_default();
        if side(hole, &outline) != CoordPos::Inside {
            return Err(invalid(format!("the hole at ({}, {}) does not lie inside its polygon", place.x, place.y)));
        }
        for (other, area) in areas.iter().enumerate().filter(|(other, _)| *other != at) {
            if boxes_meet(hole, &holes.get(other).cloned().unwrap_or_else(|| LineString(Vec::new())))
                && side(hole, area) == CoordPos::Inside
            {
                return Err(invalid(format!("the hole at ({}, {}) lies inside another hole", place.x, place.y)));
            }
        }
    }
    Ok(())
}

fn boxes_meet(a: &LineString, b: &LineString) -> bool {
    a.bounding_rect().zip(b.bounding_rect()).is_some_and(|(a, b)| a.intersects(&b))
}

fn parts_apart(polygons: &[&Polygon]) -> Result<(), ShapeError> {
    if polygons.len() < 2 {
        return Ok(());
    }
    let mut boxes: Vec<(geo::Rect, &Polygon)> =
        polygons.iter().filter_map(|p| Some((p.bounding_rect()?, *p))).collect();
    boxes.sort_by(|a, b| a.0.min().x.total_cmp(&b.0.min().x));
    for (at, (box_a, a)) in boxes.iter().enumerate() {
        for (box_b, b) in boxes.iter().skip(at + 1).take_while(|(box_b, _)| box_b.min().x <= box_a.max().x) {
            if box_a.intersects(box_b)
                && (side(a.exterior(), b) == CoordPos::Inside || side(b.exterior(), a) == CoordPos::Inside)
            {
                let place = a.exterior().0.first().copied().unwrap_or_default();
                return Err(invalid(format!("the part at ({}, {}) overlaps another part", place.x, place.y)));
            }
        }
    }
    Ok(())
}
