//! The thread that owns all writing: takes what is queued, commits it as one group, publishes the new view, answers.

use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, PoisonError, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use ::rocksdb::{ColumnFamily, DB};
use arc_swap::ArcSwap;
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore, oneshot, watch};

use super::committer::{Committer, Told};
use super::fence::{Fenced, Fences};
use super::format::Claim;
use super::pool::{self, Job, Pool};
use super::settings::Options;
use super::tables::Tables;
use super::view::{Registry, View};
use super::{CLOSED, Usage, closed};
use crate::store::{CommitBatch, CommitError, CommitId, Committed, Partition, StoreError};

/// Most KiB of batches queued; further callers wait.
const QUEUE_KIB_MAX: u32 = 64 * 1024;
/// A group is closed when it holds this many KiB or batches.
const GROUP_KIB_MAX: usize = 8 * 1024;
const GROUP_BATCHES_MAX: usize = 512;
/// How often old views are looked for.
const TICK: Duration = Duration::from_secs(1);

/// The open database, and the claim on its directory, which must end after it.
pub(super) struct Engine {
    pub(super) db: DB,
    pub(super) names: Vec<String>,
    /// What it was opened with; holds the counters.
    #[cfg(any(test, feature = "testkit"))]
    pub(super) opened_with: ::rocksdb::Options,
    /// What its column families were opened with.
    pub(super) family_options: ::rocksdb::Options,
    pub(super) claim: Claim,
}

impl Engine {
    /// The column family of a store by its place in the list of names.
    pub(super) fn family(&self, store: usize) -> Result<&ColumnFamily, StoreError> {
        let name = self.names.get(store);
        name.and_then(|name| self.db.cf_handle(name))
            .ok_or_else(|| StoreError::Unavailable { reason: "no such column family".to_owned() })
    }

    /// How tables are written outside of it.
    pub(super) fn table_options(&self) -> &::rocksdb::Options {
        &self.family_options
    }

    /// Where tables are made ready; empty after opening.
    pub(super) fn loading(&self) -> &std::path::Path {
        &self.claim.loading
    }

    pub(super) fn families(&self) -> impl Iterator<Item = &ColumnFamily> {
        self.names.iter().filter_map(|name| self.db.cf_handle(name))
    }

    pub(super) fn usage(&self) -> Usage {
        let sum = |property: &str| -> u64 {
            self.families().filter_map(|cf| self.db.property_int_value_cf(cf, property).ok().flatten()).sum()
        };
        // The cache is shared, so any one family tells its size; write buffers are charged to it.
        let cache = self.families().next();
        let cache = cache.and_then(|cf| self.db.property_int_value_cf(cf, "rocksdb.block-cache-usage").ok().flatten());
        Usage {
            disk_bytes: sum("rocksdb.live-sst-files-size"),
            memory_bytes: cache.unwrap_or(0) + sum("rocksdb.estimate-table-readers-mem"),
        }
    }
}

/// Where the answer to a resolve goes.
type Resolved = oneshot::Sender<Result<Option<Committed>, StoreError>>;

/// Where what a load has to know goes, once its fence stands.
type Behind = oneshot::Sender<Result<Fenced, StoreError>>;

/// What the keeper can be asked.
pub(super) enum Message {
    Commit(CommitBatch, Ticket),
    Resolve {
        store: usize,
        id: CommitId,
        reply: Resolved,
    },
    /// Nobody is to commit to a store until a load was taken in or given up.
    Fence {
        store: usize,
        id: CommitId,
        reply: Behind,
    },
    Unfence {
        store: usize,
        number: u64,
    },
    /// The tables of a load, made behind its fence.
    Ingest(Box<Tables>, Ticket),
    /// A view was dropped.
    Release(u64),
    Stop,
}

impl Message {
    /// The store before whose fence it would wait.
    pub(super) fn store(&self) -> Option<usize> {
        match self {
            Self::Commit(_, ticket) => Some(ticket.store),
            Self::Resolve { store, .. } | Self::Fence { store, .. } => Some(*store),
            Self::Unfence { .. } | Self::Ingest(..) | Self::Release(_) | Self::Stop => None,
        }
    }
}

/// A caller that waits for its commit.
pub(super) struct Ticket {
    pub(super) store: usize,
    pub(super) content: [u8; 16],
    pub(super) reply: oneshot::Sender<Result<Committed, CommitError>>,
    pub(super) room: OwnedSemaphorePermit,
}

