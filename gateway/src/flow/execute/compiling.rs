//! The desk of the catalogue: reads entries and demands, takes steps.

mod demands;
mod file;
mod serve;
mod steps;

use std::collections::BTreeMap;

use foundation::dataset::Dataset;
use foundation::value::{Day, Instant};

use super::sharing::{is_authority, journal_problem as problem};
use crate::app::App;
use crate::ask::{CompilingRequest, EntryForm};
use crate::catalogue::check::{Violation, violations};
use crate::catalogue::entry::{Version, entry_id};
use crate::catalogue::overlap::{self, Overlap};
use crate::catalogue::{Entry, Items, State, clocks, dataset_of};
use crate::flow::Permit;
use crate::problem::{Code, Problem};
use crate::sharing::clocks::{Alert, Clock};
use crate::token::Role;

pub use demands::DemandShown;

/// An entry as the caller may see it.
#[derive(Debug, Clone)]
pub struct EntryShown {
    /// The entry.
    pub entry: Entry,
    /// What is announced, as known and valid at the times asked for.
    pub version: Option<Version>,
    /// The day asked for.
    pub valid_at: Day,
    /// The instant asked for.
    pub known_at: Instant,
    /// What its provider and the authority see besides; `None` = the caller is neither.
    pub inside: Option<Inside>,
}

/// What the provider of an entry and the authority see of it besides what is announced.
#[derive(Debug, Clone, Default)]
pub struct Inside {
    /// What is due when.
    pub clocks: Vec<Clock>,
    /// What is the matter.
    pub alerts: Vec<Alert>,
    /// Rules that what is being written breaks.
    pub violations: Vec<Violation>,
    /// Where fields of what is being written stand already.
    pub overlaps: Vec<Overlap>,
    /// Cases of sharing that name what falls away.
    pub holders: Vec<String>,
}

/// What came of a question or step of compiling the catalogue.
#[derive(Debug)]
pub enum CompilingAnswer {
    /// One entry.
    Entry(Box<EntryShown>),
    /// One entry, as metadata of GB/T 21063.3.
    Metadata(Box<EntryShown>),
    /// Several, and the position to go on from.
    Entries(Vec<EntryShown>, Option<String>),
    /// What is the matter; whether there is more.
    Alerts(Vec<Alert>, bool),
    /// One demand.
    Demand(Box<DemandShown>),
    /// Several, and the position to go on from.
    Demands(Vec<DemandShown>, Option<String>),
}

/// Most entries looked through for one answer.
const ENTRIES_READ_MAX: usize = 20_000;
/// Entries read at a time.
const PAGE: usize = 200;
/// Most alerts in one answer.
const ALERTS_MAX: usize = 1_000;

/// Does what was asked of the desk.
pub(super) async fn run(app: &App, permit: &Permit, request: CompilingRequest) -> Result<CompilingAnswer, Problem> {
    match request {
        CompilingRequest::Begin(said) => steps::begin(app, permit, *said).await,
        CompilingRequest::File(draft) => file::draft(app, permit, draft).await,
        CompilingRequest::Step { entry, verb, said } => steps::step(app, permit, &entry, verb, *said).await,
        CompilingRequest::Entry { id, valid_at, known_at, shown } => {
            let (valid_at, known_at) = (valid_at.unwrap_or(permit.today()), known_at.unwrap_or(app.clock.now()));
            let entry = entry(app, &id).await?.ok_or_else(absent)?;
            let seen = visible(app, permit, entry, valid_at, known_at).ok_or_else(absent)?;
            let seen = Box::new(with_inside(app, permit, seen).await?);
            Ok(match shown {
                EntryForm::Own => CompilingAnswer::Entry(seen),
                EntryForm::Metadata if seen.version.as_ref().is_none_or(|v| v.items.is_none()) => return Err(absent()),
                EntryForm::Metadata => CompilingAnswer::Metadata(seen),
            })
        }
        CompilingRequest::Entries { state, provider, overdue, after, limit } => {
            let wanted = |seen: &EntryShown| {
                let state = state.is_none_or(|s| shown_state(seen) == s);
                let behind = !overdue || seen.inside.as_ref().is_some_and(|inside| !inside.alerts.is_empty());
                state && behind && provider.as_ref().is_none_or(|code| *code == seen.entry.provider)
            };
            let (entries, next) = entries(app, permit, after, limit, wanted).await?;
            Ok(CompilingAnswer::Entries(entries, next))
        }
        CompilingRequest::Alerts => alerts(app, permit).await,
        CompilingRequest::Ask(wish) => demands::ask(app, permit, *wish).await,
        CompilingRequest::DemandStep { demand, verb, source, reason } => {
            demands::step(app, permit, &demand, verb, source, reason).await
        }
        CompilingRequest::Demand(id) => demands::one(app, permit, &id).await,
        CompilingRequest::Demands { state, after, limit } => demands::list(app, permit, state, after, limit).await,
    }
}

