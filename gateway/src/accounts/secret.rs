//! Secrets: drawn at random, shown nowhere by accident, kept as hashes, or sealed where they are needed again.

use std::fmt;
use std::io;

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use aws_lc_rs::digest;
use subtle::ConstantTimeEq as _;

/// A secret text. Neither logs nor debugging output show it.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Of a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// `bytes` random bytes, as hexadecimal digits.
    ///
    /// # Errors
    /// If the system gives no random numbers.
    pub fn random(bytes: usize) -> io::Result<Self> {
        Ok(Self(crate::http::hex(&random(bytes)?)))
    }

    /// The text itself, for whoever it is for.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// SHA-256 of a secret of 80 random bits or more, as hexadecimal digits.
    #[must_use]
    pub fn hash(&self) -> String {
        crate::http::hex(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref())
    }

    /// Whether its hash is this one; in constant time.
    #[must_use]
    pub fn is(&self, hash: &str) -> bool {
        self.hash().as_bytes().ct_eq(hash.as_bytes()).into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// Random bytes.
pub(crate) fn random(bytes: usize) -> io::Result<Vec<u8>> {
    let mut out = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut out).map_err(|_| io::Error::other("no random numbers"))?;
    Ok(out)
}

const NONCE: usize = 12;

/// Seals what is needed again as it is (second factors, sign-ins that have begun): AES-256-GCM under a key of the node.
pub(crate) struct Vault(RandomizedNonceKey);

impl Vault {
    pub(crate) fn new(key: &[u8]) -> io::Result<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, key).map(Self).map_err(|_| io::Error::other("the key is damaged"))
    }

    /// Seals `secret` for `account`; it opens for no other.
    pub(crate) fn seal(&self, secret: &[u8], account: &str) -> io::Result<Vec<u8>> {
        let mut bytes = secret.to_vec();
        let sealed = self.0.seal_in_place_append_tag(Aad::from(account.as_bytes()), &mut bytes);
        let nonce = sealed.map_err(|_| io::Error::other("a secret could not be sealed"))?;
        let mut out = nonce.as_ref().to_vec();
        out.append(&mut bytes);
        Ok(out)
    }

    /// Opens what was sealed for `account`.
    pub(crate) fn open(&self, sealed: &[u8], account: &str) -> Option<Vec<u8>> {
        let (nonce, body) = sealed.split_at_checked(NONCE)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
        let mut body = body.to_vec();
        let open = self.0.open_in_place(nonce, Aad::from(account.as_bytes()), &mut body).ok()?.to_vec();
        Some(open)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_for_its_account_alone_and_is_not_shown() {
        let vault = Vault::new(&[7; 32]).expect("a key");
        let sealed = vault.seal(b"seed", "person:a").expect("sealed");
        assert_eq!(vault.open(&sealed, "person:a").as_deref(), Some(&b"seed"[..]));
        assert_eq!(vault.open(&sealed, "person:b"), None);
        assert_eq!(vault.open(&sealed[..20], "person:a"), None);
        let secret = Secret::random(32).expect("random");
        assert_eq!(format!("{secret:?}"), "Secret");
        assert!(secret.is(&secret.hash()) && !Secret::new("x").is(&secret.hash()));
    }
}
