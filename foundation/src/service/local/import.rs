//! Import batches: fed, ended, reported, withdrawn. `opening.rs` opens them.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use super::super::{
    BatchState, ErrorKind, ImportFinish, ImportMode, ImportProgress, ImportReport, ImportRows, RejectedRow, RowProblem,
    ServiceError,
};
use super::{LocalDatabase, dry_run, first_load};
use crate::dataset::DatasetName;
use crate::record::BatchId;
use crate::record::keys::meta;
use crate::store::Direction;
use crate::value::codec;
use crate::write::batch::BatchRow;
use crate::write::change::RefusedEntry;
use crate::write::{self, WriteError, Writer, snapshot, withdraw as take_back};

/// Most problems and most warnings of a report.
const REPORTED_MAX: usize = 1_000;
/// Most rows a call.
const ROWS_MAX: usize = 50_000;

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new(ErrorKind::Invalid, message)
}

pub(super) async fn row_of(here: &LocalDatabase, batch: BatchId) -> Result<Option<BatchRow>, ServiceError> {
    let found = here.store.snapshot(None).await?.get_many(&[meta::batch(batch)]).await?;
    Ok(found.into_iter().next().flatten().map(|bytes| BatchRow::decode(&bytes)).transpose()?)
}

/// The batch and its dataset's writer.
async fn batch_of(here: &LocalDatabase, batch: BatchId) -> Result<(BatchRow, Arc<Writer>), ServiceError> {
    let row = row_of(here, batch).await?.ok_or(WriteError::NoSuchBatch)?;
    let name: DatasetName = row.dataset.parse().map_err(|reason| WriteError::Undecodable { reason })?;
    Ok((row, here.writer(&name)?))
}

/// One call at a time works on a batch.
fn busy(here: &LocalDatabase, batch: BatchId) -> Arc<tokio::sync::Mutex<()>> {
    let mut all = here.busy.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|_, lock| Arc::strong_count(lock) > 1);
    Arc::clone(all.entry(batch).or_default())
}

/// Takes rows of an open batch; durable when it returns.
pub(super) async fn rows(here: &LocalDatabase, rows: ImportRows) -> Result<ImportProgress, ServiceError> {
    let ImportRows { batch, rows, header } = rows;
    if rows.len() > ROWS_MAX {
        return Err(invalid(format!("{} rows in one call, at most {ROWS_MAX}", rows.len())));
    }
    if rows.windows(2).any(|pair| matches!(pair, [a, b] if a.line >= b.line)) {
        return Err(invalid("rows must come by ascending line"));
    }
    if let Some(run) = dry_run::find(here, batch) {
        return dry_run::rows(here, &run, rows).await;
    }
    let lock = busy(here, batch);
    let _alone = lock.lock().await;
    let (row, writer) = batch_of(here, batch).await?;
    if row.header.is_none() && header.is_some() {
        let kept = header.filter(|text| text.len() <= 32 * 1024);
        snapshot::update(&writer, batch, |row| row.header.clone_from(&kept)).await?;
    }
    match first_load::marker(here, batch).await? {
        Some(_) => first_load::rows(here, &writer, batch, row.from_day(), rows).await?,
        None => write::write(&writer, batch, row.from_day(), rows).await?,
    }
    Ok(batch_of(here, batch).await?.0.progress)
}

/// Ends a batch. Ending it twice is ending it once.
pub(super) async fn finish(here: &LocalDatabase, finish: ImportFinish) -> Result<ImportReport, ServiceError> {
    let ImportFinish { batch, cut_off, confirm } = finish;
    if let Some(run) = dry_run::find(here, batch) {
        return dry_run::finish(here, &run, cut_off).await;
    }
    let lock = busy(here, batch);
    let _alone = lock.lock().await;
    let (row, writer) = batch_of(here, batch).await?;
    let marker = first_load::marker(here, batch).await?;
    match row.state {
        // Taken in, and broken off before it was cleared.
        BatchState::Complete if marker.is_some() => first_load::clear(here, batch).await?,
        BatchState::Open | BatchState::NeedsConfirm if !row.withdrawn => {
            if cut_off.is_some() {
                snapshot::update(&writer, batch, |row| {
                    row.state = BatchState::CutOff;
                    row.cut_off.clone_from(&cut_off);
                })
                .await?;
            } else if let Some(marker) = marker {
                first_load::finish(here, &writer, batch, &marker).await?;
            } else if row.mode == ImportMode::Snapshot {
                snapshot::finish(&writer, batch, confirm).await?;
            } else {
                snapshot::update(&writer, batch, |row| row.state = BatchState::Complete).await?;
            }
        }
        _ => {}
    }
    report(here, batch).await?.ok_or_else(|| WriteError::NoSuchBatch.into())
}

