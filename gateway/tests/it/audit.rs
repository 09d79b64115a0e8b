//! The audit log: complete, chained, recovered, and a condition of every answer.

use std::os::unix::fs::FileExt as _;
use std::sync::Arc;

use foundation::value::Instant;
use gateway::audit::{AuditLog, AuditReport, Draft, Entry, EntryFilter};
use gateway::config::AuditConfig;

use crate::world::{EVERYBODY, Who, World};

/// The log checked without checkpoints.
fn verify(directory: &std::path::Path) -> std::io::Result<AuditReport> {
    gateway::audit::verify(directory, transparency::Suite::Sha256, None, &[])
}

pub(crate) fn draft(n: u64) -> Draft<'static> {
    let mut request = [0; 16];
    request[..8].copy_from_slice(&n.to_be_bytes());
    Draft {
        // The same entry written twice is the same leaf: what a forger who copies it can do.
        seed: Some([(n % 251) as u8; 32]),
        opened: Instant(1),
        closed: Instant(2),
        request,
        roles: 1,
        act: 3,
        status: 200,
        rows: 1,
        policy_version: 1,
        valid_at: None,
        known_at: None,
        subject: "s",
        department: "",
        officer: "",
        grant: "",
        case: "",
        purpose: "",
        ground: "",
        route: "GET /",
        dataset: "",
        code: "",
        cause: "",
        question: None,
        records: &["0123456789abcdef0123456789abcdef"],
        policies: &[],
        fields: &[1, 2, 3],
        masked: &[],
    }
}

pub(crate) fn small() -> AuditConfig {
    AuditConfig { segment_mib: 1, ..AuditConfig::default() }
}

pub(crate) async fn write(log: &AuditLog, n: u64) -> Result<u64, gateway::audit::AuditError> {
    let draft = draft(n);
    let opened = log.begin(draft.request, draft.opened, "s", "GET /")?;
    log.close(opened, &draft).await
}

#[tokio::test]
async fn every_request_has_one_entry_refusals_too() {
    let world = World::new();
    let mut sent = 0;
    for who in EVERYBODY {
        for path in [
            "/api/v1/datasets",
            "/api/v1/datasets/population/persons/records/one",
            "/api/v1/search?colour=red",
            "/api/v1/search?q=11010519491231002X",
            "/api/v1/nowhere",
            "/api/v1/audit/entries",
        ] {
            world.ask(who, "GET", path, "").await;
            sent += 1;
        }
    }
    let entries = world.entries();
    assert_eq!(entries.len(), sent);
    let numbers: Vec<u64> = entries.iter().map(|(n, _)| *n).rev().collect();
    assert_eq!(numbers, (0..sent as u64).collect::<Vec<_>>());
    let granted: Vec<&Entry> = entries.iter().map(|(_, e)| e).filter(|e| e.status == 200 && e.grant == "G-1").collect();
    let entry = granted.iter().find(|e| !e.records.is_empty()).expect("the granted reading of a person");
    assert_eq!(entry.records, ["one"]);
    assert_eq!(
        (entry.purpose.as_str(), entry.case.as_str(), entry.officer.as_str()),
        ("办理社会保险登记", "C-1", "007")
    );
    assert!(
        !entry.fields.is_empty()
            && entry.masked.len() == 1
            && entry.policies.contains(&"a-grant-opens-the-fields-it-names".to_owned())
    );
    let bytes = std::fs::read(world.app.audit.directory().join(format!("{:020}.log", 0))).expect("a segment");
    for personal in ["11010519491231002X", "杜甫"] {
        assert!(!bytes.windows(personal.len()).any(|w| w == personal.as_bytes()), "{personal} stands in the log");
    }
}

#[tokio::test]
async fn auditors_read_the_log_by_time_caller_and_dataset_in_pages() {
    let world = World::new();
    for who in [Who::Public, Who::Registrar, Who::Granted] {
        for _ in 0..3 {
            world.ask(who, "GET", "/api/v1/datasets/population/persons/records/one", "").await;
        }
    }
    let path = "/api/v1/audit/entries";
    let (status, all) = world.ask(Who::Auditor, "GET", &format!("{path}?caller=granted"), "").await;
    assert_eq!(status, 200, "{all}");
    assert_eq!(all["items"].as_array().expect("items").len(), 3);
    let (_, page) = world.ask(Who::Auditor, "GET", &format!("{path}?limit=4&dataset=population/persons"), "").await;
    let next = page["next"].as_u64().expect("a number");
    let (_, rest) =
        world.ask(Who::Auditor, "GET", &format!("{path}?limit=100&dataset=population/persons&before={next}"), "").await;
    assert_eq!(page["items"].as_array().expect("items").len() + rest["items"].as_array().expect("items").len(), 9);
    let (_, none) = world.ask(Who::Auditor, "GET", &format!("{path}?from=2030-01-01"), "").await;
    assert_eq!(none["items"].as_array().expect("items").len(), 0);
    assert_eq!(world.ask(Who::Administrator, "GET", path, "").await.0, 403);
}

