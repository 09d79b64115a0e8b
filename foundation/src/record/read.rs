//! Reading records from a snapshot.

use std::sync::Arc;

use super::keys::{self, HEAD};
use super::{Basis, Claim, Head, History, RecordError, RecordKey, Version, blob};
use crate::store::{Bytes, Direction, Key, Snapshot, StoreError};
use crate::value::{Day, Fields, Instant, Span, codec};

/// Rows read from the store at a time by a scan.
const SCAN_ROWS: usize = 1_024;

/// The heads of `keys`, in their order. Cost: one point read a key.
///
/// # Errors
/// [`RecordError::Undecodable`] names the record; nothing is skipped silently.
pub async fn heads(snapshot: &Arc<dyn Snapshot>, keys: &[RecordKey]) -> Result<Vec<Option<Head>>, RecordError> {
    let rows: Vec<Key> = keys.iter().map(RecordKey::head).collect();
    let values = snapshot.open(&rows, snapshot.get_many(&rows).await?).await?;
    let mut heads = Vec::with_capacity(values.len());
    for (key, value) in keys.iter().zip(values) {
        heads.push(match value {
            None => None,
            Some(bytes) => Some(whole(snapshot, decode_head(key, &bytes)?).await?),
        });
    }
    Ok(heads)
}

/// Puts the large values of a head back in.
pub(crate) async fn whole(snapshot: &Arc<dyn Snapshot>, mut head: Head) -> Result<Head, RecordError> {
    if blob::any(&head.claims) {
        let id = head.id.clone();
        blob::put_back(snapshot, &id, &mut head.claims).await?;
    }
    Ok(head)
}

/// Everything superseded of a record, oldest first. Cost: one prefix scan.
///
/// # Errors
/// As [`heads`].
pub async fn history(snapshot: &Arc<dyn Snapshot>, key: &RecordKey) -> Result<Vec<History>, RecordError> {
    let mut range = key.history_range();
    let mut rows = Vec::new();
    loop {
        let (keys, values) =
            opened(snapshot, snapshot.scan(range.clone(), Direction::Forward, SCAN_ROWS).await?).await?;
        for value in values.iter().flatten() {
            rows.push(decode_history(key, value)?);
        }
        match keys.last() {
            Some(last) if keys.len() == SCAN_ROWS => {
                range.start.clone_from(last);
                range.start.push(0);
            }
            _ => break,
        }
    }
    for row in &mut rows {
        if let History::Claim { claim, .. } = row
            && blob::any([&*claim])
        {
            blob::put_back(snapshot, &hex(key), [claim]).await?;
        }
    }
    rows.sort_by_key(|row| match row {
        History::Claim { claim, .. } => (claim.recorded.to, 0, claim.number),
        History::Version(version) => (version.recorded.to, 1, version.number),
    });
    Ok(rows)
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
    let range = keys::partition_range(u32::from(dataset) << 16 | u32::from(partition), after);
    scan_range(snapshot, range, limit).await
}

/// Heads with a key in `range` (of one dataset, starting between records), in key order, at most `limit`.
/// Cost: one range scan, over history rows too.
///
/// # Errors
/// As [`heads`].
pub async fn scan_range(
    snapshot: &Arc<dyn Snapshot>,
    mut range: std::ops::Range<Key>,
    limit: usize,
) -> Result<Vec<(RecordKey, Head)>, RecordError> {
    let mut found = Vec::new();
    // A range begins between records, so its first row is a head; all heads of a dataset have keys of one length.
    let mut head_bytes = None;
    while found.len() < limit {
        let page = snapshot.scan(range.clone(), Direction::Forward, SCAN_ROWS.min(limit)).await?;
        let full = page.len() == SCAN_ROWS.min(limit);
        if let Some((last, _)) = page.last() {
            range.start.clone_from(last);
            range.start.push(0);
        }
        // History is passed over without being opened.
        let mut of_heads = |key: &Key| *head_bytes.get_or_insert(key.len()) == key.len();
        let page: Vec<(Key, Bytes)> = page.into_iter().filter(|(key, _)| of_heads(key)).collect();
        let (keys, values) = opened(snapshot, page).await?;
        for (key, value) in keys.into_iter().zip(values) {
            let Some(value) = value else { continue };
            let record = match key.split_last() {
                Some((&HEAD, record)) => RecordKey::from_bytes(record.to_vec()),
                _ => continue,
            };
            let head = whole(snapshot, decode_head(&record, &value)?).await?;
            found.push((record, head));
            if found.len() == limit {
                return Ok(found);
            }
        }
        if !full {
            break;
        }
    }
    Ok(found)
}

/// Keys and values of scanned rows, the seals taken off.
async fn opened(
    snapshot: &Arc<dyn Snapshot>,
    rows: Vec<(Key, Bytes)>,
) -> Result<(Vec<Key>, Vec<Option<Bytes>>), StoreError> {
    let (keys, values): (Vec<Key>, Vec<Option<Bytes>>) =
        rows.into_iter().map(|(key, value)| (key, Some(value))).unzip();
    let values = snapshot.open(&keys, values).await?;
    Ok((keys, values))
}

