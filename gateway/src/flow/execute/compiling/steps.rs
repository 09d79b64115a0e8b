//! Steps on an entry: judged, kept together with what follows from them, told.

use super::super::sharing::{actor, hand, journal_problem as problem};
use super::{CompilingAnswer, absent, entry, own_entry, serve, visible, with_inside};
use crate::app::App;
use crate::catalogue::entry::Entry;
use crate::catalogue::register::fresh_entry_id;
use crate::catalogue::take::{Frame, StepError, judge, judge_draft};
use crate::catalogue::{Changes, DemandEvent, DemandVerb, Event, Said, Verb};
use crate::flow::Permit;
use crate::policy::Terms;
use crate::problem::{Code, Problem};
use crate::sharing::case::Change;
use crate::sharing::{Actor, Case};

/// Most cases looked through for those that name a field.
const CASES_READ_MAX: usize = 100_000;
/// Cases read at a time.
const CASES_READ: usize = 500;

/// Begins an entry of the caller's own department.
pub(super) async fn begin(app: &App, permit: &Permit, said: Said) -> Result<CompilingAnswer, Problem> {
    judge_draft(&said, hand(permit)).map_err(|error| refused(&error))?;
    let by = actor(permit)?;
    let id = fresh_entry_id().ok_or_else(|| Problem::new(Code::Internal, "no random numbers"))?;
    sole(app, &id, &said)?;
    let _turn = app.desk.turn().await;
    let now = app.clock.now().0;
    let mut changes = Changes::default();
    if let Some(wanted) = &said.demand {
        let mut demand = super::demands::kept(app, wanted).await?;
        let event = follow(DemandVerb::Draft, by.clone(), now, Some(id.clone()));
        demand.judge(&event, hand(permit)).map_err(|error| super::demands::refused(&error))?;
        let from = demand.events.len();
        demand.put(event);
        changes.demand(&demand, from);
    }
    let first = Event { at_us: now, by, verb: Verb::Draft, said };
    let entry = Entry::begin(&id, first).ok_or_else(|| Problem::new(Code::Internal, "the entry was not begun"))?;
    changes.entry(&entry, 0);
    app.compiling.keep(changes).await.map_err(|e| problem(&e))?;
    answer(app, permit, entry).await
}

/// Takes a step on an entry.
pub(super) async fn step(
    app: &App,
    permit: &Permit,
    id: &str,
    verb: Verb,
    mut said: Said,
) -> Result<CompilingAnswer, Problem> {
    // One step at a time, those of sharing too: an approval proposes changes to cases, an announcement waits for them.
    let _turn = app.desk.turn().await;
    let (today, now) = (permit.today(), app.clock.now());
    let mut entry = entry(app, id).await?.and_then(|e| visible(app, permit, e, today, now)).ok_or_else(absent)?.entry;
    let by = actor(permit)?;
    let cases = holders(app, permit, &entry).await?;
    let holders: Vec<String> = cases.iter().map(|case| case.id.clone()).collect();
    let calendar = app.desk.calendar();
    let frame = Frame { today, calendar: &calendar, limits: &app.desk.limits, holders: &holders };
    judge(&entry, verb, &said, hand(permit), frame).map_err(|error| refused(&error))?;
    sole(app, &entry.id, &said)?;
    let from = entry.events.len();
    let mut changes = Changes::default();
    match verb {
        Verb::Approve => propose(app, &entry, &by, now.0, cases).await?,
        Verb::Serve => {
            alone(app, &entry)?;
            serve::serve(app, permit, &entry).await?;
        }
        Verb::Announce if entry.code.is_none() => {
            let code = next_code(app, &entry).await?;
            changes.code(&code, &entry.id);
            said.code = Some(code);
        }
        _ => {}
    }
    if let Some(after) = after(verb, &entry) {
        follow_demand(app, &entry, after, &by, now.0, &mut changes).await?;
    }
    entry.put(Event { at_us: now.0, by, verb, said });
    changes.entry(&entry, from);
    app.compiling.keep(changes).await.map_err(|e| problem(&e))?;
    app.renotice(&entry);
    answer(app, permit, entry).await
}

async fn answer(app: &App, permit: &Permit, entry: Entry) -> Result<CompilingAnswer, Problem> {
    let seen = visible(app, permit, entry, permit.today(), app.clock.now()).ok_or_else(absent)?;
    Ok(CompilingAnswer::Entry(Box::new(with_inside(app, permit, seen).await?)))
}

/// A dataset that is served has its entry already: no other may speak for it.
fn sole(app: &App, id: &str, said: &Said) -> Result<(), Problem> {
    let named = said.items.as_deref().and_then(|items| items.dataset.parse().ok());
    match named.and_then(|name| app.catalogue.get(&name)).map(|facts| own_entry(app, &facts.dataset)) {
        Some(own) if own != id => {
            let detail = format!("`dataset` has an entry of its own, `{own}`: amend that");
            Err(Problem::new(Code::Unprocessable, detail).about("dataset"))
        }
        _ => Ok(()),
    }
}

/// Of several entries that name a dataset which is not served yet, the first to be taken into service has it.
fn alone(app: &App, entry: &Entry) -> Result<(), Problem> {
    let items = entry.last_announced().and_then(|version| version.items.clone());
    sole(app, &entry.id, &Said { items, ..Said::default() })
}

