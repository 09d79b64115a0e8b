//! Kill -9 at random moments (RELIABILITY: kill): a child commits from several tasks and tells through a pipe what it
//! started and what was acknowledged; after the kill the directory is opened and held against that ledger.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use foundation::store::{CommitBatch, Committed, Direction, Expect, Put, Store, digest};
use foundation::store::{Options, Stores};
use foundation::testkit::store::{batch, id};

use super::bench::NAME;
use super::dice::Dice;

const ROUNDS: u32 = 40;
const TASKS: u64 = 6;
const DATASET: u16 = 0x0303;
const DIR: &str = "NATBASE_KILL_DIR";

fn open(dir: &Path) -> Stores {
    // Small buffers, so that flushes and merges are killed too.
    Stores::open(dir, &[NAME], Options { memory_bytes: 4 << 20, ..Options::default() }).unwrap()
}

fn number(task: u64, step: u64) -> u64 {
    task << 40 | step
}

fn row_key(task: u64, step: u64) -> Vec<u8> {
    [b"r", &task.to_be_bytes()[..], &step.to_be_bytes()].concat()
}

fn counter_key(task: u64) -> Vec<u8> {
    [b"c", &task.to_be_bytes()[..]].concat()
}

fn partition(task: u64) -> u32 {
    u32::from(DATASET) << 16 | u32::try_from(task).unwrap()
}

/// Step `step` of a task: moves its counter, adds a row and an event, and an event in the partition all share.
fn step_of(task: u64, step: u64) -> CommitBatch {
    let mut batch = batch(number(task, step));
    let before = if step == 1 { Expect::Absent } else { Expect::Holds(digest(&(step - 1).to_be_bytes())) };
    batch.expect.push((counter_key(task), before));
    batch.put.push(Put { key: counter_key(task), value: step.to_be_bytes().to_vec(), stamped: false });
    let filling = usize::try_from(step * 37 % 1_500).unwrap();
    batch.put.push(Put { key: row_key(task, step), value: vec![b'x'; filling], stamped: false });
    batch.events.push((partition(task), step.to_be_bytes().to_vec()));
    batch.events.push((partition(TASKS), Vec::new()));
    batch
}

async fn counter(store: &dyn Store, task: u64) -> u64 {
    let snapshot = store.snapshot(None).await.unwrap();
    let value = snapshot.get_many(&[counter_key(task)]).await.unwrap().pop().flatten();
    value.map_or(0, |value| u64::from_be_bytes(value[..].try_into().unwrap()))
}

fn tell(line: &str) {
    let mut out = std::io::stdout().lock();
    out.write_all(line.as_bytes()).unwrap();
    out.flush().unwrap();
}

#[test]
#[ignore = "the child of the kill test"]
fn child() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let opened = open(Path::new(&dir));
        let store = opened.store(NAME).unwrap();
        let tasks = (0..TASKS).map(|task| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let mut step = counter(&*store, task).await;
                loop {
                    step += 1;
                    tell(&format!("\nstart {task} {step} 0\n"));
                    let Committed { token, .. } = store.commit(step_of(task, step)).await.unwrap();
                    tell(&format!("\nack {task} {step} {token}\n"));
                }
            })
        });
        futures::future::join_all(tasks).await;
    });
}

/// What the child told: per task the last step started, and the token of each step acknowledged.
#[derive(Default)]
struct Ledger {
    started: BTreeMap<u64, u64>,
    acknowledged: BTreeMap<u64, BTreeMap<u64, u64>>,
}

impl Ledger {
    fn read(&mut self, line: &str) {
        let words: Vec<_> = line.split(' ').collect();
        let [what, task, step, token] = words[..] else { return };
        let (Ok(task), Ok(step), Ok(token)) = (task.parse(), step.parse(), token.parse()) else { return };
        match what {
            "start" => {
                self.started.insert(task, step);
            }
            "ack" => {
                self.acknowledged.entry(task).or_default().insert(step, token);
            }
            _ => {}
        }
    }

    /// Holds the stored state against the ledger; returns how many steps are stored.
    async fn check(&mut self, store: &dyn Store) -> u64 {
        let mut total = 0;
        for task in 0..TASKS {
            let stored = counter(store, task).await;
            total += stored;
            let acknowledged = self.acknowledged.get(&task).and_then(|steps| steps.last_key_value());
            let (acknowledged, token) = acknowledged.map_or((0, 0), |(step, token)| (*step, *token));
            let started = self.started.get(&task).copied().unwrap_or(0);
            assert!(acknowledged <= stored, "task {task}: {acknowledged} acknowledged, {stored} stored");
            assert!(stored <= started.max(acknowledged), "task {task}: {stored} stored, {started} started");

            let snapshot = store.snapshot(None).await.unwrap();
            let rows = snapshot.scan(row_key(task, 0)..row_key(task, u64::MAX), Direction::Forward, usize::MAX).await;
            let rows: Vec<_> = rows.unwrap().into_iter().map(|(key, _)| key).collect();
            assert_eq!(rows, (1..=stored).map(|step| row_key(task, step)).collect::<Vec<_>>());

            let events = store.changes(partition(task), 0, usize::MAX).await.unwrap();
            let bodies: Vec<_> = events.iter().map(|event| (event.sequence, event.body.to_vec())).collect();
            assert_eq!(bodies, (1..=stored).map(|step| (step, step.to_be_bytes().to_vec())).collect::<Vec<_>>());

            if token > 0 {
                assert_eq!(store.resolve(id(number(task, acknowledged))).await.unwrap().unwrap().token, token);
            }
            if stored > 0 {
                assert!(store.resolve(id(number(task, stored))).await.unwrap().is_some());
            }
            assert_eq!(store.resolve(id(number(task, stored + 1))).await.unwrap(), None);
            // What was in flight and stored counts as acknowledged from now on: it may not go away again.
            self.acknowledged.entry(task).or_default().entry(stored).or_insert(0);
        }
        let shared = store.changes(partition(TASKS), 0, usize::MAX).await.unwrap();
        assert!(shared.iter().map(|event| event.sequence).eq(1..=total));
        assert!(shared.is_sorted_by(|one, next| one.at < next.at));
        total
    }
}

/// Starts a test as a child, kills it, and gives the lines it wrote. `dir` is where it works, and the variable that says so.
pub(super) fn killed(test: &str, (variable, dir): (&str, &Path), after: Duration) -> Vec<String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--ignored", "--nocapture", "--test-threads=1"])
        .env(variable, dir)
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let reader = std::thread::spawn(move || lines.by_ref().map_while(Result::ok).collect::<Vec<_>>());
    std::thread::sleep(after);
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().code(), None, "the child ended by itself");
    reader.join().unwrap()
}

#[test]
fn forty_kills_lose_nothing_that_was_acknowledged() {
    let mut dice = Dice::new("kill");
    let dir = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let mut ledger = Ledger::default();
    let mut stored = 0;
    for _ in 0..ROUNDS {
        let after = Duration::from_millis(30 + dice.below(300));
        for line in killed("store::kill::child", (DIR, dir.path()), after) {
            ledger.read(&line);
        }
        stored = runtime.block_on(async {
            let opened = open(dir.path());
            ledger.check(&*opened.store(NAME).unwrap()).await
        });
    }
    println!("{stored} commits survived {ROUNDS} kills");
    assert!(stored > u64::from(ROUNDS), "too few commits to mean anything");
}
