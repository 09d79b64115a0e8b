//! Performance evaluation: collects, judges, shows to each what is his; takes objections and their answers.

use std::collections::BTreeMap;

use foundation::value::Day;

use super::sharing::{actor, journal_problem};
use crate::app::App;
use crate::ask::EvaluationRequest;
use crate::evaluation::collect::{self, CollectError};
use crate::evaluation::objection::{self, ObjectionError, ObjectionEvent, ObjectionHand, ObjectionSaid};
use crate::evaluation::{Document, EvaluationPeriod, Objection, ObjectionStep, Scheme, document, register, workbook};
use crate::flow::Permit;
use crate::problem::{Code, Problem};
use crate::sharing::Due;
use crate::sharing::limits::division_of;
use crate::token::Role;

/// The scores that a caller may see.
#[derive(Debug)]
pub struct ScoresShown {
    /// The period.
    pub period: EvaluationPeriod,
    /// The departments, each with what its scores are made of.
    pub document: Document,
    /// The scheme of each.
    pub schemes: BTreeMap<String, Scheme>,
    /// The place of each that may be told, and among how many.
    pub places: BTreeMap<String, (usize, usize)>,
}

/// An objection with what follows from the day.
#[derive(Debug)]
pub struct ObjectionShown {
    /// The objection.
    pub objection: Objection,
    /// When the answer is due.
    pub due: Option<Due>,
    /// Whether it came too late, or is late today.
    pub overdue: bool,
}

/// What came of a question or step of evaluation.
#[derive(Debug)]
pub enum EvaluationAnswer {
    /// Scores.
    Scores(Box<ScoresShown>),
    /// What they are made of.
    Measures(Box<Document>),
    /// The workbook.
    Report {
        /// Departments in it.
        departments: usize,
        /// The file.
        bytes: Vec<u8>,
    },
    /// Objections, in the order of their filing.
    Objections(Vec<ObjectionShown>),
    /// One objection.
    Objection(Box<ObjectionShown>),
}

/// Does what was asked.
pub(super) async fn run(app: &App, permit: &Permit, request: EvaluationRequest) -> Result<EvaluationAnswer, Problem> {
    match request {
        EvaluationRequest::Scores(period) => {
            let (document, places) = evaluated(app, permit, period, &objections(app, period).await?).await?;
            let scheme = |one: &document::Evaluated| {
                let scheme = app.register.schemes().of(division_of(&one.department), period.from())?;
                Some((one.department.clone(), scheme.clone()))
            };
            let schemes = document.departments.iter().filter_map(scheme).collect();
            Ok(EvaluationAnswer::Scores(Box::new(ScoresShown { period, document, schemes, places })))
        }
        EvaluationRequest::Measures(period) => {
            let (document, _) = evaluated(app, permit, period, &objections(app, period).await?).await?;
            Ok(EvaluationAnswer::Measures(Box::new(document)))
        }
        EvaluationRequest::Report(period) => report(app, permit, period).await,
        EvaluationRequest::Objections(period) => {
            let all = objections(app, period).await?;
            let mine = all.into_iter().filter(|objection| sees(permit, &objection.department));
            Ok(EvaluationAnswer::Objections(mine.map(|objection| shown(app, permit.today(), objection)).collect()))
        }
        EvaluationRequest::File { period, indicator, said } => file(app, permit, period, indicator, *said).await,
        EvaluationRequest::Step { period, objection, step, said } => {
            take(app, permit, period, &objection, step, *said).await
        }
    }
}

/// Whether the caller may see the scores of a department: an authority all, a department its own.
fn sees(permit: &Permit, department: &str) -> bool {
    let caller = permit.caller();
    caller.principal().roles.has(Role::Authority) || (caller.is_department() && caller.department() == department)
}

/// The objections to scores of a period.
async fn objections(app: &App, period: EvaluationPeriod) -> Result<Vec<Objection>, Problem> {
    app.register.of(period).await.map_err(|e| journal_problem(&e))
}

/// The document of a period as far as the caller sees it, and the places that he may be told.
async fn evaluated(
    app: &App,
    permit: &Permit,
    period: EvaluationPeriod,
    objections: &[Objection],
) -> Result<(Document, BTreeMap<String, (usize, usize)>), Problem> {
    if permit.today() < period.from() {
        return Err(Problem::new(Code::Unprocessable, format!("{period} has not begun")).about("period"));
    }
    let mut facts = collect::collect(app, period).await.map_err(|e| uncollected(&e))?;
    if permit.caller().is_department() {
        facts.entry(permit.caller().department().to_owned()).or_default();
    }
    let schemes = app.register.schemes();
    let mut document = document::make(period, schemes, facts, objections, app.clock.now(), permit.today())
        .map_err(|error| Problem::new(Code::Unprocessable, error.to_string()))?;
    let places = document.places();
    let of = |scheme: &document::Applied| {
        let same = document.departments.iter().filter(|one| one.scheme == *scheme);
        same.filter(|one| places.contains_key(&one.department)).count()
    };
    let authority = permit.caller().principal().roles.has(Role::Authority);
    let told = document.departments.iter().filter_map(|one| {
        let scheme = schemes.of(division_of(&one.department), period.from())?;
        let place = places.get(&one.department)?;
        ((authority || scheme.ranks) && sees(permit, &one.department))
            .then(|| (one.department.clone(), (*place, of(&one.scheme))))
    });
    let told = told.collect();
    document.departments.retain(|one| sees(permit, &one.department));
    if document.departments.is_empty() {
        let detail = format!("no scheme of evaluation is in force on {}", period.from());
        return Err(Problem::new(Code::Unprocessable, detail).about("period"));
    }
    Ok((document, told))
}

