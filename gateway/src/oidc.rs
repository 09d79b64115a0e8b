//! Signing in by the identity provider of one's ministry: OpenID Connect Core 1.0, authorization code flow with PKCE (RFC 7636).
//!
//! The provider says who somebody is; what he may do is said by his account here, which is bound to the provider's subject.
//! [`Provider::begin`] gives the address that a browser is sent to, [`Provider::finish`] judges what it comes back with. No
//! address is asked but those of the configured issuer's own document ([`discovery`]); no access token is kept or used.

mod address;
mod client;
mod discovery;
mod fetch;
mod id_token;
mod keys;
mod known;
mod open;
mod pending;

use std::collections::BTreeSet;
use std::io;

use address::Address;
use client::Proof;
use fetch::{Fetch, FetchError, pair};
use foundation::value::Instant;
pub(crate) use id_token::is_subject;
use id_token::{Claims, Expected, Head};
use known::Known;
pub use open::OidcConfigError;
use pending::Pending;
pub use pending::{Coming, Onward};
use serde_json::Value;

use crate::accounts::{Secret, Vault};
use crate::config::OidcConfig;

/// Where people come back to.
pub(crate) const RETURN: &str = "/sign-in/oidc/callback";

/// Why a sign-in by the provider comes to nothing. Who signs in hears no more than that; the audit entry says why.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// What came back is not accepted.
    #[error("{0}")]
    Refused(&'static str),
    /// The provider does not answer.
    #[error("the identity provider does not answer")]
    Down,
    /// No random numbers, or a key that does not sign.
    #[error("a secret could not be made")]
    Secret(#[from] io::Error),
}

impl From<FetchError> for OidcError {
    fn from(error: FetchError) -> Self {
        match error {
            FetchError::Down => Self::Down,
            FetchError::Wrong(why) => Self::Refused(why),
        }
    }
}

/// A sign-in that has begun.
#[derive(Debug, Clone)]
pub struct Begun {
    /// The provider's address with what it is asked.
    pub location: String,
    /// What the browser brings back.
    pub carried: Secret,
}

/// What a browser comes back with (Core 1.0 section 3.1.2.5, RFC 6749 section 4.1.2, RFC 9207).
#[derive(Debug, Clone, Default)]
pub struct Returned {
    /// What it was given to keep.
    pub carried: Option<Secret>,
    /// `state`.
    pub state: Option<String>,
    /// `code`.
    pub code: Option<Secret>,
    /// `iss`.
    pub issuer: Option<String>,
    /// Whether the provider says that it refuses (`error`).
    pub refused: bool,
}

/// Who the provider says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Issuer.
    pub issuer: String,
    /// Subject.
    pub subject: String,
    /// Whether it says that a second factor was shown, in the words that the configuration demands.
    pub second_factor: bool,
}

/// The configured provider.
pub struct Provider {
    config: OidcConfig,
    issuer: Address,
    origins: BTreeSet<String>,
    redirect: Address,
    proof: Proof,
    vault: Vault,
    fetch: Fetch,
    known: tokio::sync::Mutex<Known>,
}

impl Provider {
    /// The issuer that accounts are bound to.
    #[must_use]
    pub fn issuer(&self) -> &str {
        self.issuer.as_str()
    }

    /// What the provider is called on the sign-in page.
    #[must_use]
    pub fn name(&self) -> &str {
        self.config.name.as_deref().unwrap_or_else(|| self.issuer.host())
    }

    /// Whether browsers reach this gateway over TLS, so that what they keep is sent over nothing else.
    #[must_use]
    pub fn is_secure(&self) -> bool {
        self.redirect.is_https()
    }

