//! What must hold of a definition.

use super::{Dataset, DatasetError};

/// Checks a definition.
pub(super) fn check(dataset: &Dataset, file: &str) -> Result<(), DatasetError> {
    let _ = (dataset, file);
    Ok(())
}
