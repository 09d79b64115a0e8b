//! Refused rows are kept as they came. Those that name an erased record go with it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{ROWS_A_COMMIT, id_of};
use crate::record::keys::meta;
use crate::record::{RecordKey, Table, ids, read};
use crate::store::{CommitBatch, Direction, Key, Snapshot, Store};
use crate::value::codec;
use crate::write::change::{Plan, RefusedEntry};
use crate::write::{WriteError, commit};

/// Keys of shorter texts would be found in rows that do not mean the record.
const CHARACTERS_MIN: usize = 6;

/// What a row that means the record would say: all texts of its natural key, as a claim has them.
pub(super) async fn names(
    snapshot: &Arc<dyn Snapshot>,
    table: &Table,
    key: &RecordKey,
) -> Result<BTreeSet<Vec<String>>, WriteError> {
    let Some(head) = read::heads(snapshot, std::slice::from_ref(key)).await?.pop().flatten() else {
        return Ok(BTreeSet::new());
    };
    let history = read::history(snapshot, key).await?;
    let texts = read::claims(&head, &history).filter_map(|claim| ids::natural_key(&table.natural_key, &claim.fields));
    Ok(texts.filter(|key| key.iter().any(|text| text.chars().count() >= CHARACTERS_MIN)).collect())
}

/// Deletes refused rows that say all of one of `names`; gives their keys, whose seals are to be dropped.
pub(super) async fn forget(store: &Arc<dyn Store>, names: &BTreeSet<Vec<String>>) -> Result<Vec<Key>, WriteError> {
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let mut range = meta::all_refused();
    let mut forgotten = Vec::new();
    loop {
        let snapshot = store.snapshot(None).await?;
        let page = snapshot.scan(range.clone(), Direction::Forward, ROWS_A_COMMIT).await?;
        let Some((last, _)) = page.last() else { return Ok(forgotten) };
        range.start.clone_from(last);
        range.start.push(0);
        let (keys, values): (Vec<Key>, Vec<_>) = page.into_iter().map(|(key, value)| (key, Some(value))).unzip();
        let mut delete = Vec::new();
        for (key, value) in keys.iter().zip(snapshot.open(&keys, values).await?) {
            let Some(value) = value else { continue };
            let (entry, _) = codec::decode_row::<RefusedEntry>(&value)
                .map_err(|e| WriteError::Undecodable { reason: format!("a refused row: {e}") })?;
            if names.iter().any(|name| name.iter().all(|text| entry.original.contains(text))) {
                delete.push(key.clone());
            }
        }
        if let Some(first) = delete.first() {
            forgotten.extend(delete.iter().cloned());
            let id = id_of(&snapshot, &RecordKey::from_bytes(first.clone()), 0);
            let batch = CommitBatch { id, expect: Vec::new(), put: Vec::new(), delete, events: Vec::new() };
            let plan = || async { Ok(Some(Plan { before: Vec::new(), batch: batch.clone() })) };
            commit::with_retry(store.as_ref(), plan).await?;
        }
    }
}
