//! The facts of a period, from the cases of sharing, the audit log and the batches of imports.

use std::collections::{BTreeMap, BTreeSet};

use foundation::record::BatchId;
use foundation::service::{BatchState, ImportReport, ServiceError};
use foundation::value::Day;

use super::facts::{CaseFact, ClockFact, Facts, ImportFact, StretchFact, UseFact};
use super::period::EvaluationPeriod;
use super::tally::Tally;
use crate::app::App;
use crate::journal::JournalError;
use crate::sharing::clocks::{self, Clock};
use crate::sharing::limits::LimitedStep;
use crate::sharing::{Calendar, Case, Correction, CorrectionState, Kind, Limits, Outcome, State, Verb};

/// Who took the steps that follow by themselves: they are nobody's merit.
const BY_ITSELF: &str = "natbase";

/// Why the facts could not be collected.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The cases and corrections.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The audit log.
    #[error("the audit log cannot be read")]
    Log(#[from] std::io::Error),
    /// A batch's report.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// A thread of the program stopped.
    #[error("reading the audit log stopped")]
    Stopped,
}

/// What collecting knows of the day.
pub struct Frame<'a> {
    /// The period.
    pub period: EvaluationPeriod,
    /// Today.
    pub today: Day,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Limits.
    pub limits: &'a Limits,
}

/// The facts of every department that did something in the period, and of every provider of a dataset.
///
/// Cost: reads every case, the entries of the period and of the one before (once, when they are over), a report a batch.
/// # Errors
/// [`CollectError`].
pub async fn collect(app: &App, period: EvaluationPeriod) -> Result<BTreeMap<String, Facts>, CollectError> {
    let mut all: BTreeMap<String, Facts> = BTreeMap::new();
    for facts in &app.catalogue.all() {
        all.entry(facts.dataset.provider_code.clone()).or_default();
    }
    let calendar = app.desk.calendar();
    let frame = Frame { period, today: app.clock.today(), calendar: &calendar, limits: &app.desk.limits };
    for case in app.desk.all().await? {
        of_case(&case, &frame, &mut all);
    }
    for correction in app.corrections.all().await? {
        of_correction(&correction, &frame, &mut all);
    }
    let now = tally(app, period).await?;
    for ((department, dataset), answers) in &now.used {
        let used = UseFact { dataset: dataset.clone(), answers: *answers };
        all.entry(department.clone()).or_default().used.push(used);
    }
    let before = match period.before() {
        Some(before) => tally(app, before).await?.batches.clone(),
        None => BTreeSet::new(),
    };
    // A batch that was sent again belongs to the period of its first sending.
    for batch in now.batches.difference(&before) {
        imported(app, *batch, &mut all, |facts| &mut facts.imports).await?;
    }
    for batch in &before {
        imported(app, *batch, &mut all, |facts| &mut facts.imports_before).await?;
    }
    all.values_mut().for_each(Facts::arrange);
    Ok(all)
}

async fn tally(app: &App, period: EvaluationPeriod) -> Result<std::sync::Arc<Tally>, CollectError> {
    let _reading = app.register.reading().await;
    let (tallies, directory) = (app.register.tallies(), app.audit.directory().to_owned());
    let today = app.clock.today();
    let read = tokio::task::spawn_blocking(move || tallies.of(&directory, period, today));
    Ok(read.await.map_err(|_| CollectError::Stopped)??)
}

async fn imported(
    app: &App,
    batch: BatchId,
    all: &mut BTreeMap<String, Facts>,
    list: impl Fn(&mut Facts) -> &mut Vec<ImportFact>,
) -> Result<(), CollectError> {
    for database in app.catalogue.databases() {
        let Some(report) = database.import_report(batch).await? else { continue };
        if report.state != BatchState::DryRun {
            let facts = all.entry(report.source.clone()).or_default();
            list(facts).push(import_fact(&report));
        }
        return Ok(());
    }
    tracing::warn!(batch = crate::http::batch_text(batch), "a batch of the log is in no base database");
    Ok(())
}

fn import_fact(report: &ImportReport) -> ImportFact {
    let progress = &report.progress;
    ImportFact {
        batch: crate::http::batch_text(report.batch),
        dataset: report.dataset.to_string(),
        rows: progress.accepted.saturating_add(progress.rejected),
        rejected: progress.rejected,
        findings: report.warnings.len() as u64,
    }
}

