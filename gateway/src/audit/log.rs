//! The log as requests see it.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use foundation::value::Instant;
use tokio::sync::oneshot;

use super::checkpoint;
use super::commitment::committed;
use super::entry::Draft;
use super::inflight::{InFlight, Trace};
use super::last::Last;
use super::places::Places;
use super::reader::{EntryReader, Segments};
use super::recent::{GivenTo, recent};
use super::segment;
use super::tree::{Tree, TreeView};
use super::writer::{Pending, Shared, Writer};
use crate::config::AuditConfig;

/// Why there is no entry: no answer either.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AuditError {
    /// Writing or syncing failed.
    #[error("the audit log cannot be written")]
    NotWritten,
}

/// The audit log.
pub struct AuditLog {
    directory: PathBuf,
    shared: Arc<Shared>,
    in_flight: InFlight,
    tree: TreeView,
    reader: EntryReader,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// A request that has begun; becomes an entry by [`AuditLog::close`].
pub struct Opened<'a> {
    log: &'a AuditLog,
    slot: Option<u32>,
    /// Taken when the entry is queued; what is dropped with it is entered as abandoned.
    trace: Option<Trace>,
}

impl Drop for Opened<'_> {
    fn drop(&mut self) {
        if let Some(trace) = self.trace.take() {
            let cause = "the client went away, or the time allowed was over, before the answer was ready";
            let draft = Draft { code: "abandoned", cause, status: 499, ..interrupted(&trace, trace.opened) };
            drop(self.log.push(&draft));
        }
        self.log.shared.in_flight.fetch_sub(1, Ordering::Relaxed);
        if let Some(slot) = self.slot {
            self.log.in_flight.end(slot);
        }
    }
}

/// What the log held when it was opened.
#[derive(Debug, Default)]
pub struct Found {
    /// Bytes of a torn tail that were cut.
    pub cut_bytes: u64,
    /// Requests that a crash had interrupted, entered now.
    pub interrupted: usize,
    /// Rows given by grant on the day asked for.
    pub rows_by_grant: Vec<(String, u64)>,
}

impl AuditLog {
    /// As [`Self::open_telling`], to somebody who does not count what was given.
    ///
    /// # Errors
    /// As there.
    pub fn open(directory: &Path, config: &AuditConfig, slots: u32, now: Instant) -> io::Result<(Self, Found)> {
        Self::open_telling(directory, config, slots, now, &mut |_| ())
    }

    /// Opens the log under `directory`: verifies the last segment's chain, cuts a torn tail, enters the victims of a crash;
    /// tells `given` what departments were given on the day of `now`.
    ///
    /// Cost: the reading of the last two segments, whatever the log holds, and of those with entries of that day; memory for
    /// one segment at a time. A log whose tree is gone is read whole, to make it anew.
    /// # Errors
    /// Of the file system; a damaged segment is not repaired silently.
    pub fn open_telling(
        directory: &Path,
        config: &AuditConfig,
        slots: u32,
        now: Instant,
        given: &mut dyn FnMut(GivenTo),
    ) -> io::Result<(Self, Found)> {
        std::fs::create_dir_all(directory)?;
        let segment_bytes = u64::from(config.segment_mib.clamp(1, 1_024)) << 20;
        let segments = segment::list(directory)?;
        let Last { file, offset, first, chain, leaves: newest, cut_bytes } =
            Last::open(directory, &segments, segment_bytes)?;
        let next = first + newest.len() as u64;
        let (in_flight, traces) = InFlight::open(&directory.join("inflight.log"), slots)?;
        let tree = Tree::open(directory, checkpoint::suite(config)?, &segments, &newest)?;
        let view = tree.view();
        let places = Arc::new(Places::open(directory, first, &newest)?);
        let held = Arc::new(Segments::of(&segments));
        if segments.is_empty() {
            held.begin(first);
        }
        let mut unanswered = traces.iter().map(|trace| trace.request).collect();
        let rows_by_grant = recent(&segments, newest, now.day(), &mut unanswered, given)?;
        let reader = EntryReader::new(directory, Arc::clone(&held), Arc::clone(&places));
        let shared = Arc::new(Shared::default());
        let mut writer = Writer {
            shared: Arc::clone(&shared),
            directory: directory.to_owned(),
            segment_bytes,
            gather: Duration::from_micros(config.gather_us_max.min(5_000)),
            file,
            offset,
            next,
            chain,
            tree,
            places,
            segments: held,
            spare: None,
            refused: 0,
        };
        writer.prepare();
        let thread = std::thread::Builder::new().name("audit".into()).spawn(move || writer.run())?;
        let (directory, thread) = (directory.to_owned(), Mutex::new(Some(thread)));
        let log = Self { directory, shared, in_flight, tree: view, reader, thread };
        let victims: Vec<Trace> = traces.into_iter().filter(|t| unanswered.contains(&t.request)).collect();
        for victim in &victims {
            let waits = log.push(&interrupted(victim, now));
            let written = futures::executor::block_on(waits);
            written.ok().and_then(Result::ok).ok_or_else(|| io::Error::other("the log cannot be written"))?;
        }
        log.in_flight.clear()?;
        Ok((log, Found { cut_bytes, interrupted: victims.len(), rows_by_grant }))
    }

