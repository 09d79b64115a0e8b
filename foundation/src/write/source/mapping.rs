//! A mapping file: how a department's columns become a dataset's fields.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{RESERVED, SourceError};
use crate::dataset::Dataset;

/// A mapping, from TOML. Everything is optional; an empty mapping matches headers by name and title.
///
/// ```toml
/// crs = "EPSG:4490"                # declared; GCJ-02 and BD-09 are refused
/// repair_geometries = true         # invalid geometries are made valid, with a finding; else they are refused
/// delimiter = ";"                  # CSV
/// sheet = "户籍"                    # XLSX
/// ignore = ["备注"]                 # columns left out
/// empty_is_null = ["former_name"]  # an empty cell says "there is none"
/// valid_to_inclusive = true        # `_valid_to` names the last day itself
/// point = { field = "location", lon = "经度", lat = "纬度" }
/// [columns]
/// "证件号码" = "citizen_id"
/// "起始日期" = "_valid_from"
/// [constants]
/// currency = "CNY"
/// [values.sex]
/// "M" = "1"
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Mapping {
    /// Coordinate reference system of geometries.
    pub crs: Option<String>,
    /// Whether areas that cross themselves, and roundings beyond ±180 and ±90, are made valid instead of refused.
    pub repair_geometries: bool,
    /// Separator of a CSV file; one ASCII character. Default: the first of `,`, tab, `;` in the header.
    pub delimiter: Option<char>,
    /// Sheet of a workbook. Default: the first.
    pub sheet: Option<String>,
    /// Columns left out.
    pub ignore: Vec<String>,
    /// Fields whose empty cell means null rather than silence.
    pub empty_is_null: Vec<String>,
    /// Whether `_valid_to` names the last valid day.
    pub valid_to_inclusive: bool,
    /// A point field made of two columns.
    pub point: Option<PointColumns>,
    /// Column → field or reserved column.
    pub columns: BTreeMap<String, String>,
    /// Field → the value of every row.
    pub constants: BTreeMap<String, String>,
    /// Field → cell → the value meant.
    pub values: BTreeMap<String, BTreeMap<String, String>>,
}

/// Two columns that make a point.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PointColumns {
    /// The geometry field.
    pub field: String,
    /// Column of the longitude, degrees.
    pub lon: String,
    /// Column of the latitude, degrees.
    pub lat: String,
}

impl Mapping {
    /// Reads a mapping; `file` names it in errors.
    ///
    /// # Errors
    /// [`SourceError::Mapping`] with file, line and reason; a field that `dataset` does not have.
    pub fn from_toml(text: &str, file: &str, dataset: &Dataset) -> Result<Self, SourceError> {
        let wrong = |reason: String| SourceError::Mapping { file: file.to_owned(), reason };
        let mapping: Self = toml::from_str(text).map_err(|e| wrong(e.to_string()))?;
        let fields = mapping
            .columns
            .values()
            .chain(&mapping.empty_is_null)
            .chain(mapping.constants.keys())
            .chain(mapping.values.keys())
            .chain(mapping.point.iter().map(|p| &p.field));
        for field in fields {
            if dataset.field(field).is_none() && !RESERVED.contains(&field.as_str()) {
                return Err(wrong(format!("`{field}` is no field of `{}` and no reserved column", dataset.name)));
            }
        }
        if mapping.delimiter.is_some_and(|d| !d.is_ascii()) {
            return Err(wrong("`delimiter` is one ASCII character".to_owned()));
        }
        Ok(mapping)
    }

    /// The value meant by `cell` of `field`.
    pub(super) fn meant<'a>(&'a self, field: &str, cell: &'a str) -> &'a str {
        self.values.get(field).and_then(|table| table.get(cell.trim())).map_or(cell, String::as_str)
    }
}
