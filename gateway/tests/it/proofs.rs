//! The log can be proved: every entry, every state, and any change by who holds the directory (T1, T3).

use std::path::Path;

use foundation::value::Instant;
use gateway::audit::{AuditLog, AuditReport, Checkpoints, verify};
use gateway::config::{AuditConfig, Config};
use transparency::{Checkpoint, Suite};

use crate::audit::{small, write};
use crate::world::{Who, World};

/// A log with `count` entries, numbered from `first`, and the checkpoints that were made of it every 50 entries.
struct Kept {
    dir: tempfile::TempDir,
    config: AuditConfig,
    texts: Vec<String>,
    key: transparency::VerifyingKey,
}

impl Kept {
    fn new(suite: &str, entries: &[u64]) -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let mut kept = Self {
            config: AuditConfig { suite: suite.to_owned(), ..small() },
            texts: Vec::new(),
            key: transparency::Signer::ed25519("nobody", &[1; 32]).expect("a signer").verifying_key().clone(),
            dir,
        };
        kept.write(entries);
        kept
    }

    fn log(&self) -> std::path::PathBuf {
        self.dir.path().join("audit")
    }

    /// Writes entries, and keeps a checkpoint every 50.
    fn write(&mut self, entries: &[u64]) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (log, _) = AuditLog::open(&self.log(), &self.config, 16, Instant(1)).expect("a log");
        let checkpoints = Checkpoints::open(self.dir.path(), &self.log(), &self.config).expect("checkpoints");
        self.key = checkpoints.key().clone();
        for part in entries.chunks(50) {
            for n in part {
                runtime.block_on(write(&log, *n)).expect("written");
            }
            self.texts.push(checkpoints.sign(log.tree()).expect("signed").1);
        }
    }

    fn suite(&self) -> Suite {
        Suite::from_name(&self.config.suite).expect("a suite")
    }

    fn verified(&self, texts: &[String]) -> AuditReport {
        verify(&self.log(), self.suite(), Some(&self.key), texts).expect("readable")
    }
}

#[test]
fn every_entry_and_every_pair_of_states_is_proved_in_both_suites() {
    for suite in ["sha256", "sm3"] {
        let kept = Kept::new(suite, &(0..400).collect::<Vec<_>>());
        let (log, _) = AuditLog::open(&kept.log(), &kept.config, 16, Instant(1)).expect("a log");
        let tree = log.tree();
        let states: Vec<Checkpoint> = kept
            .texts
            .iter()
            .map(|text| Checkpoint::open(text, std::slice::from_ref(&kept.key)).expect("its own checkpoint"))
            .collect();
        let newest = states.last().expect("a state");
        assert_eq!((newest.size(), newest.suite()), (400, kept.suite()));
        for entry in 0..400 {
            let bytes = gateway::audit::bytes(&kept.log(), entry).expect("readable").expect("an entry");
            let leaf = gateway::audit::committed(kept.suite(), &bytes);
            let path = tree.inclusion(entry, 400).expect("a path");
            let hash = kept.suite().leaf_hash(&leaf);
            newest.check_inclusion(entry, &hash, &path).expect("in the log");
            assert!(newest.check_inclusion((entry + 1) % 400, &hash, &path).is_err());
        }
        for older in &states {
            for newer in &states {
                let proof = tree.consistency(older.size(), newer.size());
                if older.size() <= newer.size() {
                    newer.check_extension(older, &proof.expect("a proof")).expect("only grew");
                } else {
                    assert!(proof.is_err());
                }
            }
        }
        assert_eq!(kept.verified(&kept.texts).problems, Vec::<String>::new());
    }
    println!("audit proofs: 800 inclusions and 128 pairs of states hold");
}

/// The tree is derived: cut, lost or damaged in its last part, it is the same again after the next start.
#[test]
fn a_tree_that_was_lost_is_made_anew_from_the_entries() {
    let entries: Vec<u64> = (0..9_000).collect();
    let mut kept = Kept::new("sha256", &entries);
    let file = kept.log().join("tree.sha256");
    let whole = std::fs::read(&file).expect("a tree");
    let segments = || verify(&kept.log(), Suite::Sha256, None, &[]).expect("readable").segments;
    assert!(segments() > 1);
    type Damage = fn(&[u8]) -> Vec<u8>;
    let damages: [Damage; 4] = [
        |_| Vec::new(),
        |whole| whole[..whole.len() / 3].to_vec(),
        |whole| whole[..whole.len() - 7].to_vec(),
        // The end of the file is what a loss of power may leave as zeros.
        |whole| [&whole[..whole.len() - 4_096], &[0; 4_096]].concat(),
    ];
    for (at, damage) in damages.into_iter().enumerate() {
        std::fs::write(&file, damage(&whole)).expect("damaged");
        let (log, _) = AuditLog::open(&kept.log(), &kept.config, 16, Instant(1)).expect("a log");
        assert_eq!(log.tree().size(), 9_000, "damage {at}");
        drop(log);
        assert!(std::fs::read(&file).expect("a tree") == whole, "damage {at}");
    }
    kept.write(&[9_000, 9_001]);
    assert_eq!(kept.verified(&kept.texts).problems, Vec::<String>::new());
}

