//! The exact test of a geometry.

use geo::{Closest, ClosestPoint, Coord, Distance, Geodesic, Haversine, Intersects, MapCoords, Point, Rect};

use crate::filter::{Area, Spatial};
use crate::service::Near;
use crate::value::Shape;

/// Metres of a degree of latitude, at least (on the ellipsoid, at the equator).
const METRES_A_DEGREE: f64 = 110_574.0;

/// What is asked of a geometry, and the boxes outside of which nothing holds.
#[derive(Debug)]
pub(super) struct Test {
    kind: Kind,
    boxes: Vec<[f64; 4]>,
}

#[derive(Debug)]
enum Kind {
    Box,
    Relation(Spatial, Area),
    Near(Near),
}

impl Test {
    /// Shares a point with a box.
    pub(super) fn boxed(bbox: [f64; 4]) -> Self {
        Self { kind: Kind::Box, boxes: across(bbox) }
    }

    /// Stands in a relation to another geometry.
    pub(super) fn relation(op: Spatial, shape: &Shape) -> Self {
        Self { kind: Kind::Relation(op, Area::new(shape)), boxes: vec![shape.bounding_box()] }
    }

    /// Lies within a distance.
    pub(super) fn near(near: Near) -> Self {
        Self { boxes: box_around(&near), kind: Kind::Near(near) }
    }

    /// Where to look; `None` = everywhere.
    pub(super) fn boxes(&self) -> Option<&[[f64; 4]]> {
        match &self.kind {
            Kind::Relation(Spatial::Disjoint, _) => None,
            _ => Some(&self.boxes),
        }
    }

    /// Whether the geometry passes.
    pub(super) fn holds(&self, wkb: &[u8]) -> bool {
        let shape = Shape::stored(wkb);
        match &self.kind {
            Kind::Box => self.boxes.iter().any(|bounds| in_box(&shape, *bounds)),
            Kind::Relation(op, area) => area.holds(*op, &shape),
            Kind::Near(near) => {
                // The sphere decides all but what lies at the circle's edge.
                let rough = shape.as_point().map(|point| roughly_m(point, near));
                match rough {
                    Some(rough) if rough * 1.006 <= near.metres => true,
                    Some(rough) if rough * 0.994 > near.metres => false,
                    _ => distance_m(&shape, near) <= near.metres,
                }
            }
        }
    }
}

/// The boxes outside of which nothing is within the distance.
pub(in crate::index) fn box_around(near: &Near) -> Vec<[f64; 4]> {
    let tall = near.metres / METRES_A_DEGREE + 1e-9;
    let (south, north) = (near.lat - tall, near.lat + tall);
    // At the latitude furthest from the equator a degree of longitude is shortest.
    let shortest = south.abs().max(north.abs()).to_radians().cos();
    let wide = if south <= -90.0 || north >= 90.0 { 180.0 } else { tall / shortest.max(1e-9) * 1.01 };
    let (south, north) = (south.max(-90.0), north.min(90.0));
    if wide >= 180.0 {
        vec![[-180.0, south, 180.0, north]]
    } else {
        across([wrapped(near.lon - wide), south, wrapped(near.lon + wide), north])
    }
}

/// The one or two boxes of a box that may cross the antimeridian.
fn across([west, south, east, north]: [f64; 4]) -> Vec<[f64; 4]> {
    if west > east {
        vec![[west, south, 180.0, north], [-180.0, south, east, north]]
    } else {
        vec![[west, south, east, north]]
    }
}

fn wrapped(lon: f64) -> f64 {
    if lon > 180.0 {
        lon - 360.0
    } else if lon < -180.0 {
        lon + 360.0
    } else {
        lon
    }
}

fn in_box(shape: &Shape, [west, south, east, north]: [f64; 4]) -> bool {
    if let Some((x, y)) = shape.as_point() {
        return west <= x && x <= east && south <= y && y <= north;
    }
    let [w, s, e, n] = shape.bounding_box();
    if w > east || e < west || s > north || n < south {
        return false;
    }
    if west <= w && e <= east && south <= s && n <= north {
        return true;
    }
    shape.to_geo().intersects(&Rect::new((west, south), (east, north)))
}

