//! Claims on legal deletion.

use std::future::Future as _;
use std::task::Context;

use super::{Bench, FIRST, SECOND, START, line};
use crate::clock::Clock as _;
use crate::record::{RecordKey, is_sealed};
use crate::service::{
    BaseDatabase as _, ChangeKind, ChangesAsk, EraseAnswer, EraseAsk, ErasedAsk, RecordAsk, SearchAsk, Times,
};
use crate::store::{Direction, Key};
use crate::value::Day;

fn ask(bench: &Bench, id: &str) -> EraseAsk {
    let because = "decision 7, PIPL art 47".to_owned();
    EraseAsk { dataset: bench.dataset.name.clone(), id: id.to_owned(), because }
}

/// A record with a past, another beside it; gives both ids.
async fn two_records(bench: &Bench) -> (String, String) {
    bench.import(FIRST, "a", &[line(1, 1), line(2, 1)]).await;
    bench.import(SECOND, "b", &[line(1, 2)]).await;
    bench.import(FIRST, "c", &[line(1, 3).with("_valid_from", "2010-01-01")]).await;
    // Refused rows are kept as they came, and this one names the record.
    let mut bad = bench.rows(&[line(1, 4)]);
    bad[0].cells.push(("_valid_from".to_owned(), crate::service::Cell::Text("never".to_owned())));
    bad[0].original = bench.key(1).into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(",");
    bench.pass(1);
    let begin = bench.beginning(FIRST, "d", crate::service::ImportMode::Delta);
    assert_eq!(bench.send(begin, bad, false).await.progress.rejected, 1);
    assert!(bench.database.index_caught_up(30_000).await.unwrap());
    (bench.record_ask(1).await.id, bench.record_ask(2).await.id)
}

/// Every row beneath the seals.
async fn rows(bench: &Bench) -> Vec<(Key, bytes::Bytes)> {
    let snapshot = bench.store.snapshot(None).await.unwrap();
    snapshot.scan(vec![1]..vec![0xFF; 1025], Direction::Forward, usize::MAX).await.unwrap()
}

/// Every file of the index, with its bytes.
fn files(bench: &Bench) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut open = vec![bench.index_dir().to_owned()];
    while let Some(dir) = open.pop() {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let bytes = std::fs::read(&path).unwrap();
                found.push((path, bytes));
            }
        }
    }
    found
}

/// What is erased is in no answer at any two times, and what stands beside it is untouched.
pub async fn an_erased_record_is_in_no_answer_and_its_neighbour_in_all(bench: Bench) {
    let (id, other) = two_records(&bench).await;
    let known = bench.known().await;
    let everything = |after| ChangesAsk {
        dataset: bench.dataset.name.clone(),
        after,
        limit: 100,
        scopes: bench.all(),
        times: Times { valid_at: START.day(), known_at: None },
    };
    let before = bench.database.changes(everything(Vec::new())).await.unwrap();
    bench.pass(1);
    let answer = bench.database.erase(ask(&bench, &id)).await.unwrap();
    assert_eq!(answer.records, [(bench.dataset.name.clone(), id.clone())]);
    for known_at in [None, Some(known)] {
        assert_eq!(bench.find(1, START.day(), known_at).await, None);
        let times = Times { valid_at: START.day(), known_at };
        let found = bench.database.get(crate::service::GetAsk { times, ..bench.get_ask(&id) }).await.unwrap();
        assert_eq!(found.record, None);
    }
    let ask_of = |id: &str| RecordAsk {
        dataset: bench.dataset.name.clone(),
        id: id.to_owned(),
        known_at: None,
        scopes: bench.all(),
    };
    assert_eq!(bench.database.history(ask_of(&id)).await.unwrap().versions, []);
    assert_eq!(bench.database.claims(ask_of(&id)).await.unwrap().claims.len(), 0);
    let times = Times { valid_at: START.day(), known_at: None };
    let listed = SearchAsk::of(bench.dataset.name.clone(), times, bench.all(), 100);
    let listed = bench.database.search(listed).await.unwrap();
    assert_eq!(listed.hits.iter().map(|hit| hit.record.id.as_str()).collect::<Vec<_>>(), [other.as_str()]);
    assert_eq!(bench.said(2).await, bench.word(2, 1));
    let changes = bench.database.changes(everything(before.next)).await.unwrap().changes;
    assert_eq!(
        changes.iter().map(|c| (c.kind, c.id.as_str())).collect::<Vec<_>>(),
        [(ChangeKind::Erased, id.as_str())]
    );
    let from_the_start = bench.database.changes(everything(Vec::new())).await.unwrap().changes;
    let mut kinds: Vec<_> = from_the_start.iter().map(|c| (c.id == id, c.kind)).collect();
    kinds.sort_by_key(|(erased, _)| *erased);
    assert_eq!(kinds, [(false, ChangeKind::Added), (true, ChangeKind::Erased)]);
    assert_eq!(bench.database.check(false).await.unwrap().problems, Vec::<String>::new());
}