/// The report of a batch.
pub(super) async fn report(here: &LocalDatabase, batch: BatchId) -> Result<Option<ImportReport>, ServiceError> {
    if let Some(run) = dry_run::find(here, batch) {
        return Ok(Some(dry_run::report(&run).await?));
    }
    let Some(row) = row_of(here, batch).await? else { return Ok(None) };
    let mut problems = Vec::new();
    for (_, entry) in refused(here, batch, 0, REPORTED_MAX).await? {
        problems.extend(entry.problems);
    }
    problems.truncate(REPORTED_MAX);
    let view = here.store.snapshot(None).await?;
    let kept = view.scan(meta::warnings(batch), Direction::Forward, REPORTED_MAX).await?;
    let warnings = kept.iter().map(|(_, bytes)| decode::<RowProblem>(bytes)).collect::<Result<_, _>>()?;
    Ok(Some(told(batch, row, problems, warnings)?))
}

/// A batch's row as its report.
pub(super) fn told(
    batch: BatchId,
    row: BatchRow,
    problems: Vec<RowProblem>,
    warnings: Vec<RowProblem>,
) -> Result<ImportReport, ServiceError> {
    Ok(ImportReport {
        batch,
        dataset: row.dataset.parse().map_err(|reason| WriteError::Undecodable { reason })?,
        source: row.source,
        state: row.state,
        progress: row.progress,
        ended: row.ended,
        problems,
        warnings,
        cut_off: row.cut_off,
        header: row.header,
    })
}

fn decode<T: bincode::Decode<()>>(bytes: &[u8]) -> Result<T, ServiceError> {
    let row = codec::decode_row(bytes).map_err(|e| WriteError::Undecodable { reason: e.to_string() })?;
    Ok(row.0)
}

async fn refused(
    here: &LocalDatabase,
    batch: BatchId,
    after_line: u64,
    limit: usize,
) -> Result<BTreeMap<u64, RefusedEntry>, ServiceError> {
    let view = here.store.snapshot(None).await?;
    let rows = view.scan(meta::refused_after(batch, after_line), Direction::Forward, limit).await?;
    let (keys, values): (Vec<_>, Vec<_>) = rows.into_iter().map(|(key, bytes)| (key, Some(bytes))).unzip();
    let opened = view.open(&keys, values).await?;
    let there = keys.iter().zip(opened).filter_map(|(key, bytes)| Some((key, bytes?)));
    there
        .map(|(key, bytes)| {
            let line = key.last_chunk::<8>().map_or(0, |line| u64::from_be_bytes(*line));
            Ok((line, decode::<RefusedEntry>(&bytes)?))
        })
        .collect()
}

/// Refused rows of a batch after a line, as they came; all problems of a row in one message.
pub(super) async fn rejected(
    here: &LocalDatabase,
    batch: BatchId,
    after_line: u64,
    limit: usize,
) -> Result<Vec<RejectedRow>, ServiceError> {
    if let Some(run) = dry_run::find(here, batch) {
        return Ok(dry_run::rejected(&run, after_line, limit).await);
    }
    let rows = refused(here, batch, after_line, limit.min(REPORTED_MAX)).await?;
    Ok(rows.into_iter().map(|(line, entry)| one_problem(line, entry)).collect())
}

/// A refused row with its first rule and everything that is to be said.
pub(super) fn one_problem(line: u64, entry: RefusedEntry) -> RejectedRow {
    let RefusedEntry { original, problems } = entry;
    let message = problems.iter().map(|p| p.message.as_str()).collect::<Vec<_>>().join("; ");
    let first = problems.into_iter().next();
    let (field, rule) = first.map(|p| (p.field, p.rule)).unwrap_or_default();
    RejectedRow { line, original, problem: RowProblem { line, field, rule, message } }
}

/// Takes a batch back.
pub(super) async fn withdraw(here: &LocalDatabase, batch: BatchId) -> Result<ImportReport, ServiceError> {
    let lock = busy(here, batch);
    let _alone = lock.lock().await;
    let (_, writer) = batch_of(here, batch).await?;
    take_back::run(&writer, batch).await?;
    if first_load::marker(here, batch).await?.is_some() {
        first_load::clear(here, batch).await?;
    }
    report(here, batch).await?.ok_or_else(|| WriteError::NoSuchBatch.into())
}
