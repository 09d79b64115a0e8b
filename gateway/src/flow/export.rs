//! Jobs: a page asked after the other by the way of every question, each with an entry in the log, written into a file.
//!
//! Before a page is asked it is decided again who asks and what he may read. When that differs from what was decided when the
//! file was asked for, in whatever direction, the job ends and its file is deleted.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use foundation::dataset::Dataset;
use foundation::value::Instant;

use super::authorize::{self, rights};
use super::execute::CHANGED;
use super::mask::{Content, Masked};
use super::{Envelope, authenticate, through};
use crate::app::App;
use crate::ask::{Ask, SearchRequest, Wanted};
use crate::exports::{Exports, Job, Order, Sink, SinkError};
use crate::problem::{Code, Problem};

/// Rows of a page.
const PAGE: usize = 1_000;
/// Times that a page is asked again when something is not there for the moment, and the wait before.
const AGAIN: u32 = 5;
const AGAIN_MS: u64 = 500;

/// Why a job ended without a file.
enum Ended {
    /// For a reason that whoever asked is told.
    Failed(Problem),
    /// It was ended by somebody, or the server goes down.
    Stopped,
}

impl From<Problem> for Ended {
    fn from(problem: Problem) -> Self {
        Self::Failed(problem)
    }
}

/// Runs the jobs that nobody runs yet.
pub(crate) fn start(app: &Arc<App>) {
    for order in app.exports.waiting() {
        tokio::spawn(run(Arc::clone(app), order));
    }
}

async fn run(app: Arc<App>, order: Order) {
    let Order { job, search } = order;
    let Ok(_slot) = app.exports.slots.acquire().await else { return };
    let outcome = match app.exports.run(&job.id).await {
        Ok(true) => write(&app, &job, search).await,
        Ok(false) => return,
        Err(error) => Err(broken(&error).into()),
    };
    let (exports, now): (&Exports, Instant) = (&app.exports, app.clock.now());
    let kept = match outcome {
        Ok((bytes, sha256)) => exports.done(&job.id, bytes, sha256, now).await.map_err(|error| error.to_string()),
        Err(Ended::Failed(why)) => {
            tracing::warn!(job = job.id, code = why.code().as_str(), cause = why.cause(), "a job ended without a file");
            exports.fail(&job.id, &why, now).await.map_err(|error| error.to_string())
        }
        Err(Ended::Stopped) => Ok(()),
    };
    // Ended by somebody else: what was written of it meanwhile goes.
    if !exports.stands(&job.id) {
        let _ = std::fs::remove_file(exports.part(&job));
    }
    if let Err(error) = kept {
        tracing::error!(error, job = job.id, "how a job ended is not kept");
    }
}

/// Writes the file; gives its bytes and digest.
async fn write(app: &Arc<App>, job: &Job, mut search: SearchRequest) -> Result<(u64, String), Ended> {
    let limits = app.exports.config.clone();
    let until = job_end(app, limits.hours_max);
    let dataset = dataset(app, &search)?;
    let (path, format, columns) = (app.exports.part(job), job.format, job.columns.clone());
    let asked = Instant(job.asked_us);
    let begun = blocking(move || Sink::create(&path, format, dataset, columns, limits.bytes_max, asked));
    let mut sink = begun.await?;
    let mut rows = 0_u64;
    search.limit = PAGE;
    loop {
        if app.stopping.load(Ordering::SeqCst) || !app.exports.runs(&job.id) {
            return Err(Ended::Stopped);
        }
        if app.clock.now() > until {
            let detail = format!("the job ran for more than {} hours", limits.hours_max);
            return Err(Problem::new(Code::TooHeavy, detail).into());
        }
        let masked = page(app, job, &search).await?;
        let Content::Page { items, next, at, .. } = masked.content() else {
            return Err(Problem::new(Code::Internal, "a page was not answered").into());
        };
        rows = rows.saturating_add(items.len() as u64);
        if rows > limits.rows_max {
            let detail = format!("the file has more than {} rows", limits.rows_max);
            return Err(Problem::new(Code::TooHeavy, detail).into());
        }
        let (next, times) = (next.clone(), (at.valid_at, at.known_at));
        sink = blocking(move || {
            if let Content::Page { items, .. } = masked.content() {
                sink.page(items)?;
            }
            Ok(sink)
        })
        .await?;
        if !app.exports.progress(&job.id, rows, sink.bytes(), times) {
            return Err(Ended::Stopped);
        }
        match next {
            Some(next) => search.cursor = Some(next),
            None => break,
        }
    }
    Ok(blocking(move || sink.finish()).await?)
}

