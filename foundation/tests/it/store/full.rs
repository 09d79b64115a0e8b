//! S11 on a real full disk: a small tmpfs in a mount namespace of its own. Skips, and says why, where that is not allowed.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use foundation::store::{CommitBatch, CommitError, Put, Store};
use foundation::store::{Options, Stores};
use foundation::testkit::store::{batch, id};

use super::bench::NAME;

const DIR: &str = "NATBASE_FULL_DIR";
const MEMORY: &str = "NATBASE_FULL_MEMORY";
const PARTITION: u32 = 0x0505_0001;
/// How soon writing must work again once there is room.
const HEALED_WITHIN: Duration = Duration::from_secs(10);

fn open(dir: &Path, memory_bytes: usize) -> Stores {
    Stores::open(&dir.join("store"), &[NAME], Options { memory_bytes, ..Options::default() }).unwrap()
}

fn row(number: u64) -> CommitBatch {
    let mut batch = batch(number);
    // Noise does not compress.
    let mut noise = number | 1;
    let bytes = std::iter::repeat_with(|| {
        noise ^= noise << 13;
        noise ^= noise >> 7;
        noise ^= noise << 17;
        noise.to_le_bytes()[0]
    });
    batch.put.push(Put { key: number_key(number), value: bytes.take(20_000).collect(), stamped: false });
    batch.events.push((PARTITION, number.to_be_bytes().to_vec()));
    batch
}

fn number_key(number: u64) -> Vec<u8> {
    [b"n", &number.to_be_bytes()[..]].concat()
}

async fn check(store: &dyn Store, acknowledged: &[u64], refused: &[u64]) {
    let snapshot = store.snapshot(None).await.unwrap();
    for number in acknowledged {
        let value = snapshot.get_many(&[number_key(*number)]).await.unwrap().pop().flatten();
        assert!(value.is_some_and(|value| value[..] == row(*number).put[0].value[..]), "{number} is gone");
    }
    for number in refused {
        assert_eq!(snapshot.get_many(&[number_key(*number)]).await.unwrap(), [None]);
    }
    let events = store.changes(PARTITION, 0, usize::MAX).await.unwrap();
    assert!(events.iter().map(|event| event.sequence).eq(1..=acknowledged.len() as u64));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "the child of the full disk test"]
async fn child() {
    let (Some(dir), Ok(memory)) = (std::env::var_os(DIR), std::env::var(MEMORY)) else { return };
    let (dir, memory_bytes) = (Path::new(&dir), memory.parse().unwrap());
    let ballast = dir.join("ballast");
    fs::write(&ballast, vec![1; 44 << 20]).unwrap();
    let stores = open(dir, memory_bytes);
    let store = stores.store(NAME).unwrap();
    let (mut acknowledged, mut refused) = (Vec::new(), Vec::new());
    let mut number = 0;
    let reason = loop {
        number += 1;
        match store.commit(row(number)).await {
            Ok(_) => acknowledged.push(number),
            Err(CommitError::Refused { reason }) => break reason,
            Err(other) => panic!("{other}"),
        }
    };
    println!("{} rows, then: {reason}", acknowledged.len());
    refused.push(number);
    check(&*store, &acknowledged, &refused).await;
    assert_eq!(store.resolve(id(number)).await.unwrap(), None);

    fs::remove_file(&ballast).unwrap();
    let since = Instant::now();
    loop {
        number += 1;
        if store.commit(row(number)).await.is_ok() {
            acknowledged.push(number);
            break;
        }
        refused.push(number);
        assert!(since.elapsed() < HEALED_WITHIN, "not healed");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    println!("healed after {} ms", since.elapsed().as_millis());
    for number in &refused {
        assert_eq!(store.resolve(id(*number)).await.unwrap(), None);
    }
    check(&*store, &acknowledged, &refused).await;
    drop((store, stores));
    let stores = open(dir, memory_bytes);
    check(&*stores.store(NAME).unwrap(), &acknowledged, &refused).await;
    println!("passed");
}

/// Fills a disk of 64 MB, 44 of them ballast that is removed later, with a store of `memory_bytes`. To heal the engine
/// waits until there is room for one write buffer, an eighth of its memory.
fn fill_a_disk(memory_bytes: usize) {
    let dir = tempfile::tempdir().unwrap();
    let mounted = "mount -t tmpfs -o size=64m none \"$0\" || exit 77; exec \"$@\"";
    let child = Command::new("unshare")
        .args(["-m", "sh", "-c", mounted])
        .arg(dir.path())
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "store::full::child", "--ignored", "--nocapture"])
        .env(DIR, dir.path())
        .env(MEMORY, memory_bytes.to_string())
        .output();
    match child {
        Err(error) => println!("skipped: `unshare` cannot be run: {error}"),
        Ok(child) => {
            let (out, err) = (String::from_utf8_lossy(&child.stdout), String::from_utf8_lossy(&child.stderr));
            if child.status.code() == Some(77) || err.contains("unshare failed") {
                println!("skipped: a tmpfs cannot be mounted here: {err}");
                return;
            }
            println!("{out}");
            assert!(child.status.success() && out.contains("passed"), "{out}\n{err}");
        }
    }
}

#[test]
fn s11_a_disk_filled_by_tables_is_refused_and_heals() {
    fill_a_disk(8 << 20);
}

#[test]
fn s11_a_disk_filled_by_the_log_is_refused_and_heals() {
    fill_a_disk(192 << 20);
}
