//! A base database in this process: store, records, write path and index behind [`super::BaseDatabase`].

mod changes;
mod check;
mod dry_run;
mod erase;
mod errors;
mod first_load;
mod import;
mod links;
mod opening;
mod records;
mod scope;
mod search;
mod shelf;
mod slice;
mod statistics;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use arc_swap::ArcSwap;
use async_trait::async_trait;

use super::{
    BaseDatabase, BoundAsk, ChangesAnswer, ChangesAsk, CheckReport, ClaimsAnswer, Defined, Domain, EraseAnswer,
    EraseAsk, ErasedAsk, ErasedView, ErrorKind, GetAnswer, GetAsk, Health, HistoryAnswer, ImportBegin, ImportFinish,
    ImportProgress, ImportReport, ImportRows, LinksAnswer, LinksAsk, LookupAnswer, LookupAsk, RecordAsk, RejectedRow,
    SearchAnswer, SearchAsk, ServiceError, SliceAnswer, SliceAsk, StatisticsAnswer, StatisticsAsk, TileAnswer, TileAsk,
};
use crate::clock::Clock;
use crate::dataset::{CodeLists, Database, Dataset, DatasetName};
use crate::index::Index;
use crate::record::{BatchId, IdKey, Sealing, Table};
use crate::store::{Keys, Sealed, Store};
use crate::write::{WriteError, Writer};
use shelf::{Parts, Shelf};

/// What a local base database needs to open.
pub struct OpenOptions {
    /// Its rows.
    pub store: Arc<dyn Store>,
    /// The keys that personal records are sealed with; without them nothing is sealed, and nothing sealed is read.
    pub keys: Option<Arc<Keys>>,
    /// Where its index lies.
    pub index_dir: PathBuf,
    /// Where the rows of first loads lie until they are taken in.
    pub loads_dir: PathBuf,
    /// Code lists.
    pub lists: Arc<CodeLists>,
    /// Key of the keyed ids.
    pub id_key: IdKey,
    /// Clock.
    pub clock: Arc<dyn Clock>,
    /// Whether the data directory is marked `demo`.
    pub demo: bool,
}

/// A base database in this process.
pub struct LocalDatabase {
    database: Database,
    store: Arc<dyn Store>,
    keys: Option<Arc<Keys>>,
    lists: Arc<CodeLists>,
    clock: Arc<dyn Clock>,
    index: Index,
    loads_dir: PathBuf,
    parts: Parts,
    shelf: ArcSwap<Shelf>,
    /// One definition at a time.
    defining: tokio::sync::Mutex<()>,
    /// One erasure at a time.
    erasing: tokio::sync::Mutex<()>,
    /// One import call of a batch at a time.
    busy: Mutex<HashMap<BatchId, Arc<tokio::sync::Mutex<()>>>>,
    dry_runs: Mutex<dry_run::DryRuns>,
}

impl LocalDatabase {
    /// Opens it: registers its datasets, opens the index, starts the feed.
    ///
    /// # Errors
    /// [`ServiceError`] if store or index cannot be opened, or if a definition has changed in a way that the records
    /// already kept do not survive.
    pub async fn open(domain: Domain, options: OpenOptions) -> Result<Self, ServiceError> {
        let OpenOptions { store, keys, index_dir, loads_dir, lists, id_key, clock, demo } = options;
        let database = domain.database;
        let sealing = Arc::new(Sealing::default());
        let store = match &keys {
            Some(keys) => Arc::new(Sealed::new(store, Arc::clone(keys), sealing.clone())),
            None => store,
        };
        let parts = Parts {
            store: Arc::clone(&store),
            sealing,
            domain: Arc::new(domain),
            lists: Arc::clone(&lists),
            id_key,
            clock: Arc::clone(&clock),
            demo,
        };
        let shelf = Shelf::register(&parts, parts.domain.datasets.clone()).await?;
        let index = Index::open(index_dir, Arc::clone(&store), shelf.numbered()).await?;
        Ok(Self {
            database,
            store,
            keys,
            lists,
            clock,
            index,
            loads_dir,
            parts,
            shelf: ArcSwap::from_pointee(shelf),
            defining: tokio::sync::Mutex::default(),
            erasing: tokio::sync::Mutex::default(),
            busy: Mutex::default(),
            dry_runs: Mutex::default(),
        })
    }

    fn writer(&self, name: &DatasetName) -> Result<Arc<Writer>, ServiceError> {
        let shelf = self.shelf.load();
        let found = shelf.writers.iter().find(|w| w.table.dataset.name == *name).map(Arc::clone);
        found.ok_or_else(|| ServiceError::new(ErrorKind::NotFound, format!("there is no dataset `{name}` here")))
    }

