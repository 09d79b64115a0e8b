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
    /// The record of another table that a row is judged by, too: its table and natural key.
    fn leans_on(&self, _row: &Fields) -> Option<(&'static str, Fields)> {
        None
    }
    /// Findings on a row beside the record it leans on; they never refuse it. Pure.
    fn check_beside(&self, _row: &Fields, _beside: &Fields) -> Vec<Finding> {
        Vec::new()
    }
    /// Tables beside this one whose records its rows change; none for rows that are not events.
    fn affects(&self) -> &'static [&'static str] {
        &[]
    }
    /// What a row says of records of [`RowRules::affects`]. Pure: the same row says the same.
    fn effects(&self, _row: &Fields) -> Vec<Effect> {
        Vec::new()
    }
}

/// What an event says of a record beside it, from a day on.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Table of the record, `persons`.
    pub table: &'static str,
    /// The record's natural key and what is said of it; links as natural keys.
    pub fields: Fields,
    /// From which day.
    pub from: Day,
    /// The natural key of a record of the same table whose values of that day the record takes over, unless a source speaks
    /// of it already: a person under a corrected number.
    pub carry: Option<Fields>,
    /// Whether the record ends here, so that links that still point at it are findings.
    pub closes: bool,
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