/// No row says it any more, no key opens what copies say, and only a tombstone with its reason is left.
pub async fn an_erased_record_leaves_a_tombstone_and_no_bytes(bench: Bench) {
    let (id, _) = two_records(&bench).await;
    let copy = rows(&bench).await;
    // What the neighbour says too is not the record's alone.
    let shared = bench.key(2);
    let own = bench.key(1).into_iter().filter(|part| !shared.contains(part)).map(|(_, text)| text);
    // A readable id spells the key, and stays in the tombstone.
    let key: Vec<String> = own.filter(|text| text.len() >= 8 && !id.contains(text.as_str())).collect();
    let says = |rows: &[(Key, bytes::Bytes)]| {
        let says = |text: &String| rows.iter().any(|(_, v)| v.windows(text.len()).any(|part| part == text.as_bytes()));
        key.iter().filter(|text| says(text)).count()
    };
    if is_sealed(&bench.dataset) {
        assert_eq!(says(&copy), 0, "beneath the seals nothing is readable in the first place");
    }
    let at = bench.clock.now();
    let answer = bench.database.erase(ask(&bench, &id)).await.unwrap();
    let long = bench.key(1).iter().any(|(_, text)| text.chars().count() >= 6);
    assert_eq!(answer.refused_rows, u64::from(long), "refused rows that name it go with it");
    let left = rows(&bench).await;
    assert_eq!(says(&left), 0);
    let stones =
        bench.database.erased(ErasedAsk { dataset: bench.dataset.name.clone(), after: None, limit: 10 }).await.unwrap();
    let stone = stones.first().unwrap();
    assert_eq!((stones.len(), stone.id.as_str(), stone.done), (1, id.as_str(), true));
    assert!(stone.because.contains("decision 7") && stone.at >= at, "{stone:?}");
    // The engine marks deleted documents in files of their own: none is left, for no segment holds one.
    let marks = |files: &[(std::path::PathBuf, Vec<u8>)]| {
        files.iter().filter(|(path, _)| path.extension().is_some_and(|kind| kind == "del")).count()
    };
    let index = files(&bench);
    assert_eq!(marks(&index), 0);
    for (path, bytes) in &index {
        let found = key.iter().find(|text| bytes.windows(text.len()).any(|part| part == text.as_bytes()));
        assert_eq!(found, None, "{}", path.display());
    }
    // Of a copy of the rows nothing of it opens; what stands beside it does.
    let (keys, values): (Vec<Key>, Vec<_>) = copy.into_iter().map(|(key, value)| (key, Some(value))).unzip();
    let place = bench.database.table(&bench.dataset.name).unwrap().layout.key(&id).unwrap();
    let snapshot = bench.database.store().snapshot(None).await.unwrap();
    let opened = snapshot.open(&keys, values).await.unwrap();
    let of =
        |record: &RecordKey| keys.iter().zip(&opened).filter(|(key, _)| key.starts_with(record.as_bytes())).count();
    assert!(of(&place) > 1, "the copy has its rows");
    let readable = keys.iter().zip(&opened).filter(|(key, value)| key.starts_with(place.as_bytes()) && value.is_some());
    assert_eq!(readable.count() > 0, !is_sealed(&bench.dataset), "of what is sealed no copy is readable");
}

/// What was erased does not come back: a source that still names it has that row refused, the others are taken.
pub async fn an_erased_record_does_not_come_back(bench: Bench) {
    let (id, _) = two_records(&bench).await;
    bench.database.erase(ask(&bench, &id)).await.unwrap();
    let report = bench.import(SECOND, "e", &[line(1, 5), line(3, 5)]).await;
    assert_eq!((report.progress.accepted, report.progress.rejected), (1, 1));
    assert_eq!(report.problems.iter().map(|p| p.rule.as_str()).collect::<Vec<_>>(), ["erased"]);
    let kept = bench.database.import_rejected(report.batch, 0, 10).await.unwrap();
    assert!(kept.iter().all(|row| row.original.is_empty()), "{kept:?}");
    assert_eq!((bench.find(1, START.day(), None).await, bench.said(3).await), (None, bench.word(3, 5)));
    let again = bench.database.erase(ask(&bench, &id)).await.unwrap();
    assert_eq!(again.records.len(), 1, "asked for again it is as it was");
    let nobody = bench.database.erase(ask(&bench, &"0".repeat(32))).await.unwrap();
    assert_eq!(nobody, EraseAnswer::default());
    // A batch that is taken back does not bring it back either.
    bench.withdraw(report.batch).await;
    assert_eq!((bench.find(1, START.day(), None).await, bench.find(3, START.day(), None).await), (None, None));
    assert!(bench.database.index_caught_up(30_000).await.unwrap());
    assert_eq!(bench.database.check(false).await.unwrap().problems, Vec::<String>::new());
}

/// Broken off anywhere, an erasure goes on: by the same call, or by whoever starts next.
pub async fn an_erasure_that_was_broken_off_goes_on(bench: Bench) {
    let lines: Vec<_> = (1..=12).map(|n| line(n, 1)).collect();
    bench.import(FIRST, "a", &lines).await;
    bench.import(FIRST, "b", &[line(1, 2), line(2, 2)]).await;
    assert!(bench.database.index_caught_up(30_000).await.unwrap());
    for polls in 0..11_u32 {
        let id = bench.record_ask(polls + 1).await.id;
        {
            let mut erasing = Box::pin(bench.database.erase(ask(&bench, &id)));
            for _ in 0..=polls {
                if erasing.as_mut().poll(&mut Context::from_waker(std::task::Waker::noop())).is_ready() {
                    break;
                }
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        }
        bench.database.erase_rest().await.unwrap();
        bench.database.erase(ask(&bench, &id)).await.unwrap();
        assert_eq!(bench.database.erase_rest().await.unwrap(), 0, "nothing is left to be done");
        assert_eq!(bench.find(polls + 1, START.day(), None).await, None);
    }
    let stones =
        bench.database.erased(ErasedAsk { dataset: bench.dataset.name.clone(), after: None, limit: 50 }).await.unwrap();
    assert_eq!((stones.len(), stones.iter().filter(|stone| stone.done).count()), (11, 11));
    assert_eq!(bench.said_at(12, Day::parse("2026-01-01").unwrap(), None).await, bench.word(12, 1));
    assert_eq!(bench.database.check(false).await.unwrap().problems, Vec::<String>::new());
}
