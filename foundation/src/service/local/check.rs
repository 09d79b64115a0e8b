//! Is the index the store's, and does the store keep its invariant?

use super::super::{CheckReport, ServiceError};
use crate::index::{Index, check as run};

/// Compares index and store by digest; with `rebuild`, makes new generations of the index first.
///
/// # Errors
/// [`super::super::ErrorKind::Unavailable`] while the index is being built or writes never pause.
pub(super) async fn check(index: &Index, rebuild: bool) -> Result<CheckReport, ServiceError> {
    Ok(run(index, rebuild).await?)
}
