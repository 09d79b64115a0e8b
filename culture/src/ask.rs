//! Questions only this domain asks: what was made in a stretch of history?

use foundation::dataset::DatasetName;
use foundation::filter::{Filter, Temporal};
use foundation::service::{BaseDatabase, ErrorKind, Scope, SearchAnswer, SearchAsk, ServiceError, Times};
use foundation::value::Era;

use crate::rules::{DYNASTIES, field};

/// The years of a dynasty of `code-lists/dynasty.csv`; `None` for "unknown" and what the list does not have.
#[must_use]
pub fn years(dynasty: &str) -> Option<Era> {
    DYNASTIES.iter().find(|(code, _)| *code == dynasty).and_then(|(_, years)| Era::parse(years))
}

/// Works whose era touches `era`, by score of `q` or by id; at most `limit`.
///
/// # Errors
/// Those of the search.
pub async fn of_era(
    database: &dyn BaseDatabase,
    q: Option<String>,
    era: &Era,
    limit: usize,
    times: Times,
    scopes: Vec<Scope>,
) -> Result<SearchAnswer, ServiceError> {
    let dataset: DatasetName =
        "culture/works".parse().map_err(|e: String| ServiceError::new(ErrorKind::NotFound, e))?;
    let filter = Filter::Temporal { field: field::ERA, op: Temporal::Intersects, span: era.span() };
    let ask = SearchAsk { q, filter: Some(filter), ..SearchAsk::of(dataset, times, scopes, limit) };
    database.search(ask).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tang_lasted_from_618_to_907() {
        assert_eq!(years("tang").map(|era| era.to_string()).as_deref(), Some("0618/0907"));
        assert_eq!(years("unknown"), None);
    }
}
