//! Entries of the catalogue, the steps of compiling them, demands.

use axum::http::header::CONTENT_TYPE;
use foundation::value::Day;
use serde_json::Value;

use super::params::{Input, Params, invalid};
use super::routes::{Param, ParamKind as K, param};
use crate::ask::{Ask, CompilingRequest, DraftFile, DraftFormat, EntryForm, Upload};
use crate::catalogue::demand::DemandState;
use crate::catalogue::step::RULES;
use crate::catalogue::{DemandVerb, Items, Said, State, Verb, Wish};
use crate::problem::{Code, Problem};

/// Content types of entries as files.
pub(crate) const FORMATS: [(&str, DraftFormat); 4] = [
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", DraftFormat::Xlsx),
    ("application/toml", DraftFormat::Toml),
    ("application/xml", DraftFormat::Xml),
    ("text/xml", DraftFormat::Xml),
];

const ITEMS: Param = param("items", K::Object, "the items of the entry");
const DEMAND: Param = param("demand", K::Text, "the demand that it answers");
const REASON: Param = param("reason", K::Text, "why");
const CURSOR: Param = param("cursor", K::Text, "`next` of the page before");
const LIMIT: Param = param("limit", K::Integer, "most items, 1 to 1,000; default 100");
const VALID_AT: Param = param("valid-at", K::Day, "the day on which it holds; default today");
const KNOWN_AT: Param =
    param("known-at", K::Instant, "as announced by this instant (a date: the end of that day); default now");

pub(super) const BEGIN: &[Param] = &[ITEMS, DEMAND];
pub(super) const FILE: &[Param] =
    &[param("entry", K::Text, "the entry that it changes; default a new one"), DEMAND, REASON];
pub(super) const STEP: &[Param] = &[
    ITEMS,
    param("ends", K::Boolean, "of amend: the entry is to end"),
    REASON,
    param("evidence", K::Text, "where the proof lies"),
    param("days", K::Integer, "working days asked for"),
    param("from", K::Day, "of announce: the day from which it holds; of change_duty: the day of the change"),
];
pub(super) const ENTRY: &[Param] = &[VALID_AT, KNOWN_AT];
pub(super) const ENTRIES: &[Param] = &[
    param("state", K::Text, "only entries in this state"),
    param("provider", K::Text, "only entries of this department, by credit code"),
    param("overdue", K::Boolean, "only entries with an alert"),
    CURSOR,
    LIMIT,
];
pub(super) const ASK: &[Param] = &[
    param("title", K::Text, "what the data is called"),
    param("fields", K::List, "titles or names of the fields needed"),
    param("purpose", K::Text, "purpose and scenario (使用场景)"),
    param("ground", K::Text, "legal ground of the need"),
];
pub(super) const DEMAND_STEP: &[Param] =
    &[param("source", K::Text, "credit code of the department that is named the source"), REASON];
pub(super) const DEMANDS: &[Param] = &[param("state", K::Text, "only demands in this state"), CURSOR, LIMIT];

fn compiling(request: CompilingRequest) -> Ask {
    Ask::Compiling(Box::new(request))
}

pub(super) fn begin(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let items = items(&input.params)?;
    let items = items.ok_or_else(|| Problem::new(Code::MissingParameter, "`items` is missing").about("items"))?;
    let said = Said { items: Some(items), demand: words(&input.params, "demand")?, ..Said::default() };
    Ok(compiling(CompilingRequest::Begin(Box::new(said))))
}

pub(super) fn file(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let declared = input.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let format = FORMATS.into_iter().find(|(name, _)| *name == media).map(|(_, format)| format).ok_or_else(|| {
        let known: Vec<_> = FORMATS.iter().map(|(name, _)| *name).collect();
        Problem::new(Code::UnsupportedMediaType, format!("an entry comes as {}", known.join(", ")))
            .about("Content-Type")
    })?;
    Ok(compiling(CompilingRequest::File(DraftFile {
        format,
        entry: input.params.owned("entry"),
        demand: words(&input.params, "demand")?,
        reason: words(&input.params, "reason")?,
        body: Upload::new(input.upload.take().unwrap_or_default()),
    })))
}

