//! Geometries as they are kept: WKB in longitude/latitude.
//!
//! Readers: `geojson.rs`, `wkt.rs`, `wkb.rs`; what a geometry must be: `validity.rs`. Everything ends in [`Shape::from_geo`]
//! but a single point, which takes a short way (an import brings hundreds of thousands).

mod geojson;
mod validity;
mod wkb;
mod wkt;

pub(super) use geojson::pair;

use std::sync::Arc;

use geo::{BooleanOps as _, Coord, CoordsIter as _, Geometry, MapCoords as _, MultiPolygon};

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A valid geometry in longitude/latitude, CGCS2000 (EPSG:4490), held as ISO WKB (little endian, 2D).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub struct Shape(Arc<[u8]>);

/// Why a geometry is refused. Coordinates are longitude, latitude.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ShapeError {
    /// Not GeoJSON, WKT or WKB that can be read.
    #[error("the geometry cannot be read: {0}")]
    Unreadable(String),
    /// A coordinate outside ±180, ±90, or not finite.
    #[error("coordinate ({lon}, {lat}) is out of range: longitude −180…180, latitude −90…90")]
    OutOfRange {
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
    },
    /// A ring that does not close or has too few points, at its first point.
    #[error("the ring that starts at ({lon}, {lat}) is not closed or has fewer than four points")]
    OpenRing {
        /// Longitude.
        lon: f64,
        /// Latitude.
        lat: f64,
    },
    /// Invalid by OGC Simple Features.
    #[error("the geometry is not valid: {reason}")]
    Invalid {
        /// What and where.
        reason: String,
    },
    /// More points than allowed.
    #[error("the geometry has {points} points; at most {points_max} are taken")]
    TooManyPoints {
        /// Points given.
        points: usize,
        /// The limit.
        points_max: usize,
    },
    /// No point at all.
    #[error("the geometry is empty")]
    Empty,
}

/// Most points of a geometry in a query.
pub const POINTS_MAX_QUERY: usize = 100_000;
/// Most points of a geometry in an import row.
pub const POINTS_MAX_IMPORT: usize = 2_000_000;
/// How deep collections may stand in one another.
const DEPTH_MAX: usize = 8;

impl Shape {
    /// A point.
    ///
    /// # Errors
    /// [`ShapeError::OutOfRange`].
    pub fn point(lon: f64, lat: f64) -> Result<Self, ShapeError> {
        validity::coordinate(Coord { x: lon, y: lat })?;
        Ok(Self(Arc::from(wkb::point(lon, lat))))
    }
    /// The box from west to east and from south to north.
    ///
    /// # Errors
    /// [`ShapeError`] when a corner is out of range or the box has no area.
    pub fn rectangle(west: f64, south: f64, east: f64, north: f64) -> Result<Self, ShapeError> {
        if west >= east || south >= north {
            return Err(ShapeError::Invalid {
                reason: "the box has no area: west must be below east and south below north".into(),
            });
        }
        Self::from_geo(&geo::Rect::new((west, south), (east, north)).to_polygon().into(), POINTS_MAX_QUERY)
    }
    /// Reads a GeoJSON geometry, or the geometry of a feature (RFC 7946). A `crs` other than WGS 84 or CGCS2000 is refused.
    ///
    /// # Errors
    /// [`ShapeError`].
    pub fn from_geojson(json: &serde_json::Value, points_max: usize) -> Result<Self, ShapeError> {
        if let Some((lon, lat)) = geojson::as_point(json) {
            return Self::point(lon, lat);
        }
        Self::from_geo(&geojson::read(json)?, points_max)
    }
    /// Reads WKT, with or without `SRID=4490;` (or 4326) in front. Heights and measures are dropped.
    ///
    /// # Errors
    /// [`ShapeError`].
    pub fn from_wkt(text: &str, points_max: usize) -> Result<Self, ShapeError> {
        Self::from_geo(&wkt::read(text)?, points_max)
    }
    /// Reads ISO WKB or EWKB of either byte order. Heights and measures are dropped.
    ///
    /// # Errors
    /// [`ShapeError`].
    pub fn from_wkb(bytes: &[u8], points_max: usize) -> Result<Self, ShapeError> {
        Self::from_geo(&wkb::read(bytes)?, points_max)
    }
    /// Reads a text that is WKT or GeoJSON, whichever it looks like.
    ///
    /// # Errors
    /// [`ShapeError`].
    pub fn from_text(text: &str, points_max: usize) -> Result<Self, ShapeError> {
        let text = text.trim();
        if text.starts_with('{') {
            let json = serde_json::from_str(text).map_err(|e| ShapeError::Unreadable(e.to_string()))?;
            return Self::from_geojson(&json, points_max);
        }
        Self::from_wkt(text, points_max)
    }
    /// Reads a text that is WKT or GeoJSON in projected coordinates. `lon_lat` gives longitude and latitude of an easting and
    /// a northing, or says why there are none.
    ///
    /// # Errors
    /// [`ShapeError`].
    pub fn from_projected(
        text: &str,
        points_max: usize,
        lon_lat: &dyn Fn(f64, f64) -> Result<(f64, f64), String>,
    ) -> Result<Self, ShapeError> {
        let text = text.trim();
        let projected = if text.starts_with('{') {
            let json = serde_json::from_str(text).map_err(|e| ShapeError::Unreadable(e.to_string()))?;
            geojson::read(&json)?
        } else {
            wkt::read(text)?
        };
        let geometry = projected.try_map_coords(|at| lon_lat(at.x, at.y).map(|(x, y)| Coord { x, y }));
        Self::from_geo(&geometry.map_err(ShapeError::Unreadable)?, points_max)
    }
    /// Reads WKT or GeoJSON and makes areas that cross themselves valid: what an odd number of rings goes round is inside
    /// (as `ST_MakeValid` of OGC databases has it); coordinates a rounding beyond ±180, ±90 are put on the edge. Everything else
    /// must be valid already.
    ///
    /// Cost: n log n of its points.
    /// # Errors
    /// [`ShapeError`]; also where nothing of an area is left.
    pub fn repaired(text: &str, points_max: usize) -> Result<Self, ShapeError> {
        let text = text.trim();
        let geometry = if text.starts_with('{') {
            let json = serde_json::from_str(text).map_err(|e| ShapeError::Unreadable(e.to_string()))?;
            geojson::read(&json)?
        } else {
            wkt::read(text)?
        };
        // A rounding beyond the edge of the world.
        let edge = |x: f64, most: f64| if x.abs() <= most + 1e-6 { x.clamp(-most, most) } else { x };
        let geometry = geometry.map_coords(|at| Coord { x: edge(at.x, 180.0), y: edge(at.y, 90.0) });
        let areas = match geometry {
            Geometry::Polygon(polygon) => MultiPolygon(vec![polygon]),
            Geometry::MultiPolygon(polygons) => polygons,
            other => return Self::from_geo(&other, points_max),
        };
        // Bounds are checked before anything is computed with them.
        areas.coords_iter().try_for_each(validity::coordinate)?;
        let mut valid = areas.union(&MultiPolygon::empty()).0;
        match (valid.len(), valid.pop()) {
            (1, Some(only)) => Self::from_geo(&Geometry::Polygon(only), points_max),
            (_, Some(last)) => {
                valid.push(last);
                Self::from_geo(&Geometry::MultiPolygon(MultiPolygon(valid)), points_max)
            }
            (_, None) => Err(ShapeError::Empty),
        }
    }
    /// Takes a geometry after checking it. Cost: n log n of its points for polygons, n for the rest.
    ///
    /// # Errors
    /// [`ShapeError`]; for a polygon that crosses itself the reason names the place.
    pub fn from_geo(geometry: &Geometry<f64>, points_max: usize) -> Result<Self, ShapeError> {
        validity::check(geometry, points_max)?;
        Ok(Self(Arc::from(wkb::write(geometry))))
    }

