//! PostgreSQL behind a thin HTTP layer: what a team would write in an afternoon instead of natbase.
//!
//! PostgreSQL makes the JSON, so the layer moves bytes and nothing else: no token, no policy, no mask, no audit.
//! Usage: `pgrest SOCKET_DIRECTORY PORT LISTEN`.

use std::process::ExitCode;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use deadpool_postgres::{Config, ManagerConfig, Pool, PoolConfig, RecyclingMethod, Runtime};
use serde::Deserialize;
use tokio_postgres::{NoTls, types::ToSql};

/// Backends kept open; more than this on two cores only adds switching.
const BACKENDS: usize = 16;

const PERSON: &str = "select row_to_json(t)::text from person t where number = $1";
const ENTERPRISE: &str = "select row_to_json(t)::text from (select credit_code, name, kind, representative, division, \
    address, industry, status, capital, established, st_x(geom) lon, st_y(geom) lat, updated \
    from enterprise where credit_code = $1) t";
const SERIES: &str = "select json_agg(t)::text from (select period, value from observation \
    where indicator = $1 and division = $2 and frequency = 'M' order by period) t";
const BOX: &str = "select json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(\
    'type', 'Feature', 'id', id, 'geometry', st_asgeojson(geom, 6)::json, 'properties', json_build_object(\
    'name', name, 'kind', kind, 'division', division))), '[]'::json))::text \
    from (select * from place where geom && st_makeenvelope($1, $2, $3, $4, 4326) limit 100) t";
const WORKS: &str = "select json_build_object('total', (select count(*) from work where words @@ $1::text::tsquery), \
    'items', (select json_agg(t) from (select id, title, creator, era, genre, description from work \
    where words @@ $1::text::tsquery order by ts_rank(words, $1::text::tsquery) desc limit 10) t))::text";

const NAMES: &str = "select json_build_object('total', (select count(*) from place where words @@ $1::text::tsquery), \
    'items', (select json_agg(t) from (select id, name, kind, division, st_asgeojson(geom, 6)::json geometry from place \
    where words @@ $1::text::tsquery order by ts_rank(words, $1::text::tsquery) desc limit 10) t))::text";
/// The order comes from the index: the `rum` extension.
const RANKED_WORKS: &str = "select json_build_object('total', (select count(*) from work where words @@ $1::text::tsquery), \
    'items', (select json_agg(t) from (select id, title, creator, era, genre, description from work \
    where words @@ $1::text::tsquery order by words <=> $1::text::tsquery limit 10) t))::text";
const RANKED_NAMES: &str = "select json_build_object('total', (select count(*) from place where words @@ $1::text::tsquery), \
    'items', (select json_agg(t) from (select id, name, kind, division, st_asgeojson(geom, 6)::json geometry from place \
    where words @@ $1::text::tsquery order by words <=> $1::text::tsquery limit 10) t))::text";
const NEAREST: &str = "select json_build_object('type', 'FeatureCollection', 'features', coalesce(json_agg(json_build_object(\
    'type', 'Feature', 'id', id, 'geometry', st_asgeojson(geom, 6)::json, 'properties', json_build_object(\
    'name', name, 'kind', kind, 'division', division, 'distance', metres))), '[]'::json))::text \
    from (select *, st_distance(geom::geography, st_setsrid(st_makepoint($1, $2), 4326)::geography) metres from place \
    order by geom <-> st_setsrid(st_makepoint($1, $2), 4326) limit 10) t";
const COMBINED: &str = "with found as (select credit_code, name, kind, division, address, industry, status, capital, \
    established, geom, words from enterprise where words @@ $1::text::tsquery \
    and st_intersects(geom, st_geomfromtext($2::text, 4326)) and established >= $3::text::date) \
    select json_build_object('total', (select count(*) from found), 'items', (select json_agg(t) from (select credit_code, \
    name, kind, division, address, industry, status, capital, established, st_asgeojson(geom, 6)::json geometry from found \
    order by ts_rank(words, $1::text::tsquery) desc limit 10) t))::text";
const TILE: &str = "select st_asmvt(t, 'places') from (select id, name, kind, \
    st_asmvtgeom(st_transform(geom, 3857), st_tileenvelope($1, $2, $3), 4096, 64) geom from place \
    where geom && st_transform(st_tileenvelope($1, $2, $3), 4326)) t where geom is not null";

