//! Asking for a file, and what becomes of the jobs.

use foundation::service::Scope;
use foundation::value::{FieldType, Instant};

use crate::accounts::{Deed, Intent, Measure, RegisterError, RosterError};
use crate::app::App;
use crate::ask::{Act, ExportRequest, FileFormat, JobsRequest};
use crate::exports::{Job, JobState, Refused, approval};
use crate::flow::authorize::{Granted, decided_at, no_such_job, rights};
use crate::flow::{Permit, plan};
use crate::journal::{JournalError, fresh_id};
use crate::policy::Principal;
use crate::problem::{Code, Problem};

/// What came of a question about jobs.
#[derive(Debug)]
pub enum JobsAnswer {
    /// A job was begun.
    Begun(Box<Job>),
    /// One as it stands.
    One(Box<Job>),
    /// The caller's own.
    All(Vec<Job>),
    /// One whose file is to be given.
    File(Box<Job>),
}

const DAY_US: i64 = 86_400_000_000;
/// Longest purpose, bytes.
const PURPOSE_BYTES_MAX: usize = 1_000;

/// Begins a job: the caller may read what is to stand in the file, and two people have approved it if it is not open.
pub(super) async fn begin(app: &App, permit: &Permit, request: ExportRequest) -> Result<JobsAnswer, Problem> {
    let granted = permit.dataset()?;
    let scopes = plan::shown(granted, request.search.shown.fields.as_deref())?;
    let (columns, masked) = columns(granted, &scopes);
    if request.format == FileFormat::GeoJson && !has_plain_geometry(granted, &columns, &masked) {
        let detail = "a GeoJSON file needs a geometry among the fields that are read plain";
        return Err(Problem::new(Code::Unprocessable, detail).about("format"));
    }
    let caller = permit.caller();
    let (now, name) = (app.clock.now(), granted.facts.dataset.name.to_string());
    let purpose = purpose(permit, request.purpose.as_deref())?;
    let needed = (!is_open(app, permit, granted, &columns, now))
        .then(|| approval::measure(&request, &name, caller.department(), &purpose));
    if needed.is_some() && purpose.is_empty() {
        let detail = "no grant says what this is for: `purpose` is missing";
        return Err(Problem::new(Code::MissingParameter, detail).about("purpose"));
    }
    let broken = || Problem::new(Code::Internal, "a job could not be made");
    let mut job = Job {
        id: fresh_id('J').ok_or_else(broken)?,
        subject: caller.subject().to_owned(),
        department: caller.department().to_owned(),
        roles: caller.principal().roles.bits(),
        epoch: caller.epoch(),
        grant: caller.grant().unwrap_or_default().to_owned(),
        case: caller.case().unwrap_or_default().to_owned(),
        officer: caller.officer_named().unwrap_or_default().to_owned(),
        purpose,
        dataset: name,
        format: request.format,
        columns,
        masked,
        rights: rights(permit, now),
        proposal: None,
        asked_us: now.0,
        ended_us: None,
        expires_us: now.0.saturating_add(i64::from(app.exports.config.keep.max(1)).saturating_mul(DAY_US)),
        state: JobState::Queued,
        code: String::new(),
        detail: String::new(),
        rows: 0,
        bytes: 0,
        sha256: String::new(),
        valid_at: None,
        known_at: None,
    };
    app.exports.reserve(&job).map_err(|refused| too_many(&refused))?;
    let outcome = async {
        if let Some(measure) = needed {
            job.proposal = Some(used_up(app, permit, measure).await?);
        }
        let mut search = request.search;
        // The day of the first page is the day of them all, and so is its instant.
        search.times.valid_at.get_or_insert(permit.today());
        app.exports.begin(job.clone(), search).await.map_err(|error| unavailable(&error))
    };
    match outcome.await {
        Ok(()) => Ok(JobsAnswer::Begun(Box::new(job))),
        Err(problem) => {
            app.exports.release(&job.id);
            Err(problem)
        }
    }
}

/// Answers about jobs, or ends one.
pub(super) async fn run(app: &App, permit: &Permit, request: JobsRequest) -> Result<JobsAnswer, Problem> {
    let (subject, department) = (permit.caller().subject(), permit.caller().department());
    let own = |id: &str| app.exports.job(id).filter(|job| job.is_of(subject, department)).ok_or_else(no_such_job);
    match request {
        JobsRequest::All => Ok(JobsAnswer::All(app.exports.of(subject, department))),
        JobsRequest::One(id) => Ok(JobsAnswer::One(Box::new(own(&id)?))),
        JobsRequest::Cancel(id) => {
            let job = own(&id)?;
            app.exports.cancel(&job.id, app.clock.now()).await.map_err(|error| unavailable(&error))?;
            Ok(JobsAnswer::One(Box::new(own(&id)?)))
        }
        JobsRequest::File(id) => {
            let job = own(&id)?;
            if job.state != JobState::Done {
                let detail = format!("the job is {}: it has no file", job.state.as_str());
                return Err(Problem::new(Code::NotReady, detail));
            }
            if job.rights.is_empty() || rights(permit, Instant(job.asked_us)) != job.rights {
                let why = Problem::new(Code::RightsChanged, CHANGED);
                app.exports.fail(&job.id, &why, app.clock.now()).await.map_err(|error| unavailable(&error))?;
                return Err(why);
            }
            Ok(JobsAnswer::File(Box::new(job)))
        }
    }
}

