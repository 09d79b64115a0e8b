//! Well-known text, by the `wkt` crate; rings are checked before `geo` would close them silently.

use geo::{Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use wkt::{ToWkt, Wkt, types};

use super::{DEPTH_MAX, ShapeError, validity};

/// Reads WKT or EWKT.
pub(super) fn read(text: &str) -> Result<Geometry, ShapeError> {
    let text = text.trim();
    let body = match text.split_once(';') {
        Some((srid, body)) if srid.trim_start().to_ascii_uppercase().starts_with("SRID=") => {
            if !matches!(srid.trim().get(5..).map(str::trim), Some("4490" | "4326")) {
                return Err(ShapeError::Unreadable("only SRID 4490 (CGCS2000) and 4326 (WGS 84) are taken".to_owned()));
            }
            body
        }
        _ => text,
    };
    // The crate reads collections by recursion.
    let mut depth = 0_usize;
    for byte in body.bytes() {
        match byte {
            b'(' => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX + 3 {
            return Err(ShapeError::Unreadable("collections stand too deep in one another".to_owned()));
        }
    }
    let wkt: Wkt<f64> = body.parse().map_err(|e: &str| ShapeError::Unreadable(format!("as WKT: {e}")))?;
    geometry(wkt)
}

fn coordinate(at: &types::Coord) -> Coord {
    Coord { x: at.x, y: at.y }
}

fn line(line: &types::LineString) -> LineString {
    LineString(line.coords().iter().map(coordinate).collect())
}

fn point(at: &types::Point) -> Result<Point, ShapeError> {
    at.coord().map(|c| Point(coordinate(c))).ok_or(ShapeError::Empty)
}

fn polygon(polygon: &types::Polygon) -> Result<Polygon, ShapeError> {
    let rings: Vec<LineString> = polygon.rings().iter().map(line).collect();
    rings.iter().try_for_each(|ring| validity::closed(&ring.0))?;
    let mut rings = rings.into_iter();
    Ok(Polygon::new(rings.next().unwrap_or_else(|| LineString(Vec::new())), rings.collect()))
}

fn geometry(wkt: Wkt) -> Result<Geometry, ShapeError> {
    Ok(match wkt {
        Wkt::Point(p) => Geometry::Point(point(&p)?),
        Wkt::LineString(l) => Geometry::LineString(line(&l)),
        Wkt::Polygon(p) => Geometry::Polygon(polygon(&p)?),
        Wkt::MultiPoint(m) => Geometry::MultiPoint(MultiPoint(m.points().iter().map(point).collect::<Result<_, _>>()?)),
        Wkt::MultiLineString(m) => {
            Geometry::MultiLineString(MultiLineString(m.line_strings().iter().map(line).collect()))
        }
        Wkt::MultiPolygon(m) => {
            Geometry::MultiPolygon(MultiPolygon(m.polygons().iter().map(polygon).collect::<Result<_, _>>()?))
        }
        Wkt::GeometryCollection(c) => Geometry::GeometryCollection(GeometryCollection(
            c.into_inner().0.into_iter().map(geometry).collect::<Result<_, _>>()?,
        )),
    })
}

/// Writes WKT.
pub(super) fn write(geometry: &Geometry) -> String {
    geometry.wkt_string()
}
