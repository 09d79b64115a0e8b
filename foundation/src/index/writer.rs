//! Writing to a generation: the pool of writing places, and what one place does.
//!
//! A place holds one engine writer of 64 MB for `current` and, when versions are closed, a small one for `closed`. At most
//! two places are taken in a process; a feed gives its place back when it has nothing to do, and after a commit when others
//! wait. Nobody stands still for a place: the feeds of a base database share one task, and one that waited while its
//! neighbour holds a place would wait for itself. So a feed takes a [`Turn`] and asks again at its next step.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use futures::FutureExt as _;
use tantivy::indexer::{IndexWriterOptions, LogMergePolicy};
use tantivy::schema::Term;
use tantivy::{Index as Engine, IndexWriter, TantivyDocument};
use tokio::sync::{AcquireError, OwnedSemaphorePermit, Semaphore};

use super::IndexError;
use super::document::Documents;
use super::generation::{Generation, Progress};
use crate::record::read::{resolved, resolved_past};
use crate::record::{Head, History, RecordKey};
use crate::value::Instant;

/// Writing places of a process.
const PLACES: usize = 2;
/// Memory of a writer for `current`, bytes.
const CURRENT_BYTES: usize = 64 << 20;
/// Memory of a writer for `closed`, bytes.
const CLOSED_BYTES: usize = 16 << 20;

static POOL: LazyLock<Arc<Semaphore>> = LazyLock::new(|| Arc::new(Semaphore::new(PLACES)));
static WAITING: AtomicUsize = AtomicUsize::new(0);

/// Whether somebody waits for a writing place.
pub(super) fn is_contended() -> bool {
    WAITING.load(Ordering::Relaxed) > 0
}

/// A turn in the queue for a writing place: first come, first served. Dropped, it leaves the queue.
pub(super) struct Turn {
    /// Never locked: it makes the turn shareable between threads, which a boxed future alone is not.
    granted: Mutex<Granted>,
}

type Granted = Pin<Box<dyn Future<Output = Result<OwnedSemaphorePermit, AcquireError>> + Send>>;

impl Turn {
    /// Takes a turn.
    pub(super) fn new() -> Self {
        WAITING.fetch_add(1, Ordering::Relaxed);
        Self { granted: Mutex::new(Box::pin(Arc::clone(&POOL).acquire_owned())) }
    }

