//! How bytes are sealed: authenticated encryption under the key of whatever they belong to.
//!
//! ```text
//! sealed   [0xE5][suite, + 0x80 if stamped][stamp 8][nonce 12][ciphertext][tag 16]
//! ```
//! The nonce follows from key, place and content (SIV, as in RFC 5297), so that the same row sealed twice gives the same
//! bytes: a commit that is sent again is the same commit (S6). Encryption and nonce have keys of their own, derived by HMAC.
//! A stamp is the store's and stands outside the seal: bytes 2..10 of a stamped value are those of the header once opened.
//!
//! Suites: AES-256-GCM (NIST SP 800-38D) with HMAC-SHA-256; SM4-GCM (GB/T 32907, RFC 8998) with HMAC-SM3 (GB/T 32905).

use std::ops::Range;

use aes_gcm::aead::consts::U12;
use aes_gcm::aead::{Aead as _, KeyInit as _, Payload};
use aes_gcm::{Aes256Gcm, AesGcm};
use hmac::Hmac;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use sm3::Sm3;
use sm4::Sm4;

/// The first byte of everything sealed; no row begins with it.
pub(super) const MARK: u8 = 0xE5;
/// In the suite's byte: the store writes a stamp.
const STAMPED: u8 = 0x80;
/// Bytes of a secret.
pub(super) const SECRET_BYTES: usize = 32;
const STAMP: Range<usize> = 2..10;
const NONCE: Range<usize> = 10..22;
const HEADER_BYTES: usize = 22;
const TAG_BYTES: usize = 16;
/// By how much a seal makes a value longer, bytes.
pub(in crate::store) const SEAL_BYTES: usize = HEADER_BYTES + TAG_BYTES;

/// A set of algorithms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Suite {
    /// AES-256-GCM and HMAC-SHA-256.
    #[default]
    #[serde(rename = "aes-256-gcm")]
    Aes256Gcm,
    /// SM4-GCM and HMAC-SM3.
    Sm4Gcm,
}

impl Suite {
    /// Its number on disk.
    #[must_use]
    pub fn number(self) -> u8 {
        match self {
            Self::Aes256Gcm => 1,
            Self::Sm4Gcm => 2,
        }
    }

    /// The suite of a number.
    #[must_use]
    pub fn numbered(number: u8) -> Option<Self> {
        [Self::Aes256Gcm, Self::Sm4Gcm].into_iter().find(|suite| suite.number() == number)
    }

    /// A secret derived from another for a use; there is no way back.
    pub(super) fn derive(self, secret: &[u8; SECRET_BYTES], parts: &[&[u8]]) -> [u8; SECRET_BYTES] {
        fn of<M: hmac::KeyInit + hmac::Mac>(secret: &[u8; SECRET_BYTES], parts: &[&[u8]]) -> [u8; SECRET_BYTES] {
            let mut derived = [0; SECRET_BYTES];
            // Both hashes take keys of any length and give 32 bytes.
            let Ok(mut mac) = <M as hmac::KeyInit>::new_from_slice(secret) else { return derived };
            for part in parts {
                mac.update(&(part.len() as u64).to_be_bytes());
                mac.update(part);
            }
            derived.iter_mut().zip(mac.finalize().into_bytes()).for_each(|(to, from)| *to = from);
            derived
        }
        match self {
            Self::Aes256Gcm => of::<Hmac<Sha256>>(secret, parts),
            Self::Sm4Gcm => of::<Hmac<Sm3>>(secret, parts),
        }
    }
}

enum Cipher {
    Aes(Box<Aes256Gcm>),
    Sm4(Box<AesGcm<Sm4, U12>>),
}

/// What does not open: other bytes than were sealed, another place, or another key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a sealed row does not open: its bytes, its place or its key are not those it was sealed with")]
pub(super) struct Unsound;

/// A secret, ready for use.
pub(super) struct DataKey {
    suite: Suite,
    cipher: Cipher,
    secret: [u8; SECRET_BYTES],
}

impl DataKey {
    /// Derives the key of a secret. Cost: an HMAC and a key schedule, below 1 us.
    pub(super) fn new(suite: Suite, secret: &[u8; SECRET_BYTES]) -> Self {
        let key = suite.derive(secret, &[b"natbase seal"]);
        let cipher = match suite {
            Suite::Aes256Gcm => Cipher::Aes(Box::new(Aes256Gcm::new(&key.into()))),
            Suite::Sm4Gcm => {
                let mut half = [0; 16];
                half.iter_mut().zip(key).for_each(|(to, from)| *to = from);
                Cipher::Sm4(Box::new(AesGcm::new(&half.into())))
            }
        };
        Self { suite, cipher, secret: *secret }
    }

