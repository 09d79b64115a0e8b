//! How rows are keyed.
//!
//! ```text
//! head      [dataset u16][partition u16][row 16 bytes | hash 8 + cluster ≤ 24][kind 0x01]
//! history   …the same…                                                       [kind 0x02][C|V][number u32]
//! dataset numbers start at 0x0101; everything below is the store's own or `meta`:
//! meta      [0x01][0x00]['d' | 'b' | 'r' | 'w' | 's' | 'p' | 'f' | 'x' | 'X' | 'l' | 'e']…   datasets, batches, refused rows,
//!                                         warnings, records a snapshot named, log positions at a batch's start, marks of first
//!                                         loads, blobs (shared; of one record), reverse links, erased records
//! ```
//! Partition and row are functions of the id (or, with `partition_by`, of natural-key fields, which a readable id spells).
//! All record keys of one dataset have the same length, so that a key is never the prefix of another record's.

use std::ops::Range;

use bincode::{Decode, Encode};

use super::{BatchId, ids};
use crate::dataset::{Dataset, IdKind};
use crate::store::Key;
use crate::value::{FieldType, Instant, PartialDate, Period, Value, codec};

/// The first number given to a dataset.
pub const DATASET_FIRST: u16 = 0x0101;
/// Kind of a head row.
pub const HEAD: u8 = 0x01;
/// Kind of a history row.
pub const HISTORY: u8 = 0x02;
/// Bytes of dataset number and partition.
const PLACE_BYTES: usize = 4;
/// Most bytes of `cluster_by` in a key.
const CLUSTER_BYTES_MAX: usize = 24;

/// The place of a record in its base database: dataset number, partition and row prefix, ≤ 40 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
pub struct RecordKey(Vec<u8>);

impl RecordKey {
    /// Takes the bytes of a key made by this module.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
    /// The key of the record with row prefix `row` in a partition (of the change log: dataset number and partition).
    #[must_use]
    pub fn from_row(partition: u32, row: &[u8]) -> Self {
        let mut bytes = partition.to_be_bytes().to_vec();
        bytes.extend_from_slice(row);
        Self(bytes)
    }
    /// The bytes, without kind.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
    /// Its partition of the change log: dataset number (high 16 bits) and partition (low 16 bits).
    #[must_use]
    pub fn partition(&self) -> u32 {
        self.0.first_chunk::<PLACE_BYTES>().map_or(0, |place| u32::from_be_bytes(*place))
    }
    /// The row prefix: the key without dataset and partition.
    #[must_use]
    pub fn row(&self) -> &[u8] {
        self.0.get(PLACE_BYTES..).unwrap_or(&[])
    }
    /// Where its head lies.
    #[must_use]
    pub fn head(&self) -> Key {
        let mut key = Vec::with_capacity(self.0.len() + 1);
        key.extend_from_slice(&self.0);
        key.push(HEAD);
        key
    }
    /// Where its closed claim numbered `number` lies.
    #[must_use]
    pub fn closed_claim(&self, number: u32) -> Key {
        self.history(b'C', number)
    }
    /// Where its closed version numbered `number` lies.
    #[must_use]
    pub fn closed_version(&self, number: u32) -> Key {
        self.history(b'V', number)
    }
    fn history(&self, what: u8, number: u32) -> Key {
        let mut key = Vec::with_capacity(self.0.len() + 6);
        key.extend_from_slice(&self.0);
        key.extend_from_slice(&[HISTORY, what]);
        key.extend_from_slice(&number.to_be_bytes());
        key
    }
    /// All its history rows.
    #[must_use]
    pub fn history_range(&self) -> Range<Key> {
        let with = |kind| {
            let mut key = self.0.clone();
            key.push(kind);
            key
        };
        with(HISTORY)..with(HISTORY + 1)
    }
}

/// All rows of a partition (of the change log: dataset number and partition) after record `after`, if one is given.
#[must_use]
pub fn partition_range(partition: u32, after: Option<&RecordKey>) -> Range<Key> {
    let start = after.map_or_else(
        || partition.to_be_bytes().to_vec(),
        |key| {
            let mut start = key.as_bytes().to_vec();
            start.push(HISTORY + 1);
            start
        },
    );
    start..next(&partition.to_be_bytes())
}

/// The first key after everything that starts with `prefix`.
#[must_use]
pub fn next(prefix: &[u8]) -> Key {
    let mut end = prefix.to_vec();
    while let Some(last) = end.pop() {
        if last < 0xFF {
            end.push(last + 1);
            return end;
        }
    }
    vec![0xFF; prefix.len() + 1]
}

