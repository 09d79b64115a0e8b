//! Jobs as they stand, over the rows that keep them and the files under `jobs/`.
//!
//! ```text
//! 80 | job id      a job, replaced as it goes on
//! value: format version 01 | JSON
//! ```
//! Every job is in memory too: there are few. A job that a stop cut off has failed; its part of a file is deleted.

use std::collections::BTreeMap;
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use foundation::store::{Key, Put, Store};
use foundation::value::Instant;
use tokio::sync::Semaphore;

use super::{Job, JobState};
use crate::ask::SearchRequest;
use crate::config::ExportConfig;
use crate::journal::{self, JournalError};
use crate::problem::{Code, Problem};

const JOB: u8 = 0x80;
const FORMAT: u8 = 1;
/// Jobs kept at the most, of all callers together.
const KEPT_MAX: usize = 10_000;

/// Why jobs cannot be read or kept.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum ExportsError {
    /// Their rows.
    #[error(transparent)]
    Rows(#[from] JournalError),
    /// Their directory.
    #[error("{}", directory.display())]
    Directory { directory: PathBuf, source: io::Error },
}

/// Why a job is not begun.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The caller keeps this many jobs already.
    Own(usize),
    /// All callers together keep as many as there may be.
    All,
}

/// A job that waits to be run, with its question.
pub(crate) struct Order {
    pub(crate) job: Job,
    pub(crate) search: SearchRequest,
}

/// Jobs that make files.
pub struct Exports {
    store: Arc<dyn Store>,
    directory: PathBuf,
    pub(crate) config: ExportConfig,
    jobs: Mutex<BTreeMap<String, Job>>,
    waiting: Mutex<Vec<Order>>,
    /// Jobs that run at the same time.
    pub(crate) slots: Semaphore,
    /// Rows are replaced one after the other: what stands last in memory stands last in the store.
    turn: tokio::sync::Mutex<()>,
}

impl Exports {
    /// Reads the jobs; those that a stop cut off have failed, and files that belong to none are deleted.
    ///
    /// # Errors
    /// [`ExportsError`].
    pub async fn open(
        store: Arc<dyn Store>,
        data: &Path,
        config: &ExportConfig,
        now: Instant,
    ) -> Result<Self, ExportsError> {
        let directory = data.join("jobs");
        let broken = |source| ExportsError::Directory { directory: directory.clone(), source };
        std::fs::DirBuilder::new().recursive(true).mode(0o700).create(&directory).map_err(broken)?;
        let mut jobs = BTreeMap::new();
        let snapshot = store.snapshot(None).await.map_err(JournalError::from)?;
        let rows = journal::scan(&*snapshot, vec![JOB]..vec![JOB + 1]).await.map_err(JournalError::from)?;
        for (key, value) in rows {
            let id = String::from_utf8_lossy(key.get(1..).unwrap_or_default()).into_owned();
            let json = value.split_first().filter(|(format, _)| **format == FORMAT).map(|(_, json)| json);
            let job: Option<Job> = json.and_then(|json| serde_json::from_slice(json).ok());
            jobs.insert(id.clone(), job.ok_or(JournalError::Unreadable { id })?);
        }
        let own = Self {
            store,
            config: config.clone(),
            jobs: Mutex::new(jobs),
            waiting: Mutex::default(),
            slots: Semaphore::new(config.at_once.clamp(1, 64)),
            turn: tokio::sync::Mutex::default(),
            directory: directory.clone(),
        };
        let cut_off: Vec<String> =
            own.held().values().filter(|job| job.state.is_open()).map(|j| j.id.clone()).collect();
        for id in cut_off {
            let detail = "the server stopped before the file was whole; ask for another";
            own.fail(&id, &Problem::new(Code::Unavailable, detail), now).await?;
        }
        let lost: Vec<String> = own.held().values().filter(|j| own.is_lost(j)).map(|j| j.id.clone()).collect();
        for id in lost {
            own.fail(&id, &Problem::new(Code::Damaged, "the file is not what was written"), now).await?;
        }
        own.tidy().map_err(broken)?;
        Ok(own)
    }

