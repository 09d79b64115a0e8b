//! API keys: `nbk_<prefix>_<secret>`, and the second person's half after a dot where two people gave it.

use std::io;

use super::secret::{Secret, random};

const MARK: &str = "nbk_";

/// A fresh key: its visible prefix, and the whole text that is shown once.
///
/// # Errors
/// If the system gives no random numbers.
pub fn fresh() -> io::Result<(String, Secret)> {
    let prefix = crate::http::hex(&random(4)?);
    let secret = Secret::random(32)?;
    let text = format!("{MARK}{prefix}_{}", secret.reveal());
    Ok((prefix, Secret::new(text)))
}

/// A key as it was sent.
pub(super) struct Sent<'a> {
    pub(super) prefix: &'a str,
    pub(super) first: Secret,
    pub(super) second: Option<Secret>,
}

/// Whether a bearer token is an API key.
#[must_use]
pub fn is_key(token: &str) -> bool {
    token.starts_with(MARK)
}

/// Reads a bearer token as an API key.
pub(super) fn read(token: &str) -> Option<Sent<'_>> {
    let (first, second) = match token.split_once('.') {
        Some((first, second)) => (first, Some(Secret::new(second))),
        None => (token, None),
    };
    let (prefix, secret) = first.strip_prefix(MARK)?.split_once('_')?;
    let sound = prefix.len() == 8 && secret.len() == 64;
    sound.then(|| Sent { prefix, first: Secret::new(first), second })
}
