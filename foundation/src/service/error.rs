//! How a base database can fail.

use serde::{Deserialize, Serialize};

/// The closed list of kinds; the gateway matches it without `_`, so that a new kind has a status before it builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// No such dataset, batch or position here.
    NotFound,
    /// The ask is wrong; the message says where.
    Invalid,
    /// The ask is too heavy to run.
    TooHeavy,
    /// The position asked from is no longer kept.
    Gone,
    /// Another write got in between too often.
    Conflict,
    /// Writes are refused for now (disk full, read-only, shutting down).
    Refused,
    /// Not ready, or an engine failed; may pass.
    Unavailable,
    /// Damaged data.
    Corrupt,
}

/// An error that crosses the service boundary: a kind and public text without personal data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ServiceError {
    /// Kind.
    pub kind: ErrorKind,
    /// Text for the client.
    pub message: String,
}

impl ServiceError {
    /// An error of a kind.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }
}
