//! Resolution: which claim's value is shown, field by field, and on which fields sources differ.
//!
//! A pure function of the open claims and the order of sources. Its shape can carry more than authority: a rule looks at
//! the claims that speak of a field and names the winner ([`winner`]); freshness and agreement are further keys there.

use crate::record::{Authority, Basis, Claim};
use crate::value::{Day, Span};

/// What is shown for a stretch of valid time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// Valid time.
    pub valid: Span<Day>,
    /// Which claims its values are.
    pub basis: Basis,
    /// Fields on which the claims differ, by number.
    pub disputed: Vec<u16>,
}

/// Resolves open claims: stretches in order of time, no two overlapping, covering exactly what the claims cover.
///
/// Cost: stretches × claims × fields; one source or one claim costs no comparison of fields.
#[must_use]
pub fn resolve(claims: &[Claim], authority: &Authority) -> Vec<Resolution> {
    if let [only] = claims {
        return vec![Resolution { valid: only.valid, basis: Basis::Claim(only.number), disputed: Vec::new() }];
    }
    let mut edges: Vec<Day> = claims.iter().flat_map(|c| [c.valid.from, c.valid.to]).collect();
    edges.sort_unstable();
    edges.dedup();
    let mut resolved: Vec<Resolution> = Vec::new();
    for (from, to) in edges.iter().zip(edges.iter().skip(1)) {
        let covering: Vec<&Claim> = claims.iter().filter(|c| c.valid.from <= *from && *to <= c.valid.to).collect();
        let Some((basis, disputed)) = settle(&covering, authority) else { continue };
        match resolved.last_mut() {
            Some(last) if last.valid.to == *from && last.basis == basis && last.disputed == disputed => {
                last.valid.to = *to;
            }
            _ => resolved.push(Resolution { valid: Span { from: *from, to: *to }, basis, disputed }),
        }
    }
    resolved
}

/// Basis and disputes of claims that hold at one time; `None` if there is none.
fn settle(covering: &[&Claim], authority: &Authority) -> Option<(Basis, Vec<u16>)> {
    let first = covering.first()?;
    if covering.len() == 1 {
        return Some((Basis::Claim(first.number), Vec::new()));
    }
    let mut numbers: Vec<u16> = covering.iter().flat_map(|c| c.fields.iter().map(|(n, _)| n)).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let mut winners = Vec::with_capacity(numbers.len());
    let mut disputed = Vec::new();
    for number in numbers {
        let Some(best) = winner(covering, number, authority) else { continue };
        let shown = best.fields.get(number);
        // A department that says something else from an event on does not contradict itself.
        let others = covering.iter().filter(|c| c.department() != best.department());
        if others.filter_map(|c| c.fields.get(number)).any(|said| Some(said) != shown) {
            disputed.push(number);
        }
        winners.push((number, best.number));
    }
    let one = winners.first().map_or(first.number, |(_, claim)| *claim);
    let whole = winners.iter().all(|(_, claim)| *claim == one);
    Some((if whole { Basis::Claim(one) } else { Basis::Fields(winners) }, disputed))
}

/// The claim whose word on a field counts: the first department in authority order; of one department what it says from the
/// latest day on (an event counts from its day), then the later claim.
fn winner<'a>(covering: &[&'a Claim], field: u16, authority: &Authority) -> Option<&'a Claim> {
    let speaking = covering.iter().filter(|c| c.fields.get(field).is_some());
    let freshest = |c: &Claim| std::cmp::Reverse((c.valid.from, c.number));
    speaking.min_by_key(|c| (authority.rank(c.department(), field), freshest(c))).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::BatchId;
    use crate::value::{Fields, Instant, Value};
    use proptest::prelude::*;

    fn claim(number: u32, source: &str, from: i64, to: i64, said: &[(u16, i64)]) -> Claim {
        Claim {
            number,
            source: source.into(),
            batch: BatchId(1),
            valid: Span { from: Day(from), to: Day(to) },
            recorded: Span { from: Instant::PENDING, to: Instant::MAX },
            source_time: None,
            fields: said.iter().map(|(n, v)| (*n, Value::Integer(*v))).collect::<Fields>(),
        }
    }

    #[test]
    fn the_first_source_in_order_wins_and_the_other_completes() {
        let claims = [claim(1, "b", 0, 10, &[(1, 1), (2, 7)]), claim(2, "a", 5, 10, &[(1, 2)])];
        let resolved = resolve(&claims, &Authority::default());
        let span = |from, to| Span { from: Day(from), to: Day(to) };
        assert_eq!(
            resolved,
            [
                Resolution { valid: span(0, 5), basis: Basis::Claim(1), disputed: vec![] },
                Resolution { valid: span(5, 10), basis: Basis::Fields(vec![(1, 2), (2, 1)]), disputed: vec![1] },
            ]
        );
    }

    #[test]
    fn a_losing_claim_that_agrees_disputes_nothing() {
        let claims = [claim(1, "a", 0, 10, &[(1, 1)]), claim(2, "b", 0, 10, &[(1, 1)])];
        let resolved = resolve(&claims, &Authority::default());
        assert_eq!(resolved.len(), 1);
        assert_eq!((&resolved[0].basis, resolved[0].disputed.len()), (&Basis::Claim(1), 0));
    }

    #[test]
    fn an_event_counts_from_its_day_and_disputes_nothing_of_its_department() {
        let by = |id: &str| Claim::source_by_event("a", "events", id);
        let claims = [
            claim(1, "a", 0, 30, &[(1, 1), (2, 7)]),
            claim(2, &by("second"), 20, 30, &[(1, 3)]),
            claim(3, &by("first"), 10, 30, &[(1, 2)]),
        ];
        let resolved = resolve(&claims, &Authority::default());
        let span = |from, to| Span { from: Day(from), to: Day(to) };
        let from_event = |claim| Basis::Fields(vec![(1, claim), (2, 1)]);
        assert_eq!(
            resolved,
            [
                Resolution { valid: span(0, 10), basis: Basis::Claim(1), disputed: vec![] },
                Resolution { valid: span(10, 20), basis: from_event(3), disputed: vec![] },
                Resolution { valid: span(20, 30), basis: from_event(2), disputed: vec![] },
            ]
        );
        assert_eq!((claims[1].department(), claims[1].event_table()), ("a", Some("events")));
        assert_eq!((claims[0].department(), claims[0].event_table()), ("a", None));
    }

    proptest! {
        #[test]
        fn stretches_cover_what_the_claims_cover_and_never_overlap(
            spans in prop::collection::vec((0..3_usize, 0..20_i64, 1..8_i64, 0..3_i64), 0..8),
            day in 0..30_i64,
        ) {
            let claims: Vec<Claim> = (1_u32..)
                .zip(&spans)
                .map(|(n, (s, from, length, value))| claim(n, ["a", "b", "c"][*s], *from, from + length, &[(1, *value)]))
                .collect();
            let resolved = resolve(&claims, &Authority::default());
            let holding = resolved.iter().filter(|r| r.valid.contains(Day(day))).count();
            let covered = claims.iter().any(|c| c.valid.contains(Day(day)));
            prop_assert_eq!(holding, usize::from(covered));
        }
    }
}
