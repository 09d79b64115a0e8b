//! The search index: derived from the store, fed from its change log, proved equal by digest.
//!
//! Per dataset a *generation* (`generation.rs`) holds two engine indexes made with one mapping (`mapping.rs`,
//! `document.rs`, `analysis/`, `space/`). The *feed* (`feed.rs`, `writer.rs`) carries changed records into it. Searches
//! (`query.rs`) read a *view*: text (`text.rs`), filters (`filter.rs`), times (`times.rs`) and space meet in one
//! intersection, `pass.rs` counts and ranks in one pass, `page.rs` reads the hits from the store and shows only what the
//! permit shows.

mod analysis;
mod build;
mod check;
mod document;
mod error;
mod feed;
mod feeding;
mod filter;
mod generation;
mod mapping;
#[cfg(test)]
mod measure;
mod nearest;
mod page;
mod pass;
mod query;
mod question;
mod scoring;
mod space;
mod spelled;
mod statistics;
mod summary;
mod text;
mod tile;
mod times;
mod writer;

pub use error::IndexError;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use arc_swap::{ArcSwap, ArcSwapOption};
use tokio::sync::{Notify, mpsc, oneshot, watch};

use self::feed::Feed;
use self::feeding::{Definition, Feeding};
use self::generation::Generation;
use self::mapping::Mapping;
use crate::dataset::{Dataset, DatasetName};
use crate::service::{CheckReport, SearchAnswer, SearchAsk, StatisticsAnswer, StatisticsAsk, TileAnswer, TileAsk};
use crate::store::Store;

/// The index of one dataset.
struct DatasetIndex {
    dataset: Arc<Dataset>,
    number: u16,
    root: PathBuf,
    mapping: Arc<Mapping>,
    generation: ArcSwapOption<Generation>,
    rebuild: AtomicBool,
    problem: Mutex<Option<String>>,
    stopped: AtomicBool,
    /// Another definition takes this one's place: a build going on stops.
    superseded: AtomicBool,
    /// How often documents that were deleted were to be taken out of the files, and how often they were.
    expunge: (AtomicU64, AtomicU64),
    moved: watch::Sender<u64>,
    times: times::Days,
}

impl DatasetIndex {
    fn open(dataset: Arc<Dataset>, number: u16, dir: &Path) -> Result<Self, IndexError> {
        let root = dir.join(dataset.name.table());
        let mapping = Arc::new(Mapping::of(&dataset));
        let generation = Generation::newest(&root, &mapping)?.map(Arc::new);
        let rebuild = AtomicBool::new(generation.as_ref().is_none_or(|g| g.mapping.hash != mapping.hash));
        Ok(Self {
            dataset,
            number,
            root,
            mapping,
            generation: ArcSwapOption::new(generation),
            rebuild,
            problem: Mutex::new(None),
            stopped: AtomicBool::new(false),
            superseded: AtomicBool::new(false),
            expunge: Default::default(),
            moved: watch::Sender::new(0),
            times: times::Days::default(),
        })
    }

    fn generation(&self) -> Option<Arc<Generation>> {
        self.generation.load_full()
    }

    /// Whether a field is mapped as wanted: by the definition, and by the generation that serves.
    ///
    /// # Errors
    /// [`IndexError::NotReady`] for what the definition allows and the generation does not have yet.
    fn can(
        &self,
        generation: &Generation,
        field: u16,
        wanted: impl Fn(&mapping::Mapped) -> bool,
    ) -> Result<bool, IndexError> {
        let allowed = self.mapping.field(field).is_some_and(&wanted);
        if allowed && !generation.mapping.field(field).is_some_and(&wanted) {
            return Err(IndexError::NotReady { dataset: self.dataset.name.to_string() });
        }
        Ok(allowed)
    }

    /// The generation searches read.
    fn ready(&self) -> Result<Arc<Generation>, IndexError> {
        self.generation().ok_or_else(|| IndexError::NotReady { dataset: self.dataset.name.to_string() })
    }

    /// Whether a new generation was asked for and is not there yet.
    fn wants_rebuild(&self) -> bool {
        self.rebuild.load(Ordering::SeqCst)
    }

    fn swap(&self, generation: Arc<Generation>) {
        self.generation.store(Some(generation));
        self.rebuild.store(false, Ordering::SeqCst);
        self.set_problem(None);
        self.stopped.store(false, Ordering::SeqCst);
        self.notify();
    }

    fn notify(&self) {
        self.moved.send_modify(|n| *n = n.wrapping_add(1));
    }

    fn set_problem(&self, problem: Option<String>) {
        *self.problem.lock().unwrap_or_else(PoisonError::into_inner) = problem;
    }

    /// Stops the feed for good: readiness fails until the index is rebuilt.
    fn stop(&self, reason: &str) {
        self.stopped.store(true, Ordering::SeqCst);
        self.set_problem(Some(reason.to_owned()));
    }
}

