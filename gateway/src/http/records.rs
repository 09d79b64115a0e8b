//! Records by id and by natural key, their past, their edges, figures over them.

use super::params::Input;
use crate::ask::{Ask, LookupRequest, RecordRequest, StatisticsRequest};
use crate::flow::ITEMS_MAX;
use crate::problem::Problem;

pub(super) fn get(input: &mut Input<'_>) -> Result<Ask, Problem> {
    one(input).map(Ask::Get)
}

pub(super) fn history(input: &mut Input<'_>) -> Result<Ask, Problem> {
    one(input).map(Ask::History)
}

pub(super) fn claims(input: &mut Input<'_>) -> Result<Ask, Problem> {
    one(input).map(Ask::Claims)
}

pub(super) fn links(input: &mut Input<'_>) -> Result<Ask, Problem> {
    one(input).map(Ask::Links)
}

pub(super) fn lookup(input: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Lookup(LookupRequest {
        dataset: input.dataset()?,
        keys: input.items("keys", ITEMS_MAX)?,
        times: input.params.times()?,
        shown: input.params.shown()?,
    }))
}

pub(super) fn statistics(input: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Statistics(Box::new(StatisticsRequest {
        dataset: input.dataset()?,
        group_by: input.params.list("group-by").unwrap_or_default(),
        measures: input.params.list("measure").unwrap_or_else(|| vec!["count".into()]),
        filter: input.params.filter()?,
        times: input.params.times()?,
        labels: input.params.labels()?,
    })))
}

fn one(input: &Input<'_>) -> Result<RecordRequest, Problem> {
    Ok(RecordRequest {
        dataset: input.dataset()?,
        id: input.part("id").to_owned(),
        times: input.params.times()?,
        shown: input.params.shown()?,
    })
}
