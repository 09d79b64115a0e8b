//! The desk of sharing: reads cases, takes steps.

mod import;
mod sandbox;
mod whose;

use std::sync::Arc;

use foundation::dataset::{Dataset, DatasetName};

use crate::app::App;
use crate::ask::{SharingRequest, StepTaken};
use crate::flow::Permit;
use crate::journal::JournalError;
use crate::policy::Terms;
use crate::problem::{Code, Problem};
use crate::sharing::clocks::{self, Alert, Clock};
use crate::sharing::sandbox::Sandbox;
use crate::sharing::step::Rule;
use crate::sharing::take::{self, Frame, Hand, StepError};
use crate::sharing::{
    Actor, Case, DeskError, Due, Event, Kind, Said, State, Verb, desk, offered, opening, return_flow,
};
use crate::token::Role;
use whose::{in_being, sees};

/// A case with what follows from the day.
#[derive(Debug, Clone)]
pub struct CaseShown {
    /// The case.
    pub case: Case,
    /// Where it stands today.
    pub state: State,
    /// What is due when.
    pub clocks: Vec<Clock>,
    /// What is the matter.
    pub alerts: Vec<Alert>,
    /// Steps that the caller may take now; of a case shown alone, empty in lists.
    pub steps: Vec<&'static Rule>,
}

/// What came of a question or step of sharing.
#[derive(Debug)]
pub enum SharingAnswer {
    /// One case.
    Case(Box<CaseShown>),
    /// Several, and the position to go on from.
    Cases(Vec<CaseShown>, Option<String>),
    /// What is the matter, and the position to go on from.
    Alerts(Vec<Alert>, Option<String>),
    /// A day so many working days on.
    Due(Due),
    /// Years that a notice was taken in for.
    Years(Vec<i64>),
    /// A sandbox that was given.
    Sandbox(Box<Sandbox>),
    /// Grants that were reviewed elsewhere: ids of the cases begun, and how many stood already.
    TakenIn {
        /// Ids, in order.
        imported: Vec<String>,
        /// How many grants stood already as the file has them.
        unchanged: usize,
    },
}

/// Most cases looked through for one answer.
const CASES_READ_MAX: usize = 10_000;

/// Does what was asked of the desk.
pub(super) async fn run(app: &App, permit: &Permit, request: SharingRequest) -> Result<SharingAnswer, Problem> {
    match request {
        SharingRequest::Begin(terms) => {
            let kind = if permit.caller().is_company() { Kind::Opening } else { Kind::Request };
            let dataset = named(app, permit, &terms.dataset)?;
            begin(app, permit, *terms, &dataset, kind).await
        }
        SharingRequest::BeginReturnFlow { dataset, purpose } => {
            if !permit.caller().is_department() {
                return Err(not_a_department());
            }
            let dataset = named(app, permit, &dataset)?;
            let (requester, today) = (permit.caller().department(), permit.today().to_string());
            let terms = return_flow::terms(&dataset, requester, &purpose, &today).map_err(|error| refused(&error))?;
            begin(app, permit, terms, &dataset, Kind::ReturnFlow).await
        }
        SharingRequest::Step(taken) => step(app, permit, *taken).await,
        SharingRequest::Case(id) => {
            let case = visible(app, permit, &id).await?;
            Ok(SharingAnswer::Case(Box::new(alone(app, permit, case))))
        }
        SharingRequest::Cases { state, overdue, after, limit } => {
            let wanted = |c: &CaseShown| state.is_none_or(|s| c.state == s) && (!overdue || !c.alerts.is_empty());
            let (cases, next) = cases(app, permit, after, limit, wanted).await?;
            Ok(SharingAnswer::Cases(cases, next))
        }
        SharingRequest::Alerts { after, limit } => {
            // Those of corrections stand on the first page; all of them are told by `corrections?overdue=true`.
            let corrections = match after {
                None => super::correction::alerts(app, permit, limit).await?,
                Some(_) => Vec::new(),
            };
            let (cases, next) = cases(app, permit, after, limit, |c| !c.alerts.is_empty()).await?;
            let mut alerts = corrections;
            alerts.extend(cases.into_iter().flat_map(|c| c.alerts));
            Ok(SharingAnswer::Alerts(alerts, next))
        }
        SharingRequest::WorkingDays { from, days, counts_first } => {
            Ok(SharingAnswer::Due(app.desk.calendar().due(from, days, counts_first)))
        }
        SharingRequest::Notice(text) => {
            let years = app.desk.add_notice(&text).await.map_err(|e| desk_problem(&e))?;
            Ok(SharingAnswer::Years(years.into_iter().collect()))
        }
        SharingRequest::Sandbox(wanted) => sandbox::give(app, permit, *wanted).await,
        SharingRequest::ImportGrants { text, evidence } => import::run(app, permit, &text, evidence).await,
    }
}

