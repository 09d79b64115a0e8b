//! Ask and permit → what is put to which base database, within which bounds.

mod fields;
mod search;
mod statistics;
mod tile;
mod verify;

use std::sync::Arc;

use foundation::dataset::{CodeList, DatasetName};
use foundation::record::BatchId;
use foundation::service::{
    BaseDatabase, ChangesAsk, GetAsk, ImportReport, LinksAsk, LookupAsk, RecordAsk, Scope, StatisticsAsk, Times,
};
use foundation::value::Day;

use super::Permit;
use super::authorize::{Explanation, Granted};
use crate::app::App;
use crate::ask::{
    AccessesRequest, AccountsRequest, Ask, AskTimes, ChangesRequest, CompilingRequest, CorrectionRequest, Direction,
    DoubtFiled, EvaluationRequest, ExportRequest, GeocodeRequest, ImportRequest, JobsRequest, Language, LookupRequest,
    OwnershipRequest, ProofRequest, RecordRequest, SearchRequest, SharingRequest,
};
use crate::audit::EntryFilter;
use crate::problem::{Code, Problem};
use crate::sandbox::SyntheticRows;

pub(super) use fields::shown;
pub(super) use search::{Merge, SearchPlan};
pub(super) use statistics::TablePlan;
pub(super) use tile::TileWork;
pub(super) use verify::VerifyWork;

/// Most natural keys or items in one question.
pub(crate) const ITEMS_MAX: usize = 1_000;
/// Most edges in one answer.
const EDGES_MAX: usize = 1_000;

/// What will be done. Made by this step alone.
pub struct Plan {
    pub(super) permit: Permit,
    pub(super) labels: Option<Language>,
    pub(super) work: Work,
}

/// A base database to ask.
pub(super) type Service = Arc<dyn BaseDatabase>;

/// The work, by kind.
pub(super) enum Work {
    Search(Box<SearchPlan>),
    Get(Service, Box<GetAsk>),
    Lookup(Service, LookupAsk),
    History(Service, RecordAsk),
    Claims(Service, RecordAsk),
    Links(Vec<(Service, LinksAsk)>, DatasetName, String),
    Statistics(Service, Box<StatisticsAsk>, Vec<String>, Vec<String>),
    Table(Box<TablePlan>, Vec<String>, Vec<String>),
    Changes(Service, ChangesAsk, Vec<u8>),
    Import(Service, Box<ImportRequest>, ImportBounds),
    Report(Box<ImportReport>),
    Rejected(Service, BatchId),
    Withdraw(Service, BatchId),
    Verify(Box<VerifyWork>),
    FindPersons {
        service: Service,
        sought: population::ask::Sought,
        times: Times,
        scopes: Vec<Scope>,
    },
    Ownership {
        service: Service,
        credit_code: String,
        depth: u8,
        direction: Direction,
        times: Times,
        permitted: Vec<(DatasetName, Vec<Scope>)>,
    },
    DivisionAt {
        service: Service,
        lon: f64,
        lat: f64,
        times: Times,
        scopes: Vec<Scope>,
    },
    Geocode {
        service: Service,
        texts: Vec<String>,
        times: Times,
        permits: geospatial::ask::geocode::Permits,
    },
    Successors {
        service: Service,
        code: String,
        from: Option<Day>,
        times: Times,
        scopes: Vec<Scope>,
    },
    Series {
        service: Service,
        slice: macroeconomy::ask::Slice,
        times: Times,
        scopes: Vec<Scope>,
    },
    Tile(Box<TileWork>),
    CodeList(Arc<CodeList>, Option<Day>),
    Catalogue,
    CatalogueEntry,
    Explanation(Box<Explanation>),
    Audit(EntryFilter, usize),
    AuditProof(ProofRequest),
    Sharing(Box<SharingRequest>),
    Correct(Box<(Service, GetAsk)>, Box<DoubtFiled>),
    Correction(CorrectionRequest),
    Evaluation(EvaluationRequest),
    Accounts(Box<AccountsRequest>),
    Compiling(Box<CompilingRequest>),
    Accesses(AccessesRequest),
    Export(Box<ExportRequest>),
    Jobs(JobsRequest),
}

/// What an import's source and key amount to.
pub(super) struct ImportBounds {
    pub(super) source: String,
    pub(super) actor: String,
    pub(super) bytes_max: u64,
}

