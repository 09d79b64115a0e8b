//! Who a name, a password and a code belong to.

use std::io;

use foundation::store::{Bytes, Key};
use foundation::value::Instant;

use super::account::{Kind, Proof, is_above_readers};
use super::credential::{Credential, Failures};
use super::register::Held;
use super::roster::Roster;
use super::rows::{self, CREDENTIAL, Change, FAILURES, key, short};
use super::secret::Secret;
use super::sign_in::SignInError;
use super::{password, second};
use crate::journal::JournalError;

/// How long an initial password holds, microseconds.
const INITIAL_US: i64 = 7 * 86_400 * 1_000_000;
const DAY_US: i64 = 86_400 * 1_000_000;

pub(super) const INITIAL: &str = "the initial password is to be changed first";

/// What somebody who wants to sign in says.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// Name of a person's account.
    pub name: String,
    /// Password.
    pub password: Secret,
    /// Code of the second factor, or a recovery code.
    pub code: Option<Secret>,
}

/// Who has proved himself, with his credential as it is to be kept.
pub(super) struct Proven {
    pub(super) id: String,
    pub(super) held: Held,
    pub(super) credential: Option<Credential>,
    pub(super) changed: bool,
    pub(super) name: String,
    read: Option<Bytes>,
}

impl Proven {
    /// The change that every success makes: failures are forgotten, a spent code stays spent.
    pub(super) fn change(&self) -> Change {
        let change = Change::default().delete(failures_key(&self.name));
        match &self.credential {
            Some(credential) if self.changed => {
                change.replace(key(CREDENTIAL, self.id.as_bytes()), self.read.as_ref(), credential)
            }
            _ => change,
        }
    }

    pub(super) async fn keep(&self, roster: &Roster, change: Change) -> Result<(), SignInError> {
        match change.keep(&roster.store).await {
            // Two with the same code at the same moment: one is the first.
            Err(JournalError::Overtaken) => Err(SignInError::Refused {
                account: Some(self.id.clone()),
                why: "another sign-in was taken at the same moment",
            }),
            other => Ok(other?),
        }
    }
}

impl Roster {
    /// Who a name and what goes with it belong to. An attempt counts as failed until it has turned out otherwise, so that
    /// no number of attempts at the same moment is more than the limit.
    pub(super) async fn prove(&self, attempt: &Attempt, now: Instant) -> Result<Proven, SignInError> {
        self.count(&attempt.name, now).await?;
        let of = |kind: Kind| format!("{}:{}", kind.as_str(), attempt.name);
        let (id, held) = self.read(|register| {
            let citizen = register.account(&of(Kind::Citizen));
            let id = of(if citizen.is_some() { Kind::Citizen } else { Kind::Person });
            let held = register.account(&id).filter(|h| h.account.kind.has_password()).cloned();
            (id, held)
        });
        let resets = held.as_ref().map(|held| held.resets);
        let found = rows::get::<Credential>(&self.store, &key(CREDENTIAL, id.as_bytes())).await?;
        let (credential, read) = found.unzip();
        // Of before the last reset: nothing of it holds, but its row is what the next one takes the place of.
        let credential = credential.filter(|credential| Some(credential.resets) == resets);
        let (hash, first, whole) = expected(held.as_ref(), credential.as_ref(), &attempt.password, now);
        let same = self.is_password(first, hash).await?;
        let Some(held) = held else {
            return Err(SignInError::Refused { account: None, why: "there is no such account" });
        };
        let refused = |why| Err(SignInError::Refused { account: Some(id.clone()), why });
        if !(same && whole) {
            return refused("the password is another, or an initial one that has lapsed");
        }
        if held.disabled {
            return refused("the account is disabled");
        }
        let mut proven = Proven { id: id.clone(), held, read, credential, changed: false, name: attempt.name.clone() };
        if let Some(credential) = &mut proven.credential
            && credential.seed.is_some()
        {
            let Some(code) = &attempt.code else { return refused("the code of the second factor is missing") };
            if !self.spend(credential, code, &id, now) {
                return refused("the code of the second factor is another, or was used before");
            }
            proven.changed = true;
        }
        Ok(proven)
    }