fn not_a_department() -> Problem {
    Problem::new(Code::Forbidden, "a request for data is a department's")
}

/// The dataset that a department or a company asks for. One that the caller may not know of is not there.
fn named(app: &App, permit: &Permit, name: &str) -> Result<Arc<Dataset>, Problem> {
    if !permit.caller().is_department() && !permit.caller().is_company() {
        return Err(not_a_department());
    }
    let absent = || Problem::new(Code::NotFound, format!("there is no dataset `{name}`")).about("dataset");
    let known: DatasetName = name.parse().map_err(|_| absent())?;
    let facts = app.catalogue.get(&known).filter(|facts| permit.knows(app, facts)).ok_or_else(absent)?;
    Ok(Arc::clone(&facts.dataset))
}

/// Begins a case; who asks is the caller's own department, or his company.
async fn begin(
    app: &App,
    permit: &Permit,
    mut terms: Terms,
    dataset: &Dataset,
    kind: Kind,
) -> Result<SharingAnswer, Problem> {
    let requester = permit.caller().body();
    if kind == Kind::Opening {
        if terms.acts.is_empty() {
            terms.acts = opening::ACTS.map(str::to_owned).to_vec();
        }
        opening::asked_of(dataset, requester, &terms).map_err(|error| refused(&error))?;
        in_being(app, requester).await?;
    } else {
        take::asked_of(dataset, requester, &terms).map_err(|error| refused(&error))?;
    }
    let by = actor(permit)?;
    let id = desk::fresh_id().ok_or_else(|| Problem::new(Code::Internal, "no random numbers"))?;
    let unconditional = kind != Kind::Opening && take::is_unconditional(dataset, &terms);
    let said = Said { terms: Some(terms), ..Said::default() };
    let first = Event { at_us: app.clock.now().0, by, verb: Verb::Draft, said };
    let case = Case::begin(&id, &dataset.provider_code, unconditional, first)
        .ok_or_else(|| Problem::new(Code::Internal, "the case was not begun"))?
        .of(kind);
    app.desk.begin(&case).await.map_err(|e| journal_problem(&e))?;
    Ok(SharingAnswer::Case(Box::new(shown(app, permit, case))))
}

