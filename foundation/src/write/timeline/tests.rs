use proptest::prelude::*;

use super::*;

const B1: BatchId = BatchId(1);
const B2: BatchId = BatchId(2);
const B3: BatchId = BatchId(3);

fn said(value: i64) -> Fields {
    [(1, Value::Integer(value))].into_iter().collect()
}

fn span(from: i64, to: i64) -> Span<Day> {
    Span { from: Day(from), to: Day(to) }
}

/// A record while commits come and go: what was pending gets the commit's number as its time.
struct Record {
    head: Head,
    history: Vec<History>,
    at: i64,
}

impl Record {
    fn new() -> Self {
        Self { head: Head::new("x".into()), history: Vec::new(), at: 0 }
    }

    fn commit(&mut self, batch: BatchId, act: impl FnOnce(&mut Work, &[History])) {
        self.at += 1;
        let mut work = Work::new(self.head.clone());
        act(&mut work, &self.history);
        work.resolve(&Authority::default());
        let stamp = |span: &mut Span<Instant>| {
            for end in [&mut span.from, &mut span.to] {
                if *end == Instant::PENDING {
                    *end = Instant(self.at);
                }
            }
        };
        work.head.claims.iter_mut().for_each(|c| stamp(&mut c.recorded));
        work.head.versions.iter_mut().for_each(|v| stamp(&mut v.recorded));
        for mut claim in work.closed {
            stamp(&mut claim.recorded);
            self.history.push(History::Claim { claim, closed_by: batch });
        }
        for mut version in work.closed_versions {
            stamp(&mut version.recorded);
            self.history.push(History::Version(version));
        }
        self.head = work.head;
    }

    fn say(&mut self, batch: BatchId, valid: Span<Day>, value: Option<i64>) -> bool {
        let fields = value.map(said);
        let mut changed = false;
        self.commit(batch, |work, _| {
            let word = Word { source: "s", batch, valid, source_time: None, fields: fields.as_ref() };
            changed = work.overwrite(&word);
        });
        changed
    }

    fn withdraw(&mut self, batch: BatchId, withdrawn: &[BatchId]) {
        self.commit(batch, |work, history| {
            work.withdraw(batch, history, &|b| withdrawn.contains(&b));
        });
    }

    /// Stretches and what is said there, in order.
    fn shown(&self) -> Vec<(i64, i64, i64)> {
        let value = |v: &Version| match crate::record::read::resolved(&self.head, v).get(1) {
            Some(Value::Integer(n)) => *n,
            other => panic!("{other:?}"),
        };
        self.head.versions.iter().map(|v| (v.valid.from.0, v.valid.to.0, value(v))).collect()
    }
}

#[test]
fn a_later_word_cuts_the_earlier_and_keeps_its_remainders() {
    let mut record = Record::new();
    assert!(record.say(B1, span(0, 30), Some(1)));
    assert!(record.say(B2, span(10, 20), Some(2)));
    assert_eq!(record.shown(), [(0, 10, 1), (10, 20, 2), (20, 30, 1)]);
    assert!(record.head.claims.iter().all(|c| (c.batch == B2) == (c.valid == span(10, 20))));
    assert!(!record.say(B3, span(12, 18), Some(2)), "the same said again is no change");
    assert!(record.say(B3, span(5, 8), None));
    assert_eq!(record.shown(), [(0, 5, 1), (8, 10, 1), (10, 20, 2), (20, 30, 1)]);
}

#[test]
fn what_is_said_already_is_not_written_again_and_gaps_are_filled() {
    let mut record = Record::new();
    record.say(B1, span(10, 20), Some(1));
    record.say(B2, span(0, 30), Some(1));
    assert_eq!(record.shown(), [(0, 10, 1), (10, 20, 1), (20, 30, 1)]);
    assert_eq!(record.head.versions.iter().find(|v| v.valid == span(10, 20)).map(|v| v.number), Some(1));
    assert!(record.history.is_empty());
}

#[test]
fn a_withdrawal_reinstates_what_the_batch_had_displaced_only_where_nothing_stands() {
    let mut record = Record::new();
    record.say(B1, span(0, 30), Some(1));
    record.say(B2, span(10, 30), Some(2));
    record.say(B3, span(20, 30), Some(3));
    record.withdraw(B2, &[B2]);
    assert_eq!(record.shown(), [(0, 10, 1), (10, 20, 1), (20, 30, 3)]);
    record.withdraw(B3, &[B2, B3]);
    assert_eq!(
        record.shown(),
        [(0, 10, 1), (10, 20, 1), (20, 30, 1)],
        "behind a withdrawn batch stands the one before"
    );
}

