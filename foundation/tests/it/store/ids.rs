//! How long commit ids are remembered.

use std::sync::Arc;
use std::time::Duration;

use foundation::clock::FixedClock;
use foundation::store::{Options, Stores};
use foundation::testkit::store::{Build, batch, id};
use foundation::value::Instant;

use super::bench::NAME;

const HOUR_US: i64 = 3_600_000_000;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commit_ids_are_forgotten_once_they_are_both_many_and_old() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(FixedClock::at(Instant(HOUR_US)));
    let options = Options {
        clock: clock.clone(),
        sync: false,
        commit_ids_min: 1_024,
        commit_ids_age_min: Duration::from_hours(1),
        ..Options::default()
    };
    let open = || Stores::open(dir.path(), &[NAME], options.clone()).unwrap();
    let stores = open();
    let store = stores.store(NAME).unwrap();
    for number in 1..=2_000 {
        store.commit(batch(number).put("k", &number.to_string())).await.unwrap();
    }
    assert!(store.resolve(id(1)).await.unwrap().is_some(), "many, but not old");
    clock.set(Instant(3 * HOUR_US));
    for number in 2_001..=2_600 {
        store.commit(batch(number).put("k", &number.to_string())).await.unwrap();
    }
    drop((store, stores));
    let stores = open();
    let store = stores.store(NAME).unwrap();
    // 600 commits forget two each: the 1,200 oldest.
    for (number, known) in [(1, false), (1_200, false), (1_201, true), (2_600, true)] {
        assert_eq!(store.resolve(id(number)).await.unwrap().is_some(), known, "{number}");
    }
    let last = store.commit(batch(3_000).put("k", "last")).await.unwrap();
    assert_eq!(last.token, 2_601);
}