impl Ticket {
    pub(super) fn answer(self, answer: Result<Committed, CommitError>) {
        let _ = self.reply.send(answer);
    }
}

/// What the stores of a directory share.
pub(super) struct Shared {
    pub(super) pool: Arc<Pool>,
    inbox: mpsc::Sender<Message>,
    queue: Arc<Semaphore>,
    newest: Arc<ArcSwap<View>>,
    committed: Vec<watch::Receiver<u64>>,
    positions: Vec<Told>,
    thread: Option<JoinHandle<()>>,
}

impl Shared {
    /// The view that new snapshots share.
    pub(super) fn newest(&self) -> &ArcSwap<View> {
        &self.newest
    }

    pub(super) fn send(&self, message: Message) -> Result<(), StoreError> {
        self.inbox.send(message).map_err(|_| closed())
    }

    /// Waits until the queue has room for `batch`; the permit goes with it.
    pub(super) async fn room(&self, batch: &CommitBatch) -> Result<OwnedSemaphorePermit, AcquireError> {
        let rows = batch.put.iter().map(|put| put.key.len() + put.value.len());
        let events = batch.events.iter().map(|(_, body)| body.len());
        let kib = rows.chain(events).sum::<usize>() / 1024 + 1;
        self.room_for(u32::try_from(kib).unwrap_or(QUEUE_KIB_MAX)).await
    }

    /// Waits until the queue has room for so many KiB.
    pub(super) async fn room_for(&self, kib: u32) -> Result<OwnedSemaphorePermit, AcquireError> {
        Arc::clone(&self.queue).acquire_many_owned(kib).await
    }

    /// The last events of a range of partitions of a store.
    pub(super) fn positions(&self, store: usize, range: RangeInclusive<Partition>) -> Vec<(Partition, u64)> {
        let Some(positions) = self.positions.get(store) else { return Vec::new() };
        let positions = positions.lock().unwrap_or_else(PoisonError::into_inner);
        positions.range(range).map(|(partition, sequence)| (*partition, *sequence)).collect()
    }

    /// A new listener for the tokens of a store.
    pub(super) fn committed(&self, store: usize) -> watch::Receiver<u64> {
        self.committed.get(store).cloned().unwrap_or_else(|| watch::channel(0).1)
    }
}

