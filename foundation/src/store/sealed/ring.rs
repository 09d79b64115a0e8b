//! The ring of master keys: what the keys of records are wrapped with.
//!
//! ```toml
//! [[key]]
//! generation = 1
//! suite = "aes-256-gcm"
//! secret = "…32 bytes, Base64…"
//! ```
//! It lies outside the data directory: either alone reads nothing. A later generation is added to it, taken into use, and
//! the earlier one removed once nothing is wrapped with it; whoever finds an old copy of the wrapped keys then holds nothing.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};

use super::suite::{DataKey, SECRET_BYTES, Suite, Unsound};

/// Most generations a ring.
const GENERATIONS_MAX: usize = 64;
/// Kind of a wrapped key; 0 is the mark of one that is gone.
pub(super) const WRAPPED: u8 = 1;
/// Bytes before the seal of a wrapped key: kind, suite of the record's key, generation.
const WRAP_HEADER: usize = 4;

/// A master key.
#[derive(Clone, PartialEq, Eq)]
pub struct MasterKey {
    /// Its generation; rising.
    pub generation: u16,
    /// Its algorithms.
    pub suite: Suite,
    secret: [u8; SECRET_BYTES],
}

/// Never the secret.
impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey {{ generation: {}, suite: {:?} }}", self.generation, self.suite)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    key: Vec<Line>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    generation: u16,
    suite: Suite,
    secret: String,
}

/// What is wrong with a ring. Never repeats a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RingError {
    /// Not TOML of this shape.
    #[error("master keys: {0}")]
    Syntax(String),
    /// A rule about its content.
    #[error("master keys: {0}")]
    Unsound(String),
}

/// Master keys by generation, ascending; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ring {
    keys: Vec<MasterKey>,
    /// Generation that wraps.
    current: u16,
}

impl Ring {
    /// A ring of one fresh key.
    ///
    /// # Errors
    /// [`getrandom::Error`] if the system has no random numbers.
    pub fn fresh(suite: Suite) -> Result<Self, getrandom::Error> {
        Ok(Self { keys: vec![MasterKey { generation: 1, suite, secret: secret()? }], current: 1 })
    }

    /// Reads a ring; its first generation wraps until another is taken into use.
    ///
    /// # Errors
    /// [`RingError`] names the place; secrets are not repeated.
    pub fn parse(text: &str) -> Result<Self, RingError> {
        // The reader's own message quotes the line, which may hold a secret.
        let file: File = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text.get(..span.start).map_or(1, |t| t.lines().count().max(1)));
            RingError::Syntax(format!("line {line}: {}", error.message()))
        })?;
        let mut keys = Vec::with_capacity(file.key.len());
        for line in file.key {
            let bytes = BASE64.decode(line.secret.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
            let generation = line.generation;
            let unsound = || RingError::Unsound(format!("generation {generation}: `secret` is not 32 bytes in Base64"));
            keys.push(MasterKey { generation, suite: line.suite, secret: bytes.ok_or_else(unsound)? });
        }
        let rising = keys.iter().zip(keys.iter().skip(1)).all(|(a, b)| a.generation < b.generation);
        match keys.first() {
            Some(first) if rising && first.generation > 0 && keys.len() <= GENERATIONS_MAX => {
                Ok(Self { current: first.generation, keys })
            }
            _ => Err(RingError::Unsound(format!("1 to {GENERATIONS_MAX} generations are wanted, rising, from 1"))),
        }
    }

    /// As [`Self::parse`] reads it.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let line = |key: &MasterKey| {
            let secret = BASE64.encode(key.secret);
            Line { generation: key.generation, suite: key.suite, secret }
        };
        // Numbers, words and texts in a table.
        toml::to_string(&File { key: self.keys.iter().map(line).collect() }).unwrap_or_default()
    }

    /// Adds a fresh generation, which is not in use yet.
    ///
    /// # Errors
    /// A sentence, if there is no room or the system has no random numbers.
    pub fn add(&mut self, suite: Suite) -> Result<u16, String> {
        let last = self.keys.last().map_or(0, |key| key.generation);
        let generation = last.checked_add(1).filter(|_| self.keys.len() < GENERATIONS_MAX);
        let generation = generation.ok_or("the ring is full: remove generations that nothing is wrapped with")?;
        let secret = secret().map_err(|error| error.to_string())?;
        self.keys.push(MasterKey { generation, suite, secret });
        Ok(generation)
    }

    /// Without a generation.
    ///
    /// # Errors
    /// A sentence, if there is no such generation or no other.
    pub fn without(mut self, generation: u16) -> Result<Self, String> {
        let before = self.keys.len();
        self.keys.retain(|key| key.generation != generation);
        match self.keys.first() {
            Some(first) if self.keys.len() < before => {
                if self.current == generation {
                    self.current = first.generation;
                }
                Ok(self)
            }
            Some(_) => Err(format!("there is no generation {generation}")),
            None => Err("the only generation cannot be removed".to_owned()),
        }
    }

    /// The keys, ascending.
    #[must_use]
    pub fn keys(&self) -> &[MasterKey] {
        &self.keys
    }

    /// The generation that wraps.
    #[must_use]
    pub fn current(&self) -> u16 {
        self.current
    }

    /// With another generation that wraps; `None` if it is not there.
    #[must_use]
    pub fn using(mut self, generation: u16) -> Option<Self> {
        self.key(generation)?;
        self.current = generation;
        Some(self)
    }

    fn key(&self, generation: u16) -> Option<&MasterKey> {
        self.keys.iter().find(|key| key.generation == generation)
    }

    /// Wraps the secret of `place` with the generation in use. Cost: about 1 us.
    pub(super) fn wrap(&self, place: &[u8], suite: Suite, secret: &[u8; SECRET_BYTES]) -> Vec<u8> {
        let [high, low] = self.current.to_be_bytes();
        let mut wrapped = vec![WRAPPED, suite.number(), high, low];
        if let Some(key) = self.key(self.current) {
            wrapped.extend_from_slice(&key.wrapping(place).seal(&context(&wrapped, place), secret, false));
        }
        wrapped
    }

    /// Unwraps what [`Self::wrap`] made for this place. Cost: about 1 us.
    pub(super) fn unwrap(&self, place: &[u8], wrapped: &[u8]) -> Result<(Suite, [u8; SECRET_BYTES]), Unwrapping> {
        let (generation, suite) = read_header(wrapped).ok_or(Unwrapping::Unsound)?;
        let key = self.key(generation).ok_or(Unwrapping::NoKey(generation))?;
        let (header, sealed) = wrapped.split_at_checked(WRAP_HEADER).ok_or(Unwrapping::Unsound)?;
        let opened = key.wrapping(place).open(&context(header, place), sealed)?;
        Ok((suite, opened.try_into().map_err(|_| Unwrapping::Unsound)?))
    }
}

