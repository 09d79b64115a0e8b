//! What is shown of records of which a caller sees a part: their versions are those of what he sees.
//!
//! A change of a hidden field makes a new version, closes recorded time and splits valid time; a claim of hidden fields
//! takes a number. None of that may show: a history is put together again over what looks alike, and where there is no
//! history to put together (one record, a hit) spans and numbers are left out.

use foundation::record::BatchId;
use foundation::service::{ClaimView, RecordView};
use foundation::value::{Day, Instant, Span};

use super::RecordShown;
use crate::policy::Sight;

/// Leaves out the number of a version that stands alone where other rows are hidden, and its spans where fields are.
pub(super) fn blank(view: &mut RecordView, sight: Sight) {
    match sight {
        Sight::Whole => {}
        Sight::SomeRows => view.version = 0,
        Sight::SomeFields => {
            view.version = 0;
            view.valid = Span { from: Day::MIN, to: Day::MAX };
            view.recorded = Span { from: Instant::MAX, to: Instant::MAX };
        }
    }
}

/// Versions put together again over what looks alike, numbered anew.
pub(super) fn versions(all: Vec<RecordShown>, sight: Sight) -> Vec<RecordShown> {
    if sight == Sight::Whole {
        return all;
    }
    let alike = |a: &RecordShown, b: &RecordShown| {
        a.view.fields == b.view.fields && a.masked == b.masked && a.view.disputed == b.view.disputed
    };
    let mut merged = merge(all, alike, |one| (&mut one.view.valid, &mut one.view.recorded));
    merged.sort_by_key(|one| (one.view.recorded.from, one.view.valid.from));
    for (number, one) in (1..).zip(&mut merged) {
        one.view.version = number;
    }
    merged
}

/// Claims put together again over what looks alike, without those of which nothing is seen; numbered anew. Batches and the
/// source's own times are left out: they would tell of what else came with them.
pub(super) fn claims(all: Vec<(ClaimView, Vec<u16>)>, sight: Sight) -> Vec<(ClaimView, Vec<u16>)> {
    if sight == Sight::Whole {
        return all;
    }
    let mut seen: Vec<_> = all.into_iter().filter(|(claim, _)| !claim.fields.is_empty()).collect();
    for (claim, _) in &mut seen {
        claim.batch = BatchId(0);
        claim.source_time = None;
    }
    let alike = |a: &(ClaimView, Vec<u16>), b: &(ClaimView, Vec<u16>)| {
        let told = |c: &ClaimView| (c.source.clone(), c.by_event.clone(), c.wins.clone());
        a.0.fields == b.0.fields && a.1 == b.1 && told(&a.0) == told(&b.0)
    };
    let mut merged = merge(seen, alike, |(claim, _)| (&mut claim.valid, &mut claim.recorded));
    merged.sort_by(|(a, _), (b, _)| {
        (a.recorded.from, a.valid.from, &a.source).cmp(&(b.recorded.from, b.valid.from, &b.source))
    });
    for (number, (claim, _)) in (1..).zip(&mut merged) {
        claim.number = number;
    }
    merged
}

type Spans<'a> = (&'a mut Span<Day>, &'a mut Span<Instant>);

/// Joins what looks alike and meets in one of the two times while it agrees in the other, until nothing meets any more.
fn merge<T>(mut all: Vec<T>, alike: impl Fn(&T, &T) -> bool, spans: impl Fn(&mut T) -> Spans<'_>) -> Vec<T> {
    loop {
        let before = all.len();
        for by_valid in [true, false] {
            let mut keyed: Vec<_> = all
                .into_iter()
                .map(|mut one| {
                    let (valid, recorded) = spans(&mut one);
                    let (valid, recorded) = (*valid, *recorded);
                    (valid, recorded, one)
                })
                .collect();
            if by_valid {
                keyed.sort_by_key(|(valid, recorded, _)| (recorded.from, recorded.to, valid.from));
            } else {
                keyed.sort_by_key(|(valid, recorded, _)| (valid.from, valid.to, recorded.from));
            }
            let mut out: Vec<(Span<Day>, Span<Instant>, T)> = Vec::with_capacity(keyed.len());
            for (valid, recorded, one) in keyed {
                if let Some((valid_before, recorded_before, last)) = out.last_mut() {
                    let meets = if by_valid {
                        *recorded_before == recorded && valid_before.to == valid.from
                    } else {
                        *valid_before == valid && recorded_before.to == recorded.from
                    };
                    if meets && alike(last, &one) {
                        valid_before.to = valid_before.to.max(valid.to);
                        recorded_before.to = recorded_before.to.max(recorded.to);
                        let (valid, recorded) = spans(last);
                        (*valid, *recorded) = (*valid_before, *recorded_before);
                        continue;
                    }
                }
                out.push((valid, recorded, one));
            }
            all = out.into_iter().map(|(.., one)| one).collect();
        }
        if all.len() == before {
            return all;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Stretch = (char, Span<Day>, Span<Instant>);

    fn stretch(what: char, valid: (i64, i64), recorded: (i64, i64)) -> Stretch {
        (
            what,
            Span { from: Day(valid.0), to: Day(valid.1) },
            Span { from: Instant(recorded.0), to: Instant(recorded.1) },
        )
    }

    fn merged(all: Vec<Stretch>) -> Vec<Stretch> {
        let mut out = merge(all, |a, b| a.0 == b.0, |one| (&mut one.1, &mut one.2));
        out.sort_by_key(|(_, valid, recorded)| (recorded.from, valid.from));
        out
    }

    #[test]
    fn a_hidden_change_from_a_day_on_leaves_no_trace() {
        // Known from 1 on, valid for ever; at 5 a hidden field changed from day 40 on.
        let all = vec![stretch('a', (0, 100), (1, 5)), stretch('a', (0, 40), (5, 9)), stretch('a', (40, 100), (5, 9))];
        assert_eq!(merged(all), [stretch('a', (0, 100), (1, 9))]);
    }

    #[test]
    fn what_is_seen_to_change_stays_apart() {
        let all = vec![stretch('a', (0, 100), (1, 5)), stretch('a', (0, 40), (5, 9)), stretch('b', (40, 100), (5, 9))];
        assert_eq!(merged(all.clone()), all);
    }
}
