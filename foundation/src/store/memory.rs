//! The reference model of the contract: maps under one lock, every version of every row kept for ever.
//!
//! Simple rather than fast; for tests, and for what need not outlive the process. S2, S11 and S12 mean nothing here:
//! there is no disk. A snapshot never expires.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use tokio::sync::watch;

use super::load::{Load, event_partition, unreadable};
use super::sorted::{Merged, SortedFile, SortedRows};
use super::{
    Bytes, CommitBatch, CommitError, CommitId, Committed, Direction, Event, Expect, Key, Partition, Put, Snapshot,
    Store, StoreError, digest, limits,
};
use crate::clock::Clock;
use crate::value::Instant;

/// How long a snapshot waits for a token that is not committed yet.
const TOKEN_WAIT: Duration = Duration::from_secs(10);

/// A store in memory.
pub struct MemoryStore {
    clock: Arc<dyn Clock>,
    state: Arc<Mutex<State>>,
    committed: watch::Sender<u64>,
}

#[derive(Default)]
struct State {
    /// Every version of a row, by the token that wrote it; `None` is a removal.
    rows: BTreeMap<Key, BTreeMap<u64, Option<Bytes>>>,
    commits: BTreeMap<CommitId, ([u8; 16], Committed)>,
    events: BTreeMap<Partition, Vec<Event>>,
    last: Option<Committed>,
}

impl State {
    fn get(&self, key: &[u8], token: u64) -> Option<&Bytes> {
        self.rows.get(key)?.range(..=token).next_back()?.1.as_ref()
    }

    fn check(&self, expect: &[(Key, Expect)]) -> Result<(), CommitError> {
        for (key, expect) in expect {
            let holds = match (expect, self.get(key, u64::MAX)) {
                (Expect::Absent, None) => true,
                (Expect::Holds(wanted), Some(value)) => digest(value) == *wanted,
                _ => false,
            };
            if !holds {
                return Err(CommitError::Conflict(key.clone()));
            }
        }
        Ok(())
    }

    fn is_empty(&self, range: &Range<Key>) -> Result<(), CommitError> {
        let mut there = self.rows.range(range.clone()).filter(|(key, _)| self.get(key, u64::MAX).is_some());
        there.next().map_or(Ok(()), |(key, _)| Err(CommitError::Conflict(key.clone())))
    }

    fn apply(&mut self, batch: CommitBatch, done: Committed) {
        for mut put in batch.put {
            if put.stamped {
                limits::stamp(&mut put.value, done.at.0);
            }
            self.rows.entry(put.key).or_default().insert(done.token, Some(put.value.into()));
        }
        for key in batch.delete {
            self.rows.entry(key).or_default().insert(done.token, None);
        }
        for (partition, body) in batch.events {
            let events = self.events.entry(partition).or_default();
            events.push(Event { sequence: events.len() as u64 + 1, at: done.at, body: body.into() });
        }
        self.last = Some(done);
    }
}

