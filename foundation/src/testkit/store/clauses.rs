//! The clauses, one function each.

use std::sync::Arc;
use std::time::Duration;

use super::{Bench, Build, Shown, batch, everything, get, id};
use crate::store::{
    BATCH_BYTES_MAX, BATCH_KEYS_MAX, CommitError, Committed, Direction, KEY_MAX, Put, StoreError, VALUE_MAX,
};
use crate::value::Instant;

const DATASET: u16 = 0x0101;
const PARTITION: u32 = 0x0101_0007;

/// S1: nothing of a refused batch is there; everything of an accepted one is.
pub async fn s01_a_batch_is_all_or_nothing_events_included(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    store.commit(batch(1).put("a", "1").put("b", "1")).await.unwrap();
    let refused = batch(2).put("a", "2").put("c", "2").delete("b").event(PARTITION, "no").expect("a", Some("0"));
    assert!(matches!(store.commit(refused).await, Err(CommitError::Conflict(key)) if key == b"a"));
    let before = everything(&*store.snapshot(None).await.unwrap()).await.unwrap();
    assert_eq!(before, [(b"a".to_vec(), "1".into()), (b"b".to_vec(), "1".into())]);
    assert!(store.changes(PARTITION, 0, 10).await.unwrap().is_empty());
    assert!(store.positions(DATASET).await.unwrap().is_empty());

    let good = batch(3).put("a", "3").put("c", "3").delete("b").event(PARTITION, "yes").expect("a", Some("1"));
    store.commit(good).await.unwrap();
    let after = everything(&*store.snapshot(None).await.unwrap()).await.unwrap();
    assert_eq!(after, [(b"a".to_vec(), "3".into()), (b"c".to_vec(), "3".into())]);
    assert_eq!(store.changes(PARTITION, 0, 10).await.unwrap().len(), 1);
    Shown::Yes
}

/// S2, the part one process can show; the kill and torn-tail tests show the rest.
pub async fn s02_what_was_acknowledged_is_there_after_reopening(bench: &mut dyn Bench) -> Shown {
    let mut done = Vec::new();
    for number in 1..=20 {
        let key = format!("k{number:02}");
        done.push(bench.store().commit(batch(number).put(&key, "v").event(PARTITION, &key)).await.unwrap());
    }
    if !bench.reopen().await {
        return Shown::No("nothing of it outlives the process");
    }
    let store = bench.store();
    let rows = everything(&*store.snapshot(None).await.unwrap()).await.unwrap();
    assert_eq!(rows.len(), 20);
    let events = store.changes(PARTITION, 0, 100).await.unwrap();
    assert_eq!(events.iter().map(|event| event.at).collect::<Vec<_>>(), done.iter().map(|d| d.at).collect::<Vec<_>>());
    for (number, done) in (1..).zip(done) {
        assert_eq!(store.resolve(id(number)).await.unwrap(), Some(done));
    }
    Shown::Yes
}

/// S3: also when both come in one group.
pub async fn s03_of_two_commits_that_expect_the_same_exactly_one_wins(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    let mut value = None;
    for round in 0..10_u64 {
        let racing: Vec<_> = (0..16)
            .map(|racer| {
                let (store, expected) = (Arc::clone(&store), value.clone());
                let mine = format!("{round}/{racer}");
                tokio::spawn(async move {
                    let number = 1_000 + round * 100 + racer;
                    let batch = batch(number).expect("k", expected.as_deref()).put("k", &mine);
                    store.commit(batch).await.map(|_| mine)
                })
            })
            .collect();
        let mut won = Vec::new();
        for racer in racing {
            match racer.await.unwrap() {
                Ok(mine) => won.push(mine),
                Err(CommitError::Conflict(key)) => assert_eq!(key, b"k"),
                Err(other) => panic!("{other}"),
            }
        }
        assert_eq!(won.len(), 1, "round {round}");
        assert_eq!(get(&*store, "k").await.unwrap().unwrap(), won[0].as_bytes());
        value = won.pop();
    }
    let gone = batch(5_000).expect("k", value.as_deref()).delete("k");
    store.commit(gone).await.unwrap();
    assert!(store.commit(batch(5_001).expect("k", None).put("k", "new")).await.is_ok());
    assert!(store.commit(batch(5_002).expect("k", None).put("k", "newer")).await.is_err());
    Shown::Yes
}

