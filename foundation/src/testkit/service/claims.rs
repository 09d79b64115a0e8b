//! The claims, one function each.

use super::{Bench, FIRST, SECOND, START, line};
use crate::record::IdKey;
use crate::service::{
    BaseDatabase, BatchState, ChangeKind, ChangesAsk, ErrorKind, ImportFinish, ImportMode, ImportRows, LocalDatabase,
    LookupAsk, LookupItem, OpenOptions, RecordAsk, Times,
};
use crate::value::{Day, Instant};

fn day(text: &str) -> Day {
    Day::parse(text).unwrap()
}

/// An imported record is found by its natural key and by its id, and nothing else is.
pub async fn an_imported_record_is_found_by_key_and_by_id(bench: Bench) {
    let report = bench.import(FIRST, "k", &[line(1, 1), line(2, 1)]).await;
    assert_eq!((report.state, &report.problems[..]), (BatchState::Complete, &[][..]));
    assert_eq!((report.progress.accepted, report.progress.changed, report.progress.last_line), (2, 2, 3));
    let record = bench.find(1, START.day(), None).await.unwrap();
    let by_id = bench.database.get(bench.get_ask(&record.id)).await.unwrap();
    assert_eq!(by_id.record.as_ref(), Some(&record));
    assert!(by_id.at.known_at >= record.recorded.from, "known as of the newest commit");
    assert_eq!(bench.find(3, START.day(), None).await, None);
    assert_eq!(bench.database.get(bench.get_ask("no~such")).await.unwrap().record, None);
    // A permit that holds nothing shows nothing.
    let mut ask = bench.get_ask(&record.id);
    ask.scopes.clear();
    assert_eq!(bench.database.get(ask).await.unwrap().record, None);
    // Fields that may only be masked stand apart.
    let mut ask = bench.get_ask(&record.id);
    let varying = bench.varying();
    ask.scopes[0].readable.retain(|n| *n != varying);
    ask.scopes[0].masked = vec![varying];
    let masked = bench.database.get(ask).await.unwrap().record.unwrap();
    assert_eq!((masked.fields.get(varying), masked.to_mask.get(varying)), (None, record.fields.get(varying)));
}

/// The same import again, with the same key or another, changes no record.
pub async fn the_same_import_again_changes_nothing(bench: Bench) {
    let lines: Vec<_> = (1..=30).map(|n| line(n, n)).collect();
    let first = bench.import(FIRST, "k", &lines).await;
    let version = bench.find(7, START.day(), None).await.unwrap();
    assert_eq!(bench.import(FIRST, "k", &lines).await, first, "the same key is the same batch and the same report");
    let other = bench.import(FIRST, "other", &lines).await;
    assert_eq!((other.progress.unchanged, other.progress.changed), (30, 0));
    assert_eq!(bench.find(7, START.day(), None).await.unwrap(), version);
}

/// An import whose body broke off keeps what came, and the same command again ends as if it had not.
pub async fn an_import_broken_off_goes_on_where_it_was(bench: Bench) {
    let lines: Vec<_> = (1..=20).map(|n| line(n, n)).collect();
    let rows = bench.rows(&lines);
    let batch = bench.database.import_begin(bench.beginning(FIRST, "k", ImportMode::Delta)).await.unwrap();
    let part = ImportRows { batch, rows: rows[..8].to_vec(), header: None };
    let progress = bench.database.import_rows(part).await.unwrap();
    assert_eq!((progress.accepted, progress.last_line), (8, 9));
    let cut_off = Some("the connection was closed".to_owned());
    let report = bench.database.import_finish(ImportFinish { batch, cut_off, confirm: false }).await.unwrap();
    assert_eq!((report.state, report.progress.last_line), (BatchState::CutOff, 9));
    assert_eq!(bench.said(8).await, bench.word(8, 8));
    assert_eq!(bench.said(9).await, None);
    let report = bench.send(bench.beginning(FIRST, "k", ImportMode::Delta), rows, false).await;
    assert_eq!((report.batch, report.state, report.cut_off), (batch, BatchState::Complete, None));
    assert_eq!((report.progress.accepted, report.progress.changed), (20, 20));
}

