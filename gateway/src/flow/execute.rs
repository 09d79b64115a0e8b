//! Plan → rows: the base databases asked, side by side.

mod accesses;
mod accounts;
mod batch;
mod compiling;
mod correction;
mod domain;
mod evaluation;
mod exports;
mod proof;
mod search;
mod sharing;
mod table;
mod verify;

pub use accesses::{AccessShown, AccessesAnswer, Proven};
pub use accounts::{AccountShown, AccountsAnswer, ProposalShown, Taken};
pub use compiling::{CompilingAnswer, DemandShown, EntryShown, Inside, shown_state};
pub use correction::CorrectionAnswer;
pub(super) use correction::CorrectionShown;
pub use evaluation::EvaluationAnswer;
pub(super) use evaluation::{ObjectionShown, ScoresShown};
pub(super) use exports::CHANGED;
pub use exports::JobsAnswer;
pub use proof::LogProof;
pub use sharing::{CaseShown, SharingAnswer};
pub use table::Disclosed;

use foundation::dataset::{Dataset, DatasetName};
use foundation::service::Count;
use foundation::service::{
    ChangesAnswer, ChangesAsk, ClaimsAnswer, Facet, HistoryAnswer, Hit, ImportReport, LinksAnswer, LinksAsk,
    LookupAnswer, ReadAt, RecordView, RejectedRow, StatisticsAnswer, TileAnswer,
};
use foundation::value::{Day, Instant};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::plan::{Plan, Service, TileWork, Work};
use super::{Explanation, Permit};
use crate::app::App;
use crate::ask::{Language, TileRequest};
use crate::audit::{Entry, EntryFilter};
use crate::ogc::tiles::{Kept, Key};
use crate::problem::{Code, Problem};

/// What the base databases gave, not yet masked. Made by this step alone.
pub struct Rows {
    pub(super) permit: Permit,
    pub(super) labels: Option<Language>,
    pub(super) answer: Answer,
}

impl Rows {
    /// The right to them.
    pub(super) fn permit(&self) -> &Permit {
        &self.permit
    }
}

/// Answers by kind.
pub(super) enum Answer {
    Page {
        hits: Vec<(DatasetName, Hit)>,
        total: Count,
        facets: Vec<(DatasetName, Facet)>,
        by_dataset: Option<Vec<(DatasetName, Count)>>,
        next: Option<String>,
        at: ReadAt,
    },
    Record(Arc<Dataset>, Box<RecordView>, ReadAt),
    Lookup(LookupAnswer),
    History(HistoryAnswer),
    Claims(Arc<Dataset>, ClaimsAnswer),
    Links(LinksAnswer),
    Statistics {
        dataset: Arc<Dataset>,
        group_by: Vec<String>,
        answer: StatisticsAnswer,
        measures: Vec<String>,
        disclosed: Disclosed,
    },
    Changes(ChangesAnswer, String),
    Import(Box<ImportReport>),
    Rejected(Vec<RejectedRow>, Option<String>),
    Verified {
        verdicts: Vec<&'static str>,
        records: Vec<String>,
        times: ReadAt,
    },
    Ownership(legal_entity::ask::Ownership, ReadAt),
    Located(Vec<geospatial::ask::geocode::Answer>, ReadAt),
    /// Records in an order of their own.
    Records(Arc<Dataset>, Vec<RecordView>, ReadAt),
    Tile(Arc<Dataset>, Box<TileShown>),
    CodeList(Arc<foundation::dataset::CodeList>, Option<Day>),
    Catalogue,
    CatalogueEntry(Arc<Dataset>),
    Explanation(Box<Explanation>),
    Audit(Vec<(u64, Entry)>),
    AuditProof(Box<LogProof>),
    Sharing(SharingAnswer),
    Correction(CorrectionAnswer),
    Evaluation(EvaluationAnswer),
    Accounts(AccountsAnswer),
    Compiling(CompilingAnswer),
    Accesses(Box<AccessesAnswer>),
    Jobs(JobsAnswer),
}

/// A tile's features, or the tile that is kept if nothing changed.
#[derive(Debug)]
pub struct TileShown {
    pub(crate) request: Box<TileRequest>,
    pub(crate) key: Key,
    pub(crate) kept: Option<Arc<Kept>>,
    pub(crate) answer: TileAnswer,
}

