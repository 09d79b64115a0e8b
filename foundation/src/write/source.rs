//! Reading files into rows, on the side of whoever holds the bytes.
//!
//! [`open`] takes any byte stream (CSV, XLSX, NDJSON, GeoJSON) and gives [`SourceRow`]s one by one; memory does not grow with
//! the file, but for XLSX, which is a zip and is held whole up to [`XLSX_BYTES_MAX`]. What cannot be read as a row is a
//! row all the same, with `unreadable` set, so that it is reported and the next one goes on.

mod crs;
mod csv;
pub mod encoding;
mod error;
mod geojson;
mod header;
pub mod mapping;
mod ndjson;
pub mod rejected;
mod repair;
mod xlsx;

use std::io::Read;

pub use encoding::Declared;
pub use error::SourceError;
pub use header::{HEADER_RESERVED, RESERVED};
pub use mapping::Mapping;

use crate::dataset::Dataset;
use crate::service::SourceRow;
use crate::value::FieldType;
use crs::Crs;

/// Longest row, bytes (a geometry of 2,000,000 points fits).
pub const ROW_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Largest XLSX file, bytes: it is held in memory.
pub const XLSX_BYTES_MAX: u64 = 200 * 1024 * 1024;

/// What a byte stream is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Comma-, semicolon- or tab-separated text with a header line (RFC 4180).
    Csv,
    /// Office Open XML workbook; the first sheet, or the mapping's.
    Xlsx,
    /// One JSON object a line.
    Ndjson,
    /// A GeoJSON FeatureCollection (RFC 7946).
    GeoJson,
}

impl Format {
    /// By a file's name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "csv" | "tsv" | "txt" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            "ndjson" | "jsonl" | "geojsonl" => Some(Self::Ndjson),
            "geojson" | "json" => Some(Self::GeoJson),
            _ => None,
        }
    }

    /// By a media type; parameters after `;` are ignored.
    #[must_use]
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        match media_type.split(';').next()?.trim().to_ascii_lowercase().as_str() {
            "text/csv" | "text/tab-separated-values" => Some(Self::Csv),
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => Some(Self::Xlsx),
            "application/x-ndjson" | "application/ndjson" | "application/jsonl" => Some(Self::Ndjson),
            "application/geo+json" => Some(Self::GeoJson),
            _ => None,
        }
    }
}

/// The rows of a file, in its order. An error is the last item: the stream broke off, or the file is not what it says.
pub struct Rows {
    header: Option<String>,
    crs: Crs,
    repair: bool,
    /// Geometry fields of the dataset.
    geometries: Vec<String>,
    inner: Box<dyn Iterator<Item = Result<SourceRow, SourceError>> + Send>,
}

impl Rows {
    fn new(
        header: Option<String>,
        rows: impl Iterator<Item = Result<SourceRow, SourceError>> + Send + 'static,
    ) -> Self {
        Self { header, crs: Crs::default(), repair: false, geometries: Vec::new(), inner: Box::new(rows) }
    }

    /// The header line as it came (CSV, XLSX), for the refused-rows file.
    #[must_use]
    pub fn header(&self) -> Option<&str> {
        self.header.as_deref()
    }
}

impl Iterator for Rows {
    type Item = Result<SourceRow, SourceError>;
    fn next(&mut self) -> Option<Self::Item> {
        let mut row = self.inner.next()?;
        if let Ok(row) = &mut row {
            self.crs.apply(&self.geometries, row);
            if self.repair {
                repair::apply(&self.geometries, row);
            }
        }
        Some(row)
    }
}

/// Starts reading `input` as rows of `dataset`. Reads the header, no row yet.
///
/// # Errors
/// [`SourceError`]: an unknown or repeated column (named), a coordinate reference system that is not taken, a file that is
/// not of `format`.
pub fn open(
    input: Box<dyn Read + Send>,
    format: Format,
    declared: Declared,
    mapping: &Mapping,
    dataset: &Dataset,
) -> Result<Rows, SourceError> {
    let crs = mapping.crs.as_deref().map(Crs::named).transpose()?;
    let mut rows = match format {
        Format::Csv => csv::open(input, declared, mapping, dataset)?,
        Format::Xlsx => xlsx::open(input, mapping, dataset)?,
        Format::Ndjson => ndjson::open(input, declared, mapping, dataset),
        Format::GeoJson => geojson::open(input, declared, mapping, dataset)?,
    };
    // The mapping's word counts before the file's own.
    rows.crs = crs.unwrap_or(rows.crs);
    rows.repair = mapping.repair_geometries;
    let geometries = dataset.fields.iter().filter(|f| f.kind == FieldType::Geometry);
    rows.geometries = geometries.map(|f| f.name.clone()).collect();
    Ok(rows)
}

#[cfg(test)]
mod tests;