/// Metres on a sphere of the Earth's mean radius: at most 0.6 % from the distance on the ellipsoid.
pub(in crate::index) fn roughly_m((x, y): (f64, f64), near: &Near) -> f64 {
    Haversine.distance(Point::new(near.lon, near.lat), Point::new(x, y))
}

/// Metres from the centre to the nearest point of a geometry, on the ellipsoid.
///
/// The nearest point of lines and areas is sought on a plane around the centre, which is exact enough to find it for
/// distances of a few hundred kilometres; the distance to it is geodesic.
pub(in crate::index) fn distance_m(shape: &Shape, near: &Near) -> f64 {
    let centre = Point::new(near.lon, near.lat);
    if let Some((x, y)) = shape.as_point() {
        return Geodesic.distance(centre, Point::new(x, y));
    }
    let squeeze = near.lat.to_radians().cos().max(1e-9);
    let flat = shape.to_geo().map_coords(|c| Coord { x: wrapped(c.x - near.lon) * squeeze, y: c.y - near.lat });
    match flat.closest_point(&Point::new(0.0, 0.0)) {
        Closest::Intersection(_) => 0.0,
        Closest::SinglePoint(point) => {
            let (x, y) = (wrapped(point.x() / squeeze + near.lon), point.y() + near.lat);
            Geodesic.distance(centre, Point::new(x, y))
        }
        Closest::Indeterminate => f64::INFINITY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_may_cross_the_antimeridian() {
        let test = Test::boxed([170.0, -10.0, -170.0, 10.0]);
        for (lon, expected) in
            [(175.0, true), (-175.0, true), (180.0, true), (-180.0, true), (169.9, false), (0.0, false)]
        {
            assert_eq!(test.holds(Shape::point(lon, 0.0).unwrap().wkb()), expected, "{lon}");
        }
    }

    #[test]
    fn distances_are_those_of_the_earth() {
        // Tian'anmen to the Oriental Pearl: about 1,068 km.
        let near = |metres| Near { lon: 116.397, lat: 39.908, metres };
        let tower = Shape::point(121.4997, 31.2397).unwrap();
        let metres = distance_m(&tower, &near(0.0));
        assert!((1_060_000.0..1_076_000.0).contains(&metres), "{metres}");
        assert!(Test::near(near(metres + 1.0)).holds(tower.wkb()));
        assert!(!Test::near(near(metres - 1.0)).holds(tower.wkb()));
        let square = Shape::rectangle(116.0, 39.5, 117.0, 40.5).unwrap();
        assert!(distance_m(&square, &near(0.0)).abs() < 1e-6);
        let aside = Shape::rectangle(117.0, 39.5, 118.0, 40.5).unwrap();
        let metres = distance_m(&aside, &near(0.0));
        assert!((51_000.0..52_000.0).contains(&metres), "{metres}");
    }

    #[test]
    fn the_sphere_is_close_to_the_ellipsoid() {
        for (lat, lon, to_lat, to_lon) in [
            (0.0_f64, 0.0, 0.0, 1.0),
            (0.0, 0.0, 1.0, 0.0),
            (89.0, 0.0, 89.9, 1.0),
            (45.0, 10.0, 44.0, 12.0),
            (30.0, 0.0, -30.0, 60.0),
        ] {
            let near = Near { lon, lat, metres: 0.0 };
            let exact = distance_m(&Shape::point(to_lon, to_lat).unwrap(), &near);
            let rough = roughly_m((to_lon, to_lat), &near);
            assert!((rough / exact - 1.0).abs() < 0.006, "{lat} {to_lat}: {rough} {exact}");
        }
    }

    #[test]
    fn a_circle_near_the_antimeridian_looks_on_both_sides() {
        let near = Near { lon: 179.99, lat: 0.0, metres: 5_000.0 };
        let test = Test::near(near);
        let beyond = Shape::point(-179.99, 0.0).unwrap();
        assert!(test.holds(beyond.wkb()));
        assert_eq!(test.boxes().unwrap().len(), 2);
    }
}
