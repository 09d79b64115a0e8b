//! Claims on first loads.

use std::collections::{BTreeMap, BTreeSet};

use super::{Bench, FIRST, Line, START, Subject, line};
use crate::record::event::Touched;
use crate::record::keys::meta;
use crate::service::{
    BaseDatabase, BatchState, ErrorKind, ImportBegin, ImportFinish, ImportMode, ImportReport, ImportRows,
};
use crate::store::{Direction, Key};
use crate::value::codec;

/// Where the time of its commit stands in a row.
const STAMP: std::ops::Range<usize> = 2..10;

impl Bench {
    /// How a first load opens.
    #[must_use]
    pub fn beginning_first(&self, key: &str) -> ImportBegin {
        ImportBegin { first_load: true, ..self.beginning(FIRST, key, ImportMode::Delta) }
    }

    /// Whether rows of the dataset mean something for other records: it takes no first loads.
    fn has_effects(&self) -> bool {
        self.database.writer_of(&self.dataset.name).is_some_and(|writer| !writer.beside.is_empty())
    }

    /// Every row of the store as it is read, without the times of the commits; findings are told by the report.
    async fn rows_but_for_times(&self) -> BTreeMap<Key, Vec<u8>> {
        let snapshot = self.database.store().snapshot(None).await.unwrap();
        let rows = snapshot.scan(vec![1]..vec![0xFF; 64], Direction::Forward, usize::MAX).await.unwrap();
        let (keys, values): (Vec<Key>, Vec<_>) = rows.into_iter().map(|(key, value)| (key, Some(value))).unzip();
        let opened = snapshot.open(&keys, values).await.unwrap();
        let warning = &meta::warning(crate::record::BatchId(0), 0, 0)[..3];
        keys.into_iter()
            .zip(opened)
            .filter(|(key, _)| !key.starts_with(warning))
            .map(|(key, value)| {
                let mut value = value.unwrap().to_vec();
                value.get_mut(STAMP).into_iter().for_each(|stamp| stamp.fill(0));
                (key, value)
            })
            .collect()
    }

    /// Which records the change log names, by partition.
    async fn told_of(&self) -> BTreeSet<(u32, Vec<u8>)> {
        let number = self.database.table(&self.dataset.name).unwrap().layout.number();
        let mut told = BTreeSet::new();
        for (partition, last) in self.database.store().positions(number).await.unwrap() {
            let events = self.database.store().changes(partition, 0, usize::MAX).await.unwrap();
            assert!(events.iter().map(|event| event.sequence).eq(1..=last), "S7");
            for event in events {
                let touched: Touched = codec::decode(&event.body).unwrap();
                for row in touched.rows {
                    assert!(told.insert((partition, row)), "a record is told of once");
                }
            }
        }
        told
    }

    async fn send_in_parts(&self, begin: ImportBegin, lines: &[Line], part: usize) -> ImportReport {
        let batch = self.database.import_begin(begin).await.unwrap();
        for rows in self.rows(lines).chunks(part) {
            self.database.import_rows(ImportRows { batch, rows: rows.to_vec(), header: None }).await.unwrap();
        }
        self.database.import_finish(ImportFinish { batch, cut_off: None, confirm: false }).await.unwrap()
    }
}

/// Lines of many kinds: several on one record, ends, one that ends nothing, one that is refused.
fn lines() -> Vec<Line> {
    let mut lines: Vec<Line> = (1..=90).map(|n| line(n * 7 % 97, n)).collect();
    lines.push(line(7, 500).with("_valid_from", "2015-01-01"));
    lines.push(line(14, 501).with("_valid_from", "2010-01-01").with("_valid_to", "2012-01-01"));
    lines.push(line(21, 1).with("_op", "end").with("_valid_to", "2020-01-01"));
    lines.push(line(98, 1).with("_op", "end"));
    lines.push(line(28, 1).with("_op", "retract"));
    lines.push(line(35, 1).with("_valid_from", "not a day"));
    lines
}

