//! A first load: many rows taken in as one commit.

use std::ops::Range;

use xxhash_rust::xxh3::Xxh3;

use super::{CommitError, CommitId, Expect, Key, Partition, SortedFile, StoreError};

/// Rows that come by key, and what must hold when they are taken in.
///
/// It is one commit like any other (S1, S2, S3, S6, S7), but exempt from the sizes of S9: its rows come from files, and go to
/// the disk once, in the order in which they stay there.
#[derive(Debug, Clone)]
pub struct Load {
    /// Its name; the same id applies once.
    pub id: CommitId,
    /// What must hold.
    pub expect: Vec<(Key, Expect)>,
    /// Where there must be no row yet.
    pub empty: Vec<Range<Key>>,
    /// Rows to write, no key twice. Sealed already, if they are to be ([`super::Store::seal`]).
    pub rows: Vec<SortedFile>,
    /// Entries of the change log under [`event_key`]: of a partition as many as wanted, in the order of their numbers.
    pub events: Vec<SortedFile>,
}

impl Load {
    /// A digest of everything in it but its id, as for a batch.
    pub(super) fn content(&self) -> [u8; 16] {
        let mut hash = Xxh3::new();
        for (key, expect) in &self.expect {
            hash.update(&key.len().to_be_bytes());
            hash.update(key);
            match expect {
                Expect::Absent => hash.update(&[0]),
                Expect::Holds(digest) => hash.update(digest),
            }
        }
        for range in &self.empty {
            for edge in [&range.start, &range.end] {
                hash.update(&edge.len().to_be_bytes());
                hash.update(edge);
            }
        }
        for (mark, files) in [(b'r', &self.rows), (b'e', &self.events)] {
            for file in files {
                hash.update(&[mark]);
                hash.update(&file.rows.to_be_bytes());
                hash.update(&file.digest);
            }
        }
        hash.digest128().to_be_bytes()
    }
}

/// The key under which the `number`th entry of a partition stands in the files of a [`Load`].
#[must_use]
pub fn event_key(partition: Partition, number: u32) -> Key {
    [partition.to_be_bytes(), number.to_be_bytes()].concat()
}

/// The partition in an [`event_key`].
pub(super) fn event_partition(key: &[u8]) -> Result<Partition, CommitError> {
    let partition = key.first_chunk::<4>().filter(|_| key.len() == 8).map(|four| u32::from_be_bytes(*four));
    partition.ok_or_else(|| CommitError::Refused { reason: "an entry of a load names no partition".to_owned() })
}

/// A file of a load that cannot be read: surely not committed.
pub(super) fn unreadable(error: &std::io::Error) -> CommitError {
    match error.kind() {
        std::io::ErrorKind::InvalidData | std::io::ErrorKind::UnexpectedEof => {
            CommitError::Corrupt { what: error.to_string() }
        }
        _ => CommitError::Refused { reason: format!("the files of a load: {error}") },
    }
}

/// A failed read while checking: surely not committed.
pub(super) fn unread(error: StoreError) -> CommitError {
    match error {
        StoreError::Corrupt { what } => CommitError::Corrupt { what },
        other => CommitError::Refused { reason: other.to_string() },
    }
}