/// A record is what it was on a day, as it was known at an instant.
pub async fn a_record_is_read_at_two_times(bench: Bench) {
    bench.import(FIRST, "a", &[line(1, 1).with("_valid_from", "2000-01-01")]).await;
    let known = bench.known().await;
    bench.import(FIRST, "b", &[line(1, 2).with("_valid_from", "2010-01-01")]).await;
    for (valid_at, known_at, word) in [
        ("2005-01-01", None, Some(1)),
        ("2015-01-01", None, Some(2)),
        ("2015-01-01", Some(known), Some(1)),
        ("1999-12-31", None, None),
        ("2015-01-01", Some(Instant(START.0 - 1)), None),
    ] {
        let said = bench.said_at(1, day(valid_at), known_at).await;
        assert_eq!(said, word.and_then(|w| bench.word(1, w)), "{valid_at} as known at {known_at:?}");
    }
}

/// Where two sources differ the first in order is shown, and the field is marked.
pub async fn the_first_source_in_order_wins_and_the_dispute_is_marked(bench: Bench) {
    bench.import(SECOND, "a", &[line(1, 2)]).await;
    assert_eq!(bench.said(1).await, bench.word(1, 2));
    bench.import(FIRST, "b", &[line(1, 1)]).await;
    let record = bench.find(1, START.day(), None).await.unwrap();
    assert_eq!(record.fields.get(bench.varying()).cloned(), bench.word(1, 1));
    assert!(record.disputed.contains(&bench.varying()), "{:?}", record.disputed);
    let claims = bench.database.claims(bench.record_ask(1).await).await.unwrap().claims;
    let open: Vec<_> =
        claims.iter().filter(|c| c.recorded.to == Instant::MAX && c.valid.contains(START.day())).collect();
    let wins = |source: &str| open.iter().any(|c| c.source == source && c.wins.contains(&bench.varying()));
    assert!(wins(FIRST) && !wins(SECOND));
    bench.import(SECOND, "c", &[line(1, 1)]).await;
    let record = bench.find(1, START.day().plus(1), None).await.unwrap();
    assert_eq!(record.disputed, Vec::<u16>::new(), "they agree from that day on");
}

/// `end` closes valid time, `retract` closes what was recorded; both leave the past as it was known.
pub async fn an_end_closes_valid_time_and_a_retract_takes_back(bench: Bench) {
    bench.import(FIRST, "a", &[line(1, 1), line(2, 1)]).await;
    let known = bench.known().await;
    let ended = line(1, 1).with("_op", "end").with("_valid_to", "2020-01-01");
    let report = bench.import(FIRST, "b", &[ended, line(2, 1).with("_op", "retract")]).await;
    assert_eq!(report.progress.changed, 2, "{report:?}");
    assert_eq!(bench.said_at(1, day("2019-12-31"), None).await, bench.word(1, 1));
    assert_eq!(bench.said_at(1, day("2020-01-01"), None).await, None);
    assert_eq!(bench.said_at(2, day("2019-12-31"), None).await, None);
    assert_eq!(bench.said_at(2, day("2019-12-31"), Some(known)).await, bench.word(2, 1));
    let nothing = bench.import(FIRST, "c", &[line(9, 1).with("_op", "end")]).await;
    assert_eq!((nothing.progress.unchanged, nothing.warnings[0].rule.as_str()), (1, "nothing_to_end"));
}

/// Two rows of one batch that touch the same record both apply, the later over the earlier.
pub async fn two_rows_of_one_batch_on_one_record_apply_in_order(bench: Bench) {
    let lines = [
        line(1, 1).with("_valid_from", "2000-01-01"),
        line(1, 2).with("_valid_from", "2010-01-01"),
        line(1, 3).with("_valid_from", "2010-01-01"),
    ];
    let report = bench.import(FIRST, "a", &lines).await;
    assert_eq!((report.progress.changed, report.warnings.len()), (3, 1), "{report:?}");
    assert_eq!(bench.said_at(1, day("2005-01-01"), None).await, bench.word(1, 1));
    assert_eq!(bench.said_at(1, day("2015-01-01"), None).await, bench.word(1, 3));
}

