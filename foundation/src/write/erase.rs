//! Erase (legal deletion): a record goes with all it ever said, and with the records that are erased with it. A tombstone
//! stays, and an entry of the change log.
//!
//! ```text
//! what refused rows say of it ─► records erased with it ─► the record: head, history, links, large values
//!   ─► keys dropped ─► tables and index written anew (`service/local/erase.rs`) ─► tombstone marked done
//! ```
//! Whatever breaks off goes on when it is asked for again: the record itself is the last to go, and its tombstone says what
//! is left to do.

mod refused;
pub(super) mod with;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::change::Plan;
use super::commit::{self, Outcome};
use super::{WriteError, Writer};
use crate::dataset::DatasetName;
use crate::record::event::Touched;
use crate::record::keys::{self, meta};
use crate::record::{BatchId, Claim, RecordKey, Table, Tombstone, blob, read, tombstone};
use crate::store::{BATCH_KEYS_MAX, CommitBatch, CommitId, Direction, Expect, Key, Put, Snapshot, Store, digest};
use crate::value::codec;

/// Rows deleted a commit.
const ROWS_A_COMMIT: usize = BATCH_KEYS_MAX / 2;
/// An erasure is no batch.
const NO_BATCH: BatchId = BatchId(0);

/// A record that is erased, and what is left to be done about it.
#[derive(Debug, Clone)]
pub struct Buried {
    /// Its dataset.
    pub dataset: DatasetName,
    /// Its place.
    pub key: RecordKey,
    /// What is left of it.
    pub tombstone: Tombstone,
}

impl Buried {
    /// The groups whose keys are to be dropped.
    #[must_use]
    pub fn groups(&self) -> Vec<Key> {
        let blobs = self.tombstone.blobs.iter().map(|hash| {
            let piece = meta::own_blob(hash, 0);
            let bytes = meta::sealing_group(&piece).unwrap_or(piece.len());
            piece.into_iter().take(bytes).collect()
        });
        std::iter::once(self.key.as_bytes().to_vec()).chain(blobs).collect()
    }

    /// Where its rows lay, and the tombstone does.
    #[must_use]
    pub fn ranges(&self) -> Vec<std::ops::Range<Key>> {
        let all = |prefix: Key| prefix.clone()..keys::next(&prefix);
        self.groups().into_iter().map(all).collect()
    }
}

/// What an erasure did in the store.
#[derive(Debug, Default)]
pub struct Erasure {
    /// The records, the one that was meant last.
    pub buried: Vec<Buried>,
    /// Groups of refused rows that spoke of them and are gone.
    pub refused: Vec<Key>,
}

/// Erases a record in the store; its keys, its tables and the index are the caller's. Nothing if there never was one.
///
/// Cost: one scan of the refused rows of the base database and of the links to the record; a commit a record.
/// # Errors
/// [`WriteError`]; the same call goes on.
pub async fn run(writer: &Writer, id: &str, because: &str) -> Result<Erasure, WriteError> {
    let Some(key) = writer.table.layout.key(id) else { return Ok(Erasure::default()) };
    let snapshot = writer.store.snapshot(None).await?;
    let dependents = with::find(&snapshot, writer, id).await?;
    let mut all: Vec<(&Arc<Table>, &RecordKey)> = dependents.iter().map(|(table, key)| (table, key)).collect();
    all.push((&writer.table, &key));
    let mut said = BTreeSet::new();
    for (table, key) in &all {
        said.extend(refused::names(&snapshot, table, key).await?);
    }
    let refused = refused::forget(&writer.store, &said).await?;
    let root = (writer.table.dataset.name.to_string(), id.to_owned());
    let mut buried = Vec::with_capacity(all.len());
    for (table, at) in all {
        let with = (*at != key).then(|| root.clone());
        buried.extend(one(&writer.store, table, at, because, with).await?);
    }
    Ok(Erasure { buried, refused })
}

/// Records that would be erased with the one called `id`.
///
/// # Errors
/// [`WriteError`] if the store cannot be read.
pub async fn bound(
    snapshot: &Arc<dyn Snapshot>,
    writer: &Writer,
    id: &str,
) -> Result<Vec<(Arc<Table>, RecordKey)>, WriteError> {
    with::find(snapshot, writer, id).await
}

/// Erases one record; `None` if there never was one.
async fn one(
    store: &Arc<dyn Store>,
    table: &Table,
    key: &RecordKey,
    because: &str,
    with: Option<(String, String)>,
) -> Result<Option<Buried>, WriteError> {
    let outcome = commit::with_retry(store.as_ref(), || bury(store, table, key, because, with.clone())).await?;
    if matches!(outcome, Outcome::TooLarge) {
        return Err(WriteError::Invalid { reason: "the record has more links than one commit takes".to_owned() });
    }
    let snapshot = store.snapshot(None).await?;
    let Some((tombstone, _)) = tombstone::of(&snapshot, key).await? else { return Ok(None) };
    let buried = Buried { dataset: table.dataset.name.clone(), key: key.clone(), tombstone };
    sweep(store, &buried).await?;
    Ok(Some(buried))
}

