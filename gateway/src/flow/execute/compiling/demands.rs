//! Demands: asked, answered, shown to all departments.

use super::super::sharing::{actor, hand, is_authority, journal_problem as problem};
use super::{CompilingAnswer, announced};
use crate::app::App;
use crate::catalogue::demand::DemandError;
use crate::catalogue::register::fresh_demand_id;
use crate::catalogue::{Changes, Demand, DemandEvent, DemandState, DemandVerb, Wish, overlap};
use crate::flow::Permit;
use crate::problem::{Code, Problem};
use crate::sharing::clocks::{Alert, Clock};

/// Most demands looked through for one answer.
const DEMANDS_READ_MAX: usize = 10_000;
/// Demands read at a time.
const PAGE: usize = 200;

/// A demand with what follows from the day.
#[derive(Debug, Clone)]
pub struct DemandShown {
    /// The demand.
    pub demand: Demand,
    /// What is due when.
    pub clocks: Vec<Clock>,
    /// What is the matter.
    pub alerts: Vec<Alert>,
    /// Announced entries where it may stand already: id, title. Only of one demand, not in lists.
    pub perhaps: Vec<(String, String)>,
}

/// Asks for data that is in no catalogue, and tells where it may stand after all.
pub(super) async fn ask(app: &App, permit: &Permit, wish: Wish) -> Result<CompilingAnswer, Problem> {
    if !permit.caller().is_department() {
        return Err(Problem::new(Code::Forbidden, "a demand for data is a department's"));
    }
    let by = actor(permit)?;
    let id = fresh_demand_id().ok_or_else(|| Problem::new(Code::Internal, "no random numbers"))?;
    let at_us = app.clock.now().0;
    let first =
        DemandEvent { at_us, by, verb: DemandVerb::Ask, wish: Some(wish), source: None, entry: None, reason: None };
    let demand = Demand::begin(&id, first).ok_or_else(|| Problem::new(Code::Internal, "the demand was not begun"))?;
    let mut changes = Changes::default();
    changes.demand(&demand, 0);
    app.compiling.keep(changes).await.map_err(|e| problem(&e))?;
    whole(app, permit, demand).await
}

/// Takes a step on a demand.
pub(super) async fn step(
    app: &App,
    permit: &Permit,
    id: &str,
    verb: DemandVerb,
    source: Option<String>,
    reason: Option<String>,
) -> Result<CompilingAnswer, Problem> {
    let _turn = app.desk.turn().await;
    let mut demand = kept(app, id).await?;
    let by = actor(permit)?;
    let event = DemandEvent { at_us: app.clock.now().0, by, verb, wish: None, source, entry: None, reason };
    demand.judge(&event, hand(permit)).map_err(|error| refused(&error))?;
    let from = demand.events.len();
    demand.put(event);
    let mut changes = Changes::default();
    changes.demand(&demand, from);
    app.compiling.keep(changes).await.map_err(|e| problem(&e))?;
    whole(app, permit, demand).await
}

/// One demand.
pub(super) async fn one(app: &App, permit: &Permit, id: &str) -> Result<CompilingAnswer, Problem> {
    whole(app, permit, kept(app, id).await?).await
}

/// A demand that there is.
pub(super) async fn kept(app: &App, id: &str) -> Result<Demand, Problem> {
    let absent = || Problem::new(Code::NotFound, "there is no such demand").about("demand");
    app.compiling.demand(id).await.map_err(|e| problem(&e))?.ok_or_else(absent)
}

async fn whole(app: &App, permit: &Permit, demand: Demand) -> Result<CompilingAnswer, Problem> {
    let others = announced(app, permit).await?;
    let wanted: Vec<String> = std::iter::once(&demand.wish.title).chain(&demand.wish.fields).cloned().collect();
    let perhaps = overlap::named(&wanted, &others);
    let perhaps = perhaps.into_iter().map(|(id, title)| (id.to_owned(), title.to_owned())).collect();
    Ok(CompilingAnswer::Demand(Box::new(DemandShown { perhaps, ..shown(app, permit, demand) })))
}

fn shown(app: &App, permit: &Permit, demand: Demand) -> DemandShown {
    let (calendar, limits) = (app.desk.calendar(), &app.desk.limits);
    DemandShown {
        clocks: demand.clocks(&calendar, limits),
        alerts: demand.alerts(&calendar, limits, permit.today()),
        perhaps: Vec::new(),
        demand,
    }
}

/// Demands, newest first.
pub(super) async fn list(
    app: &App,
    permit: &Permit,
    state: Option<DemandState>,
    after: Option<String>,
    limit: usize,
) -> Result<CompilingAnswer, Problem> {
    let binding = permit.caller().binding();
    let expired = || Problem::new(Code::CursorExpired, "the cursor is not one of this caller").about("cursor");
    let mut position: Option<Vec<u8>> = match after {
        Some(text) => Some(app.sealer.open(&text, &binding, app.clock.now()).ok_or_else(expired)?),
        None => None,
    };
    let mut out = Vec::new();
    let (mut read, mut more) = (0, true);
    while more && out.len() < limit && read < DEMANDS_READ_MAX {
        let part = app.compiling.demands(position.as_deref(), PAGE).await.map_err(|e| problem(&e))?;
        more = part.len() == PAGE;
        read += part.len();
        for (key, demand) in part {
            if out.len() == limit {
                more = true;
                break;
            }
            position = Some(key);
            if state.is_none_or(|state| demand.state == state) {
                out.push(shown(app, permit, demand));
            }
        }
    }
    let next = position.filter(|_| more).and_then(|key| app.sealer.seal(key, &binding, app.clock.now()));
    Ok(CompilingAnswer::Demands(out, next))
}

/// What is the matter with demands that the caller is behind with; an authority's are all.
pub(super) async fn alerts(app: &App, permit: &Permit) -> Result<Vec<Alert>, Problem> {
    let own = permit.caller().department();
    let mut found = Vec::new();
    let (mut position, mut read): (Option<Vec<u8>>, usize) = (None, 0);
    loop {
        let part = app.compiling.demands(position.as_deref(), PAGE).await.map_err(|e| problem(&e))?;
        read += part.len();
        let full = part.len() == PAGE;
        position = part.last().map(|(key, _)| key.clone());
        for (_, demand) in part {
            let party = demand.requester == own || demand.source.as_deref() == Some(own);
            if is_authority(permit) || party {
                found.extend(shown(app, permit, demand).alerts);
            }
        }
        if !full || read >= DEMANDS_READ_MAX {
            return Ok(found);
        }
    }
}

pub(super) fn refused(error: &DemandError) -> Problem {
    let (code, member) = match error {
        DemandError::NotYours { .. } => (Code::Forbidden, None),
        DemandError::NotNow { .. } => (Code::Conflict, None),
        DemandError::Missing { member, .. } => (Code::MissingParameter, Some(*member)),
        DemandError::Source => (Code::InvalidParameter, Some("source")),
    };
    let problem = Problem::new(code, error.to_string());
    match member {
        Some(member) => problem.about(member),
        None => problem,
    }
}