impl MemoryStore {
    /// An empty store whose commit times come from `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, state: Arc::default(), committed: watch::channel(0).0 }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn snapshot(&self, at_least: Option<u64>) -> Result<Arc<dyn Snapshot>, StoreError> {
        if let Some(token) = at_least {
            let mut committed = self.committed.subscribe();
            let seen = tokio::time::timeout(TOKEN_WAIT, committed.wait_for(|newest| *newest >= token)).await;
            if !matches!(seen, Ok(Ok(_))) {
                return Err(StoreError::Unavailable { reason: format!("nothing was committed under token {token}") });
            }
        }
        let last = self.lock().last;
        Ok(Arc::new(MemorySnapshot { state: Arc::clone(&self.state), last }))
    }

    async fn commit(&self, batch: CommitBatch) -> Result<Committed, CommitError> {
        limits::check(&batch)?;
        let content = limits::content(&batch);
        let mut state = self.lock();
        if let Some((known, done)) = state.commits.get(&batch.id) {
            return if *known == content { Ok(*done) } else { Err(CommitError::IdReused(batch.id)) };
        }
        state.check(&batch.expect)?;
        let last = state.last.unwrap_or(Committed { at: Instant(0), token: 0 });
        let done = Committed { at: Instant(self.clock.now().0.max(last.at.0 + 1)), token: last.token + 1 };
        state.commits.insert(batch.id, (content, done));
        state.apply(batch, done);
        self.committed.send_replace(done.token);
        Ok(done)
    }

    async fn load(&self, load: Load) -> Result<Committed, CommitError> {
        let content = load.content();
        let put = read(&load.rows)?;
        put.iter().try_for_each(limits::check_row)?;
        let events = read(&load.events)?.into_iter().map(|row| Ok((event_partition(&row.key)?, row.value)));
        let events = events.collect::<Result<Vec<_>, CommitError>>()?;
        let mut state = self.lock();
        if let Some((known, done)) = state.commits.get(&load.id) {
            return if *known == content { Ok(*done) } else { Err(CommitError::IdReused(load.id)) };
        }
        state.check(&load.expect)?;
        load.empty.iter().try_for_each(|range| state.is_empty(range))?;
        let last = state.last.unwrap_or(Committed { at: Instant(0), token: 0 });
        let done = Committed { at: Instant(self.clock.now().0.max(last.at.0 + 1)), token: last.token + 1 };
        state.commits.insert(load.id, (content, done));
        state.apply(CommitBatch { id: load.id, expect: Vec::new(), put, delete: Vec::new(), events }, done);
        self.committed.send_replace(done.token);
        Ok(done)
    }

    async fn resolve(&self, id: CommitId) -> Result<Option<Committed>, StoreError> {
        Ok(self.lock().commits.get(&id).map(|(_, done)| *done))
    }

    async fn changes(&self, partition: Partition, after: u64, max: usize) -> Result<Vec<Event>, StoreError> {
        let state = self.lock();
        let events = state.events.get(&partition).map_or(&[][..], Vec::as_slice);
        Ok(events.iter().filter(|event| event.sequence > after).take(max).cloned().collect())
    }

    async fn positions(&self, dataset: u16) -> Result<Vec<(Partition, u64)>, StoreError> {
        let first = u32::from(dataset) << 16;
        let state = self.lock();
        Ok(state.events.range(first..=first | 0xFFFF).map(|(at, events)| (*at, events.len() as u64)).collect())
    }

    /// Versions behind the newest stay for the snapshots that show them: there is no disk.
    async fn scrub(&self, _ranges: Vec<Range<Key>>) -> Result<(), StoreError> {
        Ok(())
    }

    fn committed(&self) -> watch::Receiver<u64> {
        self.committed.subscribe()
    }
}

/// All rows of a load's files, in memory like everything here.
fn read(files: &[SortedFile]) -> Result<Vec<Put>, CommitError> {
    let open = files.iter().map(SortedRows::open).collect::<Result<Vec<_>, _>>().map_err(|e| unreadable(&e))?;
    Merged::new(open).collect::<Result<Vec<_>, _>>().map_err(|e| unreadable(&e))
}

/// The rows as of one token.
struct MemorySnapshot {
    state: Arc<Mutex<State>>,
    last: Option<Committed>,
}

#[async_trait]
impl Snapshot for MemorySnapshot {
    fn at(&self) -> Instant {
        self.last.map_or(Instant(0), |last| last.at)
    }

    fn token(&self) -> u64 {
        self.last.map_or(0, |last| last.token)
    }

    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>, StoreError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(keys.iter().map(|key| state.get(key, self.token()).cloned()).collect())
    }

    async fn scan(
        &self,
        range: Range<Key>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<(Key, Bytes)>, StoreError> {
        if range.start >= range.end {
            return Ok(Vec::new());
        }
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let row = |key: &Key| state.get(key, self.token()).map(|value| (key.clone(), value.clone()));
        let keys = state.rows.range(range).map(|(key, _)| key);
        Ok(match direction {
            Direction::Forward => keys.filter_map(row).take(limit).collect(),
            Direction::Backward => keys.rev().filter_map(row).take(limit).collect(),
        })
    }
}
