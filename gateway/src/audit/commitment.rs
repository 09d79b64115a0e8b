//! What the tree holds of an entry, so that a part of it can be shown without the rest.
//!
//! ```text
//! leaf of form 1: the entry's bytes
//! leaf of form 2: 02 | digest of shown | digest of officer | digest of kept | root of records        32 bytes each
//! digest        : leaf hash (RFC 9162) of  tag | salt 32 | part           tags 10 shown, 11 officer, 12 kept
//! record        : leaf hash of  13 | salt 32 | id; the tree over the records' hashes, filled up to 16, 32, 64 … with
//!                 hashes of nothing, all in the order of the hashes
//! salt          : HMAC-SHA-256 (the entry's seed, tag | place among the records u32)
//! ```
//! Whoever is given a part with its salt can check it against the leaf, and the leaf against a checkpoint; of the parts that
//! are kept from him he has digests that nobody can try texts against. Of the number of records he learns the power of two.

use aws_lc_rs::hmac;
use transparency::{Hash, Suite, verify_inclusion};

use super::entry::{Form, Parts, parts};

const SHOWN: u8 = 0x10;
const OFFICER: u8 = 0x11;
const KEPT: u8 = 0x12;
const RECORD: u8 = 0x13;
const FILLING: u8 = 0x14;
/// Fewest leaves of the tree over an entry's records.
const RECORDS_MIN: usize = 16;
const SALT: usize = 32;
/// Bytes of a leaf of form 2.
const LEAF: usize = 1 + 4 * 32;

/// What the tree hashes for an entry of these bytes. Cost: some 50 hashes, and four a record beyond 16.
#[must_use]
pub fn committed(suite: Suite, bytes: &[u8]) -> Vec<u8> {
    match parts(bytes) {
        Some((Form::Second { seed }, parts)) => {
            let tree = Records::of(suite, &seed, &parts);
            leaf(suite, &seed, &parts, tree.as_ref())
        }
        // A form that is not known is what it is; `verify` says so.
        Some((Form::First, _)) | None => bytes.to_vec(),
    }
}

fn leaf(suite: Suite, seed: &[u8; 32], parts: &Parts<'_>, records: Option<&Records>) -> Vec<u8> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, seed);
    let mut out = Vec::with_capacity(LEAF);
    out.push(2);
    for (tag, part) in [(SHOWN, parts.shown), (OFFICER, parts.officer), (KEPT, parts.kept)] {
        out.extend_from_slice(&digest(suite, tag, &drawn(&key, tag, 0), part));
    }
    // Nobody is shown a record of an entry without any.
    out.extend_from_slice(&records.map_or_else(|| drawn(&key, FILLING, 0), Records::root));
    out
}

fn digest(suite: Suite, tag: u8, salt: &Hash, part: &[u8]) -> Hash {
    suite.leaf_hash(&[&[tag], salt.as_slice(), part].concat())
}

fn drawn(key: &hmac::Key, tag: u8, place: u32) -> Hash {
    let mut message = [tag, 0, 0, 0, 0];
    message.iter_mut().skip(1).zip(place.to_be_bytes()).for_each(|(to, from)| *to = from);
    let mut out = [0; 32];
    out.copy_from_slice(hmac::sign(key, &message).as_ref());
    out
}

/// The tree over an entry's records: its levels, the leaves first.
struct Records {
    levels: Vec<Vec<Hash>>,
}

impl Records {
    fn of(suite: Suite, seed: &[u8; 32], parts: &Parts<'_>) -> Option<Self> {
        if parts.records.is_empty() {
            return None;
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, seed);
        let size = parts.records.len().next_power_of_two().max(RECORDS_MIN);
        let mut leaves: Vec<Hash> = (0_u32..)
            .zip(&parts.records)
            .map(|(place, id)| digest(suite, RECORD, &drawn(&key, RECORD, place), id.as_bytes()))
            .collect();
        leaves.extend((0_u32..).map(|place| drawn(&key, FILLING, place)).take(size - parts.records.len()));
        leaves.sort_unstable();
        let mut levels = vec![leaves];
        while let Some(below) = levels.last().filter(|level| level.len() > 1) {
            let pairs = below.as_chunks::<2>().0.iter();
            let above = pairs.map(|[left, right]| suite.node_hash(left, right)).collect();
            levels.push(above);
        }
        Some(Self { levels })
    }

    fn root(&self) -> Hash {
        self.levels.last().and_then(|level| level.first()).copied().unwrap_or_default()
    }

    fn leaves(&self) -> &[Hash] {
        self.levels.first().map(Vec::as_slice).unwrap_or_default()
    }

    /// The neighbours from a leaf up to the root.
    fn path(&self, index: usize) -> Vec<Hash> {
        let below = self.levels.iter().take(self.levels.len().saturating_sub(1)).enumerate();
        below.filter_map(|(height, level)| level.get((index >> height) ^ 1).copied()).collect()
    }
}

/// A part of an entry, with the salt that ties it to the leaf.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Salt.
    pub salt: Hash,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// One record of an entry, and its place among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordPart {
    /// Salt.
    pub salt: Hash,
    /// Its leaf in the tree over the records.
    pub index: u64,
    /// Leaves of that tree.
    pub size: u64,
    /// From the leaf to the tree's root.
    pub path: Vec<Hash>,
}

