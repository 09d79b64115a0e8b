//! How the index can fail.

use crate::record::RecordError;
use crate::service::{ErrorKind, ServiceError};
use crate::store::StoreError;

/// A failure of the index. It is derived from the store and can always be rebuilt.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum IndexError {
    /// The engine failed.
    #[error("the search index failed while {doing}")]
    Engine { doing: &'static str, source: tantivy::TantivyError },
    /// A file could not be read or written.
    #[error("`{path}` could not be {doing}")]
    File { path: String, doing: &'static str, source: std::io::Error },
    /// What is on disk is not what was written; `check --rebuild` makes it anew.
    #[error("the search index is damaged: {reason}; `natbase check --rebuild` makes it anew")]
    Damaged { reason: String },
    /// A record could not be read.
    #[error("a record could not be read for the search index")]
    Record(#[from] RecordError),
    /// The store could not be read.
    #[error("the store could not be read for the search index")]
    Store(#[from] StoreError),
    /// The generation is still being made.
    #[error("the search index of `{dataset}` is being built; ask again later")]
    NotReady { dataset: String },
    /// No such dataset in this base database.
    #[error("no dataset `{dataset}` here")]
    NoSuchDataset { dataset: String },
    /// The ask is wrong.
    #[error("{0}")]
    Invalid(String),
    /// The ask would cost too much.
    #[error("{0}")]
    TooHeavy(String),
    /// A task ended before its time.
    #[error("the search was broken off")]
    Broken,
}

impl IndexError {
    /// Says what the engine was doing when it failed.
    pub(super) fn engine(doing: &'static str) -> impl Fn(tantivy::TantivyError) -> Self {
        move |source| Self::Engine { doing, source }
    }
    /// Says what was being done to a file.
    pub(super) fn file(path: &std::path::Path, doing: &'static str) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.display().to_string();
        move |source| Self::File { path, doing, source }
    }
}

impl From<IndexError> for ServiceError {
    fn from(error: IndexError) -> Self {
        let kind = match &error {
            IndexError::Invalid(_) => ErrorKind::Invalid,
            IndexError::NoSuchDataset { .. } => ErrorKind::NotFound,
            IndexError::TooHeavy(_) => ErrorKind::TooHeavy,
            IndexError::Damaged { .. } | IndexError::Record(RecordError::Undecodable { .. }) => ErrorKind::Corrupt,
            IndexError::Engine { .. }
            | IndexError::File { .. }
            | IndexError::Record(_)
            | IndexError::Store(_)
            | IndexError::NotReady { .. }
            | IndexError::Broken => ErrorKind::Unavailable,
        };
        // An index that is being made is no failure.
        let failed = matches!(kind, ErrorKind::Corrupt | ErrorKind::Unavailable);
        if failed && !matches!(error, IndexError::NotReady { .. }) {
            tracing::error!(error = &error as &dyn std::error::Error, "search index");
        }
        Self::new(kind, error.to_string())
    }
}