/// Generation and suite of a wrapped key; `None` if it is none.
pub(super) fn read_header(wrapped: &[u8]) -> Option<(u16, Suite)> {
    let [WRAPPED, suite, high, low, ..] = wrapped else { return None };
    Some((u16::from_be_bytes([*high, *low]), Suite::numbered(*suite)?))
}

/// Why a key does not unwrap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unwrapping {
    /// The ring has no such generation.
    NoKey(u16),
    /// The bytes are not what was wrapped.
    Unsound,
}

impl From<Unsound> for Unwrapping {
    fn from(_: Unsound) -> Self {
        Self::Unsound
    }
}

impl MasterKey {
    /// What is shown of it: 16 bytes of a hash, hexadecimal.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let shown = self.suite.derive(&self.secret, &[b"natbase fingerprint"]);
        shown.iter().take(16).fold(String::with_capacity(32), |text, byte| text + &format!("{byte:02x}"))
    }

    /// The key that wraps one place: a master key alone would seal more than nonces of 96 bits are good for.
    fn wrapping(&self, place: &[u8]) -> DataKey {
        DataKey::new(self.suite, &self.suite.derive(&self.secret, &[b"natbase wrap", place]))
    }
}

fn context(header: &[u8], place: &[u8]) -> Vec<u8> {
    [header, place].concat()
}

/// Fresh random bytes.
pub(super) fn secret() -> Result<[u8; SECRET_BYTES], getrandom::Error> {
    let mut secret = [0; SECRET_BYTES];
    getrandom::fill(&mut secret)?;
    Ok(secret)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrapped_key_comes_back_at_its_place_with_its_generation_alone() {
        for suite in [Suite::Aes256Gcm, Suite::Sm4Gcm] {
            let mut ring = Ring::fresh(suite).unwrap();
            let wrapped = ring.wrap(b"place", Suite::Aes256Gcm, &[5; SECRET_BYTES]);
            assert_eq!(ring.unwrap(b"place", &wrapped), Ok((Suite::Aes256Gcm, [5; SECRET_BYTES])));
            assert_eq!(ring.unwrap(b"other", &wrapped), Err(Unwrapping::Unsound));
            let second = ring.add(Suite::Sm4Gcm).unwrap();
            assert_eq!((second, ring.current()), (2, 1));
            let ring = ring.using(2).unwrap();
            let anew = ring.wrap(b"place", Suite::Aes256Gcm, &[5; SECRET_BYTES]);
            assert_eq!(read_header(&anew), Some((2, Suite::Aes256Gcm)));
            let ring = ring.without(1).unwrap();
            assert_eq!(ring.unwrap(b"place", &wrapped), Err(Unwrapping::NoKey(1)));
            assert_eq!(ring.unwrap(b"place", &anew), Ok((Suite::Aes256Gcm, [5; SECRET_BYTES])));
            // A header changed to another suite or generation is not what was wrapped.
            let mut other = anew.clone();
            other[1] = Suite::Sm4Gcm.number();
            assert_eq!(ring.unwrap(b"place", &other), Err(Unwrapping::Unsound));
            assert!(ring.without(2).is_err());
        }
    }

    #[test]
    fn a_ring_is_read_back_and_a_broken_one_refused_without_its_secrets() {
        let mut ring = Ring::fresh(Suite::Aes256Gcm).unwrap();
        ring.add(Suite::Sm4Gcm).unwrap();
        let text = ring.to_toml();
        assert_eq!(Ring::parse(&text).unwrap(), ring);
        for broken in [
            text.replace("generation = 2", "generation = 1"),
            text.replace("generation = 1", "generation = 0"),
            text.replace("sm4-gcm", "des"),
            text.replace("secret = \"", "secret = \"x"),
            text.replace("secret", "word"),
            "key = []".to_owned(),
            String::new(),
        ] {
            let said = Ring::parse(&broken).unwrap_err().to_string();
            assert!(said.starts_with("master keys"), "{said}");
            assert!(!said.contains(&BASE64.encode(ring.keys[0].secret)[..8]), "{said}");
        }
    }
}
