//! Sessions: a refresh token that is changed for another with every use; one used twice ends the session.

use std::io;

use serde::{Deserialize, Serialize};

use super::secret::{Secret, random};

const MARK: &str = "nbr_";

/// A session as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Session {
    /// The person.
    pub(super) account: String,
    /// The account's epoch when it began.
    pub(super) epoch: u64,
    /// SHA-256 of the refresh token that is good now.
    pub(super) refresh: String,
    /// When it ends, seconds since 1970.
    pub(super) ends_s: i64,
}

/// A fresh session's id.
pub(super) fn fresh_id() -> io::Result<[u8; 16]> {
    let mut id = [0; 16];
    id.copy_from_slice(&random(16)?);
    Ok(id)
}

/// A fresh refresh token of a session.
pub(super) fn fresh(id: &[u8; 16]) -> io::Result<Secret> {
    Ok(Secret::new(format!("{MARK}{}_{}", crate::http::hex(id), Secret::random(32)?.reveal())))
}

/// The session that a refresh token names; nothing is believed yet.
pub(super) fn of_refresh(token: &Secret) -> Option<[u8; 16]> {
    let (id, secret) = token.reveal().strip_prefix(MARK)?.split_once('_')?;
    if secret.len() == 64 { of_text(id) } else { None }
}

/// The session of a token's `sid`.
pub(super) fn of_text(text: &str) -> Option<[u8; 16]> {
    let sound = text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if sound { u128::from_str_radix(text, 16).ok().map(u128::to_be_bytes) } else { None }
}
