//! How reading a record can fail.

use crate::store::StoreError;

/// A record that could not be read.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum RecordError {
    /// A row that the current format cannot decode.
    #[error("a row of record `{id}` cannot be decoded: {reason}")]
    Undecodable { id: String, reason: String },
    /// The store failed.
    #[error("the store could not be read")]
    Store(#[from] StoreError),
}
