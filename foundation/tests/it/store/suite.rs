//! The clauses and the random steps, on each backend.

use foundation::store_suite;
use foundation::testkit::store::{run_steps, steps};
use proptest::test_runner::{Config, TestRunner};

use super::bench::{Memory, Rocks};

store_suite!(memory, Memory::new());
store_suite!(rocksdb, Rocks::new());

/// Runs `cases` sequences; a failure prints the shortest one that fails.
fn random(cases: u32, run: impl Fn(&tokio::runtime::Runtime, Vec<foundation::testkit::store::Step>)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut runner =
        TestRunner::new(Config { cases, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() });
    let outcome = runner.run(&steps(600), |steps| {
        run(&runtime, steps);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn random_steps_on_memory_agree_with_plain_maps() {
    random(64, |runtime, steps| runtime.block_on(run_steps(&mut Memory::new(), &steps)));
}

#[test]
fn random_steps_on_rocksdb_agree_with_plain_maps_across_reopening() {
    random(64, |runtime, steps| runtime.block_on(run_steps(&mut Rocks::synced(false), &steps)));
}
