//! Areas that cross themselves and coordinates a rounding beyond the edge, made valid where the mapping asks for it.

use crate::service::{Cell, SourceRow};
use crate::value::{POINTS_MAX_IMPORT, Shape, ShapeError};

/// Repairs the row's geometries, which stand in `fields`; notes which. What cannot be repaired stays and is refused later.
pub(super) fn apply(fields: &[String], row: &mut SourceRow) {
    for (name, cell) in row.cells.iter_mut().filter(|(name, _)| fields.contains(name)) {
        let (Cell::Text(text) | Cell::Json(text)) = &*cell;
        // A JSON string holds WKT.
        let text = serde_json::from_str::<String>(text).unwrap_or_else(|_| text.clone());
        if let Err(ShapeError::Invalid { .. } | ShapeError::OutOfRange { .. }) =
            Shape::from_text(&text, POINTS_MAX_IMPORT)
            && let Ok(shape) = Shape::repaired(&text, POINTS_MAX_IMPORT)
        {
            *cell = Cell::Text(shape.to_wkt());
            row.repaired.push(name.clone());
        }
    }
}
