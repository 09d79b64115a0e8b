//! Lost and torn tails of the log: what remains is a prefix of the commits, and a store that does not sync is caught.

use std::fs;
use std::path::{Path, PathBuf};

use foundation::store::{Direction, Store};
use foundation::store::{Options, Stores};
use foundation::testkit::store::{Build, batch, id};

use super::bench::NAME;
use super::dice::Dice;

const PARTITION: u32 = 0x0404_0001;
const POSITIONS: u64 = 200;
const TAIL: u64 = 64 * 1024;

fn options(sync: bool) -> Options {
    Options { memory_bytes: 8 << 20, sync, count_syncs: true, ..Options::default() }
}

/// The newest log.
fn log(dir: &Path) -> PathBuf {
    let files = fs::read_dir(dir.join("rows")).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "log")).max().unwrap()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

async fn fill(store: &dyn Store, number: u64) {
    let filling = "x".repeat(usize::try_from(number * 131 % 900).unwrap());
    store.commit(batch(number).put(&format!("k{number:06}"), &filling).event(PARTITION, &filling)).await.unwrap();
}

/// How many of the commits 1, 2, 3 … are stored. Fails on a gap or half a commit.
async fn prefix(store: &dyn Store, committed: u64) -> u64 {
    let snapshot = store.snapshot(None).await.unwrap();
    let rows = snapshot.scan(b"k".to_vec()..b"l".to_vec(), Direction::Forward, usize::MAX).await.unwrap();
    let stored = rows.len() as u64;
    assert!(rows.into_iter().map(|(key, _)| key).eq((1..=stored).map(|n| format!("k{n:06}").into_bytes())));
    let events = store.changes(PARTITION, 0, usize::MAX).await.unwrap();
    assert!(events.iter().map(|event| event.sequence).eq(1..=stored));
    for number in [1, stored / 2, stored, stored + 1, committed] {
        assert_eq!(store.resolve(id(number)).await.unwrap().is_some(), (1..=stored).contains(&number));
    }
    stored
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_log_cut_anywhere_opens_to_a_prefix() {
    const COMMITS: u64 = 150;
    let mut dice = Dice::new("torn tail");
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole");
    {
        let stores = Stores::open(&whole, &[NAME], options(false)).unwrap();
        for number in 1..=COMMITS {
            fill(&*stores.store(NAME).unwrap(), number).await;
        }
    }
    let length = fs::metadata(log(&whole)).unwrap().len();
    let mut cuts: Vec<u64> = (0..POSITIONS).map(|_| length.saturating_sub(dice.below(TAIL))).collect();
    cuts.sort_unstable();
    let mut last = 0;
    for (at, cut) in cuts.into_iter().enumerate() {
        let torn = dir.path().join("torn");
        copy(&whole, &torn);
        let log = log(&torn);
        let mut bytes = fs::read(&log).unwrap();
        bytes.truncate(usize::try_from(cut).unwrap());
        if at % 2 == 0 {
            // The file kept its length, but its pages never arrived.
            bytes.resize(usize::try_from(length).unwrap(), 0);
        }
        fs::write(&log, bytes).unwrap();
        let opened = Stores::open(&torn, &[NAME], options(false)).unwrap();
        let store = opened.store(NAME).unwrap();
        let stored = prefix(&*store, COMMITS).await;
        assert!(stored >= last, "a longer log held less: {stored} after {last}");
        last = stored;
        // The log goes on where it was cut.
        fill(&*store, stored + 1).await;
        assert_eq!(prefix(&*store, stored + 1).await, stored + 1);
        drop((store, opened));
        fs::remove_dir_all(&torn).unwrap();
    }
    assert!(last > 100, "only {last} commits ever came back");
}

/// Commits, then loses every byte of the log that no sync covered; returns how many acknowledged commits are gone.
async fn lost_with_the_power(sync: bool) -> u64 {
    const COMMITS: u64 = 40;
    let dir = tempfile::tempdir().unwrap();
    let (mut syncs, mut safe) = (0, 0);
    {
        let stores = Stores::open(dir.path(), &[NAME], options(sync)).unwrap();
        for number in 1..=COMMITS {
            fill(&*stores.store(NAME).unwrap(), number).await;
            if stores.log_syncs() > syncs {
                syncs = stores.log_syncs();
                safe = fs::metadata(log(dir.path())).unwrap().len();
            }
        }
    }
    let log = log(dir.path());
    fs::OpenOptions::new().write(true).open(log).unwrap().set_len(safe).unwrap();
    let stores = Stores::open(dir.path(), &[NAME], options(sync)).unwrap();
    COMMITS - prefix(&*stores.store(NAME).unwrap(), COMMITS).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn power_loss_takes_nothing_that_was_acknowledged() {
    assert_eq!(lost_with_the_power(true).await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_power_loss_test_notices_a_store_that_does_not_sync() {
    assert!(lost_with_the_power(false).await > 0);
}
