//! Well-known binary: what is kept is little endian and 2D; what is read may be either byte order, with heights,
//! measures and an EWKB reference number.

use geo::{Coord, Geometry, GeometryCollection, LineString, MultiLineString, MultiPoint, MultiPolygon, Point, Polygon};

use super::{DEPTH_MAX, ShapeError, validity};

const POINT: u32 = 1;
const LINE_STRING: u32 = 2;
const POLYGON: u32 = 3;
const MULTI_POINT: u32 = 4;
const MULTI_LINE_STRING: u32 = 5;
const MULTI_POLYGON: u32 = 6;
const COLLECTION: u32 = 7;

fn header(kind: u32, out: &mut Vec<u8>) {
    out.push(1);
    out.extend_from_slice(&kind.to_le_bytes());
}

fn count(number: usize, out: &mut Vec<u8>) {
    // INVARIANT: the number of points was limited to a few millions before.
    out.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

fn coordinates(line: &[Coord], out: &mut Vec<u8>) {
    count(line.len(), out);
    out.reserve(line.len() * 16);
    for c in line {
        out.extend_from_slice(&c.x.to_le_bytes());
        out.extend_from_slice(&c.y.to_le_bytes());
    }
}

/// The WKB of a point.
pub(super) fn point(lon: f64, lat: f64) -> [u8; 21] {
    let mut bytes = [0; 21];
    let parts: [&[u8]; 4] = [&[1], &POINT.to_le_bytes(), &lon.to_le_bytes(), &lat.to_le_bytes()];
    for (slot, byte) in bytes.iter_mut().zip(parts.into_iter().flatten()) {
        *slot = *byte;
    }
    bytes
}

/// The WKB of a checked geometry.
pub(super) fn write(geometry: &Geometry) -> Vec<u8> {
    let mut out = Vec::new();
    write_into(geometry, &mut out);
    out
}

fn write_polygon(polygon: &Polygon, out: &mut Vec<u8>) {
    header(POLYGON, out);
    count(1 + polygon.interiors().len(), out);
    coordinates(&polygon.exterior().0, out);
    polygon.interiors().iter().for_each(|ring| coordinates(&ring.0, out));
}

fn write_line(line: &LineString, out: &mut Vec<u8>) {
    header(LINE_STRING, out);
    coordinates(&line.0, out);
}

fn write_into(geometry: &Geometry, out: &mut Vec<u8>) {
    match geometry {
        Geometry::Point(p) => out.extend_from_slice(&point(p.x(), p.y())),
        Geometry::Line(line) => write_line(&LineString(vec![line.start, line.end]), out),
        Geometry::LineString(line) => write_line(line, out),
        Geometry::Polygon(polygon) => write_polygon(polygon, out),
        Geometry::MultiPoint(points) => {
            header(MULTI_POINT, out);
            count(points.0.len(), out);
            points.0.iter().for_each(|p| out.extend_from_slice(&point(p.x(), p.y())));
        }
        Geometry::MultiLineString(lines) => {
            header(MULTI_LINE_STRING, out);
            count(lines.0.len(), out);
            lines.0.iter().for_each(|line| write_line(line, out));
        }
        Geometry::MultiPolygon(polygons) => {
            header(MULTI_POLYGON, out);
            count(polygons.0.len(), out);
            polygons.0.iter().for_each(|polygon| write_polygon(polygon, out));
        }
        Geometry::GeometryCollection(members) => {
            header(COLLECTION, out);
            count(members.0.len(), out);
            members.0.iter().for_each(|member| write_into(member, out));
        }
        Geometry::Rect(rect) => write_polygon(&rect.to_polygon(), out),
        Geometry::Triangle(triangle) => write_polygon(&triangle.to_polygon(), out),
    }
}

/// Reads WKB; every length is held against the bytes there are.
pub(super) fn read(bytes: &[u8]) -> Result<Geometry, ShapeError> {
    let mut reader = Reader { rest: bytes, little: true, ordinates: 2 };
    let geometry = reader.geometry(0)?;
    if reader.rest.is_empty() { Ok(geometry) } else { Err(unreadable("bytes are left over after the WKB")) }
}

fn unreadable(reason: &str) -> ShapeError {
    ShapeError::Unreadable(reason.to_owned())
}

struct Reader<'a> {
    rest: &'a [u8],
    little: bool,
    ordinates: usize,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Result<[u8; N], ShapeError> {
        let (taken, rest) = self.rest.split_first_chunk::<N>().ok_or_else(|| unreadable("the WKB is cut off"))?;
        self.rest = rest;
        Ok(*taken)
    }
    fn number(&mut self) -> Result<u32, ShapeError> {
        let bytes = self.take()?;
        Ok(if self.little { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }
    fn float(&mut self) -> Result<f64, ShapeError> {
        let bytes = self.take()?;
        Ok(if self.little { f64::from_le_bytes(bytes) } else { f64::from_be_bytes(bytes) })
    }
    /// A count of things that take at least `bytes_min` each.
    fn length(&mut self, bytes_min: usize) -> Result<usize, ShapeError> {
        let count = self.number()? as usize;
        if count > self.rest.len() / bytes_min {
            return Err(unreadable("the WKB is cut off"));
        }
        Ok(count)
    }
    fn coordinate(&mut self) -> Result<Coord, ShapeError> {
        let (x, y) = (self.float()?, self.float()?);
        for _ in 2..self.ordinates {
            self.float()?;
        }
        Ok(Coord { x, y })
    }
    fn line(&mut self) -> Result<LineString, ShapeError> {
        let count = self.length(16)?;
        (0..count).map(|_| self.coordinate()).collect::<Result<Vec<_>, _>>().map(LineString)
    }
    fn ring(&mut self) -> Result<LineString, ShapeError> {
        let ring = self.line()?;
        validity::closed(&ring.0)?;
        Ok(ring)
    }
    fn polygon(&mut self) -> Result<Polygon, ShapeError> {
        let count = self.length(4)?;
        let mut rings = (0..count).map(|_| self.ring()).collect::<Result<Vec<_>, _>>()?.into_iter();
        let exterior = rings.next().unwrap_or_else(|| LineString(Vec::new()));
        Ok(Polygon::new(exterior, rings.collect()))
    }
    fn members<T>(&mut self, depth: usize, pick: fn(Geometry) -> Option<T>) -> Result<Vec<T>, ShapeError> {
        let count = self.length(5)?;
        (0..count)
            .map(|_| pick(self.geometry(depth + 1)?).ok_or_else(|| unreadable("a member of the WKB has a wrong type")))
            .collect()
    }
    fn geometry(&mut self, depth: usize) -> Result<Geometry, ShapeError> {
        if depth > DEPTH_MAX {
            return Err(unreadable("collections stand too deep in one another"));
        }
        let [order] = self.take()?;
        self.little = match order {
            0 => false,
            1 => true,
            _ => return Err(unreadable("WKB begins with a byte order of 0 or 1")),
        };
        let kind = self.number()?;
        let (z, m) = (kind & 0x8000_0000 != 0, kind & 0x4000_0000 != 0);
        if kind & 0x2000_0000 != 0 && !matches!(self.number()?, 0 | 4326 | 4490) {
            return Err(unreadable("only SRID 4490 (CGCS2000) and 4326 (WGS 84) are taken"));
        }
        let plain = kind & 0x0fff_ffff;
        self.ordinates = 2 + usize::from(z) + usize::from(m) + [0, 1, 1, 2].get(plain as usize / 1000).unwrap_or(&0);
        Ok(match plain % 1000 {
            POINT => {
                let at = self.coordinate()?;
                if at.x.is_nan() && at.y.is_nan() {
                    return Err(ShapeError::Empty);
                }
                Geometry::Point(Point(at))
            }
            LINE_STRING => Geometry::LineString(self.line()?),
            POLYGON => Geometry::Polygon(self.polygon()?),
            MULTI_POINT => Geometry::MultiPoint(MultiPoint(self.members(depth, |g| g.try_into().ok())?)),
            MULTI_LINE_STRING => {
                Geometry::MultiLineString(MultiLineString(self.members(depth, |g| g.try_into().ok())?))
            }
            MULTI_POLYGON => Geometry::MultiPolygon(MultiPolygon(self.members(depth, |g| g.try_into().ok())?)),
            COLLECTION => Geometry::GeometryCollection(GeometryCollection(self.members(depth, Some)?)),
            _ => return Err(unreadable("the WKB is of a type other than the seven of Simple Features")),
        })
    }
}

/// Name of the type of kept WKB.
pub(super) fn kind(bytes: &[u8]) -> &'static str {
    match bytes.get(1) {
        Some(1) => "Point",
        Some(2) => "LineString",
        Some(3) => "Polygon",
        Some(4) => "MultiPoint",
        Some(5) => "MultiLineString",
        Some(6) => "MultiPolygon",
        _ => "GeometryCollection",
    }
}

/// The coordinates of kept WKB, if it is a point.
pub(super) fn as_point(bytes: &[u8]) -> Option<(f64, f64)> {
    let (head, body) = bytes.split_first_chunk::<5>()?;
    if *head != [1, 1, 0, 0, 0] || body.len() != 16 {
        return None;
    }
    let (x, y) = body.split_first_chunk::<8>()?;
    Some((f64::from_le_bytes(*x), f64::from_le_bytes(y.try_into().ok()?)))
}

/// Calls `see` for each coordinate of kept WKB.
pub(super) fn walk(bytes: &[u8], see: &mut impl FnMut(f64, f64)) {
    let mut reader = Reader { rest: bytes, little: true, ordinates: 2 };
    let _ = walk_one(&mut reader, see, 0);
}

fn walk_one(reader: &mut Reader<'_>, see: &mut impl FnMut(f64, f64), depth: usize) -> Result<(), ShapeError> {
    let [_] = reader.take()?;
    let kind = reader.number()?;
    let mut line = |reader: &mut Reader<'_>| -> Result<(), ShapeError> {
        for _ in 0..reader.length(16)? {
            let at = reader.coordinate()?;
            see(at.x, at.y);
        }
        Ok(())
    };
    match kind {
        POINT => {
            let at = reader.coordinate()?;
            see(at.x, at.y);
        }
        LINE_STRING => line(reader)?,
        POLYGON => {
            for _ in 0..reader.length(4)? {
                line(reader)?;
            }
        }
        _ if depth <= DEPTH_MAX => {
            for _ in 0..reader.length(5)? {
                walk_one(reader, see, depth + 1)?;
            }
        }
        _ => {}
    }
    Ok(())
}
