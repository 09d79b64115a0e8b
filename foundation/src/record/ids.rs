//! Record ids: opaque for personal keys, readable otherwise.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::dataset::{Database, Dataset, DatasetName, IdKind};
use crate::value::{Fields, Value};

/// Joins the parts of a readable id.
const JOINER: char = '~';
/// Starts an escape in a part: `!0` is `!`, `!1` is `~`, `!2` is a dot of a part that is nothing but dots.
const ESCAPE: char = '!';

/// The id of a record in its dataset: 32 hex digits (keyed), or the natural key's parts joined by `~` (readable).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordId(pub String);

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of the keyed ids; shared by all nodes, never rotated, kept in the data directory's `id.key` (0600).
#[derive(Clone)]
pub struct IdKey(pub [u8; 32]);

impl fmt::Debug for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdKey(…)")
    }
}

/// Makes the ids of one dataset.
#[derive(Clone)]
pub struct IdMaker {
    kind: IdKind,
    /// Keyed and fed with the dataset's name already.
    mac: Hmac<Sha256>,
}

impl fmt::Debug for IdMaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IdMaker({:?})", self.kind)
    }
}

impl IdMaker {
    /// The maker of ids of `dataset`.
    #[must_use]
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes keys of every length")]
    pub fn new(dataset: &DatasetName, kind: IdKind, key: &IdKey) -> Self {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of every length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("a key of 32 bytes");
        mac.update(dataset.to_string().as_bytes());
        mac.update(&[0]);
        Self { kind, mac }
    }

    /// The maker of ids of a dataset that may belong to another base database, whose definition is not at hand:
    /// population's datasets have keyed ids, the others readable ones.
    #[must_use]
    pub fn of_target(target: &DatasetName, known: Option<&Dataset>, key: &IdKey) -> Self {
        let foreign = if target.database() == Database::Population { IdKind::Keyed } else { IdKind::Readable };
        Self::new(target, known.map_or(foreign, |d| d.id), key)
    }

    /// How these ids are made.
    #[must_use]
    pub fn kind(&self) -> IdKind {
        self.kind
    }

    /// The id of a natural key's normalised texts, in the order of the definition.
    ///
    /// Keyed: 128 bits of HMAC-SHA-256 over the dataset's name and the parts, as 32 hex digits. Cost: two SHA-256 blocks.
    #[must_use]
    pub fn of_texts<S: AsRef<str>>(&self, parts: &[S]) -> String {
        match self.kind {
            IdKind::Readable => join(parts),
            IdKind::Keyed => {
                let mut mac = self.mac.clone();
                for part in parts {
                    let bytes = part.as_ref().as_bytes();
                    mac.update(&(bytes.len() as u64).to_be_bytes());
                    mac.update(bytes);
                }
                hex(mac.finalize().into_bytes().iter().take(16))
            }
        }
    }

    /// The id of the record that a link's text means: an id of this dataset as it is, a natural key made into one.
    #[must_use]
    pub fn of_reference(&self, text: &str) -> String {
        match self.kind {
            IdKind::Keyed if !is_hex_id(text) => self.of_texts(&[text]),
            _ => text.to_owned(),
        }
    }
}

/// The normalised texts of a natural key; `None` if a part is not said, null or of a type without a text.
#[must_use]
pub fn natural_key(numbers: &[u16], fields: &Fields) -> Option<Vec<String>> {
    numbers.iter().map(|number| fields.get(*number).and_then(key_text)).collect()
}

/// A value as a part of a natural key; `None` for types that cannot be one, and for empty text.
#[must_use]
pub fn key_text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Text(t) | Value::Code(t) | Value::Link(t) => t.clone(),
        Value::Integer(n) => n.to_string(),
        Value::Decimal(d) => d.normalised().to_string(),
        Value::Boolean(b) => b.to_string(),
        Value::Date(d) => d.to_string(),
        Value::Era(e) => e.to_string(),
        Value::Period(p) => p.to_string(),
        Value::Timestamp(t) => t.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn join<S: AsRef<str>>(parts: &[S]) -> String {
    let mut id = String::with_capacity(parts.iter().map(|p| p.as_ref().len() + 1).sum());
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            id.push(JOINER);
        }
        let part = part.as_ref();
        let dots = part.bytes().all(|b| b == b'.');
        for c in part.chars() {
            match c {
                ESCAPE => id.push_str("!0"),
                JOINER => id.push_str("!1"),
                '.' if dots => id.push_str("!2"),
                c => id.push(c),
            }
        }
    }
    id
}

/// The natural-key texts that a readable id spells; `None` if it is not well formed.
#[must_use]
pub fn split(id: &str) -> Option<Vec<String>> {
    id.split(JOINER)
        .map(|part| {
            let mut text = String::with_capacity(part.len());
            let mut chars = part.chars();
            while let Some(c) = chars.next() {
                text.push(match c {
                    ESCAPE => match chars.next()? {
                        '0' => ESCAPE,
                        '1' => JOINER,
                        '2' => '.',
                        _ => return None,
                    },
                    c => c,
                });
            }
            Some(text)
        })
        .collect()
}

/// Whether `text` has the form of a keyed id.
#[must_use]
pub fn is_hex_id(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

fn hex<'a>(bytes: impl Iterator<Item = &'a u8>) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(*DIGITS.get(usize::from(nibble)).unwrap_or(&b'0'));
    let mut text = String::with_capacity(32);
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn maker(dataset: &str, kind: IdKind) -> IdMaker {
        IdMaker::new(&dataset.parse().expect("a name"), kind, &IdKey([7; 32]))
    }

    proptest! {
        #[test]
        fn a_readable_id_spells_its_natural_key(parts in prop::collection::vec(".{1,12}", 1..4)) {
            let id = maker("macroeconomy/observations", IdKind::Readable).of_texts(&parts);
            prop_assert!(id != "." && id != "..");
            prop_assert_eq!(split(&id), Some(parts));
        }
    }

    #[test]
    fn a_keyed_id_depends_on_dataset_key_and_every_part() {
        let persons = maker("population/persons", IdKind::Keyed);
        let id = persons.of_texts(&["11010519491231002X"]);
        assert!(is_hex_id(&id), "{id}");
        assert_eq!(id, persons.of_texts(&["11010519491231002X"]));
        assert_ne!(id, maker("population/households", IdKind::Keyed).of_texts(&["11010519491231002X"]));
        assert_ne!(persons.of_texts(&["ab", "c"]), persons.of_texts(&["a", "bc"]));
        let other = IdMaker::new(&"population/persons".parse().expect("a name"), IdKind::Keyed, &IdKey([8; 32]));
        assert_ne!(id, other.of_texts(&["11010519491231002X"]));
    }

    #[test]
    fn a_link_may_be_written_as_id_or_as_natural_key() {
        let target = "population/persons".parse().expect("a name");
        let maker = IdMaker::of_target(&target, None, &IdKey([7; 32]));
        let id = maker.of_reference("11010519491231002X");
        assert_eq!(maker.of_reference(&id), id);
        let works = IdMaker::of_target(&"culture/works".parse().expect("a name"), None, &IdKey([7; 32]));
        assert_eq!(works.of_reference("poem-1"), "poem-1");
    }
}
