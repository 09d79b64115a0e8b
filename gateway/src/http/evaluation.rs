//! Scores, what they are made of, objections to them.

use super::params::{Input, Params, invalid};
use super::routes::{Param, ParamKind as K, param};
use crate::ask::{Ask, EvaluationRequest};
use crate::evaluation::objection::{ObjectionSaid, RULES};
use crate::evaluation::points::Points;
use crate::evaluation::{EvaluationPeriod, ObjectionStep};
use crate::problem::{Code, Problem};

const REASON: Param = param("reason", K::Text, "why");
const EVIDENCE: Param = param("evidence", K::Text, "where the proof lies");
pub(super) const FILE: &[Param] =
    &[param("indicator", K::Text, "the indicator whose points are objected to"), REASON, EVIDENCE];
pub(super) const STEP: &[Param] = &[
    REASON,
    EVIDENCE,
    param("ground", K::Text, "the rule that a change stands on"),
    param("points", K::Number, "the points that are to hold, 0 to 100 with at most two places"),
];

pub(super) fn scores(input: &mut Input<'_>) -> Result<Ask, Problem> {
    period(input).map(|period| Ask::Evaluation(EvaluationRequest::Scores(period)))
}

pub(super) fn measures(input: &mut Input<'_>) -> Result<Ask, Problem> {
    period(input).map(|period| Ask::Evaluation(EvaluationRequest::Measures(period)))
}

pub(super) fn report(input: &mut Input<'_>) -> Result<Ask, Problem> {
    period(input).map(|period| Ask::Evaluation(EvaluationRequest::Report(period)))
}

pub(super) fn objections(input: &mut Input<'_>) -> Result<Ask, Problem> {
    period(input).map(|period| Ask::Evaluation(EvaluationRequest::Objections(period)))
}

pub(super) fn file(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let missing = || Problem::new(Code::MissingParameter, "`indicator` is missing").about("indicator");
    let indicator = words(&input.params, "indicator")?.ok_or_else(missing)?;
    let said = Box::new(said(&input.params)?);
    Ok(Ask::Evaluation(EvaluationRequest::File { period: period(input)?, indicator, said }))
}

pub(super) fn step(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let known = || RULES.iter().skip(1).map(|rule| rule.name).collect::<Vec<_>>().join(", ");
    let (objection, step) = input.part("objection").split_once(':').unwrap_or((input.part("objection"), ""));
    let step = ObjectionStep::named(step).ok_or_else(|| {
        Problem::new(Code::NotFound, format!("an objection takes `{{objection}}:{{step}}`; steps are {}", known()))
    })?;
    let (period, objection) = (period(input)?, objection.to_owned());
    let said = Box::new(said(&input.params)?);
    Ok(Ask::Evaluation(EvaluationRequest::Step { period, objection, step, said }))
}

fn period(input: &Input<'_>) -> Result<EvaluationPeriod, Problem> {
    EvaluationPeriod::parse(input.part("period")).ok_or_else(|| {
        invalid("period", "must be a year, half-year, quarter or month: 2026, 2026-S1, 2026-Q4, 2026-11")
    })
}

fn said(params: &Params) -> Result<ObjectionSaid, Problem> {
    Ok(ObjectionSaid {
        reason: words(params, "reason")?,
        evidence: words(params, "evidence")?,
        ground: words(params, "ground")?,
        points: params.read("points", "must be 0 to 100 with at most two places", Points::parse)?,
    })
}

fn words(params: &Params, name: &str) -> Result<Option<String>, Problem> {
    let text = params.owned(name);
    match &text {
        Some(long) if long.len() > 4_000 => Err(invalid(name, "is over 4,000 bytes")),
        _ => Ok(text),
    }
}
