//! The one door for counts over protected data: what leaves is what disclosure control made of them.

use disclosure::{Cell, Margins, Rule, Table};
use foundation::dataset::{Method, Unit};
use foundation::service::{
    Count, Group, Measure, ReadAt, RecordKeys, SortValue, StatisticsAnswer, StatisticsAsk, Times,
};
use foundation::value::Instant;

use super::super::plan::TablePlan;
use crate::app::App;
use crate::problem::{Code, Problem};

/// What was done to counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disclosed {
    /// Nothing: they are exact.
    Exact,
    /// They are not given.
    Withheld,
    /// Small cells left out, noise on the others.
    Controlled {
        /// The method.
        method: Method,
        /// Whom it protects.
        unit: Unit,
        /// Fewest units of a cell that is shown.
        minimum: u32,
        /// Most that a figure is off its count.
        noise: u8,
    },
}

/// Counts a table and gives of it what may be given.
pub(super) async fn run(
    app: &App,
    plan: &TablePlan,
    measures: usize,
) -> Result<(StatisticsAnswer, Disclosed), Problem> {
    let rule = &plan.rule;
    let told = Disclosed::Controlled {
        method: rule.method,
        unit: plan.dataset.units,
        minimum: rule.minimum,
        noise: rule.noise,
    };
    let Some(known_at) = released(app, plan).await? else {
        let at = ReadAt { valid_at: plan.reference_day, known_at: app.clock.now() };
        return Ok((StatisticsAnswer { groups: Vec::new(), at }, told));
    };
    let state = format!("{} {} {}", plan.dataset.name, plan.reference_day.0, known_at.0);
    let secret = app.keys.statistics.part(&state);
    let mut ask = ask(plan, Some(known_at));
    ask.group_by.clone_from(&plan.dimensions);
    ask.record_keys = Some(RecordKeys::new(secret.part("records").bytes()));
    let counted = plan.service.statistics(ask).await?;
    let broken = |error: &dyn std::fmt::Display| {
        Problem::new(Code::Internal, "the figures could not be made").because(error.to_string())
    };
    let mut table = Table::new(&plan.dimensions).map_err(|error| broken(&error))?;
    for group in &counted.groups {
        let codes = group.key.iter().map(|value| value.as_ref().map(category)).collect();
        let count = group.count.value.unwrap_or(0);
        table.add(codes, Cell { count, key: group.key_sum }).map_err(|error| broken(&error))?;
    }
    let rule = Rule::new(rule.minimum.into(), rule.noise, secret.part("cells")).map_err(|error| broken(&error))?;
    let groups = shown(plan, &Margins::of(&table), &rule, measures);
    Ok((StatisticsAnswer { groups, at: ReadAt { known_at, ..counted.at } }, told))
}

/// What was known at the release asked about. The first question that finds records makes the release.
async fn released(app: &App, plan: &TablePlan) -> Result<Option<Instant>, Problem> {
    let broken = |error: crate::releases::ReleasesError| {
        Problem::new(Code::Unavailable, "the releases cannot be read").because(error.to_string())
    };
    let (dataset, day) = (&plan.dataset.name, plan.reference_day);
    if let Some(known_at) = app.releases.known_at(dataset, day).await.map_err(broken)? {
        return Ok(Some(known_at));
    }
    let now = plan.service.statistics(ask(plan, None)).await?;
    if now.groups.iter().all(|group| group.count.value.unwrap_or(0) == 0) {
        return Ok(None);
    }
    app.releases.release(dataset, day, now.at.known_at).await.map(Some).map_err(broken)
}

/// How many records there are on the reference day.
fn ask(plan: &TablePlan, known_at: Option<Instant>) -> StatisticsAsk {
    StatisticsAsk {
        dataset: plan.dataset.name.clone(),
        group_by: Vec::new(),
        measures: vec![Measure::Count],
        filter: None,
        times: Times { valid_at: plan.reference_day, known_at },
        scopes: plan.scopes.clone(),
        counts_allowed: true,
        record_keys: None,
    }
}

/// The cells asked for that may be shown.
fn shown(plan: &TablePlan, margins: &Margins, rule: &Rule, measures: usize) -> Vec<Group> {
    let place = |field: u16| margins.dimensions().iter().position(|dimension| *dimension == field);
    let mut groups = Vec::new();
    for codes in margins.cells() {
        let of = |field: u16| place(field).and_then(|at| codes.get(at)).cloned().flatten();
        if !plan.fixed.iter().all(|(field, wanted)| of(*field) == *wanted) {
            continue;
        }
        if let Some(figure) = rule.figure(margins, codes) {
            let key: Vec<Option<String>> = plan.group_by.iter().map(|field| of(*field)).collect();
            groups.push((key, figure));
        }
    }
    groups.sort();
    let group = |(key, figure): (Vec<Option<String>>, u64)| Group {
        key: key.into_iter().map(|code| code.map(SortValue::Text)).collect(),
        count: Count::perturbed(figure),
        figures: vec![Some(figure.to_string()); measures],
        key_sum: 0,
    };
    groups.into_iter().map(group).collect()
}

fn category(value: &SortValue) -> String {
    match value {
        SortValue::Text(text) => text.clone(),
        SortValue::Integer(whole) => whole.to_string(),
        SortValue::Number(number) => number.to_string(),
    }
}
