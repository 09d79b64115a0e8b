//! Signing in by the word of the identity provider: it says who, the register says whether and as what.

use foundation::value::Instant;

use super::account::{Kind, Proof, is_above_readers};
use super::roster::Roster;
use super::rows::{Change, SESSION, SPENT, key, short};
use super::sign_in::{SignInError, Tokens};
use crate::journal::JournalError;
use crate::oidc::{Coming, Identity};

impl Roster {
    /// Spends a sign-in: on disk when this returns, so that it is good once, over restarts and at the same moment too.
    ///
    /// # Errors
    /// [`SignInError::Refused`] if it was spent before.
    pub async fn spend_sign_in(&self, coming: &Coming) -> Result<(), SignInError> {
        let row = key(SPENT, &short(coming.once().as_bytes()));
        match Change::default().add(row, &coming.until_s()).keep(&self.store).await {
            Err(JournalError::Overtaken) => {
                Err(SignInError::Refused { account: None, why: "the sign-in by the provider was finished before" })
            }
            other => Ok(other?),
        }
    }

    /// Signs in the person whose account is bound to the provider's subject. Nobody is given an account by this.
    ///
    /// Cost: one commit.
    /// # Errors
    /// [`SignInError::Refused`]: no such account, a disabled one, no second factor where a password would need one too.
    pub async fn sign_in_provided(
        &self,
        identity: &Identity,
        whole_session: bool,
        now: Instant,
    ) -> Result<Tokens, SignInError> {
        let held = self.read(|register| register.by_subject(&identity.issuer, &identity.subject).cloned());
        let stranger = SignInError::Refused { account: None, why: "no account is bound to the provider's subject" };
        let held = held.ok_or(stranger)?;
        let refused = |why| Err(SignInError::Refused { account: Some(held.account.id()), why });
        if held.account.kind != Kind::Person || !matches!(held.account.proof, Proof::Provider { .. }) {
            return refused("the account is not one that the provider proves");
        }
        if held.disabled {
            return refused("the account is disabled");
        }
        let needed = self.config.second_factor_for_readers || is_above_readers(held.account.roles);
        if needed && !identity.second_factor {
            return refused("the provider does not say that a second factor was shown");
        }
        let begun = self.session_of(&held, now)?;
        Change::default().add(key(SESSION, &begun.id), &begun.session).keep(&self.store).await?;
        Ok(self.enter(&held, begun, whole_session, now))
    }
}
