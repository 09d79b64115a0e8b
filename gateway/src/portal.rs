//! The web pages: a search page, records, the catalogue, rendered here and readable without scripts.
//!
//! Every page puts its questions through [`crate::flow::answer`], with the token of the one signed in: it can show
//! nothing that the interface would not. Templates and the style sheet lie in `gateway/portal/`.
//! Start at [`routes`]; one file a page, [`page`] holds what they share.

mod accesses;
pub(crate) mod address;
mod chart;
mod dataset;
mod entries;
mod map;
pub(crate) mod page;
mod people;
mod provider;
mod record;
mod search;
mod session;
mod sharing;
mod show;
mod words;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Path, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use page::Visit;

use crate::app::App;

/// The pages' routes, method and path template.
pub const ROUTES: [&str; 22] = [
    "GET /",
    "GET /search",
    "GET /datasets",
    "GET /datasets/{database}/{dataset}",
    "GET /datasets/{database}/{dataset}/records/{id}",
    "GET /lookup",
    "POST /lookup",
    "GET /accesses",
    "GET /sharing",
    "GET /sharing/new",
    "POST /sharing/new",
    "GET /sharing/{case}",
    "POST /sharing/{case}",
    "GET /entries",
    "GET /entries/{entry}",
    "GET /sign-in",
    "POST /sign-in",
    "POST /sign-in/oidc",
    "GET /sign-in/oidc/callback",
    "POST /sign-out",
    "GET /about",
    "GET /portal/style.css",
];

/// Longest form taken, bytes.
const FORM_BYTES_MAX: usize = 64 << 10;
const STYLE: &str = include_str!("../portal/style.css");
const MARK: &str = include_str!("../portal/mark.svg");
/// Where the style sheet is served; its length changes with it, so that browsers may keep it.
pub(crate) const STYLE_ADDRESS: &str = "/portal/style.css";

/// The portal's routes.
pub fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(start))
        .route("/search", get(results))
        .route("/datasets", get(datasets))
        .route("/datasets/{database}/{dataset}", get(dataset_page))
        .route("/datasets/{database}/{dataset}/records/{id}", get(record_page))
        .route("/lookup", get(lookup_form).post(lookup))
        .route("/accesses", get(my_accesses))
        .route("/sharing", get(cases))
        .route("/sharing/new", get(request_form).post(request))
        .route("/sharing/{case}", get(case).post(step))
        .route("/entries", get(all_entries))
        .route("/entries/{entry}", get(entry))
        .route("/sign-in", get(sign_in_form).post(sign_in))
        .route("/sign-in/oidc", post(provider_begin))
        .route(crate::oidc::RETURN, get(provider_finish))
        .route("/sign-out", post(sign_out))
        .route("/about", get(about))
        .route("/portal/style.css", get(|| async { fixed(STYLE, "text/css; charset=utf-8") }))
        .route("/portal/mark.svg", get(|| async { fixed(MARK, "image/svg+xml") }))
}

async fn start(State(app): State<Arc<App>>, parts: Parts) -> Response {
    search::start(Visit::new(app, parts, "GET /")).await
}

async fn results(State(app): State<Arc<App>>, parts: Parts) -> Response {
    search::results(Visit::new(app, parts, "GET /search")).await
}

async fn datasets(State(app): State<Arc<App>>, parts: Parts) -> Response {
    dataset::all(Visit::new(app, parts, "GET /datasets")).await
}

async fn dataset_page(
    State(app): State<Arc<App>>,
    Path((database, table)): Path<(String, String)>,
    parts: Parts,
) -> Response {
    dataset::one(Visit::new(app, parts, "GET /datasets/{database}/{dataset}"), &database, &table).await
}

async fn record_page(
    State(app): State<Arc<App>>,
    Path((database, table, id)): Path<(String, String, String)>,
    parts: Parts,
) -> Response {
    let visit = Visit::new(app, parts, "GET /datasets/{database}/{dataset}/records/{id}");
    record::one(visit, &database, &table, &id).await
}

