//! What opening a large audit log costs, and proofs of inclusion in it. Run by `make measure`; nothing is asserted of time.
//!
//! `NATBASE_ENTRIES` is the size of the log: 1,000,000 unless it says otherwise. On the way there it is measured at every
//! power of ten from a million on. `NATBASE_AUDIT_LOG` is a folder in which the log stays, to be measured or to grow again.
//! Entries are written by the log itself, in groups, each synced. Every 32nd is of full size (`measure.rs`), the others say
//! little: 190 bytes an entry on disk, where real ones take some 450.

pub(crate) mod probe;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::slice::from_ref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant as Stopwatch;

use foundation::clock::{Clock as _, SystemClock};
use foundation::value::Instant;
use gateway::audit::{AuditLog, Checkpoints, Draft, committed};
use gateway::config::AuditConfig;
use transparency::{Checkpoint, Hash, VerifyingKey};

use probe::{Probe, forget, memory};

/// Entries that one thread has in flight while the log grows.
const WINDOW: u64 = 16_384;
/// Proofs of each kind.
const PROOFS: u64 = 10_000;
/// Proofs for each of which everything is read from disk.
const COLD: u64 = 400;

/// An entry of a day long past.
fn draft(number: u64) -> Draft<'static> {
    let mut request = [0; 16];
    request[..8].copy_from_slice(&number.to_be_bytes());
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_be_bytes());
    let small = || Draft { request, opened: Instant(1), closed: Instant(2), act: 3, status: 200, ..Draft::blank() };
    let draft = if number.is_multiple_of(32) { crate::measure::draft(request) } else { small() };
    Draft { seed: Some(seed), ..draft }
}

/// Lets the log grow to `to` entries.
fn grow(log: &AuditLog, to: u64) {
    let next = AtomicU64::new(log.tree().size());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                loop {
                    let first = next.fetch_add(WINDOW, Ordering::Relaxed);
                    if first >= to {
                        return;
                    }
                    let begun: Vec<_> = (first..to.min(first + WINDOW))
                        .map(|n| (n, log.begin(draft(n).request, Instant(1), "", "").expect("begun")))
                        .collect();
                    let closed = begun.into_iter().map(|(n, opened)| async move {
                        log.close(opened, &draft(n)).await.expect("written");
                    });
                    futures::executor::block_on(futures::future::join_all(closed));
                }
            });
        }
    });
}

/// What a gateway answers: a signed state of the log, an entry, and the path from it.
struct Proof {
    entry: u64,
    checkpoint: String,
    bytes: Vec<u8>,
    leaf: Vec<u8>,
    path: Vec<Hash>,
}

fn prove(log: &AuditLog, checkpoints: &Checkpoints, entry: u64) -> Proof {
    let tree = log.tree();
    let (state, checkpoint) = checkpoints.sign(tree).expect("signed");
    let bytes = log.reader().bytes(entry).expect("read").expect("an entry");
    let leaf = committed(tree.suite(), &bytes);
    let path = tree.inclusion(entry, state.size()).expect("a path");
    Proof { entry, checkpoint, bytes, leaf, path }
}

/// What `natbase audit check` does, with nothing but the proof and the key.
fn check(proof: &Proof, key: &VerifyingKey) -> Checkpoint {
    let state = Checkpoint::open(&proof.checkpoint, from_ref(key)).expect("signed by the log");
    let hash = state.suite().leaf_hash(&proof.leaf);
    state.check_inclusion(proof.entry, &hash, &proof.path).expect("in the log");
    assert_eq!(committed(state.suite(), &proof.bytes), proof.leaf);
    state
}

/// Numbers of entries all over the log, the same in every run.
fn spread(number: u64, size: u64) -> u64 {
    number.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) % size
}

/// The log's files that hold entries, in order.
fn segments(log: &Path) -> Vec<PathBuf> {
    let is_one = |file: &PathBuf| file.file_name().is_some_and(|name| name.len() == 24);
    let mut all: Vec<PathBuf> = std::fs::read_dir(log).expect("a log").flatten().map(|file| file.path()).collect();
    all.retain(is_one);
    all.sort();
    all
}

fn megabytes(files: &[PathBuf]) -> f64 {
    files.iter().map(|file| std::fs::metadata(file).expect("a file").len()).sum::<u64>() as f64 / 1e6
}

/// Takes the whole log out of the page cache.
fn forget_all(log: &Path) {
    std::fs::read_dir(log).expect("a log").flatten().for_each(|file| forget(&file.path()));
}

/// Opens a log in a process of its own, which says what that took.
pub(crate) fn open_alone(log: &Path, now: Instant) {
    let this = std::env::current_exe().expect("this program");
    let told = Command::new(this)
        .args(["--ignored", "--exact", "measure_proofs::opened_alone", "--nocapture", "--quiet"])
        .envs([("NATBASE_OPENED", log.as_os_str()), ("NATBASE_OPENED_AT", now.0.to_string().as_ref())])
        .output()
        .expect("a process");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    let text = String::from_utf8_lossy(&told.stdout).into_owned();
    text.lines().filter(|line| line.starts_with("  opened")).for_each(|line| println!("{line}"));
}