/// Taking a batch back leaves what stood before it, as a new recorded time; twice is once.
pub async fn a_withdrawn_batch_leaves_what_stood_before(bench: Bench) {
    bench.import(FIRST, "a", &[line(1, 1), line(2, 1), line(3, 1)]).await;
    let wrong = [
        line(1, 2).with("_valid_from", "2010-01-01"),
        line(2, 1).with("_op", "end").with("_valid_to", "2015-01-01"),
        line(4, 2),
    ];
    let wrong = bench.import(FIRST, "b", &wrong).await;
    let known = bench.known().await;
    bench.import(FIRST, "c", &[line(1, 3).with("_valid_from", "2020-01-01")]).await;
    let report = bench.withdraw(wrong.batch).await;
    assert_eq!((report.state, report.progress.accepted), (BatchState::Withdrawn, 3));
    assert_eq!(bench.said_at(1, day("2012-01-01"), None).await, bench.word(1, 1), "what was displaced is back");
    assert_eq!(bench.said_at(1, day("2021-01-01"), None).await, bench.word(1, 3), "what came after stays");
    assert_eq!(bench.said(2).await, bench.word(2, 1), "what was ended is back");
    assert_eq!(bench.said(3).await, bench.word(3, 1));
    assert_eq!(bench.said(4).await, None);
    assert_eq!(bench.said_at(1, day("2012-01-01"), Some(known)).await, bench.word(1, 2), "the past stays known");
    let version = bench.find(1, START.day(), None).await.unwrap();
    assert_eq!(bench.withdraw(wrong.batch).await, report);
    assert_eq!(bench.find(1, START.day(), None).await.unwrap(), version);
    let rows = ImportRows { batch: wrong.batch, rows: bench.rows(&vec![line(5, 1); 9]), header: None };
    assert_eq!(bench.database.import_rows(rows).await.unwrap_err().kind, ErrorKind::Invalid);
}

/// After a withdrawal the same key opens a new batch.
pub async fn a_withdrawn_batch_frees_its_key(bench: Bench) {
    let first = bench.import(FIRST, "k", &[line(1, 1)]).await;
    bench.withdraw(first.batch).await;
    let second = bench.import(FIRST, "k", &[line(1, 1)]).await;
    assert_ne!(second.batch, first.batch);
    assert_eq!(bench.said(1).await, bench.word(1, 1));
}

/// A snapshot ends this source's claims that it does not name; above 5 % it asks first.
pub async fn a_snapshot_ends_what_it_does_not_name_and_asks_first(bench: Bench) {
    let lines: Vec<_> = (1..=40).map(|n| line(n, 1)).collect();
    bench.import(FIRST, "a", &lines).await;
    bench.import(SECOND, "b", &[line(99, 1)]).await;
    let snapshot = |key: &str| bench.beginning(FIRST, key, ImportMode::Snapshot);
    // Two of forty are missing: 5 % needs no word.
    let report = bench.send(snapshot("c"), bench.rows(&lines[..38]), false).await;
    assert_eq!((report.state, report.ended, report.progress.unchanged), (BatchState::Complete, 2, 38));
    assert_eq!(bench.said(40).await, None);
    assert!(bench.said(38).await.is_some() && bench.said(99).await.is_some(), "another source's stay");
    // A refused row names its record all the same.
    let mut rows = bench.rows(&lines[..35]);
    rows[34].cells.push(("no_such_field".to_owned(), crate::service::Cell::Text("x".to_owned())));
    let report = bench.send(snapshot("d"), rows.clone(), false).await;
    assert_eq!((report.state, report.ended, report.progress.rejected), (BatchState::NeedsConfirm, 3, 1));
    assert!(bench.said(37).await.is_some(), "nothing ended yet");
    let report = bench.send(snapshot("d"), rows.clone(), true).await;
    assert_eq!((report.state, report.ended), (BatchState::Complete, 3));
    assert_eq!(bench.said(37).await, None);
    assert!(bench.said(35).await.is_some(), "the refused row's record stays");
    assert_eq!(bench.send(snapshot("d"), rows, true).await, report);
    // The day before they still held.
    assert!(bench.said_at(37, START.day().plus(-1), None).await.is_some());
    // A withdrawn snapshot ends nothing.
    bench.withdraw(report.batch).await;
    assert_eq!(bench.said(37).await, bench.word(37, 1));
}

