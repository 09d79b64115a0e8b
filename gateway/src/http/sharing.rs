//! Requests for data, the steps of their cases, alerts, working days.

use foundation::value::Day;
use serde_json::{Map, Value};

use super::params::{Input, Params, invalid};
use super::routes::{Param, ParamKind as K, param};
use crate::ask::{Ask, SandboxWanted, SharingRequest, StepTaken};
use crate::policy::Terms;
use crate::problem::{Code, Problem};
use crate::sharing::step::following;
use crate::sharing::{Outcome, Said, State, Verb};

const DATASET: Param = param("dataset", K::Dataset, "the dataset asked for");
const ACTS: Param = param("acts", K::List, "what is to be done: get, lookup, verify (the default), search, list, …");
const FIELDS: Param = param("fields", K::List, "fields to be read");
const MASKED: Param = param("masked", K::List, "fields to be shown masked");
const ROWS: Param = param("rows", K::Text, "CQL2: which rows; default all");
const PURPOSE: Param = param("purpose", K::Text, "purpose and scenario (使用场景)");
const GROUND: Param = param("ground", K::Text, "legal ground (共享依据)");
const FROM: Param = param("from", K::Day, "first day");
const TO: Param = param("to", K::Day, "day after the last");
const CASES_REQUIRED: Param = param("cases-required", K::Boolean, "whether every question names its business case");
const ROWS_PER_ANSWER_MAX: Param = param("rows-per-answer-max", K::Integer, "most rows an answer");
const ROWS_PER_DAY_MAX: Param = param("rows-per-day-max", K::Integer, "most rows a day");
const PERSONS_PER_DAY_MAX: Param = param("persons-per-day-max", K::Integer, "most distinct persons a day");
const TELLS_NOT_FOUND: Param =
    param("tells-not-found", K::Boolean, "whether verification tells that nobody has a number; default false");
const COMMITMENT: Param =
    param("commitment", K::Text, "of a company: how the data is used and kept safe (使用与安全承诺)");

pub(super) const STEP: &[Param] = &[
    param("reason", K::Text, "why; of need_more, all that is missing; of consent, how the data is to be disposed of"),
    param("evidence", K::Text, "where the proof lies"),
    param("days", K::Integer, "working days asked for"),
    param("outcome", K::OneOf(&["uphold", "overturn"]), "how the dispute ends"),
    DATASET,
    ACTS,
    FIELDS,
    MASKED,
    ROWS,
    PURPOSE,
    GROUND,
    FROM,
    TO,
    CASES_REQUIRED,
    ROWS_PER_ANSWER_MAX,
    ROWS_PER_DAY_MAX,
    PERSONS_PER_DAY_MAX,
    TELLS_NOT_FOUND,
    COMMITMENT,
];
/// What a request is begun with: the terms alone, without what is said with a step.
pub(super) const BEGIN: &[Param] = STEP.split_at(4).1;
pub(super) const CURSOR: Param = param("cursor", K::Text, "`next` of the page before");
pub(super) const LIMIT: Param = param("limit", K::Integer, "most cases, 1 to 1,000; default 100");
pub(super) const CASES: &[Param] = &[
    param("state", K::Text, "only cases in this state"),
    param("overdue", K::Boolean, "only cases with an alert"),
    CURSOR,
    LIMIT,
];
pub(super) const ALERTS: &[Param] = &[CURSOR, LIMIT];
pub(super) const WORKING_DAYS: &[Param] = &[
    FROM,
    param("days", K::Integer, "working days, 0 to 1,000"),
    param("counts-first-day", K::Boolean, "whether the first day counts; default false"),
];
pub(super) const RETURN_FLOW: &[Param] = &[DATASET, PURPOSE];
pub(super) const SANDBOX: &[Param] =
    &[DATASET, param("fields", K::List, "fields to be read; default all that are shared"), MASKED];
pub(super) const GRANTS: &[Param] = &[
    param("grants", K::Text, "grants reviewed elsewhere, as TOML: `[[grant]]` with the members of `grants.toml`"),
    param("evidence", K::Text, "where the review of them lies"),
];
pub(super) const NOTICE: &[Param] = &[param("notice", K::Text, "CSV `date,kind,name`; kind is holiday or workday")];

pub(super) fn begin(input: &mut Input<'_>) -> Result<Ask, Problem> {
    for needed in ["dataset", "purpose", "ground", "from", "to"] {
        if input.params.text(needed).is_none() {
            return Err(Problem::new(Code::MissingParameter, format!("`{needed}` is missing")).about(needed));
        }
    }
    let terms = Terms::over(None, terms(&input.params)?).map_err(|why| Problem::new(Code::InvalidParameter, why))?;
    Ok(Ask::Sharing(SharingRequest::Begin(Box::new(terms))))
}

