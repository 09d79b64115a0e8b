//! What comes before the first sign-in, and again later: an initial password, one of one's own, a second factor.

use std::io;

use foundation::value::Instant;

use super::credential::Credential;
use super::prove::{Attempt, INITIAL};
use super::roster::Roster;
use super::rows::{SESSION, key};
use super::secret::Secret;
use super::sign_in::SignInError;
use super::{password, second};

/// A second factor to be taken into an authenticator.
#[derive(Debug, Clone)]
pub struct Enrolment {
    /// Subject.
    pub account: String,
    /// The seed in base 32.
    pub seed: Secret,
    /// `otpauth://` address.
    pub url: Secret,
}

impl Roster {
    /// An initial password and its hash, for an account to be opened or reset.
    ///
    /// # Errors
    /// [`SignInError::Secret`].
    pub async fn initial(&self) -> Result<(Secret, String), SignInError> {
        let word = second::recovery_codes()?.pop().ok_or_else(|| io::Error::other("no random numbers"))?;
        let hash = self.hash(word.clone()).await?;
        Ok((word, hash))
    }

    /// Sets another password, by which all sessions of the account end; gives whose.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn change_password(&self, attempt: &Attempt, new: &Secret, now: Instant) -> Result<String, SignInError> {
        let unsound = |rule: String| SignInError::Unsound { member: "new_password", rule };
        password::is_good(new, &attempt.name, &self.denied).map_err(unsound)?;
        if *new == attempt.password {
            return Err(unsound("the new password is the old one".to_owned()));
        }
        let mut proven = self.prove(attempt, now).await?;
        let hash = self.hash(new.clone()).await?;
        let fresh = Credential {
            resets: proven.held.resets,
            hash: String::new(),
            set_us: now.0,
            seed: None,
            pending: None,
            step: 0,
            recovery: Vec::new(),
        };
        let kept = proven.credential.take().unwrap_or(fresh);
        proven.credential = Some(Credential { hash, set_us: now.0, ..kept });
        proven.changed = true;
        let ids: Vec<[u8; 16]> = {
            let live = self.live();
            let own = live.sessions.iter().filter(|(_, session)| session.account == proven.id);
            own.map(|(id, _)| *id).collect()
        };
        let change = ids.iter().fold(proven.change(), |change, id| change.delete(key(SESSION, id)));
        proven.keep(self, change).await?;
        self.live_mut().sessions.retain(|_, session| session.account != proven.id);
        Ok(proven.id)
    }

    /// Draws a second factor, which counts once [`Roster::confirm`] has seen a code of it.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn enrol(&self, attempt: &Attempt, now: Instant) -> Result<Enrolment, SignInError> {
        let mut proven = self.prove(attempt, now).await?;
        let seed = second::seed()?;
        let sealed = self.vault.seal(&seed, &proven.id)?;
        let Some(credential) = &mut proven.credential else {
            proven.keep(self, proven.change()).await?;
            return Err(SignInError::Incomplete { account: proven.id, member: "new_password", what: INITIAL });
        };
        credential.pending = Some(sealed);
        proven.changed = true;
        proven.keep(self, proven.change()).await?;
        let issuer = &self.tokens.issuer;
        let (seed, url) = second::shown(&seed, &proven.name, issuer)
            .ok_or_else(|| io::Error::other("the second factor could not be shown"))?;
        Ok(Enrolment { account: proven.id, seed, url })
    }

    /// Takes the drawn second factor in force by a code of it; gives the recovery codes, which are shown this once.
    ///
    /// # Errors
    /// [`SignInError`].
    pub async fn confirm(
        &self,
        attempt: &Attempt,
        new_code: &Secret,
        now: Instant,
    ) -> Result<(String, Vec<Secret>), SignInError> {
        let mut proven = self.prove(attempt, now).await?;
        let now_s = now.0.div_euclid(1_000_000);
        let waiting = proven.credential.as_ref().and_then(|c| c.pending.clone());
        let seed = waiting.as_ref().and_then(|sealed| self.vault.open(sealed, &proven.id));
        let step = seed.and_then(|seed| second::step_of(&seed, new_code.reveal(), now_s, 0));
        let (Some(step), Some(credential)) = (step, &mut proven.credential) else {
            proven.keep(self, proven.change()).await?;
            let rule = "`new_code` is not a code of a second factor that waits to be confirmed".to_owned();
            return Err(SignInError::Unsound { member: "new_code", rule });
        };
        let codes = second::recovery_codes()?;
        credential.seed = credential.pending.take();
        credential.step = step;
        credential.recovery = codes.iter().map(Secret::hash).collect();
        proven.changed = true;
        proven.keep(self, proven.change()).await?;
        Ok((proven.id, codes))
    }
}
