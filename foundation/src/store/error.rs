//! How a store can fail.

use super::{CommitId, Key};

/// A read or resolve that failed.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum StoreError {
    /// The view is too old to be kept.
    #[error("the snapshot has expired; take a new one")]
    Expired,
    /// Bytes on disk are not what was written; restore from a backup.
    #[error("damaged data: {what}")]
    Corrupt { what: String },
    /// Another process holds the data directory.
    #[error("`{path}` is in use by another process; stop it, or use its server")]
    InUse { path: String },
    /// Written by a newer release.
    #[error(
        "`{path}` has format {found}, this program knows up to {known}; use the newer release, or restore a backup made by this one"
    )]
    NewerFormat { path: String, found: u32, known: u32 },
    /// The engine refused.
    #[error("the store cannot be read now: {reason}")]
    Unavailable { reason: String },
}

/// A commit that failed. Only [`CommitError::Unknown`] leaves open whether it was applied.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum CommitError {
    /// The key does not hold what was expected; surely not committed.
    #[error("another commit changed a key of this one")]
    Conflict(Key),
    /// The commit id was used before with other content; surely not committed.
    #[error("commit id {0:?} was used before with other content")]
    IdReused(CommitId),
    /// Over a limit (S9); surely not committed.
    #[error("the batch is too large: {what} is {size}, at most {size_max}")]
    TooLarge { what: &'static str, size: usize, size_max: usize },
    /// Disk full, read-only, shutting down; surely not committed (S11).
    #[error("the store refuses writes now: {reason}")]
    Refused { reason: String },
    /// Perhaps committed: ask `resolve`.
    #[error("it is not known whether the commit was applied; ask for its id")]
    Unknown(CommitId),
    /// Damage was found while checking expectations; surely not committed.
    #[error("damaged data: {what}")]
    Corrupt { what: String },
}