    /// Whether it has come: then the turn is over. Does not wait.
    ///
    /// # Errors
    /// [`IndexError::Broken`] if there are no places any more.
    pub(super) fn come(turn: &mut Option<Self>) -> Result<Option<Permit>, IndexError> {
        let granted = turn.get_or_insert_with(Self::new).granted.get_mut().map_err(|_| IndexError::Broken)?;
        let asked = granted.as_mut().now_or_never();
        let Some(granted) = asked else { return Ok(None) };
        *turn = None;
        granted.map(|permit| Some(Permit(permit))).map_err(|_| IndexError::Broken)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        WAITING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// The right to one writing place.
pub(super) struct Permit(#[expect(dead_code, reason = "held, not read")] OwnedSemaphorePermit);

/// A changed record, as one snapshot shows it.
pub(super) struct Change {
    pub(super) key: RecordKey,
    /// `None` = erased.
    pub(super) head: Option<Head>,
    /// Everything superseded, when versions were closed.
    pub(super) history: Vec<History>,
    /// Which closed versions to add.
    pub(super) closings: Closings,
}

/// Which closed versions of a record are not in `closed` yet.
pub(super) enum Closings {
    /// Those closed by the commits at these instants.
    At(Vec<Instant>),
    /// All (a first build).
    All,
}

impl Closings {
    fn include(&self, closed_at: Instant) -> bool {
        match self {
            Self::At(instants) => instants.contains(&closed_at),
            Self::All => true,
        }
    }
}

/// A writing place with its engine writers.
pub(super) struct Place {
    generation: Arc<Generation>,
    current: IndexWriter,
    closed: Option<IndexWriter>,
    _permit: Permit,
}

fn open(engine: &Engine, bytes: usize) -> Result<IndexWriter, IndexError> {
    let options = IndexWriterOptions::builder()
        .num_worker_threads(1)
        .memory_budget_per_thread(bytes)
        .num_merge_threads(1)
        .build();
    let writer = engine.writer_with_options(options).map_err(IndexError::engine("opening a writer"))?;
    let mut policy = LogMergePolicy::default();
    policy.set_min_num_segments(6);
    policy.set_del_docs_ratio_before_merge(0.3);
    policy.set_max_docs_before_merge(4_000_000);
    writer.set_merge_policy(Box::new(policy));
    Ok(writer)
}

/// Writes every segment anew that holds a deleted document, and removes the files of before once nobody searches them.
///
/// # Errors
/// [`IndexError::Engine`]; what was not written anew comes with the next call.
pub(super) fn expunge(_permit: Permit, generation: &Generation) -> Result<(), IndexError> {
    for (shelf, bytes) in [(&generation.current, CURRENT_BYTES), (&generation.closed, CLOSED_BYTES)] {
        let mut writer = open(&shelf.engine, bytes)?;
        let segments = shelf.engine.searchable_segment_metas().map_err(IndexError::engine("listing segments"))?;
        for segment in segments.into_iter().filter(|segment| segment.num_deleted_docs() > 0) {
            let id = segment.id();
            // Held, it would keep the files.
            drop(segment);
            writer.merge(&[id]).wait().map_err(IndexError::engine("merging"))?;
        }
        generation.publish()?;
        writer.garbage_collect_files().wait().map_err(IndexError::engine("removing files"))?;
        writer.wait_merging_threads().map_err(IndexError::engine("merging"))?;
    }
    Ok(())
}

impl Place {
    /// Opens the writer of `current`.
    ///
    /// # Errors
    /// [`IndexError::Engine`] if another writer has it or files cannot be opened.
    pub(super) fn open(permit: Permit, generation: Arc<Generation>) -> Result<Self, IndexError> {
        let current = open(&generation.current.engine, CURRENT_BYTES)?;
        Ok(Self { generation, current, closed: None, _permit: permit })
    }

    /// Replaces the documents of a record. `replaces` = whether `current` may hold any. Gives the number now there.
    ///
    /// # Errors
    /// After an error the place is of no use any more: what was not committed is lost and comes again from the log.
    pub(super) fn replace(
        &mut self,
        change: &Change,
        replaces: bool,
        documents: &mut Documents<'_>,
    ) -> Result<u32, IndexError> {
        let record = Term::from_field_bytes(self.generation.mapping.system.record, change.key.as_bytes());
        if replaces {
            self.current.delete_term(record.clone());
        }
        let Some(head) = &change.head else {
            self.closed()?.delete_term(record);
            return Ok(0);
        };
        for row in &change.history {
            let History::Version(version) = row else { continue };
            if change.closings.include(version.recorded.to) {
                let fields = resolved_past(head, &change.history, version);
                let document = documents.make(&change.key, version, &fields)?;
                self.closed()?.add_document(document).map_err(IndexError::engine("adding a closed version"))?;
            }
        }
        let mut added = 0;
        for version in &head.versions {
            let document: TantivyDocument = documents.make(&change.key, version, &resolved(head, version))?;
            self.current.add_document(document).map_err(IndexError::engine("adding a version"))?;
            added += 1;
        }
        Ok(added)
    }

    fn closed(&mut self) -> Result<&mut IndexWriter, IndexError> {
        if self.closed.is_none() {
            self.closed = Some(open(&self.generation.closed.engine, CLOSED_BYTES)?);
        }
        self.closed.as_mut().ok_or(IndexError::Broken)
    }

    /// Makes everything durable: `closed` first, so that a version may be in both for a moment, never in neither.
    pub(super) fn commit(&mut self, progress: &Progress) -> Result<(), IndexError> {
        let payload = serde_json::to_string(progress)
            .map_err(|e| IndexError::Damaged { reason: format!("its progress cannot be written: {e}") })?;
        for writer in self.closed.iter_mut().chain([&mut self.current]) {
            let mut prepared = writer.prepare_commit().map_err(IndexError::engine("preparing a commit"))?;
            prepared.set_payload(&payload);
            prepared.commit().map_err(IndexError::engine("committing"))?;
        }
        // The next closed versions open it again; an open writer costs threads and memory.
        if let Some(closed) = self.closed.take() {
            closed.wait_merging_threads().map_err(IndexError::engine("merging"))?;
        }
        Ok(())
    }

    /// Ends running merges and gives the place back.
    pub(super) fn give_back(self) -> Result<(), IndexError> {
        self.current.wait_merging_threads().map_err(IndexError::engine("merging"))
    }

    /// The generation it writes to.
    pub(super) fn generation(&self) -> &Arc<Generation> {
        &self.generation
    }
}
