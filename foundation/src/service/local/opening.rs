//! Import batches as they open: a key is a batch, and the same key again is the same batch.

use super::super::{BatchState, ImportBegin, ServiceError};
use super::import::{invalid, row_of};
use super::{LocalDatabase, dry_run, first_load};
use crate::record::keys::meta;
use crate::record::{BY_EVENT, BatchId};
use crate::store::{CommitBatch, CommitError, CommitId, Expect, Put};
use crate::value::codec;
use crate::write::batch::{BatchRow, batch_id};
use crate::write::first_load::mark;
use crate::write::{Writer, snapshot};

/// Most uses of one idempotency key (each after the withdrawal of the one before).
const GENERATIONS_MAX: u32 = 10_000;

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
