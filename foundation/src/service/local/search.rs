//! Search, list, filter, sort, facets: reads the index, then the records of the page.

use std::sync::Arc;

use super::super::{ErrorKind, SearchAnswer, SearchAsk, ServiceError};
use crate::index::{Index, search as run};
use crate::store::Store;

/// Answers a search over one dataset.
///
/// Cost: one pass over the matching documents, then one point read a hit.
/// # Errors
/// [`ErrorKind::NotFound`] for a dataset that is not here; else as the index says.
pub(super) async fn search(
    index: &Index,
    store: &Arc<dyn Store>,
    ask: SearchAsk,
) -> Result<SearchAnswer, ServiceError> {
    let Some(dataset) = index.dataset(&ask.dataset) else {
        return Err(ServiceError::new(ErrorKind::NotFound, format!("no dataset `{}` here", ask.dataset)));
    };
    Ok(run(dataset, store, ask).await?)
}