/// Plans a permitted ask.
pub(super) fn build(app: &App, ask: Ask, mut permit: Permit) -> Result<Plan, Problem> {
    spent(app, &permit)?;
    if app.alarms.holds_back(permit.caller().subject(), app.clock.now()) {
        let detail = "too many numbers were tried in vain; nothing is answered for a minute";
        return Err(Problem::new(Code::TooManyRequests, detail).retry_after(60));
    }
    let mut labels = None;
    let work = match ask {
        Ask::Search(r) | Ask::List(r) => {
            labels = r.shown.labels;
            Work::Search(Box::new(search::plan(app, &permit, &r)?))
        }
        Ask::Tile(r) => tile::plan(app, &permit, r)?,
        Ask::Get(r) => {
            labels = r.shown.labels;
            let granted = permit.dataset()?;
            let scopes = fields::shown(granted, r.shown.fields.as_deref())?;
            let times = times(r.times, &permit);
            Work::Get(service(app, granted)?, Box::new(GetAsk { dataset: r.dataset, id: r.id, times, scopes }))
        }
        Ask::Lookup(r) => {
            labels = r.shown.labels;
            lookup(app, &permit, r)?
        }
        Ask::History(r) => Work::History(service(app, permit.dataset()?)?, record_ask(r, &permit)?),
        Ask::Claims(r) => Work::Claims(service(app, permit.dataset()?)?, record_ask(r, &permit)?),
        Ask::Links(r) => links(app, &permit, r),
        Ask::Statistics(r) => {
            labels = r.labels;
            statistics::plan(app, &permit, *r)?
        }
        Ask::Changes(r) => changes(app, &permit, r)?,
        Ask::Import(r) => {
            let granted = permit.dataset()?;
            let bounds = import_bounds(app, &permit, granted, r.source.as_deref())?;
            Work::Import(service(app, granted)?, r, bounds)
        }
        Ask::ImportReport(_) => Work::Report(Box::new(
            permit.batch().cloned().ok_or_else(|| Problem::new(Code::NotFound, "there is no such batch"))?,
        )),
        Ask::Rejected(batch) => Work::Rejected(service(app, permit.dataset()?)?, batch),
        Ask::Withdraw(batch) => Work::Withdraw(service(app, permit.dataset()?)?, batch),
        Ask::FindPersons(r) => {
            labels = r.shown.labels;
            verify::find(app, &permit, *r)?
        }
        Ask::Verify(r) => Work::Verify(Box::new(verify::plan(app, &permit, r)?)),
        Ask::Ownership(r) => ownership(app, &permit, r)?,
        Ask::DivisionAt { lon, lat, times: asked } => {
            let granted = permit.dataset()?;
            let times = times(asked, &permit);
            Work::DivisionAt { service: service(app, granted)?, lon, lat, times, scopes: granted.scopes() }
        }
        Ask::Geocode(r) => geocode(app, &permit, r)?,
        Ask::Successors { code, from, times: asked } => {
            let granted = permit.dataset()?;
            let times = times(asked, &permit);
            Work::Successors { service: service(app, granted)?, code, from, times, scopes: granted.scopes() }
        }
        Ask::Series(r) => {
            let granted = permit.dataset()?;
            let times = times(r.times, &permit);
            labels = r.labels;
            Work::Series { service: service(app, granted)?, slice: r.slice, times, scopes: granted.scopes() }
        }
        Ask::CodeList { id, valid_at } => {
            let list = app
                .catalogue
                .code_list(&id)
                .ok_or_else(|| Problem::new(Code::NotFound, "there is no such code list").about("id"))?;
            Work::CodeList(list, valid_at)
        }
        Ask::Catalogue => Work::Catalogue,
        Ask::CatalogueEntry(_) => Work::CatalogueEntry,
        Ask::Explain(..) => Work::Explanation(
            permit.explained().ok_or_else(|| Problem::new(Code::NotFound, "there is no such dataset"))?,
        ),
        Ask::Audit(r) => Work::Audit(
            EntryFilter {
                from: r.from,
                to: r.to,
                caller: r.caller,
                dataset: r.dataset.map(|d| d.to_string()),
                before: r.before,
            },
            r.limit,
        ),
        Ask::AuditProof(r) => Work::AuditProof(r),
        Ask::Sharing(r) => Work::Sharing(Box::new(r)),
        Ask::Correct(r) => correct(app, &permit, r)?,
        Ask::Correction(r) => Work::Correction(r),
        Ask::Evaluation(r) => Work::Evaluation(r),
        Ask::Accounts(r) => Work::Accounts(r),
        Ask::Compiling(r) => Work::Compiling(r),
        Ask::MyAccesses(r) => Work::Accesses(r),
        Ask::Export(r) => export(app, &permit, r)?,
        Ask::ExportRows(r, job) => page_of_a_job(app, &permit, *r, &job)?,
        Ask::Jobs(r) => Work::Jobs(r),
    };
    Ok(Plan { permit, labels, work })
}