/// The indexes of one base database and the task that feeds them.
pub struct Index {
    datasets: Arc<ArcSwap<Vec<Arc<DatasetIndex>>>>,
    store: Arc<dyn Store>,
    definitions: mpsc::Sender<Definition>,
    flush: Arc<Notify>,
    waiting: Arc<AtomicBool>,
    stop: watch::Sender<bool>,
    task: Mutex<Option<tokio::task::JoinHandle<()>>>,
}

impl Index {
    /// Opens the indexes of `datasets` (with their numbers in the store) under `dir` and starts their feed. A dataset
    /// without a complete generation of its present mapping gets one in the background; until then one of an earlier
    /// definition serves, or, if there is none, the dataset is not ready.
    ///
    /// # Errors
    /// [`IndexError`] if files cannot be opened.
    pub async fn open(
        dir: PathBuf,
        store: Arc<dyn Store>,
        datasets: Vec<(u16, Arc<Dataset>)>,
    ) -> Result<Self, IndexError> {
        let under = dir.clone();
        let opened = feed::blocking(move || {
            datasets
                .into_iter()
                .map(|(number, dataset)| DatasetIndex::open(dataset, number, &under).map(Arc::new))
                .collect::<Result<Vec<_>, _>>()
        })
        .await?;
        let (stop, stopped) = watch::channel(false);
        let flush = Arc::new(Notify::new());
        let waiting = Arc::new(AtomicBool::new(false));
        let feeds = opened.iter().map(|index| Feed::new(Arc::clone(index), Arc::clone(&store))).collect();
        let datasets = Arc::new(ArcSwap::from_pointee(opened));
        let (definitions, defined) = mpsc::channel(1);
        let feeding = Feeding {
            feeds,
            dir,
            datasets: Arc::clone(&datasets),
            store: Arc::clone(&store),
            flush: Arc::clone(&flush),
            waiting: Arc::clone(&waiting),
        };
        let task = tokio::spawn(feeding.run(defined, stopped));
        Ok(Self { datasets, store, definitions, flush, waiting, stop, task: Mutex::new(Some(task)) })
    }

    fn dataset(&self, name: &DatasetName) -> Result<Arc<DatasetIndex>, IndexError> {
        let all = self.datasets.load();
        let found = all.iter().find(|d| d.dataset.name == *name).map(Arc::clone);
        found.ok_or_else(|| IndexError::NoSuchDataset { dataset: name.to_string() })
    }

    /// Takes a dataset in, or a later definition of one that is there: what was indexed goes on serving, and where the
    /// definition maps it otherwise a new generation is made in the background.
    ///
    /// # Errors
    /// [`IndexError`] if files cannot be opened, or the feed has ended.
    pub async fn define(&self, number: u16, dataset: Arc<Dataset>) -> Result<(), IndexError> {
        let ended = || IndexError::NotReady { dataset: dataset.name.to_string() };
        let (done, told) = oneshot::channel();
        let definition = Definition { number, dataset: Arc::clone(&dataset), done };
        self.definitions.send(definition).await.map_err(|_| ended())?;
        told.await.map_err(|_| ended())?
    }

    /// Search, list, filter, sort, facets over one dataset.
    ///
    /// Cost: one pass over the matching documents, then one point read of the store a hit.
    /// # Errors
    /// [`IndexError::Invalid`] for an ask that names what cannot be, [`IndexError::TooHeavy`] over a bound.
    pub async fn search(&self, ask: SearchAsk) -> Result<SearchAnswer, IndexError> {
        query::search(&self.dataset(&ask.dataset)?, &self.store, ask).await
    }

    /// The features of a map tile, from the index alone.
    ///
    /// Cost: one pass over the matching documents and the geometries in the tile.
    /// # Errors
    /// As [`Self::search`].
    pub async fn tile(&self, ask: TileAsk) -> Result<TileAnswer, IndexError> {
        tile::tile(&self.dataset(&ask.dataset)?, &self.store, ask).await
    }

    /// Grouped counts, sums, means, extremes over one dataset.
    ///
    /// Cost: one pass over the matching documents.
    /// # Errors
    /// As [`Self::search`].
    pub async fn statistics(&self, ask: StatisticsAsk) -> Result<StatisticsAnswer, IndexError> {
        summary::statistics(&self.dataset(&ask.dataset)?, &self.store, ask).await
    }

    /// Compares every dataset's index with the store by digest and checks the store's two-times invariant; with
    /// `rebuild`, makes new generations first.
    ///
    /// Cost: one scan of all heads (and of the history of changed records), one pass over the index's columns.
    /// # Errors
    /// [`IndexError`] if either cannot be read, or writes never pause.
    pub async fn check(&self, rebuild: bool) -> Result<CheckReport, IndexError> {
        check::check(self, rebuild).await
    }

