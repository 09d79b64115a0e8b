//! The suite every store must pass: one function a clause of the contract, named after it.
//!
//! `foundation::store_suite!(name, bench)` makes a test of each clause on a backend, which it meets through a [`Bench`].
//! A backend that cannot show a clause says so: the function returns [`Shown::No`] with the reason, which the test prints.

use std::sync::Arc;

use async_trait::async_trait;

use crate::clock::FixedClock;
use crate::store::{Bytes, CommitBatch, CommitId, Direction, Expect, Key, Partition, Put, Snapshot, Store, StoreError};

mod clauses;
mod loads;
mod model;

pub use clauses::*;
pub use loads::*;
pub use model::{Step, run_steps, steps};

/// A backend under test.
#[async_trait]
pub trait Bench: Send {
    /// The store, open.
    fn store(&self) -> Arc<dyn Store>;
    /// The clock behind its commit times.
    fn clock(&self) -> Arc<FixedClock>;
    /// Closes and opens it again; false if nothing of it outlives the process.
    async fn reopen(&mut self) -> bool;
    /// What a second opening of the same data says; `None` if the data cannot be opened twice.
    async fn open_again(&self) -> Option<Result<(), StoreError>>;
    /// Makes writes fail with the engine's `message` until `None` is given; false if writes cannot fail.
    fn fail_writes(&self, message: Option<&'static str>) -> bool;
    /// How often the engine was asked to write so far.
    fn writes(&self) -> u64;
    /// Makes the snapshots taken before expire; false if they never do.
    async fn expire_snapshots(&self) -> bool;
}

/// Whether a backend could show a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// It holds.
    Yes,
    /// It means nothing on this backend.
    No(&'static str),
}

/// Makes a module `$name` with a test for each clause; `$bench` makes a fresh [`Bench`].
#[macro_export]
macro_rules! store_suite {
    ($name:ident, $bench:expr) => {
        $crate::store_suite!(@tests $name, $bench,
            s01_a_batch_is_all_or_nothing_events_included,
            s02_what_was_acknowledged_is_there_after_reopening,
            s03_of_two_commits_that_expect_the_same_exactly_one_wins,
            s04_isolation_is_by_snapshot_and_declared_expectations,
            s05_snapshots_never_move_and_may_expire,
            s06_an_id_applies_once_and_resolve_is_final,
            s07_event_sequences_are_dense_and_in_commit_order,
            s08_order_is_unsigned_and_bytewise,
            s09_limits_hold,
            s10_a_token_reads_your_writes,
            s11_a_full_disk_is_a_clean_refusal_that_heals,
            s11_a_failed_sync_stops_writing_until_reopened,
            s12_a_second_opener_is_fenced,
            s13_the_store_itself_never_retries,
            s14_a_scan_and_the_changes_after_it_are_the_latest_state,
            commit_times_rise_whatever_the_clock_does,
            a_load_is_one_commit_events_included,
            a_load_whose_conditions_do_not_hold_changes_nothing,
            a_load_of_unsound_files_changes_nothing,
            commits_beside_a_load_come_before_it_or_after_it,
            a_load_outlives_the_process_and_heals_with_the_disk,
        );
    };
    (@tests $name:ident, $bench:expr, $($clause:ident),* $(,)?) => {
        mod $name {
            use super::*;
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $clause() {
                    let mut bench = $bench;
                    if let $crate::testkit::store::Shown::No(reason) =
                        $crate::testkit::store::$clause(&mut bench).await
                    {
                        println!("{} is not shown on {}: {reason}", stringify!($clause), stringify!($name));
                    }
                }
            )*
        }
    };
}

/// A commit id made of a number.
#[must_use]
pub fn id(number: u64) -> CommitId {
    CommitId((u128::from(number) << 64 | 0xC0_FFEE).to_be_bytes())
}

/// An empty batch called `number`.
#[must_use]
pub fn batch(number: u64) -> CommitBatch {
    CommitBatch { id: id(number), expect: Vec::new(), put: Vec::new(), delete: Vec::new(), events: Vec::new() }
}

/// Short forms for building batches.
pub trait Build: Sized {
    /// Adds a row.
    #[must_use]
    fn put(self, key: &str, value: &str) -> Self;
    /// Adds a removal.
    #[must_use]
    fn delete(self, key: &str) -> Self;
    /// Adds an expectation: `None` is absent.
    #[must_use]
    fn expect(self, key: &str, value: Option<&str>) -> Self;
    /// Adds an event.
    #[must_use]
    fn event(self, partition: Partition, body: &str) -> Self;
}

impl Build for CommitBatch {
    fn put(mut self, key: &str, value: &str) -> Self {
        self.put.push(Put { key: key.into(), value: value.into(), stamped: false });
        self
    }

    fn delete(mut self, key: &str) -> Self {
        self.delete.push(key.into());
        self
    }

    fn expect(mut self, key: &str, value: Option<&str>) -> Self {
        let expect = value.map_or(Expect::Absent, |value| Expect::Holds(crate::store::digest(value.as_bytes())));
        self.expect.push((key.into(), expect));
        self
    }

    fn event(mut self, partition: Partition, body: &str) -> Self {
        self.events.push((partition, body.into()));
        self
    }
}

/// The newest value under `key`.
///
/// # Errors
/// As [`Snapshot::get_many`].
pub async fn get(store: &dyn Store, key: &str) -> Result<Option<Bytes>, StoreError> {
    let snapshot = store.snapshot(None).await?;
    Ok(snapshot.get_many(&[key.into()]).await?.pop().flatten())
}

/// Every row of a snapshot, ascending.
///
/// # Errors
/// As [`Snapshot::scan`].
pub async fn everything(snapshot: &dyn Snapshot) -> Result<Vec<(Key, Bytes)>, StoreError> {
    snapshot.scan(vec![1]..vec![0xFF; 1025], Direction::Forward, usize::MAX).await
}