    /// Where the file of a job lies.
    pub(crate) fn file(&self, job: &Job) -> PathBuf {
        self.directory.join(format!("{}.{}", job.id, job.format.as_str()))
    }

    /// Where it is written.
    pub(crate) fn part(&self, job: &Job) -> PathBuf {
        self.directory.join(format!("{}.part", job.id))
    }

    /// A job as it stands.
    #[must_use]
    pub fn job(&self, id: &str) -> Option<Job> {
        self.held().get(id).cloned()
    }

    /// A caller's jobs, the newest first.
    #[must_use]
    pub fn of(&self, subject: &str, department: &str) -> Vec<Job> {
        let mut own: Vec<Job> = self.held().values().filter(|j| j.is_of(subject, department)).cloned().collect();
        own.sort_by(|a, b| (b.asked_us, &b.id).cmp(&(a.asked_us, &a.id)));
        own
    }

    /// Jobs that have a file or will have one.
    pub(crate) fn live(&self) -> Vec<Job> {
        let is_live = |job: &&Job| job.state.is_open() || job.state == JobState::Done;
        self.held().values().filter(is_live).cloned().collect()
    }

    /// Takes a job in; from then on it counts against the bounds.
    pub(crate) fn reserve(&self, job: &Job) -> Result<(), Refused> {
        let mut jobs = self.held();
        if jobs.len() >= KEPT_MAX {
            return Err(Refused::All);
        }
        let own = jobs.values().filter(|other| other.is_of(&job.subject, &job.department)).count();
        if own >= self.config.kept_max {
            return Err(Refused::Own(own));
        }
        jobs.insert(job.id.clone(), job.clone());
        Ok(())
    }

    /// Gives a reserved place back.
    pub(crate) fn release(&self, id: &str) {
        self.held().remove(id);
    }