impl Drop for Shared {
    /// Commits what is queued, then ends the thread; the directory is free for the next process afterwards.
    fn drop(&mut self) {
        let _ = self.inbox.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Starts the keeper of an open database.
///
/// # Errors
/// [`StoreError::Unavailable`] if no thread can be had.
pub(super) fn start(engine: Engine, committer: Committer, options: &Options) -> Result<Shared, StoreError> {
    let (pool, jobs) = Pool::new();
    let pool = Arc::new(pool);
    let (inbox, messages) = mpsc::channel();
    let (started, start) = mpsc::channel();
    let (listeners, positions) = (committer.listeners(), committer.told());
    let keeper = Keeper {
        engine: Arc::new(engine),
        pool: Arc::clone(&pool),
        threads: options.pool_threads.max(1),
        snapshot_age_max: options.snapshot_age_max,
        release: inbox.clone(),
    };
    let thread = std::thread::Builder::new()
        .name("store".to_owned())
        .spawn(move || keeper.run(committer, &messages, &Mutex::new(jobs), &started));
    let thread = thread.map_err(|error| StoreError::Unavailable { reason: error.to_string() })?;
    let newest = start.recv().map_err(|_| closed())?;
    let queue = Arc::new(Semaphore::new(QUEUE_KIB_MAX as usize));
    Ok(Shared { pool, inbox, queue, newest, committed: listeners, positions, thread: Some(thread) })
}

struct Keeper {
    engine: Arc<Engine>,
    pool: Arc<Pool>,
    threads: usize,
    snapshot_age_max: Duration,
    release: mpsc::Sender<Message>,
}

impl Keeper {
    fn run(
        &self,
        mut committer: Committer,
        messages: &mpsc::Receiver<Message>,
        jobs: &Mutex<mpsc::Receiver<Job>>,
        started: &mpsc::Sender<Arc<ArcSwap<View>>>,
    ) {
        let registry = Registry::new();
        let view = || registry.pin(&self.engine, committer.heads(), &self.release);
        let newest = Arc::new(ArcSwap::new(view()));
        std::thread::scope(|scope| {
            let _stop = StopPool { pool: &self.pool, threads: self.threads };
            for _ in 0..self.threads {
                scope.spawn(|| pool::work(&self.engine, &registry, jobs));
            }
            if started.send(Arc::clone(&newest)).is_ok() {
                self.keep(&mut committer, messages, &registry, &newest);
            }
        });
    }

    fn keep<'db>(
        &'db self,
        committer: &mut Committer,
        messages: &mpsc::Receiver<Message>,
        registry: &Registry<'db>,
        newest: &ArcSwap<View>,
    ) {
        let mut fences = Fences::default();
        loop {
            let mut group = Group::default();
            match fences.freed().map_or_else(|| messages.recv_timeout(TICK), Ok) {
                Ok(message) => group.take(message, registry, &mut fences),
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            }
            while !group.is_full()
                && let Some(message) = fences.freed().or_else(|| messages.try_recv().ok())
            {
                group.take(message, registry, &mut fences);
            }
            if !group.batches.is_empty() {
                let answers = committer.commit(&self.engine, group.batches, group.tickets);
                if answers.written {
                    newest.store(registry.pin(&self.engine, committer.heads(), &self.release));
                }
                committer.announce(answers);
            }
            for (store, id, reply) in group.resolves {
                let _ = reply.send(committer.resolve(&self.engine, store, id));
            }
            for (tables, ticket) in group.ingests {
                let answers = committer.ingest(&self.engine, &tables, ticket);
                if answers.written {
                    newest.store(registry.pin(&self.engine, committer.heads(), &self.release));
                }
                committer.announce(answers);
            }
            for (store, id, reply) in group.fences {
                match fences.raise(store) {
                    Some(number) => {
                        let _ = reply.send(committer.fenced(&self.engine, store, id, number, &self.release));
                    }
                    // Another came first in this very group: behind its fence it waits.
                    None => drop(fences.pass(Message::Fence { store, id, reply })),
                }
            }
            registry.expire(self.snapshot_age_max);
            if group.stop {
                return refuse_rest(fences.rest().chain(messages.try_iter()));
            }
        }
    }
}

/// Ends the pool's threads however the keeper ends; its scope waits for them.
struct StopPool<'a> {
    pool: &'a Pool,
    threads: usize,
}

impl Drop for StopPool<'_> {
    fn drop(&mut self) {
        self.pool.stop(self.threads);
    }
}

/// What is taken from the queue in one go. Resolves come after the commits: their answer holds for all of these.
#[derive(Default)]
struct Group {
    batches: Vec<CommitBatch>,
    tickets: Vec<Ticket>,
    resolves: Vec<(usize, CommitId, Resolved)>,
    fences: Vec<(usize, CommitId, Behind)>,
    ingests: Vec<(Box<Tables>, Ticket)>,
    kib: usize,
    stop: bool,
}

impl Group {
    fn is_full(&self) -> bool {
        self.stop || self.kib >= GROUP_KIB_MAX || self.batches.len() >= GROUP_BATCHES_MAX
    }

    fn take(&mut self, message: Message, registry: &Registry<'_>, fences: &mut Fences) {
        let Some(message) = fences.pass(message) else { return };
        match message {
            Message::Commit(batch, ticket) => {
                self.kib += ticket.room.num_permits();
                self.batches.push(batch);
                self.tickets.push(ticket);
            }
            Message::Resolve { store, id, reply } => self.resolves.push((store, id, reply)),
            Message::Fence { store, id, reply } => self.fences.push((store, id, reply)),
            Message::Unfence { store, number } => fences.lower(store, number),
            Message::Ingest(tables, ticket) => self.ingests.push((tables, ticket)),
            Message::Release(id) => registry.release(id),
            Message::Stop => self.stop = true,
        }
    }
}

fn refuse_rest(messages: impl Iterator<Item = Message>) {
    for message in messages {
        match message {
            Message::Commit(_, ticket) | Message::Ingest(_, ticket) => {
                ticket.answer(Err(CommitError::Refused { reason: CLOSED.to_owned() }));
            }
            Message::Resolve { reply, .. } => {
                let _ = reply.send(Err(closed()));
            }
            Message::Fence { reply, .. } => {
                let _ = reply.send(Err(closed()));
            }
            Message::Unfence { .. } | Message::Release(_) | Message::Stop => {}
        }
    }
}