impl TileShown {
    /// How many features are in it, and the fields whose values are.
    pub(crate) fn given(&self) -> (usize, Vec<u16>) {
        if let Some(kept) = &self.kept {
            return (kept.rows, kept.fields.clone());
        }
        let mut fields: Vec<u16> =
            self.answer.features.iter().flat_map(|f| f.names.iter().map(|(number, _)| *number)).collect();
        fields.sort_unstable();
        fields.dedup();
        (self.answer.features.len(), fields)
    }
}

/// Runs a plan.
pub(super) async fn run(app: &App, plan: Plan) -> Result<Rows, Problem> {
    let Plan { permit, labels, work } = plan;
    let answer = match work {
        Work::Search(plan) => search::run(app, *plan).await?,
        Work::Get(service, ask) => {
            let answer = service.get(*ask).await?;
            Answer::Record(definition(&permit)?, Box::new(answer.record.ok_or_else(absent)?), answer.at)
        }
        Work::Lookup(service, ask) => Answer::Lookup(service.lookup(ask).await?),
        Work::History(service, ask) => {
            let answer = service.history(ask).await?;
            if answer.versions.is_empty() {
                return Err(absent());
            }
            Answer::History(answer)
        }
        Work::Claims(service, ask) => {
            let answer = service.claims(ask).await?;
            if answer.claims.is_empty() {
                return Err(absent());
            }
            Answer::Claims(definition(&permit)?, answer)
        }
        Work::Links(asks, dataset, id) => Answer::Links(links(&permit, asks, &dataset, &id).await?),
        Work::Statistics(service, ask, group_by, measures) => Answer::Statistics {
            dataset: definition(&permit)?,
            group_by,
            disclosed: if ask.counts_allowed { Disclosed::Exact } else { Disclosed::Withheld },
            answer: service.statistics(*ask).await?,
            measures,
        },
        Work::Table(plan, group_by, measures) => {
            let (answer, disclosed) = table::run(app, &plan, measures.len()).await?;
            Answer::Statistics { dataset: definition(&permit)?, group_by, answer, measures, disclosed }
        }
        Work::Changes(service, ask, binding) => changes(app, &service, ask, &binding).await?,
        Work::Import(service, request, bounds) => {
            let report = batch::import(&service, &permit, *request, bounds).await?;
            app.metrics.import_accepted.fetch_add(report.progress.accepted, Ordering::Relaxed);
            app.metrics.import_rejected.fetch_add(report.progress.rejected, Ordering::Relaxed);
            Answer::Import(Box::new(report))
        }
        Work::Report(report) => Answer::Import(report),
        Work::Rejected(service, batch) => {
            let header = permit.batch().and_then(|b| b.header.clone());
            Answer::Rejected(batch::rejected(&service, batch).await?, header)
        }
        Work::Withdraw(service, batch) => Answer::Import(Box::new(service.withdraw(batch).await?)),
        Work::Verify(work) => verify::run(app, *work).await?,
        Work::FindPersons { service, sought, times, scopes } => {
            let (found, at) = domain::find(app, &service, &sought, times, scopes).await?;
            Answer::Records(definition(&permit)?, found, at)
        }
        Work::Ownership { service, credit_code, depth, direction, times, permitted } => {
            domain::ownership(app, &service, &credit_code, depth, direction, times, permitted).await?
        }
        Work::DivisionAt { service, lon, lat, times, scopes } => {
            let (views, at) = domain::division_at(app, &service, lon, lat, times, scopes).await?;
            Answer::Records(definition(&permit)?, views, at)
        }
        Work::Geocode { service, texts, times, permits } => {
            let (found, at) = domain::geocode(app, &service, texts, times, permits).await?;
            Answer::Located(found, at)
        }
        Work::Successors { service, code, from, times, scopes } => {
            let steps = geospatial::ask::successors(service.as_ref(), &code, from, times, &scopes).await?;
            Answer::Records(definition(&permit)?, steps, domain::read_at(app, times))
        }
        Work::Series { service, slice, times, scopes } => {
            let (views, at) = macroeconomy::ask::series(service.as_ref(), &slice, times, scopes).await?;
            Answer::Records(definition(&permit)?, views, at)
        }
        Work::Tile(work) => {
            let TileWork { service, ask, request, key, kept } = *work;
            let answer = service.tile(ask).await?;
            let kept = kept.filter(|_| answer.unchanged);
            Answer::Tile(definition(&permit)?, Box::new(TileShown { request, key, kept, answer }))
        }
        Work::CodeList(list, day) => Answer::CodeList(list, day),
        Work::Catalogue => Answer::Catalogue,
        Work::Explanation(explanation) => Answer::Explanation(explanation),
        Work::CatalogueEntry => Answer::CatalogueEntry(definition(&permit)?),
        Work::AuditProof(request) => Answer::AuditProof(Box::new(proof::run(app, request).await?)),
        Work::Compiling(request) => Answer::Compiling(compiling::run(app, &permit, *request).await?),
        Work::Sharing(request) => Answer::Sharing(sharing::run(app, &permit, *request).await?),
        Work::Correct(record, filed) => Answer::Correction(correction::file(app, &permit, *record, *filed).await?),
        Work::Correction(request) => Answer::Correction(correction::run(app, &permit, request).await?),
        Work::Evaluation(request) => Answer::Evaluation(evaluation::run(app, &permit, request).await?),
        Work::Accounts(request) => Answer::Accounts(accounts::run(app, &permit, *request).await?),
        Work::Accesses(request) => Answer::Accesses(Box::new(accesses::run(app, &permit, request).await?)),
        Work::Export(request) => Answer::Jobs(exports::begin(app, &permit, *request).await?),
        Work::Jobs(request) => Answer::Jobs(exports::run(app, &permit, request).await?),
        Work::Audit(filter, limit) => Answer::Audit(entries(app, filter, limit).await?),
    };
    Ok(Rows { permit, labels, answer })
}