    /// Waits until everything committed so far is found; `false` after `timeout`.
    ///
    /// # Errors
    /// [`IndexError`] if the store cannot say what was committed.
    pub async fn caught_up(&self, timeout: Duration) -> Result<bool, IndexError> {
        let deadline = tokio::time::Instant::now() + timeout;
        for index in self.datasets.load_full().iter() {
            let target = self.store.positions(index.number).await?;
            let mut moved = index.moved.subscribe();
            loop {
                moved.mark_unchanged();
                let reached = index.generation().is_some_and(|generation| {
                    let view = generation.view();
                    target.iter().all(|(partition, last)| view.progress.offset((*partition & 0xffff) as u16) >= *last)
                });
                if reached && !index.wants_rebuild() {
                    break;
                }
                self.waiting.store(true, Ordering::SeqCst);
                self.flush.notify_one();
                match tokio::time::timeout_at(deadline, moved.changed()).await {
                    Ok(Ok(())) => {}
                    Ok(Err(_)) | Err(_) => return Ok(false),
                }
            }
        }
        Ok(true)
    }

    /// Takes what was deleted out of the files of these datasets' indexes, once everything committed so far is found: after
    /// that no file holds a word of it. Waits as long as it takes.
    ///
    /// Cost: writes every segment anew that holds a deleted document.
    /// # Errors
    /// As [`Self::caught_up`]; [`IndexError::NotReady`] if the feed has stopped.
    pub async fn expunge(&self, names: &[DatasetName]) -> Result<(), IndexError> {
        while !self.caught_up(Duration::from_mins(1)).await? {
            if let Some(problem) = self.problems().into_iter().next() {
                return Err(IndexError::NotReady { dataset: problem });
            }
        }
        for name in names {
            let index = self.dataset(name)?;
            let mut moved = index.moved.subscribe();
            let turn = index.expunge.0.fetch_add(1, Ordering::SeqCst) + 1;
            while index.expunge.1.load(Ordering::SeqCst) < turn {
                if index.stopped.load(Ordering::SeqCst) {
                    return Err(IndexError::NotReady { dataset: name.to_string() });
                }
                self.flush.notify_one();
                moved.mark_unchanged();
                let _ = tokio::time::timeout(Duration::from_secs(1), moved.changed()).await;
            }
        }
        Ok(())
    }

    /// Log entries not yet found, by dataset.
    ///
    /// # Errors
    /// As [`Self::caught_up`].
    pub async fn lag(&self) -> Result<Vec<(DatasetName, u64)>, IndexError> {
        let mut all = Vec::new();
        for index in self.datasets.load_full().iter() {
            let view = index.generation().map(|g| g.view());
            let held = |partition: u32| view.as_ref().map_or(0, |v| v.progress.offset((partition & 0xffff) as u16));
            let positions = self.store.positions(index.number).await?;
            let behind = positions.iter().map(|(partition, last)| last.saturating_sub(held(*partition))).sum();
            all.push((index.dataset.name.clone(), behind));
        }
        Ok(all)
    }

    /// Open versions held, by dataset.
    #[must_use]
    pub fn documents(&self) -> Vec<(DatasetName, u64)> {
        let count = |index: &Arc<DatasetIndex>| index.generation().map_or(0, |g| g.view().current.num_docs());
        self.datasets.load().iter().map(|index| (index.dataset.name.clone(), count(index))).collect()
    }

    /// What keeps datasets from being searched; empty = ready.
    #[must_use]
    pub fn problems(&self) -> Vec<String> {
        let problem = |index: &Arc<DatasetIndex>| {
            let known = index.problem.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let building = index.generation().is_none().then(|| "the search index is being built".to_owned());
            known.or(building).map(|text| format!("{}: {text}", index.dataset.name))
        };
        self.datasets.load().iter().filter_map(problem).collect()
    }

    /// Datasets whose new generation is being made while an old one serves.
    #[must_use]
    pub fn rebuilding(&self) -> Vec<DatasetName> {
        let both = |index: &&Arc<DatasetIndex>| index.wants_rebuild() && index.generation().is_some();
        self.datasets.load().iter().filter(both).map(|index| index.dataset.name.clone()).collect()
    }

    /// Asks for a new generation of every dataset; [`Self::caught_up`] waits for them.
    pub fn rebuild(&self) {
        for index in self.datasets.load().iter() {
            index.rebuild.store(true, Ordering::SeqCst);
            index.stopped.store(false, Ordering::SeqCst);
        }
        self.flush.notify_one();
    }

    /// Commits what was taken in, ends the feed.
    pub async fn shutdown(&self) {
        let _ = self.stop.send(true);
        let task = self.task.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task {
            let _ = task.await;
        }
    }
}

impl Drop for Index {
    fn drop(&mut self) {
        // Without a shutdown nothing is committed any more: the next start goes on from the last commit.
        if let Some(task) = self.task.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}