/// Rows, links, change log, report and index are those that one commit of the same lines leaves.
///
/// # Panics
/// If they are not.
pub async fn a_first_load_leaves_what_an_ordinary_import_leaves(subject: impl Fn() -> Subject) {
    let (ordinary, first) = (Bench::open(subject()).await, Bench::open(subject()).await);
    if first.has_effects() {
        let refused = first.database.import_begin(first.beginning_first("k")).await.unwrap_err();
        assert_eq!(refused.kind, ErrorKind::Invalid, "{refused:?}");
        return;
    }
    let lines = lines();
    let begin = ordinary.beginning(FIRST, "k", ImportMode::Delta);
    let wanted = ordinary.send_in_parts(begin, &lines, lines.len()).await;
    assert_eq!((wanted.state, wanted.progress.rejected), (BatchState::Complete, 1), "{wanted:?}");
    let report = first.send_in_parts(first.beginning_first("k"), &lines, 20).await;
    assert_eq!(report, wanted);
    assert_eq!(first.rows_but_for_times().await, ordinary.rows_but_for_times().await);
    assert_eq!(first.told_of().await, ordinary.told_of().await);
    for bench in [&ordinary, &first] {
        assert!(bench.database.index_caught_up(30_000).await.unwrap());
        let check = bench.database.check(false).await.unwrap();
        assert_eq!(check.problems, Vec::<String>::new());
    }
    for n in (1..=98).step_by(7) {
        assert_eq!(first.said(n).await, ordinary.said(n).await, "record {n}");
    }
    // Nothing of the way it came is left.
    assert!(std::fs::read_dir(first.index_dir().join("loads")).unwrap().next().is_none());
    // What came so is written on and taken back as any batch is.
    for bench in [&ordinary, &first] {
        bench.import(super::SECOND, "more", &[line(7, 1), line(200, 2)]).await;
        let again = bench.send_in_parts(bench.beginning(FIRST, "k", ImportMode::Delta), &lines, 30).await;
        assert_eq!(again, wanted, "the same import again changes nothing");
        bench.withdraw(wanted.batch).await;
    }
    assert_eq!((first.said(14).await, first.said(7).await), (None, first.word(7, 1)));
    assert_eq!(first.rows_but_for_times().await.len(), ordinary.rows_but_for_times().await.len());
}

/// Until a first load ends nothing of it is seen; it wants an empty dataset from its beginning to its end.
pub async fn a_first_load_is_seen_whole_and_wants_an_empty_dataset(bench: Bench) {
    if bench.has_effects() {
        return;
    }
    let lines: Vec<Line> = (1..=30).map(|n| line(n, n)).collect();
    let batch = bench.database.import_begin(bench.beginning_first("first")).await.unwrap();
    let rows = bench.rows(&lines);
    let progress = bench.database.import_rows(ImportRows { batch, rows, header: None }).await.unwrap();
    assert_eq!((progress.accepted, progress.last_line), (30, 31));
    assert_eq!(bench.find(1, START.day(), None).await, None);
    let other = bench.beginning(FIRST, "first", ImportMode::Delta);
    assert_eq!(bench.database.import_begin(other).await.unwrap_err().kind, ErrorKind::Invalid, "one key, one way");
    // Somebody writes into the dataset meanwhile.
    bench.import(super::SECOND, "ordinary", &[line(50, 1)]).await;
    let refused =
        bench.database.import_finish(ImportFinish { batch, cut_off: None, confirm: false }).await.unwrap_err();
    assert_eq!(refused.kind, ErrorKind::Invalid);
    assert!(refused.message.contains("holds records already"), "{}", refused.message);
    let report = bench.database.import_report(batch).await.unwrap().unwrap();
    assert_eq!((report.state, report.cut_off.as_deref()), (BatchState::CutOff, Some(refused.message.as_str())));
    assert_eq!(bench.find(1, START.day(), None).await, None);
    let refused = bench.database.import_begin(bench.beginning_first("again")).await.unwrap_err();
    assert!(refused.message.contains("holds records already"), "{}", refused.message);
    // Withdrawn, its files are gone, and the lines go the ordinary way.
    assert_eq!(bench.withdraw(batch).await.state, BatchState::Withdrawn);
    assert!(std::fs::read_dir(bench.index_dir().join("loads")).unwrap().next().is_none());
    assert_eq!(bench.import(FIRST, "first", &lines).await.progress.changed, 30);
    let snapshot = ImportBegin { mode: ImportMode::Snapshot, ..bench.beginning_first("wrong") };
    assert_eq!(bench.database.import_begin(snapshot).await.unwrap_err().kind, ErrorKind::Invalid);
}

/// What is spooled of a sealed dataset is sealed too.
pub async fn no_word_of_a_first_load_is_readable_on_disk(bench: Bench) {
    if bench.has_effects() {
        return;
    }
    let lines: Vec<Line> = (1..=30).map(|n| line(n, 471)).collect();
    let batch = bench.database.import_begin(bench.beginning_first("k")).await.unwrap();
    bench.database.import_rows(ImportRows { batch, rows: bench.rows(&lines), header: None }).await.unwrap();
    let said = bench.cells(&lines[0]).into_iter().find(|(name, _)| name == bench.subject.varies);
    let Some((_, crate::service::Cell::Text(word))) = said else { panic!("a row says something") };
    let folder = bench.index_dir().join("loads").join(format!("{:016x}", batch.0));
    let files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(!files.is_empty());
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        // Three letters may stand anywhere by chance.
        let found = word.len() >= 6 && bytes.windows(word.len()).any(|part| part == word.as_bytes());
        assert!(!found, "`{word}` is readable in {}", file.display());
    }
    let report = bench.database.import_finish(ImportFinish { batch, cut_off: None, confirm: false }).await.unwrap();
    assert_eq!(report.progress.changed, 30);
    assert_eq!(bench.said(9).await, bench.word(9, 471));
}
