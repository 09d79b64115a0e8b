//! What every page has: words, head, foot; and a visit, which carries the browser's request to the flow.

use std::sync::Arc;

use askama::Template;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::session::Session;
use super::words::{self, Words};
use super::{STYLE_ADDRESS, address};
use crate::app::App;
use crate::ask::{Ask, AskTimes, Language};
use crate::flow::{Envelope, Masked, answer};
use crate::problem::{Code, Problem};
use foundation::dataset::{Database, Dataset, DatasetName};
use foundation::value::{Day, Instant};

/// What the base template shows.
pub(super) struct Page {
    pub(super) t: &'static Words,
    pub(super) title: String,
    pub(super) section: &'static str,
    pub(super) style: &'static str,
    pub(super) home: String,
    pub(super) lang_query: String,
    /// The sign-in page, from which one comes back here.
    pub(super) sign_in: String,
    pub(super) other_language: String,
    pub(super) demo: bool,
    pub(super) caller: Option<String>,
    /// Whether the caller's token says that it is a department's: what is shown in the head, and nothing else.
    pub(super) desk: bool,
    pub(super) attributions: Vec<String>,
}

/// A browser's request: who, in which language, asking what.
pub(super) struct Visit {
    pub(super) app: Arc<App>,
    pub(super) parts: Parts,
    pub(super) session: Session,
    pub(super) language: Language,
    pub(super) pairs: Vec<(String, String)>,
    route: &'static str,
}

