//! First loads as an import sees them: opened into an empty dataset, taken in when they end.

use std::sync::Arc;

use super::super::{ImportBegin, ImportMode, ServiceError, SourceRow};
use super::import::invalid;
use super::{LocalDatabase, WriteError};
use crate::record::BatchId;
use crate::service::BatchState;
use crate::value::Day;
use crate::write::first_load::{self, Loading, Marker};
use crate::write::{Writer, snapshot};

/// Whether a batch may be opened as a first load.
pub(super) async fn allowed(writer: &Writer, begin: &ImportBegin) -> Result<(), ServiceError> {
    if begin.mode != ImportMode::Delta {
        return Err(invalid("a first load is no snapshot: there is nothing yet that it could end"));
    }
    Ok(first_load::allowed(writer).await?)
}

/// The mark of a batch, if it is a first load that is not taken in yet.
pub(super) async fn marker(here: &LocalDatabase, batch: BatchId) -> Result<Option<Marker>, ServiceError> {
    Ok(first_load::marker(here.store.as_ref(), batch).await?)
}

/// Takes rows.
pub(super) async fn rows(
    here: &LocalDatabase,
    writer: &Arc<Writer>,
    batch: BatchId,
    day: Day,
    rows: Vec<SourceRow>,
) -> Result<(), WriteError> {
    first_load::take(writer, &loading(here, batch), day, rows).await
}

/// Takes the batch in. Where that cannot be, the batch is broken off and says why.
pub(super) async fn finish(
    here: &LocalDatabase,
    writer: &Arc<Writer>,
    batch: BatchId,
    marker: &Marker,
) -> Result<(), ServiceError> {
    // What is erased meanwhile would come back with rows that are resolved already; and they are of one definition.
    let (_no_erasure, _no_definition) = (here.erasing.lock().await, here.defining.lock().await);
    let writer = &here.writer(&writer.table.dataset.name)?;
    match first_load::finish(writer, &loading(here, batch), marker).await {
        Ok(()) => clear(here, batch).await,
        Err(WriteError::Invalid { reason }) => {
            snapshot::update(writer, batch, |row| {
                row.state = BatchState::CutOff;
                row.cut_off = Some(reason.clone());
            })
            .await?;
            Err(WriteError::Invalid { reason }.into())
        }
        Err(error) => Err(error.into()),
    }
}

/// Removes what is left of a first load.
pub(super) async fn clear(here: &LocalDatabase, batch: BatchId) -> Result<(), ServiceError> {
    Ok(first_load::clear(here.store.as_ref(), here.keys.as_deref(), &loading(here, batch)).await?)
}

fn loading(here: &LocalDatabase, batch: BatchId) -> Loading {
    Loading::new(batch, &here.loads_dir)
}
