//! The one writer: takes queued leaves as a group, writes and syncs them once, wakes all who wait.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::oneshot;

use super::commitment::committed;
use super::log::AuditError;
use super::places::Places;
use super::reader::Segments;
use super::segment::{self, HEADER, Hash};
use super::tree::Tree;

/// An entry waiting for its group: its bytes, and what the tree holds of them.
pub(super) struct Pending {
    pub(super) bytes: Vec<u8>,
    pub(super) leaf: Vec<u8>,
    pub(super) done: oneshot::Sender<Result<u64, AuditError>>,
}

/// What writer and requests share.
#[derive(Default)]
pub(super) struct Shared {
    pub(super) queue: Mutex<Queue>,
    pub(super) signal: Condvar,
    /// Requests opened and not yet closed: the company a group may wait for.
    pub(super) in_flight: AtomicUsize,
    /// Writing has failed and not healed.
    pub(super) broken: AtomicBool,
    /// Entries written and synced.
    pub(super) entries: AtomicU64,
    /// Syncs and the microseconds they took.
    pub(super) syncs: AtomicU64,
    pub(super) sync_us: AtomicU64,
}

/// The queue.
#[derive(Default)]
pub(super) struct Queue {
    pub(super) pending: Vec<Pending>,
    pub(super) idle: bool,
    pub(super) stop: bool,
}

/// Where writing goes on.
pub(super) struct Writer {
    pub(super) shared: Arc<Shared>,
    pub(super) directory: PathBuf,
    pub(super) segment_bytes: u64,
    pub(super) gather: Duration,
    pub(super) file: File,
    pub(super) offset: u64,
    pub(super) next: u64,
    pub(super) chain: Hash,
    pub(super) tree: Tree,
    pub(super) places: Arc<Places>,
    pub(super) segments: Arc<Segments>,
    pub(super) spare: Option<JoinHandle<io::Result<(PathBuf, File)>>>,
    pub(super) refused: u64,
}

/// Fewest requests in flight for which gathering is worth a wait.
const COMPANY_MIN: usize = 4;