#[test]
fn a_torn_tail_is_cut_at_the_last_whole_entry() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let dir = tempfile::tempdir().expect("a directory");
    let (log, _) = AuditLog::open(dir.path(), &small(), 16, Instant(1)).expect("a log");
    for n in 0..10 {
        runtime.block_on(write(&log, n)).expect("written");
    }
    drop(log);
    let file = dir.path().join(format!("{:020}.log", 0));
    let whole = std::fs::read(&file).expect("a segment");
    let end = whole.iter().rposition(|b| *b != 0).expect("bytes") + 1;
    // What a kill in the middle of a write leaves: the last entry without its end.
    std::fs::OpenOptions::new()
        .write(true)
        .open(&file)
        .expect("a segment")
        .write_all_at(&[0; 20], end as u64 - 20)
        .expect("torn");
    let report = verify(dir.path()).expect("readable");
    assert_eq!((report.entries, report.problems.len()), (9, 0));
    assert!(report.torn_bytes > 0);
    let (log, found) = AuditLog::open(dir.path(), &small(), 16, Instant(1)).expect("a log");
    assert!(found.cut_bytes > 0);
    // Request 9 had begun, its entry is lost: it is entered as interrupted.
    assert_eq!(found.interrupted, 1);
    assert_eq!(runtime.block_on(write(&log, 11)).expect("written"), 10);
    drop(log);
    let report = verify(dir.path()).expect("readable");
    assert_eq!((report.entries, report.torn_bytes, report.problems), (11, 0, Vec::new()));
}

#[test]
fn segments_follow_each_other_and_a_changed_byte_is_found() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let dir = tempfile::tempdir().expect("a directory");
    let (log, _) = AuditLog::open(dir.path(), &small(), 8_192, Instant(1)).expect("a log");
    let log = Arc::new(log);
    runtime.block_on(async {
        let writes = (0..8_000).map(|n| {
            let log = Arc::clone(&log);
            async move { write(&log, n).await }
        });
        let numbers = futures::future::try_join_all(writes).await.expect("written");
        let mut sorted = numbers;
        sorted.sort_unstable();
        assert_eq!(sorted, (0..8_000).collect::<Vec<_>>());
    });
    let (entries, syncs, _) = log.counters();
    assert!(entries == 8_000 && syncs < 4_000, "{entries} entries in {syncs} syncs");
    drop(log);
    let report = verify(dir.path()).expect("readable");
    assert!(report.segments > 1 && report.entries == 8_000 && report.problems.is_empty(), "{report:?}");
    let (root, file) = (report.root, dir.path().join(format!("{:020}.log", 0)));
    let segment = std::fs::OpenOptions::new().read(true).write(true).open(&file).expect("a segment");
    // In the first entry: how many more of them a segment holds depends on how they were gathered.
    let (mut byte, place) = ([0], 100);
    segment.read_exact_at(&mut byte, place).expect("a byte");
    segment.write_all_at(&[byte[0] ^ 1], place).expect("changed");
    assert!(!verify(dir.path()).expect("readable").problems.is_empty());
    segment.write_all_at(&byte, place).expect("restored");
    assert_eq!(verify(dir.path()).expect("readable").root, root);
    let newest = gateway::audit::entries(dir.path(), &EntryFilter::default(), 3).expect("readable");
    assert_eq!(newest.iter().map(|(n, _)| *n).collect::<Vec<_>>(), [7_999, 7_998, 7_997]);
}

#[tokio::test]
async fn what_is_dropped_before_its_answer_is_entered_as_abandoned() {
    let dir = tempfile::tempdir().expect("a directory");
    let (log, _) = AuditLog::open(dir.path(), &small(), 16, Instant(1)).expect("a log");
    let opened = log.begin([9; 16], Instant(1), "somebody", "GET /").expect("begun");
    drop(opened);
    write(&log, 1).await.expect("written");
    let entries = gateway::audit::entries(dir.path(), &EntryFilter::default(), 10).expect("readable");
    assert_eq!(entries[1].1.code, "abandoned");
    assert_eq!(entries[1].1.subject, "somebody");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_log_nothing_is_answered_until_it_can_be_written_again() {
    let config = gateway::config::Config { audit: small(), ..gateway::config::Config::default() };
    let world = World::with(config);
    let path = "/api/v1/datasets/culture/works/records/one";
    assert_eq!(world.ask(Who::Public, "GET", path, "").await.0, 200);
    // The next segment cannot be made: its directory is gone.
    let directory = world.app.audit.directory().to_owned();
    let aside = world.dir.path().join("aside");
    std::fs::rename(&directory, &aside).expect("moved");
    let mut refused = 0;
    for _ in 0..5_000 {
        let (status, answer) = world.ask(Who::Public, "GET", path, "").await;
        if status == 503 {
            assert_eq!(answer["code"], "audit_unavailable");
            assert!(answer["fields"].is_null());
            refused += 1;
            if refused > 3 {
                break;
            }
        }
    }
    assert!(refused > 3, "the log went on without a directory");
    assert_eq!(world.ask(Who::Public, "GET", "/health/ready", "").await.0, 503);
    std::fs::rename(&aside, &directory).expect("moved back");
    for _ in 0..60 {
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        if world.ask(Who::Public, "GET", path, "").await.0 == 200 {
            world.app.audit.shutdown();
            let report = verify(&directory).expect("readable");
            assert_eq!(report.problems, Vec::<String>::new());
            return;
        }
    }
    panic!("the log did not heal");
}
