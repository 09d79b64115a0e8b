//! A naive model of a record: day by day, who said what, batch by batch; compared with the database at all pairs of times.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};

use super::{Bench, FIRST, Line, SECOND, Subject, line};
use crate::record::BatchId;
use crate::service::BaseDatabase;
use crate::value::{Day, Instant};

/// Days the model looks at, from 2000-01-01.
const DAYS: u8 = 12;
const FIRST_DAY: Day = Day(10_957);
const SOURCES: [&str; 2] = [FIRST, SECOND];

#[derive(Debug, Clone)]
enum Act {
    /// A batch of one source: rows (end or upsert, from, length, word).
    Import(usize, Vec<(bool, u8, u8, u32)>),
    /// Withdraws the batch of that many imports ago.
    Withdraw(usize),
}

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let row = (prop::bool::weighted(0.2), 0..DAYS, 1..DAYS, 1..4_u32);
    let import = (0..2_usize, prop::collection::vec(row, 1..4)).prop_map(|(source, rows)| Act::Import(source, rows));
    prop::collection::vec(prop_oneof![3 => import, 1 => (0..4_usize).prop_map(Act::Withdraw)], 1..9)
}

/// What a source said of one day, in order: the batch and the word, `None` for an end.
type Said = Vec<(usize, Option<u32>)>;

#[derive(Default)]
struct Model {
    /// By source and day.
    days: Vec<Vec<Said>>,
    batches: Vec<(BatchId, bool)>,
}

impl Model {
    fn current(&self, source: usize, day: usize) -> Option<u32> {
        let standing = self.days[source][day].iter().rev().find(|(batch, _)| !self.batches[*batch].1);
        standing.and_then(|(_, word)| *word)
    }

    fn import(&mut self, source: usize, batch: usize, rows: &[(bool, u8, u8, u32)]) {
        for day in 0..usize::from(DAYS) {
            let before = self.current(source, day);
            for (end, from, length, word) in rows {
                let to = if *end { DAYS } else { (from + length).min(DAYS) };
                let word = (!end).then_some(*word);
                if (usize::from(*from)..usize::from(to)).contains(&day) && self.current(source, day) != word {
                    self.days[source][day].push((batch, word));
                }
            }
            // Said and ended by one commit where nothing stood: it was never recorded.
            if before.is_none() && self.current(source, day).is_none() {
                self.days[source][day].retain(|(said, _)| *said != batch);
            }
        }
    }

    fn shown(&self) -> Vec<Option<u32>> {
        (0..usize::from(DAYS)).map(|day| self.current(0, day).or_else(|| self.current(1, day))).collect()
    }
}

/// Random imports and withdrawals by two sources on one record: at every day and every known instant the database says
/// what the model said then, and there is one version at most.
///
/// # Panics
/// With the smallest counterexample.
pub fn at_any_two_times_the_record_is_what_a_naive_table_says(subject: impl Fn() -> Subject) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    // Each case opens a database; the timeline alone is tried far oftener in `write/timeline/tests.rs`.
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { Config::default().cases } else { 48 };
    let mut runner = TestRunner::new(Config { cases, failure_persistence: None, ..Config::default() });
    let outcome = runner.run(&acts(), |acts| {
        runtime.block_on(check(Bench::open(subject()), &acts));
        Ok(())
    });
    if let Err(found) = outcome {
        panic!("{found}");
    }
}

async fn check(bench: impl Future<Output = Bench>, acts: &[Act]) {
    let bench = bench.await;
    let mut model = Model { days: vec![vec![Said::new(); usize::from(DAYS)]; 2], batches: Vec::new() };
    let mut seen: Vec<(Instant, Vec<Option<u32>>)> = Vec::new();
    for (step, act) in acts.iter().enumerate() {
        match act {
            Act::Import(source, rows) => {
                let batch = model.batches.len();
                let lines: Vec<Line> = rows.iter().map(|row| to_line(*row)).collect();
                let report = bench.import(SOURCES[*source], &format!("{step}"), &lines).await;
                assert_eq!(report.progress.accepted, rows.len() as u64, "{report:?}");
                model.batches.push((report.batch, false));
                model.import(*source, batch, rows);
            }
            Act::Withdraw(ago) => {
                let Some(batch) = model.batches.len().checked_sub(ago + 1) else { continue };
                bench.withdraw(model.batches[batch].0).await;
                model.batches[batch].1 = true;
            }
        }
        seen.push((bench.known().await, model.shown()));
        bench.pass(1);
    }
    for (known_at, shown) in &seen {
        for (day, word) in (0..).zip(shown) {
            let said = bench.said_at(1, FIRST_DAY.plus(day), Some(*known_at)).await;
            assert_eq!(said, word.and_then(|w| bench.word(1, w)), "day {day} as known at {known_at}");
        }
    }
    one_version_at_most(&bench).await;
}

async fn one_version_at_most(bench: &Bench) {
    let mut ask = None;
    for day in 0..i64::from(DAYS) {
        if let Some(record) = bench.find(1, FIRST_DAY.plus(day), None).await {
            let (dataset, scopes) = (bench.dataset.name.clone(), bench.all());
            ask = Some(crate::service::RecordAsk { dataset, id: record.id, known_at: None, scopes });
        }
    }
    let Some(ask) = ask else { return };
    let versions = bench.database.history(ask).await.unwrap().versions;
    for (at, one) in versions.iter().enumerate() {
        assert!(versions[at + 1..].iter().all(|other| other.version != one.version), "version numbers are not reused");
        let twice =
            versions[at + 1..].iter().find(|o| o.valid.overlaps(&one.valid) && o.recorded.overlaps(&one.recorded));
        assert!(twice.is_none(), "two versions at one time: {one:?} and {twice:?}");
    }
}

fn to_line((end, from, length, word): (bool, u8, u8, u32)) -> Line {
    let day = |n: u8| FIRST_DAY.plus(i64::from(n)).to_string();
    if end {
        return line(1, word).with("_op", "end").with("_valid_to", day(from));
    }
    let line = line(1, word).with("_valid_from", day(from));
    if from + length < DAYS { line.with("_valid_to", day(from + length)) } else { line }
}