    /// Its rows, as they are read and written.
    #[cfg(any(test, feature = "testkit"))]
    pub(crate) fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// What writes a dataset.
    #[cfg(any(test, feature = "testkit"))]
    pub(crate) fn writer_of(&self, name: &DatasetName) -> Option<Arc<Writer>> {
        self.writer(name).ok()
    }

    pub(crate) fn table(&self, name: &DatasetName) -> Result<Arc<Table>, ServiceError> {
        Ok(Arc::clone(&self.writer(name)?.table))
    }
}

#[async_trait]
impl BaseDatabase for LocalDatabase {
    fn database(&self) -> Database {
        self.database
    }
    fn datasets(&self) -> Vec<Arc<Dataset>> {
        self.shelf.load().datasets.clone()
    }
    fn code_lists(&self) -> &CodeLists {
        &self.lists
    }

    async fn get(&self, ask: GetAsk) -> Result<GetAnswer, ServiceError> {
        records::get(self, ask).await
    }
    async fn lookup(&self, ask: LookupAsk) -> Result<LookupAnswer, ServiceError> {
        records::lookup(self, ask).await
    }
    async fn slice(&self, ask: SliceAsk) -> Result<SliceAnswer, ServiceError> {
        slice::slice(self, ask).await
    }
    async fn history(&self, ask: RecordAsk) -> Result<HistoryAnswer, ServiceError> {
        records::history(self, ask).await
    }
    async fn claims(&self, ask: RecordAsk) -> Result<ClaimsAnswer, ServiceError> {
        records::claims(self, ask).await
    }
    async fn links(&self, ask: LinksAsk) -> Result<LinksAnswer, ServiceError> {
        links::links(self, ask).await
    }
    async fn search(&self, ask: SearchAsk) -> Result<SearchAnswer, ServiceError> {
        search::search(&self.index, ask).await
    }
    async fn tile(&self, ask: TileAsk) -> Result<TileAnswer, ServiceError> {
        Ok(self.index.tile(ask).await?)
    }
    async fn statistics(&self, ask: StatisticsAsk) -> Result<StatisticsAnswer, ServiceError> {
        statistics::statistics(&self.index, ask).await
    }
    async fn changes(&self, ask: ChangesAsk) -> Result<ChangesAnswer, ServiceError> {
        changes::changes(self, ask).await
    }

    async fn import_begin(&self, begin: ImportBegin) -> Result<BatchId, ServiceError> {
        opening::begin(self, begin).await
    }
    async fn import_rows(&self, rows: ImportRows) -> Result<ImportProgress, ServiceError> {
        import::rows(self, rows).await
    }
    async fn import_finish(&self, finish: ImportFinish) -> Result<ImportReport, ServiceError> {
        import::finish(self, finish).await
    }
    async fn import_report(&self, batch: BatchId) -> Result<Option<ImportReport>, ServiceError> {
        import::report(self, batch).await
    }
    async fn import_rejected(
        &self,
        batch: BatchId,
        after_line: u64,
        limit: usize,
    ) -> Result<Vec<RejectedRow>, ServiceError> {
        import::rejected(self, batch, after_line, limit).await
    }
    async fn withdraw(&self, batch: BatchId) -> Result<ImportReport, ServiceError> {
        import::withdraw(self, batch).await
    }

    async fn define(&self, dataset: Dataset) -> Result<Defined, ServiceError> {
        shelf::define(self, dataset).await
    }

    async fn erase(&self, ask: EraseAsk) -> Result<EraseAnswer, ServiceError> {
        erase::erase(self, ask).await
    }
    async fn erase_rest(&self) -> Result<u64, ServiceError> {
        erase::go_on(self).await
    }
    async fn bound(&self, ask: BoundAsk) -> Result<Vec<(DatasetName, String)>, ServiceError> {
        erase::bound(self, ask).await
    }
    async fn erased(&self, ask: ErasedAsk) -> Result<Vec<ErasedView>, ServiceError> {
        erase::erased(self, ask).await
    }

    async fn index_caught_up(&self, timeout_ms: u64) -> Result<bool, ServiceError> {
        Ok(self.index.caught_up(Duration::from_millis(timeout_ms)).await?)
    }
    async fn health(&self) -> Health {
        let mut problems = self.index.problems();
        if let Err(error) = self.store.snapshot(None).await {
            problems.push(error.to_string());
        }
        let index_lag = self.index.lag().await.unwrap_or_default();
        Health {
            ready: problems.is_empty(),
            problems,
            index_lag,
            documents: self.index.documents(),
            rebuilding: self.index.rebuilding(),
        }
    }
    async fn check(&self, rebuild: bool) -> Result<CheckReport, ServiceError> {
        check::check(&self.index, rebuild).await
    }
    async fn shutdown(&self) {
        self.index.shutdown().await;
    }
}
