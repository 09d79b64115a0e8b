//! Caller and ask → permit.

mod explain;
mod hold;
mod sandboxed;
mod standing;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use foundation::dataset::{Database, DatasetName};
use foundation::record::BatchId;
use foundation::service::{ImportReport, Scope};
use foundation::value::Day;

pub use explain::{Explanation, FieldSeen};
pub(super) use hold::{decided_at, hold, rights};
use standing::Standing;

use super::{Caller, companies};
use crate::app::App;
use crate::ask::{Act, Ask, JobsRequest, SearchRequest, Wanted};
use crate::policy::{Ceilings, DatasetFacts, Decision, Grant, Principal, Refusal, Snapshot};
use crate::problem::{Code, Problem};

/// What the caller may see of one dataset.
pub(super) struct Granted {
    pub(super) facts: Arc<DatasetFacts>,
    act: Act,
    pub(super) decision: Arc<Decision>,
    /// Whether synthetic rows answer for it, and nothing else.
    pub(super) synthetic: bool,
}

impl Granted {
    pub(super) fn scopes(&self) -> Vec<Scope> {
        self.decision.scopes.clone()
    }
    /// Whether every scope lets `field` be read.
    pub(super) fn reads(&self, field: u16) -> bool {
        self.decision.scopes.iter().any(|s| s.readable.binary_search(&field).is_ok())
    }
}

/// The right to this answer. Made by this step alone.
pub struct Permit {
    act: Act,
    /// Whether nothing happens but reading.
    reads: bool,
    caller: Caller,
    snapshot: Arc<Snapshot>,
    today: Day,
    datasets: Vec<Granted>,
    grant: Option<Arc<Grant>>,
    policies: Arc<[String]>,
    batch: Option<Box<ImportReport>>,
    explained: Option<Box<Explanation>>,
    /// Of a company that names a grant: why it may use none any more.
    gone: Option<&'static str>,
}

impl Permit {
    pub(super) fn datasets(&self) -> &[Granted] {
        &self.datasets
    }
    /// The one dataset that the ask names.
    pub(super) fn dataset(&self) -> Result<&Granted, Problem> {
        self.datasets.first().ok_or_else(|| Problem::new(Code::NotFound, "there is no such dataset"))
    }
    pub(crate) fn caller(&self) -> &Caller {
        &self.caller
    }
    pub(crate) fn act(&self) -> Act {
        self.act
    }
    /// Why an act is permitted, or not, if that was asked.
    pub(super) fn explained(&mut self) -> Option<Box<Explanation>> {
        self.explained.take()
    }
    /// The request's id.
    pub(super) fn request(&self) -> String {
        crate::http::hex(self.caller.request())
    }
    /// Whether the caller may know that a dataset is there: its catalogue entry is for him.
    pub(super) fn knows(&self, app: &App, facts: &Arc<DatasetFacts>) -> bool {
        !is_secret(app, self, facts)
    }
    pub(super) fn today(&self) -> Day {
        self.today
    }
    pub(super) fn batch(&self) -> Option<&ImportReport> {
        self.batch.as_deref()
    }
    /// Whether synthetic rows are given under it.
    #[must_use]
    pub fn is_synthetic(&self) -> bool {
        self.datasets.iter().any(|granted| granted.synthetic)
    }
    /// Version of the policies, and of the grant if one is used.
    #[must_use]
    pub fn policy_version(&self) -> u64 {
        self.snapshot.version ^ self.grant.as_ref().map_or(0, |grant| grant.revision)
    }
    /// The grant used.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        self.grant.as_deref()
    }
    /// The policies that permit it: of the one dataset, or of the gateway's own act.
    #[must_use]
    pub fn policies(&self) -> &[String] {
        match self.datasets.first() {
            Some(first) if self.policies.is_empty() => &first.decision.policies,
            _ => &self.policies,
        }
    }
    /// The grant's ceilings.
    pub(super) fn ceilings(&self) -> Option<Ceilings> {
        self.datasets.iter().find_map(|d| d.decision.ceilings)
    }
    /// What an answer may see of `dataset`, if anything.
    pub(super) fn on(&self, dataset: &DatasetName) -> Option<&Granted> {
        self.datasets.iter().find(|d| d.facts.dataset.name == *dataset)
    }
}

/// Decisions kept for a few seconds.
pub(crate) struct Decisions(moka::sync::Cache<Key, Result<Arc<Decision>, Arc<Refusal>>>);

#[derive(PartialEq, Eq, Hash)]
struct Key {
    principal: Principal,
    /// Serial of the facts: a definition that changes is decided on anew.
    dataset: u64,
    act: Act,
    grant: Option<(String, u64)>,
    accountable: bool,
    version: u64,
}

