//! What can be asked. Every ask names one dataset.

use serde::{Deserialize, Serialize};

use super::RecordKeys;
use crate::dataset::{Dataset, DatasetName};
use crate::filter::Filter;
use crate::value::{Day, Instant, Shape, Value};

/// One way in which the caller may see rows: those that `rows` picks, with `readable` fields.
///
/// A field that is readable only masked stands in `masked`, not in `readable`: it cannot be matched, sorted, counted,
/// scored or shown in a snippet, and its masked form is made by the gateway from the value in the answer's `masked` part.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    /// Which rows; `None` = all.
    pub rows: Option<Filter>,
    /// Field numbers that may be read, sorted.
    pub readable: Vec<u16>,
    /// Field numbers that may be shown masked, sorted; disjoint from `readable`.
    pub masked: Vec<u16>,
}

/// At which times to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Times {
    /// The valid day.
    pub valid_at: Day,
    /// The known instant; `None` = that of the structure read.
    pub known_at: Option<Instant>,
}

/// One record by id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GetAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// Record id.
    pub id: String,
    /// Times.
    pub times: Times,
    /// The permit; the first scope whose rows hold the record applies, readable fields of all that do are joined.
    pub scopes: Vec<Scope>,
}

/// Records by natural key.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LookupAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// Natural keys as sent: member name → text.
    pub keys: Vec<Vec<(String, String)>>,
    /// Times.
    pub times: Times,
    /// The permit.
    pub scopes: Vec<Scope>,
}

/// A slice of a dataset kept in order (`partition-by`, `cluster-by`).
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SliceAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// The values of `partition-by`, in the definition's order, as natural-key texts.
    pub series: Vec<String>,
    /// The first `cluster-by` value wanted; `None` = from the beginning.
    pub from: Option<Value>,
    /// The first one no longer wanted; `None` = to the end.
    pub to: Option<Value>,
    /// Times.
    pub times: Times,
    /// Most records.
    pub limit: usize,
    /// The permit.
    pub scopes: Vec<Scope>,
}

/// History or claims of a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// Record id.
    pub id: String,
    /// As known at; `None` = everything ever recorded.
    pub known_at: Option<Instant>,
    /// The permit.
    pub scopes: Vec<Scope>,
}

/// Edges of a record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LinksAsk {
    /// Dataset of the record whose edges are asked for (perhaps of another base database).
    pub dataset: DatasetName,
    /// Record id.
    pub id: String,
    /// Times.
    pub times: Times,
    /// Datasets of this base database whose edges may be given, with the permit on each.
    pub permitted: Vec<(DatasetName, Vec<Scope>)>,
    /// Most edges.
    pub limit: usize,
}

/// A circle, for `near`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Near {
    /// Longitude.
    pub lon: f64,
    /// Latitude.
    pub lat: f64,
    /// Metres.
    pub metres: f64,
}

/// A sort key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SortKey {
    /// Field number.
    pub field: u16,
    /// Largest first.
    pub descending: bool,
}

/// Search, list, filter.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SearchAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// Text; `None` or empty = list.
    pub q: Option<String>,
    /// Whether `q` is looked for in names and codes alone, not in running text.
    pub names_only: bool,
    /// Filter.
    pub filter: Option<Filter>,
    /// Box: west, south, east, north; west > east crosses the antimeridian.
    pub bbox: Option<[f64; 4]>,
    /// Intersects this geometry.
    pub within: Option<Shape>,
    /// Within a distance.
    pub near: Option<Near>,
    /// Order; empty = by score (with `q`) or by id.
    pub sort: Vec<SortKey>,
    /// Nearest to the middle of `near` first; stands alone, without `sort` and `facets`.
    pub by_distance: bool,
    /// Fields to count by value.
    pub facets: Vec<u16>,
    /// Fields wanted; `None` = all readable.
    pub fields: Option<Vec<u16>>,
    /// Times.
    pub times: Times,
    /// Most hits.
    pub limit: usize,
    /// Hits passed over before them, at most 10,000.
    pub skip: usize,
    /// Continue after this hit.
    pub after: Option<SortTuple>,
    /// The permit.
    pub scopes: Vec<Scope>,
    /// Whether totals and facets may be given exactly (open data, owners) or are withheld.
    pub counts_allowed: bool,
}

