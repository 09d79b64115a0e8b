//! Is the index the store's, and does the store keep its invariant?

use super::super::{CheckReport, ServiceError};
use crate::index::Index;

/// Compares index and store by digest; with `rebuild`, makes new generations of the index first.
///
/// # Errors
/// As [`Index::check`].
pub(super) async fn check(index: &Index, rebuild: bool) -> Result<CheckReport, ServiceError> {
    Ok(index.check(rebuild).await?)
}
