//! First load: the rows of a batch into a dataset that holds nothing yet, collected in files and taken in as one commit.
//!
//! | step | file | takes → gives |
//! |---|---|---|
//! | batch, validate, quality, beside | as for every import | rows → graded |
//! | spool | `first_load/spool.rs` | graded → a run of rows by record, sealed, on disk; refused rows and findings in the store |
//! | gather | `first_load/gather.rs` | runs → resolved record by record → rows, links and events by key |
//! | load | `store/load.rs` | files → durable, all at once |
//!
//! What there is afterwards is what one commit of all rows would have left: the same steps resolve and plan it. A record that
//! several rows name has no history of them. Until it is taken in nothing of it is seen, and the dataset must stay empty.

mod gather;
mod spool;

use std::path::PathBuf;
use std::sync::Arc;

use bincode::{Decode, Encode};
use futures::StreamExt as _;

use super::batch;
use super::commit::{self, Outcome};
use super::quality::Graded;
use super::{WriteError, Writer, beside, change, prepare, resolve};
use crate::record::keys::meta;
use crate::record::{BatchId, tombstone};
use crate::service::{BatchState, SourceRow};
use crate::store::{CommitBatch, CommitError, CommitId, Direction, Keys, Put, Store};
use crate::value::{Day, codec};
use spool::Spool;

/// Refused rows and findings from which a run is ended: they go into one commit.
const REFUSED_A_RUN: usize = 500;
/// Chunks validated side by side.
const CHUNKS_AT_ONCE: usize = 2;

/// What is kept of a batch that is a first load, until it is taken in.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Marker {
    /// Version of the dataset's definition that its rows are checked by.
    pub version: u32,
}

/// A first load under way.
#[derive(Debug, Clone)]
pub struct Loading {
    /// The batch.
    pub batch: BatchId,
    /// Where its files lie.
    pub folder: PathBuf,
}

impl Loading {
    /// The first load of a batch, whose files lie under `root`.
    #[must_use]
    pub fn new(batch: BatchId, root: &std::path::Path) -> Self {
        Self { batch, folder: root.join(format!("{:016x}", batch.0)) }
    }
}

/// The row that marks a batch as a first load by `writer`'s definition.
#[must_use]
pub fn mark(writer: &Writer, batch: BatchId) -> Put {
    let marker = Marker { version: writer.table.dataset.version };
    Put { key: meta::first_load(batch), value: codec::encode_row(&marker), stamped: false }
}

/// The mark of a batch, if it is a first load that is not taken in yet.
///
/// # Errors
/// [`WriteError`] if the store cannot be read.
pub async fn marker(store: &dyn Store, batch: BatchId) -> Result<Option<Marker>, WriteError> {
    let found = store.snapshot(None).await?.get_many(&[meta::first_load(batch)]).await?.pop().flatten();
    let Some(bytes) = found else { return Ok(None) };
    let (marker, _) = codec::decode_row(&bytes).map_err(|e| WriteError::Undecodable { reason: e.to_string() })?;
    Ok(Some(marker))
}

/// Whether a dataset can be loaded so: it holds nothing, and its rows mean nothing for other records.
///
/// # Errors
/// [`WriteError::Invalid`] with the reason.
pub async fn allowed(writer: &Writer) -> Result<(), WriteError> {
    let name = &writer.table.dataset.name;
    if !writer.beside.is_empty() {
        let reason = format!("rows of `{name}` change other records; import them without `first-load`");
        return Err(WriteError::Invalid { reason });
    }
    let there = writer.store.snapshot(None).await?.scan(writer.table.layout.range(), Direction::Forward, 1).await?;
    if there.is_empty() { Ok(()) } else { Err(not_empty(writer)) }
}

fn not_empty(writer: &Writer) -> WriteError {
    let name = &writer.table.dataset.name;
    WriteError::Invalid { reason: format!("`{name}` holds records already; import without `first-load`") }
}

