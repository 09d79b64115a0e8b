//! What is answered.

use serde::{Deserialize, Serialize};

use super::ask::{SortTuple, SortValue, TileVersion};
use super::count::Count;
use crate::dataset::DatasetName;
use crate::record::BatchId;
use crate::value::{Day, Fields, Instant, Shape, Span};

/// The times an answer was made at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadAt {
    /// The valid day.
    pub valid_at: Day,
    /// The known instant.
    pub known_at: Instant,
}

/// A record as the permit shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RecordView {
    /// Dataset.
    pub dataset: DatasetName,
    /// Version of the dataset's definition.
    pub dataset_version: u32,
    /// Record id.
    pub id: String,
    /// Readable fields.
    pub fields: Fields,
    /// Values of fields that may be shown masked only: the gateway masks them before anything leaves.
    pub to_mask: Fields,
    /// Version number in the record.
    pub version: u32,
    /// Valid time of the version.
    pub valid: Span<Day>,
    /// Recorded time of the version.
    pub recorded: Span<Instant>,
    /// Readable fields on which sources differ.
    pub disputed: Vec<u16>,
}

/// Answer to a get: `None` = no such record at those times, or none the permit shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GetAnswer {
    /// The record.
    pub record: Option<RecordView>,
    /// Times.
    pub at: ReadAt,
}

/// One item of a lookup.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum LookupItem {
    /// The record.
    Found(Box<RecordView>),
    /// No such record at those times, or none the permit shows.
    NotFound,
    /// The key cannot be one: member and rule and message.
    Refused {
        /// Member.
        field: String,
        /// Rule code.
        rule: String,
        /// Text for a person.
        message: String,
    },
}

/// Answer to a lookup, in the order of the keys.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LookupAnswer {
    /// Items.
    pub items: Vec<LookupItem>,
    /// Times.
    pub at: ReadAt,
}

/// All versions of a record, oldest recorded first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HistoryAnswer {
    /// Versions.
    pub versions: Vec<RecordView>,
    /// As known at.
    pub known_at: Instant,
}

/// A claim as the permit shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimView {
    /// Number in the record.
    pub number: u32,
    /// Credit code of the source.
    pub source: String,
    /// Table of the event that says it, where the source says it by an event (`vital-events`).
    pub by_event: Option<String>,
    /// Batch.
    pub batch: BatchId,
    /// Valid time.
    pub valid: Span<Day>,
    /// Recorded time.
    pub recorded: Span<Instant>,
    /// When the source recorded it.
    pub source_time: Option<Instant>,
    /// Readable fields.
    pub fields: Fields,
    /// Values to be masked.
    pub to_mask: Fields,
    /// Readable fields where this claim's value is the one shown.
    pub wins: Vec<u16>,
}

/// Claims of a record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ClaimsAnswer {
    /// Claims, by number.
    pub claims: Vec<ClaimView>,
    /// As known at.
    pub known_at: Instant,
}

/// Records of a slice, in the order they are kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SliceAnswer {
    /// Records the permit shows.
    pub records: Vec<RecordView>,
    /// Whether there are more than were asked for.
    pub more: bool,
    /// Read at.
    pub at: ReadAt,
}

/// An edge between two records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edge {
    /// Dataset of the record that holds the link.
    pub from_dataset: DatasetName,
    /// Its id.
    pub from_id: String,
    /// Field name.
    pub field: String,
    /// Dataset pointed to.
    pub to_dataset: DatasetName,
    /// Id pointed to.
    pub to_id: String,
    /// Since and until when.
    pub valid: Span<Day>,
}

/// Edges of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinksAnswer {
    /// Edges, both ways.
    pub edges: Vec<Edge>,
    /// Whether there are more than asked for.
    pub more: bool,
    /// Times.
    pub at: ReadAt,
}

/// A hit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The record.
    pub record: RecordView,
    /// Title, from readable fields.
    pub title: String,
    /// HTML-safe snippet with `<em>`, from readable fields; empty without text.
    pub snippet: String,
    /// Its geometry, if readable.
    pub geometry: Option<Shape>,
    /// Metres from the middle of the circle, if it is ordered by that.
    pub distance: Option<f64>,
    /// Where it stands in the order.
    pub position: SortTuple,
}

