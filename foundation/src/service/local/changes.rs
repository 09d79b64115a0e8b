//! Changes: the change log as one permit sees it today. Positions are per partition; the gateway encrypts them.

use std::collections::BTreeMap;

use super::super::{ChangeKind, ChangeView, ChangesAnswer, ChangesAsk, ReadAt, ServiceError};
use super::LocalDatabase;
use super::records::view;
use crate::record::event::Touched;
use crate::record::{RecordError, RecordKey, read};
use crate::value::{Instant, codec};

/// Events read at a time.
const EVENTS_MAX: usize = 64;

/// Records changed after the positions, each once with what became of it in between, judged under today's permit.
///
/// The answer ends with a whole event, so it may hold somewhat more than `limit`. Cost: the events read, one point read and
/// one history scan a changed record.
pub(super) async fn changes(here: &LocalDatabase, ask: ChangesAsk) -> Result<ChangesAnswer, ServiceError> {
    let table = here.table(&ask.dataset)?;
    let newest = here.store.positions(table.layout.number()).await?;
    let mut next = ask.after.clone();
    next.resize(usize::from(table.dataset.partitions), 0);
    // First and last commit that touched each record, in the order of partitions.
    let mut touched: BTreeMap<RecordKey, (Instant, Instant)> = BTreeMap::new();
    let mut more = false;
    for (partition, last) in newest {
        let Some(position) = next.get_mut((partition & 0xFFFF) as usize) else { continue };
        while *position < last {
            if touched.len() >= ask.limit {
                more = true;
                break;
            }
            for event in here.store.changes(partition, *position, EVENTS_MAX).await? {
                let body: Touched = codec::decode(&event.body)
                    .map_err(|e| RecordError::Undecodable { id: "of an event".to_owned(), reason: e.to_string() })?;
                for row in body.rows {
                    let seen = touched.entry(RecordKey::from_row(partition, &row)).or_insert((event.at, event.at));
                    seen.1 = event.at;
                }
                *position = event.sequence;
                if touched.len() >= ask.limit {
                    break;
                }
            }
        }
    }
    let snapshot = here.store.snapshot(None).await?;
    let now = super::records::read_at(&snapshot, ask.times);
    let keys: Vec<RecordKey> = touched.keys().cloned().collect();
    let mut changes = Vec::with_capacity(keys.len());
    for (part, spans) in keys.chunks(200).zip(touched.values().copied().collect::<Vec<_>>().chunks(200)) {
        let heads = read::heads(&snapshot, part).await?;
        for ((key, (first, last)), head) in part.iter().zip(spans).zip(heads) {
            let Some(head) = head else { continue };
            let before = ReadAt { known_at: Instant(first.0 - 1), ..now };
            // A record that one commit ever touched was not there before it.
            let was = head.counter > 1 && view(&snapshot, table, key, &head, before, &ask.scopes).await?.is_some();
            let is = view(&snapshot, table, key, &head, now, &ask.scopes).await?.is_some();
            let kind = match (was, is) {
                (false, false) => continue,
                (false, true) => ChangeKind::Added,
                (true, true) => ChangeKind::Changed,
                (true, false) => ChangeKind::Left,
            };
            changes.push(ChangeView { kind, id: head.id, at: *last });
        }
    }
    Ok(ChangesAnswer { changes, next, more })
}
