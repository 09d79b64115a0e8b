//! Cursors and change positions: encrypted, bound to caller, question and policy version.

use std::io;

use aws_lc_rs::aead::{AES_256_GCM, Aad, RandomizedNonceKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use foundation::dataset::DatasetName;
use foundation::service::SortTuple;
use foundation::value::{Day, Instant};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// Seconds a cursor is good for.
const LIFE_S: i64 = 3_600;
const NONCE: usize = 12;

/// What a page's cursor pins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cursor {
    /// Valid day.
    pub(crate) valid_at: Day,
    /// Known instant by dataset.
    pub(crate) known: Vec<(DatasetName, Instant)>,
    /// Dataset of the last item.
    pub(crate) dataset: DatasetName,
    /// Position of the last item.
    pub(crate) last: SortTuple,
}

#[derive(Serialize, Deserialize)]
struct Sealed<T> {
    until_s: i64,
    body: T,
}

/// Seals and opens.
pub(crate) struct Sealer(RandomizedNonceKey);

impl Sealer {
    pub(crate) fn new(key: &[u8; 32]) -> io::Result<Self> {
        RandomizedNonceKey::new(&AES_256_GCM, key).map(Self).map_err(|_| io::Error::other("not a key of 256 bits"))
    }

    /// Seals `body`; only who presents the same `binding` within the hour can open it.
    pub(crate) fn seal<T: Serialize>(&self, body: T, binding: &[u8], now: Instant) -> Option<String> {
        let until_s = now.0 / 1_000_000 + LIFE_S;
        let mut bytes = serde_json::to_vec(&Sealed { until_s, body }).ok()?;
        let nonce = self.0.seal_in_place_append_tag(Aad::from(binding), &mut bytes).ok()?;
        let mut out = nonce.as_ref().to_vec();
        out.append(&mut bytes);
        Some(URL_SAFE_NO_PAD.encode(out))
    }

    /// Seals positions in the change log, which do not age. Its length tells how many partitions there are, and nothing of
    /// how much happened in them.
    pub(crate) fn seal_positions(&self, positions: &[u64], binding: &[u8]) -> Option<String> {
        let digits: Vec<String> = positions.iter().map(|position| format!("{position:010x}")).collect();
        self.seal(digits.concat(), binding, Instant(i64::MAX / 2))
    }

    /// Opens what [`Self::seal_positions`] made, or what releases before it did.
    pub(crate) fn open_positions(&self, text: &str, binding: &[u8]) -> Option<Vec<u64>> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Positions {
            Digits(String),
            Numbers(Vec<u64>),
        }
        match self.open(text, binding, Instant(0))? {
            Positions::Numbers(numbers) => Some(numbers),
            Positions::Digits(digits) => {
                let parts = digits.as_bytes().chunks(10).map(|part| std::str::from_utf8(part).ok());
                parts.map(|part| u64::from_str_radix(part?, 16).ok()).collect()
            }
        }
    }

    /// Opens what [`Self::seal`] made; `None` if it is another's, too old, or no cursor at all.
    pub(crate) fn open<T: DeserializeOwned>(&self, text: &str, binding: &[u8], now: Instant) -> Option<T> {
        let mut bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        if bytes.len() < NONCE {
            return None;
        }
        let (nonce, body) = bytes.split_at_mut(NONCE);
        let nonce = aws_lc_rs::aead::Nonce::try_assume_unique_for_key(nonce).ok()?;
        let plain = self.0.open_in_place(nonce, Aad::from(binding), body).ok()?;
        let sealed: Sealed<T> = serde_json::from_slice(plain).ok()?;
        (sealed.until_s >= now.0 / 1_000_000).then_some(sealed.body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_opens_for_its_own_binding_within_its_hour_only() {
        let sealer = Sealer::new(&[7; 32]).expect("a key");
        let now = Instant(1_700_000_000_000_000);
        let text = sealer.seal(5_u64, b"caller A", now).expect("sealed");
        assert_eq!(sealer.open::<u64>(&text, b"caller A", now), Some(5));
        assert_eq!(sealer.open::<u64>(&text, b"caller B", now), None);
        assert_eq!(sealer.open::<u64>(&text, b"caller A", Instant(now.0 + 3_700_000_000)), None);
        assert_eq!(sealer.open::<u64>("x", b"caller A", now), None);
        assert_ne!(Some(text), sealer.seal(5_u64, b"caller A", now));
    }
}