impl Writer {
    /// Runs until told to stop and nothing is queued.
    pub(super) fn run(mut self) {
        let mut group = Vec::new();
        while self.take(&mut group) {
            match self.write(&group) {
                Ok(first) => {
                    self.shared.entries.fetch_add(group.len() as u64, Ordering::Relaxed);
                    for (number, pending) in (first..).zip(group.drain(..)) {
                        let _ = pending.done.send(Ok(number));
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the audit log cannot be written; nothing is answered until it can");
                    self.shared.broken.store(true, Ordering::SeqCst);
                    self.refuse(&mut group);
                    self.heal_or_wait(&error);
                }
            }
        }
    }

    /// Waits for leaves, and a little longer for company; `false` = stop.
    fn take(&mut self, group: &mut Vec<Pending>) -> bool {
        let shared = Arc::clone(&self.shared);
        let mut queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
        while queue.pending.is_empty() {
            if queue.stop {
                return false;
            }
            queue.idle = true;
            queue = shared.signal.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle = false;
        }
        let expected = shared.in_flight.load(Ordering::Relaxed);
        if expected >= COMPANY_MIN && queue.pending.len() < expected && !self.gather.is_zero() {
            drop(queue);
            let until = Instant::now() + self.gather;
            let nap = Duration::from_micros(30).min(self.gather);
            loop {
                std::thread::sleep(nap);
                queue = shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
                let enough = queue.pending.len() >= shared.in_flight.load(Ordering::Relaxed);
                if enough || Instant::now() >= until {
                    break;
                }
                drop(queue);
            }
        }
        std::mem::swap(group, &mut queue.pending);
        true
    }

    /// Writes and syncs a group; gives the number of its first entry.
    fn write(&mut self, group: &[Pending]) -> io::Result<u64> {
        let mut bytes = Vec::with_capacity(group.iter().map(|p| p.bytes.len() + 36).sum());
        let mut chain = self.chain;
        for pending in group {
            chain = segment::put_frame(&mut bytes, &chain, &pending.bytes);
        }
        // The last four bytes stay zero: the end mark of a full segment.
        if self.offset + bytes.len() as u64 + 4 > self.segment_bytes.max(HEADER as u64 + bytes.len() as u64 + 4) {
            self.rotate()?;
        }
        let leaves: Vec<&[u8]> = group.iter().map(|pending| pending.leaf.as_slice()).collect();
        self.places.put(self.next, self.offset, group.iter().map(|pending| pending.bytes.len()))?;
        self.tree.append(&leaves)?;
        let began = Instant::now();
        if let Err(error) = self.file.write_all_at(&bytes, self.offset).and_then(|()| self.file.sync_data()) {
            self.tree.take_back();
            return Err(error);
        }
        self.tree.publish();
        self.shared.syncs.fetch_add(1, Ordering::Relaxed);
        let took = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.shared.sync_us.fetch_add(took, Ordering::Relaxed);
        let first = self.next;
        self.chain = chain;
        self.offset += bytes.len() as u64;
        self.next += group.len() as u64;
        Ok(first)
    }

    /// Begins the next segment, on a spare made ahead if there is one.
    fn rotate(&mut self) -> io::Result<()> {
        let ready = self.spare.take().and_then(|thread| thread.join().ok()).and_then(Result::ok);
        let (spare, file) = match ready {
            Some(made) => made,
            None => make_spare(&self.directory, self.segment_bytes)?,
        };
        self.tree.sync()?;
        segment::begin(&spare, &file, &self.directory, self.next, &self.chain)?;
        self.segments.begin(self.next);
        self.file = file;
        self.offset = HEADER as u64;
        self.prepare();
        Ok(())
    }

    /// Makes the next spare in the background.
    pub(super) fn prepare(&mut self) {
        let (directory, bytes) = (self.directory.clone(), self.segment_bytes);
        self.spare =
            std::thread::Builder::new().name("audit-spare".into()).spawn(move || make_spare(&directory, bytes)).ok();
    }

    fn refuse(&mut self, group: &mut Vec<Pending>) {
        self.refused += group.len() as u64;
        for pending in group.drain(..) {
            let _ = pending.done.send(Err(AuditError::NotWritten));
        }
    }

    /// Tries once a second to go on in a fresh segment. What was half written in the old one is not counted on:
    /// the new segment's header says where the log goes on.
    fn heal_or_wait(&mut self, cause: &io::Error) {
        loop {
            {
                let queue = self.shared.queue.lock().unwrap_or_else(PoisonError::into_inner);
                let (mut queue, _) = self
                    .shared
                    .signal
                    .wait_timeout(queue, Duration::from_secs(1))
                    .unwrap_or_else(PoisonError::into_inner);
                let mut group = std::mem::take(&mut queue.pending);
                let stop = queue.stop;
                drop(queue);
                self.refuse(&mut group);
                if stop {
                    return;
                }
            }
            self.spare = None;
            if self.rotate().and_then(|()| self.write_gap(cause)).is_ok() {
                tracing::warn!(refused = self.refused, "the audit log can be written again");
                self.refused = 0;
                self.shared.broken.store(false, Ordering::SeqCst);
                return;
            }
        }
    }

    fn write_gap(&mut self, cause: &io::Error) -> io::Result<()> {
        let bytes = super::log::gap(self.refused, &cause.to_string())?;
        let leaf = committed(self.tree.view().suite(), &bytes);
        let (done, _) = oneshot::channel();
        self.write(&[Pending { bytes, leaf, done }]).map(|_| ())
    }
}

fn make_spare(directory: &Path, bytes: u64) -> io::Result<(PathBuf, File)> {
    let spare = directory.join("spare.tmp");
    let file = segment::preallocate(&spare, bytes)?;
    Ok((spare, file))
}
