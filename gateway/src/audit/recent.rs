//! What the newest entries say when the log is opened: which requests were answered, and what was given today.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::path::PathBuf;

use foundation::value::Day;

use super::entry::Entry;
use super::segment::{self, Hash};
use crate::ask::Act;

/// Records given to a department in one answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenTo {
    /// Its credit code.
    pub department: String,
    /// The grant; empty = none.
    pub grant: String,
    /// The dataset.
    pub dataset: String,
    /// Ids.
    pub records: Vec<String>,
}

/// Reads the last two segments, and those before them as long as they hold entries of `today`; `newest` are the leaves of
/// the last. Takes the requests that have an entry from `unanswered`, tells `given` what departments were given today, and
/// gives the rows of today by grant. Cost: grows with the entries of today; memory: one segment.
///
/// # Errors
/// Of the file system.
pub(super) fn recent(
    segments: &[(u64, PathBuf)],
    newest: Vec<(Vec<u8>, Hash)>,
    today: Day,
    unanswered: &mut HashSet<[u8; 16]>,
    given: &mut dyn FnMut(GivenTo),
) -> io::Result<Vec<(String, u64)>> {
    let mut newest = Some(newest);
    let mut rows = BTreeMap::<String, u64>::new();
    for (back, (_, path)) in segments.iter().rev().enumerate() {
        let leaves = match newest.take() {
            Some(leaves) => leaves,
            None => segment::scan(path)?.leaves,
        };
        let mut of_today = false;
        for entry in leaves.iter().filter_map(|(leaf, _)| Entry::read(leaf)) {
            unanswered.remove(&entry.request);
            if entry.closed.day() != today {
                continue;
            }
            of_today = true;
            // Rows of a file were counted with the pages that were written into it.
            if [Act::Export as u8, Act::Delivery as u8].contains(&entry.act) {
                continue;
            }
            if !entry.grant.is_empty() {
                *rows.entry(entry.grant.clone()).or_default() += u64::from(entry.rows);
            }
            if !entry.department.is_empty() && !entry.records.is_empty() {
                let Entry { department, grant, dataset, records, .. } = entry;
                given(GivenTo { department, grant, dataset, records });
            }
        }
        if back >= 1 && !of_today {
            break;
        }
    }
    Ok(rows.into_iter().collect())
}
