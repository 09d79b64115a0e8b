//! Reading entries, newest first.

use std::io;
use std::path::Path;

use foundation::value::Instant;

use super::entry::Entry;
use super::{places, segment};

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

/// The canonical bytes of entry `number`; `None` if there is none. Blocking; cost: a read, after a look at the directory.
///
/// # Errors
/// Of the file system.
pub fn bytes(directory: &Path, number: u64) -> io::Result<Option<Vec<u8>>> {
    let segments = segment::list(directory)?;
    let Some((first, path)) = segments.iter().rfind(|(first, _)| *first <= number) else { return Ok(None) };
    let at = usize::try_from(number - first).unwrap_or(usize::MAX);
    if let Some(found) =
        places::of(directory, number).map(|offset| segment::leaf_at(path, offset)).transpose()?.flatten()
    {
        return Ok(Some(found));
    }
    segment::leaf(path, at)
}

/// Entries from number `first` on, in order, at most `most` of them and none beyond a segment's end; none = there are no
/// more. Blocking; cost: reads what it gives, after a look at the directory.
///
/// # Errors
/// Of the file system.
pub fn tail(directory: &Path, first: u64, most: usize) -> io::Result<Vec<Vec<u8>>> {
    let segments = segment::list(directory)?;
    let Some(at) = segments.iter().rposition(|(begins, _)| *begins <= first) else { return Ok(Vec::new()) };
    let Some((begins, path)) = segments.get(at) else { return Ok(Vec::new()) };
    // What a failed write left after the successor's beginning does not count.
    let left = segments.get(at + 1).map_or(u64::MAX, |(successor, _)| successor.saturating_sub(first));
    let most = most.min(usize::try_from(left).unwrap_or(usize::MAX));
    if let Some(offset) = places::of(directory, first) {
        let found = segment::from(path, offset, most)?;
        if !found.is_empty() {
            return Ok(found);
        }
    }
    let skipped = usize::try_from(first - begins).unwrap_or(usize::MAX);
    Ok(segment::scan(path)?.leaves.into_iter().skip(skipped).take(most).map(|(bytes, _)| bytes).collect())
}