/// The facts of one case: the provider's clocks, deliveries and refusals, and what the requester was granted.
pub fn of_case(case: &Case, frame: &Frame<'_>, all: &mut BTreeMap<String, Facts>) {
    // What is opened to a company is no sharing between departments (Decree 809 art 38).
    if !case.was_submitted() || case.kind == Kind::Opening {
        return;
    }
    let provider = all.entry(case.provider.clone()).or_default();
    // What is shared unconditionally is answered by the program.
    if !case.unconditional {
        let clocks = clocks::of(case, frame.calendar, frame.limits);
        told(&case.id, clocks, case.state == State::Withdrawn, frame, provider);
    }
    of_answers(case, frame, provider);
    if was_granted(case, frame) {
        all.entry(case.requester.clone()).or_default().datasets_granted.push(case.asked.dataset.clone());
    }
}

/// The facts of one correction: the provider's clocks, and how long an answer took.
pub fn of_correction(correction: &Correction, frame: &Frame<'_>, all: &mut BTreeMap<String, Facts>) {
    let provider = all.entry(correction.doubt.provider.clone()).or_default();
    let clocks = correction.clocks(frame.calendar, frame.limits);
    told(&correction.id, clocks, correction.state == CorrectionState::Withdrawn, frame, provider);
    if let Some((from, to)) = correction.answered().filter(|(_, to)| frame.period.holds(*to)) {
        let working_days = frame.calendar.between(from, to);
        provider.corrections.push(StretchFact { case: correction.id.clone(), from, to, working_days });
    }
}

/// Tells the clocks of a case that end in the period.
fn told(case: &str, mut clocks: Vec<Clock>, withdrawn: bool, frame: &Frame<'_>, provider: &mut Facts) {
    // What the requester takes back in time was never answered.
    if withdrawn && clocks.last().is_some_and(|clock| !clock.is_overdue(frame.today)) {
        clocks.pop();
    }
    // Looking again at what stands is the business of both, and no limit of law.
    for clock in clocks.into_iter().filter(|clock| clock.step != LimitedStep::ReviewReturnFlow) {
        let over = clock.met.is_some() || clock.due.day < frame.today;
        if over && frame.period.holds(clock.due.day) {
            provider.clocks.push(ClockFact {
                case: case.to_owned(),
                step: clock.step.as_str().to_owned(),
                started: clock.started,
                due: clock.due.day,
                met: clock.met,
                provisional: clock.due.provisional,
            });
        }
    }
}

fn of_answers(case: &Case, frame: &Frame<'_>, provider: &mut Facts) {
    let (mut consented, mut refused) = (None, false);
    for event in &case.events {
        let day = event.day();
        let of_period = frame.period.holds(day);
        let fact = || CaseFact { case: case.id.clone(), day };
        match event.verb {
            Verb::Consent => consented = Some(day),
            Verb::Deliver if of_period && event.by.subject != BY_ITSELF => {
                let from = consented.unwrap_or(day);
                let working_days = frame.calendar.between(from, day);
                provider.deliveries.push(StretchFact { case: case.id.clone(), from, to: day, working_days });
            }
            Verb::Refuse => {
                refused = true;
                if of_period {
                    provider.refusals.push(fact());
                }
            }
            Verb::Settle | Verb::Decide if refused && event.said.outcome == Some(Outcome::Overturn) => {
                refused = false;
                if of_period {
                    provider.refusals_overturned.push(fact());
                }
            }
            _ => {}
        }
    }
}

/// Whether the requester could use the data under the case on some day of the period.
fn was_granted(case: &Case, frame: &Frame<'_>) -> bool {
    let comes_into_force = |event: &&crate::sharing::Event| matches!(event.verb, Verb::Deliver | Verb::Import);
    let delivered = case.events.iter().find(comes_into_force).map(crate::sharing::Event::day);
    let Some(span) = case.given.as_ref().and_then(|terms| terms.period().ok()) else { return false };
    let ended = match case.state {
        State::Terminated | State::Ended | State::Disposed => case
            .events
            .iter()
            .rfind(|event| matches!(event.verb, Verb::Terminate | Verb::Relinquish | Verb::FileChange))
            .map_or(span.to, |event| event.day().min(span.to)),
        _ => span.to,
    };
    delivered.is_some_and(|day| day.max(span.from) < frame.period.to()) && ended > frame.period.from()
}