pub(super) fn step(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let known = || RULES.iter().skip(1).map(|rule| rule.name).collect::<Vec<_>>().join(", ");
    // A dataset's entry has a colon in its id: the step stands behind the last.
    let (entry, verb) = input.part("entry").rsplit_once(':').unwrap_or((input.part("entry"), ""));
    let verb = Verb::named(verb).ok_or_else(|| {
        Problem::new(Code::NotFound, format!("an entry takes `{{entry}}:{{step}}`; steps are {}", known()))
    })?;
    let params = &input.params;
    let said = Said {
        items: items(params)?,
        ends: params.flag("ends")?,
        demand: None,
        reason: words(params, "reason")?,
        evidence: words(params, "evidence")?,
        days: params
            .read("days", "must be a whole number from 1 to 1000", |t| t.parse().ok().filter(|n| *n <= 1_000))?,
        from: params.read("from", "must be a date YYYY-MM-DD", Day::parse)?.map(|day| day.to_string()),
        definition: None,
        code: None,
    };
    Ok(compiling(CompilingRequest::Step { entry: entry.to_owned(), verb, said: Box::new(said) }))
}

pub(super) fn entry(input: &mut Input<'_>) -> Result<Ask, Problem> {
    one(input, EntryForm::Own)
}

pub(super) fn metadata(input: &mut Input<'_>) -> Result<Ask, Problem> {
    one(input, EntryForm::Metadata)
}

fn one(input: &mut Input<'_>, shown: EntryForm) -> Result<Ask, Problem> {
    let times = input.params.times()?;
    let id = input.part("entry").to_owned();
    Ok(compiling(CompilingRequest::Entry { id, valid_at: times.valid_at, known_at: times.known_at, shown }))
}

pub(super) fn entries(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let state = params.read("state", "is no state of an entry", |text| {
        serde_json::from_value::<State>(Value::String(text.to_owned())).ok()
    })?;
    Ok(compiling(CompilingRequest::Entries {
        state,
        provider: params.owned("provider"),
        overdue: params.flag("overdue")?,
        after: params.owned("cursor"),
        limit: params.limit()?,
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn alerts(_: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(compiling(CompilingRequest::Alerts))
}

pub(super) fn ask(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let text = |name: &'static str| {
        words(params, name)?
            .ok_or_else(|| Problem::new(Code::MissingParameter, format!("`{name}` is missing")).about(name))
    };
    let fields = params.list("fields").unwrap_or_default();
    if fields.is_empty() || fields.len() > 200 {
        return Err(invalid("fields", "must name 1 to 200 fields"));
    }
    let wish = Wish { title: text("title")?, fields, purpose: text("purpose")?, ground: text("ground")? };
    Ok(compiling(CompilingRequest::Ask(Box::new(wish))))
}

pub(super) fn demand_step(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let (demand, verb) = input.part("demand").rsplit_once(':').unwrap_or((input.part("demand"), ""));
    let verb = DemandVerb::named(verb).ok_or_else(|| {
        Problem::new(Code::NotFound, "a demand takes `{demand}:{step}`; steps are name_source, reject, withdraw")
    })?;
    let (source, reason) = (words(&input.params, "source")?, words(&input.params, "reason")?);
    Ok(compiling(CompilingRequest::DemandStep { demand: demand.to_owned(), verb, source, reason }))
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn demand(input: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(compiling(CompilingRequest::Demand(input.part("demand").to_owned())))
}

pub(super) fn demands(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let state = params.read("state", "is no state of a demand", |text| {
        serde_json::from_value::<DemandState>(Value::String(text.to_owned())).ok()
    })?;
    Ok(compiling(CompilingRequest::Demands { state, after: params.owned("cursor"), limit: params.limit()? }))
}

/// The items of a body, read strictly: the place of what is wrong stands in the text, values do not.
fn items(params: &Params) -> Result<Option<Box<Items>>, Problem> {
    let Some(text) = params.text("items") else { return Ok(None) };
    match serde_json::from_str::<Items>(text) {
        Ok(items) => Ok(Some(Box::new(items))),
        Err(error) => Err(invalid("items", &format!("cannot be read: {}", unplaced(&error)))),
    }
}

/// What is wrong, without the line and column of a text that the client never wrote so.
fn unplaced(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn words(params: &Params, name: &str) -> Result<Option<String>, Problem> {
    let text = params.owned(name);
    match &text {
        Some(long) if long.len() > 4_000 => Err(invalid(name, "is over 4,000 bytes")),
        _ => Ok(text),
    }
}