#[test]
fn an_end_by_a_standing_batch_stays_an_end() {
    let mut record = Record::new();
    record.say(B1, span(0, 30), Some(1));
    record.say(B2, span(0, 30), Some(2));
    record.say(B3, span(10, 30), None);
    record.withdraw(B2, &[B2]);
    assert_eq!(record.shown(), [(0, 10, 1)]);
}

#[test]
fn an_end_falls_with_its_batch_even_where_a_later_word_was_taken_back_before() {
    let mut record = Record::new();
    record.say(B1, span(0, 30), Some(1));
    record.say(B2, span(10, 30), None);
    record.say(B3, span(0, 30), Some(3));
    record.withdraw(B3, &[B3]);
    assert_eq!(record.shown(), [(0, 10, 1)], "the end stands as long as its batch");
    record.withdraw(B2, &[B2, B3]);
    assert_eq!(record.shown(), [(0, 10, 1), (10, 30, 1)]);
}

#[derive(Debug, Clone)]
enum Act {
    /// One commit: words (from, length, value; no value = an end).
    Say(Vec<(i64, i64, Option<i64>)>),
    /// The batch of that many commits ago is taken back.
    Withdraw(usize),
}

const DAYS: u8 = 8;

fn acts() -> impl Strategy<Value = Vec<Act>> {
    let word = (0..i64::from(DAYS), 1..i64::from(DAYS), prop::option::weighted(0.7, 1..4_i64));
    let say = prop::collection::vec(word, 1..4).prop_map(Act::Say);
    prop::collection::vec(prop_oneof![2 => say, 1 => (0..5_usize).prop_map(Act::Withdraw)], 1..12)
}

/// Day by day the words in order, with their batch.
#[derive(Default)]
struct Naive {
    words: [Vec<(usize, Option<i64>)>; DAYS as usize],
    withdrawn: Vec<bool>,
}

impl Naive {
    fn at(&self, day: usize) -> Option<i64> {
        self.words[day].iter().rev().find(|(batch, _)| !self.withdrawn[*batch]).and_then(|(_, word)| *word)
    }

    fn say(&mut self, batch: usize, words: &[(i64, i64, Option<i64>)]) {
        for day in 0..DAYS {
            let (day, at) = (usize::from(day), i64::from(day));
            let before = self.at(day);
            for (from, length, word) in words {
                if (*from..from + length).contains(&at) && self.at(day) != *word {
                    self.words[day].push((batch, *word));
                }
            }
            // Said and ended by one commit where nothing stood: it was never recorded.
            if before.is_none() && self.at(day).is_none() {
                self.words[day].retain(|(said, _)| *said != batch);
            }
        }
    }
}

fn batch(number: usize) -> BatchId {
    BatchId(u64::try_from(number).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn after_any_words_and_withdrawals_the_timeline_is_what_a_naive_table_says(acts in acts()) {
        let mut record = Record::new();
        let mut naive = Naive::default();
        for act in &acts {
            match act {
                Act::Say(words) => {
                    let number = naive.withdrawn.len();
                    naive.withdrawn.push(false);
                    record.commit(batch(number), |work, _| {
                        for (from, length, value) in words {
                            let fields = value.map(said);
                            let valid = span(*from, from + length);
                            let word = Word { source: "s", batch: batch(number), valid, source_time: None, fields: fields.as_ref() };
                            work.overwrite(&word);
                        }
                    });
                    naive.say(number, words);
                }
                Act::Withdraw(ago) => {
                    let Some(number) = naive.withdrawn.len().checked_sub(ago + 1) else { continue };
                    naive.withdrawn[number] = true;
                    let gone: Vec<BatchId> = (0..naive.withdrawn.len()).filter(|n| naive.withdrawn[*n]).map(batch).collect();
                    record.withdraw(batch(number), &gone);
                }
            }
            let shown = record.shown();
            for day in 0..DAYS {
                let stretch = shown.iter().find(|(from, to, _)| (*from..*to).contains(&i64::from(day)));
                prop_assert_eq!(stretch.map(|(_, _, value)| *value), naive.at(usize::from(day)), "day {} of {:?}", day, shown);
            }
        }
    }
}

#[test]
fn a_version_whose_value_and_winner_stay_is_not_written_again() {
    let mut record = Record::new();
    record.say(B1, span(0, 30), Some(1));
    let other = said(1);
    for (batch, from) in [(B2, 0), (B3, 15)] {
        record.commit(batch, |work, _| {
            let word = Word { source: "t", batch, valid: span(from, 30), source_time: None, fields: Some(&other) };
            work.overwrite(&word);
        });
    }
    assert_eq!(record.head.versions.len(), 1, "a source that agrees and loses changes nothing");
    assert_eq!(record.head.versions[0].number, 1);
}
