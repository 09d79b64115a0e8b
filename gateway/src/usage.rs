//! Rows given under each grant on the present day, against its ceiling.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use foundation::value::Day;

/// Counts rows by grant and day; begins with what the audit log says of today.
#[derive(Default)]
pub(crate) struct Usage(Mutex<(Option<Day>, HashMap<String, u64>)>);

impl Usage {
    /// Counts as found in the log for `today`.
    pub(crate) fn new(today: Day, found: Vec<(String, u64)>) -> Self {
        Self(Mutex::new((Some(today), found.into_iter().collect())))
    }

    /// Rows given under `grant` on `today` so far.
    pub(crate) fn rows(&self, grant: &str, today: Day) -> u64 {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 == Some(today) { counts.1.get(grant).copied().unwrap_or(0) } else { 0 }
    }

    /// Adds rows given.
    pub(crate) fn add(&self, grant: &str, today: Day, rows: u64) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.0 != Some(today) {
            *counts = (Some(today), HashMap::new());
        }
        match counts.1.get_mut(grant) {
            Some(n) => *n = n.saturating_add(rows),
            None => {
                counts.1.insert(grant.to_owned(), rows);
            }
        }
    }
}
