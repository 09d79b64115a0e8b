//! Batch: what is kept of an import, and its rows in chunks of one commit each.

use bincode::{Decode, Encode};

use super::{WriteError, Writer};
use crate::dataset::DatasetName;
use crate::record::BatchId;
use crate::record::keys::meta;
use crate::service::{BatchState, ImportBegin, ImportMode, ImportProgress, SourceRow};
use crate::store::{BATCH_KEYS_MAX, CommitId, Key, Put};
use crate::value::{Day, Instant, codec};

/// Most rows a chunk.
const CHUNK_ROWS_MAX: usize = 1_500;
/// Most bytes of source text a chunk (a larger single row is a chunk of its own).
const CHUNK_BYTES_MAX: usize = 1024 * 1024;

/// What is kept of a batch: how it was opened and how far it is. One row, written with each of its commits.
#[derive(Debug, Clone, PartialEq, Encode, Decode)]
pub struct BatchRow {
    /// Dataset.
    pub dataset: String,
    /// Source.
    pub source: String,
    /// Mode.
    pub mode: ImportMode,
    /// The day from which changes without `_valid_from` hold, if the sender named one.
    pub as_of: Option<Day>,
    /// The day the batch was opened.
    pub day: Day,
    /// When it was opened, by the clock.
    pub opened: Instant,
    /// Idempotency key.
    pub key: String,
    /// Which use of the key it is: withdrawing a batch frees its key.
    pub generation: u32,
    /// Who.
    pub actor: String,
    /// Column names of the source.
    pub header: Option<String>,
    /// State.
    pub state: BatchState,
    /// Set from the moment a withdrawal starts.
    pub withdrawn: bool,
    /// Counts.
    pub progress: ImportProgress,
    /// Records whose claims a snapshot ended (or would end), or a withdrawal closed.
    pub ended: u64,
    /// Findings kept.
    pub warnings: u32,
    /// Why it broke off.
    pub cut_off: Option<String>,
    /// Snapshot mode: the last record dealt with, while it ends what was not named.
    pub ending_after: Option<Vec<u8>>,
}

impl BatchRow {
    /// A batch just opened at `now`.
    #[must_use]
    pub fn opened(begin: &ImportBegin, generation: u32, now: Instant) -> Self {
        Self {
            dataset: begin.dataset.to_string(),
            source: begin.source.clone(),
            mode: begin.mode,
            as_of: begin.as_of,
            day: now.day(),
            opened: now,
            key: begin.key.clone(),
            generation,
            actor: begin.actor.clone(),
            header: None,
            state: if begin.dry_run { BatchState::DryRun } else { BatchState::Open },
            withdrawn: false,
            progress: ImportProgress::default(),
            ended: 0,
            warnings: 0,
            cut_off: None,
            ending_after: None,
        }
    }

    /// The day from which an end or a snapshot holds.
    #[must_use]
    pub fn from_day(&self) -> Day {
        self.as_of.unwrap_or(self.day)
    }

    /// Decodes a batch row.
    ///
    /// # Errors
    /// [`WriteError::Undecodable`].
    pub fn decode(bytes: &[u8]) -> Result<Self, WriteError> {
        let row = codec::decode_row(bytes).map_err(|e| WriteError::Undecodable { reason: e.to_string() })?;
        Ok(row.0)
    }

    /// The row as it is put.
    #[must_use]
    pub fn put(&self, batch: BatchId) -> Put {
        Put { key: meta::batch(batch), value: codec::encode_row(self), stamped: true }
    }
}

/// Names the batch of a source's key: the same import again is the same batch.
#[must_use]
pub fn batch_id(dataset: &DatasetName, source: &str, key: &str, generation: u32) -> BatchId {
    let mut hasher = blake3::Hasher::new();
    for part in [dataset.to_string().as_str(), source, key] {
        hasher.update(&(part.len() as u64).to_be_bytes());
        hasher.update(part.as_bytes());
    }
    if generation > 0 {
        hasher.update(&generation.to_be_bytes());
    }
    BatchId(hasher.finalize().as_bytes().first_chunk().map_or(0, |first| u64::from_be_bytes(*first)))
}

/// Cuts rows into chunks that make one commit each; the cuts depend on the rows alone.
#[must_use]
pub fn chunks(rows: Vec<SourceRow>, writer: &Writer) -> Vec<Vec<SourceRow>> {
    let rows_max = rows_a_chunk(writer);
    let mut chunks = Vec::new();
    let mut chunk: Vec<SourceRow> = Vec::new();
    let mut bytes = 0;
    for row in rows {
        let size = row.original.len();
        if chunk.len() == rows_max || (bytes + size > CHUNK_BYTES_MAX && !chunk.is_empty()) {
            chunks.push(std::mem::take(&mut chunk));
            bytes = 0;
        }
        bytes += size;
        chunk.push(row);
    }
    if !chunk.is_empty() {
        chunks.push(chunk);
    }
    chunks
}

/// How many rows fit one commit, by the rows of the store that each is likely to take; a chunk that takes more is halved.
///
/// A new record takes its head and a row a link. A record beside that an event changes takes its head, a row of history and
/// mostly one link. The change log takes one event a partition touched.
fn rows_a_chunk(writer: &Writer) -> usize {
    let spare = BATCH_KEYS_MAX.saturating_sub(16);
    let tables = 1 + writer.beside.len();
    let each = 1 + writer.table.links.len() + 3 * writer.beside.len();
    let partitions: usize = writer.written().map(|t| usize::from(t.dataset.partitions)).sum();
    let all_touched = spare.saturating_sub(partitions) / each;
    (spare / (each + tables)).max(all_touched).clamp(100, CHUNK_ROWS_MAX)
}

/// Names a commit of a batch by what it writes: a repeated attempt with other content is another commit.
#[must_use]
pub fn commit_id(
    batch: BatchId,
    rows: &[Put],
    events: &[(u32, Vec<u8>)],
    expected: &[(Key, crate::store::Expect)],
) -> CommitId {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&batch.0.to_be_bytes());
    for put in rows {
        hasher.update(&put.key);
        hasher.update(&put.value);
    }
    for (partition, body) in events {
        hasher.update(&partition.to_be_bytes());
        hasher.update(body);
    }
    for (key, expect) in expected {
        hasher.update(key);
        if let crate::store::Expect::Holds(digest) = expect {
            hasher.update(digest);
        }
    }
    CommitId(*hasher.finalize().as_bytes().first_chunk().unwrap_or(&[0; 16]))
}
