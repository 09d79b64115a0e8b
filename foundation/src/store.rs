//! The store contract: the truth lies here; the search index is derived and can always be rebuilt.
//!
//! Backends: [`memory`] (the reference model, for tests) and [`rocksdb`] (the default). Both pass the suite in
//! `testkit`, whose tests are named after the clauses. [`Sealed`] is a store upon another: it seals what belongs to records.
//!
//!
//! S1 a batch is all or nothing, events included · S2 `Ok` survives kill -9 and loss of un-fsynced pages · S3 of two
//! commits that expect the same version exactly one wins · S4 snapshot isolation plus declared expectations · S5 snapshots
//! never move and may expire · S6 `Unknown` is legal, `resolve` after it is final, the same id twice applies once, the same
//! id with other content is a conflict · S7 per partition the event sequence is dense and in commit order · S8 unsigned
//! bytewise order · S9 limits hold on every backend · S10 read your writes by token · S11 disk full or read-only is a
//! clean refusal that heals by itself · S12 a second process is fenced · S13 retries live in one place · S14 a scan at
//! token T plus changes after T is the latest state.

use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use crate::value::Instant;

mod error;
mod limits;
mod load;
pub mod memory;
mod rocksdb;
mod sealed;
pub(crate) mod sorted;

pub use rocksdb::{Options, Stores};
pub use sealed::{Groups, Keys, MasterKey, Ring, RingError, Sealed, SharedRing, Suite};

pub use error::{CommitError, StoreError};
pub use load::{Load, event_key};
pub use sorted::{SortedFile, SortedRows, SortedWriter, Sorter};

/// Longest key, bytes.
pub const KEY_MAX: usize = 1024;
/// Longest value, bytes.
pub const VALUE_MAX: usize = 64 * 1024;
/// Most keys (puts, deletes and events together) a batch.
pub const BATCH_KEYS_MAX: usize = 2_000;
/// Most bytes (keys, values and events together) a batch.
pub const BATCH_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A key; unsigned bytewise order. The first byte is ≥ 1 (0 is the store's own).
pub type Key = Vec<u8>;
/// A value.
pub type Bytes = bytes::Bytes;
/// A change-log partition of a base database: dataset number (high 16 bits) and partition (low 16 bits).
pub type Partition = u32;

/// Names a commit, chosen by the committer at random or derived from its content; makes retries safe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CommitId(pub [u8; 16]);

/// What a commit expects of a key when it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expect {
    /// There is no such key.
    Absent,
    /// The key holds exactly these bytes, told by [`digest`].
    Holds([u8; 16]),
}

/// The digest by which [`Expect::Holds`] names a value: the first 16 bytes of its BLAKE3.
#[must_use]
pub fn digest(value: &[u8]) -> [u8; 16] {
    let mut short = [0_u8; 16];
    for (to, from) in short.iter_mut().zip(blake3::hash(value).as_bytes()) {
        *to = *from;
    }
    short
}

/// A row to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Put {
    /// Where.
    pub key: Key,
    /// What.
    pub value: Vec<u8>,
    /// Whether the commit time (i64 microseconds, big endian) is written over bytes 2..10 of the value.
    pub stamped: bool,
}

/// All or nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitBatch {
    /// Its name; the same id applies once.
    pub id: CommitId,
    /// What must hold.
    pub expect: Vec<(Key, Expect)>,
    /// Rows to write.
    pub put: Vec<Put>,
    /// Rows to remove.
    pub delete: Vec<Key>,
    /// One entry a partition at the most; the store numbers them densely from 1.
    pub events: Vec<(Partition, Vec<u8>)>,
}

/// A commit that is durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Committed {
    /// Strictly increasing a base database.
    pub at: Instant,
    /// Read-your-writes token: a snapshot at or after it sees the commit.
    pub token: u64,
}

/// An entry of the change log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Dense from 1 in its partition.
    pub sequence: u64,
    /// When it was committed.
    pub at: Instant,
    /// As given in [`CommitBatch::events`].
    pub body: Bytes,
}

