//! The upper hashes of the tree, kept in memory as well: the nodes of a path that lie far apart on disk.
//!
//! The hashes of small subtrees stand beside each other in the file, those of large ones each on a page of its own. With
//! these in memory a proof reads some eight pages of the tree, however large it is.

use std::collections::HashMap;
use std::io;
use std::sync::{PoisonError, RwLock};

use transparency::{Hash, stored_position};

/// The level from which hashes are kept: subtrees of 4,096 entries.
pub(super) const LEVEL: u32 = 12;

/// Hashes of subtrees of 4,096 entries and more, by their positions in the file. Memory: 3 MB for 100 million entries.
#[derive(Default)]
pub(super) struct Upper(RwLock<HashMap<u64, Hash>>);

impl Upper {
    /// Takes in those of the first `size` entries. Cost: two reads for 4,096 entries.
    ///
    /// # Errors
    /// Of `read`.
    pub(super) fn fill(&self, size: u64, read: impl Fn(u64) -> io::Result<Hash>) -> io::Result<()> {
        for number in 0..size >> LEVEL {
            for more in 0..=number.trailing_ones() {
                let position = stored_position(LEVEL + more, number >> more);
                self.put([(position, read(position)?)]);
            }
        }
        Ok(())
    }

    /// Takes hashes in.
    pub(super) fn put(&self, hashes: impl IntoIterator<Item = (u64, Hash)>) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).extend(hashes);
    }

    /// The hash at `position`, if it is one of these.
    pub(super) fn of(&self, position: u64) -> Option<Hash> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&position).copied()
    }
}