/// Runs a statement whose one row is one JSON text.
async fn ask(pool: &Pool, sql: &str, arguments: &[&(dyn ToSql + Sync)]) -> Response {
    match answer(pool, sql, arguments).await {
        Ok(Some(json)) => ([(header::CONTENT_TYPE, "application/json")], json).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn answer(
    pool: &Pool,
    sql: &str,
    arguments: &[&(dyn ToSql + Sync)],
) -> Result<Option<String>, Box<dyn std::error::Error + Send + Sync>> {
    let client = pool.get().await?;
    let statement = client.prepare_cached(sql).await?;
    let row = client.query_opt(&statement, arguments).await?;
    Ok(row.map(|r| r.try_get::<_, Option<String>>(0)).transpose()?.flatten())
}

async fn person(State(pool): State<Pool>, Path(number): Path<String>) -> Response {
    ask(&pool, PERSON, &[&number]).await
}

async fn enterprise(State(pool): State<Pool>, Path(code): Path<String>) -> Response {
    ask(&pool, ENTERPRISE, &[&code]).await
}

#[derive(Deserialize)]
struct Slice {
    indicator: String,
    division: String,
}

async fn series(State(pool): State<Pool>, Query(slice): Query<Slice>) -> Response {
    ask(&pool, SERIES, &[&slice.indicator, &slice.division]).await
}

#[derive(Deserialize)]
struct Bounds {
    west: f64,
    south: f64,
    east: f64,
    north: f64,
}

async fn places(State(pool): State<Pool>, Query(b): Query<Bounds>) -> Response {
    ask(&pool, BOX, &[&b.west, &b.south, &b.east, &b.north]).await
}

#[derive(Deserialize)]
struct Place {
    lon: f64,
    lat: f64,
}

async fn nearest(State(pool): State<Pool>, Query(at): Query<Place>) -> Response {
    ask(&pool, NEAREST, &[&at.lon, &at.lat]).await
}

#[derive(Deserialize)]
struct Terms {
    q: String,
    /// Ordered by the index.
    #[serde(default)]
    ranked: bool,
}

async fn names(State(pool): State<Pool>, Query(terms): Query<Terms>) -> Response {
    ask(&pool, if terms.ranked { RANKED_NAMES } else { NAMES }, &[&bigrams(&terms.q)]).await
}

#[derive(Deserialize)]
struct Combined {
    q: String,
    within: String,
    since: String,
}

async fn combined(State(pool): State<Pool>, Query(c): Query<Combined>) -> Response {
    ask(&pool, COMBINED, &[&bigrams(&c.q), &c.within, &c.since]).await
}

async fn tile(State(pool): State<Pool>, Path((z, x, y)): Path<(i32, i32, i32)>) -> Response {
    let made = async {
        let client = pool.get().await?;
        let statement = client.prepare_cached(TILE).await?;
        let row = client.query_one(&statement, &[&z, &x, &y]).await?;
        Ok::<Vec<u8>, Box<dyn std::error::Error + Send + Sync>>(row.try_get(0)?)
    };
    match made.await {
        Ok(bytes) => ([(header::CONTENT_TYPE, "application/vnd.mapbox-vector-tile")], bytes).into_response(),
        Err(error) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
    }
}

async fn works(State(pool): State<Pool>, Query(terms): Query<Terms>) -> Response {
    ask(&pool, if terms.ranked { RANKED_WORKS } else { WORKS }, &[&bigrams(&terms.q)]).await
}

/// The AND of the bigrams of each term, as a tsquery.
fn bigrams(terms: &str) -> String {
    let mut grams = Vec::new();
    for term in terms.split_whitespace() {
        let letters: Vec<char> = term.chars().filter(|c| c.is_alphanumeric()).collect();
        match letters.as_slice() {
            [] => {}
            [one] => grams.push(format!("'{one}'")),
            many => grams.extend(many.windows(2).map(|pair| format!("'{}'", String::from_iter(pair)))),
        }
    }
    grams.join(" & ")
}

#[tokio::main]
async fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(socket), Some(Ok(port)), Some(listen)) =
        (arguments.next(), arguments.next().map(|p| p.parse::<u16>()), arguments.next())
    else {
        eprintln!("usage: pgrest SOCKET_DIRECTORY PORT LISTEN");
        return ExitCode::from(2);
    };
    match serve(socket, port, &listen).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pgrest: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(socket: String, port: u16, listen: &str) -> Result<(), Box<dyn std::error::Error>> {
    let mut config = Config::new();
    config.host = Some(socket);
    config.port = Some(port);
    config.user = Some("postgres".into());
    config.dbname = Some("bench".into());
    config.manager = Some(ManagerConfig { recycling_method: RecyclingMethod::Fast });
    config.pool = Some(PoolConfig::new(BACKENDS));
    let pool = config.create_pool(Some(Runtime::Tokio1), NoTls)?;
    let routes = Router::new()
        .route("/persons/{number}", get(person))
        .route("/enterprises/{code}", get(enterprise))
        .route("/series", get(series))
        .route("/places", get(places))
        .route("/works", get(works))
        .route("/names", get(names))
        .route("/nearest", get(nearest))
        .route("/combined", get(combined))
        .route("/tiles/{z}/{x}/{y}", get(tile))
        .with_state(pool);
    let listener = tokio::net::TcpListener::bind(listen).await?;
    Ok(axum::serve(listener, routes).await?)
}