/// S4: a row that is read but not expected may change (write skew); an expected one may not.
pub async fn s04_isolation_is_by_snapshot_and_declared_expectations(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    store.commit(batch(1).put("x", "0").put("y", "0")).await.unwrap();
    let snapshot = store.snapshot(None).await.unwrap();
    store.commit(batch(2).put("x", "1")).await.unwrap();
    assert_eq!(snapshot.get_many(&["x".into(), "y".into()]).await.unwrap(), [Some("0".into()), Some("0".into())]);
    // Read x and y in the snapshot, write y: allowed, for x was not declared.
    store.commit(batch(3).expect("y", Some("0")).put("y", "1")).await.unwrap();
    let declared = batch(4).expect("x", Some("0")).expect("y", Some("1")).put("y", "2");
    assert!(matches!(store.commit(declared).await, Err(CommitError::Conflict(key)) if key == b"x"));
    // A blind write wins.
    store.commit(batch(5).put("x", "blind")).await.unwrap();
    assert_eq!(get(&*store, "x").await.unwrap().unwrap(), "blind");
    Shown::Yes
}

/// S5: a snapshot shows one state for ever, or says that it expired.
pub async fn s05_snapshots_never_move_and_may_expire(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    let empty = store.snapshot(None).await.unwrap();
    assert_eq!((empty.at(), empty.token()), (Instant(0), 0));
    let mut kept = Vec::new();
    for number in 1..=30 {
        let key = format!("k{:02}", number % 7);
        let batch =
            if number % 5 == 0 { batch(number).delete(&key) } else { batch(number).put(&key, &number.to_string()) };
        let done = store.commit(batch).await.unwrap();
        let snapshot = store.snapshot(None).await.unwrap();
        assert_eq!((snapshot.at(), snapshot.token()), (done.at, done.token));
        let rows = everything(&*snapshot).await.unwrap();
        kept.push((snapshot, rows));
    }
    for (snapshot, rows) in &kept {
        assert_eq!(everything(&**snapshot).await.unwrap(), *rows);
        for (key, value) in rows {
            assert_eq!(snapshot.get_many(std::slice::from_ref(key)).await.unwrap(), [Some(value.clone())]);
        }
    }
    assert!(everything(&*empty).await.unwrap().is_empty());
    if !bench.expire_snapshots().await {
        return Shown::Yes;
    }
    let (old, _) = &kept[0];
    assert!(matches!(old.get_many(&["k01".into()]).await, Err(StoreError::Expired)));
    assert!(matches!(everything(&**old).await, Err(StoreError::Expired)));
    let newest = store.snapshot(None).await.unwrap();
    assert_eq!(everything(&*newest).await.unwrap(), kept.last().unwrap().1);
    Shown::Yes
}

/// S6: retries are safe, also at the same moment and after reopening.
pub async fn s06_an_id_applies_once_and_resolve_is_final(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    assert_eq!(store.resolve(id(1)).await.unwrap(), None);
    let first = batch(1).expect("k", None).put("k", "1").event(PARTITION, "1");
    let racing: Vec<_> = (0..8)
        .map(|_| {
            let (store, batch) = (Arc::clone(&store), first.clone());
            tokio::spawn(async move { store.commit(batch).await })
        })
        .collect();
    let mut done = Vec::new();
    for racer in racing {
        done.push(racer.await.unwrap().unwrap());
    }
    assert!(done.iter().all(|other| *other == done[0]));
    assert_eq!(store.changes(PARTITION, 0, 10).await.unwrap().len(), 1);
    let other = batch(1).put("k", "2");
    assert!(matches!(store.commit(other.clone()).await, Err(CommitError::IdReused(reused)) if reused == id(1)));
    assert_eq!(store.resolve(id(1)).await.unwrap(), Some(done[0]));
    // A refused id was never applied and may be used again.
    assert!(store.commit(batch(2).expect("k", None).put("k", "3")).await.is_err());
    assert_eq!(store.resolve(id(2)).await.unwrap(), None);
    store.commit(batch(2).put("z", "4")).await.unwrap();
    drop(store);
    if bench.reopen().await {
        let store = bench.store();
        assert_eq!(store.commit(first).await.unwrap(), done[0]);
        assert!(matches!(store.commit(other).await, Err(CommitError::IdReused(_))));
        assert_eq!(store.resolve(id(1)).await.unwrap(), Some(done[0]));
        assert_eq!(store.resolve(id(3)).await.unwrap(), None);
    }
    Shown::Yes
}

