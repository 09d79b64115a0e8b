//! The Merkle tree over all entries (RFC 9162): a file of hashes beside the segments, derived from them.
//!
//! `tree.<suite>` holds the hashes of all complete subtrees in post-order (crate `transparency`), 32 bytes each. It is
//! synced when a segment is full; what a crash may have taken is worked out again from the last segment at the next start.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use transparency::{Hash, Suite, TreeError, stored_count};

use super::commitment::committed;
use super::segment;
use super::upper::{LEVEL, Upper};

#[cfg(test)]
mod tests;

/// Hashes kept in memory besides the file: most left neighbours are among the last ones.
const TAIL: usize = 1 << 14;
const HASH: u64 = 32;
/// Leaves worked out at a time when entries are taken in that are on disk.
const GROUP: usize = 4_096;

/// The tree as the writer has it.
pub(super) struct Tree {
    view: TreeView,
    /// The last hashes written, and the position of the first of them.
    tail: Vec<Hash>,
    tail_from: u64,
    /// Leaves whose hashes are written, though their entries may not be synced yet.
    size: u64,
    /// Of these hashes, those to be held in memory.
    upper: Vec<(u64, Hash)>,
}

/// The tree as readers have it: of synced entries alone.
#[derive(Clone)]
pub struct TreeView {
    suite: Suite,
    file: Arc<File>,
    size: Arc<AtomicU64>,
    upper: Arc<Upper>,
}

impl Tree {
    /// Opens the tree and brings it up to the segments; makes it anew if it is absent or lacks more than the last segment.
    /// `newest` are the leaves of the last segment.
    pub(super) fn open(
        directory: &Path,
        suite: Suite,
        segments: &[(u64, PathBuf)],
        newest: &[(Vec<u8>, Hash)],
    ) -> io::Result<Self> {
        let path = directory.join(format!("tree.{}", suite.name()));
        let file = std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        let held = file.metadata()?.len() / HASH;
        let view = TreeView { suite, file: Arc::new(file), size: Arc::new(AtomicU64::new(0)), upper: Arc::default() };
        let mut tree = Self { view, tail: Vec::new(), tail_from: 0, size: 0, upper: Vec::new() };
        let last = segments.last().map_or(0, |(first, _)| *first);
        let whole = held >= stored_count(last);
        if whole {
            tree.size = last;
            tree.tail_from = stored_count(last);
            tree.view.hold_upper(last);
        } else {
            tracing::info!(file = %path.display(), "the tree over the audit log is made anew");
        }
        let past = if whole { 0 } else { segments.len().saturating_sub(1) };
        for (at, ((first, path), (successor, _))) in segments.iter().zip(segments.iter().skip(1)).take(past).enumerate()
        {
            let mut leaves = segment::scan(path)?.leaves;
            leaves.truncate(usize::try_from(successor.saturating_sub(*first)).unwrap_or(usize::MAX));
            tree.append_all(&leaves)?;
            if (at + 1) % 100 == 0 {
                tracing::info!(segments = at + 1, of = past, "the tree over the audit log is being made");
            }
        }
        tree.append_all(newest)?;
        tree.publish();
        Ok(tree)
    }

    fn append_all(&mut self, entries: &[(Vec<u8>, Hash)]) -> io::Result<()> {
        let suite = self.view.suite;
        for part in entries.chunks(GROUP) {
            let leaves: Vec<Vec<u8>> = part.iter().map(|(bytes, _)| committed(suite, bytes)).collect();
            self.append(&leaves.iter().map(Vec::as_slice).collect::<Vec<_>>())?;
        }
        Ok(())
    }

    /// Writes the hashes that these leaves complete; all or none. Not to be relied on before [`Self::publish`].
    pub(super) fn append(&mut self, leaves: &[&[u8]]) -> io::Result<()> {
        let outcome = self.write(leaves);
        if outcome.is_err() {
            self.take_back();
        }
        outcome
    }

