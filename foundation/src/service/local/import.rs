//! Import batches: opened, fed, ended, reported, withdrawn.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};

use super::super::{
    BatchState, ErrorKind, ImportBegin, ImportFinish, ImportMode, ImportProgress, ImportReport, ImportRows,
    RejectedRow, RowProblem, ServiceError,
};
use super::{LocalDatabase, dry_run, first_load};
use crate::dataset::DatasetName;
use crate::record::keys::meta;
use crate::record::{BY_EVENT, BatchId};
use crate::store::{CommitBatch, CommitError, CommitId, Direction, Expect, Put};
use crate::value::codec;
use crate::write::batch::{BatchRow, batch_id};
use crate::write::change::RefusedEntry;
use crate::write::first_load::mark;
use crate::write::{self, WriteError, Writer, snapshot, withdraw as take_back};

/// Most problems and most warnings of a report.
const REPORTED_MAX: usize = 1_000;
/// Most rows a call.
const ROWS_MAX: usize = 50_000;
/// Most uses of one idempotency key (each after the withdrawal of the one before).
const GENERATIONS_MAX: u32 = 10_000;

pub(super) fn invalid(message: impl Into<String>) -> ServiceError {
    ServiceError::new(ErrorKind::Invalid, message)
}

/// Opens a batch, or finds the open, broken-off or complete batch of the same key again.
pub(super) async fn begin(here: &LocalDatabase, begin: ImportBegin) -> Result<BatchId, ServiceError> {
    let writer = &here.writer(&begin.dataset)?;
    for (what, text) in [("source", &begin.source), ("key", &begin.key)] {
        if text.is_empty() || text.len() > 512 {
            return Err(invalid(format!("an import needs a {what} of at most 512 bytes")));
        }
    }
    if begin.source.contains(BY_EVENT) {
        return Err(invalid(format!("a source is a department: `{BY_EVENT}` stands for what is said by an event")));
    }
    let now = here.clock.now();
    if begin.dry_run && begin.first_load {
        return Err(invalid("a first load is no dry run; leave one of the two out"));
    }
    if begin.dry_run {
        let batch = batch_id(&begin.dataset, &begin.source, &format!("{}\u{0}dry-run", begin.key), 0);
        dry_run::lock(here).open(batch, BatchRow::opened(&begin, 0, now));
        return Ok(batch);
    }
    for generation in 0..GENERATIONS_MAX {
        let batch = batch_id(&begin.dataset, &begin.source, &begin.key, generation);
        match row_of(here, batch).await? {
            None => {
                if begin.first_load {
                    first_load::allowed(writer, &begin).await?;
                }
                if open(here, writer, batch, &begin, &BatchRow::opened(&begin, generation, now)).await? {
                    return Ok(batch);
                }
                // Somebody else opened it in between: it is the same batch.
                resume(here, writer, batch, &begin).await?;
                return Ok(batch);
            }
            Some(row) if row.withdrawn => {}
            Some(_) => {
                resume(here, writer, batch, &begin).await?;
                return Ok(batch);
            }
        }
    }
    Err(invalid("this key was used and withdrawn too often; use another"))
}

/// Writes a new batch's row; gives whether it was new.
async fn open(
    here: &LocalDatabase,
    writer: &Writer,
    batch: BatchId,
    begin: &ImportBegin,
    row: &BatchRow,
) -> Result<bool, ServiceError> {
    let positions = here.store.positions(writer.table.layout.number()).await?;
    let start = Put { key: meta::batch_start(batch), value: codec::encode(&positions), stamped: false };
    let expect = vec![(meta::batch(batch), Expect::Absent)];
    let mut id = [0; 16];
    let parts = batch.0.to_be_bytes().into_iter().chain(row.opened.0.to_be_bytes());
    id.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
    let id = CommitId(id);
    let mut put = vec![row.put(batch), start];
    put.extend(begin.first_load.then(|| mark(writer, batch)));
    let commit = CommitBatch { id, expect, put, delete: Vec::new(), events: Vec::new() };
    match here.store.commit(commit).await {
        Ok(_) => Ok(true),
        Err(CommitError::Conflict(_) | CommitError::IdReused(_)) => Ok(false),
        Err(CommitError::Unknown(id)) => match here.store.resolve(id).await? {
            Some(_) => Ok(true),
            None => Err(CommitError::Unknown(id).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Goes on with a batch that is there already.
async fn resume(
    here: &LocalDatabase,
    writer: &Writer,
    batch: BatchId,
    begin: &ImportBegin,
) -> Result<(), ServiceError> {
    let (row, marked) = (row_of(here, batch).await?, first_load::marker(here, batch).await?.is_some());
    // Once it is complete a batch is a batch, whichever way it went.
    if marked != begin.first_load && row.is_some_and(|row| row.state != BatchState::Complete) {
        return Err(invalid("this key was used once with `first-load` and once without; use another key"));
    }
    let row = snapshot::update(writer, batch, |row| {
        if row.state == BatchState::CutOff {
            row.state = BatchState::Open;
            row.cut_off = None;
        }
    })
    .await?;
    if row.mode != begin.mode || row.as_of != begin.as_of {
        return Err(invalid("this key was used with another mode or as-of day; use another key"));
    }
    Ok(())
}

async fn row_of(here: &LocalDatabase, batch: BatchId) -> Result<Option<BatchRow>, ServiceError> {
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
