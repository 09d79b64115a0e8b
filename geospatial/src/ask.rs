//! Questions only this domain asks: in which divisions a point lies, where an address is, what became of a division.

pub mod address;
pub mod geocode;
mod successors;

pub use successors::successors;

use foundation::dataset::DatasetName;
use foundation::filter::{Comparison, Filter, Spatial};
use foundation::service::{BaseDatabase, ErrorKind, Hit, Scope, SearchAsk, ServiceError, Times};
use foundation::value::{Shape, Value};

use crate::rules::division as field;

/// Most divisions of an answer: a point lies in one of each level of each code system, on a border in several.
const DIVISIONS_MAX: usize = 50;

/// The divisions (民政部 codes) whose boundary holds the point, the smallest last: province, prefecture, county; outside
/// China the country. A point on a border lies in the divisions on both sides.
///
/// Cost: one index search, exact geometry for the boxes hit.
/// # Errors
/// [`ErrorKind::Invalid`] for coordinates out of range; errors of the search.
pub async fn division_of_point(
    database: &dyn BaseDatabase,
    lon: f64,
    lat: f64,
    times: Times,
    scopes: Vec<Scope>,
) -> Result<Vec<Hit>, ServiceError> {
    let dataset: DatasetName =
        "geospatial/divisions".parse().map_err(|e: String| ServiceError::new(ErrorKind::NotFound, e))?;
    let shape = Shape::point(lon, lat).map_err(|e| ServiceError::new(ErrorKind::Invalid, e.to_string()))?;
    let statistics =
        Filter::Compare { field: field::SYSTEM, op: Comparison::NotEqual, value: Value::Code("nbs".to_owned()) };
    let holds = Filter::Spatial { field: field::BOUNDARY, op: Spatial::Intersects, shape };
    let answer = database
        .search(SearchAsk {
            filter: Some(Filter::And(vec![holds, statistics])),
            ..SearchAsk::of(dataset, times, scopes, DIVISIONS_MAX)
        })
        .await?;
    let mut hits = answer.hits;
    hits.sort_by_key(|hit| (code(hit, field::LEVEL), code(hit, field::CODE)));
    Ok(hits)
}

fn code(hit: &Hit, number: u16) -> String {
    match hit.record.fields.get(number) {
        Some(Value::Code(text) | Value::Text(text)) => text.clone(),
        _ => String::new(),
    }
}
