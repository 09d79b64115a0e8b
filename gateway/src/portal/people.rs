//! Signing in and out, looking up by number, and the page about the whole.

use askama::Template;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use foundation::dataset::Dataset;

use super::page::{Page, Visit, html};
use super::session::Session;
use super::show::{FieldShown, Shower};
use super::{address, search, words};
use crate::accounts::{Attempt, Secret};
use crate::ask::{AccountsRequest, Ask, LookupRequest, Shown};
use crate::flow::{AccountsAnswer, Content};
use crate::problem::{Code, Problem};

/// Longest name, password or code taken, bytes.
const SECRET_BYTES_MAX: usize = 1_024;

#[derive(Template)]
#[template(path = "sign_in.html")]
struct SignInPage {
    page: Page,
    problem: Option<String>,
    /// What the button to the identity provider says, if there is one.
    provider: Option<String>,
    /// The page to come back to.
    next: Option<String>,
}

#[derive(Template)]
#[template(path = "lookup.html")]
struct LookupPage {
    page: Page,
    choices: Vec<Choice>,
    problem: Option<String>,
    sign_in: Option<String>,
    found: Option<Found>,
}

#[derive(Template)]
#[template(path = "about.html")]
struct AboutPage {
    page: Page,
    licences: Vec<Owed>,
}

struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

struct Found {
    title: String,
    href: Option<String>,
    masked: bool,
    synthetic: bool,
    fields: Vec<FieldShown>,
}

struct Owed {
    href: String,
    title: String,
    licence: String,
    attribution: String,
    map_approval: String,
}

/// The form to sign in.
pub(super) fn sign_in_form(visit: &Visit, problem: Option<String>, next: Option<&str>) -> Response {
    let t = visit.t();
    let next = next.or_else(|| visit.one("next")).and_then(address::onward).map(str::to_owned);
    let provider = visit.app.oidc.as_ref().map(|provider| words::of_provider(provider.name(), visit.language));
    html(&SignInPage { page: visit.page(t.sign_in, "sign-in"), problem, provider, next }, t)
}

/// Signs in, by account or by token; a token is tried on the catalogue before it is kept.
pub(super) async fn sign_in(mut visit: Visit, form: &[(String, String)]) -> Response {
    // Whoever was signed in before has no part in it.
    visit.session = Session::default();
    let next = form.iter().find(|(name, _)| name == "next").and_then(|(_, value)| address::onward(value));
    let refused = |visit: &Visit, text| refused_on_the_way(visit, text, next);
    let by_account = match by_account(&visit, form).await {
        Ok(token) => token,
        Err(problem) => return refused(&visit, visit.problem_text(&problem)),
    };
    let onward = next.map(str::to_owned);
    let mut form = form.to_vec();
    if let Some(token) = by_account {
        form.retain(|(name, _)| name != "token");
        form.push(("token".to_owned(), token));
    }
    let form = form.as_slice();
    let session = match Session::from_form(form) {
        Ok(session) if session.token.is_some() => session,
        Ok(_) => return refused(&visit, visit.t().bad_form.to_owned()),
        Err(why) => return refused(&visit, why.to_owned()),
    };
    visit.session = session.clone();
    if let Err(problem) = visit.ask(Ask::Catalogue).await {
        let text = visit.problem_text(&problem);
        visit.session = Session::default();
        return refused(&visit, text);
    }
    let mut response = moved(&onward.unwrap_or_else(|| visit.page("", "").home));
    visit.keep(&session, response.headers_mut());
    response
}

/// The access token of an account, if the form names one. It holds as long as the session: the browser keeps nothing else.
async fn by_account(visit: &Visit, form: &[(String, String)]) -> Result<Option<String>, Problem> {
    let member = |name: &str| {
        let pair = form.iter().find(|(n, _)| n == name);
        pair.map(|(_, v)| v.clone()).filter(|v| !v.is_empty() && v.len() <= SECRET_BYTES_MAX)
    };
    let Some(name) = member("name") else { return Ok(None) };
    let attempt = Attempt {
        name: name.trim().to_owned(),
        password: Secret::new(member("password").unwrap_or_default()),
        code: member("code").map(|code| Secret::new(code.trim())),
    };
    let request = AccountsRequest::SignIn { attempt, whole_session: true };
    let masked = visit.ask(Ask::Accounts(Box::new(request))).await?;
    match masked.content() {
        Content::Accounts(AccountsAnswer::Tokens(tokens)) => Ok(Some(tokens.access.reveal().to_owned())),
        _ => Ok(None),
    }
}

/// The form again, with what is wrong.
pub(super) fn refused(visit: &Visit, text: String) -> Response {
    refused_on_the_way(visit, text, None)
}