/// Takes rows of an open batch: they are on the disk when it returns. Lines that the batch holds already are passed over.
///
/// # Errors
/// [`WriteError`]; what was taken before stays.
pub async fn take(writer: &Arc<Writer>, loading: &Loading, day: Day, rows: Vec<SourceRow>) -> Result<(), WriteError> {
    let (row, _) = resolve::batch_row(&writer.store.snapshot(None).await?, loading.batch).await?;
    let done = row.progress.last_line;
    let rows: Vec<SourceRow> = rows.into_iter().filter(|row| row.line > done).collect();
    if rows.is_empty() {
        return Ok(());
    }
    row.takes_rows()?;
    let spool = Spool::open(writer, loading, done).await?;
    let chunks = batch::chunks(rows, writer).into_iter().map(|chunk| prepare(writer, day, chunk));
    let mut ready = futures::stream::iter(chunks).buffered(CHUNKS_AT_ONCE);
    let mut run: Option<Graded> = None;
    while let Some(graded) = ready.next().await {
        let mut graded = graded.map_err(|_| WriteError::Stopped)?;
        beside::judge(writer, day, &mut graded).await?;
        let whole = match run.take() {
            Some(before) => before.followed_by(graded),
            None => graded,
        };
        if whole.checked.refused.len() + whole.warnings.len() > REFUSED_A_RUN {
            keep(writer, &spool, whole).await?;
        } else {
            run = Some(whole);
        }
    }
    match run {
        Some(rest) => keep(writer, &spool, rest).await,
        None => Ok(()),
    }
}

/// Keeps a run: its rows in a file, then what was refused or found and how far the batch is in one commit.
async fn keep(writer: &Arc<Writer>, spool: &Spool, graded: Graded) -> Result<(), WriteError> {
    let mut parts = vec![graded];
    while let Some(graded) = parts.pop() {
        let run = spool.write(&graded.checked).await?;
        let (rest, rows) = graded.without_rows();
        let outcome = commit::with_retry(writer.store.as_ref(), || async {
            let mut resolved = resolve::run(writer, spool.batch(), &rest).await?;
            if let Some(resolved) = &mut resolved {
                resolved.batch_row.progress.accepted += rows.len() as u64;
            }
            Ok(resolved.map(|resolved| change::plan(&writer.table, resolved)))
        })
        .await?;
        if matches!(outcome, Outcome::TooLarge) {
            spool::remove(run)?;
            let [first, second] = rest.with_rows(rows).halve()?;
            parts.extend([second, first]);
        }
    }
    Ok(())
}

/// Takes the batch in; it is complete when this returns. Called again it goes on or does nothing.
///
/// Cost: reads and writes its rows twice; the store's other writers wait while the last files are written.
/// # Errors
/// [`WriteError::Invalid`] if the dataset holds records by now, or is defined otherwise than when the rows were checked.
pub async fn finish(writer: &Arc<Writer>, loading: &Loading, marker: &Marker) -> Result<(), WriteError> {
    let snapshot = writer.store.snapshot(None).await?;
    let (row, expect) = resolve::batch_row(&snapshot, loading.batch).await?;
    if row.state == BatchState::Complete {
        return Ok(());
    }
    row.takes_rows()?;
    if marker.version != writer.table.dataset.version {
        let reason = format!(
            "`{}` is at version {} and the rows were checked by version {}; withdraw this batch and send it again",
            writer.table.dataset.name, writer.table.dataset.version, marker.version
        );
        return Err(WriteError::Invalid { reason });
    }
    let erased = !tombstone::page(&snapshot, writer.table.layout.number(), None, 1).await?.is_empty();
    let load = gather::run(writer, loading, row, expect, erased).await?;
    match writer.store.load(load).await {
        Ok(_) => Ok(()),
        Err(CommitError::Conflict(key)) if writer.table.layout.range().contains(&key) => Err(not_empty(writer)),
        Err(CommitError::Conflict(_)) => Err(WriteError::Conflict { attempts: 1 }),
        Err(CommitError::Unknown(id)) => match writer.store.resolve(id).await? {
            Some(_) => Ok(()),
            None => Err(CommitError::Unknown(id).into()),
        },
        Err(error) => Err(error.into()),
    }
}

/// Removes what a first load that was taken in, or withdrawn, leaves behind: files, their key, the mark.
///
/// # Errors
/// [`WriteError`]; calling again goes on.
pub async fn clear(store: &dyn Store, keys: Option<&Keys>, loading: &Loading) -> Result<(), WriteError> {
    match std::fs::remove_dir_all(&loading.folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
        _ => {}
    }
    let group = meta::spooled(loading.batch);
    if let Some(keys) = keys {
        keys.drop_keys(std::slice::from_ref(&group)).await?;
    }
    let mut hasher = blake3::Hasher::new();
    hasher.update(b"first load cleared").update(&loading.batch.0.to_be_bytes());
    let id = CommitId(*hasher.finalize().as_bytes().first_chunk().unwrap_or(&[0; 16]));
    let delete = vec![meta::first_load(loading.batch)];
    let batch = CommitBatch { id, expect: Vec::new(), put: Vec::new(), delete, events: Vec::new() };
    store.commit(batch).await?;
    Ok(())
}
