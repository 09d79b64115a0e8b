//! Legal deletion: asked and answered.

use serde::{Deserialize, Serialize};

use crate::dataset::DatasetName;
use crate::value::Instant;

/// Asks for a record to be erased, with the records that are erased with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// Record id.
    pub id: String,
    /// The decision and its legal ground; kept with the tombstone.
    pub because: String,
}

/// What was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EraseAnswer {
    /// Records, the one asked for last; empty if there never was one.
    pub records: Vec<(DatasetName, String)>,
    /// Refused rows that named one of them and are gone.
    pub refused_rows: u64,
}

/// Asks which records go with one: those whose field that says so (`erased-with-target`) points at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BoundAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// Record id.
    pub id: String,
}

/// Asks for the tombstones of a dataset.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// After this record.
    pub after: Option<String>,
    /// Most of them.
    pub limit: usize,
}

/// What is left of an erased record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErasedView {
    /// Record id.
    pub id: String,
    /// When.
    pub at: Instant,
    /// The decision and its legal ground.
    pub because: String,
    /// The record with which it was erased, if not for its own sake.
    pub with: Option<(DatasetName, String)>,
    /// Whether its bytes are gone from store and index.
    pub done: bool,
}
