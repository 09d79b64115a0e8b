//! A log that was begun with entries of form 1.

use std::os::unix::fs::FileExt as _;

use foundation::value::Instant;
use transparency::Suite;

use super::entry::tests::{draft, first_form};
use super::segment::{self, HEADER};
use super::{AuditLog, Draft, Entry, Opening, committed, tail, verify};
use crate::config::AuditConfig;

/// Its root is that of then, so checkpoints that were kept still hold; it goes on with entries of form 2.
#[test]
fn a_log_of_the_first_form_keeps_its_root_and_goes_on() {
    let dir = tempfile::tempdir().expect("a directory");
    let config = AuditConfig { segment_mib: 1, ..AuditConfig::default() };
    let old: Vec<Vec<u8>> = (0..3).map(|n| first_form(&Draft { roles: 2, ..draft(n) })).collect();
    {
        let spare = dir.path().join("spare.tmp");
        let file = segment::preallocate(&spare, 1 << 20).expect("a segment");
        segment::begin(&spare, &file, dir.path(), 0, &[0; 32]).expect("begun");
        let (mut frames, mut chain) = (Vec::new(), [0; 32]);
        for bytes in &old {
            chain = segment::put_frame(&mut frames, &chain, bytes);
        }
        file.write_all_at(&frames, HEADER as u64).expect("written");
    }
    let (log, _) = AuditLog::open(dir.path(), &config, 16, Instant(1)).expect("a log");
    let suite = Suite::Sha256;
    let [one, two, three] = [&old[0], &old[1], &old[2]].map(|bytes| suite.leaf_hash(bytes));
    let of_then = suite.node_hash(&suite.node_hash(&one, &two), &three);
    assert_eq!((log.tree().size(), log.tree().root(3).expect("a root")), (3, of_then));

    let fresh = draft(9);
    let opened = log.begin(fresh.request, fresh.opened, "s", "GET /").expect("begun");
    let written = futures::executor::block_on(log.close(opened, &fresh));
    assert_eq!(written, Ok(3));
    let all = tail(dir.path(), 0, 100).expect("readable");
    assert_eq!((all.len(), &all[..3]), (4, old.as_slice()));
    assert_eq!(tail(dir.path(), 2, 1).expect("readable"), [old[2].clone()]);
    assert!(tail(dir.path(), 4, 100).expect("readable").is_empty());
    let entries: Vec<Entry> = all.iter().map(|bytes| Entry::read(bytes).expect("readable")).collect();
    assert_eq!(entries[3].records, entries[0].records);
    assert_eq!((Opening::of(suite, &all[0], "a"), Opening::of(suite, &all[3], "a").is_some()), (None, true));
    let path = log.tree().inclusion(3, 4).expect("a path");
    let leaf = suite.leaf_hash(&committed(suite, &all[3]));
    let root = log.tree().root(4).expect("a root");
    assert_eq!(transparency::verify_inclusion(suite, 3, 4, &leaf, &path, &root), Ok(()));
    drop(log);
    let report = verify(dir.path(), suite, None, &[]).expect("readable");
    assert_eq!((report.entries, report.problems), (4, Vec::new()));
}
