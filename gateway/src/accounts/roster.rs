//! The roster: the register and the sessions as they stand, over the rows that keep them.

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use arc_swap::ArcSwap;
use foundation::store::Store;
use foundation::value::Instant;

use super::account::{Account, Kind, Proof};
use super::measure::Measure;
use super::proposal::Event;
pub use super::register::Held;
use super::register::{Register, RegisterError};
use super::rows::{self, Change, EVENT, SESSION, USE};
use super::secret::{Vault, random};
use super::session::{self, Session};
use crate::config::{AccountsConfig, TokenConfig};
use crate::journal::JournalError;
use crate::keys::read_or_make;
use crate::token::{Issuer, IssuerError, KeySet, Roles, Verified};

/// Why the roster cannot be read or changed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum RosterError {
    /// Its rows.
    #[error(transparent)]
    Rows(#[from] JournalError),
    /// What is wanted does not follow.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// An event that does not follow on those before it.
    #[error("event {number} of the register does not follow on those before it: {source}")]
    Broken { number: u64, source: RegisterError },
    /// A key file of the roster.
    #[error("{what}")]
    Key { what: &'static str, source: io::Error },
    /// The key that signs tokens of accounts.
    #[error("the key that signs the tokens of accounts")]
    Issuer(#[from] IssuerError),
    /// The list of denied passwords.
    #[error("{}: cannot be read", file.display())]
    Denied { file: PathBuf, source: io::Error },
}

/// What is wanted of the register.
#[derive(Debug, Clone)]
pub enum Intent {
    /// A first security administrator, on the data directory.
    Found(Account),
    /// A measure: done, or proposed if it takes two.
    Submit(Measure),
    /// A second person's approval.
    Approve {
        /// Number.
        number: u64,
        /// What is approved.
        digest: String,
        /// SHA-256 of the second half of the secret that goes with it.
        second: Option<String>,
    },
    /// A rejection.
    Reject {
        /// Number.
        number: u64,
    },
    /// The using up of an approved permission.
    Use(Measure),
}

/// Who is behind an API key.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Subject.
    pub subject: Arc<str>,
    /// Roles.
    pub roles: Roles,
    /// Credit code.
    pub department: Option<Arc<str>>,
}

pub(super) struct LiveSession {
    pub(super) account: String,
    pub(super) epoch: u64,
    pub(super) ends_s: i64,
}

pub(super) struct Live {
    pub(super) register: Register,
    pub(super) sessions: HashMap<[u8; 16], LiveSession>,
}

/// Accounts, sessions and what proves them.
pub struct Roster {
    pub(super) store: Arc<dyn Store>,
    pub(super) config: AccountsConfig,
    pub(super) tokens: TokenConfig,
    pub(super) vault: Vault,
    pub(super) denied: BTreeSet<String>,
    pub(super) signer: ArcSwap<Issuer>,
    /// When keys were last used, and whether that is still to be written down.
    pub(super) uses: Mutex<HashMap<String, (i64, bool)>>,
    /// Attempts at one name are counted one after the other.
    pub(super) attempts: tokio::sync::Mutex<()>,
    /// Passwords hashed at the same time, each in 19 MiB.
    pub(super) hashing: tokio::sync::Semaphore,
    live: RwLock<Live>,
    turn: tokio::sync::Mutex<()>,
    keys: PathBuf,
}

/// Passwords hashed at the same time.
const HASHED_AT_ONCE: usize = 2;

impl Roster {
    /// Opens the roster: folds the register's events, reads sessions and uses, opens its keys under `data`.
    ///
    /// # Errors
    /// [`RosterError`]; events that do not follow on each other stop the start.
    pub async fn open(
        store: Arc<dyn Store>,
        config: &AccountsConfig,
        tokens: &TokenConfig,
        data: &Path,
    ) -> Result<Self, RosterError> {
        let access_s = config.access_s.clamp(60, 3_600);
        let session_s = config.session_s.clamp(access_s, 30 * 86_400);
        let config = AccountsConfig { access_s, session_s, ..config.clone() };
        let mut register = Register::default();
        for (_, event) in rows::all::<Event>(&store, EVENT).await? {
            let number = register.events();
            register.apply(&event).map_err(|source| RosterError::Broken { number, source })?;
        }
        let mut sessions = HashMap::new();
        for (key, kept) in rows::all::<Session>(&store, SESSION).await? {
            if let Some(Ok(id)) = key.get(1..).map(<[u8; 16]>::try_from) {
                let Session { account, epoch, ends_s, .. } = kept;
                sessions.insert(id, LiveSession { account, epoch, ends_s });
            }
        }
        let uses = rows::all::<i64>(&store, USE).await?.into_iter();
        let uses = uses.map(|(key, at)| (String::from_utf8_lossy(key.get(1..).unwrap_or_default()).into_owned(), at));
        let keys = data.join("keys");
        let key = read_or_make(&keys.join("accounts.key"), || random(32))
            .map_err(|source| RosterError::Key { what: "accounts.key", source })?;
        let vault = Vault::new(&key).map_err(|source| RosterError::Key { what: "accounts.key", source })?;
        let denied = match &config.denied_passwords {
            None => BTreeSet::new(),
            Some(file) => {
                let file = data.join(file);
                let text = std::fs::read_to_string(&file).map_err(|source| RosterError::Denied { file, source })?;
                text.lines().map(|line| line.trim().to_lowercase()).filter(|line| !line.is_empty()).collect()
            }
        };
        let signer = Issuer::open(&signing_key(&keys, register.generation()))?;
        Ok(Self {
            store,
            config,
            tokens: tokens.clone(),
            vault,
            denied,
            signer: ArcSwap::from_pointee(signer),
            uses: Mutex::new(uses.map(|(id, at)| (id, (at, false))).collect()),
            attempts: tokio::sync::Mutex::new(()),
            hashing: tokio::sync::Semaphore::new(HASHED_AT_ONCE),
            live: RwLock::new(Live { register, sessions }),
            turn: tokio::sync::Mutex::new(()),
            keys,
        })
    }

    /// The keys that tokens of accounts are checked with.
    ///
    /// # Errors
    /// [`RosterError`] if the key's own set could not be read back.
    pub fn own_keys(&self) -> Result<KeySet, RosterError> {
        let damaged = |why: String| RosterError::Key { what: "the signing key's set", source: io::Error::other(why) };
        KeySet::of_program(&self.signer.load().jwks()).map_err(damaged)
    }

    /// Where programs get tokens (RFC 8414 `token_endpoint`), and the issuer's address.
    #[must_use]
    pub fn token_endpoint(&self) -> String {
        format!("{}/oauth/token", self.address())
    }

    /// The gateway's address as its callers know it.
    #[must_use]
    pub fn address(&self) -> &str {
        self.config.address.trim_end_matches('/')
    }

    /// The register as it stands; not held over a wait.
    pub fn read<T>(&self, what: impl FnOnce(&Register) -> T) -> T {
        what(&self.live().register)
    }

    /// When an API key was last used, microseconds since 1970.
    #[must_use]
    pub fn last_use(&self, id: &str) -> Option<i64> {
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).get(id).map(|(at, _)| *at)
    }

    /// Does what is wanted, or says why not; when this returns it is on disk and in force.
    ///
    /// # Errors
    /// [`RosterError`].
    pub async fn act(&self, by: &str, intent: Intent, now: Instant) -> Result<Event, RosterError> {
        let _turn = self.turn.lock().await;
        let mut next = self.read(Register::clone);
        let deed = match intent {
            Intent::Found(account) => next.found(account)?,
            Intent::Submit(measure) => next.submit(by, measure, now.0)?,
            Intent::Approve { number, digest, second } => next.approve(by, number, &digest, second, now.0)?,
            Intent::Reject { number } => next.reject(by, number, now.0)?,
            Intent::Use(measure) => {
                next.standing(&measure, now.0).ok_or(RegisterError::Absent { what: "approved permission" })?
            }
        };
        let event = Event { at_us: now.0, by: by.to_owned(), deed };
        let key = rows::key(EVENT, &next.events().to_be_bytes());
        next.apply(&event)?;
        // A key that could not be made stops the rotation before it is written down.
        let rotated = next.generation() != self.read(Register::generation);
        let signer = if rotated { Some(Issuer::open(&signing_key(&self.keys, next.generation()))?) } else { None };
        Change::default().add(key, &event).keep(&self.store).await?;
        self.live_mut().register = next;
        if let Some(signer) = signer {
            self.signer.store(Arc::new(signer));
            self.forget_signing_key();
        }
        Ok(event)
    }

    /// A key that signs no more is destroyed; that it could not be is logged, its tokens are refused all the same.
    fn forget_signing_key(&self) {
        let Some(before) = self.read(Register::generation).checked_sub(1) else { return };
        if let Err(error) = std::fs::remove_file(signing_key(&self.keys, before)) {
            tracing::warn!(%error, "an old signing key could not be removed");
        }
    }

    /// Whether the account and the session of a verified token still stand; gives the session.
    ///
    /// Cost: two look-ups in memory. Called for every request, so that a revocation is in force with the next.
    /// # Errors
    /// Why the token is refused.
    pub fn stands(&self, verified: &Verified, now_s: i64) -> Result<Option<[u8; 16]>, &'static str> {
        let kind = Kind::of_subject(&verified.subject);
        if !verified.own {
            return match kind {
                Some(_) => Err("another key speaks for an account of this gateway"),
                None if verified.record.is_some() => Err("another key speaks for a citizen"),
                None if verified.company.is_some() => Err("another key speaks for a company"),
                None => Ok(None),
            };
        }
        let live = self.live();
        let held = live.register.account(&verified.subject).ok_or("there is no such account")?;
        if held.disabled {
            return Err("the account is disabled");
        }
        if verified.epoch != Some(held.epoch) {
            return Err("the account's rights have changed since");
        }
        if verified.record.as_deref() != held.account.record.as_deref() {
            return Err("the account is bound to another record");
        }
        if verified.company.as_deref() != held.account.company.as_deref() {
            return Err("the account is another company's");
        }
        if !kind.is_some_and(Kind::has_password) {
            return Ok(None);
        }
        let id = verified.session.as_deref().and_then(session::of_text).ok_or("a person's token names its session")?;
        match live.sessions.get(&id) {
            Some(session)
                if session.account == *verified.subject && session.epoch == held.epoch && session.ends_s > now_s =>
            {
                Ok(Some(id))
            }
            _ => Err("the session is ended"),
        }
    }

    /// Who is behind an API key; notes that it was used.
    ///
    /// # Errors
    /// Why it is refused.
    pub fn key(&self, token: &str, now: Instant) -> Result<Standing, &'static str> {
        let sent = super::key::read(token).ok_or("not in the form of an API key")?;
        let live = self.live();
        let held = live.register.by_prefix(sent.prefix).ok_or("no API key of this prefix")?;
        let Proof::Secret { hash, .. } = &held.account.proof else { return Err("no API key of this prefix") };
        let whole = match (&held.second, &sent.second) {
            (None, None) => true,
            (Some(hash), Some(second)) => second.is(hash),
            _ => false,
        };
        if !(sent.first.is(hash) && whole) {
            return Err("the API key's secret is another");
        }
        if held.disabled {
            return Err("the API key is revoked");
        }
        if held.account.ends_us.is_none_or(|end| now.0 >= end) {
            return Err("the API key has expired");
        }
        let id = held.account.id();
        self.uses.lock().unwrap_or_else(PoisonError::into_inner).insert(id.clone(), (now.0, true));
        let department = held.account.department.as_deref().map(Arc::from);
        Ok(Standing { subject: id.into(), roles: held.account.roles, department })
    }

    pub(super) fn live(&self) -> RwLockReadGuard<'_, Live> {
        self.live.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn live_mut(&self) -> RwLockWriteGuard<'_, Live> {
        self.live.write().unwrap_or_else(PoisonError::into_inner)
    }
}

fn signing_key(keys: &Path, generation: u64) -> PathBuf {
    keys.join(format!("sign-in-{generation}.key"))
}
