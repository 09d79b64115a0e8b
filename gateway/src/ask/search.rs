//! Search and list requests.

use foundation::dataset::{Database, DatasetName};
use foundation::service::Near;
use foundation::value::Day;

use super::{AskTimes, Shown};

/// Which datasets are searched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// All that the caller may search.
    All,
    /// Those of some base databases.
    Databases(Vec<Database>),
    /// These.
    Datasets(Vec<DatasetName>),
}

/// Search, list, filter.
#[derive(Debug, Clone)]
pub struct SearchRequest {
    /// Where.
    pub wanted: Wanted,
    /// Text.
    pub q: Option<String>,
    /// Whether `q` is looked for in names and codes alone, not in running text.
    pub names_only: bool,
    /// CQL2 text.
    pub filter: Option<String>,
    /// West, south, east, north.
    pub bbox: Option<[f64; 4]>,
    /// WKT or GeoJSON of a geometry to intersect.
    pub within: Option<String>,
    /// Circle.
    pub near: Option<Near>,
    /// Field names to sort by; `true` = descending.
    pub sort: Vec<(String, bool)>,
    /// Field names to count by value.
    pub facets: Vec<String>,
    /// Fields and the values they equal, as texts.
    pub equal: Vec<(String, String)>,
    /// Times.
    pub times: AskTimes,
    /// The valid day is that of these (both inclusive) which is nearest to today.
    pub nearest: Option<[Day; 2]>,
    /// Shown how.
    pub shown: Shown,
    /// Most items, 1–1,000.
    pub limit: usize,
    /// Items passed over before them.
    pub skip: usize,
    /// Encrypted cursor of the page before.
    pub cursor: Option<String>,
    /// Whether the question came in a URL: personal content there is refused.
    pub in_url: bool,
}

impl SearchRequest {
    /// A search for `q` over everything the caller may search, 20 items.
    #[must_use]
    pub fn text(q: &str) -> Self {
        Self {
            wanted: Wanted::All,
            q: Some(q.to_owned()).filter(|q| !q.trim().is_empty()),
            names_only: false,
            filter: None,
            bbox: None,
            within: None,
            near: None,
            sort: Vec::new(),
            facets: Vec::new(),
            equal: Vec::new(),
            times: AskTimes::default(),
            nearest: None,
            shown: Shown::default(),
            limit: 20,
            skip: 0,
            cursor: None,
            in_url: true,
        }
    }
}