fn hex(key: &RecordKey) -> String {
    key.row().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

fn undecodable(key: &RecordKey, error: &codec::CodecError) -> RecordError {
    RecordError::Undecodable { id: hex(key), reason: error.to_string() }
}

fn settle(span: &mut Span<Instant>, stamp: Instant) {
    if span.from == Instant::PENDING {
        span.from = stamp;
    }
    if span.to == Instant::PENDING {
        span.to = stamp;
    }
}

/// Decodes a head row; what was pending has the row's stamp. Large values are references still.
pub(crate) fn decode_head(key: &RecordKey, bytes: &[u8]) -> Result<Head, RecordError> {
    let (mut head, stamp) = codec::decode_row::<Head>(bytes).map_err(|e| undecodable(key, &e))?;
    head.claims.iter_mut().for_each(|c| settle(&mut c.recorded, stamp));
    head.versions.iter_mut().for_each(|v| settle(&mut v.recorded, stamp));
    Ok(head)
}

fn decode_history(key: &RecordKey, bytes: &[u8]) -> Result<History, RecordError> {
    let (mut row, stamp) = codec::decode_row::<History>(bytes).map_err(|e| undecodable(key, &e))?;
    match &mut row {
        History::Claim { claim, .. } => settle(&mut claim.recorded, stamp),
        History::Version(version) => settle(&mut version.recorded, stamp),
    }
    Ok(row)
}

/// The version of a record valid on `valid_at` as known at `known_at`, if there is one.
///
/// Callers may rely on: there is never more than one (the record's invariant).
#[must_use]
pub fn as_of<'a>(head: &'a Head, history: &'a [History], valid_at: Day, known_at: Instant) -> Option<&'a Version> {
    let past = history.iter().filter_map(|row| match row {
        History::Version(version) => Some(version),
        History::Claim { .. } => None,
    });
    head.versions.iter().chain(past).find(|v| v.valid.contains(valid_at) && v.recorded.contains(known_at))
}

/// The version as in [`as_of`] with its fields; reads the history only if the head does not tell.
///
/// # Errors
/// As [`heads`].
pub async fn version_at(
    snapshot: &Arc<dyn Snapshot>,
    key: &RecordKey,
    head: &Head,
    valid_at: Day,
    known_at: Instant,
) -> Result<Option<(Version, Fields)>, RecordError> {
    if let Some(version) = as_of(head, &[], valid_at, known_at) {
        return Ok(Some((version.clone(), resolved(head, version))));
    }
    // Nothing is superseded of a record that one commit ever touched.
    if known_at >= snapshot.at() || head.counter <= 1 {
        return Ok(None);
    }
    let history = history(snapshot, key).await?;
    let version = as_of(head, &history, valid_at, known_at);
    Ok(version.map(|version| (version.clone(), resolved_past(head, &history, version))))
}

/// Every claim of a record as it is stored: of large values the references.
///
/// # Errors
/// As [`heads`].
pub(crate) async fn stored_claims(snapshot: &Arc<dyn Snapshot>, key: &RecordKey) -> Result<Vec<Claim>, RecordError> {
    let mut claims = Vec::new();
    let mut range = key.head()..key.history_range().end;
    loop {
        let page = snapshot.scan(range.clone(), Direction::Forward, SCAN_ROWS).await?;
        let (keys, values) = opened(snapshot, page).await?;
        for (at, value) in keys.iter().zip(values) {
            match value {
                None => {}
                Some(value) if *at == key.head() => claims.extend(decode_head(key, &value)?.claims),
                Some(value) => {
                    if let History::Claim { claim, .. } = decode_history(key, &value)? {
                        claims.push(claim);
                    }
                }
            }
        }
        let Some(last) = keys.into_iter().next_back() else { return Ok(claims) };
        range.start = last;
        range.start.push(0);
    }
}

/// Every claim of a record, open and closed.
pub fn claims<'a>(head: &'a Head, history: &'a [History]) -> impl Iterator<Item = &'a Claim> {
    let past = history.iter().filter_map(|row| match row {
        History::Claim { claim, .. } => Some(claim),
        History::Version(_) => None,
    });
    past.chain(&head.claims)
}

/// The fields of an open version.
#[must_use]
pub fn resolved(head: &Head, version: &Version) -> Fields {
    of_basis(head, &version.basis)
}

/// The values that a basis names among the open claims.
pub(crate) fn of_basis(head: &Head, basis: &Basis) -> Fields {
    resolved_with(basis, |number| head.claim(number).map(|c| &c.fields))
}

/// The open version `number` of a record with its fields, taken out of the head without copying what one claim says.
#[must_use]
pub fn into_resolved(mut head: Head, number: u32) -> Option<(String, Version, Fields)> {
    let at = head.versions.iter().position(|v| v.number == number)?;
    let version = head.versions.swap_remove(at);
    let fields = match &version.basis {
        Basis::Claim(number) => head.claims.into_iter().find(|c| c.number == *number).map(|c| c.fields),
        Basis::Fields(_) => Some(resolved(&head, &version)),
    };
    Some((head.id, version, fields.unwrap_or_default()))
}

/// The fields of a version, open or closed, whose claims stand in the head or in the history.
#[must_use]
pub fn resolved_past(head: &Head, history: &[History], version: &Version) -> Fields {
    resolved_with(&version.basis, |number| claims(head, history).find(|c| c.number == number).map(|c| &c.fields))
}

fn resolved_with<'a>(basis: &Basis, claim: impl Fn(u32) -> Option<&'a Fields>) -> Fields {
    match basis {
        Basis::Claim(number) => claim(*number).cloned().unwrap_or_default(),
        Basis::Fields(winners) => {
            winners.iter().filter_map(|(field, number)| Some((*field, claim(*number)?.get(*field)?.clone()))).collect()
        }
    }
}

#[cfg(test)]
mod tests;
