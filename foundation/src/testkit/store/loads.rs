//! The clauses as they hold for loads: many rows as one commit.

use std::path::Path;
use std::sync::Arc;

use super::{Bench, Build, Shown, batch, everything, get, id};
use crate::store::{
    CommitError, Committed, Expect, Load, Partition, Put, SortedFile, SortedWriter, Store, VALUE_MAX, event_key,
};

const PARTITION: Partition = 0x0101_0007;
const OTHER: Partition = 0x0101_0009;

/// A sorted file of these rows.
fn file(path: &Path, rows: impl IntoIterator<Item = Put>) -> SortedFile {
    let mut out = SortedWriter::create(path).unwrap();
    for put in rows {
        out.push(&put).unwrap();
    }
    out.finish().unwrap()
}

/// A load of `count` rows under `prefix`, each stamped, and of events in two partitions.
#[must_use]
pub fn load(dir: &Path, number: u64, prefix: &str, count: u32) -> Load {
    let name = |what: &str| dir.join(format!("{number}-{what}"));
    let row = |n: u32| Put {
        key: format!("{prefix}{n:08}").into_bytes(),
        value: [&[1, 0][..], &[0; 8], n.to_string().as_bytes()].concat(),
        stamped: true,
    };
    let event = |(partition, n)| Put {
        key: event_key(partition, n),
        value: format!("{number}:{n}").into_bytes(),
        stamped: false,
    };
    // Odd and even rows in files of their own: they are merged.
    let odd = file(&name("odd"), (0..count).filter(|n| n % 2 == 1).map(row));
    let even = file(&name("even"), (0..count).filter(|n| n % 2 == 0).map(row));
    let events = file(&name("events"), [(PARTITION, 1), (PARTITION, 2), (OTHER, 1)].map(event));
    let empty = vec![prefix.as_bytes().to_vec()..format!("{prefix}~").into_bytes()];
    Load { id: id(number), expect: Vec::new(), empty, rows: vec![odd, even], events: vec![events] }
}

/// How many rows of a load are there.
pub async fn loaded(store: &dyn Store, prefix: &str) -> usize {
    let rows = everything(&*store.snapshot(None).await.unwrap()).await.unwrap();
    rows.iter().filter(|(key, _)| key.starts_with(prefix.as_bytes())).count()
}

/// S1, S6, S7, S10: rows, stamps, entries of the change log and the id come together, and once.
pub async fn a_load_is_one_commit_events_included(bench: &mut dyn Bench) -> Shown {
    let (store, dir) = (bench.store(), tempfile::tempdir().unwrap());
    let before = store.commit(batch(1).put("a", "1").event(PARTITION, "before")).await.unwrap();
    let done = store.load(load(dir.path(), 2, "k", 1_001)).await.unwrap();
    assert!(done.at > before.at && done.token == before.token + 1, "{done:?}");
    let snapshot = store.snapshot(Some(done.token)).await.unwrap();
    assert_eq!((snapshot.at(), snapshot.token()), (done.at, done.token));
    let rows = everything(&*snapshot).await.unwrap();
    assert_eq!(rows.len(), 1_002);
    for (n, (key, value)) in rows.iter().skip(1).enumerate() {
        let wanted = [&[1, 0][..], &done.at.0.to_be_bytes(), n.to_string().as_bytes()].concat();
        assert_eq!((&key[..], &value[..]), (format!("k{n:08}").as_bytes(), &wanted[..]));
    }
    let events = store.changes(PARTITION, 0, 10).await.unwrap();
    let told: Vec<_> = events.iter().map(|e| (e.sequence, e.at, e.body.to_vec())).collect();
    let wanted = [(1, before.at, b"before".to_vec()), (2, done.at, b"2:1".to_vec()), (3, done.at, b"2:2".to_vec())];
    assert_eq!(told, wanted);
    assert_eq!(store.positions(0x0101).await.unwrap(), [(PARTITION, 3), (OTHER, 1)]);
    assert_eq!(store.resolve(id(2)).await.unwrap(), Some(done));

    assert_eq!(store.load(load(dir.path(), 2, "k", 1_001)).await.unwrap(), done, "the same again is the same");
    let other = Load { id: id(2), ..load(dir.path(), 3, "m", 10) };
    assert!(matches!(store.load(other).await, Err(CommitError::IdReused(of)) if of == id(2)));
    let after = store.commit(batch(4).put("k00000007", "x").event(PARTITION, "after")).await.unwrap();
    assert!(after.token == done.token + 1 && after.at > done.at);
    assert_eq!(store.changes(PARTITION, 3, 10).await.unwrap()[0].sequence, 4);
    assert_eq!(get(&*store, "k00000007").await.unwrap().unwrap(), "x");
    Shown::Yes
}

/// S1, S3: of a load whose conditions do not hold nothing is there.
pub async fn a_load_whose_conditions_do_not_hold_changes_nothing(bench: &mut dyn Bench) -> Shown {
    let (store, dir) = (bench.store(), tempfile::tempdir().unwrap());
    store.commit(batch(1).put("a", "1").put("k00000003", "there")).await.unwrap();
    let before = everything(&*store.snapshot(None).await.unwrap()).await.unwrap();
    let refused = store.load(load(dir.path(), 2, "k", 100)).await;
    assert!(matches!(refused, Err(CommitError::Conflict(key)) if key == b"k00000003"));
    let mut other = load(dir.path(), 3, "m", 100);
    other.expect.push((b"a".to_vec(), Expect::Absent));
    assert!(matches!(store.load(other).await, Err(CommitError::Conflict(key)) if key == b"a"));
    assert_eq!(everything(&*store.snapshot(None).await.unwrap()).await.unwrap(), before);
    assert!(store.positions(0x0101).await.unwrap().is_empty());
    assert_eq!(store.resolve(id(2)).await.unwrap(), None);
    // What stood there and was removed stands there no more.
    store.commit(batch(4).delete("k00000003")).await.unwrap();
    store.load(load(dir.path(), 2, "k", 100)).await.unwrap();
    assert_eq!(loaded(&*store, "k").await, 100);
    Shown::Yes
}

