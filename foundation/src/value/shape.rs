//! Geometries as they are kept: WKB in longitude/latitude.

use std::sync::Arc;

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

impl Shape {
    /// The WKB.
    #[must_use]
    pub fn wkb(&self) -> &[u8] {
        &self.0
    }
}
