//! Changes: the change log as one permit sees it today. Positions are per partition; the gateway encrypts them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{ChangeKind, ChangeView, ChangesAnswer, ChangesAsk, ReadAt, Scope, ServiceError};
use super::LocalDatabase;
use super::records::view;
use crate::record::event::Touched;
use crate::record::{Head, RecordError, RecordKey, Table, read};
use crate::store::Snapshot;
use crate::value::{Instant, codec};

/// Events read at a time.
const EVENTS_MAX: usize = 64;

/// Most events judged for one answer; what is hidden among them costs time and shows in nothing else.
const JUDGED_MAX: usize = 20_000;

/// What a page holds of a record.
struct Seen {
    /// Whether the permit showed it before the first of its changes here.
    was: bool,
    /// The commit of the last one.
    last: Instant,
}

/// Records changed after the positions, each once with what became of it in between, judged under today's permit.
///
/// A change counts if the permit shows it: whoever may see all of a record is told of every commit that touched it, others
/// only of those that changed what they may read of it on the valid day. So neither the length of a page nor `more` tells
/// of anything hidden. Changes of what is shown masked are not told, for the mask may hide them.
///
/// The answer ends with a whole event, so it may hold somewhat more than `limit`. Cost: the events read, and up to three
/// history scans a record touched.
pub(super) async fn changes(here: &LocalDatabase, ask: ChangesAsk) -> Result<ChangesAnswer, ServiceError> {
    let table = here.table(&ask.dataset)?;
    let newest = here.store.positions(table.layout.number()).await?;
    let snapshot = here.store.snapshot(None).await?;
    let now = super::records::read_at(&snapshot, ask.times);
    let mut next = ask.after.clone();
    next.resize(usize::from(table.dataset.partitions), 0);
    let mut found: BTreeMap<RecordKey, Seen> = BTreeMap::new();
    let (mut more, mut judged) = (false, 0);
    'partitions: for (partition, last) in newest {
        let Some(position) = next.get_mut((partition & 0xFFFF) as usize) else { continue };
        while *position < last {
            for event in here.store.changes(partition, *position, EVENTS_MAX).await? {
                let body: Touched = codec::decode(&event.body)
                    .map_err(|e| RecordError::Undecodable { id: "of an event".to_owned(), reason: e.to_string() })?;
                let keys: Vec<RecordKey> = body.rows.iter().map(|row| RecordKey::from_row(partition, row)).collect();
                let mut shown = Vec::new();
                for part in keys.chunks(200) {
                    let heads = read::heads(&snapshot, part).await?;
                    for (key, head) in part.iter().zip(heads) {
                        let Some(head) = head else { continue };
                        if let Some(was) = told(&snapshot, table, key, &head, (event.at, now), &ask.scopes).await? {
                            shown.push((key.clone(), was));
                        }
                    }
                }
                judged += 1;
                // What is shown beyond the limit begins the next page; what is not shown ends no page.
                if (found.len() >= ask.limit && !shown.is_empty()) || judged > JUDGED_MAX {
                    more = true;
                    break 'partitions;
                }
                for (key, was) in shown {
                    found.entry(key).or_insert(Seen { was, last: event.at }).last = event.at;
                }
                *position = event.sequence;
            }
        }
    }
    let mut changes = Vec::with_capacity(found.len());
    let keys: Vec<RecordKey> = found.keys().cloned().collect();
    for (part, seen) in keys.chunks(200).zip(found.values().collect::<Vec<_>>().chunks(200)) {
        let heads = read::heads(&snapshot, part).await?;
        for ((key, seen), head) in part.iter().zip(seen).zip(heads) {
            let Some(head) = head else { continue };
            let is = view(&snapshot, table, key, &head, now, &ask.scopes).await?.is_some();
            let kind = match (seen.was, is) {
                (false, false) => continue,
                (false, true) => ChangeKind::Added,
                (true, true) => ChangeKind::Changed,
                (true, false) => ChangeKind::Left,
            };
            changes.push(ChangeView { kind, id: head.id, at: seen.last });
        }
    }
    Ok(ChangesAnswer { changes, next, more })
}

/// Whether the permit shows what a commit did to a record, and if so, whether it showed the record before.
async fn told(
    snapshot: &Arc<dyn Snapshot>,
    table: &Table,
    key: &RecordKey,
    head: &Head,
    (commit, now): (Instant, ReadAt),
    scopes: &[Scope],
) -> Result<Option<bool>, ServiceError> {
    let before = ReadAt { known_at: Instant(commit.0 - 1), ..now };
    // A record that one commit ever touched was not there before it.
    let was = if head.counter > 1 { view(snapshot, table, key, head, before, scopes).await? } else { None };
    if shows_all(table, scopes) {
        return Ok(Some(was.is_some()));
    }
    let is = view(snapshot, table, key, head, ReadAt { known_at: commit, ..now }, scopes).await?;
    let differs = match (&was, &is) {
        (None, None) => false,
        (Some(was), Some(is)) => was.fields != is.fields,
        _ => true,
    };
    Ok(differs.then_some(was.is_some()))
}

/// Whether a permit shows every field of every record.
fn shows_all(table: &Table, scopes: &[Scope]) -> bool {
    scopes.iter().any(|scope| scope.rows.is_none() && scope.reads_all(&table.dataset))
}