    fn write(&mut self, leaves: &[&[u8]]) -> io::Result<()> {
        let before = self.tail.len();
        let position = self.tail_from + before as u64;
        for leaf in leaves {
            let hash = self.view.suite.leaf_hash(leaf);
            let (tail, from, view) = (&self.tail, self.tail_from, &self.view);
            let more = transparency::append(self.view.suite, self.size, hash, |at| {
                let near = at.checked_sub(from).and_then(|n| usize::try_from(n).ok()).and_then(|n| tail.get(n));
                near.map_or_else(|| view.read(at), |hash| Ok(*hash))
            });
            let more = more.map_err(into_io)?;
            let numbered = (stored_count(self.size)..).zip(&more).map(|(at, hash)| (at, *hash));
            self.upper.extend(numbered.skip(LEVEL as usize));
            self.tail.extend(more);
            self.size += 1;
        }
        let fresh: Vec<u8> = self.tail.iter().skip(before).flatten().copied().collect();
        self.view.file.write_all_at(&fresh, position * HASH)?;
        if self.tail.len() > 2 * TAIL {
            let gone = self.tail.len() - TAIL;
            self.tail.drain(..gone);
            self.tail_from += gone as u64;
        }
        Ok(())
    }

    /// Takes back what was appended and not published: its entries were not written.
    pub(super) fn take_back(&mut self) {
        self.size = self.view.size.load(Ordering::SeqCst);
        self.tail.clear();
        self.tail_from = stored_count(self.size);
        self.upper.clear();
    }

    /// Shows readers what was appended; its entries are on disk.
    pub(super) fn publish(&mut self) {
        self.view.upper.put(self.upper.drain(..));
        self.view.size.store(self.size, Ordering::SeqCst);
    }

    /// Syncs the file.
    pub(super) fn sync(&self) -> io::Result<()> {
        self.view.file.sync_data()
    }

    /// The tree as readers have it.
    pub(super) fn view(&self) -> TreeView {
        self.view.clone()
    }
}

impl TreeView {
    /// Entries in the tree.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size.load(Ordering::SeqCst)
    }

    /// Which hash.
    #[must_use]
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// The root over the first `size` entries. Cost: one read a level; those from 12 on are in memory.
    ///
    /// # Errors
    /// Of the file system.
    pub fn root(&self, size: u64) -> io::Result<Hash> {
        transparency::root(self.suite, size, |at| self.read(at)).map_err(into_io)
    }

    /// The path from entry `index` to the root over the first `size` entries. Cost: one read a level; those from 12 on are in
    /// memory.
    ///
    /// # Errors
    /// Of the file system; an entry that is not among them.
    pub fn inclusion(&self, index: u64, size: u64) -> io::Result<Vec<Hash>> {
        transparency::inclusion(self.suite, index, size, |at| self.read(at)).map_err(into_io)
    }

    /// The proof that the first `from` entries are the beginning of the first `to`. Cost: one or two reads a level;
    /// those from 12 on are in memory.
    ///
    /// # Errors
    /// Of the file system; `from` above `to`.
    pub fn consistency(&self, from: u64, to: u64) -> io::Result<Vec<Hash>> {
        transparency::consistency(self.suite, from, to, |at| self.read(at)).map_err(into_io)
    }

    /// Reads the upper hashes of the first `size` entries in the background; until they are held, proofs read them from disk.
    fn hold_upper(&self, size: u64) {
        let view = self.clone();
        let work = move || {
            if let Err(error) = view.upper.fill(size, |at| read(&view.file, at)) {
                tracing::warn!(%error, "the upper hashes of the audit log's tree cannot be read");
            }
        };
        // Without a thread for it, proofs go on reading them.
        let _ = std::thread::Builder::new().name("audit-tree".into()).spawn(work);
    }

    fn read(&self, at: u64) -> io::Result<Hash> {
        self.upper.of(at).map_or_else(|| read(&self.file, at), Ok)
    }
}

fn read(file: &File, at: u64) -> io::Result<Hash> {
    let mut hash = [0; 32];
    file.read_exact_at(&mut hash, at * HASH)?;
    Ok(hash)
}

fn into_io(error: TreeError<io::Error>) -> io::Error {
    match error {
        TreeError::Read { source, .. } => source,
        other => io::Error::other(other.to_string()),
    }
}
