//! `…/records:export`, `/jobs`.

use super::params::Input;
use super::routes::{FIELDS, FILTER, FILTER_LANG, KNOWN_AT, Param, ParamKind as K, VALID_AT, param};
use crate::ask::{Ask, ExportRequest, FileFormat, JobsRequest, SearchRequest, Wanted};
use crate::problem::Problem;

pub(super) const EXPORT: &[Param] = &[
    FILTER,
    FILTER_LANG,
    FIELDS,
    param("format", K::OneOf(&["csv", "ndjson", "geojson", "xlsx"]), "form of the file; default csv"),
    param("purpose", K::Text, "what it is for, where no grant says it"),
    VALID_AT,
    KNOWN_AT,
];

pub(super) fn export(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let format = params.read("format", "must be csv, ndjson, geojson or xlsx", FileFormat::named)?;
    let mut search = SearchRequest::text("");
    search.wanted = Wanted::Datasets(vec![input.dataset()?]);
    search.filter = params.filter()?;
    search.times = params.times()?;
    search.shown.fields = params.list("fields");
    search.in_url = false;
    let format = format.unwrap_or(FileFormat::Csv);
    Ok(Ask::Export(Box::new(ExportRequest { search, format, purpose: params.owned("purpose") })))
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn all(_: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Jobs(JobsRequest::All))
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn one(input: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Jobs(JobsRequest::One(input.part("job").to_owned())))
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn file(input: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Jobs(JobsRequest::File(input.part("job").to_owned())))
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn cancel(input: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Jobs(JobsRequest::Cancel(input.part("job").to_owned())))
}