/// A row that cannot be taken is reported with line, field, rule, message; the others are taken.
pub async fn a_bad_row_stops_no_good_one(bench: Bench) {
    let mut rows = bench.rows(&[line(1, 1), line(2, 1), line(3, 1), line(4, 1).with("_op", "upset")]);
    rows[1].cells.push(("no_such_field".to_owned(), crate::service::Cell::Text("x".to_owned())));
    let key = bench.dataset.natural_key[0].clone();
    rows[2].cells.retain(|(name, _)| *name != key);
    let report = bench.send(bench.beginning(FIRST, "k", ImportMode::Delta), rows, false).await;
    assert_eq!((report.progress.accepted, report.progress.rejected, report.progress.last_line), (1, 3, 5));
    let rules: Vec<_> = report.problems.iter().map(|p| (p.line, p.field.as_str(), p.rule.as_str())).collect();
    assert!(rules.contains(&(3, "no_such_field", "unknown_column")), "{rules:?}");
    assert!(rules.iter().any(|(l, f, r)| (*l, *r) == (4, "required") && *f == key), "{rules:?}");
    assert!(rules.contains(&(5, "_op", "op")), "{rules:?}");
    let rejected = bench.database.import_rejected(report.batch, 3, 10).await.unwrap();
    assert_eq!(rejected.iter().map(|r| r.line).collect::<Vec<_>>(), [4, 5]);
    assert!(rejected[1].original.contains("upset"), "as it came");
    assert_eq!(bench.database.import_report(report.batch).await.unwrap(), Some(report));
    assert!(bench.said(1).await.is_some());
}

/// A dry run reports and writes nothing.
pub async fn a_dry_run_writes_nothing(bench: Bench) {
    bench.import(FIRST, "a", &[line(1, 1), line(2, 1)]).await;
    let token = bench.store.snapshot(None).await.unwrap().token();
    let mut begin = bench.beginning(FIRST, "b", ImportMode::Snapshot);
    begin.dry_run = true;
    let rows = bench.rows(&[line(1, 2), line(3, 1), line(4, 1).with("_op", "upset")]);
    let report = bench.send(begin, rows, false).await;
    assert_eq!(report.state, BatchState::DryRun);
    assert_eq!((report.progress.changed, report.progress.rejected, report.ended), (2, 1, 1));
    assert_eq!(report.problems[0].rule, "op");
    assert_eq!(bench.store.snapshot(None).await.unwrap().token(), token);
    assert_eq!(bench.said(1).await, bench.word(1, 1));
}

/// The history holds every version ever recorded, the claims who said what.
pub async fn history_and_claims_tell_everything(bench: Bench) {
    bench.import(FIRST, "a", &[line(1, 1).with("_source_time", "2025-12-01T00:00:00Z")]).await;
    let known = bench.known().await;
    bench.import(FIRST, "b", &[line(1, 2).with("_valid_from", "2010-01-01")]).await;
    let ask = bench.record_ask(1).await;
    let history = bench.database.history(ask.clone()).await.unwrap().versions;
    let spans: Vec<_> =
        history.iter().map(|v| (v.version, v.valid.to == Day::MAX, v.recorded.to == Instant::MAX)).collect();
    assert_eq!(spans, [(1, true, false), (2, false, true), (3, true, true)], "{history:?}");
    assert_eq!(history[0].recorded.to, history[1].recorded.from);
    let then = RecordAsk { known_at: Some(known), ..ask.clone() };
    let history = bench.database.history(then.clone()).await.unwrap().versions;
    assert_eq!(history.len(), 1);
    assert_eq!(history[0].recorded.to, Instant::MAX, "it was open then");
    let claims = bench.database.claims(ask).await.unwrap().claims;
    assert_eq!(claims.iter().map(|c| c.number).collect::<Vec<_>>(), [1, 2, 3]);
    assert!(claims.iter().all(|c| c.source == FIRST && c.wins.contains(&bench.varying())), "{claims:?}");
    assert_eq!(claims[0].source_time, Instant::parse("2025-12-01T00:00:00Z"));
    assert_eq!((claims[0].batch, claims[1].batch), (claims[1].batch, claims[0].batch), "a remainder stays its batch's");
    assert_eq!(bench.database.claims(then).await.unwrap().claims.len(), 1);
}

