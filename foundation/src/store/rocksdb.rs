//! The default backend: RocksDB, one column family a base database, in one directory of one process.
//!
//! ```text
//! commit ─► queue (64 MiB) ─► keeper thread: expectations ─► one write, one sync a group ─► new view ─► answers
//! get    ─► inline, on a view             snapshot = the newest view, shared; no lock on the keeper
//! scan, long get_many ─► 4 pool threads, on the same view
//! ```
//! The keeper is the only writer, so expectations are checked against the newest state without locks (S3), event
//! sequences have no gaps (S7), and what comes after a resolve in the queue cannot have come before it (S6).
//! Where to look: `settings.rs` (memory, files), `format.rs` (directory, lock), `keeper.rs` (the thread), `committer.rs`
//! (a group), `fence.rs` and `tables.rs` (first loads), `health.rs` (full disks, failed syncs), `view.rs` (snapshots), `pool.rs` (scans), `rows.rs` (the store's
//! own rows). The reasons stand in `docs/decisions/0004-store-rocksdb.md`.

use std::collections::HashMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::{oneshot, watch};

use super::load::unread;
use super::{
    CommitBatch, CommitError, CommitId, Committed, Direction, Event, Key, Load, Partition, Snapshot, Store, StoreError,
    limits,
};
use keeper::{Message, Ticket};

mod committer;
mod fence;
mod format;
mod health;
mod keeper;
mod open;
mod pool;
mod rows;
mod settings;
mod tables;
mod view;

pub use settings::Options;

use keeper::Shared;
use view::RocksSnapshot;

/// How long a snapshot waits for a token that is not committed yet.
const TOKEN_WAIT: Duration = Duration::from_secs(10);

/// The stores of one data directory.
///
/// Dropping it and every store taken from it ends the keeper after the commits already queued; snapshots that are still
/// held then answer [`StoreError::Expired`].
pub struct Stores {
    shared: Arc<Shared>,
    stores: HashMap<String, Arc<RocksStore>>,
}

impl Stores {
    /// Opens the directory `path`, or makes it, with one store for each of `names`.
    ///
    /// Cost: replays the write-ahead log, at most the write buffers' share of the memory budget.
    /// # Errors
    /// [`StoreError::InUse`], [`StoreError::NewerFormat`], [`StoreError::Corrupt`], or [`StoreError::Unavailable`] with
    /// the engine's reason.
    #[expect(clippy::needless_pass_by_value, reason = "one open uses the options up; callers write them in place")]
    pub fn open(path: &Path, names: &[&str], options: Options) -> Result<Self, StoreError> {
        let shared = Arc::new(open::start(path, names, &options)?);
        let store = |(index, name): (usize, &&str)| {
            ((*name).to_owned(), Arc::new(RocksStore { shared: Arc::clone(&shared), index }))
        };
        let stores = names.iter().enumerate().map(store).collect();
        Ok(Self { shared, stores })
    }

    /// The store called `name`, if it was named when opening.
    #[must_use]
    pub fn store(&self, name: &str) -> Option<Arc<dyn Store>> {
        self.stores.get(name).map(|store| Arc::clone(store) as Arc<dyn Store>)
    }

    /// Merges everything into the last level: smallest on disk, one block a point read. For the end of a first load.
    ///
    /// Cost: reads and writes the whole directory once, on a pool thread; commits and reads go on.
    /// # Errors
    /// [`StoreError::Unavailable`] when the store is closed.
    pub async fn settle(&self) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.shared.pool.send(pool::Job::Settle { reply })?;
        answer.await.map_err(|_| closed())
    }

    /// How often the log was synced since opening, if [`Options::count_syncs`] is set.
    #[cfg(any(test, feature = "testkit"))]
    #[must_use]
    pub fn log_syncs(&self) -> u64 {
        self.shared.newest().load().log_syncs()
    }

    /// What the engine holds: bytes in table files, and bytes in memory (block cache, write buffers, open tables).
    #[must_use]
    pub fn usage(&self) -> Usage {
        self.shared.newest().load().usage()
    }
}

/// How much room a [`Stores`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Usage {
    /// Bytes of live table files.
    pub disk_bytes: u64,
    /// Bytes of block cache, write buffers and open tables' indexes.
    pub memory_bytes: u64,
}

/// One column family.
struct RocksStore {
    shared: Arc<Shared>,
    index: usize,
}

