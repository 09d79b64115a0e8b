//! The keys that a data directory's personal records are sealed with: a store of their own beside the rows.

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use foundation::clock::Clock;
use foundation::dataset::Database;
use foundation::service::Domain;
use foundation::store::{Keys, Options, SharedRing, Stores};

use super::data_dir::DataDir;
use crate::config::Config;
use crate::master_keys::{self, MasterKeys};

/// Where they lie in the data directory. A copy of the rows without it reads nothing.
const DIRECTORY: &str = "seals";
/// Memory of their store, bytes.
const MEMORY: usize = 64 << 20;

/// Keys of records, opened.
pub(super) struct Seals {
    file: PathBuf,
    ring: SharedRing,
    keys: Vec<(Database, Arc<Keys>)>,
    _stores: Stores,
}

/// Opens them with their master keys; makes the first master key where nothing is sealed yet.
///
/// # Errors
/// A sentence that says what to do: master keys that are missing, that others may read, or that lie in the data directory.
pub(super) fn seals(
    data: &DataDir,
    config: &Config,
    domains: &[Domain],
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Seals> {
    let directory = data.join(DIRECTORY);
    let file = master_keys::locate(data.path(), config.seals.master_keys.as_deref())?;
    let (before, sealed) = (file.exists(), directory.exists());
    let ring = master_keys::open(&file, config.seals.suite, sealed)?;
    if !before {
        eprintln!("natbase: made the master keys {}: keep a copy, apart from the copies of the data", file.display());
    }
    let ring: SharedRing = Arc::new(ArcSwap::from_pointee(ring));
    let names: Vec<&str> = domains.iter().map(|domain| domain.database.as_str()).collect();
    let options = Options { memory_bytes: MEMORY, clock, ..Options::default() };
    let stores = Stores::open(&directory, &names, options).context("the keys of records")?;
    let mut keys = Vec::with_capacity(domains.len());
    for domain in domains {
        let name = domain.database.as_str();
        let rows = stores.store(name).with_context(|| format!("no store `{name}`"))?;
        keys.push((domain.database, Arc::new(Keys::new(rows, Arc::clone(&ring), config.seals.suite))));
    }
    Ok(Seals { file, ring, keys, _stores: stores })
}

impl Seals {
    /// The keys of a base database.
    pub(super) fn keys_of(&self, database: Database) -> Option<Arc<Keys>> {
        self.keys.iter().find(|(of, _)| *of == database).map(|(_, keys)| Arc::clone(keys))
    }

    /// The master keys that wrap them.
    pub(super) fn master_keys(&self) -> MasterKeys {
        MasterKeys::new(self.file.clone(), Arc::clone(&self.ring), self.keys.clone())
    }
}
