//! The feed of one dataset: from the change log into the generation, exactly once.
//!
//! A round takes one snapshot, the entries of the log up to it, the heads of the records they name, and replaces their
//! documents; a commit carries the offsets reached. Whatever fails, the next round goes on from the last commit. Where a
//! new generation is wanted, `build.rs` makes it as a task of its own while the one that serves is fed as before.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant as Moment};

use tantivy::collector::Count;
use tantivy::query::TermQuery;
use tantivy::schema::{IndexRecordOption, Term};
use xxhash_rust::xxh3::xxh3_128;

use super::build::build;
use super::document::Documents;
use super::generation::{Generation, Progress};
use super::statistics::Statistics;
use super::writer::{Change, Closings, Permit, Place, Turn, expunge, is_contended};
use super::{DatasetIndex, IndexError};
use crate::record::event::Touched;
use crate::record::read::{heads, history};
use crate::record::{Head, RecordKey};
use crate::store::{Snapshot, Store};
use crate::value::{Instant, codec};

/// Most records a round takes on.
const ROUND_RECORDS: usize = 8_000;
/// Most log entries read of a partition at once.
const ENTRIES_MAX: usize = 512;
/// Heads read at once.
pub(super) const HEADS: usize = 1_000;
/// Records waiting for a commit that make one due.
const COMMIT_RECORDS: usize = 200_000;
/// Records a second from which loading counts as bulk, where commits may wait longer.
const BULK_RECORDS: usize = 20_000;
/// Longest wait of a change for its commit in normal load, and under bulk.
const COMMIT_AFTER: Duration = Duration::from_millis(700);
const COMMIT_AFTER_BULK: Duration = Duration::from_secs(15);
/// How long until a feed asks again whether its turn has come, and when somebody waits for it.
const TURN_AFTER: Duration = Duration::from_millis(40);
const TURN_AFTER_FLUSH: Duration = Duration::from_millis(2);
/// How often a feed looks whether its build is done.
const BUILD_ASKED_AFTER: Duration = Duration::from_millis(50);
/// With nothing to do for so long, the writing place is given back.
const IDLE_AFTER: Duration = Duration::from_secs(2);

/// What a step came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// There is more to do at once.
    More,
    /// Something waits for its commit or its place to be given back: step again after this time.
    Later(Duration),
    /// Nothing to do until something is committed.
    Idle,
}

impl Step {
    fn no_later_than(self, after: Duration) -> Self {
        match self {
            Self::More => Self::More,
            Self::Later(pause) => Self::Later(pause.min(after)),
            Self::Idle => Self::Later(after),
        }
    }
}

/// A build going on; dropped, it ends.
struct Building(tokio::task::JoinHandle<Result<Arc<Generation>, IndexError>>);

impl Drop for Building {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// The feed's own state; lost on any error, found again in the commit payload.
pub(super) struct Feed {
    index: Arc<DatasetIndex>,
    store: Arc<dyn Store>,
    work: Option<Work>,
    /// The turn for a writing place, while one is waited for.
    turn: Option<Turn>,
    building: Option<Building>,
    /// Whether the generation that serves could not be fed since the build began: it may be the reason for the build.
    unfed: bool,
    last_work: Moment,
}

/// What is open while there is something to write.
struct Work {
    place: Place,
    progress: Progress,
    closed: Progress,
    /// Documents that `current` must hold after the next commit.
    expected: u64,
    /// Documents of every record written since the last commit.
    window: HashMap<u128, u32>,
    pending: usize,
    since: Moment,
}

impl Work {
    /// Whether what waits for a commit has waited long enough.
    fn is_due(&self) -> bool {
        let longest = if self.pending >= BULK_RECORDS { COMMIT_AFTER_BULK } else { COMMIT_AFTER };
        self.pending > 0 && self.since.elapsed() >= longest
    }
}

impl Feed {
    pub(super) fn new(index: Arc<DatasetIndex>, store: Arc<dyn Store>) -> Self {
        Self { index, store, work: None, turn: None, building: None, unfed: false, last_work: Moment::now() }
    }

    /// The index it feeds.
    pub(super) fn index(&self) -> &Arc<DatasetIndex> {
        &self.index
    }

    /// Does a bounded piece of work. `flush` = somebody waits: commit as soon as everything is taken in.
    ///
    /// # Errors
    /// Any; the caller waits a little and steps again.
    pub(super) async fn step(&mut self, flush: bool) -> Result<Step, IndexError> {
        let result = self.try_step(flush).await;
        if result.is_err() {
            (self.work, self.turn) = (None, None);
            // A build goes on, whatever becomes of the generation beside it.
            self.unfed = self.building.is_some();
        }
        result
    }

