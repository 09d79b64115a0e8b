//! Commit: the one place where a conflict goes back to resolve and an unknown outcome is asked for.

use std::future::Future;

use super::WriteError;
use super::change::Plan;
use crate::store::{BATCH_BYTES_MAX, CommitBatch, CommitError, CommitId, Committed, Put, Store};

/// Attempts before giving up.
const ATTEMPTS_MAX: u32 = 10;
/// Pieces of large values a commit.
const PIECES_MAX: usize = 50;

/// What became of a chunk.
#[derive(Debug)]
pub enum Outcome {
    /// Durable.
    Committed(Committed),
    /// There was nothing to do.
    Nothing,
    /// Over the store's limits: cut the chunk in two.
    TooLarge,
}

/// Commits what `attempt` plans; plans anew when another commit got in between.
///
/// # Errors
/// [`WriteError::Conflict`] after ten attempts; [`WriteError::Commit`] if the store refuses; nothing was written then.
pub async fn with_retry<F>(store: &dyn Store, mut attempt: impl FnMut() -> F + Send) -> Result<Outcome, WriteError>
where
    F: Future<Output = Result<Option<Plan>, WriteError>> + Send,
{
    for _ in 0..ATTEMPTS_MAX {
        let Some(plan) = attempt().await? else { return Ok(Outcome::Nothing) };
        write_pieces(store, plan.before).await?;
        match store.commit(plan.batch).await {
            Ok(done) => return Ok(Outcome::Committed(done)),
            Err(CommitError::TooLarge { .. }) => return Ok(Outcome::TooLarge),
            Err(CommitError::Conflict(_) | CommitError::IdReused(_)) => {}
            Err(CommitError::Unknown(id)) => {
                if let Some(done) = store.resolve(id).await? {
                    return Ok(Outcome::Committed(done));
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(WriteError::Conflict { attempts: ATTEMPTS_MAX })
}

/// Writes pieces of large values. They are named by content: writing one twice changes nothing.
pub(super) async fn write_pieces(store: &dyn Store, pieces: Vec<Put>) -> Result<(), WriteError> {
    const { assert!(PIECES_MAX * crate::store::VALUE_MAX < BATCH_BYTES_MAX) };
    let mut pieces = pieces.into_iter().peekable();
    while pieces.peek().is_some() {
        let put: Vec<Put> = pieces.by_ref().take(PIECES_MAX).collect();
        let mut hasher = blake3::Hasher::new();
        for piece in &put {
            hasher.update(&piece.key);
        }
        let id = CommitId(*hasher.finalize().as_bytes().first_chunk().unwrap_or(&[0; 16]));
        let batch = CommitBatch { id, expect: Vec::new(), put, delete: Vec::new(), events: Vec::new() };
        match store.commit(batch).await {
            // The same id is the same content: it is there.
            Ok(_) | Err(CommitError::IdReused(_)) => {}
            Err(CommitError::Unknown(id)) => {
                if store.resolve(id).await?.is_none() {
                    return Err(CommitError::Unknown(id).into());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