fn absent() -> Problem {
    Problem::new(Code::NotFound, "there is no such entry")
}

/// The state as the caller may know it: what is being written is the provider's and the authority's to know.
#[must_use]
pub fn shown_state(seen: &EntryShown) -> State {
    if seen.inside.is_some() {
        return seen.entry.state;
    }
    match seen.entry.last_announced() {
        Some(Version { items: None, .. }) => State::Ended,
        _ => State::Announced,
    }
}

/// An entry by id: as steps left it, or as a definition announces it.
async fn entry(app: &App, id: &str) -> Result<Option<Entry>, Problem> {
    if let Some(kept) = app.compiling.entry(id).await.map_err(|e| problem(&e))? {
        return Ok(Some(kept));
    }
    let Some(facts) = dataset_of(id).and_then(|name| app.catalogue.get(&name)) else { return Ok(None) };
    match own_entry(app, &facts.dataset) {
        own if own == id => Ok(Some(Entry::of_dataset(&facts.dataset))),
        own => app.compiling.entry(&own).await.map_err(|e| problem(&e)),
    }
}

/// The id of the entry that a served dataset has: the one it was registered by, else that of its definition.
fn own_entry(app: &App, dataset: &Dataset) -> String {
    app.serving.load().get(&dataset.name).cloned().unwrap_or_else(|| entry_id(dataset))
}

/// What the caller may see of an entry; `None` = it is not there for him.
///
/// What was never announced is there for its department and the authority alone. What is announced is there for all
/// departments and for oversight (Decree 809 art 16), and for the public where something in it is open, then and now.
fn visible(app: &App, permit: &Permit, entry: Entry, valid_at: Day, known_at: Instant) -> Option<EntryShown> {
    let caller = permit.caller();
    let roles = caller.principal().roles;
    let own = caller.is_department() && caller.department() == entry.provider;
    let insider = own || is_authority(permit);
    let official = [Role::Department, Role::Auditor, Role::Administrator].into_iter().any(|role| roles.has(role));
    let version = entry.version_at(valid_at, known_at).cloned();
    if !insider {
        let shown = version.as_ref()?.items.as_deref()?;
        let now = entry.items_at(permit.today(), app.clock.now());
        let open = shown.is_open() && now.is_none_or(Items::is_open);
        if !(official || open) {
            return None;
        }
    }
    let inside = insider.then(Inside::default);
    Some(EntryShown { entry, version, valid_at, known_at, inside })
}

/// Adds what the provider and the authority see besides.
async fn with_inside(app: &App, permit: &Permit, mut seen: EntryShown) -> Result<EntryShown, Problem> {
    if seen.inside.is_none() {
        return Ok(seen);
    }
    let mut inside = with_clocks(app, permit, &seen.entry).await?;
    if let Some(items) = seen.entry.working.as_ref().and_then(|working| working.items.as_deref()) {
        inside.violations = violations(items);
        let mut others = announced(app, permit).await?;
        others.retain(|(id, _)| *id != seen.entry.id);
        inside.overlaps = overlap::find(items, &others);
    }
    seen.inside = Some(inside);
    Ok(seen)
}

async fn with_clocks(app: &App, permit: &Permit, entry: &Entry) -> Result<Inside, Problem> {
    let (calendar, limits) = (app.desk.calendar(), &app.desk.limits);
    let holders = steps::holders(app, permit, entry).await?;
    Ok(Inside {
        clocks: clocks::of(entry, &calendar, limits),
        alerts: clocks::alerts(entry, &calendar, limits, permit.today(), holders.len()),
        holders: holders.into_iter().map(|case| case.id).collect(),
        ..Inside::default()
    })
}

