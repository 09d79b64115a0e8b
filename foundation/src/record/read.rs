//! Reading records from a snapshot.

use std::sync::Arc;

use super::{Head, History, RecordError, RecordKey, Version};
use crate::store::Snapshot;
use crate::value::Fields;

/// The heads of `keys`, in their order. Cost: one point read a key.
///
/// # Errors
/// [`RecordError::Undecodable`] names the record; nothing is skipped silently.
pub async fn heads(snapshot: &Arc<dyn Snapshot>, keys: &[RecordKey]) -> Result<Vec<Option<Head>>, RecordError> {
    let _ = (snapshot, keys);
    todo!("record room")
}

/// Everything superseded of a record, oldest first. Cost: one prefix scan.
///
/// # Errors
/// As [`heads`].
pub async fn history(snapshot: &Arc<dyn Snapshot>, key: &RecordKey) -> Result<Vec<History>, RecordError> {
    let _ = (snapshot, key);
    todo!("record room")
}

/// Heads of a partition in key order, after `after`, at most `limit`. Cost: one range scan.
///
/// # Errors
/// As [`heads`].
pub async fn scan(
    snapshot: &Arc<dyn Snapshot>,
    dataset: u16,
    partition: u16,
    after: Option<&RecordKey>,
    limit: usize,
) -> Result<Vec<(RecordKey, Head)>, RecordError> {
    let _ = (snapshot, dataset, partition, after, limit);
    todo!("record room")
}

/// The fields of an open version.
#[must_use]
pub fn resolved(head: &Head, version: &Version) -> Fields {
    resolved_with(version, |number| head.claim(number).map(|c| &c.fields))
}

/// The fields of a version, open or closed, whose claims stand in the head or in the history.
#[must_use]
pub fn resolved_past(head: &Head, history: &[History], version: &Version) -> Fields {
    resolved_with(version, |number| {
        head.claim(number).map(|c| &c.fields).or_else(|| {
            history.iter().find_map(|row| match row {
                History::Claim { claim, .. } if claim.number == number => Some(&claim.fields),
                _ => None,
            })
        })
    })
}

fn resolved_with<'a>(version: &Version, claim: impl Fn(u32) -> Option<&'a Fields>) -> Fields {
    match &version.basis {
        super::Basis::Claim(number) => claim(*number).cloned().unwrap_or_default(),
        super::Basis::Fields(winners) => {
            winners.iter().filter_map(|(field, number)| Some((*field, claim(*number)?.get(*field)?.clone()))).collect()
        }
    }
}
