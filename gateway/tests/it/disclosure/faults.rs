//! Base databases and definitions with a fault planted in what figures depend on: with each the attacker must succeed.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use foundation::dataset::{CodeLists, Database, Dataset, DatasetName};
use foundation::record::BatchId;
use foundation::service::*;

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// Noise is drawn anew for every question.
    FreshNoise,
    /// Noise follows from the words of the question.
    NoiseOfTheWords,
    /// Cells of a single person are shown.
    NoMinimum,
}

pub(super) const ALL: [Fault; 3] = [Fault::FreshNoise, Fault::NoiseOfTheWords, Fault::NoMinimum];

/// The question now asked, as a number; a base database is not told its words.
pub(super) static WORDS: AtomicU64 = AtomicU64::new(0);

impl Fault {
    pub(super) fn plant(self, database: Arc<dyn BaseDatabase>) -> Arc<dyn BaseDatabase> {
        let mut datasets = database.datasets();
        if self == Self::NoMinimum {
            for dataset in &mut datasets {
                if let Some(rule) = Arc::make_mut(dataset).statistics.as_mut() {
                    rule.minimum = 0;
                }
            }
        }
        Arc::new(Faulty { fault: self, datasets, database, asked: AtomicU64::new(0) })
    }
}

struct Faulty {
    fault: Fault,
    datasets: Vec<Arc<Dataset>>,
    database: Arc<dyn BaseDatabase>,
    asked: AtomicU64,
}

#[async_trait]
impl BaseDatabase for Faulty {
    fn database(&self) -> Database {
        self.database.database()
    }
    fn datasets(&self) -> Vec<Arc<Dataset>> {
        self.datasets.clone()
    }
    fn code_lists(&self) -> &CodeLists {
        self.database.code_lists()
    }
    async fn statistics(&self, ask: StatisticsAsk) -> Result<StatisticsAnswer, ServiceError> {
        let mut answer = self.database.statistics(ask).await?;
        let moved = match self.fault {
            Fault::FreshNoise => self.asked.fetch_add(1, Ordering::SeqCst),
            Fault::NoiseOfTheWords => WORDS.load(Ordering::SeqCst),
            Fault::NoMinimum => 0,
        };
        answer.groups.iter_mut().for_each(|group| group.key_sum ^= moved);
        Ok(answer)
    }
    async fn get(&self, ask: GetAsk) -> Result<GetAnswer, ServiceError> {
        self.database.get(ask).await
    }
    async fn lookup(&self, ask: LookupAsk) -> Result<LookupAnswer, ServiceError> {
        self.database.lookup(ask).await
    }
    async fn slice(&self, ask: SliceAsk) -> Result<SliceAnswer, ServiceError> {
        self.database.slice(ask).await
    }
    async fn history(&self, ask: RecordAsk) -> Result<HistoryAnswer, ServiceError> {
        self.database.history(ask).await
    }
    async fn claims(&self, ask: RecordAsk) -> Result<ClaimsAnswer, ServiceError> {
        self.database.claims(ask).await
    }
    async fn links(&self, ask: LinksAsk) -> Result<LinksAnswer, ServiceError> {
        self.database.links(ask).await
    }
    async fn tile(&self, ask: TileAsk) -> Result<TileAnswer, ServiceError> {
        self.database.tile(ask).await
    }
    async fn search(&self, ask: SearchAsk) -> Result<SearchAnswer, ServiceError> {
        self.database.search(ask).await
    }
    async fn changes(&self, ask: ChangesAsk) -> Result<ChangesAnswer, ServiceError> {
        self.database.changes(ask).await
    }
    async fn import_begin(&self, begin: ImportBegin) -> Result<BatchId, ServiceError> {
        self.database.import_begin(begin).await
    }
    async fn import_rows(&self, rows: ImportRows) -> Result<ImportProgress, ServiceError> {
        self.database.import_rows(rows).await
    }
    async fn import_finish(&self, finish: ImportFinish) -> Result<ImportReport, ServiceError> {
        self.database.import_finish(finish).await
    }
    async fn import_report(&self, batch: BatchId) -> Result<Option<ImportReport>, ServiceError> {
        self.database.import_report(batch).await
    }
    async fn import_rejected(&self, id: BatchId, after: u64, limit: usize) -> Result<Vec<RejectedRow>, ServiceError> {
        self.database.import_rejected(id, after, limit).await
    }
    async fn withdraw(&self, batch: BatchId) -> Result<ImportReport, ServiceError> {
        self.database.withdraw(batch).await
    }
    async fn erase(&self, ask: EraseAsk) -> Result<EraseAnswer, ServiceError> {
        self.database.erase(ask).await
    }
    async fn erase_rest(&self) -> Result<u64, ServiceError> {
        self.database.erase_rest().await
    }
    async fn bound(&self, ask: BoundAsk) -> Result<Vec<(DatasetName, String)>, ServiceError> {
        self.database.bound(ask).await
    }
    async fn erased(&self, ask: ErasedAsk) -> Result<Vec<ErasedView>, ServiceError> {
        self.database.erased(ask).await
    }
    async fn define(&self, dataset: Dataset) -> Result<Defined, ServiceError> {
        self.database.define(dataset).await
    }
    async fn index_caught_up(&self, wait_ms: u64) -> Result<bool, ServiceError> {
        self.database.index_caught_up(wait_ms).await
    }
    async fn health(&self) -> Health {
        self.database.health().await
    }
    async fn check(&self, rebuild: bool) -> Result<CheckReport, ServiceError> {
        self.database.check(rebuild).await
    }
    async fn shutdown(&self) {
        self.database.shutdown().await;
    }
}
