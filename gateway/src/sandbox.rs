//! Synthetic rows of a dataset's schema, for whoever builds a program before its request is granted.
//!
//! [`SyntheticRows`] answers what a base database answers, over rows made from the definition alone: types, code lists,
//! bounds, check digits. It holds no door to a store, so nothing that is asked of it can tell of a real row. The same
//! definition gives the same rows at every node. Identity numbers bear a division that was never issued.

mod answer;
mod number;
mod random;
mod rows;
#[cfg(test)]
mod tests;
mod value;

use std::sync::Arc;

use async_trait::async_trait;
use foundation::dataset::{CodeLists, Database, Dataset, DatasetName};
use foundation::record::BatchId;
use foundation::service::{
    BaseDatabase, BoundAsk, ChangesAnswer, ChangesAsk, CheckReport, ClaimsAnswer, Defined, EraseAnswer, EraseAsk,
    ErasedAsk, ErasedView, ErrorKind, GetAnswer, GetAsk, Health, HistoryAnswer, ImportBegin, ImportFinish,
    ImportProgress, ImportReport, ImportRows, LinksAnswer, LinksAsk, LookupAnswer, LookupAsk, ReadAt, RecordAsk,
    RejectedRow, SearchAnswer, SearchAsk, ServiceError, SliceAnswer, SliceAsk, StatisticsAnswer, StatisticsAsk,
    TileAnswer, TileAsk, Times,
};
use foundation::value::Instant;

pub use rows::ROWS;
use rows::Row;

/// The first letter of a sandbox's id, and of nothing else that stands in `Natbase-Grant`.
pub(crate) const LETTER: char = 'X';

/// Whether a grant that is named is a sandbox.
#[must_use]
pub fn is_id(grant: &str) -> bool {
    crate::journal::is_id(LETTER, grant)
}

/// A dataset's synthetic rows, as a base database that holds nothing else.
pub struct SyntheticRows {
    datasets: [Arc<Dataset>; 1],
    lists: CodeLists,
    rows: Vec<Row>,
    now: Instant,
}

impl SyntheticRows {
    /// The rows of a definition. Cost: about 1 ms.
    #[must_use]
    pub fn of(dataset: Arc<Dataset>, lists: &CodeLists, now: Instant) -> Self {
        let rows = rows::of(&dataset, lists);
        Self { datasets: [dataset], lists: lists.clone(), rows, now }
    }

    fn dataset(&self) -> &Dataset {
        let [dataset] = &self.datasets;
        dataset
    }

    fn at(&self, times: Times) -> ReadAt {
        ReadAt { valid_at: times.valid_at, known_at: times.known_at.unwrap_or(self.now) }
    }
}

fn not_here<T>() -> Result<T, ServiceError> {
    Err(ServiceError::new(ErrorKind::Invalid, "synthetic rows cannot answer this"))
}

#[async_trait]
impl BaseDatabase for SyntheticRows {
    fn database(&self) -> Database {
        self.dataset().name.database()
    }
    fn datasets(&self) -> Vec<Arc<Dataset>> {
        self.datasets.to_vec()
    }
    fn code_lists(&self) -> &CodeLists {
        &self.lists
    }
    async fn get(&self, ask: GetAsk) -> Result<GetAnswer, ServiceError> {
        Ok(GetAnswer { record: self.record(&ask.id, &ask.scopes), at: self.at(ask.times) })
    }
    async fn lookup(&self, ask: LookupAsk) -> Result<LookupAnswer, ServiceError> {
        let at = self.at(ask.times);
        let items = ask.keys.iter().map(|key| self.by_key(key, &ask.scopes, at)).collect();
        Ok(LookupAnswer { items, at })
    }
    async fn search(&self, ask: SearchAsk) -> Result<SearchAnswer, ServiceError> {
        self.found(&ask)
    }
    async fn slice(&self, _: SliceAsk) -> Result<SliceAnswer, ServiceError> {
        not_here()
    }
    async fn history(&self, _: RecordAsk) -> Result<HistoryAnswer, ServiceError> {
        not_here()
    }
    async fn claims(&self, _: RecordAsk) -> Result<ClaimsAnswer, ServiceError> {
        not_here()
    }
    async fn links(&self, _: LinksAsk) -> Result<LinksAnswer, ServiceError> {
        not_here()
    }
    async fn tile(&self, _: TileAsk) -> Result<TileAnswer, ServiceError> {
        not_here()
    }
    async fn statistics(&self, _: StatisticsAsk) -> Result<StatisticsAnswer, ServiceError> {
        not_here()
    }
    async fn changes(&self, _: ChangesAsk) -> Result<ChangesAnswer, ServiceError> {
        not_here()
    }
    async fn erase(&self, _: EraseAsk) -> Result<EraseAnswer, ServiceError> {
        not_here()
    }
    async fn erase_rest(&self) -> Result<u64, ServiceError> {
        Ok(0)
    }
    async fn bound(&self, _: BoundAsk) -> Result<Vec<(DatasetName, String)>, ServiceError> {
        Ok(Vec::new())
    }
    async fn erased(&self, _: ErasedAsk) -> Result<Vec<ErasedView>, ServiceError> {
        not_here()
    }
    async fn define(&self, _: Dataset) -> Result<Defined, ServiceError> {
        not_here()
    }
    async fn import_begin(&self, _: ImportBegin) -> Result<BatchId, ServiceError> {
        not_here()
    }
    async fn import_rows(&self, _: ImportRows) -> Result<ImportProgress, ServiceError> {
        not_here()
    }
    async fn import_finish(&self, _: ImportFinish) -> Result<ImportReport, ServiceError> {
        not_here()
    }
    async fn import_report(&self, _: BatchId) -> Result<Option<ImportReport>, ServiceError> {
        not_here()
    }
    async fn import_rejected(&self, _: BatchId, _: u64, _: usize) -> Result<Vec<RejectedRow>, ServiceError> {
        not_here()
    }
    async fn withdraw(&self, _: BatchId) -> Result<ImportReport, ServiceError> {
        not_here()
    }
    async fn index_caught_up(&self, _: u64) -> Result<bool, ServiceError> {
        Ok(true)
    }
    async fn health(&self) -> Health {
        Health { ready: true, problems: vec![], index_lag: vec![], documents: vec![], rebuilding: vec![] }
    }
    async fn check(&self, _: bool) -> Result<CheckReport, ServiceError> {
        not_here()
    }
    async fn shutdown(&self) {}
}
