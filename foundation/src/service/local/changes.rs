//! Changes: the change log as one permit sees it today. Positions are per partition; the gateway encrypts them.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::{ChangeKind, ChangeView, ChangesAnswer, ChangesAsk, ReadAt, Scope, ServiceError};
use super::LocalDatabase;
use super::records::view;
use crate::record::event::Touched;
use crate::record::{Head, RecordError, RecordKey, Table, read, tombstone};
use crate::store::Snapshot;
use crate::value::{Instant, codec};

/// Events read at a time.
const EVENTS_MAX: usize = 64;

/// Most events judged for one answer; what is hidden among them costs time and shows in nothing else.
const JUDGED_MAX: usize = 20_000;

/// Heads read at a time.
const HEADS: usize = 200;

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
    let table = &here.table(&ask.dataset)?;
    let newest = here.store.positions(table.layout.number()).await?;
    let snapshot = here.store.snapshot(None).await?;
    let now = super::records::read_at(&snapshot, ask.times);
    let whole = ask.scopes.iter().any(|scope| scope.rows.is_none() && scope.reads_all(&table.dataset));
    let judge = Judge { snapshot: &snapshot, table, now, scopes: &ask.scopes, whole };
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
                // What is shown beyond the limit begins the next page; what is not shown ends no page.
                let full = found.len() >= ask.limit;
                judged += 1;
                if judged > JUDGED_MAX || (full && judge.shows_any(&keys, event.at).await?) {
                    more = true;
                    break 'partitions;
                }
                if !full {
                    judge.put(&mut found, &keys, event.at).await?;
                }
                *position = event.sequence;
            }
        }
    }
    let mut changes = Vec::with_capacity(found.len());
    let keys: Vec<RecordKey> = found.keys().cloned().collect();
    for (part, seen) in keys.chunks(HEADS).zip(found.values().collect::<Vec<_>>().chunks(HEADS)) {
        let heads = read::heads(&snapshot, part).await?;
        for ((key, seen), head) in part.iter().zip(seen).zip(heads) {
            let Some(head) = head else {
                if let Some((stone, at)) = tombstone::of(&snapshot, key).await? {
                    changes.push(ChangeView { kind: ChangeKind::Erased, id: stone.id, at });
                }
                continue;
            };
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

/// Judges what a commit did to records under a permit.
struct Judge<'a> {
    snapshot: &'a Arc<dyn Snapshot>,
    table: &'a Table,
    now: ReadAt,
    scopes: &'a [Scope],
    /// Whether the permit shows every field of every record: then every commit is told.
    whole: bool,
}

impl Judge<'_> {
    /// Whether anything that a commit did is shown. Cost: up to the first thing shown.
    async fn shows_any(&self, keys: &[RecordKey], commit: Instant) -> Result<bool, ServiceError> {
        for part in keys.chunks(HEADS) {
            for (key, head) in part.iter().zip(read::heads(self.snapshot, part).await?) {
                let Some(head) = head else {
                    // Of an erased record nobody can tell any more what a lesser permit showed.
                    if self.whole {
                        return Ok(true);
                    }
                    continue;
                };
                if self.whole || self.told(key, &head, commit).await?.is_some() {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// Puts what is shown of a commit to what was found.
    async fn put(
        &self,
        found: &mut BTreeMap<RecordKey, Seen>,
        keys: &[RecordKey],
        commit: Instant,
    ) -> Result<(), ServiceError> {
        for part in keys.chunks(HEADS) {
            for (key, head) in part.iter().zip(read::heads(self.snapshot, part).await?) {
                let Some(head) = head else {
                    if self.whole {
                        found.insert(key.clone(), Seen { was: true, last: commit });
                    }
                    continue;
                };
                match found.get_mut(key) {
                    // How it was before its first change here is known.
                    Some(seen) if self.whole => seen.last = commit,
                    Some(seen) => {
                        if self.told(key, &head, commit).await?.is_some() {
                            seen.last = commit;
                        }
                    }
                    None => {
                        if let Some(was) = self.told(key, &head, commit).await? {
                            found.insert(key.clone(), Seen { was, last: commit });
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether the permit shows what a commit did to a record, and if so, whether it showed the record before.
    async fn told(&self, key: &RecordKey, head: &Head, commit: Instant) -> Result<Option<bool>, ServiceError> {
        let at = |known_at| ReadAt { known_at, ..self.now };
        let see = |at| view(self.snapshot, self.table, key, head, at, self.scopes);
        // A record that one commit ever touched was not there before it.
        let was = if head.counter > 1 { see(at(Instant(commit.0 - 1))).await? } else { None };
        if self.whole {
            return Ok(Some(was.is_some()));
        }
        let differs = match (&was, &see(at(commit)).await?) {
            (None, None) => false,
            (Some(was), Some(is)) => was.fields != is.fields,
            _ => true,
        };
        Ok(differs.then_some(was.is_some()))
    }
}
