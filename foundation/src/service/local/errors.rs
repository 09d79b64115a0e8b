//! Failures of the rooms below as service errors: the chain is logged here, the client gets public text.

use super::super::{ErrorKind, ServiceError};
use crate::record::RecordError;
use crate::record::registry::RegistryError;
use crate::store::{CommitError, StoreError};
use crate::write::WriteError;

fn of_store(error: &StoreError) -> ErrorKind {
    match error {
        StoreError::Corrupt { .. } => ErrorKind::Corrupt,
        StoreError::Expired
        | StoreError::InUse { .. }
        | StoreError::NewerFormat { .. }
        | StoreError::Unavailable { .. } => ErrorKind::Unavailable,
    }
}

fn of_record(error: &RecordError) -> ErrorKind {
    match error {
        RecordError::Undecodable { .. } => ErrorKind::Corrupt,
        RecordError::Store(error) => of_store(error),
    }
}

fn of_commit(error: &CommitError) -> ErrorKind {
    match error {
        CommitError::Conflict(_) | CommitError::IdReused(_) => ErrorKind::Conflict,
        CommitError::TooLarge { .. } => ErrorKind::Invalid,
        CommitError::Refused { .. } => ErrorKind::Refused,
        CommitError::Unknown(_) => ErrorKind::Unavailable,
        CommitError::Corrupt { .. } => ErrorKind::Corrupt,
    }
}

/// Logs what an operator must see and hides what a client need not.
fn served(kind: ErrorKind, error: &(dyn std::error::Error + 'static)) -> ServiceError {
    match kind {
        ErrorKind::Corrupt => {
            tracing::error!(error, "damaged data");
            ServiceError::new(kind, "damaged data was found; the operator has been told")
        }
        ErrorKind::Unavailable | ErrorKind::Refused => {
            tracing::warn!(error, "a base database cannot serve");
            ServiceError::new(kind, error.to_string())
        }
        _ => ServiceError::new(kind, error.to_string()),
    }
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        served(of_store(&error), &error)
    }
}

impl From<RecordError> for ServiceError {
    fn from(error: RecordError) -> Self {
        served(of_record(&error), &error)
    }
}

impl From<CommitError> for ServiceError {
    fn from(error: CommitError) -> Self {
        served(of_commit(&error), &error)
    }
}

impl From<RegistryError> for ServiceError {
    fn from(error: RegistryError) -> Self {
        let kind = match &error {
            RegistryError::Changed { .. } | RegistryError::CodeGone { .. } => ErrorKind::Invalid,
            RegistryError::Undecodable { .. } => ErrorKind::Corrupt,
            RegistryError::Store(error) => of_store(error),
            RegistryError::Commit(error) => of_commit(error),
        };
        served(kind, &error)
    }
}

impl From<WriteError> for ServiceError {
    fn from(error: WriteError) -> Self {
        let kind = match &error {
            WriteError::NoSuchBatch => ErrorKind::NotFound,
            WriteError::Invalid { .. } => ErrorKind::Invalid,
            WriteError::Conflict { .. } => ErrorKind::Conflict,
            WriteError::Record(error) => of_record(error),
            WriteError::Store(error) => of_store(error),
            WriteError::Commit(error) => of_commit(error),
            WriteError::Undecodable { .. } => ErrorKind::Corrupt,
            WriteError::Files(error) if error.kind() == std::io::ErrorKind::InvalidData => ErrorKind::Corrupt,
            WriteError::Files(_) => ErrorKind::Refused,
            WriteError::Stopped => ErrorKind::Unavailable,
        };
        served(kind, &error)
    }
}
