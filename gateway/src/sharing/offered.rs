//! The steps that somebody may take now: each is judged as it would be if it brought what it must.

use super::case::Case;
use super::step::{Need, Outcome, Rule, Said, Verb, following};
use super::take::{Frame, Hand, judge};

/// The steps of a case that `hand` may take, as the table has them.
///
/// Cost: a judgement a step and outcome; nothing is read.
#[must_use]
pub fn offered(case: &Case, hand: Hand<'_>, frame: &Frame<'_>) -> Vec<&'static Rule> {
    let may = |rule: &&Rule| {
        let mut ends = [Outcome::Uphold, Outcome::Overturn].into_iter();
        ends.any(|outcome| judge(case, rule.verb, &whole(case, rule, outcome), hand, frame).is_ok())
    };
    following().filter(may).collect()
}

/// What a step must bring, brought.
fn whole(case: &Case, rule: &Rule, outcome: Outcome) -> Said {
    let has = |need| rule.needs.contains(&need);
    let text = |need| has(need).then(|| "x".to_owned());
    Said {
        terms: (rule.verb == Verb::Revise).then(|| case.asked.clone()),
        reason: text(Need::Reason),
        evidence: text(Need::Evidence),
        days: has(Need::Days).then_some(1),
        outcome: has(Need::Outcome).then_some(outcome),
        digest: None,
    }
}
