//! What a person is told of who looked at his record: entries of the audit log, found by an index of who is in them, under
//! dated rules that say what is told when.
//!
//! The log is the truth. The index ([`Accesses`]) is derived from it, keyed by a keyed hash of the record's id, and made anew
//! whenever it does not fit the log or the rules. What a rule withholds is no part of any answer about a person; how much is
//! withheld is told of the whole log alone, and of whole days that are over.

mod check;
mod index;
mod rules;

pub use check::{CheckError, Checked, check_answer};
pub use index::{Accesses, IndexError, Window, Withheld};
pub use rules::{AccessRules, RulesError, Told};

use foundation::dataset::{Database, DatasetName};

use crate::ask::Act;
use crate::audit::Entry;

/// The dataset whose records are persons that have accounts.
pub const PERSONS: &str = "population/persons";

/// Whether what an entry was about may be records of persons, or such as go with these: it names a dataset of their base
/// database, or all of them.
#[must_use]
pub fn is_about_persons(entry: &Entry) -> bool {
    let prefix = format!("{}/", Database::Population);
    entry.dataset.split(',').any(|one| one == "*" || one.starts_with(&prefix))
}

/// Whether a record that an entry names is a batch of rows, not a person.
#[must_use]
pub fn is_of_a_batch(entry: &Entry) -> bool {
    [Act::Import, Act::Withdraw].contains(&Act::from_number(entry.act))
}

/// The dataset of persons by its name.
#[must_use]
pub fn persons() -> Option<DatasetName> {
    PERSONS.parse().ok()
}
