//! Verifying keys and their text form.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};

use crate::algorithm::PublicKey;

#[cfg(test)]
mod tests;

/// Why a key cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum KeyError {
    /// Names are not empty and hold no space, plus sign or control character (C2SP signed-note).
    #[error("`{name}` cannot name a key")]
    BadName { name: String },
    /// The text is not `name+id+key`.
    #[error("`{text}` is not `name+id+key`")]
    NotAKey { text: String },
    /// The key's bytes are not of a known algorithm, or not a point of its curve.
    #[error("key `{name}` is not a key of a known algorithm")]
    UnknownAlgorithm { name: String },
    /// The text was altered or put together wrongly.
    #[error("key `{name}` states the id {stated} but has {actual}")]
    IdDiffers { name: String, stated: String, actual: String },
    /// The seed or the scalar is not a secret key.
    #[error("no secret key for `{name}`")]
    NoSecret { name: String },
}

/// The public key of a signer, with its name.
///
/// Its text form is C2SP's `name+id+key`, for instance
/// `PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW`: the id in hexadecimal, the key with its
/// type before it in base64. [`FromStr`] and [`Display`](fmt::Display) read and write it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    id: [u8; 4],
    public: PublicKey,
}

impl VerifyingKey {
    pub(crate) fn new(name: &str, public: PublicKey) -> Result<Self, KeyError> {
        if !is_name(name) {
            return Err(KeyError::BadName { name: name.into() });
        }
        Ok(Self { name: name.into(), id: key_id(name, &public), public })
    }

    /// The signer's name, for instance `example.org/audit`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The key's id: the first 4 bytes of `SHA-256(name | 0x0A | type | key)` (C2SP signed-note). A label, too
    /// short to stand for the key.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Whether `signature` is this key's on `message`. Cost: one signature check.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        self.public.verifies(message, signature)
    }
}

impl FromStr for VerifyingKey {
    type Err = KeyError;

    /// # Errors
    /// [`KeyError`].
    fn from_str(text: &str) -> Result<Self, KeyError> {
        let not_a_key = || KeyError::NotAKey { text: text.into() };
        // Base64 has plus signs too; a name has none.
        let (name, rest) = text.split_once('+').ok_or_else(not_a_key)?;
        let (stated, key) = rest.split_once('+').ok_or_else(not_a_key)?;
        let bytes = BASE64.decode(key).map_err(|_| not_a_key())?;
        let public = PublicKey::decode(&bytes).ok_or_else(|| KeyError::UnknownAlgorithm { name: name.into() })?;
        let key = Self::new(name, public)?;
        let actual = hex(key.id);
        if stated != actual {
            return Err(KeyError::IdDiffers { name: name.into(), stated: stated.into(), actual });
        }
        Ok(key)
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}+{}+{}", self.name, hex(self.id), BASE64.encode(self.public.encode()))
    }
}

/// Whether a key can have this name.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '+')
}

fn key_id(name: &str, public: &PublicKey) -> [u8; 4] {
    let hash: [u8; 32] =
        Sha256::new().chain_update(name).chain_update("\n").chain_update(public.encode()).finalize().into();
    let [a, b, c, d, ..] = hash;
    [a, b, c, d]
}

fn hex(id: [u8; 4]) -> String {
    format!("{:08x}", u32::from_be_bytes(id))
}
