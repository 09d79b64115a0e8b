//! Reading entries by what they say, newest first: the cost grows with what is read.

use std::io;
use std::path::Path;

use foundation::value::Instant;

use super::entry::Entry;
use super::segment;

/// Which entries.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Closed at or after.
    pub from: Option<Instant>,
    /// Closed before.
    pub to: Option<Instant>,
    /// Subject or department.
    pub caller: Option<String>,
    /// Dataset.
    pub dataset: Option<String>,
    /// Only entries before this number.
    pub before: Option<u64>,
}

impl Filter {
    fn takes(&self, entry: &Entry) -> bool {
        self.from.is_none_or(|t| entry.closed >= t)
            && self.to.is_none_or(|t| entry.closed < t)
            && self.caller.as_ref().is_none_or(|c| entry.subject == *c || entry.department == *c)
            && self.dataset.as_ref().is_none_or(|d| entry.dataset.split(',').any(|one| one == d))
    }
}

/// The newest `limit` entries that the filter takes, with their numbers. Blocking; cost: reads segments from the newest
/// back until enough is found.
///
/// # Errors
/// Of the file system.
pub fn entries(directory: &Path, filter: &Filter, limit: usize) -> io::Result<Vec<(u64, Entry)>> {
    let mut out = Vec::new();
    let segments = segment::list(directory)?;
    let mut successor = u64::MAX;
    for (first, path) in segments.iter().rev() {
        let end = successor.min(filter.before.unwrap_or(u64::MAX));
        successor = *first;
        if *first >= end {
            continue;
        }
        let scan = segment::scan(path)?;
        let numbered: Vec<_> = (scan.first..).zip(&scan.leaves).collect();
        for (number, (leaf, _)) in numbered.into_iter().rev() {
            if number >= end {
                continue;
            }
            let Some(entry) = Entry::read(leaf) else { continue };
            if filter.takes(&entry) {
                out.push((number, entry));
                if out.len() >= limit {
                    return Ok(out);
                }
            }
        }
    }
    Ok(out)
}

/// Shows every entry closed in `[from, to)`, a segment at a time, from the newest segment back. Blocking; cost: reads the
/// segments that are not older than `from`, and one more.
///
/// # Errors
/// Of the file system.
pub fn visit(directory: &Path, from: Instant, to: Instant, see: &mut dyn FnMut(&Entry)) -> io::Result<()> {
    for (_, path) in segment::list(directory)?.iter().rev() {
        let mut older = true;
        for (leaf, _) in segment::scan(path)?.leaves {
            let Some(entry) = Entry::read(&leaf) else { continue };
            older &= entry.closed < from;
            if entry.closed >= from && entry.closed < to {
                see(&entry);
            }
        }
        if older {
            break;
        }
    }
    Ok(())
}
