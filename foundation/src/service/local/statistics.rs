//! Grouped counts, sums, means, extremes: reads the index.

use std::sync::Arc;

use super::super::{ErrorKind, ServiceError, StatisticsAnswer, StatisticsAsk};
use crate::index::{Index, statistics as run};
use crate::store::Store;

/// Answers a statistics ask over one dataset.
///
/// Cost: one pass over the matching documents.
/// # Errors
/// [`ErrorKind::NotFound`] for a dataset that is not here; else as the index says.
pub(super) async fn statistics(
    index: &Index,
    store: &Arc<dyn Store>,
    ask: StatisticsAsk,
) -> Result<StatisticsAnswer, ServiceError> {
    let Some(dataset) = index.dataset(&ask.dataset) else {
        return Err(ServiceError::new(ErrorKind::NotFound, format!("no dataset `{}` here", ask.dataset)));
    };
    Ok(run(dataset, store, ask).await?)
}