/// Deletes the rows that its head leaves behind.
///
/// # Errors
/// [`WriteError`]; the same call goes on.
pub async fn sweep(store: &Arc<dyn Store>, buried: &Buried) -> Result<(), WriteError> {
    let pieces = |hash: &[u8; 16]| meta::own_blob(hash, 0)..keys::next(&meta::own_blob(hash, u16::MAX));
    let blobs = buried.tombstone.blobs.iter().map(pieces);
    for range in std::iter::once(buried.key.history_range()).chain(blobs) {
        clear(store, range).await?;
    }
    Ok(())
}

/// The commit that makes a tombstone of a record; `None` if it has gone already, or never was.
async fn bury(
    store: &Arc<dyn Store>,
    table: &Table,
    key: &RecordKey,
    because: &str,
    with: Option<(String, String)>,
) -> Result<Option<Plan>, WriteError> {
    let snapshot = store.snapshot(None).await?;
    let Some(stored) = snapshot.get_many(&[key.head()]).await?.pop().flatten() else { return Ok(None) };
    let Some(head) = read::heads(&snapshot, std::slice::from_ref(key)).await?.pop().flatten() else { return Ok(None) };
    // As they are stored: large values are references there.
    let claims = read::stored_claims(&snapshot, key).await?;
    let tombstone =
        Tombstone { id: head.id, because: because.to_owned(), with, blobs: blob::own(&claims), done: false };
    let put = vec![Put { key: meta::erased(key), value: codec::encode_row(&tombstone), stamped: true }];
    let mut delete = links(table, key, &claims);
    delete.push(key.head());
    let events = vec![(key.partition(), codec::encode(&Touched { batch: NO_BATCH, rows: vec![key.row().to_vec()] }))];
    let expect = vec![(key.head(), Expect::Holds(digest(&stored)))];
    let batch = CommitBatch { id: id_of(&snapshot, key, 0), expect, put, delete, events };
    Ok(Some(Plan { before: Vec::new(), batch }))
}

/// The entries that say where the record pointed.
fn links(table: &Table, key: &RecordKey, claims: &[Claim]) -> Vec<Key> {
    let mut links: Vec<Key> = claims
        .iter()
        .flat_map(|claim| table.targets(&claim.fields))
        .map(|(link, id)| meta::reverse_link(&link.target.to_string(), id, link.number, key))
        .collect();
    links.sort_unstable();
    links.dedup();
    links
}

/// Deletes all rows of a range, some a commit.
async fn clear(store: &Arc<dyn Store>, range: std::ops::Range<Key>) -> Result<(), WriteError> {
    for turn in 1.. {
        let snapshot = store.snapshot(None).await?;
        let page = snapshot.scan(range.clone(), Direction::Forward, ROWS_A_COMMIT).await?;
        let Some((first, _)) = page.first() else { break };
        let id = id_of(&snapshot, &RecordKey::from_bytes(first.clone()), turn);
        let delete = page.into_iter().map(|(key, _)| key).collect();
        let batch = CommitBatch { id, expect: Vec::new(), put: Vec::new(), delete, events: Vec::new() };
        commit::with_retry(store.as_ref(), || async { Ok(Some(Plan { before: Vec::new(), batch: batch.clone() })) })
            .await?;
    }
    Ok(())
}

/// Marks a tombstone done: nothing is left to be done about the record.
///
/// # Errors
/// [`WriteError`].
pub async fn done(store: &Arc<dyn Store>, buried: &Buried) -> Result<(), WriteError> {
    commit::with_retry(store.as_ref(), || async {
        let snapshot = store.snapshot(None).await?;
        let key = meta::erased(&buried.key);
        let Some(stored) = snapshot.get_many(std::slice::from_ref(&key)).await?.pop().flatten() else {
            return Ok(None);
        };
        let (tombstone, _) = tombstone::decode(&stored)?;
        if tombstone.done {
            return Ok(None);
        }
        // The time stays that of the erasure.
        let mut value = codec::encode_row(&Tombstone { done: true, ..tombstone });
        value.iter_mut().zip(stored.iter()).skip(2).take(8).for_each(|(to, from)| *to = *from);
        let put = vec![Put { key: key.clone(), value, stamped: false }];
        let expect = vec![(key, Expect::Holds(digest(&stored)))];
        let id = id_of(&snapshot, &buried.key, u64::MAX);
        let batch = CommitBatch { id, expect, put, delete: Vec::new(), events: Vec::new() };
        Ok(Some(Plan { before: Vec::new(), batch }))
    })
    .await?;
    Ok(())
}

/// Names a commit by the state it starts from.
fn id_of(snapshot: &Arc<dyn Snapshot>, key: &RecordKey, turn: u64) -> CommitId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"erase");
    hasher.update(&snapshot.token().to_be_bytes());
    hasher.update(&turn.to_be_bytes());
    hasher.update(key.as_bytes());
    CommitId(*hasher.finalize().as_bytes().first_chunk().unwrap_or(&[0; 16]))
}