fn refused_on_the_way(visit: &Visit, text: String, next: Option<&str>) -> Response {
    let mut response = sign_in_form(visit, Some(text), next);
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    response
}

/// Ends the session, and forgets who was signed in.
pub(super) async fn sign_out(visit: &Visit) -> Response {
    // A token of another issuer has no session here; it is forgotten all the same.
    let _ = visit.ask(Ask::Accounts(Box::new(AccountsRequest::SignOut(None)))).await;
    let mut response = moved(&visit.page("", "").home);
    visit.keep(&Session::default(), response.headers_mut());
    response
}

/// Goes on to a page of this site.
pub(super) fn moved(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    if let Ok(to) = HeaderValue::from_str(to) {
        response.headers_mut().insert(header::LOCATION, to);
    }
    response
}

/// The form to look a record up, and what was found. `form` is `None` on the first visit.
pub(super) async fn lookup(visit: Visit, form: Option<&[(String, String)]>) -> Response {
    let datasets = match search::catalogue(&visit).await {
        Ok(datasets) => datasets,
        Err(problem) => return visit.problem(&problem),
    };
    let member = |name: &str| {
        let pair = form.into_iter().flatten().find(|(n, _)| n == name);
        pair.map(|(_, v)| v.trim().to_owned()).unwrap_or_default()
    };
    let (wanted, key) = (member("dataset"), member("key"));
    let choices = datasets.iter().filter(|d| d.natural_key.len() == 1).map(|d| Choice {
        value: d.name.to_string(),
        label: label(&visit, d),
        chosen: d.name.to_string() == wanted,
    });
    let mut page = LookupPage {
        page: visit.page(visit.t().lookup, "lookup"),
        choices: choices.collect(),
        problem: None,
        sign_in: None,
        found: None,
    };
    let mut status = StatusCode::OK;
    if form.is_some() {
        match found(&visit, &wanted, &key).await {
            Ok(found) => page.found = Some(found),
            Err(problem) => {
                status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::BAD_REQUEST);
                page.problem = Some(visit.problem_text(&problem));
                page.sign_in = visit.may_sign_in(&problem).then(|| page.page.sign_in.clone());
            }
        }
    }
    let mut response = html(&page, visit.t());
    *response.status_mut() = status;
    response
}

fn label(visit: &Visit, dataset: &Dataset) -> String {
    let key = dataset.natural_key.first().and_then(|name| dataset.field(name));
    let key = key.map(|f| words::title(&f.title, visit.language)).unwrap_or_default();
    format!("{} — {key}", words::title(&dataset.title, visit.language))
}

async fn found(visit: &Visit, wanted: &str, key: &str) -> Result<Found, Problem> {
    let (database, table) = wanted.split_once('/').unwrap_or((wanted, ""));
    let dataset = visit.dataset(database, table)?;
    let name = dataset.natural_key.first().cloned().unwrap_or_default();
    let request = LookupRequest {
        dataset: dataset.name.clone(),
        keys: vec![vec![(name, key.to_owned())]],
        times: visit.times()?,
        shown: Shown::default(),
    };
    let masked = visit.ask(Ask::Lookup(request)).await?;
    let absent = || Problem::new(Code::NotFound, "there is no such record");
    let Content::Lookup(items, at) = masked.content() else { return Err(absent()) };
    let record = match items.first() {
        Some(Ok(record)) => record,
        Some(Err(foundation::service::LookupItem::Refused { message, .. })) => {
            return Err(Problem::new(Code::InvalidParameter, message.clone()).about("key"));
        }
        _ => return Err(absent()),
    };
    let shower =
        Shower { catalogue: &visit.app.catalogue, dataset: &dataset, language: visit.language, day: at.valid_at };
    let mut fields = shower.all(record);
    fields.retain(|f| f.href.is_none());
    Ok(Found {
        title: shower.title(&record.view),
        href: Some(address::record(&dataset.name.to_string(), &record.view.id, &[("lang", visit.lang())])),
        masked: !record.masked.is_empty(),
        synthetic: visit.is_synthetic(&dataset),
        fields,
    })
}

/// What this is, and whose data it shows under which licence.
pub(super) async fn about(visit: Visit) -> Response {
    let datasets = match search::catalogue(&visit).await {
        Ok(datasets) => datasets,
        Err(problem) => return visit.problem(&problem),
    };
    let licences = datasets.iter().map(|d| Owed {
        href: address::dataset(&d.name, visit.language),
        title: words::title(&d.title, visit.language),
        licence: d.licence.clone(),
        attribution: d.attribution.clone(),
        map_approval: d.map_approval.clone(),
    });
    let page = visit.page(visit.t().about, "about");
    html(&AboutPage { page, licences: licences.collect() }, visit.t())
}