/// Which way a scan goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Ascending keys.
    Forward,
    /// Descending keys.
    Backward,
}

/// One base database's rows and change log. See the clauses above.
#[async_trait]
pub trait Store: Send + Sync {
    /// An immutable view that holds at least every commit up to `at_least` (a token), or the newest if `None`.
    ///
    /// # Errors
    /// [`StoreError`] if the view cannot be had.
    async fn snapshot(&self, at_least: Option<u64>) -> Result<Arc<dyn Snapshot>, StoreError>;

    /// Applies a batch: checks every expectation against the newest state, then writes rows and events durably.
    ///
    /// Cost: one WAL write, synced together with the other commits of its group.
    /// # Errors
    /// [`CommitError::Conflict`] names the first key whose expectation failed; nothing was written.
    async fn commit(&self, batch: CommitBatch) -> Result<Committed, CommitError>;

    /// Takes a first load in as one commit. Whoever commits to this store meanwhile waits; reads go on.
    ///
    /// Cost: one pass over its rows, written once in the order in which they stay.
    /// # Errors
    /// As [`Store::commit`]; [`CommitError::Conflict`] also names where a row stands that must not be there.
    async fn load(&self, load: Load) -> Result<Committed, CommitError>;

    /// Rows as this store keeps them: sealed, where it seals. For what is made ready outside of it and taken in by
    /// [`Store::load`].
    ///
    /// # Errors
    /// [`CommitError`] if a key cannot be had.
    async fn seal(&self, rows: Vec<Put>) -> Result<Vec<Put>, CommitError> {
        Ok(rows)
    }

    /// What became of a commit whose answer was lost: `Some` if it was applied, `None` if it never will be.
    ///
    /// # Errors
    /// [`StoreError`] if that cannot be told now.
    async fn resolve(&self, id: CommitId) -> Result<Option<Committed>, StoreError>;

    /// Events of `partition` with a sequence above `after`, at most `max` of them.
    ///
    /// # Errors
    /// [`StoreError`] on damage.
    async fn changes(&self, partition: Partition, after: u64, max: usize) -> Result<Vec<Event>, StoreError>;

    /// The last sequence of every partition of `dataset` (the high 16 bits) that has any event.
    ///
    /// # Errors
    /// [`StoreError`] on damage.
    async fn positions(&self, dataset: u16) -> Result<Vec<(Partition, u64)>, StoreError>;

    /// Writes what lies in `ranges` anew, so that values deleted or replaced there are on the disk no more. What a snapshot
    /// still shows stays until the snapshot is gone.
    ///
    /// Cost: reads and writes the tables that overlap the ranges; commits and reads go on.
    /// # Errors
    /// [`StoreError`] if the store cannot do so now.
    async fn scrub(&self, ranges: Vec<Range<Key>>) -> Result<(), StoreError>;

    /// Wakes when something was committed; holds the newest token.
    fn committed(&self) -> tokio::sync::watch::Receiver<u64>;
}

/// An immutable view (S5).
#[async_trait]
pub trait Snapshot: Send + Sync {
    /// The time of the newest commit in it; 0 when there is none.
    fn at(&self) -> Instant;
    /// The token of the newest commit in it.
    fn token(&self) -> u64;
    /// The values of `keys`, in their order.
    ///
    /// # Errors
    /// [`StoreError`] on damage, or when the view has expired.
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>, StoreError>;
    /// Rows with a key in `range`, at most `limit`, in `direction`.
    ///
    /// # Errors
    /// As [`Snapshot::get_many`].
    async fn scan(
        &self,
        range: Range<Key>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<(Key, Bytes)>, StoreError>;
    /// Takes the seals off `values` as they were read under `keys`; what is not sealed stays as it is. `None` for what was
    /// erased: its key is gone.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a row that does not open, [`StoreError::Unavailable`] without the master key it needs.
    async fn open(&self, _keys: &[Key], values: Vec<Option<Bytes>>) -> Result<Vec<Option<Bytes>>, StoreError> {
        Ok(values)
    }
}