impl Visit {
    pub(super) fn new(app: Arc<App>, parts: Parts, route: &'static str) -> Self {
        let pairs = address::pairs(parts.uri.query().unwrap_or_default());
        let accepted = parts.headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok());
        let asked = pairs.iter().find(|(name, _)| name == "lang").map(|(_, value)| value.as_str());
        let language = address::language(asked, accepted);
        let session = Session::of(&parts.headers);
        Self { app, parts, session, language, pairs, route }
    }

    /// The words of the visit's language.
    pub(super) fn t(&self) -> &'static Words {
        Words::of(self.language)
    }

    pub(super) fn lang(&self) -> &'static str {
        address::code(self.language)
    }

    /// Puts a question to the gateway, as the one signed in. Every question is a request of its own to the audit log.
    pub(super) async fn ask(&self, ask: Ask) -> Result<Masked, Problem> {
        self.try_ask(Ok(ask)).await
    }

    /// The same with what a form said, or the problem that its reading ended in: that is on record too.
    pub(super) async fn try_ask(&self, ask: Result<Ask, Problem>) -> Result<Masked, Problem> {
        // At the desks no grant is used, whichever is kept for the pages of data.
        let at_a_desk = matches!(ask, Ok(Ask::Sharing(_) | Ask::Compiling(_)));
        let grant = self.session.grant.clone().filter(|_| !at_a_desk);
        let envelope = Envelope::of(&self.app, &self.parts, self.route)
            .with_token(self.session.token.clone())
            .with_grant(grant, self.session.case.clone(), self.session.officer.clone());
        answer(&self.app, &envelope, ask).await
    }

    /// Refuses parameters that the page does not know, as the interface does.
    pub(super) fn only(&self, known: &[&str]) -> Result<(), Problem> {
        match self.pairs.iter().find(|(name, _)| name != "lang" && !known.contains(&name.as_str())) {
            Some((name, _)) => {
                let detail = format!("`{name}` is not a parameter of this page");
                Err(Problem::new(Code::UnknownParameter, detail).about(name))
            }
            None => Ok(()),
        }
    }

    /// The last value of a parameter; blank = absent.
    pub(super) fn one(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(n, v)| n == name && !v.trim().is_empty()).map(|(_, v)| v.trim())
    }

    /// The times named by `valid-at` and `known-at`.
    pub(super) fn times(&self) -> Result<AskTimes, Problem> {
        let invalid = |name: &str| {
            Problem::new(Code::InvalidParameter, format!("`{name}` is a date, such as 2026-01-31")).about(name)
        };
        let valid_at = self.one("valid-at").map(|v| Day::parse(v).ok_or_else(|| invalid("valid-at"))).transpose()?;
        let known_at =
            self.one("known-at").map(|v| Instant::parse(v).ok_or_else(|| invalid("known-at"))).transpose()?;
        Ok(AskTimes { valid_at, known_at })
    }

    /// The definition of a dataset named in the address.
    pub(super) fn dataset(&self, database: &str, table: &str) -> Result<Arc<Dataset>, Problem> {
        let absent = || Problem::new(Code::NotFound, "there is no such dataset");
        let name: DatasetName = format!("{database}/{table}").parse().map_err(|_| absent())?;
        self.app.catalogue.get(&name).map(|facts| Arc::clone(&facts.dataset)).ok_or_else(absent)
    }

    /// Whether a dataset's records are made up here.
    pub(super) fn is_synthetic(&self, dataset: &Dataset) -> bool {
        self.app.demo && matches!(dataset.name.database(), Database::Population | Database::LegalEntity)
    }

    /// The common part of a page.
    pub(super) fn page(&self, title: &str, section: &'static str) -> Page {
        let t = self.t();
        let lang = ("lang", self.lang());
        let other = if self.language == Language::Zh { "en" } else { "zh" };
        let mut pairs: Vec<(&str, &str)> =
            self.pairs.iter().filter(|(n, _)| n != "lang").map(|(n, v)| (n.as_str(), v.as_str())).collect();
        pairs.push(("lang", other));
        Page {
            t,
            title: title.to_owned(),
            section,
            style: STYLE_ADDRESS,
            home: format!("/{}", address::query(&[lang])),
            lang_query: address::query(&[lang]),
            sign_in: self.sign_in(),
            other_language: format!("{}{}", self.parts.uri.path(), address::query(&pairs)),
            demo: self.app.demo,
            caller: self.session.shown_as(),
            desk: self.session.says_department() || self.session.says_company(),
            attributions: Vec::new(),
        }
    }

    /// The sign-in page, from which one comes back to this one.
    fn sign_in(&self) -> String {
        let pairs: Vec<(&str, &str)> = self.pairs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let here = format!("{}{}", self.parts.uri.path(), address::query(&pairs));
        let next = address::onward(&here).filter(|_| self.parts.uri.path() != "/").unwrap_or_default();
        format!("/sign-in{}", address::query(&[("lang", self.lang()), ("next", next)]))
    }

    /// Whether a refusal may be none for somebody who is signed in: nobody is, or not any more.
    pub(super) fn may_sign_in(&self, problem: &Problem) -> bool {
        match problem.code() {
            Code::InvalidToken => true,
            Code::Forbidden | Code::GrantRequired => self.session.token.is_none(),
            _ => false,
        }
    }

    /// A page for a problem, with its status; a token that no longer holds is forgotten.
    pub(super) fn problem(&self, problem: &Problem) -> Response {
        let t = self.t();
        let text = self.problem_text(problem);
        let heading = problem.code().row().title.to_owned();
        let may = self.may_sign_in(problem);
        let text = if may { t.sign_in_first.to_owned() } else { text };
        let page = self.page(&heading, "");
        let sign_in = may.then(|| page.sign_in.clone());
        let view = MessagePage { page, heading, text, sign_in, code: problem.code().row().code };
        let status = StatusCode::from_u16(problem.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, html(&view, t)).into_response();
        if problem.code() == Code::InvalidToken {
            self.keep(&Session::default(), response.headers_mut());
        }
        response
    }

    /// A problem in words for a person.
    pub(super) fn problem_text(&self, problem: &Problem) -> String {
        match (problem.code(), self.language) {
            (Code::NotFound, _) => self.t().not_found.to_owned(),
            (Code::UsePost, Language::Zh) => {
                "公民身份号码属于个人信息，不能出现在网址中，请使用“按号查询”。".to_owned()
            }
            (Code::UsePost, Language::En) => {
                "A citizen number is personal data and may not stand in an address: use “Look up”.".to_owned()
            }
            (Code::Unavailable, Language::Zh) => "服务暂时不可用，请稍后再试。".to_owned(),
            (Code::SignInRefused, Language::Zh) => "账号、口令或验证码不正确。".to_owned(),
            (Code::SignInIncomplete, Language::Zh) => "首次登录前，须先修改初始口令并启用第二鉴别因子。".to_owned(),
            (Code::TooManyRequests, Language::Zh) => "登录失败次数过多，请稍后再试。".to_owned(),
            (Code::GrantRequired, Language::Zh) => "需要授权：请登录并填写授权编号与办件编号。".to_owned(),
            (Code::Forbidden, Language::Zh) => "按照共享与开放规定，当前身份无权查看。".to_owned(),
            _ => problem.detail().to_owned(),
        }
    }

    /// Sets the session's cookies on an answer.
    pub(super) fn keep(&self, session: &Session, headers: &mut HeaderMap) {
        let forwarded = self.parts.headers.get("x-forwarded-proto").is_some_and(|v| v == "https");
        for cookie in session.cookies(forwarded) {
            headers.append(header::SET_COOKIE, cookie);
        }
    }

    /// The attribution owed for datasets shown on a page, each once.
    pub(super) fn attributions<'a>(&self, datasets: impl Iterator<Item = &'a Dataset>) -> Vec<String> {
        let mut lines: Vec<String> = Vec::new();
        for dataset in datasets {
            let title = words::title(&dataset.title, self.language);
            let parts = [&dataset.attribution, &dataset.licence, &dataset.map_approval];
            let text: Vec<&str> = parts.into_iter().map(String::as_str).filter(|p| !p.is_empty()).collect();
            let line = format!("{title}: {}", text.join(" · "));
            if !text.is_empty() && !lines.contains(&line) {
                lines.push(line);
            }
        }
        lines
    }
}

#[derive(Template)]
#[template(path = "message.html")]
struct MessagePage {
    page: Page,
    heading: String,
    text: String,
    sign_in: Option<String>,
    code: &'static str,
}

/// A rendered page with its headers: nothing but this site may be loaded, nothing is kept by caches.
pub(super) fn html(view: &impl Template, words: &Words) -> Response {
    match view.render() {
        Ok(text) => {
            let mut response = text.into_response();
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
            headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(words.html_lang));
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
            headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Cookie"));
            guard(headers);
            response
        }
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Headers that keep a page to itself.
pub(crate) fn guard(headers: &mut HeaderMap) {
    const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("permissions-policy", "geolocation=(), camera=(), microphone=()"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
}
