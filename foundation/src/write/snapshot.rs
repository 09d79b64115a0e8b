//! Snapshot mode: a source's whole holding was sent; what it does not name ends on the batch's day.
//!
//! Which records the rows named is kept on disk, 20 bytes each, and compared partition by partition, so that memory does
//! not grow with the holding. A refused row whose natural key could be read counts as named.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::batch::BatchRow;
use super::commit::{self, Outcome};
use super::resolve::{self, Changed, Heads, NAMED_BYTES, Resolved};
use super::timeline::{Word, Work};
use super::{WriteError, Writer, change, effect};
use crate::record::keys::{self, meta};
use crate::record::{BatchId, Head, RecordKey, read};
use crate::service::BatchState;
use crate::store::{Direction, Snapshot};
use crate::value::{Day, Span};

/// Entries of named records held in memory at a time.
const NAMED_MAX: usize = 2_000_000;
/// Heads read at a time.
const PAGE: usize = 1_000;
/// Records ended a commit: each takes a head, a closed claim or more, a closed version or more and perhaps an event.
const ENDED_A_COMMIT: usize = 250;
/// Above one in so many, ending needs a word of confirmation.
const CONFIRM_ABOVE: u64 = 20;

/// Where the names of a batch's records are.
#[derive(Debug, Clone, Copy)]
pub enum Named<'a> {
    /// On disk, by the commits of the batch.
    Kept(BatchId),
    /// In memory (a dry run).
    Held(&'a [u8]),
}

/// Ends what the batch did not name, or says how much that would be if it is more than 5 % and not confirmed.
///
/// Interrupted, it goes on where it was. Cost: two scans of the dataset's heads, one commit per 250 records ended.
/// # Errors
/// [`WriteError`]; what was ended so far stays, and the same call goes on.
pub async fn finish(writer: &Writer, batch: BatchId, confirm: bool) -> Result<BatchRow, WriteError> {
    let (mut row, _) = resolve::batch_row(&writer.store.snapshot(None).await?, batch).await?;
    if row.ending_after.is_none() && !confirm {
        let (missing, all) = preview(writer, &row, Named::Kept(batch)).await?;
        if missing * CONFIRM_ABOVE > all {
            return update(writer, batch, |row| {
                row.state = BatchState::NeedsConfirm;
                row.ended = missing;
            })
            .await;
        }
    }
    if row.ending_after.is_none() {
        row = update(writer, batch, |row| {
            row.ended = 0;
            row.ending_after = Some(Vec::new());
        })
        .await?;
    }
    end_missing(writer, batch, &row).await?;
    update(writer, batch, |row| row.state = BatchState::Complete).await
}

/// How many records of the source are not named, and how many it has, on the batch's day or later.
///
/// # Errors
/// [`WriteError`] if the store cannot be read.
pub async fn preview(writer: &Writer, row: &BatchRow, named: Named<'_>) -> Result<(u64, u64), WriteError> {
    let (mut missing, mut all) = (0, 0);
    for group in groups(writer, named).await? {
        let set = load(writer, named, &group).await?;
        for partition in group {
            let mut after: Option<RecordKey> = None;
            loop {
                let page = page(writer, partition, after.as_ref()).await?;
                for (key, head) in &page {
                    if holds(head, row) {
                        all += 1;
                        missing += u64::from(!set.contains(&resolve::name_of(key)));
                    }
                }
                match page.into_iter().next_back() {
                    Some((last, _)) => after = Some(last),
                    None => break,
                }
            }
        }
    }
    Ok((missing, all))
}

async fn end_missing(writer: &Writer, batch: BatchId, row: &BatchRow) -> Result<(), WriteError> {
    let done = row.ending_after.clone().filter(|bytes| !bytes.is_empty()).map(RecordKey::from_bytes);
    for group in groups(writer, Named::Kept(batch)).await? {
        let set = load(writer, Named::Kept(batch), &group).await?;
        for partition in group {
            if done.as_ref().is_some_and(|d| d.partition() > partition) {
                continue;
            }
            let mut after = done.clone().filter(|d| d.partition() == partition);
            loop {
                let page = page(writer, partition, after.as_ref()).await?;
                let Some((last, _)) = page.last() else { break };
                after = Some(last.clone());
                let missing: Vec<RecordKey> = page
                    .into_iter()
                    .filter(|(key, head)| holds(head, row) && !set.contains(&resolve::name_of(key)))
                    .map(|(key, _)| key)
                    .collect();
                for keys in missing.chunks(ENDED_A_COMMIT) {
                    end(writer, batch, keys).await?;
                }
            }
        }
    }
    Ok(())
}