#[test]
#[ignore = "what the measurements run"]
fn opened_alone() {
    let Some(log) = std::env::var_os("NATBASE_OPENED") else { return };
    let now = std::env::var("NATBASE_OPENED_AT").ok().and_then(|n| n.parse().ok()).expect("microseconds");
    let (probe, before) = (Probe::new(), memory().0);
    let (cpu, clock) = (probe.cpu(), Stopwatch::now());
    let (log, _) = AuditLog::open(Path::new(&log), &AuditConfig::default(), 256, Instant(now)).expect("a log");
    let (clock, cpu) = (clock.elapsed().as_millis(), (probe.cpu() - cpu) / 1_000.0);
    let (held, most) = memory();
    println!(
        "\n  opened with {} entries: {clock} ms by the clock, {cpu:.0} ms CPU, at most {:.0} MB, then {:.0} MB",
        log.tree().size(),
        most - before,
        held - before
    );
}

#[test]
#[ignore = "a measurement: make measure"]
fn costs_of_proofs() {
    let most: u64 = std::env::var("NATBASE_ENTRIES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000_000);
    let kept = std::env::var_os("NATBASE_AUDIT_LOG").map(PathBuf::from);
    let own = tempfile::tempdir().expect("a folder");
    let data = kept.unwrap_or_else(|| own.path().to_owned());
    let (config, log) = (AuditConfig::default(), data.join("audit"));
    std::fs::create_dir_all(data.join("keys")).expect("a folder");
    let mut sizes: Vec<u64> = (6..19).map(|power| 10_u64.pow(power)).take_while(|size| *size < most).collect();
    sizes.push(most);
    for size in sizes {
        let (written, _) = AuditLog::open(&log, &config, 0, SystemClock.now()).expect("a log");
        let before = written.tree().size();
        if before > size {
            continue;
        }
        let clock = Stopwatch::now();
        grow(&written, size);
        println!("a log of {size} entries: {} more in {:.0} s", size - before, clock.elapsed().as_secs_f64());
        drop(written);
        measured(&data, &log, &config);
    }
}

fn measured(data: &Path, directory: &Path, config: &AuditConfig) {
    let (files, tree_file, hints) = (segments(directory), directory.join("tree.sha256"), directory.join("places"));
    let [entries, tree, places] = [&files[..], from_ref(&tree_file), from_ref(&hints)].map(megabytes);
    println!("  {} segments of {entries:.0} MB, a tree of {tree:.0}, hints of {places:.0}", files.len());
    forget_all(directory);
    open_alone(directory, SystemClock.now());
    open_alone(directory, SystemClock.now());
    forget_all(directory);
    let (log, _) = AuditLog::open(directory, config, 256, SystemClock.now()).expect("a log");
    let checkpoints = Checkpoints::open(data, directory, config).expect("checkpoints");
    let (probe, tree, size, key) = (Probe::new(), log.tree(), log.tree().size(), checkpoints.key());
    let number = |n: u64| spread(n, size);
    let proven = |n: u64| prove(&log, &checkpoints, number(n));
    let holds = |_: u64, proof: Proof| assert_eq!(check(&proof, key).size(), size);
    let of = |entry: u64| files.partition_point(|file| *file <= directory.join(format!("{entry:020}.log"))) - 1;
    let cold = |n: u64| [&tree_file, &hints, &files[of(number(n))]].into_iter().for_each(|file| forget(file));
    println!("  a proof, everything read from disk: {}", probe.each_between(COLD, cold, proven, holds));
    forget_all(directory);
    println!("  proofs after a start, one after another: {}", probe.each_between(PROOFS, |_| (), proven, holds));
    println!("  the same again: {}", probe.each_between(PROOFS, |_| (), proven, holds));
    println!("    of that, state and signature: {}", probe.each(PROOFS, |_| checkpoints.sign(tree)));
    println!("    the entry's bytes: {}", probe.each(PROOFS, |n| log.reader().bytes(number(n))));
    println!("    the path: {}", probe.each(PROOFS, |n| tree.inclusion(number(n), size)));
    println!(
        "  bytes after a look at the directory: {}",
        probe.each(1_000, |n| gateway::audit::bytes(directory, number(n)))
    );
    println!("  a proof that the log only grew: {}", probe.each(PROOFS, |n| tree.consistency(number(n), size)));
    let proofs: Vec<Proof> = (0..PROOFS).map(proven).collect();
    println!("  a check, offline: {}", probe.each(PROOFS, |n| check(&proofs[usize::try_from(n).expect("few")], key)));
    let hash = tree.suite().leaf_hash(&proofs[0].leaf);
    let of_another = check(&proofs[0], key).check_inclusion(proofs[0].entry ^ 1, &hash, &proofs[0].path);
    assert!(of_another.is_err());
    let longest = proofs.iter().map(|proof| proof.path.len()).max().unwrap_or(0);
    println!("  the longest path: {longest} hashes");
    let (texts, before) = ([proofs[0].checkpoint.clone()], probe.cpu());
    let report = gateway::audit::verify(directory, tree.suite(), Some(key), &texts).expect("readable");
    assert_eq!((report.entries, report.checkpoints, report.problems), (size, 1, Vec::new()));
    println!(
        "  the whole log checked against its checkpoint: {:.1} µs CPU an entry",
        (probe.cpu() - before) / size as f64
    );
}