/// Takes a step; an unconditional request that is submitted is answered and delivered in the same breath.
async fn step(app: &App, permit: &Permit, taken: StepTaken) -> Result<SharingAnswer, Problem> {
    let StepTaken { case: id, verb, mut said, terms } = taken;
    // From reading the case to giving or taking its grant: one step at a time, so that no older state of a case comes last.
    let _turn = app.desk.turn().await;
    let mut case = visible(app, permit, &id).await?;
    let takes_terms = matches!(verb, Verb::Revise | Verb::Supplement | Verb::Consent | Verb::ProposeChange);
    if !terms.is_empty() {
        if !takes_terms {
            let detail = format!("`{}` takes no terms", verb.rule().name);
            return Err(Problem::new(Code::UnknownParameter, detail));
        }
        let before = if verb == Verb::ProposeChange { case.given.as_ref().unwrap_or(&case.asked) } else { &case.asked };
        let unsound = |reason| refused(&StepError::Terms { reason });
        said.terms = Some(Terms::over(Some(before), terms).map_err(unsound)?);
    }
    let by = actor(permit)?;
    let held = app.catalogue.held();
    let known = |name: &DatasetName| held.get(name).map(|f| f.dataset.as_ref());
    let calendar = app.desk.calendar();
    let frame = Frame { today: permit.today(), calendar: &calendar, limits: &app.desk.limits, dataset: &known };
    take::judge(&case, verb, &said, hand(permit), &frame).map_err(|error| refused(&error))?;
    if opening::leads_to_data(&case, verb, &said) {
        in_being(app, &case.requester).await?;
    }
    let from = case.events.len();
    let now = app.clock.now().0;
    case.put(Event { at_us: now, by, verb, said });
    if matches!(verb, Verb::Revise | Verb::Supplement) {
        let unchanged = case.asked.dataset.parse().ok().and_then(|name| known(&name));
        // What was asked for at first decides which clock runs; asking for more than that is another request.
        if case.unconditional && unchanged.is_some_and(|dataset| !take::is_unconditional(dataset, &case.asked)) {
            let detail = "the request was for what is shared unconditionally; for more, begin another";
            return Err(Problem::new(Code::Unprocessable, detail).about("fields"));
        }
    }
    let follows: &[Verb] = match case.state {
        State::Submitted if case.unconditional => &[Verb::Consent, Verb::Deliver],
        // The service is there already, and what goes back goes back timely.
        State::Delivering if case.kind == Kind::ReturnFlow => &[Verb::Deliver],
        _ => &[],
    };
    for verb in follows {
        let by = Actor { subject: "natbase".into(), department: case.provider.clone(), officer: String::new() };
        case.put(Event { at_us: now, by, verb: *verb, said: Said::default() });
    }
    app.desk.keep(&case, from).await.map_err(|e| journal_problem(&e))?;
    app.regrant(&case);
    Ok(SharingAnswer::Case(Box::new(shown(app, permit, case))))
}

/// A case that the caller is a party of, or any for an authority; another is not there.
async fn visible(app: &App, permit: &Permit, id: &str) -> Result<Case, Problem> {
    let absent = || Problem::new(Code::NotFound, "there is no such case");
    let case = app.desk.case(id).await.map_err(|e| journal_problem(&e))?.ok_or_else(absent)?;
    if sees(permit, &case) { Ok(case) } else { Err(absent().because("the case is of others")) }
}

/// Who the caller is at the desk.
pub(super) fn hand(permit: &Permit) -> Hand<'_> {
    let roles = permit.caller().principal().roles;
    Hand {
        subject: permit.caller().subject(),
        department: permit.caller().department(),
        company: permit.caller().company(),
        uses: roles.has(Role::Department),
        owns: roles.has(Role::Owner),
        signatory: roles.has(Role::Signatory),
        authority: roles.has(Role::Authority),
    }
}

pub(super) fn is_authority(permit: &Permit) -> bool {
    permit.caller().principal().roles.has(Role::Authority)
}

async fn cases(
    app: &App,
    permit: &Permit,
    after: Option<String>,
    limit: usize,
    wanted: impl Fn(&CaseShown) -> bool,
) -> Result<(Vec<CaseShown>, Option<String>), Problem> {
    let binding = permit.caller().binding();
    let expired = || Problem::new(Code::CursorExpired, "the cursor is not one of this caller").about("cursor");
    let mut position: Option<Vec<u8>> = match after {
        Some(text) => Some(app.sealer.open(&text, &binding, app.clock.now()).ok_or_else(expired)?),
        None => None,
    };
    let own = permit.caller().body();
    let whose = (!is_authority(permit)).then_some(own);
    let mut out = Vec::new();
    let (mut read, mut more) = (0, true);
    while more && out.len() < limit && read < CASES_READ_MAX {
        let page = 200;
        let part = app.desk.cases(whose, position.as_deref(), page).await.map_err(|e| journal_problem(&e))?;
        more = part.len() == page;
        read += part.len();
        for (key, case) in part {
            if out.len() == limit {
                more = true;
                break;
            }
            position = Some(key);
            if !sees(permit, &case) {
                continue;
            }
            let case = shown(app, permit, case);
            if wanted(&case) {
                out.push(case);
            }
        }
    }
    let next = position.filter(|_| more).and_then(|key| app.sealer.seal(key, &binding, app.clock.now()));
    Ok((out, next))
}

