//! Random steps on a store, each answer compared with plain maps.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;

use super::{Bench, batch, everything};
use crate::clock::Clock;
use crate::store::{Bytes, CommitBatch, CommitError, Committed, Direction, Expect, Key, Put, Snapshot, digest};
use crate::value::Instant;

const DATASET: u16 = 0x0202;

/// What an expectation says of the key's present state.
#[derive(Debug, Clone, Copy)]
pub enum Claim {
    /// What is so.
    True,
    /// That it is absent, whether it is or not.
    Absent,
    /// That it holds something it never held.
    False,
}

/// One step.
#[derive(Debug, Clone)]
pub enum Step {
    /// A commit of `rows` (key, value or removal) and one event in each of `partitions`.
    Commit {
        /// Key and value; `None` removes.
        rows: Vec<(u8, Option<Vec<u8>>)>,
        /// Key and what is claimed of it.
        expect: Vec<(u8, Claim)>,
        /// Partitions, repeated ones dropped.
        partitions: Vec<u8>,
    },
    /// The n-th last commit again, with the same or other content.
    Again(usize, bool),
    /// What became of the n-th last id used, refused ones included.
    Resolve(usize),
    /// A snapshot is taken and kept.
    Snapshot,
    /// A scan of the n-th last kept snapshot.
    Scan(usize, u8, u8, bool, usize),
    /// Events of a partition after a sequence.
    Changes(u8, u64, usize),
    /// The clock is set.
    Clock(i64),
    /// Close and open.
    Reopen,
}

/// Sequences of up to `most` steps.
pub fn steps(most: usize) -> impl Strategy<Value = Vec<Step>> {
    let key = 1_u8..24;
    let claim = prop_oneof![8 => Just(Claim::True), 1 => Just(Claim::Absent), 1 => Just(Claim::False)];
    let value = proptest::collection::vec(any::<u8>(), 0..40);
    let commit = (
        proptest::collection::vec((key.clone(), proptest::option::weighted(0.8, value)), 0..6),
        proptest::collection::vec((key.clone(), claim), 0..3),
        proptest::collection::vec(0_u8..4, 0..3),
    );
    let step = prop_oneof![
        24 => commit.prop_map(|(rows, expect, partitions)| Step::Commit { rows, expect, partitions }),
        2 => (0_usize..5, any::<bool>()).prop_map(|(back, same)| Step::Again(back, same)),
        2 => (0_usize..8).prop_map(Step::Resolve),
        2 => Just(Step::Snapshot),
        10 => (0_usize..6, key.clone(), key, any::<bool>(), 0_usize..12)
            .prop_map(|(back, from, to, forward, limit)| Step::Scan(back, from, to, forward, limit)),
        3 => (0_u8..4, 0_u64..20, 0_usize..10).prop_map(|(partition, after, max)| Step::Changes(partition, after, max)),
        2 => (0_i64..2_000).prop_map(Step::Clock),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 1..most)
}

type Rows = BTreeMap<Key, Vec<u8>>;

#[derive(Default)]
struct Model {
    rows: Rows,
    events: BTreeMap<u32, Vec<(Instant, Vec<u8>)>>,
    /// Every batch tried, and what it gave.
    tried: Vec<(CommitBatch, Option<Committed>)>,
    last: Option<Committed>,
    snapshots: Vec<(Arc<dyn Snapshot>, Rows)>,
}

/// Runs `steps` on a fresh store.
///
/// # Panics
/// Where the store and the maps differ.
pub async fn run_steps(bench: &mut dyn Bench, steps: &[Step]) {
    let mut model = Model::default();
    for step in steps {
        model.step(bench, step).await;
    }
    let newest = bench.store().snapshot(None).await.unwrap();
    model.snapshots.push((newest, model.rows.clone()));
    for (snapshot, rows) in &model.snapshots {
        assert_eq!(everything(&**snapshot).await.unwrap(), as_rows(rows.iter()));
    }
}

fn as_rows<'a>(rows: impl Iterator<Item = (&'a Key, &'a Vec<u8>)>) -> Vec<(Key, Bytes)> {
    rows.map(|(key, value)| (key.clone(), value.clone().into())).collect()
}

fn key_of(key: u8) -> Key {
    vec![key; usize::from(key % 3) + 1]
}

fn partition_of(partition: u8) -> u32 {
    (u32::from(DATASET) << 16) | (u32::from(partition) * 0x5555)
}

