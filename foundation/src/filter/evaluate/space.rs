//! A literal geometry, prepared to be held against many records.

use std::fmt;

use geo::coordinate_position::CoordPos;
use geo::kernels::{Kernel, Orientation, RobustKernel};
use geo::{Coord, Geometry, Intersects, Line, LinesIter, Point, Relate};

use crate::filter::Spatial;
use crate::value::Shape;

/// Most stripes that the edges of a polygon are sorted into.
const STRIPES_MAX: usize = 128;

/// The literal: its geometry, its box, and for polygons its edges by latitude.
pub(crate) struct Area {
    geometry: Geometry,
    bounds: [f64; 4],
    edges: Option<Edges>,
}

impl fmt::Debug for Area {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Area").field("bounds", &self.bounds).finish_non_exhaustive()
    }
}

impl Area {
    /// Prepares a literal.
    pub(crate) fn new(shape: &Shape) -> Self {
        let geometry = shape.to_geo();
        let edges = match &geometry {
            Geometry::Polygon(polygon) => Some(Edges::new(polygon.lines_iter().collect())),
            Geometry::MultiPolygon(polygons) => Some(Edges::new(polygons.lines_iter().collect())),
            _ => None,
        };
        Self { geometry, bounds: shape.bounding_box(), edges }
    }

    /// Whether `shape op literal` holds.
    pub(crate) fn holds(&self, op: Spatial, shape: &Shape) -> bool {
        match op {
            Spatial::Intersects => self.meets(shape),
            Spatial::Disjoint => !self.meets(shape),
            Spatial::Within => self.holds_within(shape),
            Spatial::Contains | Spatial::Equals | Spatial::Crosses | Spatial::Overlaps | Spatial::Touches => {
                self.relates(op, shape)
            }
        }
    }

    /// The relations that are read from the intersection matrix; none holds where the boxes do not meet.
    fn relates(&self, op: Spatial, shape: &Shape) -> bool {
        let [west, south, east, north] = self.bounds;
        let [other_west, other_south, other_east, other_north] = shape.bounding_box();
        if west > other_east || other_west > east || south > other_north || other_south > north {
            return false;
        }
        let matrix = shape.to_geo().relate(&self.geometry);
        match op {
            Spatial::Contains => matrix.is_contains(),
            Spatial::Equals => matrix.is_equal_topo(),
            Spatial::Crosses => matrix.is_crosses(),
            Spatial::Overlaps => matrix.is_overlaps(),
            Spatial::Touches => matrix.is_touches(),
            Spatial::Intersects => matrix.is_intersects(),
            Spatial::Disjoint => matrix.is_disjoint(),
            Spatial::Within => matrix.is_within(),
        }
    }

    fn meets(&self, shape: &Shape) -> bool {
        let [west, south, east, north] = self.bounds;
        if let Some((x, y)) = shape.as_point() {
            return (west..=east).contains(&x)
                && (south..=north).contains(&y)
                && match &self.edges {
                    Some(edges) => edges.position(Coord { x, y }) != CoordPos::Outside,
                    None => self.geometry.intersects(&Point::new(x, y)),
                };
        }
        let [other_west, other_south, other_east, other_north] = shape.bounding_box();
        west <= other_east
            && other_west <= east
            && south <= other_north
            && other_south <= north
            && self.geometry.intersects(&shape.to_geo())
    }

    fn holds_within(&self, shape: &Shape) -> bool {
        if let (Some((x, y)), Some(edges)) = (shape.as_point(), &self.edges) {
            return edges.position(Coord { x, y }) == CoordPos::Inside;
        }
        let [west, south, east, north] = self.bounds;
        let [other_west, other_south, other_east, other_north] = shape.bounding_box();
        west <= other_west
            && other_east <= east
            && south <= other_south
            && other_north <= north
            && shape.to_geo().relate(&self.geometry).is_within()
    }
}

/// The edges of a polygon, by stripes of latitude: a point is held against the edges of its stripe only.
struct Edges {
    lines: Vec<Line>,
    south: f64,
    stripe: f64,
    stripes: Vec<Vec<u32>>,
}

impl Edges {
    fn new(lines: Vec<Line>) -> Self {
        let ends = || lines.iter().flat_map(|line| [line.start.y, line.end.y]);
        let (south, north) = (ends().fold(f64::INFINITY, f64::min), ends().fold(f64::NEG_INFINITY, f64::max));
        let count = (lines.len() / 8).clamp(1, STRIPES_MAX);
        #[expect(clippy::cast_precision_loss, reason = "at most 128")]
        let stripe = (north - south) / count as f64;
        let mut edges = Self { lines: Vec::new(), south, stripe, stripes: vec![Vec::new(); count] };
        for (number, line) in (0_u32..).zip(&lines) {
            let (a, b) = (edges.stripe_of(line.start.y), edges.stripe_of(line.end.y));
            for stripe in edges.stripes.iter_mut().take(a.max(b) + 1).skip(a.min(b)) {
                stripe.push(number);
            }
        }
        edges.lines = lines;
        edges
    }

    fn stripe_of(&self, y: f64) -> usize {
        let place = (y - self.south) / self.stripe;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; NaN becomes 0")]
        let place = place.max(0.0) as usize;
        place.min(self.stripes.len().saturating_sub(1))
    }

