//! What a base database offers the gateway: one trait, asked and answered in plain data.
//!
//! [`BaseDatabase`] is implemented once, by [`LocalDatabase`] (store + index + a [`Domain`]'s rules), in the gateway's
//! own process. Everything that crosses is owned and serializable, so that a base database can run as a process of its own.
//! Asks carry the caller's permit as data ([`Scope`]): nothing here knows callers or policies.

mod answer;
mod ask;
mod count;
mod domain;
mod erasure;
mod error;
mod import;
mod local;
mod record_keys;

pub use answer::*;
pub use ask::*;
pub use count::{Count, CountKind};
pub use domain::{Domain, Effect, Finding, RowContext, RowRules};
pub use erasure::{BoundAsk, EraseAnswer, EraseAsk, ErasedAsk, ErasedView};
pub use error::{ErrorKind, ServiceError};
pub use import::*;
pub use local::{LocalDatabase, OpenOptions};
pub use record_keys::RecordKeys;

use std::sync::Arc;

use async_trait::async_trait;

use crate::dataset::{CodeLists, Database, Dataset, DatasetName};
use crate::record::BatchId;

/// One of the five base databases, as the gateway sees it.
///
/// Callers may rely on: answers hold only fields named readable by the ask's scopes; every count comes from `count.rs`;
/// every answer says which valid day and known instant it was made at. They may not rely on order beyond what the ask names.
#[async_trait]
pub trait BaseDatabase: Send + Sync {
    /// Which of the five.
    fn database(&self) -> Database;
    /// Its datasets as they are defined now, in the order of their names.
    fn datasets(&self) -> Vec<Arc<Dataset>>;
    /// The code lists its datasets use.
    fn code_lists(&self) -> &CodeLists;

    /// One record by id. Reads the store.
    async fn get(&self, ask: GetAsk) -> Result<GetAnswer, ServiceError>;
    /// Records by natural key, up to 1,000. Reads the store.
    async fn lookup(&self, ask: LookupAsk) -> Result<LookupAnswer, ServiceError>;
    /// A slice of a dataset kept in order, as one range scan. Reads the store.
    async fn slice(&self, ask: SliceAsk) -> Result<SliceAnswer, ServiceError>;
    /// All versions of a record in both times. Reads the store.
    async fn history(&self, ask: RecordAsk) -> Result<HistoryAnswer, ServiceError>;
    /// Who says what of a record.
    async fn claims(&self, ask: RecordAsk) -> Result<ClaimsAnswer, ServiceError>;
    /// Edges from and to a record, as far as this base database keeps them.
    async fn links(&self, ask: LinksAsk) -> Result<LinksAnswer, ServiceError>;
    /// The features of a map tile. Reads the index alone.
    async fn tile(&self, ask: TileAsk) -> Result<TileAnswer, ServiceError>;
    /// Search, list, filter, sort, facets over one dataset. Reads the index.
    async fn search(&self, ask: SearchAsk) -> Result<SearchAnswer, ServiceError>;
    /// Grouped counts, sums, means, extremes. Reads the index.
    async fn statistics(&self, ask: StatisticsAsk) -> Result<StatisticsAnswer, ServiceError>;
    /// Entries of the change log after a position.
    async fn changes(&self, ask: ChangesAsk) -> Result<ChangesAnswer, ServiceError>;

    /// Opens (or resumes, same `key`) an import batch.
    async fn import_begin(&self, begin: ImportBegin) -> Result<BatchId, ServiceError>;
    /// Takes rows of an open batch: validates, resolves, commits. Durable when it returns.
    async fn import_rows(&self, rows: ImportRows) -> Result<ImportProgress, ServiceError>;
    /// Ends a batch. In snapshot mode, previews (`confirm = false`) or ends the source's claims missing from it.
    async fn import_finish(&self, finish: ImportFinish) -> Result<ImportReport, ServiceError>;
    /// The report of a batch.
    async fn import_report(&self, batch: BatchId) -> Result<Option<ImportReport>, ServiceError>;
    /// Refused rows of a batch after `after_line`, at most `limit`, as they came, with rule and message.
    async fn import_rejected(
        &self,
        batch: BatchId,
        after_line: u64,
        limit: usize,
    ) -> Result<Vec<RejectedRow>, ServiceError>;
    /// Ends every claim of a batch as a new recorded time and reinstates what it displaced.
    async fn withdraw(&self, batch: BatchId) -> Result<ImportReport, ServiceError>;

    /// Takes a dataset in that is not known yet, or a later definition of one that is; it is served from then on, without a
    /// restart. Durable when it returns. What is being imported by the definition before goes on by that.
    async fn define(&self, dataset: Dataset) -> Result<Defined, ServiceError>;

    /// Erases a record (legal deletion) with those that are erased with it: when it returns, their bytes are gone from store
    /// and index, and a tombstone is left of each. May take minutes; broken off, the same call goes on.
    async fn erase(&self, ask: EraseAsk) -> Result<EraseAnswer, ServiceError>;
    /// Goes on with erasures that were broken off; gives how many records were left.
    async fn erase_rest(&self) -> Result<u64, ServiceError>;
    /// Records that go with a record and would be erased with it, by dataset and id. Cost: one scan of the links to it.
    async fn bound(&self, ask: BoundAsk) -> Result<Vec<(DatasetName, String)>, ServiceError>;
    /// What is left of the erased records of a dataset.
    async fn erased(&self, ask: ErasedAsk) -> Result<Vec<ErasedView>, ServiceError>;

    /// Waits until the index holds everything committed so far (for tests and `import`); at most `timeout_ms`.
    async fn index_caught_up(&self, timeout_ms: u64) -> Result<bool, ServiceError>;
    /// Whether the service answers, and what is wrong if not.
    async fn health(&self) -> Health;
    /// Compares index and store by digest, record by record invariants; rebuilds the index first if asked to.
    async fn check(&self, rebuild: bool) -> Result<CheckReport, ServiceError>;
    /// Stops the feed, commits the index, closes the files.
    async fn shutdown(&self);
}