/// Where the records of one dataset lie.
#[derive(Debug, Clone)]
pub struct Layout {
    number: u16,
    partitions: u16,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    /// Keyed ids: their own 16 bytes.
    Keyed,
    /// Readable ids: 16 bytes of a hash.
    Hashed,
    /// 8 bytes of a hash of some parts, then others in their order.
    Clustered { parts: usize, partition_by: Vec<usize>, cluster_by: Vec<(usize, FieldType)>, tail: bool },
}

impl Layout {
    /// The layout of a dataset that has `number` in its base database.
    ///
    /// # Errors
    /// A sentence, if partitions or clustering cannot be had.
    pub fn new(number: u16, dataset: &Dataset) -> Result<Self, String> {
        if !dataset.partitions.is_power_of_two() {
            return Err(format!("`{}`: partitions is {}, not a power of two", dataset.name, dataset.partitions));
        }
        let form = match (dataset.id, dataset.partition_by.is_empty() && dataset.cluster_by.is_empty()) {
            (IdKind::Keyed, true) => Form::Keyed,
            (IdKind::Readable, true) => Form::Hashed,
            (IdKind::Keyed, false) => {
                return Err(format!("`{}`: partition-by and cluster-by need a readable id", dataset.name));
            }
            (IdKind::Readable, false) => clustered(dataset)?,
        };
        Ok(Self { number, partitions: dataset.partitions, form })
    }

    /// The dataset's number.
    #[must_use]
    pub fn number(&self) -> u16 {
        self.number
    }

    /// Bytes of every record key of the dataset.
    #[must_use]
    pub fn record_bytes(&self) -> usize {
        PLACE_BYTES
            + match &self.form {
                Form::Keyed | Form::Hashed => 16,
                Form::Clustered { cluster_by, tail, .. } => {
                    let width = |kind: &FieldType| codec::key_part_width(*kind).unwrap_or(0);
                    8 + cluster_by.iter().map(|(_, kind)| width(kind)).sum::<usize>() + if *tail { 8 } else { 0 }
                }
            }
    }

    /// The dataset's partitions, as the change log names them.
    pub fn partitions(&self) -> impl Iterator<Item = u32> + use<> {
        let first = u32::from(self.number) << 16;
        (0..u32::from(self.partitions)).map(move |partition| first | partition)
    }

    /// All rows of the dataset.
    #[must_use]
    pub fn range(&self) -> Range<Key> {
        self.number.to_be_bytes().to_vec()..next(&self.number.to_be_bytes())
    }

    /// The place of the record with this id; `None` if no record of this dataset can have it.
    ///
    /// Cost: one hash of the id.
    #[must_use]
    pub fn key(&self, id: &str) -> Option<RecordKey> {
        match &self.form {
            Form::Keyed => {
                if !ids::is_hex_id(id) {
                    return None;
                }
                Some(self.place(&u128::from_str_radix(id, 16).ok()?.to_be_bytes()))
            }
            Form::Hashed => {
                let hash = blake3::hash(id.as_bytes());
                Some(self.place(hash.as_bytes().get(..16)?))
            }
            Form::Clustered { parts, partition_by, cluster_by, tail } => {
                let texts = ids::split(id).filter(|texts| texts.len() == *parts)?;
                let mut row = if partition_by.is_empty() {
                    hash_of(&texts)
                } else {
                    hash_of(&partition_by.iter().filter_map(|at| texts.get(*at)).collect::<Vec<_>>())
                };
                for (at, kind) in cluster_by {
                    codec::key_part(&typed(*kind, texts.get(*at)?)?, &mut row).ok()?;
                }
                if *tail {
                    row.extend_from_slice(&hash_of(&texts));
                }
                Some(self.place(&row))
            }
        }
    }

    /// The rows of one slice of a clustered dataset: those whose `partition_by` texts are `series` (in the order of the
    /// definition) and whose first `cluster_by` value is in `[from, to)`. `None` if the dataset has no such order.
    ///
    /// Cost of scanning it: the rows in it.
    #[must_use]
    pub fn slice(&self, series: &[String], from: Option<&Value>, to: Option<&Value>) -> Option<Range<Key>> {
        let Form::Clustered { partition_by, .. } = &self.form else { return None };
        if series.len() != partition_by.len() || series.is_empty() {
            return None;
        }
        let all = self.place(&hash_of(series)).0;
        let edge = |value: &Value| {
            let mut key = all.clone();
            codec::key_part(value, &mut key).ok().map(|()| key)
        };
        let start = from.map_or_else(|| Some(all.clone()), edge)?;
        let end = to.map_or_else(|| Some(next(&all)), edge)?;
        Some(start..end)
    }