/// What a step means for the demand that the entry answers.
fn after(verb: Verb, entry: &Entry) -> Option<DemandVerb> {
    match verb {
        Verb::Announce if !entry.was_announced() => Some(DemandVerb::Meet),
        Verb::Withdraw if !entry.was_announced() => Some(DemandVerb::Undraft),
        _ => None,
    }
}

async fn follow_demand(
    app: &App,
    entry: &Entry,
    verb: DemandVerb,
    by: &Actor,
    now: i64,
    changes: &mut Changes,
) -> Result<(), Problem> {
    let Some(id) = &entry.demand else { return Ok(()) };
    let Some(mut demand) = app.compiling.demand(id).await.map_err(|e| problem(&e))? else { return Ok(()) };
    if demand.entry.as_deref() != Some(&entry.id) {
        return Ok(());
    }
    let from = demand.events.len();
    demand.put(follow(verb, by.clone(), now, Some(entry.id.clone())));
    changes.demand(&demand, from);
    Ok(())
}

fn follow(verb: DemandVerb, by: Actor, at_us: i64, entry: Option<String>) -> DemandEvent {
    DemandEvent { at_us, by, verb, wish: None, source: None, entry, reason: None }
}

/// The resource code by the rule: that of the class, and the next number in it.
async fn next_code(app: &App, entry: &Entry) -> Result<String, Problem> {
    let class = entry.working.as_ref().and_then(|w| w.items.as_ref()).map(|items| items.class_code.clone());
    let class = class.ok_or_else(|| Problem::new(Code::Internal, "the entry has no class"))?;
    let datasets = app.catalogue.datasets();
    let taken = datasets.iter().map(|dataset| dataset.resource_code.as_str());
    app.compiling.next_code(&class, taken).await.map_err(|e| problem(&e))
}

/// The cases of sharing that give, or are about to give, a field that falls away with what is being written.
pub(super) async fn holders(app: &App, permit: &Permit, entry: &Entry) -> Result<Vec<Case>, Problem> {
    use crate::sharing::State as S;
    let falling = entry.falling_away();
    let (Some(dataset), false) = (entry.dataset().map(|name| name.to_string()), falling.is_empty()) else {
        return Ok(Vec::new());
    };
    let names = |terms: &Terms| {
        terms.dataset == dataset && terms.fields.iter().chain(&terms.masked).any(|f| falling.contains(&f.as_str()))
    };
    let mut found = Vec::new();
    let (mut position, mut read) = (None, 0);
    loop {
        let part = app.desk.cases(None, position.as_deref(), CASES_READ).await.map_err(|e| problem(&e))?;
        read += part.len();
        let full = part.len() == CASES_READ;
        position = part.last().map(|(key, _)| key.clone());
        found.extend(part.into_iter().map(|(_, case)| case).filter(|case| {
            let holds = matches!(case.state_on(permit.today()), S::Delivering | S::Active | S::Suspended);
            holds && case.given.as_ref().is_some_and(names)
        }));
        if !full {
            return Ok(found);
        }
        if read >= CASES_READ_MAX {
            return Err(Problem::new(
                Code::TooHeavy,
                "there are too many cases to look through for those that hold a field",
            ));
        }
    }
}

/// Proposes to every case in force the change that takes away what falls away: its holder is asked to agree (art 27).
/// A case that has such a change before it keeps it: an approval that was cut off can be given again.
async fn propose(app: &App, entry: &Entry, by: &Actor, now: i64, cases: Vec<Case>) -> Result<(), Problem> {
    let falling = entry.falling_away();
    for mut case in cases {
        let Some(given) = case.given.as_ref().filter(|_| case.state == crate::sharing::State::Active) else { continue };
        let base = match &case.change {
            Some(Change { terms: None, .. }) => continue,
            Some(Change { terms: Some(terms), .. }) => terms,
            None => given,
        };
        let mut terms = base.clone();
        let stays = |name: &String| !falling.contains(&name.as_str());
        terms.fields.retain(stays);
        terms.masked.retain(stays);
        if case.change.is_some() && terms == *base {
            continue;
        }
        let left = !(terms.fields.is_empty() && terms.masked.is_empty());
        let said = crate::sharing::Said {
            terms: left.then_some(terms),
            reason: Some(format!("目录变更 {}", entry.id)),
            ..crate::sharing::Said::default()
        };
        let actor = Actor { subject: "natbase".into(), department: case.provider.clone(), officer: by.officer.clone() };
        let from = case.events.len();
        case.put(crate::sharing::Event { at_us: now, by: actor, verb: crate::sharing::Verb::ProposeChange, said });
        app.desk.keep(&case, from).await.map_err(|e| problem(&e))?;
    }
    Ok(())
}

fn refused(error: &StepError) -> Problem {
    let code = match error {
        StepError::NotYours { .. } => Code::Forbidden,
        StepError::NotNow { .. } => Code::Conflict,
        StepError::Missing { .. } => Code::MissingParameter,
        StepError::Rule { .. } | StepError::Items(_) => Code::Unprocessable,
    };
    let problem = Problem::new(code, error.to_string());
    match error {
        StepError::Missing { member, .. } => problem.about(*member),
        StepError::Items(broken) => match broken.first() {
            Some(first) => problem.about(first.place.to_string()),
            None => problem,
        },
        _ => problem,
    }
}

/// Whether something is being written on an entry: a file then revises it, else it amends what is announced.
pub(super) async fn is_written(app: &App, id: &str) -> Result<bool, Problem> {
    let kept = app.compiling.entry(id).await.map_err(|e| problem(&e))?;
    Ok(kept.is_some_and(|entry| entry.working.is_some()))
}
