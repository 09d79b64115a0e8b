//! Columns and members to fields.

use super::{Mapping, SourceError};
use crate::dataset::Dataset;
use crate::service::Cell;

/// Reserved columns a row may carry besides fields.
pub const RESERVED: [&str; 4] = ["_op", "_valid_from", "_valid_to", "_source_time"];
/// Columns of the refused-rows file: left out when a mended file comes back.
pub const HEADER_RESERVED: [&str; 4] = ["_line", "_field", "_rule", "_message"];

/// Where a column goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// To a field or reserved column.
    Field { name: String, empty_is_null: bool },
    /// Longitude of the mapping's point.
    Lon,
    /// Latitude of the mapping's point.
    Lat,
    /// Nowhere.
    Ignored,
}

/// Finds the target of one column: the mapping's word, a reserved column, a field's name, its Chinese or English title.
pub(super) fn target(column: &str, mapping: &Mapping, dataset: &Dataset) -> Option<Target> {
    let plain = column.trim().trim_start_matches('\u{feff}');
    let field = |name: &str| {
        let empty_is_null = mapping.empty_is_null.iter().any(|f| f == name);
        Some(Target::Field { name: name.to_owned(), empty_is_null })
    };
    if let Some(name) = mapping.columns.get(plain) {
        return field(name);
    }
    if let Some(point) = &mapping.point {
        if point.lon == plain {
            return Some(Target::Lon);
        }
        if point.lat == plain {
            return Some(Target::Lat);
        }
    }
    if HEADER_RESERVED.contains(&plain) || mapping.ignore.iter().any(|c| c == plain) {
        return Some(Target::Ignored);
    }
    if RESERVED.contains(&plain) {
        return field(plain);
    }
    let found = dataset
        .field(plain)
        .or_else(|| dataset.fields.iter().find(|f| f.title.zh == plain || f.title.en.eq_ignore_ascii_case(plain)));
    found.and_then(|f| field(&f.name))
}

/// The targets of a header line.
pub(super) fn targets<'a>(
    columns: impl Iterator<Item = &'a str>,
    mapping: &Mapping,
    dataset: &Dataset,
) -> Result<Vec<Target>, SourceError> {
    let mut targets: Vec<Target> = Vec::new();
    for (at, column) in columns.enumerate() {
        let target = target(column, mapping, dataset).ok_or_else(|| unknown(at + 1, column, dataset))?;
        if let Target::Field { name, .. } = &target
            && targets.iter().any(|t| matches!(t, Target::Field { name: other, .. } if other == name))
        {
            return Err(SourceError::RepeatedColumn { at: at + 1, column: column.to_owned(), field: name.clone() });
        }
        targets.push(target);
    }
    if targets.is_empty() { Err(SourceError::NoHeader) } else { Ok(targets) }
}

/// A column no field answers to; names the fields there are.
pub(super) fn unknown(at: usize, column: &str, dataset: &Dataset) -> SourceError {
    let known: Vec<_> = dataset.fields.iter().map(|f| format!("{} ({})", f.name, f.title.zh)).collect();
    SourceError::UnknownColumn {
        at,
        column: column.trim().chars().take(80).collect(),
        dataset: dataset.name.to_string(),
        known: known.join(", "),
    }
}

/// Makes cells of a row's texts by their targets, adds constants and the point.
pub(super) fn cells<'a>(
    targets: &[Target],
    texts: impl Iterator<Item = &'a str>,
    mapping: &Mapping,
) -> Vec<(String, Cell)> {
    let mut cells = Vec::with_capacity(targets.len() + mapping.constants.len());
    let (mut lon, mut lat) = ("", "");
    for (target, text) in targets.iter().zip(texts) {
        match target {
            Target::Field { name, empty_is_null } if text.trim().is_empty() => {
                if *empty_is_null {
                    cells.push((name.clone(), Cell::Json("null".to_owned())));
                }
            }
            Target::Field { name, .. } => cells.push((name.clone(), Cell::Text(mapping.meant(name, text).to_owned()))),
            Target::Lon => lon = text.trim(),
            Target::Lat => lat = text.trim(),
            Target::Ignored => {}
        }
    }
    if let Some(point) = mapping.point.as_ref().filter(|_| !(lon.is_empty() && lat.is_empty())) {
        cells.push((point.field.clone(), Cell::Text(format!("POINT({lon} {lat})"))));
    }
    finish(&mut cells, mapping);
    cells
}

/// Adds constants where a row is silent, and makes an inclusive `_valid_to` exclusive.
pub(super) fn finish(cells: &mut Vec<(String, Cell)>, mapping: &Mapping) {
    for (field, value) in &mapping.constants {
        if !cells.iter().any(|(name, _)| name == field) {
            cells.push((field.clone(), Cell::Text(value.clone())));
        }
    }
    if !mapping.valid_to_inclusive {
        return;
    }
    for (_, cell) in cells.iter_mut().filter(|(name, _)| name == "_valid_to") {
        let (Cell::Text(text) | Cell::Json(text)) = cell;
        let last = crate::value::PartialDate::parse(text.trim_matches('"').trim());
        if let Some(last) = last {
            *cell = Cell::Text(last.span().to.to_string());
        }
    }
}