    fn place(&self, row: &[u8]) -> RecordKey {
        let top = row.first_chunk::<2>().map_or(0, |two| u16::from_be_bytes(*two));
        // The top bits of the hash: with one partition there are none.
        let partition = u32::from(top) >> (16 - self.partitions.trailing_zeros());
        let mut bytes = Vec::with_capacity(PLACE_BYTES + row.len());
        bytes.extend_from_slice(&(u32::from(self.number) << 16 | partition).to_be_bytes());
        bytes.extend_from_slice(row);
        RecordKey(bytes)
    }
}

fn clustered(dataset: &Dataset) -> Result<Form, String> {
    let place = |name: &String| {
        dataset
            .natural_key
            .iter()
            .position(|key| key == name)
            .ok_or_else(|| format!("`{}`: `{name}` is not part of the natural key", dataset.name))
    };
    let partition_by = dataset.partition_by.iter().map(place).collect::<Result<Vec<_>, _>>()?;
    let mut width = 0;
    let mut cluster_by = Vec::new();
    for name in &dataset.cluster_by {
        let kind = dataset.field(name).map(|f| f.kind);
        let part = kind.and_then(|kind| Some((kind, codec::key_part_width(kind)?)));
        let (kind, bytes) =
            part.ok_or_else(|| format!("`{}`: `{name}` has no fixed width and cannot order rows", dataset.name))?;
        width += bytes;
        cluster_by.push((place(name)?, kind));
    }
    let named =
        partition_by.iter().chain(cluster_by.iter().map(|(at, _)| at)).collect::<std::collections::BTreeSet<_>>();
    // What the key does not spell out is told apart by a hash of the whole.
    let tail = named.len() < dataset.natural_key.len() && !partition_by.is_empty();
    let width_max = if tail { CLUSTER_BYTES_MAX - 8 } else { CLUSTER_BYTES_MAX };
    if width > width_max {
        return Err(format!("`{}`: cluster-by takes {width} bytes of the key, at most {width_max}", dataset.name));
    }
    Ok(Form::Clustered { parts: dataset.natural_key.len(), partition_by, cluster_by, tail })
}

fn typed(kind: FieldType, text: &str) -> Option<Value> {
    Some(match kind {
        FieldType::Integer => Value::Integer(text.parse().ok()?),
        FieldType::Timestamp => Value::Timestamp(Instant::parse(text)?),
        FieldType::Boolean => Value::Boolean(text.parse().ok()?),
        FieldType::Date => Value::Date(PartialDate::parse(text)?),
        FieldType::Period => Value::Period(Period::parse(text)?),
        _ => return None,
    })
}

fn hash_of<S: AsRef<str>>(texts: &[S]) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    for text in texts {
        hasher.update(&(text.as_ref().len() as u64).to_be_bytes());
        hasher.update(text.as_ref().as_bytes());
    }
    hasher.finalize().as_bytes().iter().take(8).copied().collect()
}

/// Keys of what a base database keeps about itself.
pub mod meta {
    use super::{BatchId, Key, RecordKey};
    use std::ops::Range;

