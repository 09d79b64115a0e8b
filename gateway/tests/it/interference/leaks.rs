//! Base databases with a leak planted: each must be found.

use std::sync::Arc;

use async_trait::async_trait;
use foundation::dataset::{CodeLists, Database, Dataset, DatasetName};
use foundation::record::BatchId;
use foundation::service::*;

/// What is wrong with a base database.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leak {
    /// Totals count the rows that are hidden, too.
    TotalOfHiddenRows,
    /// A record outside the grant's rows is given.
    RowsOutsideTheGrant,
    /// A field that may not be read is given.
    UnreadableField,
    /// Facets and figures count hidden rows.
    FiguresOfHiddenRows,
    /// Scores are moved by rows that are hidden (global document frequencies).
    ScoresMovedByHiddenRows,
}

pub(crate) const ALL: [Leak; 5] = [
    Leak::TotalOfHiddenRows,
    Leak::RowsOutsideTheGrant,
    Leak::UnreadableField,
    Leak::FiguresOfHiddenRows,
    Leak::ScoresMovedByHiddenRows,
];

impl Leak {
    pub(crate) fn plant(self, database: Arc<dyn BaseDatabase>) -> Arc<dyn BaseDatabase> {
        Arc::new(Leaky { leak: self, database })
    }
}

struct Leaky {
    leak: Leak,
    database: Arc<dyn BaseDatabase>,
}

impl Leaky {
    fn without_rows(scopes: &[Scope]) -> Vec<Scope> {
        scopes.iter().map(|s| Scope { rows: None, ..s.clone() }).collect()
    }

    /// Every field of the dataset, in the rows of the scopes.
    fn with_all_fields(&self, ask: &foundation::dataset::DatasetName, scopes: &[Scope]) -> Vec<Scope> {
        let all = self.database.datasets().into_iter().find(|d| d.name == *ask).expect("a dataset");
        let mut readable: Vec<u16> = all.fields.iter().map(|f| f.number).collect();
        readable.sort_unstable();
        scopes.iter().map(|s| Scope { readable: readable.clone(), masked: Vec::new(), ..s.clone() }).collect()
    }
}

#[async_trait]
impl BaseDatabase for Leaky {
    fn database(&self) -> Database {
        self.database.database()
    }
    fn datasets(&self) -> Vec<Arc<Dataset>> {
        self.database.datasets()
    }
    fn code_lists(&self) -> &CodeLists {
        self.database.code_lists()
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
    async fn get(&self, mut ask: GetAsk) -> Result<GetAnswer, ServiceError> {
        match self.leak {
            Leak::RowsOutsideTheGrant => ask.scopes = Self::without_rows(&ask.scopes),
            Leak::UnreadableField => ask.scopes = self.with_all_fields(&ask.dataset, &ask.scopes),
            _ => {}
        }
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
        match self.leak {
            Leak::TotalOfHiddenRows | Leak::ScoresMovedByHiddenRows => {
                let whole = SearchAsk {
                    scopes: Self::without_rows(&ask.scopes),
                    counts_allowed: true,
                    limit: 1,
                    after: None,
                    ..ask.clone()
                };
                let total = self.database.search(whole).await?.total;
                let mut answer = self.database.search(ask).await?;
                if self.leak == Leak::TotalOfHiddenRows {
                    answer.total = total;
                } else {
                    let moved = total.value.unwrap_or(0).try_into().unwrap_or(0);
                    answer.hits.iter_mut().for_each(|hit| hit.position.score += moved);
                }
                Ok(answer)
            }
            _ => self.database.search(ask).await,
        }
    }
    async fn statistics(&self, mut ask: StatisticsAsk) -> Result<StatisticsAnswer, ServiceError> {
        if self.leak == Leak::FiguresOfHiddenRows {
            ask.scopes = Self::without_rows(&ask.scopes);
            ask.counts_allowed = true;
        }
        self.database.statistics(ask).await
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
    async fn import_rejected(
        &self,
        batch: BatchId,
        after: u64,
        limit: usize,
    ) -> Result<Vec<RejectedRow>, ServiceError> {
        self.database.import_rejected(batch, after, limit).await
    }
    async fn withdraw(&self, batch: BatchId) -> Result<ImportReport, ServiceError> {
        self.database.withdraw(batch).await
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
