//! Search, list, filter, sort, facets: reads the index, then the records of the page.

use super::super::{SearchAnswer, SearchAsk, ServiceError};
use crate::index::Index;

/// Answers a search over one dataset.
///
/// # Errors
/// As [`Index::search`].
pub(super) async fn search(index: &Index, ask: SearchAsk) -> Result<SearchAnswer, ServiceError> {
    Ok(index.search(ask).await?)
}
