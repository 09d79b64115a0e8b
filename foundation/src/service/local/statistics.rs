//! Grouped counts, sums, means, extremes: reads the index.

use super::super::{ServiceError, StatisticsAnswer, StatisticsAsk};
use crate::index::Index;

/// Answers a statistics ask over one dataset.
///
/// # Errors
/// As [`Index::statistics`].
pub(super) async fn statistics(index: &Index, ask: StatisticsAsk) -> Result<StatisticsAnswer, ServiceError> {
    Ok(index.statistics(ask).await?)
}
