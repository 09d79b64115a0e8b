//! Space inside the index (in work).

use super::IndexError;

/// Name of the custom field type that carries geometries to the plugin.
pub(super) const TYPE_NAME: &str = "natbase-shapes";
/// Raised whenever the plugin's file changes.
pub(super) const FORMAT: u32 = 0;

/// What a document hands to the plugin: field number, length and WKB of each geometry.
pub(super) fn payload(shapes: &[(u16, &[u8])]) -> Result<Vec<u8>, IndexError> {
    let mut bytes = Vec::with_capacity(shapes.iter().map(|(_, wkb)| wkb.len() + 6).sum());
    for (number, wkb) in shapes {
        let length = u32::try_from(wkb.len())
            .map_err(|_| IndexError::Damaged { reason: "a geometry is too large".to_owned() })?;
        bytes.extend_from_slice(&number.to_le_bytes());
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(wkb);
    }
    Ok(bytes)
}

/// The plugin of a mapping with a geometry field.
pub(super) fn plugin(_mapping: &super::mapping::Mapping) -> Option<std::sync::Arc<dyn tantivy::SegmentPlugin>> {
    None
}

use super::filter::Found;
use super::mapping::Mapping;
use crate::filter::Spatial;
use crate::service::Near;
use crate::value::Shape;

/// Geometries of `field` for which `op` with `shape` holds.
pub(super) fn predicate(_mapping: &Mapping, _field: u16, _op: Spatial, _shape: &Shape) -> Result<Found, IndexError> {
    Err(IndexError::Invalid("geometries are not searched yet".to_owned()))
}

/// Geometries of `field` that share a point with a box.
pub(super) fn within_box(_mapping: &Mapping, _field: u16, _bbox: [f64; 4]) -> Result<Found, IndexError> {
    Err(IndexError::Invalid("geometries are not searched yet".to_owned()))
}

/// Geometries of `field` within a distance.
pub(super) fn near(_mapping: &Mapping, _field: u16, _near: Near) -> Result<Found, IndexError> {
    Err(IndexError::Invalid("geometries are not searched yet".to_owned()))
}
