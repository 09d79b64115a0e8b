//! The codes that records of a base database may hold: a code once given is never taken out of its list.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{RegistryError, undecodable};
use crate::dataset::{CodeList, CodeLists, Dataset};
use crate::record::keys::meta;
use crate::store::{Direction, Expect, Key, Put, Snapshot, digest};
use crate::value::codec;

/// Codes a row.
const CODES: usize = 1_000;
/// Most rows of a list.
const PIECES_MAX: usize = 10_000;

/// What a commit writes of the lists; empty if all are kept as they are.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) put: Vec<Put>,
    pub(super) delete: Vec<Key>,
    pub(super) expect: Vec<(Key, Expect)>,
}

/// Compares the lists that `datasets` use with those kept. Cost: one short scan a list.
///
/// # Errors
/// [`RegistryError::CodeGone`] for a code kept that its list has no longer.
pub(super) async fn compare(
    snapshot: &Arc<dyn Snapshot>,
    datasets: &[Arc<Dataset>],
    lists: &CodeLists,
) -> Result<Written, RegistryError> {
    let used: BTreeSet<&str> =
        datasets.iter().flat_map(|d| &d.fields).filter_map(|field| field.code_list.as_deref()).collect();
    let mut written = Written::default();
    for list in used.into_iter().filter_map(|id| lists.get(id)) {
        of_list(snapshot, list, &mut written).await?;
    }
    Ok(written)
}

async fn of_list(snapshot: &Arc<dyn Snapshot>, list: &CodeList, written: &mut Written) -> Result<(), RegistryError> {
    let kept = snapshot.scan(meta::codes(&list.id), Direction::Forward, PIECES_MAX).await?;
    for (_, value) in &kept {
        let (codes, _) = codec::decode_row::<Vec<String>>(value).map_err(|e| undecodable(&e))?;
        if let Some(code) = codes.into_iter().find(|code| !list.knows(code)) {
            return Err(RegistryError::CodeGone { list: list.id.clone(), code });
        }
    }
    let mut codes: Vec<&str> = list.iter().map(|code| code.code.as_str()).collect();
    codes.dedup();
    let mut pieces = Vec::new();
    for (place, piece) in (0_u16..).zip(codes.chunks(CODES)) {
        let piece: Vec<String> = piece.iter().map(|&code| code.to_owned()).collect();
        pieces.push(Put { key: meta::codes_piece(&list.id, place), value: codec::encode_row(&piece), stamped: true });
    }
    let decoded = |value: &[u8]| codec::decode_row::<Vec<String>>(value).map(|(codes, _)| codes).ok();
    let same = kept.len() == pieces.len()
        && kept.iter().zip(&pieces).all(|((_, old), new)| decoded(old) == decoded(&new.value));
    if same {
        return Ok(());
    }
    let expected = |key: &Key| match kept.iter().find(|(kept, _)| kept == key) {
        Some((_, value)) => Expect::Holds(digest(value)),
        None => Expect::Absent,
    };
    written.expect.extend(pieces.iter().map(|put| (put.key.clone(), expected(&put.key))));
    written.delete.extend(kept.iter().skip(pieces.len()).map(|(key, _)| key.clone()));
    written.put.append(&mut pieces);
    Ok(())
}
