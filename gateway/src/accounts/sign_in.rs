//! Signing in: the tokens of a session, and of a program.

use std::io;

use foundation::value::Instant;

use super::account::Account;
use super::assertion::{self, AssertionError};
use super::prove::Attempt;
use super::register::Held;
use super::roster::{LiveSession, Roster};
use super::rows::{self, ASSERTION, Change, SESSION, key, short};
use super::secret::Secret;
use super::session::{self, Session};
use crate::journal::JournalError;
use crate::oidc::OidcError;
use crate::token::{Bound, Roles, Subject};

/// Tokens of a session, or of a program.
#[derive(Debug, Clone)]
pub struct Tokens {
    /// Subject.
    pub account: String,
    /// Bearer token.
    pub access: Secret,
    /// Seconds that it holds.
    pub access_s: i64,
    /// What gets the next one; a program has none.
    pub refresh: Option<Secret>,
    /// Roles.
    pub roles: Roles,
}

/// A session that is not kept yet.
pub(super) struct Begun {
    pub(super) id: [u8; 16],
    pub(super) refresh: Secret,
    pub(super) session: Session,
}

/// Why there is no signing in.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum SignInError {
    /// Not accepted. Whoever asks hears the same for an unknown name, a wrong password and a wrong code.
    #[error("{why}")]
    Refused { account: Option<String>, why: &'static str },
    /// Too many failures with this name, whether there is such an account or not.
    #[error("too many failures with this name")]
    Locked { wait_s: u32 },
    /// Proved, and something is to be done first.
    #[error("{what}")]
    Incomplete { account: String, member: &'static str, what: &'static str },
    /// What is wanted breaks a rule.
    #[error("{rule}")]
    Unsound { member: &'static str, rule: String },
    /// A sign-in by the identity provider.
    #[error(transparent)]
    Provider(#[from] OidcError),
    /// An assertion of a program.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// A scope that is not the program's.
    #[error("the scope is not within the roles of the program")]
    Scope { account: String },
    /// Rows.
    #[error(transparent)]
    Rows(#[from] JournalError),
    /// No random numbers, or a hash that was not made.
    #[error("a secret could not be made")]
    Secret(#[from] io::Error),
}

impl Roster {
    /// Signs a person in; the access token holds `access_s` seconds, no longer than the session.
    ///
    /// Cost: one Argon2id of some 20 ms and two commits, whether the name is known or not.
    /// # Errors
    /// [`SignInError`].
    pub async fn sign_in(&self, attempt: &Attempt, whole_session: bool, now: Instant) -> Result<Tokens, SignInError> {
        let proven = self.prove(attempt, now).await?;
        let outstanding = self.outstanding(&proven, now);
        if let Some((member, what)) = outstanding {
            proven.keep(self, proven.change()).await?;
            return Err(SignInError::Incomplete { account: proven.id, member, what });
        }
        let begun = self.session_of(&proven.held, now)?;
        proven.keep(self, proven.change().add(key(SESSION, &begun.id), &begun.session)).await?;
        Ok(self.enter(&proven.held, begun, whole_session, now))
    }

    /// A session for an account whose holder has proved himself, to be kept before it is entered.
    pub(super) fn session_of(&self, held: &Held, now: Instant) -> io::Result<Begun> {
        let id = session::fresh_id()?;
        let refresh = session::fresh(&id)?;
        let session = Session {
            account: held.account.id(),
            epoch: held.epoch,
            refresh: refresh.hash(),
            ends_s: now.0.div_euclid(1_000_000).saturating_add(self.config.session_s),
        };
        Ok(Begun { id, refresh, session })
    }

    /// Enters a session that is kept; gives its tokens.
    pub(super) fn enter(&self, held: &Held, begun: Begun, whole_session: bool, now: Instant) -> Tokens {
        let Begun { id, refresh, session: Session { account, epoch, ends_s, .. } } = begun;
        self.live_mut().sessions.insert(id, LiveSession { account, epoch, ends_s });
        let access_s = if whole_session { self.config.session_s } else { self.config.access_s };
        let access_s = access_s.min(self.config.session_s);
        self.tokens_of(held, &id, Some(refresh), access_s, now.0.div_euclid(1_000_000))
    }

    /// Changes a session's refresh token for another, and gives an access token.
    ///
    /// # Errors
    /// [`SignInError::Refused`]; a refresh token that was used before ends its session.
    pub async fn refresh(&self, token: &Secret, now: Instant) -> Result<Tokens, SignInError> {
        let refused = |account: Option<&str>, why| SignInError::Refused { account: account.map(str::to_owned), why };
        let id = session::of_refresh(token).ok_or_else(|| refused(None, "not a refresh token"))?;
        let row = key(SESSION, &id);
        let found = rows::get::<Session>(&self.store, &row).await?;
        let (session, read) = found.ok_or_else(|| refused(None, "no session of this refresh token"))?;
        let who = Some(session.account.as_str());
        let now_s = now.0.div_euclid(1_000_000);
        let held = self.read(|register| register.account(&session.account).cloned());
        let held = held.filter(|held| !held.disabled && held.epoch == session.epoch);
        let Some(held) = held.filter(|_| now_s < session.ends_s) else {
            self.end(&id).await?;
            return Err(refused(who, "the session is over, or the account's rights have changed"));
        };
        let fresh = session::fresh(&id)?;
        let next = Session { refresh: fresh.hash(), ..session.clone() };
        let kept = if token.is(&session.refresh) {
            Change::default().replace(row, Some(&read), &next).keep(&self.store).await
        } else {
            Err(JournalError::Overtaken)
        };
        match kept {
            Ok(()) => {
                let access_s = self.config.access_s.min(session.ends_s - now_s);
                Ok(self.tokens_of(&held, &id, Some(fresh), access_s, now_s))
            }
            Err(JournalError::Overtaken) => {
                self.end(&id).await?;
                Err(refused(who, "a refresh token was used twice: the session is ended"))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Ends a session; its tokens are refused from then on. Gives whose it was.
    ///
    /// # Errors
    /// [`SignInError::Rows`].
    pub async fn end(&self, id: &[u8; 16]) -> Result<Option<String>, SignInError> {
        let was = self.live_mut().sessions.remove(id);
        Change::default().delete(key(SESSION, id)).keep(&self.store).await?;
        Ok(was.map(|session| session.account))
    }

    /// Ends the session of a refresh token that is good.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn end_by_refresh(&self, token: &Secret) -> Result<Option<String>, SignInError> {
        let Some(id) = session::of_refresh(token) else { return Ok(None) };
        match rows::get::<Session>(&self.store, &key(SESSION, &id)).await? {
            Some((session, _)) if token.is(&session.refresh) => self.end(&id).await,
            _ => Ok(None),
        }
    }

    /// A token for a program that has proved itself (RFC 6749 section 4.4, RFC 7523); `scope` narrows its roles.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn program(
        &self,
        assertion: &Secret,
        client_id: Option<&str>,
        scope: Option<&str>,
        now: Instant,
    ) -> Result<Tokens, SignInError> {
        let now_s = now.0.div_euclid(1_000_000);
        let endpoint = self.token_endpoint();
        let asserted =
            self.read(|register| assertion::judge(register, assertion.reveal(), client_id, &endpoint, now_s))?;
        let id = asserted.held.account.id();
        let row = [id.as_bytes(), &[0], &short(asserted.once.as_bytes())].concat();
        match Change::default().add(key(ASSERTION, &row), &asserted.until_s).keep(&self.store).await {
            Err(JournalError::Overtaken) => {
                let error = AssertionError { account: Some(id), why: "the assertion was used before" };
                return Err(error.into());
            }
            other => other?,
        }
        let roles = narrowed(&asserted.held.account, scope).ok_or(SignInError::Scope { account: id })?;
        let mut held = asserted.held;
        held.account.roles = roles;
        let subject = subject(&held.account);
        let bound = Bound { epoch: Some(held.epoch), session: None };
        let access = self.signer.load().issue_bound(&self.tokens, &subject, &bound, now_s, self.config.access_s);
        let access = Secret::new(access);
        Ok(Tokens { account: subject.subject, access, access_s: self.config.access_s, refresh: None, roles })
    }

    fn tokens_of(&self, held: &Held, id: &[u8; 16], refresh: Option<Secret>, access_s: i64, now_s: i64) -> Tokens {
        let subject = subject(&held.account);
        let bound = Bound { epoch: Some(held.epoch), session: Some(crate::http::hex(id)) };
        let access = Secret::new(self.signer.load().issue_bound(&self.tokens, &subject, &bound, now_s, access_s));
        Tokens { account: subject.subject, access, access_s, refresh, roles: held.account.roles }
    }
}

fn narrowed(account: &Account, scope: Option<&str>) -> Option<Roles> {
    let Some(scope) = scope else { return Some(account.roles) };
    let words = scope.split(' ').filter(|word| !word.is_empty());
    let roles: Option<Roles> = words.map(crate::token::Role::named).collect();
    let sound = |roles: &Roles| {
        let held = roles.sound(account.department.is_some(), account.company.is_some());
        *roles != Roles::default() && roles.within(account.roles) && held.is_ok()
    };
    roles.filter(sound)
}

fn subject(account: &Account) -> Subject {
    Subject {
        subject: account.id(),
        department: account.department.clone(),
        roles: account.roles.iter().collect(),
        officer: account.officer.clone(),
        record: account.record.clone(),
        company: account.company.clone(),
    }
}
