//! Import batches, as they cross the boundary: parsed rows in chunks, a report back.
//!
//! Reading files (CSV, XLSX, NDJSON, GeoJSON; encodings; mappings) is `write::source`'s, on the side of whoever holds the bytes.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::dataset::DatasetName;
use crate::record::BatchId;
use crate::value::Day;

/// Whether a batch is a set of changes or the source's whole holding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
pub enum ImportMode {
    /// Only what is in it changes.
    #[default]
    Delta,
    /// Claims of this source that are not in it end.
    Snapshot,
}

/// Opens a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportBegin {
    /// Dataset.
    pub dataset: DatasetName,
    /// Credit code of the source.
    pub source: String,
    /// Mode.
    pub mode: ImportMode,
    /// The day from which changes without `_valid_from` hold; `None` = today.
    pub as_of: Option<Day>,
    /// Idempotency key (the client's, or the file's digest): the same key is the same batch.
    pub key: String,
    /// Who, for the record: the officer or program.
    pub actor: String,
    /// Validate only.
    pub dry_run: bool,
    /// Into an empty dataset, all at once when the batch ends.
    pub first_load: bool,
}

/// A cell as it was read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Cell {
    /// Text (CSV, XLSX).
    Text(String),
    /// JSON text of a member (NDJSON, GeoJSON; geometry included).
    Json(String),
}

/// A row as it was read: its line, its cells by field name, and itself as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceRow {
    /// Line (CSV, NDJSON), row (XLSX) or feature number (GeoJSON), from 1.
    pub line: u64,
    /// Cells by field name or reserved column; an absent cell is silence.
    pub cells: Vec<(String, Cell)>,
    /// The row as it came, for the refused-rows file.
    pub original: String,
    /// Set when the reader itself could not make cells of it: field, rule, message.
    pub unreadable: Option<(String, String, String)>,
    /// Fields whose geometry was made valid, because the mapping asked for it.
    pub repaired: Vec<String>,
}

/// Rows of an open batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ImportRows {
    /// Batch.
    pub batch: BatchId,
    /// Rows.
    pub rows: Vec<SourceRow>,
    /// Column names of the source, for the refused-rows file (set on the first chunk).
    pub header: Option<String>,
}

/// A refused row's problem, or a finding on an accepted one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub struct RowProblem {
    /// Line.
    pub line: u64,
    /// Field name.
    pub field: String,
    /// Rule code.
    pub rule: String,
    /// Text.
    pub message: String,
}

/// A refused row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRow {
    /// Line.
    pub line: u64,
    /// As it came.
    pub original: String,
    /// Field, rule, message.
    pub problem: RowProblem,
}

/// How far a batch is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Encode, Decode)]
pub struct ImportProgress {
    /// Rows taken.
    pub accepted: u64,
    /// Of these, rows that changed a record.
    pub changed: u64,
    /// Of these, rows that changed nothing.
    pub unchanged: u64,
    /// Rows refused.
    pub rejected: u64,
    /// Last line whose outcome is durable.
    pub last_line: u64,
}

/// Ends a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFinish {
    /// Batch.
    pub batch: BatchId,
    /// Set when the body broke off: why. What was committed stays; a snapshot then ends nothing.
    pub cut_off: Option<String>,
    /// Snapshot mode: go ahead although more than 5 % would end.
    pub confirm: bool,
}

/// What a batch's end says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Rows may follow.
    Open,
    /// Done.
    Complete,
    /// Body broke off.
    CutOff,
    /// A snapshot that would end more than 5 %: say `confirm`.
    NeedsConfirm,
    /// Taken back.
    Withdrawn,
    /// Validated only.
    DryRun,
}

/// A batch's report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    /// Batch.
    pub batch: BatchId,
    /// Dataset.
    pub dataset: DatasetName,
    /// Source.
    pub source: String,
    /// State.
    pub state: BatchState,
    /// Counts.
    pub progress: ImportProgress,
    /// Snapshot mode: claims ended, or that would end.
    pub ended: u64,
    /// First 1,000 refusals, by line.
    pub problems: Vec<RowProblem>,
    /// First 1,000 findings that did not refuse, by line.
    pub warnings: Vec<RowProblem>,
    /// Why it broke off.
    pub cut_off: Option<String>,
    /// Column names of the source, for the refused-rows file.
    #[serde(default)]
    pub header: Option<String>,
}
