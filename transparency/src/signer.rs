//! Signing keys.

use std::fmt;

use crate::algorithm::SecretKey;
use crate::key::{KeyError, VerifyingKey};

/// A named secret key that signs checkpoints.
///
/// The same text gets the same signature each time, with both algorithms: no randomness is needed. Where the
/// secret comes from and how it is kept is the caller's to decide; the caller's copy is not wiped here.
pub struct Signer {
    secret: SecretKey,
    key: VerifyingKey,
}

impl Signer {
    /// A signer with Ed25519 (RFC 8032), from the 32 bytes of its seed.
    ///
    /// # Errors
    /// [`KeyError::BadName`]; [`KeyError::NoSecret`] if the library refuses the seed.
    pub fn ed25519(name: &str, seed: &[u8; 32]) -> Result<Self, KeyError> {
        Self::new(name, SecretKey::ed25519(seed))
    }

    /// A signer with SM2 and SM3 (GM/T 0003.2-2012), from its secret scalar, 32 bytes big-endian.
    ///
    /// The user id is `1234567812345678`; `k` is derived from key and text (RFC 6979 with SM3).
    /// # Errors
    /// [`KeyError::BadName`]; [`KeyError::NoSecret`] if the scalar is 0 or not below the order of the curve.
    pub fn sm2(name: &str, secret: &[u8; 32]) -> Result<Self, KeyError> {
        Self::new(name, SecretKey::sm2(secret))
    }

    fn new(name: &str, secret: Option<SecretKey>) -> Result<Self, KeyError> {
        let no_secret = || KeyError::NoSecret { name: name.into() };
        let secret = secret.ok_or_else(no_secret)?;
        let key = VerifyingKey::new(name, secret.public().ok_or_else(no_secret)?)?;
        Ok(Self { secret, key })
    }

    /// The key that verifies what this signer signs.
    #[must_use]
    pub const fn verifying_key(&self) -> &VerifyingKey {
        &self.key
    }

    /// The signature on `message`; `None` if the library fails.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        self.secret.sign(message)
    }
}

impl fmt::Debug for Signer {
    /// Shows the public key only.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Signer").field("key", &self.key).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::Signer;

    #[test]
    fn a_secret_is_not_shown() {
        let shown = format!("{:?}", Signer::sm2("log", &[0x11; 32]).unwrap());
        assert!(!shown.contains("17, 17, 17, 17") && !shown.contains("1111"), "{shown}");
    }
}