    /// Begins a sign-in.
    ///
    /// Cost: none but random numbers while the provider's document is known (10 minutes); else one question to it.
    /// # Errors
    /// [`OidcError`].
    pub async fn begin(&self, onward: Onward, now: Instant) -> Result<Begun, OidcError> {
        let now_s = now.0.div_euclid(1_000_000);
        let discovery = self.discovery(now_s).await?;
        let pending = Pending::fresh(self.issuer(), onward, now_s)?;
        let challenge = pending.challenge();
        let acr = self.config.second_factor_acr.join(" ");
        let mut asked = vec![
            ("response_type", "code"),
            ("client_id", self.config.client_id.as_str()),
            ("redirect_uri", self.redirect.as_str()),
            ("scope", "openid"),
            ("state", pending.state.as_str()),
            ("nonce", pending.nonce.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
        ];
        if !acr.is_empty() {
            asked.push(("acr_values", acr.as_str()));
        }
        let asked: Vec<String> = asked.into_iter().map(|(name, value)| pair(name, value)).collect();
        let to = discovery.authorization.as_str();
        let joint = if to.contains('?') { '&' } else { '?' };
        Ok(Begun { location: format!("{to}{joint}{}", asked.join("&")), carried: pending.sealed(&self.vault)? })
    }

    /// Takes back a sign-in: it was begun here, in this browser, and not long ago.
    ///
    /// # Errors
    /// [`OidcError::Refused`].
    pub fn coming(&self, returned: Returned, now: Instant) -> Result<Coming, OidcError> {
        let now_s = now.0.div_euclid(1_000_000);
        let state = returned.state.as_deref().ok_or(OidcError::Refused("the provider sends no `state`, or two"))?;
        let carried = returned.carried.as_ref().ok_or(OidcError::Refused("the browser brings no sign-in"))?;
        let pending = Pending::of(carried, state, &self.vault, now_s).map_err(OidcError::Refused)?;
        if pending.issuer != self.issuer() {
            return Err(OidcError::Refused("the sign-in was begun with another provider"));
        }
        Ok(Coming { pending, returned })
    }

    /// Finishes a sign-in: changes its code for an ID token, and judges that.
    ///
    /// Cost: one question to the provider; two or three more while its document or keys are not known.
    /// # Errors
    /// [`OidcError`].
    pub async fn finish(&self, coming: Coming, now: Instant) -> Result<Identity, OidcError> {
        let refused = OidcError::Refused;
        let Coming { pending, returned } = coming;
        let now_s = now.0.div_euclid(1_000_000);
        let discovery = self.discovery(now_s).await?;
        match returned.issuer.as_deref() {
            Some(named) if named != self.issuer() => return Err(refused("`iss` is another provider's")),
            None if discovery.names_itself => return Err(refused("the provider does not name itself in `iss`")),
            _ => {}
        }
        if returned.refused {
            return Err(refused("the provider refuses the sign-in"));
        }
        let code = returned.code.filter(|code| (1..=2_048).contains(&code.reveal().len()));
        let code = code.ok_or(refused("the provider sends no `code`, or two, or one over 2,048 bytes"))?;
        let proven = self.proof.prove(&self.config.client_id, self.issuer(), now_s)?;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.reveal()),
            ("redirect_uri", self.redirect.as_str()),
            ("code_verifier", pending.verifier.as_str()),
        ];
        let answer = self.fetch.post(&discovery.token, &form, proven).await?;
        let token = id_token(&answer).map_err(refused)?;
        let head = Head::read(token.reveal()).map_err(refused)?;
        let keys = self.keys(&discovery, &head, now_s).await?;
        let expected = Expected {
            issuer: self.issuer(),
            client: &self.config.client_id,
            nonce: &pending.nonce,
            begun_s: pending.begun_s,
            now_s,
        };
        let claims = id_token::judge(token.reveal(), &head, &keys, &expected).map_err(refused)?;
        let second_factor = self.is_second_factor(&claims);
        Ok(Identity { issuer: self.issuer().to_owned(), subject: claims.subject, second_factor })
    }

    /// Whether the provider says what the configuration demands; where it demands nothing, nothing is enough.
    fn is_second_factor(&self, claims: &Claims) -> bool {
        let (acr, amr) = (&self.config.second_factor_acr, &self.config.second_factor_amr);
        let by_acr = acr.is_empty() || claims.acr.as_ref().is_some_and(|said| acr.contains(said));
        let by_amr = amr.is_empty() || claims.amr.iter().any(|said| amr.contains(said));
        by_acr && by_amr && !(acr.is_empty() && amr.is_empty())
    }
}

/// The ID token of an answer of the token endpoint (Core 1.0 section 3.1.3.3).
fn id_token(answer: &[u8]) -> Result<Secret, &'static str> {
    let answer = crate::json::strict(answer).map_err(|_| "the token endpoint's answer is not JSON")?;
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    if !text("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err("`token_type` is not Bearer");
    }
    text("id_token").map(Secret::new).ok_or("the token endpoint gives no ID token")
}
