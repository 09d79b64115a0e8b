//! Withdraw: a batch is taken back as a new recorded time. Its open claims are closed, and what it had displaced is
//! claimed again; nothing recorded is overwritten.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::batch::BatchRow;
use super::commit::{self, Outcome};
use super::resolve::{self, Changed, Heads, Resolved};
use super::timeline::Work;
use super::{WriteError, Writer, change, effect, snapshot};
use crate::record::event::Touched;
use crate::record::keys::meta;
use crate::record::{BatchId, History, RecordKey, read};
use crate::service::BatchState;
use crate::store::Snapshot;
use crate::value::codec;

/// Events read at a time.
const EVENTS_MAX: usize = 256;
/// Records a commit.
const RECORDS_A_COMMIT: usize = 200;

/// Takes a batch back. Withdrawing twice changes nothing; interrupted, the same call goes on.
///
/// Cost: the change log since the batch was opened, and one commit per 200 records it touched.
/// # Errors
/// [`WriteError`]; what was taken back so far stays so.
pub async fn run(writer: &Writer, batch: BatchId) -> Result<BatchRow, WriteError> {
    let (row, _) = resolve::batch_row(&writer.store.snapshot(None).await?, batch).await?;
    if row.state == BatchState::Withdrawn {
        return Ok(row);
    }
    // From here on the batch takes no rows, and its claims count as withdrawn for every other withdrawal.
    snapshot::update(writer, batch, |row| {
        if !row.withdrawn {
            row.withdrawn = true;
            row.ended = 0;
        }
    })
    .await?;
    let start: HashMap<u32, u64> = start(writer, batch).await?.into_iter().collect();
    for (partition, last) in writer.store.positions(writer.table.layout.number()).await? {
        let mut after = start.get(&partition).copied().unwrap_or(0);
        let mut keys: BTreeSet<RecordKey> = BTreeSet::new();
        while after < last {
            let events = writer.store.changes(partition, after, EVENTS_MAX).await?;
            let Some(newest) = events.last().map(|e| e.sequence) else { break };
            after = newest;
            for event in events {
                let touched: Touched = codec::decode(&event.body)
                    .map_err(|e| WriteError::Undecodable { reason: format!("an event: {e}") })?;
                if touched.batch == batch {
                    keys.extend(touched.rows.iter().map(|row| RecordKey::from_row(partition, row)));
                }
            }
            if keys.len() >= RECORDS_A_COMMIT || after >= last {
                let ready: Vec<RecordKey> = std::mem::take(&mut keys).into_iter().collect();
                for part in ready.chunks(RECORDS_A_COMMIT) {
                    take_back(writer, batch, part).await?;
                }
            }
        }
    }
    snapshot::update(writer, batch, |row| row.state = BatchState::Withdrawn).await
}

async fn take_back(writer: &Writer, batch: BatchId, keys: &[RecordKey]) -> Result<(), WriteError> {
    let mut parts = vec![keys];
    while let Some(keys) = parts.pop() {
        let outcome = commit::with_retry(writer.store.as_ref(), || async {
            let resolved = plan(writer, batch, keys).await?;
            Ok(resolved.map(|resolved| change::plan(&writer.table, resolved)))
        })
        .await?;
        if matches!(outcome, Outcome::TooLarge) {
            if keys.len() < 2 {
                return Err(WriteError::Invalid { reason: "a record is too large for one commit".to_owned() });
            }
            let (first, second) = keys.split_at(keys.len() / 2);
            parts.extend([second, first]);
        }
    }
    Ok(())
}

async fn plan(writer: &Writer, batch: BatchId, keys: &[RecordKey]) -> Result<Option<Resolved>, WriteError> {
    let snapshot = writer.store.snapshot(None).await?;
    let (mut batch_row, batch_expect) = resolve::batch_row(&snapshot, batch).await?;
    let mut pieces = BTreeMap::new();
    let mut records = Vec::new();
    for (key, expect, head) in Heads::read(&snapshot, keys.iter()).await?.into_records() {
        let Some(head) = head else { continue };
        let history = read::history(&snapshot, &key).await?;
        let withdrawn = withdrawn(&snapshot, batch, &history).await?;
        let mut work = Work::new(head);
        let closed = work.withdraw(batch, &history, &|b| withdrawn.contains(&b));
        if work.changed {
            batch_row.ended += closed as u64;
            let row = resolve::finish(&mut work, &key, &writer.table, &mut pieces);
            records.push(Changed { key, expect, work, row });
        }
    }
    if records.is_empty() {
        return Ok(None);
    }
    let (beside, refused, warnings, named) = (Vec::new(), Vec::new(), Vec::new(), None);
    let mut resolved = Resolved { batch, batch_row, batch_expect, records, beside, refused, warnings, named, pieces };
    // What events mean follows from what stands of them now.
    effect::spread(&snapshot, writer, &mut resolved, None).await?;
    Ok(Some(resolved))
}

/// Which of the batches that a history speaks of are withdrawn.
async fn withdrawn(
    snapshot: &Arc<dyn Snapshot>,
    batch: BatchId,
    history: &[History],
) -> Result<BTreeSet<BatchId>, WriteError> {
    let mut batches: BTreeSet<BatchId> = BTreeSet::new();
    for row in history {
        if let History::Claim { claim, closed_by } = row {
            batches.extend([claim.batch, *closed_by]);
        }
    }
    batches.remove(&batch);
    let keys: Vec<_> = batches.iter().map(|b| meta::batch(*b)).collect();
    let mut withdrawn = BTreeSet::from([batch]);
    for (known, row) in batches.into_iter().zip(snapshot.get_many(&keys).await?) {
        if let Some(bytes) = row
            && BatchRow::decode(&bytes)?.withdrawn
        {
            withdrawn.insert(known);
        }
    }
    Ok(withdrawn)
}

async fn start(writer: &Writer, batch: BatchId) -> Result<Vec<(u32, u64)>, WriteError> {
    let found = writer.store.snapshot(None).await?.get_many(&[meta::batch_start(batch)]).await?;
    match found.into_iter().next().flatten() {
        None => Ok(Vec::new()),
        Some(bytes) => codec::decode(&bytes).map_err(|e| WriteError::Undecodable { reason: e.to_string() }),
    }
}
