//! Kill -9 in the middle of loads: of each load everything is there or nothing, and what was acknowledged is there.

use std::io::Write;
use std::path::Path;
use std::time::Duration;

use foundation::store::{Options, Store, Stores};
use foundation::testkit::store::{batch, id, load, loaded};

use super::bench::NAME;
use super::dice::Dice;
use super::kill::killed;

const ROUNDS: u32 = 20;
const ROWS: u32 = 4_000;
const DIR: &str = "NATBASE_KILL_LOAD_DIR";

fn open(dir: &Path) -> Stores {
    Stores::open(dir, &[NAME], Options { memory_bytes: 4 << 20, ..Options::default() }).unwrap()
}

fn prefix(number: u64) -> String {
    format!("L{number:06}-")
}

/// How many loads are there; each is whole.
async fn whole(store: &dyn Store) -> u64 {
    let mut number = 0;
    loop {
        let found = loaded(store, &prefix(number)).await;
        let known = store.resolve(id(number)).await.unwrap();
        assert_eq!(
            (found, known.is_some()),
            if found > 0 { (ROWS as usize, true) } else { (0, false) },
            "load {number}"
        );
        if found == 0 {
            return number;
        }
        number += 1;
    }
}

#[test]
#[ignore = "the child of the kill test"]
fn child() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let opened = open(Path::new(&dir));
        let store = opened.store(NAME).unwrap();
        let files = tempfile::tempdir().unwrap();
        let mut number = whole(&*store).await;
        loop {
            // A commit between two loads leaves a write buffer that the tables overlap.
            let between = batch(1_000_000 + number);
            store.commit(between).await.unwrap();
            store.load(load(files.path(), number, &prefix(number), ROWS)).await.unwrap();
            let mut out = std::io::stdout().lock();
            writeln!(out, "\nack {number}").unwrap();
            out.flush().unwrap();
            number += 1;
        }
    });
}

#[test]
fn a_load_is_whole_or_not_there_whenever_the_process_is_killed() {
    let mut dice = Dice::new("kill-load");
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut there = 0;
    for round in 0..ROUNDS {
        let after = Duration::from_millis(60 + dice.below(400));
        let told = killed("store::kill_load::child", (DIR, dir.path()), after);
        let acknowledged = told.iter().filter_map(|line| line.strip_prefix("ack ")?.parse::<u64>().ok()).max();
        let found = runtime.block_on(async { whole(&*open(dir.path()).store(NAME).unwrap()).await });
        assert!(acknowledged.is_none_or(|last| last < found), "round {round}: {acknowledged:?} of {found}");
        assert!(found >= there, "round {round}: {found} where there were {there}");
        there = found;
    }
    println!("{there} loads of {ROWS} rows are whole after {ROUNDS} kills");
    assert!(there > 0, "too few loads to mean anything");
}