    /// Gives back place and turn without a commit, and ends a build.
    ///
    /// INVARIANT: a writer that failed is never used again; its uncommitted documents come again from the log.
    pub(super) fn abandon(&mut self) {
        (self.work, self.turn, self.building) = (None, None, None);
    }

    /// Ends for good, for another definition's sake: commits, gives the place back, and waits until a build going on has
    /// stopped and left nothing.
    ///
    /// # Errors
    /// [`IndexError`], if the last commit fails.
    pub(super) async fn end(&mut self) -> Result<(), IndexError> {
        self.close().await?;
        self.index.superseded.store(true, Ordering::SeqCst);
        if let Some(mut building) = self.building.take() {
            // Stopped or just done: what it came to is looked at on disk.
            let _ = (&mut building.0).await;
        }
        self.abandon();
        Ok(())
    }

    async fn try_step(&mut self, flush: bool) -> Result<Step, IndexError> {
        if self.index.wants_rebuild()
            && let Some(step) = self.build(flush).await?
        {
            return Ok(step);
        }
        if self.unfed && self.building.is_some() {
            return Ok(Step::Later(BUILD_ASKED_AFTER));
        }
        let wanted = self.index.expunge.0.load(Ordering::SeqCst);
        if wanted > self.index.expunge.1.load(Ordering::SeqCst) && self.building.is_none() {
            return self.expunge(wanted, flush).await;
        }
        let step = self.take_in(flush).await?;
        Ok(if self.building.is_some() { step.no_later_than(BUILD_ASKED_AFTER) } else { step })
    }

    /// Starts a build, or takes one over that is done; `None` while it goes on beside a generation that serves.
    async fn build(&mut self, flush: bool) -> Result<Option<Step>, IndexError> {
        let serves = self.index.generation().is_some();
        let Some(mut building) = self.building.take() else {
            self.close().await?;
            let Some(permit) = Turn::come(&mut self.turn)? else { return Ok(Some(later(flush))) };
            let build = build(Arc::clone(&self.index), Arc::clone(&self.store), permit);
            self.building = Some(Building(tokio::spawn(build)));
            return Ok(Some(later(flush)));
        };
        if !building.0.is_finished() {
            self.building = Some(building);
            return Ok((!serves).then_some(Step::Later(BUILD_ASKED_AFTER)));
        }
        let generation = (&mut building.0).await.map_err(|_| IndexError::Broken)??;
        self.unfed = false;
        // What the old one has not committed is in the log, and the new one reads it there.
        (self.work, self.turn) = (None, None);
        self.index.swap(Arc::clone(&generation));
        let root = self.index.root.clone();
        blocking(move || generation.remove_others(&root)).await?;
        Ok(Some(Step::More))
    }

    /// Takes deleted documents out of the files; what was erased is in the log before it is asked for.
    async fn expunge(&mut self, wanted: u64, flush: bool) -> Result<Step, IndexError> {
        self.close().await?;
        let Some(generation) = self.index.generation() else { return Ok(Step::Later(BUILD_ASKED_AFTER)) };
        let Some(permit) = Turn::come(&mut self.turn)? else { return Ok(later(flush)) };
        blocking(move || expunge(permit, &generation)).await?;
        self.index.expunge.1.fetch_max(wanted, Ordering::SeqCst);
        self.index.notify();
        Ok(Step::More)
    }

    async fn take_in(&mut self, flush: bool) -> Result<Step, IndexError> {
        let Some(generation) = self.index.generation() else { return Ok(Step::Idle) };
        let snapshot = self.store.snapshot(None).await?;
        let reached = self.work.as_ref().map_or_else(|| generation.view().progress.clone(), |w| w.progress.clone());
        let taken = self.collect(&reached, &snapshot).await?;
        if taken.keys.is_empty() && taken.reached.is_empty() {
            return self.rest(flush, &generation, snapshot.at()).await;
        }
        self.last_work = Moment::now();
        if self.work.is_none() {
            let Some(permit) = Turn::come(&mut self.turn)? else { return Ok(later(flush)) };
            self.work = Some(open(permit, &generation)?);
        }
        let complete = taken.complete;
        self.write(taken, &snapshot).await?;
        if let Some(work) = &mut self.work
            && complete
        {
            work.progress.known_at = snapshot.at().0;
        }
        if self.work.as_ref().is_some_and(|w| w.is_due() || w.pending >= COMMIT_RECORDS || (complete && flush)) {
            self.commit().await?;
            if is_contended() {
                self.close().await?;
            }
        }
        Ok(if complete { Step::Later(Duration::from_millis(if flush { 1 } else { 60 })) } else { Step::More })
    }

