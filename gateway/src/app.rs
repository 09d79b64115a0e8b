//! What a running gateway holds; what of it changes while it runs is in `app/running.rs`.

mod running;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use foundation::clock::Clock;
use foundation::dataset::Unit;
use foundation::service::BaseDatabase;
use foundation::store::Store;

use crate::accesses::{self, AccessRules, Accesses};
use crate::accounts::{Roster, RosterError};
use crate::alarms::{Alarms, CanariesError};
use crate::audit::{AuditLog, Checkpoints, GivenTo};
use crate::catalogue::definitions::Definitions;
use crate::catalogue::notice::{self, Notices};
use crate::catalogue::{self, Catalogue, Serving};
use crate::config::Config;
use crate::cursor::Sealer;
use crate::evaluation::{Register, SchemeError, Schemes};
use crate::exports::{Exports, ExportsError};
use crate::flow::Decisions;
use crate::journal::JournalError;
use crate::keys::NodeKeys;
use crate::master_keys::MasterKeys;
use crate::metrics::Metrics;
use crate::ogc::tiles::Tiles;
use crate::oidc::{OidcConfigError, Provider};
use crate::policy::{Force, ForceError, Grants, GrantsError, Places, RulesError, Snapshot};
use crate::releases::Releases;
use crate::sharing::correction::book::Book;
use crate::sharing::limits::LimitsError;
use crate::sharing::{Desk, DeskError, Limits};
use crate::token::{KeysError, Verifier};
use crate::usage::{Holder, Usage, person};

/// Entries of the audit log taken into the index of accesses at a time.
const ACCESSES_AT_ONCE: u64 = 20_000;
/// Entries read at a time.
const ENTRIES_READ: usize = 500;

/// What an [`App`] is made of.
pub struct Parts {
    /// The five base databases (fewer in tests).
    pub databases: Vec<Arc<dyn BaseDatabase>>,
    /// Where definitions of one's own are kept.
    pub definitions: Definitions,
    /// The gateway's own rows: cases, notices, releases.
    pub store: Arc<dyn Store>,
    /// Configuration.
    pub config: Config,
    /// Data directory: keys, key set, grants and the audit log lie under it.
    pub data: PathBuf,
    /// What the keys of personal records are wrapped with; `None` where nothing is sealed.
    pub master_keys: Option<Arc<MasterKeys>>,
    /// Clock.
    pub clock: Arc<dyn Clock>,
    /// Whether the data directory is marked `demo`: every page says 模拟数据.
    pub demo: bool,
}