fn ownership(app: &App, permit: &Permit, r: OwnershipRequest) -> Result<Work, Problem> {
    let granted = permit.dataset()?;
    Ok(Work::Ownership {
        service: service(app, granted)?,
        permitted: permitted_in(permit, granted.facts.dataset.name.database()),
        credit_code: r.credit_code,
        depth: r.depth,
        direction: r.direction,
        times: times(r.times, permit),
    })
}

/// Texts to be located, over what the caller may search of divisions, addresses and places.
fn geocode(app: &App, permit: &Permit, r: GeocodeRequest) -> Result<Work, Problem> {
    let on = |table: &str| {
        let found = permit.datasets().iter().find(|granted| granted.facts.dataset.name.table() == table);
        found.map(Granted::scopes).unwrap_or_default()
    };
    let permits = geospatial::ask::geocode::Permits {
        divisions: on("divisions"),
        addresses: on("addresses"),
        places: on("places"),
    };
    let most = permit.ceilings().map_or(u64::MAX, |c| c.rows_per_answer_max);
    if r.texts.len() as u64 > most {
        let detail = format!("{} texts were sent; at most {most} are located under the grant", r.texts.len());
        return Err(Problem::new(Code::Unprocessable, detail).about("items"));
    }
    let divisions =
        permit.datasets().first().ok_or_else(|| Problem::new(Code::NotFound, "there is no such dataset"))?;
    let times = times(r.times, permit);
    Ok(Work::Geocode { service: service(app, divisions)?, texts: r.texts, times, permits })
}

/// Records by natural key, within the grant's rows an answer.
fn lookup(app: &App, permit: &Permit, r: LookupRequest) -> Result<Work, Problem> {
    let granted = permit.dataset()?;
    let most = permit.ceilings().map_or(ITEMS_MAX as u64, |c| c.rows_per_answer_max.min(ITEMS_MAX as u64));
    if r.keys.len() as u64 > most {
        let detail = format!("{} keys were sent; at most {most} are taken", r.keys.len());
        return Err(Problem::new(Code::Unprocessable, detail).about("keys"));
    }
    let scopes = fields::shown(granted, r.shown.fields.as_deref())?;
    let times = times(r.times, permit);
    Ok(Work::Lookup(service(app, granted)?, LookupAsk { dataset: r.dataset, keys: r.keys, times, scopes }))
}

/// One ask a base database: each keeps the edges of its own datasets.
fn links(app: &App, permit: &Permit, r: RecordRequest) -> Work {
    let at = times(r.times, permit);
    let permitted = |database| permitted_in(permit, database);
    let asks = app
        .catalogue
        .databases()
        .iter()
        .map(|d| {
            let ask = LinksAsk {
                dataset: r.dataset.clone(),
                id: r.id.clone(),
                times: at,
                permitted: permitted(d.database()),
                limit: EDGES_MAX,
            };
            (Arc::clone(d), ask)
        })
        .filter(|(_, ask)| !ask.permitted.is_empty())
        .collect();
    Work::Links(asks, r.dataset, r.id)
}

/// The change log from a position that only this caller could have been given for this dataset.
fn changes(app: &App, permit: &Permit, r: ChangesRequest) -> Result<Work, Problem> {
    let granted = permit.dataset()?;
    let mut binding = permit.caller().binding();
    binding.extend_from_slice(b"changes ");
    binding.extend_from_slice(r.dataset.to_string().as_bytes());
    let after = match &r.after {
        None => Vec::new(),
        Some(text) => app.sealer.open_positions(text, &binding).ok_or_else(|| {
            Problem::new(Code::PositionGone, "the position is not one of this caller and dataset").about("after")
        })?,
    };
    let ask = ChangesAsk {
        dataset: r.dataset,
        after,
        limit: r.limit,
        scopes: granted.scopes(),
        times: times(AskTimes::default(), permit),
    };
    Ok(Work::Changes(service(app, granted)?, ask, binding))
}