/// What is wrong with its files is told before anything is taken in: damage, a row too large, a key that is the store's own.
pub async fn a_load_of_unsound_files_changes_nothing(bench: &mut dyn Bench) -> Shown {
    let (store, dir) = (bench.store(), tempfile::tempdir().unwrap());
    let damaged = load(dir.path(), 1, "k", 5_000);
    let path = &damaged.rows[1].path;
    let mut bytes = std::fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(path, bytes).unwrap();
    assert!(matches!(store.load(damaged).await, Err(CommitError::Corrupt { .. })));
    let one = |number: u64, key: &[u8], value: Vec<u8>, stamped: bool| {
        let rows = vec![file(&dir.path().join(number.to_string()), [Put { key: key.to_vec(), value, stamped }])];
        Load { id: id(number), expect: Vec::new(), empty: Vec::new(), rows, events: Vec::new() }
    };
    assert!(matches!(store.load(one(2, b"k", vec![0; VALUE_MAX + 1], false)).await, Err(CommitError::TooLarge { .. })));
    assert!(matches!(store.load(one(3, &[0, 1], vec![1], false)).await, Err(CommitError::Refused { .. })));
    assert!(matches!(store.load(one(4, b"k", vec![1], true)).await, Err(CommitError::Refused { .. })));
    assert!(everything(&*store.snapshot(None).await.unwrap()).await.unwrap().is_empty());
    // And whoever comes after is not kept waiting.
    store.commit(batch(5).put("a", "1")).await.unwrap();
    Shown::Yes
}

/// S3, S4, S7 with others at work: each commit comes before the load or after it, none is lost, times rise with tokens.
pub async fn commits_beside_a_load_come_before_it_or_after_it(bench: &mut dyn Bench) -> Shown {
    let (store, dir) = (bench.store(), tempfile::tempdir().unwrap());
    let loads: Vec<Load> = (0..6).map(|n| load(dir.path(), 10_000 + n, &format!("L{n}-"), 3_000)).collect();
    let writers = (0..4_u64).map(|task| {
        let store = Arc::clone(&store);
        tokio::spawn(async move {
            let mut done: Vec<Committed> = Vec::new();
            for step in 0..60 {
                let number = task * 100 + step + 1;
                let commit = batch(number).put(&format!("w{number:06}"), "v").event(PARTITION, &number.to_string());
                done.push(store.commit(commit).await.unwrap());
                assert!(store.resolve(id(number)).await.unwrap().is_some(), "resolve is final beside a load too");
            }
            done
        })
    });
    let writers: Vec<_> = writers.collect();
    let mut done: Vec<Committed> = Vec::new();
    for one in futures::future::join_all(loads.into_iter().map(|load| store.load(load))).await {
        done.push(one.unwrap());
    }
    for writer in writers {
        done.extend(writer.await.unwrap());
    }
    done.sort_by_key(|done| done.token);
    assert_eq!(done.iter().map(|done| done.token).collect::<Vec<_>>(), (1..=246).collect::<Vec<_>>());
    assert!(done.is_sorted_by(|one, next| one.at < next.at));
    assert_eq!((loaded(&*store, "L").await, loaded(&*store, "w").await), (18_000, 240));
    let events = store.changes(PARTITION, 0, 1_000).await.unwrap();
    assert!(events.iter().map(|event| event.sequence).eq(1..=252));
    assert!(events.is_sorted_by(|one, next| one.at <= next.at));
    Shown::Yes
}

/// S2, S11: a load that was acknowledged is there after reopening; on a full disk it is refused, and goes when there is room.
pub async fn a_load_outlives_the_process_and_heals_with_the_disk(bench: &mut dyn Bench) -> Shown {
    let dir = tempfile::tempdir().unwrap();
    if !bench.fail_writes(Some("IO error: No space left on device: While appending to file: /d/000012.sst: x")) {
        return Shown::No("there is no disk");
    }
    assert!(matches!(bench.store().load(load(dir.path(), 1, "k", 2_000)).await, Err(CommitError::Refused { .. })));
    assert_eq!(loaded(&*bench.store(), "k").await, 0);
    bench.fail_writes(None);
    let done = bench.store().load(load(dir.path(), 1, "k", 2_000)).await.unwrap();
    bench.reopen().await;
    let store = bench.store();
    assert_eq!(loaded(&*store, "k").await, 2_000);
    assert_eq!(store.resolve(id(1)).await.unwrap(), Some(done));
    assert_eq!(store.positions(0x0101).await.unwrap(), [(PARTITION, 2), (OTHER, 1)]);
    let next = store.commit(batch(2).put("a", "1").event(PARTITION, "x")).await.unwrap();
    assert!(next.token == done.token + 1 && next.at > done.at);
    assert_eq!(store.changes(PARTITION, 2, 5).await.unwrap()[0].sequence, 3);
    Shown::Yes
}
