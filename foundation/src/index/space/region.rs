//! A point in a polygon of many points, quickly: edges by bands of latitude, the same arithmetic as `geo`.

use geo::kernels::{Kernel, RobustKernel};
use geo::{Coord, Geometry, Orientation, Polygon};

/// Most bands.
const BANDS_MAX: usize = 4_096;

/// Where a point lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Outside,
    Boundary,
    Inside,
}

/// The edges of polygons, by bands of latitude.
#[derive(Debug)]
pub(super) struct Region {
    south: f64,
    height: f64,
    /// Edges that touch a band: ring, start, end.
    bands: Vec<Vec<(u32, Coord, Coord)>>,
    /// Of each polygon, its outer ring and the number of its rings; rings are numbered through.
    polygons: Vec<(u32, u32)>,
}

impl Region {
    /// The region of a polygon or several; `None` for other geometries.
    pub(super) fn of(geometry: &Geometry) -> Option<Self> {
        let polygons: Vec<&Polygon> = match geometry {
            Geometry::Polygon(polygon) => vec![polygon],
            Geometry::MultiPolygon(several) => several.0.iter().collect(),
            _ => return None,
        };
        let rings = || polygons.iter().flat_map(|p| std::iter::once(p.exterior()).chain(p.interiors()));
        let (mut south, mut north, mut edges) = (f64::INFINITY, f64::NEG_INFINITY, 0);
        for point in rings().flat_map(|ring| &ring.0) {
            south = south.min(point.y);
            north = north.max(point.y);
            edges += 1;
        }
        if edges == 0 {
            return None;
        }
        let count = (edges / 4).clamp(1, BANDS_MAX);
        #[expect(clippy::cast_precision_loss, reason = "at most 4,096")]
        let height = ((north - south) / count as f64).max(f64::MIN_POSITIVE);
        let mut region = Self { south, height, bands: vec![Vec::new(); count], polygons: Vec::new() };
        let mut ring = 0;
        for polygon in &polygons {
            let first = ring;
            for line in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                for edge in line.lines() {
                    let (low, high) = (edge.start.y.min(edge.end.y), edge.start.y.max(edge.end.y));
                    let (from, to) = (region.band(low), region.band(high));
                    for band in region.bands.iter_mut().take(to + 1).skip(from) {
                        band.push((ring, edge.start, edge.end));
                    }
                }
                ring += 1;
            }
            region.polygons.push((first, ring - first));
        }
        Some(region)
    }

    /// The band of a latitude; neighbours of rounded ends share it, so that no edge is missed.
    fn band(&self, lat: f64) -> usize {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; NaN does not come here")]
        let band = ((lat - self.south) / self.height).max(0.0) as usize;
        band.min(self.bands.len().saturating_sub(1))
    }

    /// Where a point lies. Cost: the edges of one band.
    pub(super) fn place(&self, point: Coord) -> Place {
        let Some(band) = self.bands.get(self.band(point.y)) else { return Place::Outside };
        // Winding numbers of the rings that have an edge at this latitude.
        let mut windings: Vec<(u32, i32)> = Vec::new();
        for (ring, start, end) in band {
            let turn = if start.y <= point.y {
                if end.y < point.y {
                    continue;
                }
                match RobustKernel::orient2d(*start, *end, point) {
                    Orientation::CounterClockwise if end.y > point.y => 1,
                    Orientation::Collinear if between(point.x, start.x, end.x) => return Place::Boundary,
                    _ => continue,
                }
            } else {
                if end.y > point.y {
                    continue;
                }
                match RobustKernel::orient2d(*start, *end, point) {
                    Orientation::Clockwise => -1,
                    Orientation::Collinear if between(point.x, start.x, end.x) => return Place::Boundary,
                    _ => continue,
                }
            };
            match windings.iter_mut().find(|(r, _)| r == ring) {
                Some((_, winding)) => *winding += turn,
                None => windings.push((*ring, turn)),
            }
        }
        let wound = |ring: u32| windings.iter().any(|(r, winding)| *r == ring && *winding != 0);
        let inside = self.polygons.iter().any(|(first, rings)| wound(*first) && !(first + 1..first + rings).any(wound));
        if inside { Place::Inside } else { Place::Outside }
    }
}

fn between(value: f64, a: f64, b: f64) -> bool {
    value >= a.min(b) && value <= a.max(b)
}

#[cfg(test)]
mod tests {
    use geo::{Contains, Intersects, Point, polygon};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn agrees_with_the_slow_way(
            radii in proptest::collection::vec(1_u32..40, 3..40),
            points in proptest::collection::vec((-45_i32..45, -45_i32..45), 50),
        ) {
            let turn = std::f64::consts::TAU / f64::from(u32::try_from(radii.len()).unwrap());
            let outer: Vec<(f64, f64)> = radii
                .iter()
                .zip(0_u32..)
                .map(|(r, n)| ((f64::from(*r) * (turn * f64::from(n)).cos()).round(), (f64::from(*r) * (turn * f64::from(n)).sin()).round()))
                .collect();
            let hole = polygon![(x: -0.5, y: -0.5), (x: 0.5, y: -0.5), (x: 0.5, y: 0.5), (x: -0.5, y: 0.5)];
            let shape = Geometry::Polygon(Polygon::new(outer.into(), vec![hole.exterior().clone()]));
            let region = Region::of(&shape).unwrap();
            for (x, y) in points {
                let point = Point::new(f64::from(x), f64::from(y));
                let place = region.place(point.0);
                if place != Place::Boundary {
                    prop_assert_eq!(place == Place::Inside, shape.contains(&point), "{:?}", point);
                    prop_assert_eq!(place == Place::Inside, shape.intersects(&point), "{:?}", point);
                }
            }
        }
    }
}