/// T3: somebody who holds the directory makes another log with a chain and a tree that fit. One old checkpoint is enough.
#[test]
fn whoever_rewrites_the_log_is_found_by_one_old_checkpoint() {
    let honest: Vec<u64> = (0..200).collect();
    let kept = Kept::new("sha256", &honest);
    let old = &kept.texts[2..3];
    let changed = |change: fn(&mut Vec<u64>)| {
        let mut entries: Vec<u64> = (0..200).collect();
        change(&mut entries);
        entries
    };
    let forgeries: [(&str, Vec<u64>); 7] = [
        ("truncation", changed(|e| e.truncate(120))),
        ("reorder", changed(|e| e.swap(10, 11))),
        ("insertion", changed(|e| e.insert(5, 999))),
        (
            "removal",
            changed(|e| {
                e.remove(5);
            }),
        ),
        ("rewriting", changed(|e| e[0] = 999)),
        ("fork in the last entry of the checkpoint", changed(|e| e[149] = 999)),
        ("a log begun anew", vec![]),
    ];
    assert_eq!(kept.verified(old).problems, Vec::<String>::new());
    for (what, entries) in &forgeries {
        let forged = Kept::new("sha256", entries);
        let alone = verify(&forged.log(), Suite::Sha256, Some(&forged.key), &forged.texts).expect("readable");
        assert_eq!(alone.problems, Vec::<String>::new(), "{what} fits in itself");
        let report = verify(&forged.log(), Suite::Sha256, Some(&kept.key), old).expect("readable");
        assert_eq!(report.problems.len(), 1, "{what}: {:?}", report.problems);
        // And its own checkpoints are not signed by the log's key.
        if !forged.texts.is_empty() {
            let report = verify(&forged.log(), Suite::Sha256, Some(&kept.key), &forged.texts).expect("readable");
            assert!(!report.problems.is_empty(), "{what} signs with another key");
        }
    }
    // What came after the checkpoint is not proved by it, but by the next one.
    let later = Kept::new("sha256", &changed(|e| e[150] = 999));
    assert!(verify(&later.log(), Suite::Sha256, Some(&kept.key), old).expect("readable").problems.is_empty());
    let next = &kept.texts[3..4];
    assert!(!verify(&later.log(), Suite::Sha256, Some(&kept.key), next).expect("readable").problems.is_empty());
    println!("audit forgeries: {} of {} found", forgeries.len(), forgeries.len());
}

#[tokio::test]
async fn an_auditor_gets_proofs_over_http_and_checks_them_alone() {
    let witness = tempfile::tempdir().expect("a directory");
    let audit = AuditConfig { witness: Some(witness.path().to_owned()), ..small() };
    let world = World::with(Config { audit, ..Config::default() });
    for _ in 0..20 {
        world.ask(Who::Public, "GET", "/api/v1/datasets", "").await;
    }
    world.app.keep_checkpoint(true);
    let older = std::fs::read_to_string(gateway::audit::checkpoint::newest(witness.path(), Suite::Sha256))
        .expect("with the witness");
    let key: transparency::VerifyingKey = std::fs::read_to_string(world.dir.path().join("keys/checkpoint-sha256.pub"))
        .expect("a key")
        .trim()
        .parse()
        .expect("a key");
    let older = Checkpoint::open(&older, std::slice::from_ref(&key)).expect("the log's");
    assert_eq!(older.size(), 20);
    for who in [Who::Public, Who::Police, Who::Administrator, Who::Authority] {
        assert_eq!(world.ask(who, "GET", "/api/v1/audit/inclusion?entry=3", "").await.0, 403, "{who:?}");
    }
    let (status, proof) = world.ask(Who::Auditor, "GET", "/api/v1/audit/inclusion?entry=3", "").await;
    assert_eq!(status, 200, "{proof}");
    let state =
        Checkpoint::open(proof["checkpoint"].as_str().expect("a text"), std::slice::from_ref(&key)).expect("signed");
    let decode = |value: &serde_json::Value| {
        use base64::Engine as _;
        base64::engine::general_purpose::STANDARD.decode(value.as_str().expect("a text")).expect("base64")
    };
    let path = |proof: &serde_json::Value| -> Vec<transparency::Hash> {
        proof["path"].as_array().expect("a path").iter().map(|h| decode(h).try_into().expect("32 bytes")).collect()
    };
    let leaf = decode(&proof["leaf"]);
    state.check_inclusion(3, &state.suite().leaf_hash(&leaf), &path(&proof)).expect("in the log");
    let (_, proof) = world.ask(Who::Auditor, "GET", "/api/v1/audit/consistency?from=20", "").await;
    let newer =
        Checkpoint::open(proof["checkpoint"].as_str().expect("a text"), std::slice::from_ref(&key)).expect("signed");
    newer.check_extension(&older, &path(&proof)).expect("only grew");
    assert_eq!(world.ask(Who::Auditor, "GET", "/api/v1/audit/inclusion?entry=9999", "").await.0, 400);
    let places = [world.app.audit.directory(), witness.path()];
    let texts: Vec<_> =
        places.iter().map(|p: &&Path| gateway::audit::checkpoint::kept(p, Suite::Sha256).expect("kept")).collect();
    assert!(texts[0] == texts[1] && texts[0].len() == 1);
}

/// A log whose hash is changed keeps what it had: each kind of checkpoint is judged with its own hash and key.
#[test]
fn a_change_of_hash_keeps_the_checkpoints_of_before() {
    let mut kept = Kept::new("sha256", &(0..100).collect::<Vec<_>>());
    let before = (kept.texts.clone(), kept.key.clone());
    kept.config.suite = "sm3".to_owned();
    kept.texts.clear();
    kept.write(&(100..150).collect::<Vec<_>>());
    assert_eq!(kept.verified(&kept.texts).problems, Vec::<String>::new());
    let old = verify(&kept.log(), Suite::Sha256, Some(&before.1), &before.0).expect("readable");
    assert_eq!((old.checkpoints, old.problems.len(), old.entries), (2, 0, 150));
    let mixed = verify(&kept.log(), Suite::Sha256, Some(&kept.key), &kept.texts).expect("readable");
    assert!(mixed.problems[0].contains("sm3"), "{:?}", mixed.problems);
}
