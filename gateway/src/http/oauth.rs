//! Tokens for programs: OAuth 2.0 client credentials (RFC 6749 section 4.4) with signed assertions (RFC 7523).

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

use super::accounts::{ask, missing};
use super::endpoint::common;
use super::params::Input;
use super::routes::{Param, ParamKind as K, param};
use crate::ask::{AccountsRequest, Ask};
use crate::flow::Envelope;
use crate::problem::{Code, Problem};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

pub(super) const TOKEN: &[Param] = &[
    param("grant_type", K::OneOf(&["client_credentials"]), "client_credentials"),
    param("client_assertion_type", K::OneOf(&[ASSERTION_TYPE]), "jwt-bearer (RFC 7523)"),
    param("client_assertion", K::Text, "JWT signed with the program's key for this endpoint; good once, 5 minutes"),
    param("client_id", K::Text, "the program; if given, the assertion's"),
    param("scope", K::Text, "roles, by spaces; default all that the program has"),
];

pub(super) fn token(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    match params.text("grant_type") {
        None => return Err(missing("grant_type")),
        Some("client_credentials") => {}
        Some(_) => {
            let detail = "grants are client_credentials alone";
            return Err(Problem::new(Code::UnsupportedGrantType, detail).about("grant_type"));
        }
    }
    // Without this way of proving itself no program is known here.
    let method = Problem::new(Code::InvalidClient, "programs prove themselves with a signed assertion (RFC 7523)");
    if params.text("client_assertion_type") != Some(ASSERTION_TYPE) || params.text("client_assertion").is_none() {
        return Err(method.about("client_assertion"));
    }
    let assertion = params.text("client_assertion").map(crate::accounts::Secret::new);
    let assertion = assertion.ok_or_else(|| missing("client_assertion"))?;
    let (client_id, scope) = (params.owned("client_id"), params.owned("scope"));
    ask(AccountsRequest::Program { assertion, client_id, scope })
}

pub(super) fn metadata(_: &mut Input<'_>) -> Result<Ask, Problem> {
    ask(AccountsRequest::Metadata)
}

/// A problem as RFC 6749, section 5.2, writes it.
pub(super) fn refuse(problem: &Problem, envelope: &Envelope) -> Response {
    let (status, error) = match problem.code() {
        Code::InvalidClient => (401, "invalid_client"),
        Code::UnsupportedGrantType => (400, "unsupported_grant_type"),
        Code::InvalidScope => (400, "invalid_scope"),
        // Not of the standard's list: how it says that one is to wait, and that the fault is here.
        Code::TooManyRequests => (429, "invalid_request"),
        _ if problem.status() >= 500 => (problem.status(), "temporarily_unavailable"),
        _ => (400, "invalid_request"),
    };
    let body = json!({"error": error, "error_description": problem.detail()});
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    common(headers, envelope);
    if let Some(seconds) = problem.retry_after_s() {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
