//! Imports.

use axum::http::header::CONTENT_TYPE;
use foundation::record::BatchId;
use foundation::service::ImportMode;
use foundation::value::Day;

use super::params::Input;
use crate::ask::{Ask, ImportRequest, Upload, UploadFormat};
use crate::problem::{Code, Problem};

/// Content types of imports.
pub(crate) const FORMATS: [(&str, UploadFormat); 5] = [
    ("text/csv", UploadFormat::Csv),
    ("application/x-ndjson", UploadFormat::Ndjson),
    ("application/ndjson", UploadFormat::Ndjson),
    ("application/geo+json", UploadFormat::GeoJson),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", UploadFormat::Xlsx),
];

pub(super) fn import(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let format = format(input)?;
    let params = &input.params;
    let mode = params.read("mode", "must be delta or snapshot", |text| match text {
        "delta" => Some(ImportMode::Delta),
        "snapshot" => Some(ImportMode::Snapshot),
        _ => None,
    })?;
    let encoding = params.read("encoding", "must be utf-8 or gb18030", |text| {
        let lower = text.to_ascii_lowercase();
        ["utf-8", "gb18030"].contains(&lower.as_str()).then_some(lower)
    })?;
    Ok(Ask::Import(Box::new(ImportRequest {
        dataset: input.dataset()?,
        source: params.owned("source"),
        mode: mode.unwrap_or_default(),
        as_of: params.read("as-of", "must be a date YYYY-MM-DD", Day::parse)?,
        confirm: params.flag("confirm")?,
        dry_run: params.flag("dry-run")?,
        first_load: params.flag("first-load")?,
        encoding,
        mapping: params.owned("mapping"),
        key: key(input)?,
        format,
        body: Upload::new(input.upload.take().unwrap_or_default()),
    })))
}

pub(super) fn report(input: &mut Input<'_>) -> Result<Ask, Problem> {
    batch(input.part("batch")).map(Ask::ImportReport)
}

pub(super) fn rejected(input: &mut Input<'_>) -> Result<Ask, Problem> {
    batch(input.part("batch")).map(Ask::Rejected)
}

/// The router cannot match a word after a parameter in one segment: the verb is split off here.
pub(super) fn withdraw(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let text = input.part("batch");
    let text = text.strip_suffix(":withdraw").ok_or_else(|| {
        Problem::new(Code::NotFound, "a batch takes `POST /api/v1/imports/{batch}:withdraw` and nothing else")
    })?;
    batch(text).map(Ask::Withdraw)
}

fn batch(text: &str) -> Result<BatchId, Problem> {
    super::batch_id(text).ok_or_else(|| Problem::new(Code::NotFound, "there is no such batch"))
}

fn format(input: &Input<'_>) -> Result<UploadFormat, Problem> {
    let declared = input.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
    let media = declared.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    FORMATS.into_iter().find(|(name, _)| *name == media).map(|(_, format)| format).ok_or_else(|| {
        let known: Vec<_> = FORMATS.iter().map(|(name, _)| *name).collect();
        Problem::new(Code::UnsupportedMediaType, format!("an import takes {}", known.join(", "))).about("Content-Type")
    })
}

fn key(input: &Input<'_>) -> Result<Option<String>, Problem> {
    let mut all = input.headers.get_all("idempotency-key").iter();
    let Some(value) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        let twice = Problem::new(Code::RepeatedParameter, "`Idempotency-Key` stands twice");
        return Err(twice.about("Idempotency-Key"));
    }
    let text = value.to_str().ok().filter(|t| !t.is_empty() && t.len() <= 200);
    let wrong = || super::params::invalid("Idempotency-Key", "must be 1 to 200 ASCII characters");
    text.map(|t| Some(t.to_owned())).ok_or_else(wrong)
}
