//! Signing in by the identity provider: away to it, and back.

use askama::Template;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;

use super::page::{Page, Visit, html};
use super::people::refused;
use super::session::Session;
use super::{address, words};
use crate::accounts::Secret;
use crate::ask::{AccountsRequest, Ask};
use crate::flow::{AccountsAnswer, Content};
use crate::oidc::{Onward, Returned};
use crate::problem::{Code, Problem};

/// Longest grant, case or officer taken along, bytes.
const NAMED_BYTES_MAX: usize = 128;

/// A page that goes on by itself. A redirect would not do: browsers hold the answers of forms to `form-action`, and do not send
/// a `SameSite=Strict` cookie on a way that began at another site.
#[derive(Template)]
#[template(path = "onward.html")]
struct OnwardPage {
    page: Page,
    heading: String,
    text: &'static str,
    href: String,
}

/// Sends the browser to the provider, with a sign-in of its own in a cookie.
pub(super) async fn begin(mut visit: Visit, form: &[(String, String)]) -> Response {
    // Whoever was signed in before has no part in it.
    visit.session = Session::default();
    let member = |name: &str| {
        let value = form.iter().find(|(n, _)| n == name).map(|(_, v)| v.trim().to_owned());
        value.filter(|v| !v.is_empty() && v.len() <= NAMED_BYTES_MAX)
    };
    let next = form.iter().find(|(n, _)| n == "next").and_then(|(_, v)| address::onward(v)).map(str::to_owned);
    let onward = Onward { next, grant: member("grant"), case: member("case"), officer: member("officer") };
    let begun = match visit.ask(Ask::Accounts(Box::new(AccountsRequest::ProviderBegin(onward)))).await {
        Ok(masked) => match masked.content() {
            Content::Accounts(AccountsAnswer::Begun(begun)) => begun.clone(),
            _ => return visit.problem(&Problem::new(Code::Internal, "another answer than was asked for")),
        },
        Err(problem) => return visit.problem(&problem),
    };
    let t = visit.t();
    let name = visit.app.oidc.as_ref().map(crate::oidc::Provider::name).unwrap_or_default();
    let heading = words::of_provider(name, visit.language);
    let view = OnwardPage {
        page: visit.page(t.sign_in, "sign-in"),
        heading,
        text: t.to_provider,
        href: begun.location.clone(),
    };
    let mut response = html(&view, t);
    let headers = response.headers_mut();
    refresh(headers, &begun.location);
    keep(&visit, headers, Some(&begun.carried));
    response
}

/// Takes the browser back. Whatever comes of it, the sign-in in the cookie is forgotten.
pub(super) async fn finish(mut visit: Visit) -> Response {
    visit.session = Session::default();
    let returned = returned(&visit);
    // What the provider added to the address stands in no link of the page.
    visit.pairs.retain(|(name, _)| name == "lang");
    let asked = Ask::Accounts(Box::new(AccountsRequest::ProviderFinish(Box::new(returned))));
    match visit.ask(asked).await {
        Ok(masked) => match masked.content() {
            Content::Accounts(AccountsAnswer::Returned(tokens, onward)) => {
                let Onward { next, grant, case, officer } = onward.clone();
                let session = Session { token: Some(tokens.access.reveal().to_owned()), grant, case, officer };
                entered(visit, &session, next.as_deref())
            }
            _ => visit.problem(&Problem::new(Code::Internal, "another answer than was asked for")),
        },
        Err(problem) => {
            let mut response = refused(&visit, visit.problem_text(&problem));
            *response.status_mut() = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::UNAUTHORIZED);
            keep(&visit, response.headers_mut(), None);
            response
        }
    }
}

fn entered(mut visit: Visit, session: &Session, next: Option<&str>) -> Response {
    visit.session = session.clone();
    let t = visit.t();
    // What was sealed was looked at before; a page of today is looked for again.
    let href = next.and_then(address::onward).map(str::to_owned);
    let href = href.unwrap_or_else(|| visit.page("", "").home);
    let view = OnwardPage {
        page: visit.page(t.sign_in, "sign-in"),
        heading: t.signed_in.to_owned(),
        text: t.go_on,
        href: href.clone(),
    };
    let mut response = html(&view, t);
    let headers = response.headers_mut();
    refresh(headers, &href);
    keep(&visit, headers, None);
    visit.keep(session, headers);
    response
}

/// The parameters of the provider's answer; one that stands twice counts as none. Others are left alone (RFC 6749 section 4.1.2).
fn returned(visit: &Visit) -> Returned {
    let one = |name: &str| {
        let mut all = visit.pairs.iter().filter(|(n, _)| n == name).map(|(_, v)| v.clone());
        let first = all.next();
        if all.next().is_some() { None } else { first }
    };
    Returned {
        carried: carried(&visit.parts.headers, cookie(visit)),
        state: one("state"),
        code: one("code").map(Secret::new),
        // Two issuers are another than the one.
        issuer: if visit.pairs.iter().any(|(n, _)| n == "iss") { Some(one("iss").unwrap_or_default()) } else { None },
        refused: visit.pairs.iter().any(|(n, _)| n == "error"),
    }
}

/// The cookie's name: over TLS one that no other host and no path can set.
fn cookie(visit: &Visit) -> &'static str {
    if is_secure(visit) { "__Host-natbase-oidc" } else { "natbase-oidc" }
}

fn is_secure(visit: &Visit) -> bool {
    visit.app.oidc.as_ref().is_some_and(crate::oidc::Provider::is_secure)
}

fn carried(headers: &HeaderMap, cookie: &str) -> Option<Secret> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut values = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    values.find(|(name, _)| *name == cookie).map(|(_, value)| Secret::new(value))
}

/// Sets the cookie, or takes it away. `Lax`: it comes along when the provider sends the browser back.
fn keep(visit: &Visit, headers: &mut HeaderMap, carried: Option<&Secret>) {
    let (value, life) = carried.map_or(("", 0), |carried| (carried.reveal(), 600));
    let secure = if is_secure(visit) { "; Secure" } else { "" };
    let text = format!("{}={value}; Path=/; HttpOnly; SameSite=Lax{secure}; Max-Age={life}", cookie(visit));
    if let Ok(mut value) = HeaderValue::from_str(&text) {
        value.set_sensitive(true);
        headers.append(header::SET_COOKIE, value);
    }
}

fn refresh(headers: &mut HeaderMap, to: &str) {
    if let Ok(value) = HeaderValue::from_str(&format!("0; url={to}")) {
        headers.insert(header::REFRESH, value);
    }
}
