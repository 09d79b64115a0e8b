//! Single entries of the log by their numbers, at a cost that does not grow with the log: where each segment begins is held
//! in memory, where each entry stands in its segment is a hint on disk (`places.rs`).

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use super::places::Places;
use super::segment::{self, HEADER};

/// The number of the first entry of every segment, in order. Memory: 8 bytes a segment.
pub(super) struct Segments(RwLock<Vec<u64>>);

impl Segments {
    /// As a directory holds them.
    pub(super) fn of(listed: &[(u64, PathBuf)]) -> Self {
        Self(RwLock::new(listed.iter().map(|(first, _)| *first).collect()))
    }

    /// A segment begins with entry `first`; one that began there without an entry is no more.
    pub(super) fn begin(&self, first: u64) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if all.last() != Some(&first) {
            all.push(first);
        }
    }

    /// Where the segment of entry `number` begins, and where the next one does, if there is one. Cost: a binary search.
    fn around(&self, number: u64) -> Option<(u64, Option<u64>)> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let after = all.partition_point(|first| *first <= number);
        let first = all.get(after.checked_sub(1)?)?;
        Some((*first, all.get(after).copied()))
    }
}

/// Reads single entries; cheap to clone. That of a log that is written sees its new entries.
#[derive(Clone)]
pub struct EntryReader {
    directory: Arc<Path>,
    segments: Arc<Segments>,
    places: Option<Arc<Places>>,
}

impl EntryReader {
    /// The reader of a log that is written.
    pub(super) fn new(directory: &Path, segments: Arc<Segments>, places: Arc<Places>) -> Self {
        Self { directory: directory.into(), segments, places: Some(places) }
    }

    /// A reader of the log as it is now, which nobody writes; changes nothing. Cost: a look at the directory, which grows
    /// with the number of segments.
    ///
    /// # Errors
    /// Of the file system.
    pub fn open(directory: &Path) -> io::Result<Self> {
        let segments = Arc::new(Segments::of(&segment::list(directory)?));
        Ok(Self { directory: directory.into(), segments, places: Places::read(directory).ok().map(Arc::new) })
    }

    /// The canonical bytes of entry `number`; `None` if there is none. Blocking; cost: the reading of a hint and of the
    /// entry. Without a hint its segment is read, once: that leaves hints for all its entries.
    ///
    /// # Errors
    /// Of the file system.
    pub fn bytes(&self, number: u64) -> io::Result<Option<Vec<u8>>> {
        let Some((first, successor)) = self.segments.around(number) else { return Ok(None) };
        let path = segment::path(&self.directory, first);
        if let Some(offset) = self.place(number)
            && let Some(found) = segment::leaf_at(&path, offset)?
        {
            return Ok(Some(found));
        }
        let at = usize::try_from(number - first).unwrap_or(usize::MAX);
        let most = successor.map_or(at.saturating_add(1), |next| usize::try_from(next - first).unwrap_or(usize::MAX));
        let (lengths, found) = segment::walk(&path, at, most)?;
        self.leave(first, successor, &lengths);
        Ok(found)
    }

    /// Entries from number `first` on, in order, at most `most` of them and none beyond a segment's end; none = there are
    /// no more. Blocking; cost: reads what it gives; without hints the segment, once.
    ///
    /// # Errors
    /// Of the file system.
    pub fn tail(&self, first: u64, most: usize) -> io::Result<Vec<Vec<u8>>> {
        let Some((begins, successor)) = self.segments.around(first) else { return Ok(Vec::new()) };
        let path = segment::path(&self.directory, begins);
        // What a failed write left after the successor's beginning does not count.
        let until = |from: u64| successor.map_or(usize::MAX, |next| usize::try_from(next - from).unwrap_or(usize::MAX));
        let most = most.min(until(first));
        if let Some(offset) = self.place(first) {
            let found = segment::from(&path, offset, most)?;
            if !found.is_empty() {
                return Ok(found);
            }
        }
        let skipped = usize::try_from(first - begins).unwrap_or(usize::MAX);
        let leaves = segment::scan(&path)?.leaves;
        let lengths: Vec<usize> = leaves.iter().take(until(begins)).map(|(leaf, _)| leaf.len()).collect();
        self.leave(begins, successor, &lengths);
        Ok(leaves.into_iter().skip(skipped).take(most).map(|(bytes, _)| bytes).collect())
    }

    fn place(&self, number: u64) -> Option<u64> {
        self.places.as_ref().and_then(|places| places.of(number))
    }

    /// Leaves hints for a segment that was read for want of them; those of the last one are the writer's.
    fn leave(&self, first: u64, successor: Option<u64>, lengths: &[usize]) {
        if let (Some(places), Some(_)) = (&self.places, successor) {
            // Where hints cannot be written, the next reader reads the segment again.
            let _ = places.put(first, HEADER as u64, lengths.iter().copied());
        }
    }
}

/// The canonical bytes of entry `number` of a log that nobody writes: [`EntryReader::open`], [`EntryReader::bytes`].
///
/// # Errors
/// Of the file system.
pub fn bytes(directory: &Path, number: u64) -> io::Result<Option<Vec<u8>>> {
    EntryReader::open(directory)?.bytes(number)
}

/// Entries of a log that nobody writes: [`EntryReader::open`], [`EntryReader::tail`].
///
/// # Errors
/// Of the file system.
pub fn tail(directory: &Path, first: u64, most: usize) -> io::Result<Vec<Vec<u8>>> {
    EntryReader::open(directory)?.tail(first, most)
}