/// The grant's rows of today must not be used up.
fn spent(app: &App, permit: &Permit) -> Result<(), Problem> {
    let (Some(grant), Some(ceilings)) = (permit.grant(), permit.ceilings()) else { return Ok(()) };
    if app.usage.rows(&grant.id, permit.today()) < ceilings.rows_per_day_max {
        return Ok(());
    }
    let detail = format!("the grant's {} rows a day are used up", ceilings.rows_per_day_max);
    Err(Problem::new(Code::CeilingReached, detail).about("Natbase-Grant").retry_after(3_600))
}

/// A file: whatever would stop its first page stops it before there is a job.
fn export(app: &App, permit: &Permit, r: Box<ExportRequest>) -> Result<Work, Problem> {
    search::plan(app, permit, &r.search)?;
    Ok(Work::Export(r))
}

/// A page of a file: of no more rows than the grant has left.
fn page_of_a_job(app: &App, permit: &Permit, mut r: SearchRequest, job: &str) -> Result<Work, Problem> {
    r.limit = r.limit.min(left(app, permit));
    Ok(Work::Search(Box::new(search::page_of_a_job(app, permit, &r, job)?)))
}

/// Rows that the grant has left for today; without a ceiling as many as there are.
fn left(app: &App, permit: &Permit) -> usize {
    let (Some(grant), Some(ceilings)) = (permit.grant(), permit.ceilings()) else { return usize::MAX };
    let left = ceilings.rows_per_day_max.saturating_sub(app.usage.rows(&grant.id, permit.today()));
    usize::try_from(left).unwrap_or(usize::MAX)
}

fn times(asked: AskTimes, permit: &Permit) -> Times {
    Times { valid_at: asked.valid_at.unwrap_or(permit.today()), known_at: asked.known_at }
}

fn service(app: &App, granted: &Granted) -> Result<Service, Problem> {
    let dataset = &granted.facts.dataset;
    let service = app.catalogue.database(dataset.name.database());
    let service = service.ok_or_else(|| Problem::new(Code::Unavailable, "the base database is not there"))?;
    if granted.synthetic {
        // INVARIANT: from here on no step of a sandbox's question holds a door to a store.
        return Ok(Arc::new(SyntheticRows::of(Arc::clone(dataset), service.code_lists(), app.clock.now())));
    }
    Ok(Arc::clone(service))
}

/// The record of a value that is said to be wrong, in those rows alone in which the caller reads the field.
fn correct(app: &App, permit: &Permit, filed: Box<DoubtFiled>) -> Result<Work, Problem> {
    let granted = permit.dataset()?;
    let field = fields::readable(granted, &filed.field)?.number;
    let mut scopes = granted.scopes();
    scopes.retain(|scope| scope.readable.contains(&field));
    let times = times(AskTimes::default(), permit);
    let ask = GetAsk { dataset: filed.dataset.clone(), id: filed.record.clone(), times, scopes };
    Ok(Work::Correct(Box::new((service(app, granted)?, ask)), filed))
}

fn record_ask(r: crate::ask::RecordRequest, permit: &Permit) -> Result<RecordAsk, Problem> {
    let scopes = fields::shown(permit.dataset()?, r.shown.fields.as_deref())?;
    Ok(RecordAsk { dataset: r.dataset, id: r.id, known_at: r.times.known_at, scopes })
}

fn permitted_in(permit: &Permit, database: foundation::dataset::Database) -> Vec<(DatasetName, Vec<Scope>)> {
    permit
        .datasets()
        .iter()
        .filter(|g| g.facts.dataset.name.database() == database)
        .map(|g| (g.facts.dataset.name.clone(), g.scopes()))
        .collect()
}

fn import_bounds(app: &App, permit: &Permit, granted: &Granted, source: Option<&str>) -> Result<ImportBounds, Problem> {
    let caller = permit.caller();
    let dataset = &granted.facts.dataset;
    let source = source.unwrap_or(caller.department());
    let own = source == caller.department();
    let listed = caller.owns(&dataset.provider_code) && dataset.authority.iter().any(|a| a == source);
    if !own && !listed {
        let detail = format!("`{source}` is neither the caller's department nor a source of {}", dataset.name);
        return Err(Problem::new(Code::SourceNotPermitted, detail).about("source"));
    }
    let actor = caller.officer().unwrap_or(caller.subject()).to_owned();
    Ok(ImportBounds { source: source.to_owned(), actor, bytes_max: app.config.http.import_bytes_max })
}
