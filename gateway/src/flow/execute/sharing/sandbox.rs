//! Gives a sandbox: at once, for the days that the limits say.

use foundation::dataset::{DatasetName, Sharing};

use super::{SharingAnswer, actor, journal_problem, refused};
use crate::app::App;
use crate::ask::SandboxWanted;
use crate::flow::Permit;
use crate::journal;
use crate::policy::Terms;
use crate::problem::{Code, Problem};
use crate::sandbox::{LETTER, ROWS};
use crate::sharing::limits::{LimitedStep, division_of};
use crate::sharing::sandbox::{ACTS, GOOD_MAX, GROUND, PURPOSE, ROWS_PER_DAY_MAX, Sandbox};
use crate::sharing::take;

/// Gives the caller's department a sandbox on a dataset.
pub(super) async fn give(app: &App, permit: &Permit, wanted: SandboxWanted) -> Result<SharingAnswer, Problem> {
    let by = actor(permit)?;
    let SandboxWanted { dataset: name, fields, masked } = wanted;
    let absent = || Problem::new(Code::NotFound, format!("there is no dataset `{name}`")).about("dataset");
    let parsed: DatasetName = name.parse().map_err(|_| absent())?;
    let dataset = &app.catalogue.get(&parsed).ok_or_else(absent)?.dataset;
    let shared = || dataset.fields.iter().filter(|f| f.sharing.unwrap_or(dataset.sharing) != Sharing::None);
    let fields = match fields {
        Some(fields) => fields,
        None => shared().map(|field| field.name.clone()).filter(|name| !masked.contains(name)).collect(),
    };
    let today = permit.today();
    let limit = app.desk.limits.of(LimitedStep::UseSandbox, division_of(&dataset.provider_code), today);
    let limit = limit.ok_or_else(|| {
        Problem::new(Code::Unprocessable, "the limits in force say no number of days for a sandbox (`use-sandbox`)")
    })?;
    let last = app.desk.calendar().due(today, limit.working_days, limit.counts_first_day).day;
    let terms = Terms {
        dataset: name,
        acts: ACTS.map(str::to_owned).to_vec(),
        fields,
        masked,
        rows: String::new(),
        purpose: PURPOSE.to_owned(),
        ground: GROUND.to_owned(),
        from: today.to_string(),
        to: last.plus(1).to_string(),
        cases_required: false,
        rows_per_answer_max: ROWS as u64,
        rows_per_day_max: ROWS_PER_DAY_MAX,
        persons_per_day_max: None,
        tells_not_found: false,
        commitment: String::new(),
    };
    take::asked_of(dataset, permit.caller().department(), &terms).map_err(|error| refused(&error))?;
    let _turn = app.desk.turn().await;
    let kept = |e| journal_problem(&e);
    if app.desk.good_sandboxes(&by.department, &terms.from).await.map_err(kept)? >= GOOD_MAX {
        let detail = format!("the department has {GOOD_MAX} sandboxes that are good; wait until one is over");
        return Err(Problem::new(Code::CeilingReached, detail).retry_after(86_400));
    }
    let id = journal::fresh_id(LETTER).ok_or_else(|| Problem::new(Code::Internal, "no random numbers"))?;
    let sandbox = Sandbox { id, at_us: app.clock.now().0, by, terms };
    app.desk.keep_sandbox(&sandbox).await.map_err(kept)?;
    Ok(SharingAnswer::Sandbox(Box::new(sandbox)))
}