    /// Where a point lies: even-odd over the edges of its stripe, with exact orientations.
    fn position(&self, at: Coord) -> CoordPos {
        let mut inside = false;
        let stripe = self.stripes.get(self.stripe_of(at.y)).map_or(&[][..], Vec::as_slice);
        for line in stripe.iter().filter_map(|number| self.lines.get(*number as usize)) {
            let (low, high) = if line.start.y <= line.end.y { (line.start, line.end) } else { (line.end, line.start) };
            if at.y < low.y || at.y > high.y {
                continue;
            }
            let side = RobustKernel::orient2d(low, high, at);
            let (west, east) = (low.x.min(high.x), low.x.max(high.x));
            if side == Orientation::Collinear && (west..=east).contains(&at.x) {
                return CoordPos::OnBoundary;
            }
            // The lower end counts, the upper does not: a corner is crossed once.
            if at.y < high.y && side == Orientation::CounterClockwise {
                inside = !inside;
            }
        }
        if inside { CoordPos::Inside } else { CoordPos::Outside }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::POINTS_MAX_QUERY;
    use geo::CoordinatePosition;
    use proptest::prelude::*;

    fn shape(wkt: &str) -> Shape {
        Shape::from_wkt(wkt, POINTS_MAX_QUERY).expect(wkt)
    }

    const RING: &str = "MULTIPOLYGON(((0 0,8 0,8 8,4 5,0 8,0 0),(2 2,2 4,4 4,4 2,2 2)),((20 0,30 0,25 9,20 0)))";

    proptest! {
        #[test]
        fn points_lie_where_geo_says(x in -1..32_i32, y in -1..10_i32) {
            let (area, at) = (shape(RING), Coord { x: f64::from(x), y: f64::from(y) });
            let edges = Area::new(&area).edges.expect("polygons");
            prop_assert_eq!(edges.position(at), area.to_geo().coordinate_position(&at), "{} {}", x, y);
        }
    }

    #[test]
    fn operators_on_points_lines_and_areas() {
        let area = Area::new(&shape("POLYGON((0 0,4 0,4 4,0 4,0 0))"));
        for (wkt, intersects, within) in [
            ("POINT(1 1)", true, true),
            ("POINT(0 1)", true, false),
            ("POINT(5 1)", false, false),
            ("LINESTRING(1 1,5 5)", true, false),
            ("LINESTRING(1 1,2 2)", true, true),
            ("POLYGON((1 1,2 1,2 2,1 1))", true, true),
            ("POLYGON((3 3,5 3,5 5,3 3))", true, false),
            ("POLYGON((10 10,11 10,11 11,10 10))", false, false),
            ("MULTIPOINT((1 1),(9 9))", true, false),
        ] {
            let other = shape(wkt);
            assert_eq!(area.holds(Spatial::Intersects, &other), intersects, "{wkt}");
            assert_eq!(area.holds(Spatial::Disjoint, &other), !intersects, "{wkt}");
            assert_eq!(area.holds(Spatial::Within, &other), within, "{wkt}");
        }
        let line = Area::new(&shape("LINESTRING(0 0,4 4)"));
        assert!(line.holds(Spatial::Intersects, &shape("POINT(2 2)")));
        assert!(!line.holds(Spatial::Intersects, &shape("POINT(2 3)")));
    }

    /// DE-9IM by hand: which relations hold between a square and others.
    #[test]
    fn relations_of_the_matrix() {
        use Spatial as S;
        let square = Area::new(&shape("POLYGON((0 0,4 0,4 4,0 4,0 0))"));
        for (wkt, expected) in [
            ("POLYGON((-1 -1,5 -1,5 5,-1 5,-1 -1))", vec![S::Intersects, S::Contains]),
            ("POLYGON((0 0,0 4,4 4,4 0,0 0))", vec![S::Intersects, S::Within, S::Contains, S::Equals]),
            ("POLYGON((4 0,8 0,8 4,4 4,4 0))", vec![S::Intersects, S::Touches]),
            ("POLYGON((2 2,6 2,6 6,2 6,2 2))", vec![S::Intersects, S::Overlaps]),
            ("LINESTRING(-1 2,5 2)", vec![S::Intersects, S::Crosses]),
            ("LINESTRING(0 0,4 0)", vec![S::Intersects, S::Touches]),
            ("POINT(0 2)", vec![S::Intersects, S::Touches]),
            ("POINT(9 9)", vec![S::Disjoint]),
        ] {
            let other = shape(wkt);
            let found: Vec<S> = S::ALL.iter().map(|(op, _)| *op).filter(|op| square.holds(*op, &other)).collect();
            assert_eq!(found.len(), expected.len(), "{wkt}: {found:?}");
            assert!(expected.iter().all(|op| found.contains(op)), "{wkt}: {found:?}");
        }
    }

    #[test]
    fn ten_thousand_records_against_a_county_take_little() {
        let ring: Vec<Coord> = (0..=9_000_u32)
            .map(|n| f64::from(n % 9_000) * std::f64::consts::TAU / 9_000.0)
            .map(|a| Coord { x: 104.0 + a.cos() * (1.0 + 0.1 * (40.0 * a).sin()), y: 30.0 + a.sin() })
            .collect();
        let county = geo::Polygon::new(geo::LineString(ring), vec![]);
        let area = Area::new(&Shape::from_geo(&county.clone().into(), POINTS_MAX_QUERY).expect("a county"));
        let found = (0..10_000_u32)
            .map(|n| (103.0 + f64::from(n % 100) * 0.02, 29.0 + f64::from(n / 100) * 0.02))
            .filter(|(x, y)| area.holds(Spatial::Intersects, &Shape::point(*x, *y).expect("in range")))
            .count();
        assert!((7_000..8_500).contains(&found), "{found}");
    }
}
