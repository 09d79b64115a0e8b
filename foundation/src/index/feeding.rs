//! The task that feeds a base database's indexes: it steps through its datasets while there is anything to do, else sleeps,
//! and takes definitions in between two steps.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use tokio::sync::{Notify, mpsc, oneshot, watch};

use super::feed::{self, Feed, Step};
use super::{DatasetIndex, IndexError};
use crate::dataset::Dataset;
use crate::store::Store;

/// Pauses shorter than this are not cut short by commits.
const IDLE: Duration = Duration::from_millis(500);
/// How long a failed feed waits, at first and at most.
const BACKOFF: Duration = Duration::from_millis(50);
const BACKOFF_MAX: Duration = Duration::from_secs(10);

/// A dataset to be taken in, and who waits for it.
pub(super) struct Definition {
    pub(super) number: u16,
    pub(super) dataset: Arc<Dataset>,
    pub(super) done: oneshot::Sender<Result<(), IndexError>>,
}

/// What the task holds.
pub(super) struct Feeding {
    pub(super) feeds: Vec<Feed>,
    pub(super) dir: PathBuf,
    pub(super) datasets: Arc<ArcSwap<Vec<Arc<DatasetIndex>>>>,
    pub(super) store: Arc<dyn Store>,
    pub(super) flush: Arc<Notify>,
    pub(super) waiting: Arc<AtomicBool>,
}

/// What a round over all feeds came to.
struct Round {
    /// Until when there is nothing to do; `None` = until something is committed.
    pause: Option<Duration>,
    failed: bool,
}

impl Feeding {
    /// Runs until told to stop; commits what was taken in.
    pub(super) async fn run(mut self, mut definitions: mpsc::Receiver<Definition>, mut stop: watch::Receiver<bool>) {
        let mut committed = self.store.committed();
        let mut backoff = BACKOFF;
        loop {
            committed.borrow_and_update();
            let asked = self.waiting.swap(false, Ordering::SeqCst);
            let Round { pause, failed } = self.round(asked, backoff).await;
            backoff = if failed { (backoff * 2).min(BACKOFF_MAX) } else { BACKOFF };
            if asked && pause.is_some_and(|p| p <= Duration::from_millis(5)) {
                // Somebody waits and there is more: go on at once, still in a hurry.
                self.waiting.store(true, Ordering::SeqCst);
            }
            let sleep = async {
                match pause {
                    Some(after) => tokio::time::sleep(after).await,
                    None => std::future::pending().await,
                }
            };
            // Work in progress is worth gathering for a moment; otherwise a commit wakes the feed at once.
            let wake = async {
                match pause {
                    Some(after) if after < IDLE => std::future::pending().await,
                    _ => committed.changed().await,
                }
            };
            let stopping = async {
                let _ = stop.wait_for(|stop| *stop).await.is_ok();
            };
            let flush = Arc::clone(&self.flush);
            tokio::select! {
                () = sleep => {}
                changed = wake => if changed.is_err() { break },
                () = flush.notified() => {}
                Some(definition) = definitions.recv() => self.take(definition).await,
                () = stopping => break,
            }
        }
        for feed in &mut self.feeds {
            if let Err(error) = feed.close().await {
                tracing::error!(error = &error as &dyn std::error::Error, "index feed: last commit");
            }
        }
    }

    /// One step of every feed.
    async fn round(&mut self, asked: bool, backoff: Duration) -> Round {
        let mut round = Round { pause: None, failed: false };
        for feed in &mut self.feeds {
            let index = Arc::clone(feed.index());
            if index.stopped.load(Ordering::SeqCst) && !index.wants_rebuild() {
                feed.abandon();
                continue;
            }
            let wait = match feed.step(asked).await {
                Ok(Step::More) => Some(Duration::ZERO),
                Ok(Step::Later(after)) => Some(after),
                Ok(Step::Idle) => None,
                Err(error) => {
                    tracing::error!(dataset = %index.dataset.name, error = &error as &dyn std::error::Error, "index feed");
                    if !index.stopped.load(Ordering::SeqCst) {
                        index.set_problem(Some(error.to_string()));
                    }
                    round.failed = true;
                    Some(backoff)
                }
            };
            round.pause = match (round.pause, wait) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        if !round.failed {
            let sound = |feed: &&Feed| !feed.index().stopped.load(Ordering::SeqCst);
            self.feeds.iter().filter(sound).for_each(|feed| feed.index().set_problem(None));
        }
        round
    }

    async fn take(&mut self, definition: Definition) {
        let Definition { number, dataset, done } = definition;
        // Who asked may have gone; what was asked for is done all the same.
        let _ = done.send(self.define(number, dataset).await);
    }

    /// Ends the feed of the definition before, and begins one of this.
    ///
    /// INVARIANT: a dataset has one feed and one build: those of the definition before have ended before the
    /// index is opened again. Searches go on reading the view they have.
    async fn define(&mut self, number: u16, dataset: Arc<Dataset>) -> Result<(), IndexError> {
        let held = self.feeds.iter().position(|feed| feed.index().dataset.name == dataset.name);
        if let Some(feed) = held.and_then(|at| self.feeds.get_mut(at)) {
            feed.end().await?;
        }
        let dir = self.dir.clone();
        let fresh = feed::blocking(move || DatasetIndex::open(dataset, number, &dir)).await?;
        let fresh = Arc::new(fresh);
        let feed = Feed::new(Arc::clone(&fresh), Arc::clone(&self.store));
        match held.and_then(|at| self.feeds.get_mut(at)) {
            Some(before) => *before = feed,
            None => self.feeds.push(feed),
        }
        self.datasets.store(Arc::new(self.feeds.iter().map(|feed| Arc::clone(feed.index())).collect()));
        Ok(())
    }
}