/// A facet's counts, largest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facet {
    /// Field number.
    pub field: u16,
    /// Value and count.
    pub counts: Vec<(String, Count)>,
}

/// Answer to a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchAnswer {
    /// Hits, in order.
    pub hits: Vec<Hit>,
    /// How many match.
    pub total: Count,
    /// Counts by value.
    pub facets: Vec<Facet>,
    /// Whether hits follow after the last.
    pub more: bool,
    /// Times.
    pub at: ReadAt,
    /// Generation of the index read.
    pub generation: u32,
}

/// A row of grouped figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Values of the group-by fields.
    pub key: Vec<Option<SortValue>>,
    /// Records in it.
    pub count: Count,
    /// Figures in the order of the measures; decimals as exact text. `None` = withheld or nothing to compute.
    pub figures: Vec<Option<String>>,
    /// The sum of its records' keys, mod 2^64, if they were asked for: tells which records, to whoever has the secret.
    pub key_sum: u64,
}

/// Answer to a statistics ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StatisticsAnswer {
    /// Groups, by key.
    pub groups: Vec<Group>,
    /// Times.
    pub at: ReadAt,
}

/// What happened to a record since a position.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// Erased by law: what a copy holds of it is to be deleted. Told to whom the permit shows all of every record.
    Erased,
    /// Newly visible.
    Added,
    /// Changed.
    Changed,
    /// No longer there, or no longer visible.
    Left,
}

/// A changed record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeView {
    /// What happened.
    pub kind: ChangeKind,
    /// Record id.
    pub id: String,
    /// When it was committed.
    pub at: Instant,
}

/// Answer to a changes ask.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangesAnswer {
    /// Changes in commit order of each partition.
    pub changes: Vec<ChangeView>,
    /// Positions to go on from, by partition index.
    pub next: Vec<u64>,
    /// Whether more is there already.
    pub more: bool,
}

/// A feature of a map tile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TileFeature {
    /// Its geometry.
    pub shape: Shape,
    /// Values of the fields asked for, by number.
    pub names: Vec<(u16, String)>,
}

/// The features of a map tile.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TileAnswer {
    /// The features.
    pub features: Vec<TileFeature>,
    /// Whether none were left out for their number.
    pub complete: bool,
    /// What it was made of.
    pub version: TileVersion,
    /// Whether that is what the asker knows already; then there are no features here.
    pub unchanged: bool,
    /// Times read at.
    pub at: ReadAt,
}

/// Whether a service answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// Ready to answer.
    pub ready: bool,
    /// What is wrong, in words without personal data.
    pub problems: Vec<String>,
    /// Commits not yet in the index, by dataset.
    pub index_lag: Vec<(DatasetName, u64)>,
    /// Records, by dataset (for operators).
    pub documents: Vec<(DatasetName, u64)>,
    /// Datasets whose index is made anew while the one before serves.
    pub rebuilding: Vec<DatasetName>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReport {
    /// By dataset: records, versions open, index documents, both digests in hex.
    pub datasets: Vec<DatasetCheck>,
    /// Broken invariants and differences; empty = all well.
    pub problems: Vec<String>,
}

/// A dataset's line of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatasetCheck {
    /// Dataset.
    pub dataset: DatasetName,
    /// Records in the store.
    pub records: u64,
    /// Open versions in the store.
    pub versions: u64,
    /// Documents in the `current` index.
    pub documents: u64,
    /// Digest of the store's open versions.
    pub store_digest: String,
    /// Digest of the index's documents.
    pub index_digest: String,
}

/// What taking a definition in came to; all empty = it was defined so already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Defined {
    /// Whether the dataset was not served before.
    pub fresh: bool,
    /// The version of the definition before.
    pub since: Option<u32>,
    /// What changed since, in words.
    pub changes: Vec<String>,
    /// Whether its search index is made anew in the background; the one there serves meanwhile.
    pub rebuilds: bool,
}
