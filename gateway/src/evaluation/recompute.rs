//! Recomputing a document offline: from facts to measures to points to scores, by the policy data it holds.

use std::collections::BTreeSet;
use std::fmt;

use serde::Serialize;

use super::document::{Applied, Document, Evaluated, FORMAT, sha256};
use super::measures::Measure;
use super::period::EvaluationPeriod;
use super::scheme::Schemes;
use super::score::{self, Judged};
use crate::sharing::limits::division_of;

/// A document of which nothing can be recomputed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum RecomputeError {
    /// Another form.
    #[error("the document has the form {format}; {FORMAT} is read here")]
    Format { format: u32 },
    /// No period.
    #[error("`{period}` is no period of evaluation")]
    Period { period: String },
    /// The policy data cannot be read.
    #[error("the policy data: {reason}")]
    Policy { reason: String },
}

/// A place where the document says other than what is worked out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where: department, and what of it.
    pub place: String,
    /// What the document says.
    pub said: String,
    /// What is worked out.
    pub computed: String,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: the document says {}, worked out is {}", self.place, self.said, self.computed)
    }
}

/// Recomputes; gives every place that differs. None = equal.
///
/// # Errors
/// [`RecomputeError`].
pub fn recompute(document: &Document) -> Result<Vec<Difference>, RecomputeError> {
    if document.format != FORMAT {
        return Err(RecomputeError::Format { format: document.format });
    }
    let unknown = || RecomputeError::Period { period: document.period.clone() };
    let period = EvaluationPeriod::parse(&document.period).ok_or_else(unknown)?;
    let schemes = Schemes::parse(&document.policy.text, "policy")
        .map_err(|error| RecomputeError::Policy { reason: error.to_string() })?;
    let mut found = Found(Vec::new());
    found.compare("policy: sha256", &document.policy.sha256, &sha256(&document.policy.text));
    let mut seen = BTreeSet::new();
    for evaluated in &document.departments {
        if !seen.insert(&evaluated.department) {
            found.compare(&evaluated.department, "twice", "once");
        }
        one(evaluated, period, &schemes, &mut found);
    }
    Ok(found.0)
}

struct Found(Vec<Difference>);

impl Found {
    fn compare(&mut self, place: &str, said: &str, computed: &str) {
        if said != computed {
            let (place, said, computed) = (place.to_owned(), said.to_owned(), computed.to_owned());
            self.0.push(Difference { place, said, computed });
        }
    }
}

fn one(evaluated: &Evaluated, period: EvaluationPeriod, schemes: &Schemes, found: &mut Found) {
    let place = |what: &str| format!("{}: {what}", evaluated.department);
    let Some(scheme) = schemes.of(division_of(&evaluated.department), period.from()) else {
        found.compare(&place("scheme"), &told(&evaluated.scheme), "none in force");
        return;
    };
    found.compare(&place("scheme"), &told(&evaluated.scheme), &told(&Applied::of(scheme)));
    if let Some(stray) = evaluated.facts.stray(period) {
        found.compare(&place("facts"), &stray, "no such fact");
    }
    let mut arranged = evaluated.facts.clone();
    arranged.arrange();
    if arranged != evaluated.facts {
        found.compare(&place("facts"), "in another order", "sorted, nothing twice");
    }
    let measures = evaluated.facts.measures();
    for measure in Measure::ALL {
        let (said, computed) = (evaluated.measures.get(*measure), measures.get(*measure));
        found.compare(&place(measure.name()), &said.to_string(), &computed.to_string());
    }
    let judged = match score::judge(scheme, &measures) {
        Ok(judged) => judged,
        Err(error) => return found.compare(&place("indicators"), "worked out", &error.to_string()),
    };
    let ids = |list: &[Judged]| list.iter().map(|j| j.indicator.as_str()).collect::<Vec<_>>().join(", ");
    found.compare(&place("indicators"), &ids(&evaluated.indicators), &ids(&judged));
    for (said, computed) in evaluated.indicators.iter().zip(&judged) {
        let place = |what: &str| place(&format!("{}: {what}", computed.indicator));
        found.compare(&place("weight"), &said.weight.to_string(), &computed.weight.to_string());
        found.compare(&place("value"), or_null(said.value.as_ref()), or_null(computed.value.as_ref()));
        found.compare(&place("points"), &shown(said.points), &shown(computed.points));
    }
    // What an authority decided stands in the document; what it makes of the score is worked out.
    found.compare(&place("score"), &shown(evaluated.score), &shown(score::total(&judged)));
    let corrected: Vec<Judged> = judged
        .into_iter()
        .map(|one| {
            let said = evaluated.indicators.iter().find(|said| said.indicator == one.indicator);
            Judged { corrected: said.and_then(|said| said.corrected.clone()), ..one }
        })
        .collect();
    let computed = shown(score::corrected_total(&corrected));
    found.compare(&place("corrected_score"), &shown(evaluated.corrected_score), &computed);
}

fn told(applied: &Applied) -> String {
    format!("`{}` from {}", applied.jurisdiction, applied.from)
}

fn or_null(text: Option<&String>) -> &str {
    text.map_or("null", String::as_str)
}

fn shown(points: Option<super::points::Points>) -> String {
    points.map_or_else(|| "null".to_owned(), |points| points.to_string())
}