#[async_trait]
impl Store for RocksStore {
    async fn snapshot(&self, at_least: Option<u64>) -> Result<Arc<dyn Snapshot>, StoreError> {
        let view = self.shared.newest().load_full();
        let Some(token) = at_least.filter(|token| *token > view.head(self.index).token) else {
            return Ok(Arc::new(RocksSnapshot::new(Arc::clone(&self.shared.pool), view, self.index)));
        };
        let mut committed = self.committed();
        let seen = tokio::time::timeout(TOKEN_WAIT, committed.wait_for(|newest| *newest >= token)).await;
        if !matches!(seen, Ok(Ok(_))) {
            return Err(StoreError::Unavailable { reason: format!("nothing was committed under token {token}") });
        }
        let view = self.shared.newest().load_full();
        Ok(Arc::new(RocksSnapshot::new(Arc::clone(&self.shared.pool), view, self.index)))
    }

    async fn commit(&self, mut batch: CommitBatch) -> Result<Committed, CommitError> {
        limits::check(&batch)?;
        let id = batch.id;
        let content = limits::content(&batch);
        // In key order the write buffer's insertions cost a quarter less; a key given twice keeps its order.
        batch.put.sort_by(|one, next| one.key.cmp(&next.key));
        let room = self.shared.room(&batch).await.map_err(|_| CommitError::Refused { reason: CLOSED.to_owned() })?;
        let (reply, answer) = oneshot::channel();
        let ticket = Ticket { store: self.index, content, reply, room };
        self.shared
            .send(Message::Commit(batch, ticket))
            .map_err(|_| CommitError::Refused { reason: CLOSED.to_owned() })?;
        answer.await.unwrap_or(Err(CommitError::Unknown(id)))
    }

    async fn load(&self, load: Load) -> Result<Committed, CommitError> {
        let (id, content) = (load.id, load.content());
        let stopped = || CommitError::Refused { reason: CLOSED.to_owned() };
        // Before the fence: behind it waiting commits may take all the room there is.
        let room = self.shared.room_for(1).await.map_err(|_| stopped())?;
        let (reply, answer) = oneshot::channel();
        self.shared.send(Message::Fence { store: self.index, id, reply }).map_err(|_| stopped())?;
        let fenced = answer.await.map_err(|_| stopped())?.map_err(unread)?;
        if let Some((done, known)) = fenced.known {
            return if known == content { Ok(done) } else { Err(CommitError::IdReused(id)) };
        }
        let (reply, tables) = oneshot::channel();
        let job = pool::Job::Tables { fenced, load: Box::new(load), reply };
        self.shared.pool.send(job).map_err(|_| stopped())?;
        let tables = Box::new(tables.await.map_err(|_| stopped())??);
        let (reply, answer) = oneshot::channel();
        let ticket = Ticket { store: self.index, content, reply, room };
        self.shared.send(Message::Ingest(tables, ticket)).map_err(|_| stopped())?;
        answer.await.unwrap_or(Err(CommitError::Unknown(id)))
    }

    async fn resolve(&self, id: CommitId) -> Result<Option<Committed>, StoreError> {
        let (reply, answer) = oneshot::channel();
        self.shared.send(Message::Resolve { store: self.index, id, reply })?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    async fn changes(&self, partition: Partition, after: u64, max: usize) -> Result<Vec<Event>, StoreError> {
        let range = rows::event_key(partition, after.saturating_add(1))..rows::event_end(partition);
        let newest = RocksSnapshot::new(Arc::clone(&self.shared.pool), self.shared.newest().load_full(), self.index);
        let found = newest.scan(range, Direction::Forward, max).await?;
        found.iter().map(|(key, value)| rows::read_event(key, value)).collect()
    }

    async fn positions(&self, dataset: u16) -> Result<Vec<(Partition, u64)>, StoreError> {
        let first = u32::from(dataset) << 16;
        Ok(self.shared.positions(self.index, first..=first | 0xFFFF))
    }

    async fn scrub(&self, ranges: Vec<Range<Key>>) -> Result<(), StoreError> {
        let (reply, answer) = oneshot::channel();
        self.shared.pool.send(pool::Job::Scrub { store: self.index, ranges, reply })?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    fn committed(&self) -> watch::Receiver<u64> {
        self.shared.committed(self.index)
    }
}

const CLOSED: &str = "the store is closed";

fn closed() -> StoreError {
    StoreError::Unavailable { reason: CLOSED.to_owned() }
}

/// What a failed read of the engine means.
fn read_error(error: &::rocksdb::Error) -> StoreError {
    if error.kind() == ::rocksdb::ErrorKind::Corruption {
        StoreError::Corrupt { what: error.to_string() }
    } else {
        StoreError::Unavailable { reason: error.to_string() }
    }
}