impl Decisions {
    pub(crate) fn new(life: Duration) -> Self {
        Self(moka::sync::Cache::builder().max_capacity(100_000).time_to_live(life).build())
    }
}

/// Decides what the caller may see; `Err` says as little as the caller may know.
pub(super) async fn decide(app: &App, caller: Caller, ask: &Ask) -> Result<Permit, Problem> {
    let snapshot = app.policy.load_full();
    let today = app.clock.today();
    let act = ask.act();
    let gone = companies::of(app, &caller).await?;
    let mut permit = Permit {
        act,
        reads: act.reads(),
        caller,
        snapshot,
        today,
        datasets: Vec::new(),
        grant: None,
        policies: Arc::from([]),
        batch: None,
        explained: None,
        gone,
    };
    if sandboxed::enter(app, &mut permit, ask).await? {
        return Ok(permit);
    }
    match ask {
        Ask::Search(search) => many(app, &mut permit, &search.wanted)?,
        Ask::Catalogue => every(app, &mut permit),
        Ask::List(search) => match &search.wanted {
            Wanted::Datasets(names) => {
                for name in names {
                    one(app, &mut permit, name)?;
                }
            }
            _ => return Err(Problem::new(Code::Internal, "a list names its dataset")),
        },
        Ask::Get(r) | Ask::History(r) | Ask::Claims(r) => one(app, &mut permit, &r.dataset)?,
        Ask::Links(r) => {
            one(app, &mut permit, &r.dataset)?;
            linked(app, &mut permit);
        }
        Ask::Tile(r) => one(app, &mut permit, &r.dataset)?,
        Ask::Lookup(r) => one(app, &mut permit, &r.dataset)?,
        Ask::Statistics(r) => one(app, &mut permit, &r.dataset)?,
        Ask::Changes(r) => one(app, &mut permit, &r.dataset)?,
        Ask::Import(r) => one(app, &mut permit, &r.dataset)?,
        Ask::CatalogueEntry(name) => one(app, &mut permit, name)?,
        Ask::Explain(name, act) => {
            one(app, &mut permit, name)?;
            permit.explained = explain::of(app, &permit, *act);
        }
        Ask::Correct(filed) => {
            permit.policies =
                permit.snapshot.decide_system(permit.caller.principal(), act).map_err(|refusal| forbidden(&refusal))?;
            // Who says that a value is wrong must be one who may read it.
            permit.act = Act::Get;
            one(app, &mut permit, &filed.dataset)?;
            permit.act = act;
        }
        Ask::Export(r) => listed(app, &mut permit, &r.search)?,
        Ask::ExportRows(r, _) => listed(app, &mut permit, r)?,
        Ask::Jobs(JobsRequest::File(id)) => {
            let job = app.exports.job(id).filter(|job| job.is_of(permit.caller.subject(), permit.caller.department()));
            let policies = permit.snapshot.decide_system(permit.caller.principal(), act);
            permit.policies = policies.map_err(|refusal| forbidden(&refusal))?;
            let job = job.ok_or_else(no_such_job)?;
            permit.caller = permit.caller.under(&job);
            permit.act = Act::List;
            one(app, &mut permit, &fixed(&job.dataset)?)?;
            permit.act = act;
        }
        Ask::ImportReport(batch) | Ask::Rejected(batch) | Ask::Withdraw(batch) => {
            batch_of(app, &mut permit, *batch).await?;
        }
        Ask::FindPersons(_) => one(app, &mut permit, &fixed("population/persons")?)?,
        Ask::Verify(r) => {
            one(app, &mut permit, &fixed("population/persons")?)?;
            if r.asks_of_enterprises() {
                enterprises(app, &mut permit)?;
            }
        }
        Ask::Ownership(_) => {
            one(app, &mut permit, &fixed("legal-entity/enterprises")?)?;
            linked(app, &mut permit);
        }
        Ask::Geocode(_) => gazetteer(app, &mut permit)?,
        Ask::DivisionAt { .. } | Ask::Successors { .. } => one(app, &mut permit, &fixed("geospatial/divisions")?)?,
        Ask::Series(_) => one(app, &mut permit, &fixed("macroeconomy/observations")?)?,
        Ask::CodeList { .. }
        | Ask::Audit(_)
        | Ask::AuditProof(_)
        | Ask::Sharing(_)
        | Ask::Compiling(_)
        | Ask::Correction(_)
        | Ask::Accounts(_)
        | Ask::MyAccesses(_)
        | Ask::Jobs(_)
        | Ask::Evaluation(_) => {
            permit.policies =
                permit.snapshot.decide_system(permit.caller.principal(), act).map_err(|refusal| forbidden(&refusal))?;
        }
    }
    Ok(permit)
}

