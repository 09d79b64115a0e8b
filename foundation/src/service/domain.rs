//! What a base database brings of its own: its definitions and the rules only its domain knows.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::dataset::{CodeLists, Database, Dataset};
use crate::value::{Day, Fields};

/// A rule's word on a row: refused (it stays out) or a quality finding (it is taken all the same).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Field name; empty for the row as a whole.
    pub field: String,
    /// Stable rule code, `snake_case`.
    pub rule: String,
    /// Text for a person, naming what was expected. Never repeats a personal value.
    pub message: String,
    /// Whether the row is refused.
    pub refused: bool,
}

/// What a rule may look at besides the row.
pub struct RowContext<'a> {
    /// The dataset.
    pub dataset: &'a Dataset,
    /// Code lists.
    pub lists: &'a CodeLists,
    /// Today in the country.
    pub today: Day,
    /// Whether the data directory is marked `demo` (synthetic numbers with division codes never issued are known).
    pub demo: bool,
}

/// Rules over the rows of one dataset, run after types and code lists were checked.
///
/// Callers may rely on: rules are pure; the same row gives the same findings on the same day.
pub trait RowRules: Send + Sync {
    /// The dataset's table name, `persons`.
    fn table(&self) -> &'static str;
    /// Completes derivable fields (birth date from a citizen number) and reports findings.
    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding>;
}

/// A base database's definitions and rules.
pub struct Domain {
    /// Which of the five.
    pub database: Database,
    /// Its datasets.
    pub datasets: Vec<Arc<Dataset>>,
    /// Rules by table.
    pub rules: Vec<Box<dyn RowRules>>,
}