/// Everything that there is, by id from `after` on: entries with steps, and definitions without.
async fn page(app: &App, after: Option<&str>, limit: usize) -> Result<(Vec<Entry>, bool), Problem> {
    let kept = app.compiling.entries(after, limit).await.map_err(|e| problem(&e))?;
    let more = kept.len() == limit;
    let end = kept.last().filter(|_| more).map(|entry| entry.id.clone());
    let mut all: BTreeMap<String, Entry> = app
        .catalogue
        .datasets()
        .into_iter()
        .map(|dataset| (entry_id(&dataset), dataset))
        .filter(|(id, dataset)| own_entry(app, dataset) == *id)
        .filter(|(id, _)| after.is_none_or(|after| id.as_str() > after))
        .filter(|(id, _)| end.as_ref().is_none_or(|end| id <= end))
        .map(|(id, dataset)| (id, Entry::of_dataset(&dataset)))
        .collect();
    all.extend(kept.into_iter().map(|entry| (entry.id.clone(), entry)));
    Ok((all.into_values().collect(), more))
}

/// What is announced and holds today, by id.
async fn announced(app: &App, permit: &Permit) -> Result<Vec<(String, Items)>, Problem> {
    let (today, now) = (permit.today(), app.clock.now());
    let mut out = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let (entries, more) = page(app, after.as_deref(), PAGE).await?;
        after = entries.last().map(|entry| entry.id.clone());
        let holds = |entry: Entry| entry.items_at(today, now).cloned().map(|items| (entry.id, items));
        out.extend(entries.into_iter().filter_map(holds));
        if !more || out.len() >= ENTRIES_READ_MAX {
            return Ok(out);
        }
    }
}

async fn entries(
    app: &App,
    permit: &Permit,
    after: Option<String>,
    limit: usize,
    wanted: impl Fn(&EntryShown) -> bool,
) -> Result<(Vec<EntryShown>, Option<String>), Problem> {
    let binding = permit.caller().binding();
    let mut position = match after {
        Some(text) => Some(opened(app, &binding, &text)?),
        None => None,
    };
    let (today, now) = (permit.today(), app.clock.now());
    let mut out = Vec::new();
    let (mut read, mut more) = (0, true);
    while more && out.len() < limit && read < ENTRIES_READ_MAX {
        let (entries, full) = page(app, position.as_deref(), PAGE).await?;
        more = full;
        read += entries.len();
        for entry in entries {
            if out.len() == limit {
                more = true;
                break;
            }
            position = Some(entry.id.clone());
            let Some(mut seen) = visible(app, permit, entry, today, now) else { continue };
            if seen.inside.is_some() {
                seen.inside = Some(with_clocks(app, permit, &seen.entry).await?);
            }
            if wanted(&seen) {
                out.push(seen);
            }
        }
    }
    let next = position.filter(|_| more).and_then(|id| app.sealer.seal(id.into_bytes(), &binding, app.clock.now()));
    Ok((out, next))
}

/// The position that a cursor holds.
fn opened(app: &App, binding: &[u8], text: &str) -> Result<String, Problem> {
    let expired = || Problem::new(Code::CursorExpired, "the cursor is not one of this caller").about("cursor");
    let bytes = app.sealer.open(text, binding, app.clock.now()).ok_or_else(expired)?;
    String::from_utf8(bytes).map_err(|_| expired())
}

/// What is the matter with the caller's entries and demands; an authority's are all.
async fn alerts(app: &App, permit: &Permit) -> Result<CompilingAnswer, Problem> {
    let (mut found, mut position) = (Vec::new(), None);
    loop {
        let (entries, next) = entries(app, permit, position, PAGE, |seen| seen.inside.is_some()).await?;
        found.extend(entries.into_iter().filter_map(|seen| seen.inside).flat_map(|inside| inside.alerts));
        position = next;
        if position.is_none() || found.len() > ALERTS_MAX {
            break;
        }
    }
    found.extend(demands::alerts(app, permit).await?);
    let more = found.len() > ALERTS_MAX;
    found.truncate(ALERTS_MAX);
    Ok(CompilingAnswer::Alerts(found, more))
}
