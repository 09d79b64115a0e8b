//! Grouped figures: exact ones from the index, or counts that disclosure control makes.

use std::sync::Arc;

use disclosure::{Code as Category, DIMENSIONS_MAX};
use foundation::dataset::{Dataset, Tabulation};
use foundation::filter::{Comparison, Filter};
use foundation::service::{Scope, StatisticsAsk};
use foundation::value::{Day, Value};

use super::super::Permit;
use super::super::authorize::Granted;
use super::{Service, Work, fields, service, times};
use crate::app::App;
use crate::ask::StatisticsRequest;
use crate::problem::{Code, Problem};

/// A question for counts over protected data by somebody who is not their owner.
pub(in super::super) struct TablePlan {
    pub(in super::super) service: Service,
    pub(in super::super) dataset: Arc<Dataset>,
    pub(in super::super) rule: Tabulation,
    /// Fields to group by, in the order asked for.
    pub(in super::super) group_by: Vec<u16>,
    /// Fields of which one category alone is asked for.
    pub(in super::super) fixed: Vec<(u16, Category)>,
    /// All of them.
    pub(in super::super) dimensions: Vec<u16>,
    pub(in super::super) reference_day: Day,
    pub(in super::super) scopes: Vec<Scope>,
}

/// Plans a question for figures.
pub(super) fn plan(app: &App, permit: &Permit, r: StatisticsRequest) -> Result<Work, Problem> {
    let granted = permit.dataset()?;
    if !granted.decision.counts
        && let Some(rule) = granted.facts.dataset.statistics.clone()
    {
        let table = Box::new(table(app, permit, granted, &r, rule)?);
        return Ok(Work::Table(table, r.group_by, r.measures));
    }
    let (group_by, measures) = fields::grouping(granted, &r.group_by, &r.measures)?;
    let filter = r.filter.as_deref().map(|text| fields::filter(app, granted, text, true)).transpose()?;
    let ask = StatisticsAsk {
        dataset: r.dataset,
        group_by,
        measures,
        filter,
        times: times(r.times, permit),
        scopes: granted.scopes(),
        counts_allowed: granted.decision.counts,
        record_keys: None,
    };
    Ok(Work::Statistics(service(app, granted)?, Box::new(ask), r.group_by, r.measures))
}

fn table(
    app: &App,
    permit: &Permit,
    granted: &Granted,
    r: &StatisticsRequest,
    rule: Tabulation,
) -> Result<TablePlan, Problem> {
    if granted.decision.scopes.iter().any(|scope| scope.rows.is_some()) {
        let detail = "the grant is for some rows; counts over protected data are made over all of them or not at all";
        return Err(Problem::new(Code::Forbidden, detail).about("Natbase-Grant"));
    }
    if r.measures.iter().any(|measure| measure != "count") {
        return Err(together("measure", "over protected data there are counts, and no other measures"));
    }
    let (group_by, _) = fields::grouping(granted, &r.group_by, &r.measures)?;
    let mut fixed = Vec::new();
    if let Some(text) = &r.filter {
        // Categories of the fields to count by are no personal data.
        categories(&fields::filter(app, granted, text, false)?, &mut fixed)?;
    }
    let mut dimensions: Vec<u16> = group_by.iter().copied().chain(fixed.iter().map(|(field, _)| *field)).collect();
    dimensions.sort_unstable();
    dimensions.dedup();
    if dimensions.len() > DIMENSIONS_MAX {
        let detail =
            format!("counts over protected data have at most {DIMENSIONS_MAX} fields, those of the filter too");
        return Err(together("group-by", detail));
    }
    let reference_day = reference_day(&rule, r, permit.today())?;
    Ok(TablePlan {
        service: service(app, granted)?,
        dataset: Arc::clone(&granted.facts.dataset),
        rule,
        group_by,
        fixed,
        dimensions,
        reference_day,
        scopes: granted.scopes(),
    })
}

/// The day whose state is counted: the last reference day, or an earlier one.
fn reference_day(rule: &Tabulation, r: &StatisticsRequest, today: Day) -> Result<Day, Problem> {
    if r.times.known_at.is_some() {
        return Err(together("known-at", "counts over protected data are of a release; `valid-at` says which"));
    }
    let asked = r.times.valid_at.unwrap_or(today);
    let latest = rule.reference.latest(asked).filter(|_| asked <= today);
    match latest {
        Some(day) if r.times.valid_at.is_none_or(|asked| asked == day) => Ok(day),
        Some(day) => Err(together("valid-at", format!("{asked} is no reference day; the one before is {day}"))),
        None => Err(together("valid-at", "there is no release of a day to come")),
    }
}

/// Categories joined by AND; everything else could describe few.
fn categories(filter: &Filter, into: &mut Vec<(u16, Category)>) -> Result<(), Problem> {
    match filter {
        Filter::And(parts) => parts.iter().try_for_each(|part| categories(part, into)),
        Filter::Compare { field, op: Comparison::Equal, value: Value::Code(code) } => {
            into.push((*field, Some(code.clone())));
            Ok(())
        }
        Filter::Compare { field, op: Comparison::Equal, value: Value::Boolean(yes) } => {
            into.push((*field, Some(yes.to_string())));
            Ok(())
        }
        Filter::IsNull { field } => {
            into.push((*field, None));
            Ok(())
        }
        _ => Err(together("filter", "counts over protected data are filtered by `field = 'category'`, joined by AND")),
    }
}

fn together(member: &str, detail: impl Into<String>) -> Problem {
    Problem::new(Code::Unprocessable, detail.into()).about(member)
}