    /// Counts an attempt, or says how long none is taken.
    async fn count(&self, name: &str, now: Instant) -> Result<(), SignInError> {
        let _turn = self.attempts.lock().await;
        let row = failures_key(name);
        let (failures, read) = rows::get::<Failures>(&self.store, &row).await?.unzip();
        let mut failures = failures.unwrap_or_default().counting(now.0);
        if let Some(wait_s) = failures.wait_s(now.0) {
            return Err(SignInError::Locked { wait_s });
        }
        failures.at_us.push(now.0);
        Ok(Change::default().replace(row, read.as_ref(), &failures).keep(&self.store).await?)
    }

    /// Uses up a code of the second factor, or a recovery code.
    fn spend(&self, credential: &mut Credential, code: &Secret, id: &str, now: Instant) -> bool {
        let seed = credential.seed.as_ref().and_then(|sealed| self.vault.open(sealed, id));
        let Some(seed) = seed else { return false };
        if let Some(step) = second::step_of(&seed, code.reveal(), now.0.div_euclid(1_000_000), credential.step) {
            credential.step = step;
            return true;
        }
        let before = credential.recovery.len();
        credential.recovery.retain(|hash| !code.is(hash));
        credential.recovery.len() < before
    }

    /// What is to be done before the account can be used.
    pub(super) fn outstanding(&self, proven: &Proven, now: Instant) -> Option<(&'static str, &'static str)> {
        let Some(credential) = &proven.credential else { return Some(("new_password", INITIAL)) };
        let aged = credential.set_us.saturating_add(self.config.password_days.saturating_mul(DAY_US)) <= now.0;
        if aged {
            return Some(("new_password", "the password has aged: change it first"));
        }
        let needed = self.config.second_factor_for_readers || is_above_readers(proven.held.account.roles);
        if credential.seed.is_none() && needed {
            return Some(("code", "a second factor is needed: enrol one first"));
        }
        None
    }

    pub(super) async fn hash(&self, password: Secret) -> Result<String, SignInError> {
        let made = self.blocking(move || password::hash(&password)).await?;
        made.ok_or_else(|| SignInError::Secret(io::Error::other("the password could not be hashed")))
    }

    async fn is_password(&self, password: Secret, hash: Option<String>) -> Result<bool, SignInError> {
        self.blocking(move || password::matches(&password, hash.as_deref())).await
    }

    async fn blocking<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T, SignInError> {
        let _one = self.hashing.acquire().await.map_err(|_| io::Error::other("the gateway goes down"))?;
        Ok(tokio::task::spawn_blocking(work).await.map_err(|_| io::Error::other("hashing was given up"))?)
    }
}

/// The hash that the password is held against, the part of the password that is, and whether the rest of it is right.
fn expected(
    held: Option<&Held>,
    credential: Option<&Credential>,
    password: &Secret,
    now: Instant,
) -> (Option<String>, Secret, bool) {
    if let Some(credential) = credential {
        return (Some(credential.hash.clone()), password.clone(), true);
    }
    let Some(held) = held else { return (None, password.clone(), false) };
    let Proof::Initial { hash } = &held.account.proof else { return (None, password.clone(), false) };
    let in_time = now.0 < held.given_us.saturating_add(INITIAL_US);
    match (&held.second, password.reveal().split_once('.')) {
        (Some(second), Some((first, rest))) => {
            (Some(hash.clone()), Secret::new(first), in_time && Secret::new(rest).is(second))
        }
        (Some(_), None) => (Some(hash.clone()), password.clone(), false),
        (None, _) => (Some(hash.clone()), password.clone(), in_time),
    }
}

fn failures_key(name: &str) -> Key {
    key(FAILURES, &short(name.as_bytes()))
}
