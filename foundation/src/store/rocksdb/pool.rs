//! The threads for reads that may take long: scans, many keys at once, settling.
//!
//! They live inside the keeper's scope, because the engine's snapshots do.

use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError, mpsc};

use ::rocksdb::{BottommostLevelCompaction, CompactOptions, FlushOptions};
use tokio::sync::{Semaphore, oneshot};

use super::fence::Fenced;
use super::keeper::Engine;
use super::tables::{self, Tables};
use super::view::{Registry, View, scan};
use super::{closed, read_error};
use crate::store::{Bytes, CommitError, Direction, Key, Load, StoreError};

/// Most jobs queued or running; more callers wait for their turn.
const JOBS_MAX: usize = 64;

type Rows = Result<Vec<(Key, Bytes)>, StoreError>;
type Values = Result<Vec<Option<Bytes>>, StoreError>;

/// What a pool thread can be asked for. The view in a job keeps its snapshot alive.
pub(super) enum Job {
    Scan {
        view: Arc<View>,
        store: usize,
        range: Range<Key>,
        direction: Direction,
        limit: usize,
        reply: oneshot::Sender<Rows>,
    },
    Get {
        view: Arc<View>,
        store: usize,
        keys: Vec<Key>,
        reply: oneshot::Sender<Values>,
    },
    Settle {
        reply: oneshot::Sender<()>,
    },
    Scrub {
        store: usize,
        ranges: Vec<Range<Key>>,
        reply: oneshot::Sender<Result<(), StoreError>>,
    },
    /// The tables of a load, behind its fence.
    Tables {
        fenced: Fenced,
        load: Box<Load>,
        reply: oneshot::Sender<Result<Tables, CommitError>>,
    },
    /// One thread ends.
    Stop,
}

/// The way to the pool threads.
pub(super) struct Pool {
    jobs: mpsc::Sender<Job>,
    room: Semaphore,
}

impl Pool {
    pub(super) fn new() -> (Self, mpsc::Receiver<Job>) {
        let (jobs, inbox) = mpsc::channel();
        (Self { jobs, room: Semaphore::new(JOBS_MAX) }, inbox)
    }

    /// Queues a job, whatever is queued already.
    pub(super) fn send(&self, job: Job) -> Result<(), StoreError> {
        self.jobs.send(job).map_err(|_| closed())
    }

    /// Ends `threads` threads once they are idle.
    pub(super) fn stop(&self, threads: usize) {
        for _ in 0..threads {
            let _ = self.jobs.send(Job::Stop);
        }
    }

    pub(super) async fn scan(
        &self,
        view: Arc<View>,
        store: usize,
        range: Range<Key>,
        direction: Direction,
        limit: usize,
    ) -> Rows {
        let _room = self.room.acquire().await.map_err(|_| closed())?;
        let (reply, answer) = oneshot::channel();
        self.send(Job::Scan { view, store, range, direction, limit, reply })?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }

    pub(super) async fn get_many(&self, view: Arc<View>, store: usize, keys: Vec<Key>) -> Values {
        let _room = self.room.acquire().await.map_err(|_| closed())?;
        let (reply, answer) = oneshot::channel();
        self.send(Job::Get { view, store, keys, reply })?;
        answer.await.unwrap_or_else(|_| Err(closed()))
    }
}

/// Works on jobs until told to stop.
pub(super) fn work(engine: &Engine, registry: &Registry<'_>, inbox: &Mutex<mpsc::Receiver<Job>>) {
    loop {
        let job = inbox.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(Job::Scan { view, store, range, direction, limit, reply }) => {
                let snapshot = registry.snapshot(view.id());
                let rows = engine.family(store).and_then(|family| {
                    let snapshot = snapshot.as_ref().ok_or(StoreError::Expired)?;
                    scan(snapshot, family, range, direction, limit, || !reply.is_closed())
                });
                let _ = reply.send(rows);
                if let Some(snapshot) = &snapshot {
                    view.refill(snapshot);
                }
            }
            Ok(Job::Get { view, store, keys, reply }) => {
                if !reply.is_closed() {
                    let _ = reply.send(view.get_many(store, &keys));
                }
            }
            Ok(Job::Settle { reply }) => {
                let mut options = CompactOptions::default();
                options.set_bottommost_level_compaction(BottommostLevelCompaction::ForceOptimized);
                options.set_exclusive_manual_compaction(false);
                for family in engine.families() {
                    engine.db.compact_range_cf_opt(family, None::<&[u8]>, None::<&[u8]>, &options);
                }
                let _ = reply.send(());
            }
            Ok(Job::Scrub { store, ranges, reply }) => {
                let _ = reply.send(scrub(engine, store, ranges));
            }
            Ok(Job::Tables { fenced, load, reply }) => {
                let tables = tables::write(engine, fenced, *load, || !reply.is_closed());
                let _ = reply.send(tables);
            }
            Ok(Job::Stop) | Err(_) => return,
        }
    }
}

/// Brings what lies in `ranges` to the last level anew. Write buffers go first, of every store: the log is one, and is
/// kept as long as any of them needs it.
fn scrub(engine: &Engine, store: usize, ranges: Vec<Range<Key>>) -> Result<(), StoreError> {
    let family = engine.family(store)?;
    let families: Vec<_> = engine.families().collect();
    engine.db.flush_cfs_opt(&families, &FlushOptions::default()).map_err(|error| read_error(&error))?;
    let mut options = CompactOptions::default();
    options.set_bottommost_level_compaction(BottommostLevelCompaction::Force);
    options.set_exclusive_manual_compaction(false);
    for Range { start, end } in ranges {
        engine.db.compact_range_cf_opt(family, Some(start), Some(end), &options);
    }
    Ok(())
}