    /// Seals a value for its place; `stamped` as in `Put`. Cost: two HMACs and one pass.
    pub(super) fn seal(&self, place: &[u8], value: &[u8], stamped: bool) -> Vec<u8> {
        let suite = self.suite.number() | if stamped { STAMPED } else { 0 };
        let nonces = self.suite.derive(&self.secret, &[b"natbase nonce"]);
        let drawn = self.suite.derive(&nonces, &[place, value]);
        let mut nonce = [0; 12];
        nonce.iter_mut().zip(drawn).for_each(|(to, from)| *to = from);
        let aad = context(suite, place);
        let payload = Payload { msg: value, aad: &aad };
        // Fails for messages over 64 GiB alone.
        let body = match &self.cipher {
            Cipher::Aes(cipher) => cipher.encrypt(&nonce.into(), payload),
            Cipher::Sm4(cipher) => cipher.encrypt(&nonce.into(), payload),
        };
        let mut sealed = Vec::with_capacity(value.len() + SEAL_BYTES);
        sealed.extend_from_slice(&[MARK, suite]);
        sealed.extend_from_slice(&[0; 8]);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(&body.unwrap_or_default());
        sealed
    }

    /// Opens what [`Self::seal`] made for this place.
    pub(super) fn open(&self, place: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unsound> {
        let [MARK, suite, ..] = sealed else { return Err(Unsound) };
        if suite & !STAMPED != self.suite.number() {
            return Err(Unsound);
        }
        let nonce: [u8; 12] = sealed.get(NONCE).and_then(|bytes| bytes.try_into().ok()).ok_or(Unsound)?;
        let aad = context(*suite, place);
        let payload = Payload { msg: sealed.get(HEADER_BYTES..).ok_or(Unsound)?, aad: &aad };
        let opened = match &self.cipher {
            Cipher::Aes(cipher) => cipher.decrypt(&nonce.into(), payload),
            Cipher::Sm4(cipher) => cipher.decrypt(&nonce.into(), payload),
        };
        let mut value = opened.map_err(|_| Unsound)?;
        if suite & STAMPED != 0
            && let (Some(to), Some(from)) = (value.get_mut(STAMP), sealed.get(STAMP))
        {
            to.copy_from_slice(from);
        }
        Ok(value)
    }
}

fn context(suite: u8, place: &[u8]) -> Vec<u8> {
    let mut aad = Vec::with_capacity(place.len() + 2);
    aad.extend_from_slice(&[MARK, suite]);
    aad.extend_from_slice(place);
    aad
}

/// Whether a value as it is stored is sealed.
pub(in crate::store) fn is_sealed(stored: &[u8]) -> bool {
    matches!(stored, [MARK, suite, ..] if stored.len() >= SEAL_BYTES && Suite::numbered(suite & !STAMPED).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUITES: [Suite; 2] = [Suite::Aes256Gcm, Suite::Sm4Gcm];

    #[test]
    fn what_is_sealed_opens_with_its_key_at_its_place_alone() {
        for suite in SUITES {
            let key = DataKey::new(suite, &[7; SECRET_BYTES]);
            for value in [&b""[..], b"short", b"0123456789 and more, \xE6\x9D\x9C"] {
                let sealed = key.seal(b"place", value, false);
                assert_eq!((sealed.len(), is_sealed(&sealed)), (value.len() + SEAL_BYTES, true));
                assert_eq!(key.open(b"place", &sealed).unwrap(), value);
                assert_eq!(key.open(b"other", &sealed), Err(Unsound));
                assert_eq!(DataKey::new(suite, &[8; SECRET_BYTES]).open(b"place", &sealed), Err(Unsound));
                assert_eq!(sealed, key.seal(b"place", value, false), "the same twice is the same");
                let outside = |at: usize| STAMP.contains(&at);
                for at in (0..sealed.len()).filter(|at| !outside(*at)) {
                    let mut other = sealed.clone();
                    other[at] ^= 1;
                    assert_eq!(key.open(b"place", &other), Err(Unsound), "byte {at}");
                }
                assert!(value.len() < 4 || !sealed.windows(4).any(|part| value.windows(4).any(|of| of == part)));
            }
        }
    }

    #[test]
    fn the_stamp_that_the_store_wrote_is_what_is_read() {
        for suite in SUITES {
            let key = DataKey::new(suite, &[7; SECRET_BYTES]);
            let mut sealed = key.seal(b"place", b"\x01\x00........the rest", true);
            sealed[STAMP].copy_from_slice(&77_i64.to_be_bytes());
            let opened = key.open(b"place", &sealed).unwrap();
            assert_eq!((&opened[STAMP], &opened[10..]), (&77_i64.to_be_bytes()[..], &b"the rest"[..]));
        }
    }

    /// SM4-GCM as in RFC 8998, appendix A.1: what the crates do together is the standard's.
    #[test]
    fn sm4_gcm_is_that_of_rfc_8998() {
        let bytes = |text: &str| -> Vec<u8> {
            text.as_bytes()
                .chunks(2)
                .map(|two| u8::from_str_radix(std::str::from_utf8(two).unwrap(), 16).unwrap())
                .collect()
        };
        let key: [u8; 16] = bytes("0123456789abcdeffedcba9876543210").try_into().unwrap();
        let nonce: [u8; 12] = bytes("00001234567800000000abcd").try_into().unwrap();
        let aad = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
        let plain = bytes(
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffffeeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
        );
        let wanted = bytes(
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d83de3541e4c2b58177e065a9bf7b62ec",
        );
        let cipher: AesGcm<Sm4, U12> = AesGcm::new(&key.into());
        assert_eq!(cipher.encrypt(&nonce.into(), Payload { msg: &plain, aad: &aad }).unwrap(), wanted);
    }
}