/// Changes since a position: what appeared, what changed, what is gone.
pub async fn changes_say_added_changed_and_left(bench: Bench) {
    bench.import(FIRST, "a", &[line(1, 1), line(2, 1), line(3, 1)]).await;
    let ask = |after: Vec<u64>, limit| ChangesAsk {
        dataset: bench.dataset.name.clone(),
        after,
        limit,
        scopes: bench.all(),
        times: Times { valid_at: START.day(), known_at: None },
    };
    let first = bench.database.changes(ask(Vec::new(), 100)).await.unwrap();
    assert_eq!(first.changes.iter().map(|c| c.kind).collect::<Vec<_>>(), [ChangeKind::Added; 3]);
    assert!(!first.more);
    bench.import(FIRST, "b", &[line(1, 2), line(2, 1), line(3, 1).with("_op", "retract"), line(4, 1)]).await;
    bench.import(FIRST, "c", &[line(1, 3), line(5, 1)]).await;
    bench.import(FIRST, "d", &[line(5, 1).with("_op", "retract")]).await;
    let next = bench.database.changes(ask(first.next.clone(), 100)).await.unwrap();
    let mut kinds = Vec::new();
    for change in &next.changes {
        kinds.push((change.kind, bench.database.get(bench.get_ask(&change.id)).await.unwrap().record.is_some()));
    }
    kinds.sort_by_key(|(kind, _)| format!("{kind:?}"));
    let (added, changed, left) = (ChangeKind::Added, ChangeKind::Changed, ChangeKind::Left);
    assert_eq!(kinds, [(added, true), (changed, true), (left, false)], "collapsed: what came and went is no change");
    // In small steps the same records come.
    let (mut after, mut seen) = (first.next, 0);
    loop {
        let step = bench.database.changes(ask(after, 1)).await.unwrap();
        seen += step.changes.len();
        after = step.next;
        if !step.more {
            break;
        }
    }
    assert!(seen >= 3, "{seen}");
}

/// A natural key with a missing, unknown or impossible part is refused with the member's name.
pub async fn a_key_that_cannot_be_one_is_refused(bench: Bench) {
    let mut unknown = bench.key(1);
    unknown.push(("no_such_field".to_owned(), "x".to_owned()));
    let keys = vec![bench.key(1), unknown, Vec::new()];
    let times = Times { valid_at: START.day(), known_at: None };
    let (dataset, scopes) = (bench.dataset.name.clone(), bench.all());
    let answer = bench.database.lookup(LookupAsk { dataset, keys, times, scopes }).await.unwrap();
    let rules: Vec<_> = answer
        .items
        .iter()
        .map(|item| match item {
            LookupItem::Refused { field, rule, .. } => format!("{field}: {rule}"),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(rules[..2], ["NotFound", "no_such_field: unknown_member"]);
    assert!(rules[2].ends_with(": required"));
}

/// A definition whose keys differ from the one the records were written with does not open.
pub async fn a_changed_layout_does_not_open(bench: Bench) {
    bench.import(FIRST, "a", &[line(1, 1)]).await;
    let mut domain = (bench.subject.domain)();
    let mut changed = bench.dataset.as_ref().clone();
    changed.partitions = if changed.partitions == 16 { 32 } else { 16 };
    domain.datasets = vec![std::sync::Arc::new(changed)];
    let index = tempfile::tempdir().unwrap();
    let options = OpenOptions {
        store: bench.store.clone(),
        keys: Some(bench.keys.clone()),
        index_dir: index.path().join("index"),
        loads_dir: index.path().join("loads"),
        lists: bench.subject.lists.clone(),
        id_key: IdKey([7; 32]),
        clock: bench.clock.clone(),
        demo: bench.subject.demo,
    };
    let refused = LocalDatabase::open(domain, options).await.err().unwrap();
    assert_eq!(refused.kind, ErrorKind::Invalid);
    assert!(refused.message.contains("partitions"), "{}", refused.message);
}

/// After imports, ends, withdrawals and two sources the index holds what the store holds.
pub async fn the_index_equals_the_store_after_all_of_it(bench: Bench) {
    let lines: Vec<_> = (1..=50).map(|n| line(n, n)).collect();
    bench.import(FIRST, "a", &lines).await;
    bench.import(SECOND, "b", &lines[10..20]).await;
    let wrong: Vec<_> = (5..=25).map(|n| line(n, n + 100).with("_valid_from", "2015-01-01")).collect();
    let wrong = bench.import(FIRST, "c", &wrong).await;
    bench.import(FIRST, "d", &[line(1, 1).with("_op", "retract"), line(2, 2).with("_op", "end")]).await;
    bench.withdraw(wrong.batch).await;
    assert!(bench.database.index_caught_up(30_000).await.unwrap());
    let check = bench.database.check(false).await.unwrap();
    assert_eq!(check.problems, Vec::<String>::new());
    let of = check.datasets.iter().find(|d| d.dataset == bench.dataset.name).unwrap();
    assert_eq!((of.records, &of.store_digest), (50, &of.index_digest));
    bench.database.shutdown().await;
}