    /// Leaves the trace of a request that begins.
    ///
    /// # Errors
    /// [`AuditError`] if the log is broken: the request is refused before anything is read.
    pub fn begin(
        &self,
        request: [u8; 16],
        opened: Instant,
        subject: &str,
        route: &str,
    ) -> Result<Opened<'_>, AuditError> {
        if self.is_broken() {
            return Err(AuditError::NotWritten);
        }
        let trace = Trace { request, opened, subject: subject.to_owned(), route: route.to_owned() };
        let slot = self.in_flight.begin(&trace).map_err(|_| AuditError::NotWritten)?;
        self.shared.in_flight.fetch_add(1, Ordering::Relaxed);
        Ok(Opened { log: self, slot, trace: Some(trace) })
    }

    /// Writes the entry and waits until its group is synced; gives its number.
    ///
    /// # Errors
    /// [`AuditError`]: the answer must not leave.
    pub async fn close(&self, mut opened: Opened<'_>, draft: &Draft<'_>) -> Result<u64, AuditError> {
        let waits = self.push(draft);
        opened.trace = None;
        let outcome = waits.await.unwrap_or(Err(AuditError::NotWritten));
        drop(opened);
        outcome
    }

    /// Writes an entry of what was nobody's request: something that the gateway did because it had been decided. Its request id
    /// is drawn here; gives its number once it is synced.
    ///
    /// # Errors
    /// [`AuditError`].
    pub async fn enter(&self, now: Instant, draft: Draft<'_>) -> Result<u64, AuditError> {
        let mut request = [0; 16];
        aws_lc_rs::rand::fill(&mut request).map_err(|_| AuditError::NotWritten)?;
        let opened = self.begin(request, now, draft.subject, draft.route)?;
        self.close(opened, &Draft { opened: now, closed: now, request, ..draft }).await
    }

    fn push(&self, draft: &Draft<'_>) -> oneshot::Receiver<Result<u64, AuditError>> {
        let (done, waits) = oneshot::channel();
        let Ok(bytes) = sealed(draft) else {
            let _ = done.send(Err(AuditError::NotWritten));
            return waits;
        };
        let leaf = committed(self.tree.suite(), &bytes);
        let mut queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if queue.stop {
            let _ = done.send(Err(AuditError::NotWritten));
            return waits;
        }
        queue.pending.push(Pending { bytes, leaf, done });
        let wake = std::mem::take(&mut queue.idle);
        drop(queue);
        if wake {
            self.shared.signal.notify_one();
        }
        waits
    }

    /// Whether writing has failed and not healed.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.shared.broken.load(Ordering::SeqCst)
    }

    /// Entries written since the start, syncs, microseconds of all syncs.
    #[must_use]
    pub fn counters(&self) -> (u64, u64, u64) {
        let s = &self.shared;
        (s.entries.load(Ordering::Relaxed), s.syncs.load(Ordering::Relaxed), s.sync_us.load(Ordering::Relaxed))
    }

    /// The tree over the entries on disk.
    #[must_use]
    pub fn tree(&self) -> &TreeView {
        &self.tree
    }

    /// What reads single entries of the log.
    #[must_use]
    pub fn reader(&self) -> &EntryReader {
        &self.reader
    }

    /// Where the log lies.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Writes what is queued and stops.
    pub fn shutdown(&self) {
        self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner).stop = true;
        self.shared.signal.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread {
            let _ = thread.join();
        }
    }
}

impl Drop for AuditLog {
    fn drop(&mut self) {
        self.shutdown();
    }
}

fn interrupted(trace: &Trace, now: Instant) -> Draft<'_> {
    Draft {
        opened: trace.opened,
        closed: now,
        request: trace.request,
        subject: &trace.subject,
        route: &trace.route,
        code: "interrupted",
        cause: "the server stopped before this request was answered",
        ..Draft::blank()
    }
}

/// The entry that stands for answers refused while the log could not be written.
pub(super) fn gap(refused: u64, cause: &str) -> io::Result<Vec<u8>> {
    let cause = format!("writing failed ({cause}); {refused} requests were refused meanwhile");
    sealed(&Draft { code: "audit_unavailable", cause: &cause, status: 503, ..Draft::blank() })
}

/// The bytes of an entry, with a seed of its own.
fn sealed(draft: &Draft<'_>) -> io::Result<Vec<u8>> {
    if let Some(seed) = draft.seed {
        return Ok(draft.bytes(&seed));
    }
    let mut seed = [0; 32];
    aws_lc_rs::rand::fill(&mut seed).map_err(|_| io::Error::other("no random numbers"))?;
    Ok(draft.bytes(&seed))
}