/// What somebody whom an entry is about may be given of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// What the tree hashes.
    pub leaf: Vec<u8>,
    /// What was done, by which department, when and why.
    pub shown: Part,
    /// The officer.
    pub officer: Part,
    /// The one record.
    pub record: RecordPart,
}

/// Why a part does not belong to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpeningError {
    /// The leaf is not one of form 2.
    #[error("the leaf is not of a form that is known here")]
    Form,
    /// The part is another's.
    #[error("the {0} is not the entry's")]
    Other(&'static str),
}

impl Opening {
    /// Opens an entry of these bytes for `record`; `None` for entries of form 1, which hold everything in one piece, and
    /// for those that do not name it.
    #[must_use]
    pub fn of(suite: Suite, bytes: &[u8], record: &str) -> Option<Self> {
        let (Form::Second { seed }, parts) = parts(bytes)? else { return None };
        let tree = Records::of(suite, &seed, &parts)?;
        let place = parts.records.iter().position(|id| *id == record)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, &seed);
        let salt = drawn(&key, RECORD, u32::try_from(place).ok()?);
        let hash = digest(suite, RECORD, &salt, record.as_bytes());
        let index = tree.leaves().binary_search(&hash).ok()?;
        let part = |tag, bytes: &[u8]| Part { salt: drawn(&key, tag, 0), bytes: bytes.to_vec() };
        Some(Self {
            leaf: leaf(suite, &seed, &parts, Some(&tree)),
            shown: part(SHOWN, parts.shown),
            officer: part(OFFICER, parts.officer),
            record: RecordPart { salt, index: index as u64, size: tree.leaves().len() as u64, path: tree.path(index) },
        })
    }
}

/// Checks that a leaf of form 2 says `shown`, and that `record` is among its records; offline.
///
/// # Errors
/// [`OpeningError`].
pub fn check(
    suite: Suite,
    leaf: &[u8],
    shown: &Part,
    officer: Option<&Part>,
    (record, place): (&str, &RecordPart),
) -> Result<(), OpeningError> {
    let digests = leaf.strip_prefix(&[2]).filter(|rest| rest.len() == LEAF - 1).ok_or(OpeningError::Form)?;
    let [of_shown, of_officer, _, root] = digests.as_chunks::<SALT>().0 else { return Err(OpeningError::Form) };
    if digest(suite, SHOWN, &shown.salt, &shown.bytes) != *of_shown {
        return Err(OpeningError::Other("shown part"));
    }
    if officer.is_some_and(|part| digest(suite, OFFICER, &part.salt, &part.bytes) != *of_officer) {
        return Err(OpeningError::Other("officer"));
    }
    let hash = digest(suite, RECORD, &place.salt, record.as_bytes());
    verify_inclusion(suite, place.index, place.size, &hash, &place.path, root)
        .map_err(|_| OpeningError::Other("record"))
}

#[cfg(test)]
mod tests {
    use super::super::entry::tests::draft;
    use super::*;

    #[test]
    fn a_record_opens_its_own_entry_and_no_text_of_others_stands_in_what_is_given() {
        let ids: Vec<String> = (0..40).map(|n| format!("record-{n}")).collect();
        for suite in [Suite::Sha256, Suite::Sm3] {
            for count in [1, 2, 15, 16, 17, 40] {
                let records: Vec<&str> = ids.iter().take(count).map(String::as_str).collect();
                let bytes = super::super::Draft { records: &records, ..draft(1) }.bytes(&[7; 32]);
                let leaf = committed(suite, &bytes);
                for id in &records {
                    let Opening { leaf: same, shown, officer, record } =
                        Opening::of(suite, &bytes, id).expect("its own entry");
                    assert_eq!((same.as_slice(), leaf.len()), (leaf.as_slice(), LEAF));
                    assert_eq!(usize::try_from(record.size), Ok(count.next_power_of_two().max(16)));
                    check(suite, &leaf, &shown, Some(&officer), (id, &record)).expect("the entry's");
                    let other = |id: &str| check(suite, &leaf, &shown, None, (id, &record));
                    assert_eq!(other("record-99"), Err(OpeningError::Other("record")));
                    let mut turned = shown.clone();
                    turned.bytes[3] ^= 1;
                    let wrong = check(suite, &leaf, &turned, None, (id, &record));
                    assert_eq!(wrong, Err(OpeningError::Other("shown part")));
                    let given = [leaf.as_slice(), &shown.bytes, &officer.bytes].concat();
                    let given = String::from_utf8_lossy(&given).into_owned();
                    assert!(!given.contains("record-") && !given.contains("officer-1"), "{given}");
                }
                assert_eq!(Opening::of(suite, &bytes, "record-99"), None);
            }
        }
    }

    /// The same entry under another seed has nothing in common: texts cannot be tried against digests.
    #[test]
    fn digests_are_blind() {
        let (one, two) = (draft(1).bytes(&[1; 32]), draft(1).bytes(&[2; 32]));
        let (one, two) = (committed(Suite::Sha256, &one), committed(Suite::Sha256, &two));
        let pairs = one[1..].chunks(32).zip(two[1..].chunks(32));
        assert!(pairs.into_iter().all(|(a, b)| a != b));
        assert_eq!(committed(Suite::Sha256, b"\x09 of the future"), b"\x09 of the future");
    }
}