/// A file of a dataset's records, or a page of one: judged as listing them is.
fn listed(app: &App, permit: &mut Permit, search: &SearchRequest) -> Result<(), Problem> {
    let act = permit.act;
    let policies = permit.snapshot.decide_system(permit.caller.principal(), act);
    permit.policies = policies.map_err(|refusal| forbidden(&refusal))?;
    let Wanted::Datasets(names) = &search.wanted else {
        return Err(Problem::new(Code::Internal, "a file names its dataset"));
    };
    permit.act = Act::List;
    for name in names {
        one(app, permit, name)?;
    }
    permit.act = act;
    Ok(())
}

/// A job that is not there, or not the caller's: the same words.
pub(super) fn no_such_job() -> Problem {
    Problem::new(Code::NotFound, "there is no such job")
}

fn fixed(name: &str) -> Result<DatasetName, Problem> {
    name.parse().map_err(|_| Problem::new(Code::NotFound, "there is no such dataset"))
}

/// One dataset, named by the caller: a refusal is said.
fn one(app: &App, permit: &mut Permit, name: &DatasetName) -> Result<(), Problem> {
    let absent = || Problem::new(Code::NotFound, format!("there is no dataset `{name}`"));
    let facts = &app.catalogue.get(name).ok_or_else(absent)?;
    let standing = Standing::of(permit, facts, permit.act);
    match decision(app, permit, facts, permit.act, &standing) {
        Ok(decision) => {
            if standing.fault.is_some() && !standing.elsewhere && is_readable(permit.act) {
                return Err(standing.problem(permit));
            }
            if decision.under_grant {
                permit.grant.clone_from(&standing.grant);
            }
            permit.datasets.push(Granted { facts: Arc::clone(facts), act: permit.act, decision, synthetic: false });
            Ok(())
        }
        Err(refusal) => {
            if is_secret(app, permit, facts) {
                return Err(absent().because(format!("existence is secret; {}", words(&refusal))));
            }
            if !refusal.policies.is_empty() {
                return Err(forbidden(&refusal));
            }
            let could = could_have_a_grant(&permit.caller, facts);
            Err(if could && is_readable(permit.act) { standing.problem(permit) } else { forbidden(&refusal) })
        }
    }
}

/// Whether somebody like the caller could have a grant on a dataset.
fn could_have_a_grant(caller: &Caller, facts: &DatasetFacts) -> bool {
    caller.is_company() || (caller.is_department() && !caller.owns(&facts.dataset.provider_code))
}

/// Whether a grant could ever permit the act.
fn is_readable(act: Act) -> bool {
    !matches!(act, Act::Import | Act::ImportReport | Act::Withdraw | Act::Catalogue | Act::Audit | Act::CodeList)
}

/// Many datasets: those the caller may search; none at all is a refusal only if they were named.
fn many(app: &App, permit: &mut Permit, wanted: &Wanted) -> Result<(), Problem> {
    if let Wanted::Datasets(names) = wanted {
        for name in names {
            one(app, permit, name)?;
        }
        return Ok(());
    }
    for facts in &app.catalogue.all() {
        let database: Database = facts.dataset.name.database();
        if matches!(wanted, Wanted::Databases(list) if !list.contains(&database)) {
            continue;
        }
        let standing = Standing::of(permit, facts, permit.act);
        if let Ok(decision) = decision(app, permit, facts, permit.act, &standing) {
            if decision.under_grant {
                permit.grant.clone_from(&standing.grant);
            }
            permit.datasets.push(Granted { facts: Arc::clone(facts), act: permit.act, decision, synthetic: false });
        }
    }
    if permit.datasets.is_empty() {
        return Err(Problem::new(Code::Forbidden, "nothing here may be searched by this caller"));
    }
    Ok(())
}

/// All catalogue entries the caller may see.
fn every(app: &App, permit: &mut Permit) {
    for facts in &app.catalogue.all() {
        let standing = Standing::of(permit, facts, permit.act);
        if let Ok(decision) = decision(app, permit, facts, Act::Catalogue, &standing) {
            permit.datasets.push(Granted { facts: Arc::clone(facts), act: Act::Catalogue, decision, synthetic: false });
        }
    }
}

