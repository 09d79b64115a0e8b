//! A sign-in that has begun: it goes with the browser, sealed, and is taken back once.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use super::Returned;
use crate::accounts::{Secret, Vault};

/// Seconds in which a sign-in is to be finished.
const PENDING_S: i64 = 600;
/// What it is sealed for.
const SEALED_FOR: &str = "a sign-in by an identity provider";
/// Longest sealed sign-in taken back, bytes.
const BYTES_MAX: usize = 4_000;

/// What the portal wants to have again when the sign-in is done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Onward {
    /// The page to go on to.
    pub next: Option<String>,
    /// Grant.
    pub grant: Option<String>,
    /// Business case.
    pub case: Option<String>,
    /// Officer.
    pub officer: Option<String>,
}

/// A sign-in that came back with its own `state`. It is to be spent before it is finished.
pub struct Coming {
    pub(super) pending: Pending,
    pub(super) returned: Returned,
}

impl Coming {
    /// What is good once.
    #[must_use]
    pub fn once(&self) -> &str {
        &self.pending.state
    }

    /// Seconds since 1970 after which it would be refused anyway.
    #[must_use]
    pub fn until_s(&self) -> i64 {
        self.pending.begun_s.saturating_add(PENDING_S)
    }

    /// What the portal wanted to have again.
    #[must_use]
    pub fn onward(&self) -> &Onward {
        &self.pending.onward
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Pending {
    /// What comes back in the address.
    pub(super) state: String,
    /// What comes back in the ID token.
    pub(super) nonce: String,
    /// What the code is bound to (RFC 7636).
    pub(super) verifier: String,
    /// The provider that was asked: an answer is taken from no other.
    pub(super) issuer: String,
    /// When it began, seconds since 1970.
    pub(super) begun_s: i64,
    pub(super) onward: Onward,
}

impl Pending {
    pub(super) fn fresh(issuer: &str, onward: Onward, now_s: i64) -> io::Result<Self> {
        let drawn = || Secret::random(32).map(|secret| secret.reveal().to_owned());
        let (state, nonce, verifier) = (drawn()?, drawn()?, drawn()?);
        Ok(Self { state, nonce, verifier, issuer: issuer.to_owned(), begun_s: now_s, onward })
    }

    /// For the browser to keep; nobody but this gateway can read it or make another.
    pub(super) fn sealed(&self, vault: &Vault) -> io::Result<Secret> {
        let bytes = serde_json::to_vec(self).map_err(io::Error::other)?;
        Ok(Secret::new(URL_SAFE_NO_PAD.encode(vault.seal(&bytes, SEALED_FOR)?)))
    }

    /// Takes it back from the browser that brings `state` with it.
    ///
    /// # Errors
    /// The rule that is broken.
    pub(super) fn of(carried: &Secret, state: &str, vault: &Vault, now_s: i64) -> Result<Self, &'static str> {
        if carried.reveal().len() > BYTES_MAX {
            return Err("the browser brings a sign-in that is too long");
        }
        let unreadable = "the browser brings a sign-in that was not begun here";
        let sealed = URL_SAFE_NO_PAD.decode(carried.reveal()).map_err(|_| unreadable)?;
        let bytes = vault.open(&sealed, SEALED_FOR).ok_or(unreadable)?;
        let pending: Self = serde_json::from_slice(&bytes).map_err(|_| unreadable)?;
        if !bool::from(pending.state.as_bytes().ct_eq(state.as_bytes())) {
            return Err("`state` is that of another sign-in");
        }
        if now_s < pending.begun_s || now_s >= pending.begun_s.saturating_add(PENDING_S) {
            return Err("the sign-in was begun more than 10 minutes ago");
        }
        Ok(pending)
    }

    /// `code_challenge` of S256.
    pub(super) fn challenge(&self) -> String {
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, self.verifier.as_bytes());
        URL_SAFE_NO_PAD.encode(digest.as_ref())
    }
}