impl Scope {
    /// Whether it lets every field of a dataset be read.
    #[must_use]
    pub fn reads_all(&self, dataset: &Dataset) -> bool {
        dataset.fields.iter().all(|field| self.readable.binary_search(&field.number).is_ok())
    }
}

/// The features of a map tile.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct TileAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// West, south, east, north.
    pub bbox: [f64; 4],
    /// Degrees: of what is smaller, one is given a cell of this size.
    pub cell: f64,
    /// Filter.
    pub filter: Option<Filter>,
    /// Fields whose values come with the features, as texts; those with a column (facets, sortable texts).
    pub fields: Vec<u16>,
    /// Times.
    pub times: Times,
    /// The permit.
    pub scopes: Vec<Scope>,
    /// What the asker's own tile was made of, if there is one: if nothing changed since, no features are given.
    pub known: Option<TileVersion>,
}

impl SearchAsk {
    /// Everything of a dataset that the scopes show, in the order of its records, counts included.
    #[must_use]
    pub fn of(dataset: DatasetName, times: Times, scopes: Vec<Scope>, limit: usize) -> Self {
        Self {
            dataset,
            q: None,
            names_only: false,
            filter: None,
            bbox: None,
            within: None,
            near: None,
            sort: Vec::new(),
            by_distance: false,
            facets: Vec::new(),
            fields: None,
            times,
            limit,
            skip: 0,
            after: None,
            scopes,
            counts_allowed: true,
        }
    }
}

/// What a tile was made of: the index's generation, and how far it had followed the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TileVersion {
    /// Generation of index and statistics.
    pub generation: u32,
    /// Known at.
    pub known_at: Instant,
}

/// The sort position of a hit: what a cursor pins. Comparable across datasets when sorted by score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SortTuple {
    /// Quantised score (0 when sorted by fields).
    pub score: u32,
    /// Sort values, in the order of `sort`.
    pub values: Vec<Option<SortValue>>,
    /// Record id: the last tie.
    pub id: String,
}

/// A value to sort by.
#[derive(Debug, Clone, PartialEq, PartialOrd, Serialize, Deserialize)]
pub enum SortValue {
    /// Whole numbers, days, instants.
    Integer(i64),
    /// Numbers.
    Number(f64),
    /// Codes and short texts, bytewise.
    Text(String),
}

/// What to compute over a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Measure {
    /// Records.
    Count,
    /// Sum of a number field, exact.
    Sum(u16),
    /// Mean.
    Average(u16),
    /// Smallest.
    Min(u16),
    /// Largest.
    Max(u16),
}

/// Grouped figures.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StatisticsAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// Group by these facet fields (at most 3).
    pub group_by: Vec<u16>,
    /// What to compute.
    pub measures: Vec<Measure>,
    /// Filter.
    pub filter: Option<Filter>,
    /// Times.
    pub times: Times,
    /// The permit.
    pub scopes: Vec<Scope>,
    /// Whether counts may be given.
    pub counts_allowed: bool,
    /// The secret for record keys: with it every group tells the sum of its records' keys, and more groups are made.
    pub record_keys: Option<RecordKeys>,
}

/// The change log.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ChangesAsk {
    /// Dataset.
    pub dataset: DatasetName,
    /// Positions by partition index; empty = from the beginning.
    pub after: Vec<u64>,
    /// Most changed records.
    pub limit: usize,
    /// The permit: judged today, record by record.
    pub scopes: Vec<Scope>,
    /// Times.
    pub times: Times,
}