/// Divisions, and addresses and places as far as the caller may search them.
fn gazetteer(app: &App, permit: &mut Permit) -> Result<(), Problem> {
    one(app, permit, &fixed("geospatial/divisions")?)?;
    for name in ["geospatial/addresses", "geospatial/places"] {
        let Some(facts) = &app.catalogue.get(&fixed(name)?) else { continue };
        let standing = Standing::of(permit, facts, permit.act);
        if let Ok(decision) = decision(app, permit, facts, permit.act, &standing) {
            // What is found under a grant counts against its ceilings and is written down with it.
            if decision.under_grant {
                permit.grant.clone_from(&standing.grant);
            }
            permit.datasets.push(Granted { facts: Arc::clone(facts), act: permit.act, decision, synthetic: false });
        }
    }
    Ok(())
}

/// Adds the enterprises as far as the caller may look them up: who represents one is compared with what he could read.
fn enterprises(app: &App, permit: &mut Permit) -> Result<(), Problem> {
    let Some(facts) = &app.catalogue.get(&fixed("legal-entity/enterprises")?) else { return Ok(()) };
    let standing = Standing::of(permit, facts, Act::Lookup);
    if let Ok(decision) = decision(app, permit, facts, Act::Lookup, &standing) {
        permit.datasets.push(Granted { facts: Arc::clone(facts), act: Act::Lookup, decision, synthetic: false });
    }
    Ok(())
}

/// Adds the datasets whose edges the caller may see besides the one asked about: both ends must allow an edge.
fn linked(app: &App, permit: &mut Permit) {
    for facts in &app.catalogue.all() {
        if permit.on(&facts.dataset.name).is_some() {
            continue;
        }
        let standing = Standing::of(permit, facts, permit.act);
        if let Ok(decision) = decision(app, permit, facts, Act::Links, &standing) {
            permit.datasets.push(Granted { facts: Arc::clone(facts), act: Act::Links, decision, synthetic: false });
        }
    }
}

/// A batch: the right is that on its dataset; a batch that is not the caller's is not found.
async fn batch_of(app: &App, permit: &mut Permit, batch: BatchId) -> Result<(), Problem> {
    let absent = || Problem::new(Code::NotFound, "there is no such batch");
    for database in app.catalogue.databases() {
        let Some(report) = database.import_report(batch).await? else { continue };
        let facts = &app.catalogue.get(&report.dataset).ok_or_else(absent)?;
        let standing = Standing::of(permit, facts, permit.act);
        let decision =
            decision(app, permit, facts, permit.act, &standing).map_err(|refusal| absent().because(words(&refusal)))?;
        let owner = permit.caller.owns(&facts.dataset.provider_code);
        if !owner && report.source != permit.caller.department() {
            return Err(absent().because("the batch is of another source"));
        }
        permit.datasets.push(Granted { facts: Arc::clone(facts), act: permit.act, decision, synthetic: false });
        permit.batch = Some(Box::new(report));
        return Ok(());
    }
    Err(absent())
}

/// The decision, from the cache or made now.
fn decision(
    app: &App,
    permit: &Permit,
    facts: &Arc<DatasetFacts>,
    act: Act,
    standing: &Standing,
) -> Result<Arc<Decision>, Arc<Refusal>> {
    let key = Key {
        principal: permit.caller.principal().clone(),
        dataset: facts.serial,
        act,
        grant: standing.grant.as_ref().map(|g| (g.id.clone(), g.revision)),
        accountable: standing.accountable,
        version: permit.snapshot.version,
    };
    if let Some(known) = app.decisions.0.get(&key) {
        app.metrics.decision_hits.fetch_add(1, Ordering::Relaxed);
        return known;
    }
    app.metrics.decision_misses.fetch_add(1, Ordering::Relaxed);
    let made = permit
        .snapshot
        .decide(permit.caller.principal(), facts, act, standing.grant.as_deref(), standing.accountable, app.clock.now())
        .map(Arc::new)
        .map_err(Arc::new);
    app.decisions.0.insert(key, made.clone());
    made
}

/// Whether even the dataset's existence is kept from the caller: its catalogue entry is not for him.
fn is_secret(app: &App, permit: &Permit, facts: &Arc<DatasetFacts>) -> bool {
    let standing = Standing::default();
    decision(app, permit, facts, Act::Catalogue, &standing).is_err()
}

fn forbidden(refusal: &Refusal) -> Problem {
    Problem::new(Code::Forbidden, "this is not permitted").because(words(refusal))
}

fn words(refusal: &Refusal) -> String {
    if refusal.policies.is_empty() {
        "no policy permits it".into()
    } else {
        format!("forbidden by {}", refusal.policies.join(", "))
    }
}
