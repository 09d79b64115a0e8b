//! Erase: what `write::erase` leaves to be done: keys, tables, index.

use std::sync::Arc;

use super::super::{BoundAsk, EraseAnswer, EraseAsk, ErasedAsk, ErasedView, ErrorKind, ServiceError};
use super::LocalDatabase;
use crate::dataset::DatasetName;
use crate::record::{RecordKey, read, tombstone};
use crate::write::Writer;
use crate::write::erase::{self, Buried, Erasure};

/// Tombstones looked at together.
const PAGE: usize = 500;

/// Erases a record; when it returns, its bytes are gone.
pub(super) async fn erase(here: &LocalDatabase, ask: EraseAsk) -> Result<EraseAnswer, ServiceError> {
    let _turn = here.erasing.lock().await;
    let writer = here.writer(&ask.dataset)?;
    let erasure = erase::run(&writer, &ask.id, &ask.because).await?;
    bring_to_an_end(here, &erasure).await?;
    let records = erasure.buried.into_iter().map(|buried| (buried.dataset, buried.tombstone.id)).collect();
    Ok(EraseAnswer { records, refused_rows: erasure.refused.len() as u64 })
}

/// Goes on with what was broken off.
pub(super) async fn go_on(here: &LocalDatabase) -> Result<u64, ServiceError> {
    let _turn = here.erasing.lock().await;
    let writers: Vec<Arc<Writer>> = here.shelf.load().writers.clone();
    let mut erasure = Erasure::default();
    for writer in &writers {
        let mut after = None;
        loop {
            let snapshot = here.store.snapshot(None).await?;
            let page = tombstone::page(&snapshot, writer.table.layout.number(), after.as_ref(), PAGE).await?;
            let Some((last, ..)) = page.last() else { break };
            after = Some(last.clone());
            let open = page.into_iter().filter(|(_, stone, _)| !stone.done);
            let dataset = &writer.table.dataset.name;
            erasure.buried.extend(open.map(|(key, tombstone, _)| Buried { dataset: dataset.clone(), key, tombstone }));
        }
    }
    // Rows that were still to be deleted go now.
    for buried in &erasure.buried {
        erase::sweep(&here.store, buried).await?;
    }
    bring_to_an_end(here, &erasure).await?;
    Ok(erasure.buried.len() as u64)
}

/// Drops the keys, writes tables and index anew, and marks the tombstones done.
async fn bring_to_an_end(here: &LocalDatabase, erasure: &Erasure) -> Result<(), ServiceError> {
    let open: Vec<&Buried> = erasure.buried.iter().filter(|buried| !buried.tombstone.done).collect();
    let mut groups: Vec<_> = open.iter().flat_map(|buried| buried.groups()).collect();
    groups.extend(erasure.refused.iter().cloned());
    if groups.is_empty() {
        return Ok(());
    }
    if let Some(keys) = &here.keys {
        keys.drop_keys(&groups).await?;
        keys.scrub(Some(&groups)).await?;
    }
    // Of rows written before there were seals the tables hold the words themselves.
    here.store.scrub(open.iter().flat_map(|buried| buried.ranges()).collect()).await?;
    let mut names: Vec<DatasetName> = open.iter().map(|buried| buried.dataset.clone()).collect();
    names.sort_unstable();
    names.dedup();
    here.index.expunge(&names).await?;
    for buried in open {
        erase::done(&here.store, buried).await?;
    }
    Ok(())
}

/// The records that go with one.
pub(super) async fn bound(here: &LocalDatabase, ask: BoundAsk) -> Result<Vec<(DatasetName, String)>, ServiceError> {
    let writer = here.writer(&ask.dataset)?;
    let snapshot = here.store.snapshot(None).await?;
    let found = erase::bound(&snapshot, &writer, &ask.id).await?;
    let keys: Vec<RecordKey> = found.iter().map(|(_, key)| key.clone()).collect();
    let heads = read::heads(&snapshot, &keys).await?;
    let named = found.into_iter().zip(heads).filter_map(|((table, _), head)| Some((table, head?.id)));
    Ok(named.map(|(table, id)| (table.dataset.name.clone(), id)).collect())
}

/// Tombstones of a dataset, in the order of their places.
pub(super) async fn erased(here: &LocalDatabase, ask: ErasedAsk) -> Result<Vec<ErasedView>, ServiceError> {
    let table = here.table(&ask.dataset)?;
    let after = ask
        .after
        .as_deref()
        .map(|id| table.layout.key(id))
        .map(|key| key.ok_or_else(|| ServiceError::new(ErrorKind::Invalid, "`after` is no id of this dataset")));
    let after = after.transpose()?;
    let snapshot = here.store.snapshot(None).await?;
    let page = tombstone::page(&snapshot, table.layout.number(), after.as_ref(), ask.limit).await?;
    let one = |(_, stone, at): (_, tombstone::Tombstone, _)| {
        let with = stone.with.and_then(|(dataset, id)| Some((dataset.parse().ok()?, id)));
        ErasedView { id: stone.id, at, because: stone.because, with, done: stone.done }
    };
    Ok(page.into_iter().map(one).collect())
}