    fn of(kind: u8, rest: &[&[u8]]) -> Key {
        let mut key = Vec::with_capacity(3 + rest.iter().map(|r| r.len()).sum::<usize>());
        key.extend_from_slice(&[0x01, 0x00, kind]);
        for part in rest {
            key.extend_from_slice(part);
        }
        key
    }
    fn under(prefix: &Key) -> Range<Key> {
        prefix.clone()..super::next(prefix)
    }
    /// A dataset's number and layout, by its name.
    #[must_use]
    pub fn dataset(name: &str) -> Key {
        of(b'd', &[name.as_bytes()])
    }
    /// All datasets.
    #[must_use]
    pub fn datasets() -> Range<Key> {
        under(&of(b'd', &[]))
    }
    /// A piece of the codes of a code list that records may hold.
    #[must_use]
    pub fn codes_piece(list: &str, piece: u16) -> Key {
        of(b'c', &[list.as_bytes(), &[0], &piece.to_be_bytes()])
    }
    /// All codes of a code list that records may hold.
    #[must_use]
    pub fn codes(list: &str) -> Range<Key> {
        under(&of(b'c', &[list.as_bytes(), &[0]]))
    }
    /// A batch.
    #[must_use]
    pub fn batch(batch: BatchId) -> Key {
        of(b'b', &[&batch.0.to_be_bytes()])
    }
    /// The change log's positions when a batch was opened.
    #[must_use]
    pub fn batch_start(batch: BatchId) -> Key {
        of(b'p', &[&batch.0.to_be_bytes()])
    }
    /// The mark of a batch that is a first load.
    #[must_use]
    pub fn first_load(batch: BatchId) -> Key {
        of(b'f', &[&batch.0.to_be_bytes()])
    }
    /// Where the rows of a first load would lie: they lie in files, and are sealed under this as if they did.
    #[must_use]
    pub fn spooled(batch: BatchId) -> Key {
        of(b'F', &[&batch.0.to_be_bytes()])
    }
    /// A refused row of a batch.
    #[must_use]
    pub fn refused(batch: BatchId, line: u64) -> Key {
        of(b'r', &[&batch.0.to_be_bytes(), &line.to_be_bytes()])
    }
    /// Refused rows of a batch after a line.
    #[must_use]
    pub fn refused_after(batch: BatchId, line: u64) -> Range<Key> {
        refused(batch, line.saturating_add(1))..super::next(&of(b'r', &[&batch.0.to_be_bytes()]))
    }
    /// All refused rows.
    #[must_use]
    pub fn all_refused() -> Range<Key> {
        under(&of(b'r', &[]))
    }
    /// A finding of a batch that did not refuse its row.
    #[must_use]
    pub fn warning(batch: BatchId, line: u64, number: u16) -> Key {
        of(b'w', &[&batch.0.to_be_bytes(), &line.to_be_bytes(), &number.to_be_bytes()])
    }
    /// All findings of a batch.
    #[must_use]
    pub fn warnings(batch: BatchId) -> Range<Key> {
        under(&of(b'w', &[&batch.0.to_be_bytes()]))
    }
    /// Records named by the rows of a snapshot batch that start at a line.
    #[must_use]
    pub fn named(batch: BatchId, line: u64) -> Key {
        of(b's', &[&batch.0.to_be_bytes(), &line.to_be_bytes()])
    }
    /// All records named by a snapshot batch, after the chunk that starts at a line.
    #[must_use]
    pub fn named_after(batch: BatchId, line: Option<u64>) -> Range<Key> {
        named(batch, line.map_or(0, |l| l.saturating_add(1)))..super::next(&of(b's', &[&batch.0.to_be_bytes()]))
    }
    /// A piece of a large value.
    #[must_use]
    pub fn blob(hash: &[u8; 16], piece: u16) -> Key {
        of(b'x', &[hash, &piece.to_be_bytes()])
    }
    /// A piece of a large value that one record alone refers to.
    #[must_use]
    pub fn own_blob(hash: &[u8; 16], piece: u16) -> Key {
        of(b'X', &[hash, &piece.to_be_bytes()])
    }
    /// How many first bytes of a key of a refused row, a record's own large value or a first load name what is erased as one.
    #[must_use]
    pub fn sealing_group(key: &[u8]) -> Option<usize> {
        match key {
            [0x01, 0x00, b'r', ..] => Some(key.len()),
            [0x01, 0x00, b'X', ..] => Some(3 + 16),
            [0x01, 0x00, b'F', ..] => Some(3 + 8),
            _ => None,
        }
    }
    /// What is left of an erased record.
    #[must_use]
    pub fn erased(record: &RecordKey) -> Key {
        of(b'e', &[record.as_bytes()])
    }
    /// What is left of the erased records of a dataset, after one.
    #[must_use]
    pub fn erased_after(dataset: u16, after: Option<&RecordKey>) -> Range<Key> {
        let all = of(b'e', &[&dataset.to_be_bytes()]);
        let start = after.map_or_else(
            || all.clone(),
            |record| {
                let mut start = erased(record);
                start.push(0);
                start
            },
        );
        start..super::next(&all)
    }
    fn link_target(dataset: &str, id: &str) -> [u8; 16] {
        let mut hasher = blake3::Hasher::new();
        hasher.update(dataset.as_bytes());
        hasher.update(&[0]);
        hasher.update(id.as_bytes());
        let mut short = [0; 16];
        short.iter_mut().zip(hasher.finalize().as_bytes()).for_each(|(to, from)| *to = *from);
        short
    }
    /// "Record `from` says, or once said, in field `field` that it points at this target."
    #[must_use]
    pub fn reverse_link(dataset: &str, id: &str, field: u16, from: &RecordKey) -> Key {
        of(b'l', &[&link_target(dataset, id), from.as_bytes(), &field.to_be_bytes()])
    }
    /// All reverse links of a target.
    #[must_use]
    pub fn reverse_links(dataset: &str, id: &str) -> Range<Key> {
        under(&of(b'l', &[&link_target(dataset, id)]))
    }
    /// The record and field number of a reverse link's key.
    #[must_use]
    pub fn link_source(key: &[u8]) -> Option<(RecordKey, u16)> {
        let (record, field) = key.get(3 + 16..)?.split_last_chunk::<2>()?;
        Some((RecordKey::from_bytes(record.to_vec()), u16::from_be_bytes(*field)))
    }
}

#[cfg(test)]
mod tests;
