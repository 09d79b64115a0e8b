//! What every route does: read, answer, respond.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use axum::body::Body as HttpBody;
use axum::extract::{FromRequestParts as _, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};

use super::params::{Input, Params};
use super::receipt;
use super::routes::{Body, Form, Route};
use crate::app::App;
use crate::ask::Ask;
use crate::flow::{self, Content, Envelope, JobsAnswer, Rendered};
use crate::ogc::Asked;
use crate::problem::{Code, Problem};

const REQUEST_ID: HeaderName = HeaderName::from_static("natbase-request-id");
/// Longest path and query, bytes.
const URI_BYTES_MAX: usize = 8 * 1_024;
/// Most bytes of names and values of headers.
const HEADER_BYTES_MAX: usize = 16 << 10;

/// Counts a request in flight until it is dropped.
struct InFlight<'a>(&'a AtomicUsize);

impl<'a> InFlight<'a> {
    fn begin(app: &'a App) -> Option<Self> {
        let before = app.in_flight.fetch_add(1, Ordering::Relaxed);
        let guard = Self(&app.in_flight);
        (before < app.config.http.in_flight_max).then_some(guard)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// Serves one request of a route.
pub(super) async fn serve(app: Arc<App>, route: &'static Route, request: Request) -> Response {
    let (mut parts, body) = request.into_parts();
    let envelope = Envelope::of(&app, &parts, route.label).of_the_api(route.form == Form::Own);
    let Some(_in_flight) = InFlight::begin(&app) else {
        return respond_problem(
            &Problem::new(Code::Overloaded, "too many requests are in flight").retry_after(1),
            &envelope,
        );
    };
    let http = &app.config.http;
    let seconds = if route.body == Body::Upload { http.import_timeout_s } else { http.timeout_s };
    let whole = async {
        let salt = receipt::wanted(&parts);
        let ask = match &salt {
            Ok(_) => read(&app, route, &mut parts, body).await,
            Err(problem) => Err(problem.clone()),
        };
        if let (Ok(Ask::Changes(_)), true) = (&ask, super::changes::wants_events(&parts)) {
            return Ok(Outcome::Events(ask));
        }
        let masked = flow::answer(&app, &envelope, ask).await?;
        let begun = salt?.and_then(|salt| Some((salt, receipt::begin(masked.permit(), &envelope)?)));
        if let Content::Jobs(answer) = masked.content() {
            flow::start(&app);
            if let JobsAnswer::File(job) = answer {
                return super::delivery::give(&app, &parts, &envelope, job).await.map(Outcome::File);
            }
        }
        let told = falling_away(&app, &masked);
        let mut rendered = match route.form {
            Form::Own | Form::OAuth => flow::render(&masked),
            Form::Ogc(page) => {
                // Areas of a hundred thousand points are simplified here: not among the requests that wait for little.
                let (app, asked) = (Arc::clone(&app), Asked::of(&parts));
                let written = tokio::task::spawn_blocking(move || crate::ogc::render(&app, page, &masked, &asked));
                written.await.map_err(|_| Problem::new(Code::Internal, "the answer was not written"))??
            }
        };
        rendered.headers.extend(told);
        let signed = begun.and_then(|(salt, begun)| receipt::sign(&app, &salt, begun, &parts, &rendered.body));
        Ok(Outcome::Answer(rendered, signed))
    };
    match tokio::time::timeout(Duration::from_secs(seconds), whole).await {
        Ok(Ok(Outcome::Answer(rendered, signed))) => {
            let mut response = answer(rendered, &parts, &envelope);
            if route.id == "export" {
                *response.status_mut() = StatusCode::ACCEPTED;
            }
            if let Some(signed) = signed {
                response.headers_mut().insert(receipt::HEADER, signed);
            }
            if matches!(route.form, Form::Ogc(_)) {
                open_to_maps(response.headers_mut());
            }
            response
        }
        Ok(Ok(Outcome::File(response))) => response,
        Ok(Ok(Outcome::Events(Ok(Ask::Changes(request))))) => {
            super::changes::events(Arc::clone(&app), parts, route.label, request)
        }
        Ok(Ok(Outcome::Events(_))) => respond_problem(&Problem::new(Code::Internal, "no events"), &envelope),
        Ok(Err(problem)) if route.form == Form::OAuth => super::oauth::refuse(&problem, &envelope),
        Ok(Err(problem)) => respond_problem(&problem, &envelope),
        Err(_) => respond_problem(&Problem::new(Code::Timeout, format!("not done in {seconds} s")), &envelope),
    }
}

/// What falls away of the dataset that an answer is of (Decree 809 art 27), as headers.
fn falling_away(app: &App, masked: &flow::Masked) -> Vec<(HeaderName, String)> {
    let notices = app.notices.load();
    let notice = masked.dataset().and_then(|dataset| notices.get(&dataset.name));
    notice.map(|notice| notice.headers(app.clock.today())).unwrap_or_default()
}

enum Outcome {
    Answer(Rendered, Option<HeaderValue>),
    Events(Result<Ask, Problem>),
    File(Response),
}

/// Answers what no route takes, with an entry in the log like any request.
pub(super) async fn refuse(app: &App, parts: &Parts, label: &'static str, problem: Problem) -> Response {
    let envelope = Envelope::of(app, parts, label);
    match flow::answer(app, &envelope, Err(problem)).await {
        Ok(_) => StatusCode::NO_CONTENT.into_response(),
        Err(problem) => respond_problem(&problem, &envelope),
    }
}

/// Reads path, query and body into an ask.
async fn read(app: &App, route: &'static Route, parts: &mut Parts, body: HttpBody) -> Result<Ask, Problem> {
    if parts.uri.path_and_query().is_some_and(|p| p.as_str().len() > URI_BYTES_MAX) {
        return Err(Problem::new(Code::UriTooLong, "the URL is longer than 8 KiB"));
    }
    let headers: usize = parts.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
    if headers > HEADER_BYTES_MAX {
        return Err(Problem::new(Code::HeadersTooLarge, "the headers are larger than 16 KiB together"));
    }
    let path = RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|_| Problem::new(Code::InvalidParameter, "the path is not UTF-8"))?
        .iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let mut params = Params::from_query(parts.uri.query(), route)?;
    let (mut list, mut upload) = (Vec::new(), None);
    match route.body {
        Body::None => {}
        Body::Upload => upload = Some(body),
        Body::Members | Body::List(_) | Body::Form => {
            let form = route.body == Body::Form;
            if form != is_form(parts) || !(form || is_json(parts)) {
                let wanted = if form { "application/x-www-form-urlencoded" } else { "application/json" };
                let detail = format!("the body must be {wanted}");
                return Err(Problem::new(Code::UnsupportedMediaType, detail).about("Content-Type"));
            }
            let most = app.config.http.body_bytes_max;
            let too_large = || Problem::new(Code::BodyTooLarge, format!("at most {most} bytes are taken"));
            if declared(parts).is_some_and(|n| n > most as u64) {
                return Err(too_large());
            }
            let bytes = axum::body::to_bytes(body, most).await.map_err(|_| too_large())?;
            if parts.headers.contains_key(receipt::HEADER) {
                parts.extensions.insert(receipt::Asked(bytes.to_vec()));
            }
            if form {
                params.add_form(&bytes, route)?;
            } else {
                list = params.add_members(&bytes, route)?;
            }
        }
    }
    let mut input = Input { path, params, list, headers: &parts.headers, upload };
    (route.read)(&mut input)
}

fn declared(parts: &Parts) -> Option<u64> {
    parts.headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn is_form(parts: &Parts) -> bool {
    let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = kind.split(';').next().unwrap_or_default().trim();
    media.eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

fn is_json(parts: &Parts) -> bool {
    let Some(value) = parts.headers.get(header::CONTENT_TYPE) else { return true };
    let media = value.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media.is_empty() || media == "application/json"
}

fn answer(rendered: Rendered, parts: &Parts, envelope: &Envelope) -> Response {
    let mut response = Response::new(HttpBody::from(rendered.body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(rendered.content_type));
    common(headers, envelope);
    for (name, value) in &rendered.headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    }
    if let (Some(next), "GET") = (&rendered.next, parts.method.as_str()) {
        let kept: Vec<&str> = parts
            .uri
            .query()
            .unwrap_or_default()
            .split('&')
            .filter(|p| !p.is_empty() && !p.starts_with("cursor="))
            .collect();
        let joined = if kept.is_empty() { String::new() } else { format!("{}&", kept.join("&")) };
        let link = format!("<{}?{joined}cursor={next}>; rel=\"next\"", parts.uri.path());
        if let Ok(value) = HeaderValue::from_str(&link) {
            headers.insert(header::LINK, value);
        }
    }
    response
}

/// Pages keep to themselves; what is public may be read by a map on any site. A token never comes along by itself: these
/// paths take none from cookies.
fn open_to_maps(headers: &mut axum::http::HeaderMap) {
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html")) {
        crate::portal::page::guard(headers);
    } else {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Link, Content-Crs"));
    }
}

/// A problem as a response.
#[must_use]
pub fn respond_problem(problem: &Problem, envelope: &Envelope) -> Response {
    if problem.status() >= 500 {
        tracing::warn!(request = %envelope.id(), route = envelope.route(), code = problem.code().as_str(), cause = problem.cause(), "refused");
    }
    let mut response = Response::new(HttpBody::from(problem.to_json(&envelope.id()).to_string()));
    *response.status_mut() = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    common(headers, envelope);
    if let Some(seconds) = problem.retry_after_s() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.code() == Code::InvalidToken {
        headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
    }
    response
}

pub(super) fn common(headers: &mut axum::http::HeaderMap, envelope: &Envelope) {
    if let Ok(value) = HeaderValue::from_str(&envelope.id()) {
        headers.insert(REQUEST_ID, value);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
}