pub(super) fn step(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let known = || following().map(|rule| rule.name).collect::<Vec<_>>().join(", ");
    let (case, verb) = input.part("case").split_once(':').unwrap_or((input.part("case"), ""));
    let verb = Verb::named(verb).ok_or_else(|| {
        Problem::new(Code::NotFound, format!("a case takes `{{case}}:{{step}}`; steps are {}", known()))
    })?;
    let params = &input.params;
    let outcome = params.read("outcome", "must be uphold or overturn", |text| match text {
        "uphold" => Some(Outcome::Uphold),
        "overturn" => Some(Outcome::Overturn),
        _ => None,
    })?;
    let said = Said {
        terms: None,
        reason: words(params, "reason")?,
        evidence: words(params, "evidence")?,
        days: params
            .read("days", "must be a whole number from 1 to 1000", |t| t.parse().ok().filter(|n| *n <= 1_000))?,
        outcome,
        digest: None,
    };
    let taken = StepTaken { case: case.to_owned(), verb, said, terms: terms(params)? };
    Ok(Ask::Sharing(SharingRequest::Step(Box::new(taken))))
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn case(input: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Sharing(SharingRequest::Case(input.part("case").to_owned())))
}

pub(super) fn cases(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let state = params.read("state", "is no state of a case", |text| {
        serde_json::from_value::<State>(Value::String(text.to_owned())).ok()
    })?;
    Ok(Ask::Sharing(SharingRequest::Cases {
        state,
        overdue: params.flag("overdue")?,
        after: params.owned("cursor"),
        limit: params.limit()?,
    }))
}

pub(super) fn alerts(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    Ok(Ask::Sharing(SharingRequest::Alerts { after: params.owned("cursor"), limit: params.limit()? }))
}

pub(super) fn working_days(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let missing = |name: &str| Problem::new(Code::MissingParameter, format!("`{name}` is missing")).about(name);
    let params = &input.params;
    let from = params.read("from", "must be a date YYYY-MM-DD", Day::parse)?.ok_or_else(|| missing("from"))?;
    let days = params
        .read("days", "must be a whole number from 0 to 1000", |t| t.parse::<u32>().ok().filter(|n| *n <= 1_000))?;
    let days = days.ok_or_else(|| missing("days"))?;
    Ok(Ask::Sharing(SharingRequest::WorkingDays { from, days, counts_first: params.flag("counts-first-day")? }))
}

pub(super) fn notice(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let text = input.params.owned("notice");
    let text = text.ok_or_else(|| Problem::new(Code::MissingParameter, "`notice` is missing").about("notice"))?;
    if text.len() > 60_000 {
        return Err(invalid("notice", "is over 60,000 bytes"));
    }
    Ok(Ask::Sharing(SharingRequest::Notice(text)))
}

pub(super) fn return_flow(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let missing = |name: &str| Problem::new(Code::MissingParameter, format!("`{name}` is missing")).about(name);
    let dataset = input.params.owned("dataset").ok_or_else(|| missing("dataset"))?;
    let purpose = words(&input.params, "purpose")?.ok_or_else(|| missing("purpose"))?;
    Ok(Ask::Sharing(SharingRequest::BeginReturnFlow { dataset, purpose }))
}

pub(super) fn sandbox(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let missing = || Problem::new(Code::MissingParameter, "`dataset` is missing").about("dataset");
    let dataset = params.owned("dataset").ok_or_else(missing)?;
    let (fields, masked) = (params.list("fields"), params.list("masked").unwrap_or_default());
    Ok(Ask::Sharing(SharingRequest::Sandbox(Box::new(SandboxWanted { dataset, fields, masked }))))
}

pub(super) fn grants(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let missing = |name: &str| Problem::new(Code::MissingParameter, format!("`{name}` is missing")).about(name);
    let text = input.params.owned("grants").ok_or_else(|| missing("grants"))?;
    let evidence = words(&input.params, "evidence")?.filter(|text| !text.trim().is_empty());
    let evidence = evidence.ok_or_else(|| missing("evidence"))?;
    Ok(Ask::Sharing(SharingRequest::ImportGrants { text, evidence }))
}

fn words(params: &Params, name: &str) -> Result<Option<String>, Problem> {
    let text = params.owned(name);
    match &text {
        Some(long) if long.len() > 4_000 => Err(invalid(name, "is over 4,000 bytes")),
        _ => Ok(text),
    }
}

/// The terms that a body gives, as members by name: those of the table, each by its kind.
fn terms(params: &Params) -> Result<Map<String, Value>, Problem> {
    let mut members = Map::new();
    for param in BEGIN.iter().filter(|param| params.text(param.name).is_some()) {
        let name = param.name;
        let value = match param.kind {
            K::List => Value::from(params.list(name).unwrap_or_default()),
            K::Boolean => Value::from(params.flag(name)?),
            K::Integer => {
                let read = params.read(name, "must be a whole number from 0", |t| t.parse::<u64>().ok())?;
                Value::from(read)
            }
            _ => Value::from(words(params, name)?),
        };
        members.insert(name.to_owned(), value);
    }
    Ok(members)
}
