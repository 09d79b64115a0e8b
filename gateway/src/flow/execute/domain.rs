//! Questions that one domain alone knows how to answer.

use std::sync::Arc;

use foundation::dataset::DatasetName;
use foundation::service::{ReadAt, RecordView, Scope, Times};
use futures::{StreamExt, TryStreamExt};
use legal_entity::ask::Permits;

use super::super::plan::Service;
use super::Answer;
use crate::app::App;
use crate::ask::Direction;
use crate::problem::{Code, Problem};

/// Texts that are located at the same time.
const SIDE_BY_SIDE: usize = 4;

pub(super) async fn find(
    app: &App,
    service: &Service,
    sought: &population::ask::Sought,
    times: Times,
    scopes: Vec<Scope>,
) -> Result<(Vec<RecordView>, ReadAt), Problem> {
    let found = population::ask::find(service.as_ref(), sought, times, scopes).await?;
    let found = found.ok_or_else(|| {
        let detail =
            format!("more than {} persons fit; this is no question about one person", population::ask::FOUND_MAX);
        Problem::new(Code::TooHeavy, detail)
    })?;
    Ok((found, read_at(app, times)))
}

pub(super) async fn ownership(
    app: &App,
    service: &Service,
    credit_code: &str,
    depth: u8,
    direction: Direction,
    times: Times,
    permitted: Vec<(DatasetName, Vec<Scope>)>,
) -> Result<Answer, Problem> {
    let on = |table: &str| {
        permitted.iter().find(|(name, _)| name.table() == table).map(|(_, scopes)| scopes.clone()).unwrap_or_default()
    };
    let permits = Permits { enterprises: on("enterprises"), shareholdings: on("shareholdings") };
    if permits.shareholdings.is_empty() {
        return Err(Problem::new(Code::Forbidden, "shareholdings may not be read by this caller"));
    }
    let way = match direction {
        Direction::Owners => legal_entity::ask::Direction::Owners,
        Direction::Owned => legal_entity::ask::Direction::Owned,
        Direction::Both => legal_entity::ask::Direction::Both,
    };
    let found = legal_entity::ask::ownership(service.as_ref(), credit_code, depth, way, times, permits).await?;
    let graph = found.ok_or_else(|| Problem::new(Code::NotFound, "there is no such enterprise at these times"))?;
    Ok(Answer::Ownership(graph, read_at(app, times)))
}

pub(super) async fn division_at(
    app: &App,
    service: &Service,
    lon: f64,
    lat: f64,
    times: Times,
    scopes: Vec<Scope>,
) -> Result<(Vec<RecordView>, ReadAt), Problem> {
    let hits = geospatial::ask::division_of_point(service.as_ref(), lon, lat, times, scopes).await?;
    Ok((hits.into_iter().map(|hit| hit.record).collect(), read_at(app, times)))
}

/// Texts side by side, a few at a time.
pub(super) async fn geocode(
    app: &App,
    service: &Service,
    texts: Vec<String>,
    times: Times,
    permits: geospatial::ask::geocode::Permits,
) -> Result<(Vec<geospatial::ask::geocode::Answer>, ReadAt), Problem> {
    let permits = Arc::new(permits);
    let located = texts.into_iter().map(|text| {
        let (service, permits) = (Arc::clone(service), Arc::clone(&permits));
        async move { geospatial::ask::geocode::geocode(service.as_ref(), &text, times, &permits).await }
    });
    let found = futures::stream::iter(located).buffered(SIDE_BY_SIDE).try_collect().await?;
    Ok((found, read_at(app, times)))
}

/// The times asked at; known now unless asked otherwise.
pub(super) fn read_at(app: &App, times: Times) -> ReadAt {
    ReadAt { valid_at: times.valid_at, known_at: times.known_at.unwrap_or_else(|| app.clock.now()) }
}