    /// Takes back WKB that [`Self::wkb`] gave; nothing is checked.
    pub(crate) fn stored(wkb: &[u8]) -> Self {
        Self(Arc::from(wkb))
    }
    /// The WKB.
    #[must_use]
    pub fn wkb(&self) -> &[u8] {
        &self.0
    }
    /// The coordinates, if it is a single point. Cost: no allocation.
    #[must_use]
    pub fn as_point(&self) -> Option<(f64, f64)> {
        wkb::as_point(&self.0)
    }
    /// As the `geo` crate computes with it. Cost: one pass; prepare literals once.
    ///
    /// INVARIANT: a shape holds readable WKB. Bytes damaged on disk give an empty collection.
    #[must_use]
    pub fn to_geo(&self) -> Geometry<f64> {
        wkb::read(&self.0).unwrap_or_else(|_| Geometry::GeometryCollection(geo::GeometryCollection::default()))
    }
    /// As a GeoJSON geometry.
    #[must_use]
    pub fn to_geojson(&self) -> serde_json::Value {
        let mut text = Vec::new();
        self.write_geojson(&mut text);
        serde_json::from_slice(&text).unwrap_or_default()
    }
    /// Appends a GeoJSON geometry to `out`.
    pub fn write_geojson(&self, out: &mut Vec<u8>) {
        geojson::write(&self.to_geo(), out);
    }
    /// As WKT.
    #[must_use]
    pub fn to_wkt(&self) -> String {
        wkt::write(&self.to_geo())
    }
    /// West, south, east, north. Cost: one pass, no allocation.
    #[must_use]
    pub fn bounding_box(&self) -> [f64; 4] {
        let mut bounds = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
        let [west, south, east, north] = &mut bounds;
        wkb::walk(&self.0, &mut |x, y| {
            *west = west.min(x);
            *south = south.min(y);
            *east = east.max(x);
            *north = north.max(y);
        });
        bounds
    }
    /// Number of points, closing points of rings counted. Cost: one pass, no allocation.
    #[must_use]
    pub fn points(&self) -> usize {
        let mut points = 0;
        wkb::walk(&self.0, &mut |_, _| points += 1);
        points
    }
    /// Name of its type in GeoJSON.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        wkb::kind(&self.0)
    }
    /// Whether it covers an area (polygons, or a collection with one).
    #[must_use]
    pub fn is_areal(&self) -> bool {
        use geo::HasDimensions;
        !matches!(self.kind(), "Point" | "MultiPoint" | "LineString" | "MultiLineString")
            && self.to_geo().dimensions() == geo::dimensions::Dimensions::TwoDimensional
    }
}

#[cfg(test)]
mod tests;