fn definition(permit: &Permit) -> Result<Arc<Dataset>, Problem> {
    Ok(Arc::clone(&permit.dataset()?.facts.dataset))
}

fn absent() -> Problem {
    Problem::new(Code::NotFound, "there is no such record at these times, or none this caller may see")
}

/// Edges from all base databases; an edge is shown only if both of its ends may be.
async fn links(
    permit: &Permit,
    asks: Vec<(Service, LinksAsk)>,
    dataset: &DatasetName,
    id: &str,
) -> Result<LinksAnswer, Problem> {
    let answers =
        futures::future::try_join_all(asks.into_iter().map(|(s, ask)| async move { s.links(ask).await })).await?;
    let mut edges = Vec::new();
    let (mut more, mut at) = (false, None::<ReadAt>);
    for answer in answers {
        more |= answer.more;
        at = Some(later(at, answer.at));
        edges.extend(answer.edges);
    }
    edges.retain(|e| permit.on(&e.from_dataset).is_some() && permit.on(&e.to_dataset).is_some());
    edges.retain(|e| (e.from_dataset == *dataset && e.from_id == id) || (e.to_dataset == *dataset && e.to_id == id));
    edges.sort_by(|a, b| {
        (&a.from_dataset, &a.from_id, &a.field, &a.to_id).cmp(&(&b.from_dataset, &b.from_id, &b.field, &b.to_id))
    });
    edges.dedup();
    let at = at.ok_or_else(|| Problem::new(Code::NotFound, "there is no such record"))?;
    Ok(LinksAnswer { edges, more, at })
}

async fn changes(app: &App, service: &Service, ask: ChangesAsk, binding: &[u8]) -> Result<Answer, Problem> {
    let answer = service.changes(ask).await?;
    let next = app
        .sealer
        .seal_positions(&answer.next, binding)
        .ok_or_else(|| Problem::new(Code::Internal, "the position could not be sealed"))?;
    Ok(Answer::Changes(answer, next))
}

async fn entries(app: &App, filter: EntryFilter, limit: usize) -> Result<Vec<(u64, Entry)>, Problem> {
    let directory = app.audit.directory().to_owned();
    tokio::task::spawn_blocking(move || crate::audit::entries(&directory, &filter, limit))
        .await
        .map_err(|e| Problem::new(Code::Internal, "the log could not be read").because(e.to_string()))?
        .map_err(|e| Problem::new(Code::Unavailable, "the log could not be read").because(e.to_string()))
}

/// The later of two readings' times.
pub(super) fn later(a: Option<ReadAt>, b: ReadAt) -> ReadAt {
    a.map_or(b, |a| if a.known_at >= b.known_at { a } else { b })
}

/// Times for an answer that reads no structure of a base database.
pub(super) fn now(app: &App, valid_at: Day) -> ReadAt {
    let known_at: Instant = app.clock.now();
    ReadAt { valid_at, known_at }
}