/// A case with the steps that are the caller's.
fn alone(app: &App, permit: &Permit, case: Case) -> CaseShown {
    let (held, calendar) = (app.catalogue.held(), app.desk.calendar());
    let known = |name: &DatasetName| held.get(name).map(|f| f.dataset.as_ref());
    let frame = Frame { today: permit.today(), calendar: &calendar, limits: &app.desk.limits, dataset: &known };
    let steps = offered(&case, hand(permit), &frame);
    CaseShown { steps, ..shown(app, permit, case) }
}

fn shown(app: &App, permit: &Permit, case: Case) -> CaseShown {
    let (calendar, limits, today) = (app.desk.calendar(), &app.desk.limits, permit.today());
    CaseShown {
        state: case.state_on(today),
        clocks: clocks::of(&case, &calendar, limits),
        alerts: clocks::alerts(&case, &calendar, limits, today),
        steps: Vec::new(),
        case,
    }
}

/// Who takes the step; the officer is named in the token or in `Natbase-Officer`.
pub(super) fn actor(permit: &Permit) -> Result<Actor, Problem> {
    let caller = permit.caller();
    if caller.officer_differs() {
        let detail = "the officer named is not the token's";
        return Err(Problem::new(Code::Forbidden, detail).about("Natbase-Officer"));
    }
    let officer = caller.officer().ok_or_else(|| {
        Problem::new(Code::MissingParameter, "a step names its officer (经办人) in Natbase-Officer")
            .about("Natbase-Officer")
    })?;
    Ok(Actor {
        subject: caller.subject().to_owned(),
        department: caller.body().to_owned(),
        officer: officer.to_owned(),
    })
}

fn refused(error: &StepError) -> Problem {
    let code = match error {
        StepError::NotYours { .. } => Code::Forbidden,
        StepError::NotNow { .. } => Code::Conflict,
        StepError::Missing { .. } => Code::MissingParameter,
        StepError::Rule { .. } | StepError::Opened { .. } | StepError::Terms { .. } => Code::Unprocessable,
    };
    let member = match error {
        StepError::Missing { member, .. } => Some(*member),
        _ => None,
    };
    let problem = Problem::new(code, error.to_string());
    match member {
        Some(member) => problem.about(member),
        None => problem,
    }
}

pub(super) fn desk_problem(error: &DeskError) -> Problem {
    match error {
        DeskError::Journal(error) => journal_problem(error),
        DeskError::Calendar(error) => Problem::new(Code::InvalidParameter, error.to_string()).about("notice"),
    }
}

pub(super) fn journal_problem(error: &JournalError) -> Problem {
    let cause = format!("{error}: {:?}", std::error::Error::source(error).map(ToString::to_string));
    match error {
        JournalError::Overtaken => {
            Problem::new(Code::Conflict, "another step was taken at the same moment; read again")
        }
        JournalError::Commit(foundation::store::CommitError::Refused { .. }) => {
            Problem::new(Code::WritesRefused, "the step cannot be kept now").because(cause)
        }
        JournalError::Unreadable { .. } => Problem::new(Code::Damaged, "an entry cannot be read").because(cause),
        JournalError::Store(_) | JournalError::Commit(_) => {
            Problem::new(Code::Unavailable, "the gateway's store does not answer now").because(cause)
        }
    }
}
