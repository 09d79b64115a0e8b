//! The five base databases and the gateway over them, in this process.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use foundation::clock::Clock;
use foundation::dataset::CodeLists;
use foundation::record::IdKey;
use foundation::service::{BaseDatabase, Domain, LocalDatabase, OpenOptions};
use foundation::store::StoreError;
use foundation::store::{Options, Stores};

use super::data_dir::DataDir;
use super::definitions;
use super::seals::{Seals, seals};
use crate::app::{App, Parts};
use crate::catalogue::definitions::Definitions;
use crate::config::Config;
use crate::keys::read_or_make;
use crate::token::Issuer;

/// Name of the gateway's own store beside the five.
const GATEWAY: &str = "gateway";

/// A data directory, opened.
pub(super) struct Node {
    /// The gateway.
    pub(super) app: Arc<App>,
    /// The base databases.
    pub(super) databases: Vec<Arc<dyn BaseDatabase>>,
    /// Rows; merged after a first load.
    pub(super) stores: Stores,
    _seals: Seals,
    /// Signs this node's tokens.
    pub(super) issuer: Issuer,
}

/// The configuration: of `file`, else of `natbase.toml` in the data directory, else the defaults.
pub(super) fn config(data: &Path, file: Option<&Path>) -> anyhow::Result<Config> {
    let own = data.join("natbase.toml");
    match file {
        Some(file) => Ok(Config::read(file)?),
        None if own.exists() => Ok(Config::read(&own)?),
        None => Ok(Config::default()),
    }
}

/// The issuer of a data directory; its key set is published where the configuration looks for one, unless one is there.
pub(super) fn issuer(data: &Path, config: &Config) -> anyhow::Result<Issuer> {
    let issuer = Issuer::open(&data.join("keys").join("issuer.key")).context("the issuer's key")?;
    let jwks = data.join(&config.tokens.jwks);
    if !jwks.exists() {
        super::data_dir::write_whole(&jwks, &issuer.jwks())?;
    }
    Ok(issuer)
}

/// The rows of a data directory: a store a base database, and one of the gateway's own.
///
/// # Errors
/// A sentence that says what to do: a second process, a newer format.
pub(super) fn stores(
    data: &DataDir,
    config: &Config,
    domains: &[Domain],
    clock: Arc<dyn Clock>,
) -> anyhow::Result<Stores> {
    let mut names: Vec<&str> = domains.iter().map(|d| d.database.as_str()).collect();
    names.push(GATEWAY);
    let memory_bytes = usize::try_from(config.storage.memory_mib).unwrap_or(192).saturating_mul(1 << 20);
    let options = Options { memory_bytes, clock, ..Options::default() };
    Stores::open(&data.join("store"), &names, options).map_err(|e| explained(e, data.path()))
}

impl Node {
    /// Opens store, indexes and gateway.
    ///
    /// # Errors
    /// A sentence that says what to do: a second process, a newer format, a broken policy, grant or key file.
    pub(super) async fn open(data: &DataDir, config: Config, clock: Arc<dyn Clock>) -> anyhow::Result<Self> {
        let issuer = issuer(data.path(), &config)?;
        let domains = definitions::domains(data.path())?;
        let stores = stores(data, &config, &domains, Arc::clone(&clock))?;
        let seals = seals(data, &config, &domains, Arc::clone(&clock))?;
        let lists = Arc::new(CodeLists::standard()?);
        let id_key = id_key(data)?;
        let mut databases: Vec<Arc<dyn BaseDatabase>> = Vec::with_capacity(domains.len());
        for domain in domains {
            let name = domain.database.as_str();
            let store = stores.store(name).with_context(|| format!("no store `{name}`"))?;
            let options = OpenOptions {
                store,
                keys: seals.keys_of(domain.database),
                index_dir: data.join("index").join(name),
                loads_dir: data.join("loads").join(name),
                lists: Arc::clone(&lists),
                id_key: id_key.clone(),
                clock: clock.clone(),
                demo: data.demo(),
            };
            let database = LocalDatabase::open(domain, options).await;
            databases.push(Arc::new(database.with_context(|| format!("base database `{name}`"))?));
        }
        let store = stores.store(GATEWAY).context("the gateway's own store")?;
        let built_in = definitions::built_in()?.into_iter().flat_map(|domain| domain.datasets);
        let parts = Parts {
            definitions: Definitions::new(data.path(), built_in),
            databases: databases.clone(),
            store,
            config,
            master_keys: Some(Arc::new(seals.master_keys())),
            data: data.path().to_owned(),
            clock,
            demo: data.demo(),
        };
        Ok(Self { app: App::open(parts).await?, databases, stores, _seals: seals, issuer })
    }

    /// Ends the feeds and the audit log, when nothing was served.
    pub(super) async fn close(self) {
        self.app.stop();
        self.app.audit.shutdown();
        self.app.keep_checkpoint(true);
        for database in &self.databases {
            database.shutdown().await;
        }
    }
}

/// The key of the keyed ids: made once, shared by all nodes, never changed.
fn id_key(data: &DataDir) -> anyhow::Result<IdKey> {
    let file = data.join("keys").join("id.key");
    let bytes = read_or_make(&file, || {
        let mut fresh = vec![0_u8; 32];
        aws_lc_rs::rand::fill(&mut fresh).map_err(|_| std::io::Error::other("no random numbers"))?;
        Ok(fresh)
    })
    .context("the key of the record ids")?;
    let key = bytes.try_into().map_err(|_| anyhow::anyhow!("{} is damaged: 32 bytes were expected", file.display()))?;
    Ok(IdKey(key))
}

fn explained(error: StoreError, data: &Path) -> anyhow::Error {
    let shown = data.display();
    let advice = match &error {
        StoreError::InUse { .. } => format!("another process holds {shown}: stop it, or go through it with --server"),
        StoreError::NewerFormat { .. } => format!("{shown} was written by a newer natbase: use that version"),
        _ => format!("the store under {shown} does not open"),
    };
    anyhow::Error::new(error).context(advice)
}
