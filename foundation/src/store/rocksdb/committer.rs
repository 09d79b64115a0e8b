//! Commits a group: checks each batch against the newest state (earlier batches of the group included), writes all that
//! pass as one synced record of the log, and only then answers. `committer/load.rs` takes the tables of a load in instead.

mod load;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use ::rocksdb::{ColumnFamily, ReadOptions, WriteBatch, WriteOptions};
use tokio::sync::watch;

use super::health::{Health, Verdict};
use super::keeper::{Engine, Ticket};
use super::settings::Options;
use super::{read_error, rows, view};
use crate::clock::Clock;
use crate::store::load::unread;
use crate::store::{CommitBatch, CommitError, CommitId, Committed, Expect, Key, Partition, StoreError, digest, limits};
use crate::value::Instant;

/// The last event of each partition, shared.
pub(super) type Told = Arc<Mutex<BTreeMap<Partition, u64>>>;

/// What the keeper knows of a store without reading.
pub(super) struct Head {
    /// The newest commit; zeroes before the first.
    pub(super) last: Committed,
    /// The token of the oldest commit id that is still remembered.
    pub(super) oldest: u64,
    /// The last event of each partition.
    pub(super) positions: BTreeMap<Partition, u64>,
    /// The same, for everybody to read; follows once the group's view is published.
    pub(super) told: Told,
    /// Tells the newest token.
    pub(super) committed: watch::Sender<u64>,
}

/// Writes groups; lives on the keeper's thread.
pub(super) struct Committer {
    heads: Vec<Head>,
    clock: Arc<dyn Clock>,
    write: WriteOptions,
    ids_min: u64,
    ids_age_min_us: i64,
    health: Health,
    #[cfg(any(test, feature = "testkit"))]
    fault: Option<Arc<dyn Fn() -> Result<(), String> + Send + Sync>>,
}

/// The answers of a group, to be given once its view is published.
#[derive(Default)]
pub(super) struct Answers {
    pub(super) written: bool,
    /// Partitions that have new events.
    moved: Vec<(usize, Partition)>,
    given: Vec<(Ticket, Result<Committed, CommitError>)>,
}

/// A batch that passed.
#[derive(Clone, Copy)]
struct Passed {
    done: Committed,
    /// Whether it was stored by an earlier group, so that this group's write cannot spoil it.
    stored: bool,
}

impl Answers {
    fn of(written: bool, answers: impl IntoIterator<Item = (Ticket, Result<Passed, CommitError>)>) -> Self {
        let answers = answers.into_iter().map(|(ticket, answer)| (ticket, answer.map(|passed| passed.done)));
        Self { written, moved: Vec::new(), given: answers.collect() }
    }
}

/// The group in the making.
#[derive(Default)]
struct Plan<'g> {
    write: WriteBatch,
    /// What earlier batches of the group leave under their keys.
    newer: HashMap<(usize, &'g [u8]), Option<&'g [u8]>>,
    ids: HashMap<(usize, CommitId), ([u8; 16], Committed)>,
    /// Positions to go back to if the write fails.
    undo: Vec<(usize, Partition, Option<u64>)>,
    /// Whether more than one batch is in the group.
    several: bool,
}

/// Commit ids forgotten a commit at the most; two, so that a backlog shrinks.
const FORGET_MAX: usize = 2;

impl Committer {
    pub(super) fn new(heads: Vec<Head>, options: &Options) -> Self {
        Self {
            heads,
            clock: Arc::clone(&options.clock),
            write: options.write(),
            // Never fewer than a group holds: what is forgotten must be stored already.
            ids_min: options.commit_ids_min.max(1_024),
            ids_age_min_us: i64::try_from(options.commit_ids_age_min.as_micros()).unwrap_or(i64::MAX),
            health: Health::Sound,
            #[cfg(any(test, feature = "testkit"))]
            fault: options.fault.clone(),
        }
    }

    pub(super) fn heads(&self) -> Vec<Committed> {
        self.heads.iter().map(|head| head.last).collect()
    }

    pub(super) fn told(&self) -> Vec<Told> {
        self.heads.iter().map(|head| Arc::clone(&head.told)).collect()
    }

    pub(super) fn listeners(&self) -> Vec<watch::Receiver<u64>> {
        self.heads.iter().map(|head| head.committed.subscribe()).collect()
    }