/// S7: from many tasks, over several partitions, across reopening.
pub async fn s07_event_sequences_are_dense_and_in_commit_order(bench: &mut dyn Bench) -> Shown {
    for round in 0..2_u64 {
        let store = bench.store();
        let tasks: Vec<_> = (0..8_u64)
            .map(|task| {
                let store = Arc::clone(&store);
                tokio::spawn(async move {
                    for step in 0..10 {
                        let number = round * 1_000 + task * 100 + step + 1;
                        let mut batch = batch(number).event(PARTITION, &number.to_string());
                        if number.is_multiple_of(2) {
                            batch = batch.event(PARTITION + 1, &number.to_string());
                        }
                        store.commit(batch).await.unwrap();
                    }
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        for (partition, each) in [(PARTITION, 80), (PARTITION + 1, 40)] {
            let total = (round + 1) * each;
            let events = store.changes(partition, 0, usize::MAX).await.unwrap();
            assert_eq!(events.iter().map(|e| e.sequence).collect::<Vec<_>>(), (1..=total).collect::<Vec<_>>());
            assert!(events.is_sorted_by(|one, next| one.at < next.at));
            for event in &events {
                let number = std::str::from_utf8(&event.body).unwrap().parse().unwrap();
                assert_eq!(store.resolve(id(number)).await.unwrap().unwrap().at, event.at);
            }
            let page = store.changes(partition, 5, 3).await.unwrap();
            assert_eq!(page.iter().map(|e| e.sequence).collect::<Vec<_>>(), [6, 7, 8]);
        }
        assert_eq!(
            store.positions(DATASET).await.unwrap(),
            [(PARTITION, (round + 1) * 80), (PARTITION + 1, (round + 1) * 40)]
        );
        assert!(store.positions(DATASET + 1).await.unwrap().is_empty());
        drop(store);
        if !bench.reopen().await {
            return Shown::Yes;
        }
    }
    Shown::Yes
}

/// S8: scans both ways, half-open ranges, limits.
pub async fn s08_order_is_unsigned_and_bytewise(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    let keys: [&[u8]; 7] = [&[1], &[1, 0], &[1, 0, 0], &[1, 0xFF], &[0x7F], &[0x80], &[0xFF, 0xFF]];
    let mut put = batch(1);
    for key in keys.iter().rev() {
        put.put.push(Put { key: key.to_vec(), value: key.to_vec(), stamped: false });
    }
    store.commit(put).await.unwrap();
    let snapshot = store.snapshot(None).await.unwrap();
    let scan = async |from: &[u8], to: &[u8], direction, limit| -> Vec<Vec<u8>> {
        let rows = snapshot.scan(from.to_vec()..to.to_vec(), direction, limit).await.unwrap();
        rows.into_iter().map(|(key, _)| key).collect()
    };
    let mut backward = keys;
    backward.reverse();
    assert_eq!(scan(&[1], &[0xFF; 3], Direction::Forward, 100).await, keys);
    assert_eq!(scan(&[1], &[0xFF; 3], Direction::Backward, 100).await, backward);
    assert_eq!(scan(&[1, 0], &[0x80], Direction::Forward, 100).await, keys[1..5]);
    assert_eq!(scan(&[1, 0], &[0x80], Direction::Backward, 2).await, [keys[4], keys[3]]);
    assert_eq!(scan(&[1], &[0xFF; 3], Direction::Forward, 0).await, Vec::<Vec<u8>>::new());
    assert_eq!(scan(&[0x80], &[1], Direction::Forward, 9).await, Vec::<Vec<u8>>::new());
    assert_eq!(scan(&[2], &[3], Direction::Backward, 9).await, Vec::<Vec<u8>>::new());
    Shown::Yes
}

/// S9: at the limit yes, one over no.
pub async fn s09_limits_hold(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    let row = |key: usize, value: usize| Put { key: vec![b'k'; key], value: vec![0; value], stamped: false };
    let mut number = 0;
    let mut with = |rows: Vec<Put>| {
        number += 1;
        crate::store::CommitBatch { put: rows, ..batch(number) }
    };
    store.commit(with(vec![row(KEY_MAX, VALUE_MAX)])).await.unwrap();
    let many = |count: usize| -> Vec<Put> {
        (0..count).map(|n| Put { key: format!("n{n}").into(), value: Vec::new(), stamped: false }).collect()
    };
    store.commit(with(many(BATCH_KEYS_MAX))).await.unwrap();
    let over = [
        with(vec![row(KEY_MAX + 1, 0)]),
        with(vec![row(1, VALUE_MAX + 1)]),
        with(many(BATCH_KEYS_MAX + 1)),
        with((0..=BATCH_BYTES_MAX / VALUE_MAX).map(|n| row(n + 1, VALUE_MAX)).collect()),
    ];
    for batch in over {
        assert!(
            matches!(store.commit(batch).await, Err(CommitError::TooLarge { size, size_max, .. }) if size > size_max)
        );
    }
    let own = [with(vec![row(0, 1)]), with(vec![Put { key: vec![0, b'c'], value: Vec::new(), stamped: false }])];
    for batch in own {
        assert!(matches!(store.commit(batch).await, Err(CommitError::Refused { .. })));
    }
    let short = Put { key: vec![1], value: vec![0; 9], stamped: true };
    assert!(matches!(store.commit(with(vec![short])).await, Err(CommitError::Refused { .. })));
    Shown::Yes
}

/// S10: a snapshot at a commit's token holds it, also when asked for before the commit.
pub async fn s10_a_token_reads_your_writes(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    let first = store.commit(batch(1).put("k", "0")).await.unwrap();
    let early = {
        let store = Arc::clone(&store);
        tokio::spawn(async move { store.snapshot(Some(first.token + 1)).await.map(|snapshot| snapshot.token()) })
    };
    let mut listener = store.committed();
    listener.mark_unchanged();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert!(!early.is_finished());
    let tasks: Vec<_> = (2..20)
        .map(|number| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let key = format!("k{number}");
                let Committed { at, token } = store.commit(batch(number).put(&key, "v")).await.unwrap();
                let snapshot = store.snapshot(Some(token)).await.unwrap();
                assert!(snapshot.token() >= token && snapshot.at() >= at);
                assert!(snapshot.get_many(&[key.into()]).await.unwrap()[0].is_some());
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert!(early.await.unwrap().unwrap() > first.token);
    assert!(listener.has_changed().unwrap());
    assert_eq!(*listener.borrow_and_update(), store.snapshot(None).await.unwrap().token());
    Shown::Yes
}

/// S11: reads go on, nothing of the refused is there, and writing works again by itself.
pub async fn s11_a_full_disk_is_a_clean_refusal_that_heals(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    store.commit(batch(1).put("k", "1").event(PARTITION, "1")).await.unwrap();
    let full = "IO error: No space left on device: While appending to file: rows/000004.log: No space left on device";
    if !bench.fail_writes(Some(full)) {
        return Shown::No("it has no disk that could be full");
    }
    let refused = batch(2).put("k", "2").event(PARTITION, "2");
    assert!(matches!(store.commit(refused.clone()).await, Err(CommitError::Refused { .. })));
    assert_eq!(get(&*store, "k").await.unwrap().unwrap(), "1");
    assert_eq!(store.resolve(id(2)).await.unwrap(), None);
    bench.fail_writes(None);
    store.commit(refused).await.unwrap();
    assert_eq!(get(&*store, "k").await.unwrap().unwrap(), "2");
    assert_eq!(store.changes(PARTITION, 0, 9).await.unwrap().len(), 2);

    // What failed elsewhere is unknown until writing works again; then its absence is final.
    bench.fail_writes(Some("IO error: No space left on device: While appending to file: rows/MANIFEST-000005: full"));
    let doubtful = batch(3).put("k", "3").event(PARTITION, "3");
    assert!(matches!(store.commit(doubtful).await, Err(CommitError::Unknown(unknown)) if unknown == id(3)));
    bench.fail_writes(None);
    assert_eq!(store.resolve(id(3)).await.unwrap(), None);
    store.commit(batch(4).put("k", "4").event(PARTITION, "4")).await.unwrap();
    let events = store.changes(PARTITION, 0, 9).await.unwrap();
    assert_eq!(events.iter().map(|event| event.sequence).collect::<Vec<_>>(), [1, 2, 3]);
    Shown::Yes
}

/// S11, S2: after a failed sync nothing is acknowledged any more, for nobody knows what the disk holds.
pub async fn s11_a_failed_sync_stops_writing_until_reopened(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    store.commit(batch(1).put("k", "1")).await.unwrap();
    if !bench.fail_writes(Some("IO error: While fdatasync: rows/000004.log: Input/output error")) {
        return Shown::No("it has no disk whose sync could fail");
    }
    assert!(matches!(store.commit(batch(2).put("k", "2")).await, Err(CommitError::Unknown(_))));
    bench.fail_writes(None);
    let stopped = store.commit(batch(3).put("k", "3")).await;
    assert!(matches!(stopped, Err(CommitError::Refused { reason }) if reason.contains("opened again")));
    assert!(matches!(store.resolve(id(2)).await, Err(StoreError::Unavailable { .. })));
    assert!(store.resolve(id(1)).await.unwrap().is_some());
    assert_eq!(get(&*store, "k").await.unwrap().unwrap(), "1");
    drop(store);
    bench.reopen().await;
    let store = bench.store();
    assert_eq!(store.resolve(id(2)).await.unwrap(), None);
    store.commit(batch(3).put("k", "3")).await.unwrap();
    Shown::Yes
}

/// S12: the second one is told, the first one goes on.
pub async fn s12_a_second_opener_is_fenced(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    store.commit(batch(1).put("k", "1")).await.unwrap();
    let Some(second) = bench.open_again().await else {
        return Shown::No("its data cannot be opened twice");
    };
    assert!(matches!(second, Err(StoreError::InUse { .. })));
    store.commit(batch(2).put("k", "2")).await.unwrap();
    Shown::Yes
}

/// S13: one commit is one attempt; retrying is the caller's.
pub async fn s13_the_store_itself_never_retries(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    store.commit(batch(1).put("k", "1")).await.unwrap();
    let before = bench.writes();
    assert!(matches!(store.commit(batch(2).expect("k", None).put("k", "2")).await, Err(CommitError::Conflict(_))));
    assert_eq!(bench.writes(), before, "a conflict is told before anything is written");
    if !bench.fail_writes(Some("IO error: No space left on device: While appending to file: rows/000004.log: full")) {
        return Shown::No("its writes cannot fail");
    }
    assert!(matches!(store.commit(batch(3).put("k", "3")).await, Err(CommitError::Refused { .. })));
    assert_eq!(bench.writes(), before + 1);
    Shown::Yes
}

/// S14: with positions read before the snapshot, replaying what comes after them gives the latest state.
pub async fn s14_a_scan_and_the_changes_after_it_are_the_latest_state(bench: &mut dyn Bench) -> Shown {
    let store = bench.store();
    let writer = {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            for number in 1..=200_u64 {
                let (key, value) = (format!("k{}", number % 13), number.to_string());
                let batch = batch(number).put(&key, &value).event(PARTITION, &format!("{key}={value}"));
                store.commit(batch).await.unwrap();
            }
        })
    };
    let mut taken = Vec::new();
    while !writer.is_finished() {
        let position = store.positions(DATASET).await.unwrap().first().map_or(0, |(_, sequence)| *sequence);
        let snapshot = store.snapshot(None).await.unwrap();
        let rows = everything(&*snapshot).await.unwrap();
        taken.push((position, snapshot.at(), rows));
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    writer.await.unwrap();
    let latest = everything(&*store.snapshot(None).await.unwrap()).await.unwrap();
    for (position, at, rows) in taken {
        let mut state: std::collections::BTreeMap<_, _> = rows.into_iter().collect();
        for event in store.changes(PARTITION, position, usize::MAX).await.unwrap() {
            // An event's time tells whether the snapshot holds it already.
            if event.at > at {
                let (key, value) = std::str::from_utf8(&event.body).unwrap().split_once('=').unwrap();
                state.insert(key.into(), value.to_owned().into());
            }
        }
        assert_eq!(state.into_iter().collect::<Vec<_>>(), latest);
    }
    Shown::Yes
}

/// Commit times and stamps: strictly rising when the clock stands, goes back, or was ahead before reopening.
pub async fn commit_times_rise_whatever_the_clock_does(bench: &mut dyn Bench) -> Shown {
    let clock = bench.clock();
    let mut last = Instant(0);
    for (number, now) in [(1, 1_000_000), (2, 1_000_000), (3, 5), (4, 2_000_000), (5, 1), (6, 3_000_000)] {
        clock.set(Instant(now));
        if number == 5 {
            bench.reopen().await;
        }
        let store = bench.store();
        let mut batch = batch(number);
        batch.put.push(Put { key: b"stamped".to_vec(), value: vec![7; 12], stamped: true });
        let done = store.commit(batch).await.unwrap();
        assert!(done.at > last, "{:?} after {last:?}", done.at);
        assert_eq!(done.at, Instant(now.max(last.0 + 1)));
        let value = get(&*store, "stamped").await.unwrap().unwrap();
        let expected = [&[7, 7][..], &done.at.0.to_be_bytes(), &[7, 7]].concat();
        assert_eq!(value, expected);
        last = done.at;
    }
    Shown::Yes
}
