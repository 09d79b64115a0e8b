//! Space inside the index.
//!
//! Per segment the plugin (`plugin.rs`) keeps one file (`file.rs`): a packed Hilbert R-tree over the boxes of the
//! documents' geometries and their WKB, read from the mapped file and merged with the segment. A spatial condition is an
//! index query (`query.rs`): boxes first, the exact test (`test.rs`) last and only on documents that the rest
//! of the query lets through.

mod file;
mod kept;
mod plugin;
mod query;
mod test;

use std::sync::Arc;

use tantivy::SegmentPlugin;

pub(super) use self::file::SpaceFile;
pub(super) use self::kept::{Kept, file, keep};
use self::query::SpaceQuery;
use self::test::Test;
pub(super) use self::test::{box_around, distance_m, roughly_m};
use super::IndexError;
use super::filter::Found;
use super::mapping::Mapping;
use crate::filter::Spatial;
use crate::service::Near;
use crate::value::Shape;

/// Name of the custom field type that carries geometries to the plugin.
pub(super) const TYPE_NAME: &str = "natbase-shapes";
/// Raised whenever the plugin's file changes.
pub(super) const FORMAT: u32 = 1;
/// Most points of a geometry that is asked with.
const POINTS_MAX: usize = 100_000;
/// Largest circle, metres.
const METRES_MAX: f64 = 2_000_000.0;

/// What a document hands to the plugin: field number, length and WKB of each geometry.
///
/// # Errors
/// [`IndexError::Damaged`] for a geometry without a box: it must not reach the engine's writer.
pub(super) fn payload(shapes: &[(u16, &Shape)]) -> Result<Vec<u8>, IndexError> {
    let mut bytes = Vec::with_capacity(shapes.iter().map(|(_, shape)| shape.wkb().len() + 6).sum());
    for (number, shape) in shapes {
        let bounded = shape.bounding_box().iter().all(|side| side.is_finite());
        let length = u32::try_from(shape.wkb().len()).ok().filter(|_| bounded);
        let length = length.ok_or_else(|| IndexError::Damaged { reason: "a geometry cannot be read".to_owned() })?;
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(shape.wkb());
    }
    Ok(bytes)
}

/// The plugin of a mapping with a geometry field.
pub(super) fn plugin(mapping: &Mapping) -> Option<Arc<dyn SegmentPlugin>> {
    mapping.shapes.map(|column| Arc::new(plugin::SpacePlugin::new(column)) as Arc<dyn SegmentPlugin>)
}

fn found(field: u16, test: Test) -> Found {
    Found { query: Box::new(SpaceQuery::new(field, test)), exact: true }
}

/// Geometries of `field` for which `op` with `shape` holds.
///
/// # Errors
/// [`IndexError::TooHeavy`] for a geometry of too many points.
pub(super) fn predicate(field: u16, op: Spatial, shape: &Shape) -> Result<Found, IndexError> {
    let points = shape.points();
    if points > POINTS_MAX {
        return Err(IndexError::TooHeavy(format!("the geometry has {points} points; at most {POINTS_MAX} are taken")));
    }
    Ok(found(field, Test::relation(op, shape)))
}

/// Geometries of `field` that share a point with a box; one with west > east crosses the antimeridian.
///
/// # Errors
/// [`IndexError::Invalid`] for what is no box.
pub(super) fn within_box(field: u16, bbox: [f64; 4]) -> Result<Found, IndexError> {
    let [west, south, east, north] = bbox;
    let sound = bbox.iter().all(|side| side.is_finite())
        && [west, east].iter().all(|lon| lon.abs() <= 180.0)
        && [south, north].iter().all(|lat| lat.abs() <= 90.0)
        && south <= north;
    if !sound {
        return Err(IndexError::Invalid(
            "`bbox` is west,south,east,north: longitudes within ±180, latitudes within ±90, south not above north"
                .to_owned(),
        ));
    }
    Ok(found(field, Test::boxed(bbox)))
}

/// Geometries of `field` within a distance.
///
/// # Errors
/// [`IndexError::Invalid`] for what is no circle.
pub(super) fn near(field: u16, near: Near) -> Result<Found, IndexError> {
    let sound = near.lon.is_finite()
        && near.lon.abs() <= 180.0
        && near.lat.is_finite()
        && near.lat.abs() <= 90.0
        && (0.0..=METRES_MAX).contains(&near.metres);
    if !sound {
        return Err(IndexError::Invalid(format!(
            "`near` is longitude,latitude,metres: within ±180, within ±90, from 0 to {METRES_MAX}"
        )));
    }
    Ok(found(field, Test::near(near)))
}
