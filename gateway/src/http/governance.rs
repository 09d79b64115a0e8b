//! Catalogue, code lists, verification, ownership, the division of a point, the audit log.

use foundation::value::{Day, Instant, Period};
use macroeconomy::ask::Slice;

use super::params::{Input, invalid};
use crate::ask::{Act, Ask, AuditRequest, Direction, GeocodeRequest, OwnershipRequest, ProofRequest, SeriesRequest};
use crate::problem::{Code, Problem};

/// Most texts located in one question.
const TEXTS_MAX: usize = 10_000;

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn catalogue(_: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Catalogue)
}

pub(super) fn catalogue_entry(input: &mut Input<'_>) -> Result<Ask, Problem> {
    input.dataset().map(Ask::CatalogueEntry)
}

pub(super) fn explain(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let act = input.params.read(
        "act",
        "is no act on a dataset, such as get, lookup, search, statistics",
        Act::on_a_dataset,
    )?;
    Ok(Ask::Explain(input.dataset()?, act.unwrap_or(Act::Get)))
}

pub(super) fn ownership(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let depth = params.read("depth", "must be a whole number from 1 to 10", |text| {
        text.parse::<u8>().ok().filter(|n| (1..=10).contains(n))
    })?;
    let direction = params.read("direction", "must be owners, owned or both", |text| match text {
        "owners" => Some(Direction::Owners),
        "owned" => Some(Direction::Owned),
        "both" => Some(Direction::Both),
        _ => None,
    })?;
    Ok(Ask::Ownership(OwnershipRequest {
        credit_code: input.part("credit_code").to_owned(),
        depth: depth.unwrap_or(3),
        direction: direction.unwrap_or(Direction::Owners),
        times: params.times()?,
    }))
}

pub(super) fn division_at(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let degrees = |name: &str, bound: f64| {
        let read =
            params.read(name, "must be degrees", |text| text.parse::<f64>().ok().filter(|x| x.abs() <= bound))?;
        read.ok_or_else(|| Problem::new(Code::MissingParameter, format!("`{name}` is missing")).about(name))
    };
    Ok(Ask::DivisionAt { lon: degrees("lon", 180.0)?, lat: degrees("lat", 90.0)?, times: params.times()? })
}

/// One text in the address.
pub(super) fn geocode(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let missing = || Problem::new(Code::MissingParameter, "`q` is missing").about("q");
    let text = input.params.owned("q").ok_or_else(missing)?;
    texts(input, vec![text])
}

/// Many texts in the body.
pub(super) fn geocode_many(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let items = input.items("items", TEXTS_MAX)?.into_iter().map(|members| match members.as_slice() {
        [(name, text)] if name == "text" => Ok(text.clone()),
        _ => Err(invalid("items", "holds an item that is not {\"text\": …}")),
    });
    let all = items.collect::<Result<_, _>>()?;
    texts(input, all)
}

fn texts(input: &Input<'_>, texts: Vec<String>) -> Result<Ask, Problem> {
    let most = geospatial::ask::geocode::TEXT_MAX;
    if texts.iter().any(|text| text.chars().count() > most) {
        return Err(invalid("items", &format!("holds a text of more than {most} characters")));
    }
    Ok(Ask::Geocode(GeocodeRequest { texts, times: input.params.times()? }))
}

pub(super) fn successors(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let code = params.read("code", "must be a code of two to twelve digits", |text| {
        let sound = (2..=12).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        sound.then(|| text.to_owned())
    })?;
    let code = code.ok_or_else(|| Problem::new(Code::MissingParameter, "`code` is missing").about("code"))?;
    Ok(Ask::Successors { code, from: params.read("from", "must be a day", Day::parse)?, times: params.times()? })
}

pub(super) fn series(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let labels = input.params.labels()?;
    let params = &input.params;
    let text = |name: &str| params.read(name, "must be text", |text| (!text.is_empty()).then(|| text.to_owned()));
    let needed = |name: &str| {
        let missing = || Problem::new(Code::MissingParameter, format!("`{name}` is missing")).about(name);
        text(name)?.ok_or_else(missing)
    };
    let period = |name: &str| params.read(name, "must be a period (2020, 2020-Q1, 2020-01, 2020-W05)", Period::parse);
    let slice = Slice {
        indicator: needed("indicator")?,
        region: needed("region")?,
        dimensions: text("dimensions")?.unwrap_or_default(),
        from: period("period-from")?,
        to: period("period-to")?,
        published_by: params.read("vintage-at", "must be a day", Day::parse)?,
    };
    Ok(Ask::Series(SeriesRequest { slice, times: params.times()?, labels }))
}

pub(super) fn code_list(input: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::CodeList { id: input.part("id").to_owned(), valid_at: input.params.times()?.valid_at })
}

pub(super) fn audit(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    Ok(Ask::Audit(AuditRequest {
        from: params.read("from", "must be a date or an RFC 3339 instant", Instant::parse)?,
        to: params.read("to", "must be a date or an RFC 3339 instant", Instant::parse)?,
        caller: params.owned("caller"),
        dataset: params.text("dataset").map(|t| t.parse().map_err(|e: String| invalid("dataset", &e))).transpose()?,
        before: params.read("before", "must be a whole number", |text| text.parse().ok())?,
        limit: params.limit()?,
    }))
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn audit_checkpoint(_: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::AuditProof(ProofRequest::Checkpoint))
}

pub(super) fn audit_inclusion(input: &mut Input<'_>) -> Result<Ask, Problem> {
    whole(input, "entry").map(|entry| Ask::AuditProof(ProofRequest::Inclusion(entry)))
}

pub(super) fn audit_consistency(input: &mut Input<'_>) -> Result<Ask, Problem> {
    whole(input, "from").map(|from| Ask::AuditProof(ProofRequest::Consistency(from)))
}

fn whole(input: &Input<'_>, name: &str) -> Result<u64, Problem> {
    let read = input.params.read(name, "must be a whole number", |text| text.parse::<u64>().ok())?;
    read.ok_or_else(|| Problem::new(Code::MissingParameter, format!("`{name}` is missing")).about(name))
}