    /// Keeps a reserved job on disk and lets it be run.
    pub(crate) async fn begin(&self, job: Job, search: SearchRequest) -> Result<(), JournalError> {
        self.held().insert(job.id.clone(), job.clone());
        self.write(&job.id).await?;
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).push(Order { job, search });
        Ok(())
    }

    /// Those that nobody runs yet; each is given once.
    pub(crate) fn waiting(&self) -> Vec<Order> {
        std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A queued job runs from now on; `false` = it was ended before.
    pub(crate) async fn run(&self, id: &str) -> Result<bool, JournalError> {
        let begun = self.change(id, |job| {
            let waits = job.state == JobState::Queued;
            if waits {
                job.state = JobState::Running;
            }
            waits
        });
        self.write(id).await?;
        Ok(begun)
    }

    /// Notes how far a running job is; `false` = it was ended. In memory alone: a restart begins nothing anew.
    pub(crate) fn progress(&self, id: &str, rows: u64, bytes: u64, times: (foundation::value::Day, Instant)) -> bool {
        self.change(id, |job| {
            (job.rows, job.bytes) = (rows, bytes);
            job.valid_at.get_or_insert(times.0);
            job.known_at.get_or_insert(times.1);
            job.state == JobState::Running
        })
    }

    /// Whether a job is still running.
    pub(crate) fn runs(&self, id: &str) -> bool {
        self.held().get(id).is_some_and(|job| job.state == JobState::Running)
    }

    /// Whether the file of a job may still be given.
    pub(crate) fn stands(&self, id: &str) -> bool {
        self.held().get(id).is_some_and(|job| job.state == JobState::Done)
    }

    /// The file is whole: a running job is done. Of one that was ended meanwhile the file is deleted.
    pub(crate) async fn done(&self, id: &str, bytes: u64, sha256: String, now: Instant) -> Result<(), ExportsError> {
        let Some(job) = self.job(id) else { return Ok(()) };
        let (part, file) = (self.part(&job), self.file(&job));
        let moved = std::fs::rename(&part, &file).and_then(|()| std::fs::File::open(&self.directory)?.sync_all());
        moved.map_err(|source| ExportsError::Directory { directory: self.directory.clone(), source })?;
        let is_done = self.change(id, |job| {
            let runs = job.state == JobState::Running;
            if runs {
                job.state = JobState::Done;
                (job.bytes, job.sha256, job.ended_us) = (bytes, sha256, Some(now.0));
            }
            runs
        });
        if !is_done {
            self.delete(&job);
        }
        Ok(self.write(id).await?)
    }

    /// Ends a job for a reason; its file is deleted. One that has ended without a file stays as it is.
    pub(crate) async fn fail(&self, id: &str, why: &Problem, now: Instant) -> Result<(), JournalError> {
        self.end(id, JobState::Failed, why.code().as_str(), why.detail(), now).await
    }

    /// Who asked for it ends it.
    pub(crate) async fn cancel(&self, id: &str, now: Instant) -> Result<(), JournalError> {
        self.end(id, JobState::Cancelled, "", "", now).await
    }

    async fn end(&self, id: &str, state: JobState, code: &str, why: &str, now: Instant) -> Result<(), JournalError> {
        let ended = self.change(id, |job| {
            let is_live = job.state.is_open() || job.state == JobState::Done;
            if is_live {
                (job.state, job.ended_us) = (state, Some(now.0));
                (job.code, job.detail) = (code.to_owned(), why.to_owned());
            }
            is_live
        });
        if let (true, Some(job)) = (ended, self.job(id)) {
            self.delete(&job);
        }
        self.write(id).await
    }

    /// Deletes jobs that are over, and their files.
    pub(crate) async fn sweep(&self, now: Instant) -> Result<(), JournalError> {
        let over: Vec<Job> = self.held().values().filter(|job| job.expires_us <= now.0).cloned().collect();
        for job in over {
            self.delete(&job);
            self.held().remove(&job.id);
            self.write(&job.id).await?;
        }
        Ok(())
    }

    /// Deletes what a job has on disk; that it could not be is logged, and tried again at the next start.
    fn delete(&self, job: &Job) {
        for file in [self.part(job), self.file(job)] {
            match std::fs::remove_file(&file) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => tracing::error!(%error, job = job.id, "the file of a job is not deleted"),
            }
        }
    }

    fn is_lost(&self, job: &Job) -> bool {
        job.state == JobState::Done && std::fs::metadata(self.file(job)).map_or(true, |meta| meta.len() != job.bytes)
    }

    /// Deletes files that are no job's.
    fn tidy(&self) -> io::Result<()> {
        let jobs = self.held();
        let owned: Vec<PathBuf> = jobs.values().filter(|j| j.state == JobState::Done).map(|j| self.file(j)).collect();
        for item in std::fs::read_dir(&self.directory)? {
            let path = item?.path();
            if !owned.contains(&path) && path.is_file() {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    /// Puts a job's row as it stands in memory, or takes it out.
    async fn write(&self, id: &str) -> Result<(), JournalError> {
        let _turn = self.turn.lock().await;
        let key: Key = [&[JOB], id.as_bytes()].concat();
        let (mut put, mut delete) = (Vec::new(), Vec::new());
        match self.job(id) {
            Some(job) => {
                let mut value = vec![FORMAT];
                // Writing to memory does not fail.
                let _ = serde_json::to_writer(&mut value, &job);
                put.push(Put { key, value, stamped: false });
            }
            None => delete.push(key),
        }
        journal::commit(&*self.store, Vec::new(), put, delete).await
    }

    /// Changes a job in memory; `false` if there is none.
    fn change(&self, id: &str, how: impl FnOnce(&mut Job) -> bool) -> bool {
        self.held().get_mut(id).is_some_and(how)
    }

    fn held(&self) -> MutexGuard<'_, BTreeMap<String, Job>> {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
