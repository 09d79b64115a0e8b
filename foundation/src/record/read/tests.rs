use proptest::prelude::*;

use super::*;
use crate::record::BatchId;

/// A version as a naive bitemporal table keeps it: one row, four bounds.
#[derive(Debug, Clone)]
struct Row {
    number: u32,
    valid: Span<Day>,
    recorded: Span<Instant>,
}

/// A history of replacements: at each step the versions from a day on are closed and a new one opens there.
fn history_of(days: &[i64]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut number = 0;
    let mut open = |valid, at: i64| {
        number += 1;
        Row { number, valid, recorded: Span { from: Instant(at), to: Instant::MAX } }
    };
    for (at, day) in (1_i64..).zip(days) {
        let mut opened = Vec::new();
        for row in rows.iter_mut().filter(|r| r.recorded.to == Instant::MAX && r.valid.to > Day(*day)) {
            row.recorded.to = Instant(at);
            if row.valid.from < Day(*day) {
                opened.push(open(Span { from: row.valid.from, to: Day(*day) }, at));
            }
        }
        opened.push(open(Span { from: Day(*day), to: Day::MAX }, at));
        rows.extend(opened);
    }
    rows
}

proptest! {
    #[test]
    fn as_of_finds_what_the_naive_table_finds(
        days in prop::collection::vec(0..20_i64, 1..12),
        valid_at in -2..22_i64,
        known_at in 0..14_i64,
    ) {
        let rows = history_of(&days);
        let version = |row: &Row| Version {
            number: row.number,
            valid: row.valid,
            recorded: row.recorded,
            basis: Basis::Claim(row.number),
            disputed: Vec::new(),
        };
        let mut head = Head::new("x".into());
        let mut history = Vec::new();
        for row in &rows {
            if row.recorded.to == Instant::MAX {
                head.versions.push(version(row));
            } else {
                history.push(History::Version(version(row)));
            }
        }
        let naive: Vec<u32> = rows
            .iter()
            .filter(|r| r.valid.contains(Day(valid_at)) && r.recorded.contains(Instant(known_at)))
            .map(|r| r.number)
            .collect();
        prop_assert!(naive.len() <= 1);
        let found = as_of(&head, &history, Day(valid_at), Instant(known_at)).map(|v| v.number);
        prop_assert_eq!(found, naive.first().copied());
    }
}

#[test]
fn what_was_pending_has_the_time_of_its_commit() {
    let claim = Claim {
        number: 1,
        source: "s".into(),
        batch: BatchId(1),
        valid: Span { from: Day::MIN, to: Day::MAX },
        recorded: Span { from: Instant(5), to: Instant::PENDING },
        source_time: None,
        fields: Fields::new(),
    };
    let mut row = codec::encode_row(&History::Claim { claim, closed_by: BatchId(2) });
    row[2..10].copy_from_slice(&9_i64.to_be_bytes());
    let key = RecordKey::from_row(0x0101_0000, &[1; 16]);
    match decode_history(&key, &row).expect("a row") {
        History::Claim { claim, .. } => {
            assert_eq!(claim.recorded, Span { from: Instant(5), to: Instant(9) });
        }
        History::Version(_) => panic!("a claim was written"),
    }
}
