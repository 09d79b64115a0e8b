//! Keys that figures depend on.

use std::fmt;

/// A secret of 32 bytes. Who knows it can take the noise off every figure.
#[derive(Clone)]
pub struct Secret([u8; 32]);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    /// The secret of these bytes.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The secret for one purpose; says nothing about this one, nor about those for other purposes (BLAKE3, keyed).
    #[must_use]
    pub fn part(&self, purpose: &str) -> Self {
        Self(*blake3::keyed_hash(&self.0, purpose.as_bytes()).as_bytes())
    }

    /// Its bytes, for whoever makes record keys.
    #[must_use]
    pub fn bytes(&self) -> [u8; 32] {
        self.0
    }

    /// 64 bits that nobody without the secret can tell from random ones.
    #[must_use]
    pub fn bits(&self, message: &[u8]) -> u64 {
        let hash = blake3::keyed_hash(&self.0, message);
        hash.as_bytes().first_chunk::<8>().map_or(0, |first| u64::from_le_bytes(*first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn purposes_have_keys_of_their_own_and_none_is_printed() {
        let secret = Secret::new([7; 32]);
        assert_ne!(secret.part("a").bytes(), secret.part("b").bytes());
        assert_ne!(secret.part("a").bytes(), secret.bytes());
        assert_eq!(secret.part("a").bits(b"x"), secret.part("a").bits(b"x"));
        assert_ne!(secret.part("a").bits(b"x"), secret.part("a").bits(b"y"));
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
