use std::sync::Arc;

use arc_swap::ArcSwap;

use super::*;
use crate::clock::FixedClock;
use crate::store::memory::MemoryStore;
use crate::store::{Expect, Put, digest};

/// Rows under `s` are sealed, two bytes a group.
struct Groupings;

impl Groups for Groupings {
    fn group(&self, key: &[u8]) -> Option<usize> {
        (key.first() == Some(&b's')).then_some(2)
    }
    fn seals(&self, key: &[u8]) -> bool {
        key.first() == Some(&b's')
    }
}

struct World {
    beneath: Arc<dyn Store>,
    kept: Arc<dyn Store>,
    ring: SharedRing,
    keys: Arc<Keys>,
    store: Sealed,
}

fn world(suite: Suite) -> World {
    let clock = Arc::new(FixedClock::at(Instant(1_000_000)));
    let beneath: Arc<dyn Store> = Arc::new(MemoryStore::new(clock.clone()));
    let kept: Arc<dyn Store> = Arc::new(MemoryStore::new(clock));
    let ring: SharedRing = Arc::new(ArcSwap::from_pointee(Ring::fresh(suite).unwrap()));
    let keys = Arc::new(Keys::new(Arc::clone(&kept), Arc::clone(&ring), suite));
    let store = Sealed::new(Arc::clone(&beneath), Arc::clone(&keys), Arc::new(Groupings));
    World { beneath, kept, ring, keys, store }
}

fn batch(number: u8, put: &[(&str, &str)], expect: Vec<(Key, Expect)>) -> CommitBatch {
    let put = put.iter().map(|(key, value)| Put {
        key: key.as_bytes().to_vec(),
        value: value.as_bytes().to_vec(),
        stamped: false,
    });
    CommitBatch { id: CommitId([number; 16]), expect, put: put.collect(), delete: Vec::new(), events: Vec::new() }
}

async fn read(store: &dyn Store, key: &str) -> Result<Option<String>, StoreError> {
    let snapshot = store.snapshot(None).await?;
    let keys = [key.as_bytes().to_vec()];
    let opened = snapshot.open(&keys, snapshot.get_many(&keys).await?).await?;
    Ok(opened.into_iter().next().flatten().map(|bytes| String::from_utf8(bytes.to_vec()).unwrap()))
}

async fn stored(store: &dyn Store, key: &str) -> Option<Bytes> {
    store.snapshot(None).await.unwrap().get_many(&[key.as_bytes().to_vec()]).await.unwrap().pop().flatten()
}

#[tokio::test]
async fn what_lies_beneath_says_nothing_and_what_is_open_stays_open() {
    for suite in [Suite::Aes256Gcm, Suite::Sm4Gcm] {
        let w = world(suite);
        w.store
            .commit(batch(1, &[("s1-name", "杜子美 and a long enough text"), ("plain", "for all")], vec![]))
            .await
            .unwrap();
        let below = stored(w.beneath.as_ref(), "s1-name").await.unwrap();
        assert!(
            !below.windows(4).any(|part| "杜子美 and a long enough text".as_bytes().windows(4).any(|of| of == part))
        );
        assert_eq!(stored(w.beneath.as_ref(), "plain").await.unwrap(), "for all");
        assert_eq!(read(&w.store, "s1-name").await.unwrap().unwrap(), "杜子美 and a long enough text");
        assert_eq!(read(&w.store, "plain").await.unwrap().unwrap(), "for all");
    }
}

#[tokio::test]
async fn a_commit_that_is_sent_again_is_the_same_commit_and_expectations_hold_for_sealed_rows() {
    let w = world(Suite::Aes256Gcm);
    let first = batch(1, &[("s1", "one")], vec![(b"s1".to_vec(), Expect::Absent)]);
    let done = w.store.commit(first.clone()).await.unwrap();
    assert_eq!(w.store.commit(first).await.unwrap(), done);
    let held = stored(&w.store, "s1").await.unwrap();
    let on = |number, held: &[u8], value| {
        batch(number, &[("s1", value)], vec![(b"s1".to_vec(), Expect::Holds(digest(held)))])
    };
    w.store.commit(on(2, &held, "two")).await.unwrap();
    assert!(matches!(w.store.commit(on(3, &held, "three")).await, Err(CommitError::Conflict(key)) if key == b"s1"));
    assert_eq!(read(&w.store, "s1").await.unwrap().unwrap(), "two");
}