    /// Applies a group.
    pub(super) fn commit(&mut self, engine: &Engine, mut batches: Vec<CommitBatch>, tickets: Vec<Ticket>) -> Answers {
        if let Err(reason) = self.health.door(&engine.db, &self.write) {
            let refuse = |ticket| (ticket, Err(CommitError::Refused { reason: reason.clone() }));
            return Answers { given: tickets.into_iter().map(refuse).collect(), ..Answers::default() };
        }
        let before: Vec<_> = self.heads.iter().map(|head| (head.last, head.oldest)).collect();
        let size = tickets.iter().map(|ticket| ticket.room.num_permits() * 1_126).sum();
        let write = WriteBatch::with_capacity_bytes(size);
        let mut plan = Plan { write, several: batches.len() > 1, ..Plan::default() };
        let mut answers = Vec::with_capacity(tickets.len());
        for (batch, ticket) in batches.iter_mut().zip(tickets) {
            let answer = self.plan(engine, &mut plan, batch, &ticket);
            answers.push((ticket, answer));
        }
        if plan.write.is_empty() {
            return Answers::of(false, answers);
        }
        let Plan { write, undo, .. } = plan;
        match self.write(engine, write) {
            Ok(()) => {
                let moved = undo.iter().map(|(store, partition, _)| (*store, *partition)).collect();
                Answers { moved, ..Answers::of(true, answers) }
            }
            Err(verdict) => {
                self.undo(before, undo);
                let ids = batches.iter().map(|batch| batch.id);
                let spoilt = answers.into_iter().zip(ids).map(|((ticket, answer), id)| {
                    (ticket, answer.and_then(|passed| if passed.stored { Ok(passed) } else { Err(verdict.tell(id)) }))
                });
                Answers::of(false, spoilt)
            }
        }
    }

    /// Time and token of the next commit to a store.
    fn next(&self, head: &Head) -> Committed {
        Committed { at: Instant(self.clock.now().0.max(head.last.at.0 + 1)), token: head.last.token + 1 }
    }

    /// Tells the positions, wakes the listeners and answers; after the group's view is published, so that no position
    /// is ahead of it.
    pub(super) fn announce(&self, answers: Answers) {
        for (store, partition) in answers.moved {
            if let Some(head) = self.heads.get(store)
                && let Some(sequence) = head.positions.get(&partition)
            {
                head.told.lock().unwrap_or_else(PoisonError::into_inner).insert(partition, *sequence);
            }
        }
        if answers.written {
            for head in &self.heads {
                head.committed.send_if_modified(|token| {
                    let newer = *token != head.last.token;
                    *token = head.last.token;
                    newer
                });
            }
        }
        for (ticket, answer) in answers.given {
            ticket.answer(answer);
        }
    }

    /// What became of a commit id; the caller sees to it that nothing under that id is still queued.
    pub(super) fn resolve(
        &mut self,
        engine: &Engine,
        store: usize,
        id: CommitId,
    ) -> Result<Option<Committed>, StoreError> {
        if let Some((done, _)) = find(engine, engine.family(store)?, id)? {
            return Ok(Some(done));
        }
        if self.health.doubt().is_some() {
            let _ = self.health.door(&engine.db, &self.write);
        }
        match self.health.doubt() {
            Some(reason) => Err(StoreError::Unavailable { reason: reason.to_owned() }),
            None => Ok(None),
        }
    }

