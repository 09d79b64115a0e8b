//! How the write path can fail. Refused rows are no failure: they are in the report.

use crate::record::RecordError;
use crate::store::{CommitError, StoreError};

/// A batch, or a chunk of it, that could not be written.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum WriteError {
    /// No such batch in this base database.
    #[error("there is no such batch")]
    NoSuchBatch,
    /// The batch takes no rows, or cannot be opened, ended or withdrawn as asked.
    #[error("{reason}")]
    Invalid { reason: String },
    /// Other commits kept getting in between; nothing of the chunk was written.
    #[error("other writes touched the same records {attempts} times in a row; send the rows again")]
    Conflict { attempts: u32 },
    /// A record could not be read.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The store did not take the commit.
    #[error(transparent)]
    Commit(#[from] CommitError),
    /// A row of the batch's own that cannot be decoded.
    #[error("what is kept of the batch cannot be decoded: {reason}")]
    Undecodable { reason: String },
    /// The files of a first load could not be written or read.
    #[error("the files of a first load: {0}")]
    Files(#[from] std::io::Error),
    /// The thread that validates rows is gone: the process is shutting down.
    #[error("rows could not be validated: the process is shutting down")]
    Stopped,
}
