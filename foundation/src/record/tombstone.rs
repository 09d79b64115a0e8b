//! What is left of an erased record: that it was there and was erased, never what it said.

use std::collections::HashSet;
use std::sync::Arc;

use bincode::{Decode, Encode};

use super::keys::meta;
use super::{RecordError, RecordKey};
use crate::store::{Bytes, Direction, Key, Snapshot, StoreError};
use crate::value::{Instant, codec};

/// What is left of an erased record.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Tombstone {
    /// Its id.
    pub id: String,
    /// Why it was erased: the decision and its legal ground.
    pub because: String,
    /// The record with which it was erased, if not for its own sake: dataset and id.
    pub with: Option<(String, String)>,
    /// Hashes of large values that were its own.
    pub(crate) blobs: Vec<[u8; 16]>,
    /// Whether its bytes are gone from store and index; until then the work goes on at every start.
    pub done: bool,
}

/// Decodes a tombstone with the time of its last change.
pub(crate) fn decode(value: &[u8]) -> Result<(Tombstone, Instant), RecordError> {
    codec::decode_row(value)
        .map_err(|e| RecordError::Undecodable { id: "of an erased record".to_owned(), reason: e.to_string() })
}

/// Which of `keys` were erased. Cost: one point read a key, most of them of nothing.
pub(crate) async fn among(
    snapshot: &Arc<dyn Snapshot>,
    keys: Vec<RecordKey>,
) -> Result<HashSet<RecordKey>, StoreError> {
    if keys.is_empty() {
        return Ok(HashSet::new());
    }
    let rows: Vec<Key> = keys.iter().map(meta::erased).collect();
    let found = snapshot.get_many(&rows).await?;
    Ok(keys.into_iter().zip(found).filter_map(|(key, found)| found.map(|_| key)).collect())
}

/// The tombstone of a record, if it was erased.
pub(crate) async fn of(
    snapshot: &Arc<dyn Snapshot>,
    key: &RecordKey,
) -> Result<Option<(Tombstone, Instant)>, RecordError> {
    let found = snapshot.get_many(&[meta::erased(key)]).await?.pop().flatten();
    found.map(|value: Bytes| decode(&value)).transpose()
}

/// Tombstones of a dataset in the order of their keys, after one, at most `limit`.
pub(crate) async fn page(
    snapshot: &Arc<dyn Snapshot>,
    dataset: u16,
    after: Option<&RecordKey>,
    limit: usize,
) -> Result<Vec<(RecordKey, Tombstone, Instant)>, RecordError> {
    let rows = snapshot.scan(meta::erased_after(dataset, after), Direction::Forward, limit).await?;
    let one = |(key, value): (Key, Bytes)| {
        let (stone, at) = decode(&value)?;
        Ok((RecordKey::from_bytes(key.get(3..).unwrap_or_default().to_vec()), stone, at))
    };
    rows.into_iter().map(one).collect()
}
