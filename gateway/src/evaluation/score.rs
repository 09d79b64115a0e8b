//! From measures to points to a score, by a scheme; exact, and the same wherever it is worked out.

use std::cmp::Reverse;

use num_rational::Ratio;
use serde::{Deserialize, Serialize};

use super::exact;
use super::formula::NoValue;
use super::measures::Measures;
use super::points::Points;
use super::scheme::Scheme;

/// A scheme that cannot be worked out on these measures.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("indicator `{indicator}`: a number became too large")]
pub struct ScoreError {
    /// The indicator.
    pub indicator: String,
}

/// What an authority put in place of points, on an objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Correction {
    /// The objection.
    pub objection: String,
    /// The points that hold.
    pub points: Points,
}

/// An indicator worked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    /// Its id.
    pub indicator: String,
    /// Its part of the score, percent.
    pub weight: u32,
    /// The formula's value, to four places; null = there was nothing to judge.
    pub value: Option<String>,
    /// Its points; null likewise.
    pub points: Option<Points>,
    /// What holds in their place.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub corrected: Option<Correction>,
}

/// The indicators of a scheme on these measures, in the scheme's order.
///
/// # Errors
/// [`ScoreError`].
pub fn judge(scheme: &Scheme, measures: &Measures) -> Result<Vec<Judged>, ScoreError> {
    let judged = scheme.indicators.iter().map(|indicator| {
        let too_large = || ScoreError { indicator: indicator.id.clone() };
        let (value, points) = match indicator.formula.value(measures) {
            Ok(value) => {
                let points = indicator.points(value).ok_or_else(too_large)?;
                (Some(exact::shown(value).ok_or_else(too_large)?), Some(points))
            }
            Err(NoValue::NoBasis) => (None, None),
            Err(NoValue::TooLarge) => return Err(too_large()),
        };
        Ok(Judged { indicator: indicator.id.clone(), weight: indicator.weight, value, points, corrected: None })
    });
    judged.collect()
}

/// The score: points weighted over the indicators that have some; `None` = there was nothing to judge at all.
#[must_use]
pub fn total(judged: &[Judged]) -> Option<Points> {
    weighted(judged, |one| one.points)
}

/// The score with what was corrected; `None` = nothing was.
#[must_use]
pub fn corrected_total(judged: &[Judged]) -> Option<Points> {
    judged.iter().any(|one| one.corrected.is_some()).then_some(())?;
    weighted(judged, |one| one.corrected.as_ref().map(|correction| correction.points).or(one.points))
}

fn weighted(judged: &[Judged], points: impl Fn(&Judged) -> Option<Points>) -> Option<Points> {
    let (mut sum, mut weights) = (0_i128, 0_i128);
    for one in judged {
        if let Some(points) = points(one) {
            sum += i128::from(one.weight) * i128::from(points.hundredths());
            weights += i128::from(one.weight);
        }
    }
    if weights == 0 { None } else { Points::of(Ratio::new(sum, weights * 100)) }
}

/// The place of each score among all, from 1; equal scores share one.
#[must_use]
pub fn ranks(scores: &[Option<Points>]) -> Vec<Option<usize>> {
    let mut order: Vec<Points> = scores.iter().copied().flatten().collect();
    order.sort_unstable_by_key(|points| Reverse(*points));
    let place = |points: Points| order.iter().position(|other| *other == points).map(|at| at + 1);
    scores.iter().map(|score| score.and_then(place)).collect()
}