/// Why a gateway does not start. The text names file, line and reason.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// What is in force of the policies and grants on disk.
    #[error(transparent)]
    Force(#[from] ForceError),
    /// The policies.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// The grants.
    #[error(transparent)]
    Grants(#[from] GrantsError),
    /// The key set.
    #[error(transparent)]
    Keys(#[from] KeysError),
    /// The canaries.
    #[error(transparent)]
    Canaries(#[from] CanariesError),
    /// The rules on what is told of accesses.
    #[error(transparent)]
    AccessRules(#[from] accesses::RulesError),
    /// The limits of sharing.
    #[error(transparent)]
    Limits(#[from] LimitsError),
    /// The schemes of evaluation.
    #[error(transparent)]
    Scheme(#[from] SchemeError),
    /// The cases of sharing.
    #[error("the cases of sharing")]
    Desk(#[from] DeskError),
    /// The entries of the catalogue.
    #[error("the entries of the catalogue")]
    Entries(#[from] JournalError),
    /// The accounts.
    #[error("the accounts: {0}")]
    Roster(#[from] RosterError),
    /// The master key in use is not where the master keys lie.
    #[error("{}: the master key in use, fingerprint {fingerprint}, is not in the file", file.display())]
    MasterKey {
        /// File of the master keys.
        file: PathBuf,
        /// Fingerprint of the key that was chosen last.
        fingerprint: String,
    },
    /// The identity provider.
    #[error(transparent)]
    Oidc(#[from] OidcConfigError),
    /// The jobs.
    #[error("the jobs that make files")]
    Exports(#[from] ExportsError),
    /// A file of the node.
    #[error("{what}: {source}")]
    Io {
        /// Which.
        what: &'static str,
        /// Cause.
        source: std::io::Error,
    },
}

/// A running gateway.
pub struct App {
    /// Configuration.
    pub config: Config,
    /// Datasets and base databases.
    pub catalogue: Catalogue,
    /// Clock.
    pub clock: Arc<dyn Clock>,
    /// Whether the data directory is marked `demo`.
    pub demo: bool,
    /// The audit log.
    pub audit: AuditLog,
    /// Signed states of the audit log.
    pub checkpoints: Checkpoints,
    /// Who is in which entry of the audit log.
    pub accesses: Accesses,
    /// The cases of sharing.
    pub desk: Desk,
    /// The states of the data that are released for statistics.
    pub releases: Releases,
    /// Corrections.
    pub corrections: Book,
    /// Schemes of evaluation, and objections to scores.
    pub register: Register,
    /// Accounts and sessions.
    pub roster: Roster,
    /// The identity provider by which people sign in.
    pub oidc: Option<Provider>,
    /// Entries of the catalogue, and demands.
    pub compiling: catalogue::Register,
    /// Definitions of one's own.
    pub definitions: Definitions,
    /// What the keys of personal records are wrapped with; `None` where nothing is sealed.
    pub master_keys: Option<Arc<MasterKeys>>,
    /// Jobs that make files.
    pub exports: Exports,
    /// Counters for `/metrics`.
    pub metrics: Metrics,
    pub(crate) policy: ArcSwap<Snapshot>,
    pub(crate) verifier: Verifier,
    pub(crate) keys: NodeKeys,
    pub(crate) sealer: Sealer,
    pub(crate) decisions: Decisions,
    pub(crate) usage: Usage,
    pub(crate) alarms: Alarms,
    pub(crate) tiles: Tiles,
    pub(crate) in_flight: AtomicUsize,
    pub(crate) stopping: AtomicBool,
    pub(crate) notices: ArcSwap<Notices>,
    pub(crate) serving: ArcSwap<Serving>,
    pub(crate) force: Force,
}

impl App {
    /// Opens keys, key set, policies, grants and audit log.
    ///
    /// # Errors
    /// [`StartError`]: a broken policy, grant or key file stops the program with file, line and reason.
    pub async fn open(parts: Parts) -> Result<Arc<Self>, StartError> {
        let Parts { databases, definitions, store, config, data, master_keys, clock, demo } = parts;
        let io = |what| move |source| StartError::Io { what, source };
        let catalogue = Catalogue::new(databases);
        let places = Places {
            directory: config.policy.directory.as_ref().map(|directory| under(&data, directory)),
            grants: under(&data, &config.policy.grants),
        };
        let limits = match &config.sharing.limits {
            Some(file) => Limits::read(&under(&data, file))?,
            None => Limits::built_in()?,
        };
        let access_rules = match &config.people.access_rules {
            Some(file) => AccessRules::read(&under(&data, file))?,
            None => AccessRules::built_in()?,
        };
        let releases = Releases::new(Arc::clone(&store));
        let schemes = match &config.evaluation.scheme {
            Some(file) => Schemes::read(&under(&data, file))?,
            None => Schemes::built_in()?,
        };
        let register = Register::new(Arc::clone(&store), schemes);
        let corrections = Book::new(Arc::clone(&store));
        let roster = Roster::open(Arc::clone(&store), &config.accounts, &config.tokens, &data).await?;
        if let (Some(chosen), Some(keys)) = (roster.read(|r| r.master_key().map(ToOwned::to_owned)), &master_keys)
            && !keys.take_into_use(&chosen)
        {
            return Err(StartError::MasterKey { file: keys.file().to_owned(), fingerprint: chosen });
        }
        let oidc = match &config.oidc {
            Some(oidc) => Some(Provider::open(oidc, &config.accounts, &data)?),
            None => None,
        };
        let approved = roster.read(|register| register.policies().map(str::to_owned));
        let (force, files) = Force::open(places, &data, config.policy.two_people, approved.as_deref())?;
        let (rules, filed) = running::compiled(&force, &files, &catalogue)?;
        let compiling = catalogue::Register::new(Arc::clone(&store));
        let (notices, serving) = standing(&compiling).await?;
        let keys = NodeKeys::open(&data.join("keys")).map_err(io("the node's keys"))?;
        let accesses = Accesses::new(Arc::clone(&store), access_rules, keys.accesses.clone());
        let exports = Exports::open(Arc::clone(&store), &data, &config.export, clock.now()).await?;
        let desk = Desk::open(store, limits).await?;
        let held = catalogue.held();
        let (shared, imported) =
            desk.grants(|name| held.get(name).map(|f| f.dataset.as_ref())).await.map_err(DeskError::from)?;
        let imported = Arc::new(imported);
        let shared = Grants::none().with(shared, &[]);
        let canaries = config.people.canaries.as_ref().map(|file| under(&data, file));
        let alarms = Alarms::open(config.people.misses_per_minute_max, canaries.as_deref())?;
        let verifier = Verifier::open(&config.tokens, under(&data, &config.tokens.jwks))?;
        verifier.trust_own(roster.own_keys()?);
        let slots = u32::try_from(config.http.in_flight_max.saturating_mul(2)).unwrap_or(4_096);
        let (log, mut persons) = (under(&data, &config.audit.directory), HashMap::new());
        let mut count = |given: GivenTo| persons_given(&catalogue, given, &mut persons);
        let (audit, found) =
            AuditLog::open_telling(&log, &config.audit, slots, clock.now(), &mut count).map_err(io("the audit log"))?;
        let checkpoints = Checkpoints::open(&data, audit.directory(), &config.audit)
            .map_err(io("the checkpoints of the audit log"))?;
        Ok(Arc::new(Self {
            policy: ArcSwap::from_pointee(Snapshot::new(Arc::new(rules), filed, shared).taken_in(imported)),
            sealer: Sealer::new(&keys.cursor).map_err(io("the cursor key"))?,
            decisions: Decisions::new(Duration::from_secs(config.policy.decision_cache_s.min(5))),
            tiles: Tiles::default(),
            usage: Usage::new(clock.today(), found.rows_by_grant, persons),
            alarms,
            metrics: Metrics::default(),
            in_flight: AtomicUsize::new(0),
            stopping: AtomicBool::new(false),
            config,
            catalogue,
            clock,
            demo,
            audit,
            checkpoints,
            accesses,
            desk,
            releases,
            corrections,
            register,
            roster,
            oidc,
            compiling,
            exports,
            definitions,
            master_keys,
            notices: ArcSwap::from_pointee(notices),
            serving: ArcSwap::from_pointee(serving),
            verifier,
            keys,
            force,
        }))
    }

    /// The key that checks what this node signs: Ed25519, 32 bytes.
    #[must_use]
    pub fn public_key(&self) -> Vec<u8> {
        self.keys.public()
    }

    /// The version of policies and grants in force.
    #[must_use]
    pub fn policy_version(&self) -> u64 {
        self.policy.load().version
    }

    /// Keeps a checkpoint of the audit log when one is due; a failure is logged and tried again. Blocking.
    pub fn keep_checkpoint(&self, at_once: bool) {
        if let Err(error) = self.checkpoints.keep(self.audit.tree(), self.clock.now(), at_once) {
            tracing::error!(%error, "a checkpoint of the audit log is not kept");
        }
    }

    /// Takes what is new in the audit log into the index of accesses; a failure is logged and tried again.
    pub async fn index_accesses(&self) {
        if let Err(error) = self.accesses.catch_up(&self.audit, ACCESSES_AT_ONCE).await {
            tracing::warn!(%error, "the index of accesses is behind the audit log");
        }
    }

    /// Sweeps what has run out among sessions, failures and jobs; a failure is logged and tried again.
    pub async fn sweep(&self) {
        if let Err(error) = self.roster.sweep(self.clock.now()).await {
            tracing::warn!(%error, "sessions and failures that have run out are not swept");
        }
        if let Err(error) = self.exports.sweep(self.clock.now()).await {
            tracing::warn!(%error, "jobs that are over are not deleted");
        }
    }

    /// Ends jobs, and deletes files, of those who may not read what is in them any more.
    pub async fn review_jobs(&self) {
        crate::flow::review(self).await;
    }

    /// Tells readiness and streams that the server goes down.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }
}

/// Counts the persons that a department was told of today, as the log has them.
fn persons_given(catalogue: &Catalogue, given: GivenTo, held: &mut HashMap<Holder, HashSet<u64>>) {
    let GivenTo { department, grant, dataset, records } = given;
    let facts = dataset.parse().ok().and_then(|name| catalogue.get(&name));
    if facts.is_none_or(|facts| facts.dataset.units != Unit::Person) {
        return;
    }
    let persons = || records.iter().map(|id| person(&dataset, id));
    held.entry(Holder::Department(department)).or_default().extend(persons());
    if !grant.is_empty() {
        held.entry(Holder::Grant(grant)).or_default().extend(persons());
    }
}

/// The notices of all entries, and which of them serve datasets.
async fn standing(compiling: &catalogue::Register) -> Result<(Notices, Serving), JournalError> {
    let (mut all, mut serving) = (Notices::new(), Serving::new());
    let mut after: Option<String> = None;
    loop {
        let page = compiling.entries(after.as_deref(), ENTRIES_READ).await?;
        all.extend(page.iter().filter_map(notice::of));
        let served = page.iter().filter(|entry| entry.served.is_some());
        serving.extend(served.filter_map(|entry| Some((entry.dataset()?, entry.id.clone()))));
        match page.last() {
            Some(last) if page.len() == ENTRIES_READ => after = Some(last.id.clone()),
            _ => return Ok((all, serving)),
        }
    }
}

fn under(data: &Path, path: &Path) -> PathBuf {
    if path.is_absolute() { path.to_owned() } else { data.join(path) }
}