async fn lookup_form(State(app): State<Arc<App>>, parts: Parts) -> Response {
    people::lookup(Visit::new(app, parts, "GET /lookup"), None).await
}

async fn lookup(State(app): State<Arc<App>>, request: Request) -> Response {
    match form(app, request, "POST /lookup").await {
        Ok((visit, form)) => people::lookup(visit, Some(&form)).await,
        Err(response) => response,
    }
}

async fn my_accesses(State(app): State<Arc<App>>, parts: Parts) -> Response {
    accesses::mine(Visit::new(app, parts, "GET /accesses")).await
}

async fn cases(State(app): State<Arc<App>>, parts: Parts) -> Response {
    sharing::cases(Visit::new(app, parts, "GET /sharing")).await
}

async fn request_form(State(app): State<Arc<App>>, parts: Parts) -> Response {
    sharing::request_form(Visit::new(app, parts, "GET /sharing/new")).await
}

async fn request(State(app): State<Arc<App>>, request: Request) -> Response {
    match form(app, request, "POST /sharing/new").await {
        Ok((visit, form)) => sharing::begin(visit, &form).await,
        Err(response) => response,
    }
}

async fn case(State(app): State<Arc<App>>, Path(id): Path<String>, parts: Parts) -> Response {
    sharing::case(Visit::new(app, parts, "GET /sharing/{case}"), &id).await
}

async fn step(State(app): State<Arc<App>>, Path(id): Path<String>, request: Request) -> Response {
    match form(app, request, "POST /sharing/{case}").await {
        Ok((visit, form)) => sharing::step(visit, &id, &form).await,
        Err(response) => response,
    }
}

async fn all_entries(State(app): State<Arc<App>>, parts: Parts) -> Response {
    entries::all(Visit::new(app, parts, "GET /entries")).await
}

async fn entry(State(app): State<Arc<App>>, Path(id): Path<String>, parts: Parts) -> Response {
    entries::one(Visit::new(app, parts, "GET /entries/{entry}"), &id).await
}

async fn sign_in_form(State(app): State<Arc<App>>, parts: Parts) -> Response {
    people::sign_in_form(&Visit::new(app, parts, "GET /sign-in"), None, None)
}

async fn sign_in(State(app): State<Arc<App>>, request: Request) -> Response {
    match form(app, request, "POST /sign-in").await {
        Ok((visit, form)) => people::sign_in(visit, &form).await,
        Err(response) => response,
    }
}

async fn provider_begin(State(app): State<Arc<App>>, request: Request) -> Response {
    match form(app, request, "POST /sign-in/oidc").await {
        Ok((visit, form)) => provider::begin(visit, &form).await,
        Err(response) => response,
    }
}

async fn provider_finish(State(app): State<Arc<App>>, parts: Parts) -> Response {
    provider::finish(Visit::new(app, parts, "GET /sign-in/oidc/callback")).await
}

async fn sign_out(State(app): State<Arc<App>>, parts: Parts) -> Response {
    people::sign_out(&Visit::new(app, parts, "POST /sign-out")).await
}

async fn about(State(app): State<Arc<App>>, parts: Parts) -> Response {
    people::about(Visit::new(app, parts, "GET /about")).await
}

/// Reads a form of this site: one that another site sent is refused.
async fn form(
    app: Arc<App>,
    request: Request<Body>,
    route: &'static str,
) -> Result<(Visit, Vec<(String, String)>), Response> {
    let (parts, body) = request.into_parts();
    let foreign = parts.headers.get("sec-fetch-site").is_some_and(|v| v != "same-origin" && v != "none");
    if foreign {
        return Err(StatusCode::FORBIDDEN.into_response());
    }
    let bytes = to_bytes(body, FORM_BYTES_MAX).await.map_err(|_| StatusCode::PAYLOAD_TOO_LARGE.into_response())?;
    let form = address::pairs(&String::from_utf8_lossy(&bytes));
    Ok((Visit::new(app, parts, route), form))
}

/// A file that is part of the program.
fn fixed(text: &'static str, kind: &'static str) -> Response {
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    page::guard(headers);
    response
}