/// Ends this source's claims of some records; one commit, or more if it is too large.
async fn end(writer: &Writer, batch: BatchId, keys: &[RecordKey]) -> Result<(), WriteError> {
    let mut parts = vec![keys];
    while let Some(keys) = parts.pop() {
        let outcome = commit::with_retry(writer.store.as_ref(), || async {
            let resolved = end_plan(writer, batch, keys).await?;
            Ok(Some(change::plan(&writer.table, resolved)))
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

async fn end_plan(writer: &Writer, batch: BatchId, keys: &[RecordKey]) -> Result<Resolved, WriteError> {
    let snapshot = writer.store.snapshot(None).await?;
    let (mut batch_row, batch_expect) = resolve::batch_row(&snapshot, batch).await?;
    let mut pieces = BTreeMap::new();
    let mut records = Vec::with_capacity(keys.len());
    for (key, expect, head) in Heads::read(&snapshot, keys.iter()).await?.into_records() {
        let Some(head) = head else { continue };
        let mut work = Work::new(head);
        let valid = Span { from: batch_row.from_day(), to: Day::MAX };
        let nothing = Word { source: &batch_row.source, batch, valid, source_time: None, fields: None };
        if work.overwrite(&nothing) {
            let row = resolve::finish(&mut work, &key, &writer.table, &mut pieces);
            records.push(Changed { key, expect, work, row });
        }
    }
    batch_row.ended += records.len() as u64;
    batch_row.ending_after = keys.last().map(|key| key.as_bytes().to_vec());
    let (beside, refused, warnings, named) = (Vec::new(), Vec::new(), Vec::new(), None);
    let mut resolved = Resolved { batch, batch_row, batch_expect, records, beside, refused, warnings, named, pieces };
    effect::spread(&snapshot, writer, &mut resolved, None).await?;
    Ok(resolved)
}

/// Changes a batch's row and nothing else.
///
/// # Errors
/// [`WriteError`].
pub async fn update(
    writer: &Writer,
    batch: BatchId,
    change: impl Fn(&mut BatchRow) + Send + Sync,
) -> Result<BatchRow, WriteError> {
    commit::with_retry(writer.store.as_ref(), || async {
        let snapshot = writer.store.snapshot(None).await?;
        let (mut batch_row, batch_expect) = resolve::batch_row(&snapshot, batch).await?;
        let before = batch_row.clone();
        change(&mut batch_row);
        if before == batch_row {
            return Ok(None);
        }
        let (records, beside, refused, warnings) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (named, pieces) = (None, BTreeMap::new());
        let resolved = Resolved { batch, batch_row, batch_expect, records, beside, refused, warnings, named, pieces };
        Ok(Some(change::plan(&writer.table, resolved)))
    })
    .await?;
    Ok(resolve::batch_row(&writer.store.snapshot(None).await?, batch).await?.0)
}

/// Whether the batch's source claims something of the record on the batch's day or later.
fn holds(head: &Head, row: &BatchRow) -> bool {
    head.claims.iter().any(|c| c.source == row.source && c.valid.to > row.from_day())
}

/// Heads of a partition after one; every page from a fresh view, so that a long scan holds none.
async fn page(
    writer: &Writer,
    partition: u32,
    after: Option<&RecordKey>,
) -> Result<Vec<(RecordKey, Head)>, WriteError> {
    let snapshot = writer.store.snapshot(None).await?;
    Ok(read::scan_range(&snapshot, keys::partition_range(partition, after), PAGE).await?)
}

/// The dataset's partitions in groups whose names fit into memory.
async fn groups(writer: &Writer, named: Named<'_>) -> Result<Vec<Vec<u32>>, WriteError> {
    let mut entries = 0;
    each_page(writer, named, |bytes| entries += bytes.len() / NAMED_BYTES).await?;
    let partitions: Vec<u32> = writer.table.layout.partitions().collect();
    let size = (partitions.len() / entries.div_ceil(NAMED_MAX).max(1)).max(1);
    Ok(partitions.chunks(size).map(<[u32]>::to_vec).collect())
}

async fn load(writer: &Writer, named: Named<'_>, partitions: &[u32]) -> Result<HashSet<[u8; NAMED_BYTES]>, WriteError> {
    let (first, last) = (partitions.first().copied().unwrap_or(0), partitions.last().copied().unwrap_or(0));
    let mut set = HashSet::new();
    each_page(writer, named, |bytes| {
        for entry in bytes.as_chunks::<NAMED_BYTES>().0 {
            let partition = entry.first_chunk().map_or(0, |four| u32::from_be_bytes(*four));
            if (first..=last).contains(&partition) {
                set.insert(*entry);
            }
        }
    })
    .await?;
    Ok(set)
}

async fn each_page(writer: &Writer, named: Named<'_>, mut take: impl FnMut(&[u8]) + Send) -> Result<(), WriteError> {
    let batch = match named {
        Named::Held(bytes) => {
            take(bytes);
            return Ok(());
        }
        Named::Kept(batch) => batch,
    };
    let snapshot: Arc<dyn Snapshot> = writer.store.snapshot(None).await?;
    let mut range = meta::named_after(batch, None);
    loop {
        let page = snapshot.scan(range.clone(), Direction::Forward, 100).await?;
        for (_, bytes) in &page {
            take(bytes);
        }
        match page.into_iter().next_back() {
            Some((last, _)) => {
                range.start = last;
                range.start.push(0);
            }
            None => return Ok(()),
        }
    }
}