#[tokio::test]
async fn a_dropped_key_takes_its_rows_with_it_from_every_copy_and_is_never_made_again() {
    let w = world(Suite::Aes256Gcm);
    w.store.commit(batch(1, &[("s1a", "gone"), ("s1b", "gone too"), ("s2a", "stays")], vec![])).await.unwrap();
    let copy = w.store.snapshot(None).await.unwrap();
    w.keys.drop_keys(&[b"s1".to_vec()]).await.unwrap();
    assert_eq!(read(&w.store, "s1a").await.unwrap(), None);
    assert_eq!(read(&w.store, "s2a").await.unwrap().unwrap(), "stays");
    let keys = [b"s1a".to_vec(), b"s2a".to_vec(), b"s1b".to_vec()];
    let opened = copy.open(&keys, copy.get_many(&keys).await.unwrap()).await.unwrap();
    assert_eq!(opened, [None, Some("stays".into()), None], "a snapshot of before");
    assert!(matches!(w.store.commit(batch(2, &[("s1c", "again")], vec![])).await, Err(CommitError::Conflict(_))));
    // Keys that are older than the rows are damage, not an erasure.
    let other = world(Suite::Aes256Gcm);
    let store = Sealed::new(Arc::clone(&w.beneath), other.keys, Arc::new(Groupings));
    assert!(matches!(read(&store, "s2a").await, Err(StoreError::Corrupt { what }) if what.contains("no key")));
}

#[tokio::test]
async fn a_row_put_in_another_place_or_under_another_ring_does_not_open() {
    let w = world(Suite::Aes256Gcm);
    w.store.commit(batch(1, &[("s1a", "one"), ("s1b", "two")], vec![])).await.unwrap();
    let moved = stored(w.beneath.as_ref(), "s1a").await.unwrap();
    let put = vec![Put { key: b"s1b".to_vec(), value: moved.to_vec(), stamped: false }];
    w.beneath.commit(CommitBatch { put, ..batch(2, &[], vec![]) }).await.unwrap();
    assert!(matches!(read(&w.store, "s1b").await, Err(StoreError::Corrupt { .. })));
    w.ring.store(Arc::new(Ring::fresh(Suite::Aes256Gcm).unwrap()));
    assert!(matches!(read(&w.store, "s1a").await, Err(StoreError::Corrupt { .. })));
}

#[tokio::test]
async fn keys_are_wrapped_anew_while_they_are_used_and_the_old_master_key_reads_nothing_then() {
    let w = world(Suite::Aes256Gcm);
    let rows: Vec<(String, String)> =
        (0..200_u8).map(|n| (format!("s{}", char::from(n)), format!("row {n}"))).collect();
    let put: Vec<(&str, &str)> = rows.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
    w.store.commit(batch(1, &put, vec![])).await.unwrap();
    let mut ring = w.ring.load().as_ref().clone();
    let second = ring.add(Suite::Sm4Gcm).unwrap();
    w.ring.store(Arc::new(ring.clone().using(second).unwrap()));
    let mut after = None;
    let mut done = 0;
    loop {
        let (some, next) = w.keys.rewrap(after.as_ref(), 7).await.unwrap();
        done += some;
        assert!(read(&w.store, &rows[3].0).await.unwrap().is_some());
        match next {
            Some(next) => after = Some(next),
            None => break,
        }
    }
    let groups = w.keys.by_generation().await.unwrap();
    assert_eq!(groups.into_iter().collect::<Vec<_>>(), [(2, done)]);
    w.ring.store(Arc::new(ring.using(second).unwrap().without(1).unwrap()));
    for (key, value) in &rows {
        assert_eq!(read(&w.store, key).await.unwrap().as_ref(), Some(value));
    }
    assert!(w.kept.snapshot(None).await.unwrap().token() > 1);
}

#[tokio::test]
async fn a_value_of_the_longest_length_has_room_for_its_seal() {
    let w = world(Suite::Aes256Gcm);
    let long = "x".repeat(crate::store::VALUE_MAX);
    w.store.commit(batch(1, &[("s1", &long)], vec![])).await.unwrap();
    assert_eq!(read(&w.store, "s1").await.unwrap().unwrap(), long);
    let longer = format!("{long}x");
    assert!(matches!(w.store.commit(batch(2, &[("s1", &longer)], vec![])).await, Err(CommitError::TooLarge { .. })));
}