    /// With nothing new: commits what waits long enough, gives the place back when idle.
    async fn rest(&mut self, flush: bool, generation: &Generation, at: Instant) -> Result<Step, IndexError> {
        let Some(work) = &self.work else {
            self.turn = None;
            generation.advance(at);
            self.index.notify();
            return Ok(Step::Idle);
        };
        if work.pending > 0 {
            let idle = self.last_work.elapsed() >= Duration::from_millis(250);
            if flush || idle || work.is_due() {
                self.commit().await?;
            }
            return Ok(Step::Later(Duration::from_millis(100)));
        }
        generation.advance(at);
        self.index.notify();
        if is_contended() || self.last_work.elapsed() >= IDLE_AFTER {
            self.close().await?;
            return Ok(Step::Idle);
        }
        Ok(Step::Later(IDLE_AFTER))
    }

    /// Commits what waits and gives the place back.
    pub(super) async fn close(&mut self) -> Result<(), IndexError> {
        if self.work.as_ref().is_some_and(|w| w.pending > 0) {
            self.commit().await?;
        }
        if let Some(work) = self.work.take() {
            blocking(move || work.place.give_back()).await?;
        }
        Ok(())
    }

    /// The records named by log entries after `reached`, as far as the snapshot holds them.
    async fn collect(&self, reached: &Progress, snapshot: &Arc<dyn Snapshot>) -> Result<Taken, IndexError> {
        let mut taken = Taken { keys: Vec::new(), reached: Vec::new(), complete: true };
        let mut places: HashMap<Vec<u8>, usize> = HashMap::new();
        for (partition, last) in self.store.positions(self.index.number).await? {
            let [a, b, c, d] = partition.to_be_bytes();
            let short = u16::from_be_bytes([c, d]);
            let mut offset = reached.offset(short);
            if last <= offset {
                continue;
            }
            if taken.keys.len() >= ROUND_RECORDS {
                taken.complete = false;
                break;
            }
            let entries = self.store.changes(partition, offset, ENTRIES_MAX).await?;
            taken.complete &= entries.len() < ENTRIES_MAX;
            for entry in entries {
                if entry.at > snapshot.at() {
                    break;
                }
                if taken.keys.len() >= ROUND_RECORDS {
                    taken.complete = false;
                    break;
                }
                if entry.sequence != offset + 1 {
                    return Err(IndexError::Damaged {
                        reason: format!("the change log goes from {offset} to {} in partition {short}", entry.sequence),
                    });
                }
                offset = entry.sequence;
                if entry.at.0 <= reached.base_at {
                    continue;
                }
                let touched: Touched = codec::decode(&entry.body)
                    .map_err(|e| IndexError::Damaged { reason: format!("an entry of the change log: {e}") })?;
                for row in touched.rows {
                    let mut key = vec![a, b, c, d];
                    key.extend_from_slice(&row);
                    let place = *places.entry(key).or_insert_with_key(|key| {
                        taken.keys.push((RecordKey::from_bytes(key.clone()), Vec::new()));
                        taken.keys.len() - 1
                    });
                    if let Some((_, closings)) = taken.keys.get_mut(place) {
                        closings.push((entry.at, entry.sequence));
                    }
                }
            }
            if offset > reached.offset(short) {
                taken.reached.push((short, offset));
            }
        }
        Ok(taken)
    }