/// A page, asked by who asked for the job if he still may; what is not there for the moment is asked for again.
async fn page(app: &App, job: &Job, search: &SearchRequest) -> Result<Masked, Problem> {
    let mut tried = 0;
    loop {
        let envelope = Envelope::of_a_job(app);
        let caller = match authenticate::again(app, &envelope, job) {
            Ok(caller) => standing(app, &caller, job, search).await.map(|()| caller),
            Err(problem) => Err(problem),
        };
        let ask = Ask::ExportRows(Box::new(search.clone()), job.id.clone());
        match through(app, &envelope, caller, Ok(ask)).await {
            Err(problem) if tried < AGAIN && passes(problem.code()) => {
                tried += 1;
                tokio::time::sleep(Duration::from_millis(AGAIN_MS << tried)).await;
            }
            outcome => return outcome,
        }
    }
}

fn passes(code: Code) -> bool {
    matches!(code, Code::Unavailable | Code::Overloaded | Code::AuditUnavailable | Code::Timeout)
}

/// Whether what was decided when the job was asked for is what is decided now.
async fn standing(app: &App, caller: &super::Caller, job: &Job, search: &SearchRequest) -> Result<(), Problem> {
    let ask = Ask::ExportRows(Box::new(search.clone()), job.id.clone());
    let changed = || Problem::new(Code::RightsChanged, CHANGED);
    let permit = authorize::decide(app, caller.clone(), &ask)
        .await
        .map_err(|refused| if passes(refused.code()) { refused } else { changed().because(refused.to_string()) })?;
    let same = !job.rights.is_empty() && rights(&permit, Instant(job.asked_us)) == job.rights;
    if same { Ok(()) } else { Err(changed()) }
}

/// Ends jobs, and deletes files, of those who may not read what is in them any more.
///
/// Cost: a decision a job; called when policies, grants or the day changed, and once a minute for accounts.
pub(crate) async fn review(app: &App) {
    for job in app.exports.live() {
        let envelope = Envelope::of_a_job(app);
        let Ok(name) = job.dataset.parse() else { continue };
        let mut search = SearchRequest::text("");
        search.wanted = Wanted::Datasets(vec![name]);
        let outcome = match authenticate::again(app, &envelope, &job) {
            Ok(caller) => standing(app, &caller, &job, &search).await,
            Err(problem) => Err(problem),
        };
        let Err(why) = outcome else { continue };
        if passes(why.code()) {
            continue;
        }
        tracing::warn!(job = job.id, cause = why.cause(), "a right is gone: the job is ended and its file deleted");
        if let Err(error) = app.exports.fail(&job.id, &why, app.clock.now()).await {
            tracing::error!(%error, job = job.id, "how a job ended is not kept");
        }
    }
}

fn job_end(app: &App, hours_max: u16) -> Instant {
    Instant(app.clock.now().0.saturating_add(i64::from(hours_max).saturating_mul(3_600_000_000)))
}

fn dataset(app: &App, search: &SearchRequest) -> Result<Arc<Dataset>, Problem> {
    let Wanted::Datasets(names) = &search.wanted else {
        return Err(Problem::new(Code::Internal, "a file names its dataset"));
    };
    let facts = names.first().and_then(|name| app.catalogue.get(name));
    facts.map(|facts| Arc::clone(&facts.dataset)).ok_or_else(|| Problem::new(Code::RightsChanged, CHANGED))
}

/// Work on files, off the threads that answer.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, SinkError> + Send + 'static,
) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(match &error {
            SinkError::Io(cause) => {
                Problem::new(Code::WritesRefused, "the file cannot be written").because(cause.to_string())
            }
            SinkError::Unfit { .. } => Problem::new(Code::Unprocessable, error.to_string()),
            SinkError::TooLarge { .. } => Problem::new(Code::TooHeavy, error.to_string()),
        }),
        Err(error) => Err(broken(&error)),
    }
}

fn broken(error: &dyn std::error::Error) -> Problem {
    Problem::new(Code::Internal, "the job could not go on").because(error.to_string())
}