    /// Checks a batch and adds it to the group's write.
    fn plan<'g>(
        &mut self,
        engine: &Engine,
        plan: &mut Plan<'g>,
        batch: &'g mut CommitBatch,
        ticket: &Ticket,
    ) -> Result<Passed, CommitError> {
        let family = engine.family(ticket.store).map_err(unread)?;
        let known = match plan.ids.get(&(ticket.store, batch.id)) {
            Some((content, done)) => Some((Passed { done: *done, stored: false }, *content)),
            None => find(engine, family, batch.id)
                .map_err(unread)?
                .map(|(done, content)| (Passed { done, stored: true }, content)),
        };
        if let Some((passed, content)) = known {
            return if content == ticket.content { Ok(passed) } else { Err(CommitError::IdReused(batch.id)) };
        }
        if let Some(key) = broken(engine, family, plan, ticket.store, &batch.expect)? {
            return Err(CommitError::Conflict(key.clone()));
        }
        let head = self.heads.get(ticket.store).ok_or_else(|| unread(super::closed()))?;
        let done = self.next(head);
        let forget = self.forget(engine, family, ticket.store, done.at).map_err(unread)?;
        for put in batch.put.iter_mut().filter(|put| put.stamped) {
            limits::stamp(&mut put.value, done.at.0);
        }
        self.add(family, plan, batch, ticket, done);
        for (token, id) in forget {
            plan.write.delete_cf(family, rows::token_key(token));
            plan.write.delete_cf(family, rows::commit_key(id));
        }
        Ok(Passed { done, stored: false })
    }

    /// Adds a checked batch to the group's write.
    fn add<'g>(
        &mut self,
        family: &ColumnFamily,
        plan: &mut Plan<'g>,
        batch: &'g CommitBatch,
        ticket: &Ticket,
        done: Committed,
    ) {
        let store = ticket.store;
        for put in &batch.put {
            plan.write.put_cf(family, &put.key, &put.value);
        }
        for key in &batch.delete {
            plan.write.delete_cf(family, key);
        }
        if plan.several {
            plan.newer.extend(batch.put.iter().map(|put| ((store, &put.key[..]), Some(&put.value[..]))));
            plan.newer.extend(batch.delete.iter().map(|key| ((store, &key[..]), None)));
            plan.ids.insert((store, batch.id), (ticket.content, done));
        }
        if let Some(head) = self.heads.get_mut(store) {
            for (partition, body) in &batch.events {
                let sequence = head.positions.get(partition).copied().unwrap_or(0) + 1;
                plan.undo.push((store, *partition, head.positions.insert(*partition, sequence)));
                plan.write.put_cf(family, rows::event_key(*partition, sequence), rows::event_value(done.at, body));
            }
            head.last = done;
        }
        plan.write.put_cf(family, rows::commit_key(batch.id), rows::commit_value(done, ticket.content));
        plan.write.put_cf(family, rows::token_key(done.token), rows::token_value(done.at, batch.id));
    }

    /// The oldest commit ids that need not be remembered any more.
    fn forget(
        &mut self,
        engine: &Engine,
        family: &ColumnFamily,
        store: usize,
        now: Instant,
    ) -> Result<Vec<(u64, CommitId)>, StoreError> {
        let mut forget = Vec::new();
        let Some(head) = self.heads.get_mut(store) else { return Ok(forget) };
        while forget.len() < FORGET_MAX && (head.last.token + 1).saturating_sub(head.oldest) >= self.ids_min {
            let key = rows::token_key(head.oldest);
            let row = engine.db.get_pinned_cf(family, &key).map_err(|error| read_error(&error))?;
            if let Some(row) = row {
                let (done, id) = rows::read_token(&key, &row)?;
                if now.0 - done.at.0 < self.ids_age_min_us {
                    break;
                }
                forget.push((head.oldest, id));
            }
            head.oldest += 1;
        }
        Ok(forget)
    }

    fn write(&mut self, engine: &Engine, write: WriteBatch) -> Result<(), Verdict> {
        #[cfg(any(test, feature = "testkit"))]
        if let Some(fault) = &self.fault
            && let Err(message) = fault()
        {
            return Err(self.health.failed(&::rocksdb::ErrorKind::IOError, &message));
        }
        engine.db.write_opt(write, &self.write).map_err(|error| self.health.failed(&error.kind(), error.as_ref()))
    }

    /// Goes back to what was known before a group that failed.
    fn undo(&mut self, before: Vec<(Committed, u64)>, positions: Vec<(usize, Partition, Option<u64>)>) {
        for (head, (last, oldest)) in self.heads.iter_mut().zip(before) {
            head.last = last;
            head.oldest = oldest;
        }
        for (store, partition, sequence) in positions.into_iter().rev() {
            let Some(head) = self.heads.get_mut(store) else { continue };
            match sequence {
                Some(sequence) => head.positions.insert(partition, sequence),
                None => head.positions.remove(&partition),
            };
        }
    }
}

/// The first key that does not hold what is expected of it in the newest state.
fn broken<'e>(
    engine: &Engine,
    family: &ColumnFamily,
    plan: &Plan<'_>,
    store: usize,
    expected: &'e [(Key, Expect)],
) -> Result<Option<&'e Key>, CommitError> {
    let holds = |expect: &Expect, found: Option<[u8; 16]>| match (expect, found) {
        (Expect::Absent, None) => true,
        (Expect::Holds(wanted), Some(found)) => found == *wanted,
        _ => false,
    };
    let newer = |key: &'e Key| if plan.several { plan.newer.get(&(store, &key[..])).copied() } else { None };
    let stored: Vec<&Key> = expected.iter().map(|(key, _)| key).filter(|key| newer(key).is_none()).collect();
    let found = view::get_many(engine, family, &stored, &ReadOptions::default(), |value| digest(&value));
    let mut found = found.map_err(unread)?.into_iter();
    for (key, expect) in expected {
        let found = newer(key).map_or_else(|| found.next().flatten(), |value| value.map(digest));
        if !holds(expect, found) {
            return Ok(Some(key));
        }
    }
    Ok(None)
}

fn find(engine: &Engine, family: &ColumnFamily, id: CommitId) -> Result<Option<(Committed, [u8; 16])>, StoreError> {
    let row = engine.db.get_pinned_cf(family, rows::commit_key(id)).map_err(|error| read_error(&error))?;
    row.map(|row| rows::read_commit(&row)).transpose()
}