/// What whoever asked for a file is told when his right is gone.
pub(in crate::flow) const CHANGED: &str = "what may be read has changed since the file was asked for; it is deleted";

/// Fields of the file in the definition's order, and those that are masked wherever they are shown.
fn columns(granted: &Granted, scopes: &[Scope]) -> (Vec<u16>, Vec<u16>) {
    let plain = |number: u16| scopes.iter().any(|scope| scope.readable.contains(&number));
    let part = |number: u16| scopes.iter().any(|scope| scope.masked.contains(&number));
    let all = granted.facts.dataset.fields.iter().map(|field| field.number);
    let columns: Vec<u16> = all.filter(|number| plain(*number) || part(*number)).collect();
    let mut masked: Vec<u16> = columns.iter().copied().filter(|number| part(*number)).collect();
    masked.sort_unstable();
    (columns, masked)
}

fn has_plain_geometry(granted: &Granted, columns: &[u16], masked: &[u16]) -> bool {
    let fields = granted.facts.dataset.fields.iter().filter(|field| columns.contains(&field.number));
    fields.filter(|field| !masked.contains(&field.number)).any(|field| field.kind == FieldType::Geometry)
}

/// Whether the file holds nothing that anybody could not read. Both are decided as of one instant, so that rows under embargo
/// are the same for both.
fn is_open(app: &App, permit: &Permit, granted: &Granted, columns: &[u16], at: Instant) -> bool {
    let policy = app.policy.load();
    let public = policy.decide(&Principal::public(), &granted.facts, Act::List, None, false, at).ok();
    let Some(mut own) = decided_at(permit, at) else { return false };
    for scope in &mut own.scopes {
        scope.readable.retain(|number| columns.contains(number));
        scope.masked.retain(|number| columns.contains(number));
    }
    permit.grant().is_none() && approval::is_open(&own.scopes, public.as_ref())
}

/// The purpose is the grant's; where no grant is used it is what the request says.
fn purpose(permit: &Permit, given: Option<&str>) -> Result<String, Problem> {
    let wrong = |detail: &str| Problem::new(Code::Unprocessable, detail).about("purpose");
    match (permit.grant(), given) {
        (Some(_), Some(_)) => Err(wrong("the grant says what it is for: `purpose` is not taken with it")),
        (Some(grant), None) => Ok(grant.purpose.clone()),
        (None, Some(text)) if text.trim().is_empty() || text.len() > PURPOSE_BYTES_MAX => {
            Err(wrong("`purpose` is empty or over 1,000 bytes"))
        }
        (None, given) => Ok(given.unwrap_or_default().to_owned()),
    }
}

/// Uses the approval of exactly this file up; of two requests at the same moment one gets it.
async fn used_up(app: &App, permit: &Permit, measure: Measure) -> Result<u64, Problem> {
    let used = app.roster.act(permit.caller().subject(), Intent::Use(measure), app.clock.now()).await;
    match used.map(|event| event.deed) {
        Ok(Deed::Used { number }) => Ok(number),
        Err(RosterError::Register(RegisterError::Absent { .. })) => {
            let detail = "this is not open data: two security administrators propose and approve `export_in_bulk` for this \
                          department with the very dataset, fields, filter and purpose of this request; then ask again";
            Err(Problem::new(Code::ExportNotApproved, detail))
        }
        Ok(_) => Err(Problem::new(Code::Internal, "the approval could not be used")),
        Err(error) => {
            let problem = Problem::new(Code::Unavailable, "the register of accounts does not answer now");
            Err(problem.because(error.to_string()))
        }
    }
}

fn too_many(refused: &Refused) -> Problem {
    match refused {
        Refused::Own(kept) => {
            let detail = format!("the account keeps {kept} jobs; delete some first");
            Problem::new(Code::TooManyRequests, detail).retry_after(60)
        }
        Refused::All => Problem::new(Code::Overloaded, "too many jobs are kept").retry_after(600),
    }
}

fn unavailable(error: &JournalError) -> Problem {
    Problem::new(Code::Unavailable, "the gateway's store does not answer now").because(error.to_string())
}
