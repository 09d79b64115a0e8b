//! A new generation from one snapshot, made beside the one that serves.
//!
//! The log's tail comes afterwards, by the feed, from the positions noted before the snapshot was taken.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::document::Documents;
use super::feed::{HEADS, blocking, count, has_closed_versions};
use super::generation::{Generation, Progress};
use super::writer::{Change, Closings, Permit, Place};
use super::{DatasetIndex, IndexError};
use crate::record::RecordKey;
use crate::record::read::{history, scan};
use crate::store::Store;

/// Makes the next generation, complete and on disk; the caller swaps it in.
///
/// Cost: one scan of the dataset's heads (and the history of changed records), one document a version.
/// # Errors
/// [`IndexError`]; nothing is left of it then.
pub(super) async fn build(
    index: Arc<DatasetIndex>,
    store: Arc<dyn Store>,
    permit: Permit,
) -> Result<Arc<Generation>, IndexError> {
    let generation = {
        let (root, mapping) = (index.root.clone(), Arc::clone(&index.mapping));
        let dataset = Arc::clone(&index.dataset);
        Arc::new(blocking(move || Generation::make(&root, &dataset, mapping)).await?)
    };
    if let Err(error) = fill(&index, &store, &generation, permit).await {
        let dir = generation.dir.clone();
        drop(generation);
        blocking(move || std::fs::remove_dir_all(&dir).map_err(IndexError::file(&dir, "removed"))).await?;
        return Err(error);
    }
    Ok(generation)
}

async fn fill(
    index: &DatasetIndex,
    store: &Arc<dyn Store>,
    generation: &Arc<Generation>,
    permit: Permit,
) -> Result<(), IndexError> {
    // Positions first: every entry up to them is in the snapshot; later entries in it are known by their time. They may
    // come in a partition that has no position yet, so every partition is read.
    let positions = store.positions(index.number).await?;
    let snapshot = store.snapshot(None).await?;
    let mut progress = Progress {
        mapping: generation.mapping.hash,
        generation: generation.number,
        base_at: snapshot.at().0,
        known_at: snapshot.at().0,
        ..Progress::default()
    };
    for (partition, last) in positions {
        progress.set_offset((partition & 0xffff) as u16, last);
    }
    let mut place = Place::open(permit, Arc::clone(generation))?;
    let mut expected = 0;
    for partition in 0..index.dataset.partitions {
        let mut after: Option<RecordKey> = None;
        loop {
            let page = scan(&snapshot, index.number, partition, after.as_ref(), HEADS).await?;
            if index.superseded.load(Ordering::SeqCst) {
                return Err(IndexError::NotReady { dataset: index.dataset.name.to_string() });
            }
            let Some((last, _)) = page.last() else { break };
            after = Some(last.clone());
            let mut changes = Vec::with_capacity(page.len());
            for (key, head) in page {
                let history = if has_closed_versions(&head) { history(&snapshot, &key).await? } else { Vec::new() };
                changes.push(Change { key, head: Some(head), history, closings: Closings::All });
            }
            progress.applied += changes.len() as u64;
            let added;
            (place, added) = blocking(move || add(place, &changes)).await?;
            expected += added;
        }
    }
    let done = Arc::clone(generation);
    blocking(move || finish(place, &done, &progress, expected)).await
}

/// Adds records that are surely not there yet; gives the number of documents added.
fn add(mut place: Place, changes: &[Change]) -> Result<(Place, u64), IndexError> {
    let generation = Arc::clone(place.generation());
    let mut documents = Documents::new(&generation.mapping);
    let mut added = 0;
    for change in changes {
        added += u64::from(place.replace(change, false, &mut documents)?);
    }
    Ok((place, added))
}

fn finish(mut place: Place, generation: &Generation, progress: &Progress, expected: u64) -> Result<(), IndexError> {
    place.commit(progress)?;
    generation.publish()?;
    let found = generation.view().current.num_docs();
    if found != expected {
        let reason = format!("it holds {found} documents where {expected} were written");
        return Err(IndexError::Damaged { reason });
    }
    if expected > 0 {
        count(generation)?;
    }
    place.give_back()?;
    generation.publish()?;
    generation.mark_ready()
}
