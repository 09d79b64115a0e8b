//! GeoJSON geometries (RFC 7946), read from and written to text without an object tree between.

use geo::{Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};
use serde_json::Value;

use super::{DEPTH_MAX, ShapeError, validity};

fn unreadable(reason: impl Into<String>) -> ShapeError {
    ShapeError::Unreadable(reason.into())
}

/// The short way for points without a `crs`.
pub(super) fn as_point(json: &Value) -> Option<(f64, f64)> {
    if json.get("type")?.as_str()? != "Point" || json.get("crs").is_some() {
        return None;
    }
    let at = json.get("coordinates")?.as_array()?;
    Some((at.first()?.as_f64()?, at.get(1)?.as_f64()?))
}

/// Reads a geometry or a feature's geometry.
pub(super) fn read(json: &Value) -> Result<Geometry, ShapeError> {
    reference_system(json)?;
    if json.get("type").and_then(Value::as_str) == Some("Feature") {
        let geometry = json.get("geometry").ok_or_else(|| unreadable("the feature has no `geometry`"))?;
        if geometry.is_null() {
            return Err(ShapeError::Empty);
        }
        reference_system(geometry)?;
        return geometry_of(geometry, 0);
    }
    geometry_of(json, 0)
}

fn reference_system(json: &Value) -> Result<(), ShapeError> {
    let Some(crs) = json.get("crs").filter(|crs| !crs.is_null()) else { return Ok(()) };
    let name = crs.pointer("/properties/name").and_then(Value::as_str).unwrap_or("without a name");
    if ["CRS84", "4326", "4490"].iter().any(|end| name.ends_with(end)) {
        return Ok(());
    }
    Err(unreadable(format!("the coordinate system `{name}` is not taken; give CGCS2000 (EPSG:4490) or WGS 84")))
}

fn geometry_of(json: &Value, depth: usize) -> Result<Geometry, ShapeError> {
    if depth > DEPTH_MAX {
        return Err(unreadable("collections stand too deep in one another"));
    }
    let kind = json
        .get("type")
        .and_then(Value::as_str)
        .ok_or_else(|| unreadable("a GeoJSON geometry is an object with a `type`"))?;
    if kind == "GeometryCollection" {
        let members = json
            .get("geometries")
            .and_then(Value::as_array)
            .ok_or_else(|| unreadable("a GeometryCollection has an array `geometries`"))?;
        let members = members.iter().map(|m| geometry_of(m, depth + 1)).collect::<Result<_, _>>()?;
        return Ok(Geometry::GeometryCollection(GeometryCollection(members)));
    }
    let at = json.get("coordinates").ok_or_else(|| unreadable(format!("a {kind} has `coordinates`")))?;
    Ok(match kind {
        "Point" => {
            if at.as_array().is_some_and(Vec::is_empty) {
                return Err(ShapeError::Empty);
            }
            Geometry::Point(Point(coordinate(at)?))
        }
        "MultiPoint" => Geometry::MultiPoint(MultiPoint(each(at, |c| coordinate(c).map(Point))?)),
        "LineString" => Geometry::LineString(line(at)?),
        "MultiLineString" => Geometry::MultiLineString(MultiLineString(each(at, line)?)),
        "Polygon" => Geometry::Polygon(polygon(at)?),
        "MultiPolygon" => Geometry::MultiPolygon(MultiPolygon(each(at, polygon)?)),
        other => return Err(unreadable(format!("`{other}` is none of the seven geometry types of GeoJSON"))),
    })
}

fn each<T>(json: &Value, one: impl Fn(&Value) -> Result<T, ShapeError>) -> Result<Vec<T>, ShapeError> {
    let members = json.as_array().ok_or_else(|| unreadable("`coordinates` are not nested as the type wants"))?;
    members.iter().map(one).collect()
}

fn coordinate(json: &Value) -> Result<Coord, ShapeError> {
    let at = json.as_array().map_or(&[][..], Vec::as_slice);
    match (at.first().and_then(Value::as_f64), at.get(1).and_then(Value::as_f64)) {
        (Some(x), Some(y)) => Ok(Coord { x, y }),
        _ => Err(unreadable("a position is an array of longitude and latitude, both numbers")),
    }
}

fn line(json: &Value) -> Result<LineString, ShapeError> {
    each(json, coordinate).map(LineString)
}

fn polygon(json: &Value) -> Result<Polygon, ShapeError> {
    let rings = each(json, line)?;
    rings.iter().try_for_each(|ring| validity::closed(&ring.0))?;
    let mut rings = rings.into_iter();
    Ok(Polygon::new(rings.next().unwrap_or_else(|| LineString(Vec::new())), rings.collect()))
}

/// Appends a geometry.
pub(super) fn write(geometry: &Geometry, out: &mut Vec<u8>) {
    let name = match geometry {
        Geometry::Point(_) => "Point",
        Geometry::LineString(_) | Geometry::Line(_) => "LineString",
        Geometry::Polygon(_) | Geometry::Rect(_) | Geometry::Triangle(_) => "Polygon",
        Geometry::MultiPoint(_) => "MultiPoint",
        Geometry::MultiLineString(_) => "MultiLineString",
        Geometry::MultiPolygon(_) => "MultiPolygon",
        Geometry::GeometryCollection(_) => "GeometryCollection",
    };
    out.extend_from_slice(b"{\"type\":\"");
    out.extend_from_slice(name.as_bytes());
    let member: &[u8] = if name == "GeometryCollection" { b"\",\"geometries\":" } else { b"\",\"coordinates\":" };
    out.extend_from_slice(member);
    match geometry {
        Geometry::Point(p) => position(&p.0, out),
        Geometry::LineString(l) => array(&l.0, out, position),
        Geometry::Line(l) => array(&[l.start, l.end], out, position),
        Geometry::Polygon(p) => rings(p, out),
        Geometry::Rect(r) => rings(&r.to_polygon(), out),
        Geometry::Triangle(t) => rings(&t.to_polygon(), out),
        Geometry::MultiPoint(m) => array(&m.0, out, |p, out| position(&p.0, out)),
        Geometry::MultiLineString(m) => array(&m.0, out, |l, out| array(&l.0, out, position)),
        Geometry::MultiPolygon(m) => array(&m.0, out, rings),
        Geometry::GeometryCollection(c) => array(&c.0, out, write),
    }
    out.push(b'}');
}

fn array<T>(members: &[T], out: &mut Vec<u8>, one: impl Fn(&T, &mut Vec<u8>)) {
    out.push(b'[');
    for (at, member) in members.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        one(member, out);
    }
    out.push(b']');
}

fn rings(polygon: &Polygon, out: &mut Vec<u8>) {
    let all: Vec<&LineString> = std::iter::once(polygon.exterior()).chain(polygon.interiors()).collect();
    array(&all, out, |ring, out| array(&ring.0, out, position));
}

fn position(at: &Coord, out: &mut Vec<u8>) {
    pair(at.x, at.y, out);
}

/// `[x,y]`: the shortest digits that read as the same numbers. Coordinates are most of what a page of features is made of.
pub(in crate::value) fn pair(x: f64, y: f64, out: &mut Vec<u8>) {
    let mut buffer = zmij::Buffer::new();
    for (before, number) in [(b'[', x), (b',', y)] {
        out.push(before);
        // INVARIANT: coordinates of a shape are finite.
        let digits = buffer.format(number);
        out.extend_from_slice(digits.strip_suffix(".0").unwrap_or(digits).as_bytes());
    }
    out.push(b']');
}
