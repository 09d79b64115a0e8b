//! Corrections: a value that is wrong, and the provider's answer.

use super::params::{Input, Params, invalid};
use super::routes::{Param, ParamKind as K, param};
use super::sharing::{CURSOR, LIMIT};
use crate::ask::{Ask, CorrectionRequest, DoubtFiled};
use crate::problem::{Code, Problem};
use crate::sharing::correction::{CorrectionSaid, CorrectionStep, RULES, with_what};

const REASON: Param = param("reason", K::Text, "why; of need_more, all that is missing");
const EVIDENCE: Param = param("evidence", K::Text, "where the proof lies; of correct, the batch or document");
pub(super) const FILE: &[Param] = &[
    param("dataset", K::Dataset, "the dataset"),
    param("record", K::Text, "the record's id"),
    param("field", K::Text, "the field whose value is wrong"),
    param("believed", K::Text, "what is believed to be right, at most 1,000 bytes"),
    REASON,
    EVIDENCE,
];
pub(super) const STEP: &[Param] = &[REASON, EVIDENCE];
pub(super) const ALL: &[Param] = &[param("overdue", K::Boolean, "only corrections with an alert"), CURSOR, LIMIT];
/// Longest value believed, bytes.
const BELIEVED_MAX: usize = 1_000;

pub(super) fn file(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let needed = |name: &str| {
        let missing = || Problem::new(Code::MissingParameter, format!("`{name}` is missing")).about(name);
        params.owned(name).ok_or_else(missing)
    };
    let dataset = needed("dataset")?.parse().map_err(|e: String| invalid("dataset", &e))?;
    let believed = needed("believed")?;
    if believed.len() > BELIEVED_MAX {
        return Err(invalid("believed", "is over 1,000 bytes"));
    }
    let said = said(params)?;
    with_what(CorrectionStep::File, &said)
        .map_err(|error| Problem::new(Code::MissingParameter, error.to_string()).about("evidence"))?;
    Ok(Ask::Correct(Box::new(DoubtFiled {
        dataset,
        record: needed("record")?,
        field: needed("field")?,
        believed,
        said,
    })))
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn one(input: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Correction(CorrectionRequest::One(input.part("correction").to_owned())))
}

pub(super) fn all(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let overdue = params.flag("overdue")?;
    Ok(Ask::Correction(CorrectionRequest::All { overdue, after: params.owned("cursor"), limit: params.limit()? }))
}

pub(super) fn step(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let known = || RULES.iter().skip(1).map(|rule| rule.name).collect::<Vec<_>>().join(", ");
    let (correction, step) = input.part("correction").split_once(':').unwrap_or((input.part("correction"), ""));
    let step = CorrectionStep::named(step).ok_or_else(|| {
        Problem::new(Code::NotFound, format!("a correction takes `{{correction}}:{{step}}`; steps are {}", known()))
    })?;
    let said = Box::new(said(&input.params)?);
    Ok(Ask::Correction(CorrectionRequest::Step { correction: correction.to_owned(), step, said }))
}

fn said(params: &Params) -> Result<CorrectionSaid, Problem> {
    let words = |name: &str| match params.owned(name) {
        Some(long) if long.len() > 4_000 => Err(invalid(name, "is over 4,000 bytes")),
        text => Ok(text),
    };
    Ok(CorrectionSaid { reason: words("reason")?, evidence: words("evidence")? })
}