async fn report(app: &App, permit: &Permit, period: EvaluationPeriod) -> Result<EvaluationAnswer, Problem> {
    let all = objections(app, period).await?;
    let (document, places) = evaluated(app, permit, period, &all).await?;
    let mine: Vec<&Objection> = all.iter().filter(|objection| sees(permit, &objection.department)).collect();
    let places = places.into_iter().map(|(department, (place, _))| (department, place)).collect();
    let bytes = workbook::write(&document, app.register.schemes(), &mine, &places, app.clock.now())
        .map_err(|e| Problem::new(Code::Internal, "the workbook was not written").because(e.to_string()))?;
    Ok(EvaluationAnswer::Report { departments: document.departments.len(), bytes })
}

/// Objects to the points of an indicator, as they are worked out now.
async fn file(
    app: &App,
    permit: &Permit,
    period: EvaluationPeriod,
    indicator: String,
    said: ObjectionSaid,
) -> Result<EvaluationAnswer, Problem> {
    let hand = hand(permit);
    let own = hand.department;
    let absent =
        || Problem::new(Code::Unprocessable, format!("no scheme of evaluation is in force on {}", period.from()));
    let scheme = app.register.schemes().of(division_of(own), period.from()).ok_or_else(absent)?;
    let unknown = || Problem::new(Code::InvalidParameter, "`indicator` is none of the scheme").about("indicator");
    scheme.indicator(&indicator).ok_or_else(unknown)?;
    objection::with_what(ObjectionStep::File.rule(), &said).map_err(|error| refused(&error))?;
    // From reading what is filed to filing: one step at a time, so that nothing is objected to twice.
    let _turn = app.register.turn().await;
    let already = objections(app, period).await?;
    let calendar = app.desk.calendar();
    objection::may_file(hand, &indicator, (period, scheme), &already, (&calendar, permit.today()))
        .map_err(|error| refused(&error))?;
    let (document, _) = evaluated(app, permit, period, &already).await?;
    let judged = document.departments.iter().filter(|one| one.department == own).flat_map(|one| &one.indicators);
    let points = judged.filter(|one| one.indicator == indicator).find_map(|one| one.points).ok_or_else(|| {
        Problem::new(Code::Unprocessable, "the indicator had nothing to judge: there are no points to object to")
    })?;
    let by = actor(permit)?;
    let id = register::fresh_id().ok_or_else(|| Problem::new(Code::Internal, "no random numbers"))?;
    let first = ObjectionEvent { at_us: app.clock.now().0, by, step: ObjectionStep::File, said };
    let objection = Objection::begin(&id, period, &indicator, points, first)
        .ok_or_else(|| Problem::new(Code::Internal, "the objection was not begun"))?;
    app.register.keep(&objection, 0).await.map_err(|e| journal_problem(&e))?;
    Ok(EvaluationAnswer::Objection(Box::new(shown(app, permit.today(), objection))))
}

/// Takes a step of an objection; one that is not the caller's to see is not there.
async fn take(
    app: &App,
    permit: &Permit,
    period: EvaluationPeriod,
    id: &str,
    step: ObjectionStep,
    said: ObjectionSaid,
) -> Result<EvaluationAnswer, Problem> {
    let _turn = app.register.turn().await;
    let all = app.register.of(period).await.map_err(|e| journal_problem(&e))?;
    let found = all.into_iter().find(|objection| objection.id == id && sees(permit, &objection.department));
    let mut objection = found.ok_or_else(|| Problem::new(Code::NotFound, "there is no such objection"))?;
    objection.judge(step, &said, hand(permit)).map_err(|error| refused(&error))?;
    let (by, from) = (actor(permit)?, objection.events.len());
    objection.put(ObjectionEvent { at_us: app.clock.now().0, by, step, said });
    app.register.keep(&objection, from).await.map_err(|e| journal_problem(&e))?;
    Ok(EvaluationAnswer::Objection(Box::new(shown(app, permit.today(), objection))))
}

fn hand(permit: &Permit) -> ObjectionHand<'_> {
    let caller = permit.caller();
    ObjectionHand {
        department: caller.department(),
        uses: caller.is_department(),
        authority: caller.principal().roles.has(Role::Authority),
    }
}

fn shown(app: &App, today: Day, objection: Objection) -> ObjectionShown {
    let scheme = app.register.schemes().of(division_of(&objection.department), objection.period.from());
    let due = scheme.and_then(|scheme| objection.due(scheme, &app.desk.calendar()));
    let overdue = due.is_some_and(|due| objection.met().unwrap_or(today) > due.day);
    ObjectionShown { objection, due, overdue }
}

fn refused(error: &ObjectionError) -> Problem {
    let (code, member) = match error {
        ObjectionError::NotYours { .. } => (Code::Forbidden, None),
        ObjectionError::NotNow { .. } => (Code::Conflict, None),
        ObjectionError::Missing { member, .. } => (Code::MissingParameter, Some(*member)),
        ObjectionError::Superfluous { member, .. } => (Code::UnknownParameter, Some(*member)),
        ObjectionError::Rule { .. } => (Code::Unprocessable, None),
    };
    let problem = Problem::new(code, error.to_string());
    match member {
        Some(member) => problem.about(member),
        None => problem,
    }
}

fn uncollected(error: &CollectError) -> Problem {
    match error {
        CollectError::Journal(error) => journal_problem(error),
        CollectError::Service(error) => Problem::from(error.clone()),
        CollectError::Log(_) | CollectError::Stopped => {
            let cause = format!("{error}: {:?}", std::error::Error::source(error).map(ToString::to_string));
            Problem::new(Code::Unavailable, "the audit log could not be read").because(cause)
        }
    }
}
