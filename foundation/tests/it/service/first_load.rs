//! First loads in many parts, broken off in every way.

use std::path::{Path, PathBuf};

use foundation::service::{BaseDatabase as _, BatchState, ErrorKind, ImportFinish, ImportRows, SourceRow};
use foundation::testkit::service::{Bench, line};

use super::{people, subject};

const ROWS: u32 = 320;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn sent(bench: &Bench) -> Vec<SourceRow> {
    let lines: Vec<_> = (1..=ROWS).map(|n| line(n * 13 % 401, n)).collect();
    bench.rows(&lines)
}

/// Row by row, so that there are more runs than are merged at once; closed in between; a run that was written and never
/// counted, and one cut off while it was written, stand for a process that was killed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_load_of_many_parts_goes_on_after_the_process_ended() {
    let bench = Bench::open(subject(people, "people")).await;
    let rows = sent(&bench);
    let batch = bench.database.import_begin(bench.beginning_first("k")).await.unwrap();
    let folder = bench.index_dir().join("loads").join(format!("{:016x}", batch.0));
    for row in &rows[..150] {
        bench.database.import_rows(ImportRows { batch, rows: vec![row.clone()], header: None }).await.unwrap();
    }
    assert_eq!(files(&folder).len(), 150);
    std::fs::copy(&files(&folder)[0], folder.join(format!("{:020}-{:020}", 152, 999))).unwrap();
    std::fs::write(folder.join("00000000000000000152-00000000000000000152.new"), "half").unwrap();
    let bench = bench.reopened().await;
    assert_eq!(bench.database.import_begin(bench.beginning_first("k")).await.unwrap(), batch);
    // As a client does that does not know how far it came: from the beginning.
    for row in &rows {
        bench.database.import_rows(ImportRows { batch, rows: vec![row.clone()], header: None }).await.unwrap();
    }
    assert_eq!(files(&folder).len(), rows.len());
    let bench = bench.reopened().await;
    let report = bench.database.import_finish(ImportFinish { batch, cut_off: None, confirm: false }).await.unwrap();
    assert_eq!((report.state, report.progress.accepted, report.progress.changed), (BatchState::Complete, 320, 320));
    assert!(!folder.exists());
    for n in 1..=ROWS {
        assert_eq!(bench.said(n * 13 % 401).await, bench.word(n * 13 % 401, n), "row {n}");
    }
    assert!(bench.database.index_caught_up(30_000).await.unwrap());
    assert_eq!(bench.database.check(false).await.unwrap().problems, Vec::<String>::new());
}

/// An upload that broke off keeps what came; the same command again ends as if it had not.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_broken_off_goes_on_where_it_was() {
    let bench = Bench::open(subject(people, "people")).await;
    let rows = sent(&bench);
    let batch = bench.database.import_begin(bench.beginning_first("k")).await.unwrap();
    let part = ImportRows { batch, rows: rows[..100].to_vec(), header: None };
    bench.database.import_rows(part).await.unwrap();
    let cut_off = Some("the body broke off".to_owned());
    let report = bench.database.import_finish(ImportFinish { batch, cut_off, confirm: false }).await.unwrap();
    assert_eq!((report.state, report.progress.accepted), (BatchState::CutOff, 100));
    let report = bench.send(bench.beginning_first("k"), rows, false).await;
    assert_eq!((report.batch, report.state, report.progress.changed), (batch, BatchState::Complete, 320));
}

/// The store was restored without the files beside it: what is missing is told, and nothing is taken in for the whole.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_missing_file_is_told_and_nothing_taken_in_without_it() {
    let bench = Bench::open(subject(people, "people")).await;
    let batch = bench.database.import_begin(bench.beginning_first("k")).await.unwrap();
    for rows in sent(&bench).chunks(80) {
        bench.database.import_rows(ImportRows { batch, rows: rows.to_vec(), header: None }).await.unwrap();
    }
    let folder = bench.index_dir().join("loads").join(format!("{:016x}", batch.0));
    std::fs::remove_file(&files(&folder)[1]).unwrap();
    let finish = ImportFinish { batch, cut_off: None, confirm: false };
    let refused = bench.database.import_finish(finish).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Invalid);
    assert!(refused.message.starts_with("of the 320 rows of this first load 240 are there"), "{}", refused.message);
    assert_eq!(bench.said(13).await, None);
    assert_eq!(bench.withdraw(batch).await.state, BatchState::Withdrawn);
    assert_eq!(bench.send(bench.beginning_first("k"), sent(&bench), false).await.progress.changed, 320);
}

/// Bytes changed on the disk are told, nothing of them is taken in, and sent again all is well.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_damaged_file_is_told_and_nothing_of_it_taken_in() {
    let bench = Bench::open(subject(people, "people")).await;
    let batch = bench.database.import_begin(bench.beginning_first("k")).await.unwrap();
    bench.database.import_rows(ImportRows { batch, rows: sent(&bench), header: None }).await.unwrap();
    let folder = bench.index_dir().join("loads").join(format!("{:016x}", batch.0));
    let file = files(&folder).remove(0);
    let whole = std::fs::read(&file).unwrap();
    for at in [0, 5, 40, whole.len() / 2, whole.len() - 1] {
        let mut other = whole.clone();
        other[at] ^= 2;
        std::fs::write(&file, other).unwrap();
        let finish = ImportFinish { batch, cut_off: None, confirm: false };
        assert_eq!(bench.database.import_finish(finish).await.unwrap_err().kind, ErrorKind::Corrupt, "byte {at}");
    }
    assert_eq!(bench.said(13).await, None);
    std::fs::write(&file, whole).unwrap();
    let report = bench.database.import_finish(ImportFinish { batch, cut_off: None, confirm: false }).await.unwrap();
    assert_eq!((report.state, report.progress.changed), (BatchState::Complete, 320));
}