    async fn write(&mut self, taken: Taken, snapshot: &Arc<dyn Snapshot>) -> Result<(), IndexError> {
        for chunk in taken.keys.chunks(HEADS) {
            let keys: Vec<RecordKey> = chunk.iter().map(|(key, _)| key.clone()).collect();
            let found = heads(snapshot, &keys).await?;
            let Some(work) = &self.work else { return Err(IndexError::Broken) };
            let mut changes = Vec::with_capacity(chunk.len());
            for ((key, entries), head) in chunk.iter().zip(found) {
                let (_, partition) = partition_of(key);
                let held = work.closed.offset(partition);
                let closings: Vec<Instant> =
                    entries.iter().filter(|(_, sequence)| *sequence > held).map(|(at, _)| *at).collect();
                // Versions can only have been closed if more were made than are open.
                let superseded = head.as_ref().is_some_and(has_closed_versions) && !closings.is_empty();
                let history = if superseded { history(snapshot, key).await? } else { Vec::new() };
                changes.push(Change { key: key.clone(), head, history, closings: Closings::At(closings) });
            }
            let Some(work) = self.work.take() else { return Err(IndexError::Broken) };
            self.work = Some(blocking(move || apply(work, &changes)).await?);
        }
        if let Some(work) = &mut self.work {
            for (partition, offset) in taken.reached {
                work.progress.set_offset(partition, offset);
            }
            // Entries without records move the offsets too, and offsets are worth a commit.
            work.pending = work.pending.max(1);
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<(), IndexError> {
        let Some(mut work) = self.work.take() else { return Ok(()) };
        let mapping = Arc::clone(&work.place.generation().mapping);
        work.progress.mapping = mapping.hash;
        work.progress.generation = work.place.generation().number;
        let mut work = blocking(move || {
            work.place.commit(&work.progress)?;
            work.place.generation().publish()?;
            Ok(work)
        })
        .await?;
        let view = work.place.generation().view();
        let found = view.current.num_docs();
        if found != work.expected {
            let reason = format!("it holds {found} documents where {} were written", work.expected);
            self.index.stop(&reason);
            return Err(IndexError::Damaged { reason });
        }
        if view.statistics.is_stale(found) {
            let generation = Arc::clone(work.place.generation());
            blocking(move || count(&generation)).await?;
        }
        work.closed = work.progress.clone();
        work.window.clear();
        work.pending = 0;
        self.work = Some(work);
        self.index.notify();
        Ok(())
    }
}

/// When to ask again for a writing place.
fn later(flush: bool) -> Step {
    Step::Later(if flush { TURN_AFTER_FLUSH } else { TURN_AFTER })
}

fn open(permit: Permit, generation: &Arc<Generation>) -> Result<Work, IndexError> {
    let place = Place::open(permit, Arc::clone(generation))?;
    let view = generation.view();
    Ok(Work {
        place,
        progress: view.progress.clone(),
        closed: generation.closed.progress()?.unwrap_or_default(),
        expected: view.current.num_docs(),
        window: HashMap::new(),
        pending: 0,
        since: Moment::now(),
    })
}

/// What a round takes on.
struct Taken {
    /// Records with the instants and numbers of the entries that name them.
    keys: Vec<(RecordKey, Vec<(Instant, u64)>)>,
    /// Offsets reached, by partition.
    reached: Vec<(u16, u64)>,
    /// Whether nothing up to the snapshot was left out.
    complete: bool,
}

fn partition_of(key: &RecordKey) -> (u16, u16) {
    match key.as_bytes() {
        [a, b, c, d, ..] => (u16::from_be_bytes([*a, *b]), u16::from_be_bytes([*c, *d])),
        _ => (0, 0),
    }
}

pub(super) fn has_closed_versions(head: &Head) -> bool {
    head.next_version as usize > head.versions.len() + 1
}

/// Writes changed records; runs where blocking is allowed.
fn apply(mut work: Work, changes: &[Change]) -> Result<Work, IndexError> {
    if work.pending == 0 {
        work.since = Moment::now();
    }
    let generation = Arc::clone(work.place.generation());
    let mut documents = Documents::new(&generation.mapping);
    let view = generation.view();
    for change in changes {
        let name = xxh3_128(change.key.as_bytes());
        let held = match work.window.get(&name) {
            Some(held) => *held,
            // The first commit that touches a record finds nothing of it here.
            None if change.head.as_ref().is_some_and(|h| h.counter <= 1) => 0,
            None => {
                let term = Term::from_field_bytes(generation.mapping.system.record, change.key.as_bytes());
                let query = TermQuery::new(term, IndexRecordOption::Basic);
                let found = view.current.search(&query, &Count).map_err(IndexError::engine("counting a record"))?;
                u32::try_from(found).unwrap_or(u32::MAX)
            }
        };
        let now = work.place.replace(change, held > 0, &mut documents)?;
        work.expected = (work.expected + u64::from(now)).saturating_sub(u64::from(held));
        work.window.insert(name, now);
        work.progress.applied += 1;
        work.pending += 1;
    }
    Ok(work)
}

/// Counts the published statistics anew and publishes them.
pub(super) fn count(generation: &Generation) -> Result<(), IndexError> {
    let view = generation.view();
    let table = Statistics::count(&view.current, &generation.mapping, view.statistics.version + 1)?;
    table.write(&generation.dir)?;
    generation.publish_with(Arc::new(table))
}

/// Runs what blocks on the blocking pool.
pub(super) async fn blocking<T: Send + 'static>(
    run: impl FnOnce() -> Result<T, IndexError> + Send + 'static,
) -> Result<T, IndexError> {
    tokio::task::spawn_blocking(run).await.map_err(|_| IndexError::Broken)?
}
