//! Signature algorithms: Ed25519, and SM2 with SM3.
//!
//! ```text
//! Ed25519   type 0x01          key 32 bytes (RFC 8032)          signature 64 bytes
//! SM2       type 0xff "sm2"    key 0x04 | x | y, 65 bytes       signature r | s, 64 bytes
//! ```
//! The type of SM2 is the one that C2SP signed-note leaves to algorithms without a registered byte.

use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};
use sm2::dsa::signature::{Signer as _, Verifier as _};

const ED25519_TYPE: &[u8] = b"\x01";
const SM2_TYPE: &[u8] = b"\xffsm2";
/// The signer's identity in SM2 where none is agreed (GM/T 0009-2012 10).
const SM2_USER_ID: &str = "1234567812345678";

/// A public key with its algorithm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PublicKey {
    Ed25519([u8; 32]),
    Sm2([u8; 65]),
}

impl PublicKey {
    /// From type and key; `None` if it is not a key of a known algorithm.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        if let Some(key) = bytes.strip_prefix(ED25519_TYPE) {
            return key.try_into().ok().map(Self::Ed25519);
        }
        let key = Self::Sm2(bytes.strip_prefix(SM2_TYPE)?.try_into().ok()?);
        // A point off the curve is no key.
        key.sm2().is_some().then_some(key)
    }

    /// Type and key, in one.
    pub(crate) fn encode(&self) -> Vec<u8> {
        match self {
            Self::Ed25519(key) => [ED25519_TYPE, key].concat(),
            Self::Sm2(key) => [SM2_TYPE, key].concat(),
        }
    }

    /// Whether `signature` is this key's on `message`.
    pub(crate) fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok(),
            Self::Sm2(_) => sm2::dsa::Signature::from_slice(signature)
                .ok()
                .zip(self.sm2())
                .is_some_and(|(signature, key)| key.verify(message, &signature).is_ok()),
        }
    }

    fn sm2(&self) -> Option<sm2::dsa::VerifyingKey> {
        match self {
            Self::Sm2(key) => sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_USER_ID, key).ok(),
            Self::Ed25519(_) => None,
        }
    }
}

/// A secret key with its algorithm.
pub(crate) enum SecretKey {
    Ed25519(Ed25519KeyPair),
    Sm2(Box<sm2::dsa::SigningKey>),
}

impl SecretKey {
    /// From the seed of RFC 8032.
    pub(crate) fn ed25519(seed: &[u8; 32]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self::Ed25519)
    }

    /// From the secret scalar, big-endian; `None` if it is 0 or not below the order of the curve.
    pub(crate) fn sm2(scalar: &[u8; 32]) -> Option<Self> {
        let key = sm2::dsa::SigningKey::from_slice(SM2_USER_ID, scalar).ok()?;
        Some(Self::Sm2(Box::new(key)))
    }

    pub(crate) fn public(&self) -> Option<PublicKey> {
        match self {
            Self::Ed25519(key) => key.public_key().as_ref().try_into().ok().map(PublicKey::Ed25519),
            Self::Sm2(key) => key.verifying_key().to_sec1_bytes().as_ref().try_into().ok().map(PublicKey::Sm2),
        }
    }

    /// The signature on `message`, the same each time for the same key and message; `None` if the library fails.
    pub(crate) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Ed25519(key) => key.try_sign(message).ok().map(|signature| signature.as_ref().to_vec()),
            Self::Sm2(key) => key.try_sign(message).ok().map(|signature| signature.to_vec()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{PublicKey, SecretKey};
    use crate::naive::unhex;

    /// GM/T 0003.5-2012 annex A.
    #[test]
    fn sm2_gives_the_standards_vector() {
        let scalar = unhex("3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8");
        let public = SecretKey::sm2(&scalar.try_into().unwrap()).unwrap().public().unwrap();
        let point = unhex(concat!(
            "0409f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020",
            "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
        ));
        assert_eq!(public, PublicKey::Sm2(point.try_into().unwrap()));
        let signature = unhex(concat!(
            "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3",
            "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
        ));
        assert!(public.verifies(b"message digest", &signature));
        assert!(!public.verifies(b"message digesT", &signature));
    }

    #[test]
    fn signatures_verify_and_repeat() {
        for secret in [SecretKey::ed25519(&[7; 32]).unwrap(), SecretKey::sm2(&[7; 32]).unwrap()] {
            let signature = secret.sign(b"text").unwrap();
            assert_eq!(Some(&signature), secret.sign(b"text").as_ref());
            let public = secret.public().unwrap();
            assert_eq!(PublicKey::decode(&public.encode()), Some(public.clone()));
            assert!(public.verifies(b"text", &signature));
            assert!(!public.verifies(b"text", &signature[..63]));
            assert!(!public.verifies(b"", &signature));
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        for no_scalar in [[0; 32], [0xff; 32]] {
            assert!(SecretKey::sm2(&no_scalar).is_none());
        }
        let off_the_curve = [b"\xffsm2\x04".as_slice(), &[1; 64]].concat();
        let compressed = [b"\xffsm2\x02".as_slice(), &[1; 32]].concat();
        for no_key in [off_the_curve.as_slice(), &compressed, b"\xffsm2", b"", b"\x01", &[1; 32], &[2; 33]] {
            assert_eq!(PublicKey::decode(no_key), None);
        }
    }
}