impl Model {
    async fn step(&mut self, bench: &mut dyn Bench, step: &Step) {
        let store = bench.store();
        match step {
            Step::Commit { rows, expect, partitions } => {
                let batch = self.batch(rows, expect, partitions);
                let wanted = batch.expect.iter().find(|(key, expect)| !self.holds(key, expect));
                let got = store.commit(batch.clone()).await;
                let done = match (wanted, got) {
                    (None, Ok(done)) => Some(self.apply(&*bench.clock(), &batch, done)),
                    (Some((key, _)), Err(CommitError::Conflict(named))) => {
                        assert_eq!(*key, named);
                        None
                    }
                    (wanted, got) => panic!("expected a conflict: {wanted:?}, got {got:?}"),
                };
                self.tried.push((batch, done));
            }
            Step::Again(back, same) => {
                let Some((mut batch, done)) =
                    self.tried.iter().rev().filter(|(_, done)| done.is_some()).nth(*back).cloned()
                else {
                    return;
                };
                if !*same {
                    batch.events.push((partition_of(9), b"other".to_vec()));
                }
                match store.commit(batch).await {
                    Ok(again) if *same => assert_eq!(Some(again), done),
                    Err(CommitError::IdReused(_)) if !*same => {}
                    other => panic!("{other:?}"),
                }
            }
            Step::Resolve(back) => {
                if let Some((batch, done)) = self.tried.iter().rev().nth(*back) {
                    assert_eq!(store.resolve(batch.id).await.unwrap(), *done);
                }
            }
            Step::Snapshot => {
                let snapshot = store.snapshot(None).await.unwrap();
                assert_eq!(snapshot.token(), self.last.map_or(0, |last| last.token));
                assert_eq!(snapshot.at(), self.last.map_or(Instant(0), |last| last.at));
                self.snapshots.push((snapshot, self.rows.clone()));
            }
            Step::Scan(back, from, to, forward, limit) => {
                self.scan(*back, key_of(*from)..key_of(*to), *forward, *limit).await;
            }
            Step::Changes(partition, after, max) => {
                let events = store.changes(partition_of(*partition), *after, *max).await.unwrap();
                let got = events.into_iter().map(|event| (event.sequence, event.at, event.body.to_vec()));
                let all = self.events.get(&partition_of(*partition)).into_iter().flatten();
                let wanted = (1..).zip(all).map(|(sequence, (at, body))| (sequence, *at, body.clone()));
                let wanted = wanted.filter(|(sequence, ..)| sequence > after).take(*max);
                assert_eq!(got.collect::<Vec<_>>(), wanted.collect::<Vec<_>>());
                let positions = self.events.iter().map(|(partition, events)| (*partition, events.len() as u64));
                assert_eq!(store.positions(DATASET).await.unwrap(), positions.collect::<Vec<_>>());
            }
            Step::Clock(now) => bench.clock().set(Instant(*now)),
            Step::Reopen => {
                drop(store);
                // Snapshots end with the store they were taken from.
                let kept = std::mem::take(&mut self.snapshots);
                if !bench.reopen().await {
                    self.snapshots = kept;
                }
            }
        }
    }

    fn batch(&self, rows: &[(u8, Option<Vec<u8>>)], expect: &[(u8, Claim)], partitions: &[u8]) -> CommitBatch {
        let mut batch = batch(self.tried.len() as u64 + 1);
        for (key, value) in rows {
            match value {
                Some(value) => {
                    let stamped = value.len() > 30;
                    batch.put.push(Put { key: key_of(*key), value: value.clone(), stamped });
                }
                None => batch.delete.push(key_of(*key)),
            }
        }
        for (key, claim) in expect {
            let key = key_of(*key);
            let expect = match (claim, self.rows.get(&key)) {
                (Claim::True, Some(value)) => Expect::Holds(digest(value)),
                (Claim::True, None) | (Claim::Absent, _) => Expect::Absent,
                (Claim::False, _) => Expect::Holds(digest(b"what nobody ever wrote, for it is too long")),
            };
            batch.expect.push((key, expect));
        }
        let mut partitions = partitions.to_vec();
        partitions.sort_unstable();
        partitions.dedup();
        batch.events = partitions.into_iter().map(|one| (partition_of(one), batch.id.0.to_vec())).collect();
        batch
    }

    fn holds(&self, key: &Key, expect: &Expect) -> bool {
        match (expect, self.rows.get(key)) {
            (Expect::Absent, value) => value.is_none(),
            (Expect::Holds(wanted), value) => value.is_some_and(|value| digest(value) == *wanted),
        }
    }

    /// What must be so after a commit that was accepted: puts in their order, then removals.
    fn apply(&mut self, clock: &dyn Clock, batch: &CommitBatch, done: Committed) -> Committed {
        let last = self.last.unwrap_or(Committed { at: Instant(0), token: 0 });
        assert_eq!(done.at, Instant(clock.now().0.max(last.at.0 + 1)));
        assert!(done.token > last.token);
        for put in &batch.put {
            let mut value = put.value.clone();
            if put.stamped {
                value[2..10].copy_from_slice(&done.at.0.to_be_bytes());
            }
            self.rows.insert(put.key.clone(), value);
        }
        for key in &batch.delete {
            self.rows.remove(key);
        }
        for (partition, body) in &batch.events {
            self.events.entry(*partition).or_default().push((done.at, body.clone()));
        }
        self.last = Some(done);
        done
    }

    async fn scan(&self, back: usize, range: std::ops::Range<Key>, forward: bool, limit: usize) {
        let Some((snapshot, rows)) = self.snapshots.iter().rev().nth(back) else { return };
        let direction = if forward { Direction::Forward } else { Direction::Backward };
        let got = snapshot.scan(range.clone(), direction, limit).await.unwrap();
        let inside = |(key, _): &(&Key, &Vec<u8>)| range.contains(*key);
        let wanted = if forward {
            as_rows(rows.iter().filter(inside).take(limit))
        } else {
            as_rows(rows.iter().rev().filter(inside).take(limit))
        };
        assert_eq!(got, wanted);
        let keys: Vec<Key> = (0..30).map(key_of).collect();
        let values = snapshot.get_many(&keys).await.unwrap();
        let wanted: Vec<_> = keys.iter().map(|key| rows.get(key).cloned().map(Bytes::from)).collect();
        assert_eq!(values, wanted);
    }
}
