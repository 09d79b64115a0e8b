//! What comes with a question: who says so, under which grant, from where. Nothing of it is believed yet.

use std::net::{IpAddr, SocketAddr};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::ConnectInfo;
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use foundation::value::Instant;

use crate::app::App;
use crate::problem::{Code, Problem};

/// A header as it came: absent, or once; twice or not text is a problem.
pub(super) type Carried = Result<Option<String>, Problem>;

/// The covering of a question.
#[derive(Debug, Clone)]
pub struct Envelope {
    pub(super) id: [u8; 16],
    pub(super) route: &'static str,
    pub(super) opened: Instant,
    pub(super) peer: Option<IpAddr>,
    pub(super) token: Carried,
    pub(super) grant: Carried,
    pub(super) case: Carried,
    pub(super) officer: Carried,
    pub(super) api: bool,
}

/// Longest `Natbase-…` header, bytes.
const HEADER_BYTES_MAX: usize = 128;

impl Envelope {
    /// Reads a request's covering; `route` is method and path template, as in logs, metrics and the audit log.
    #[must_use]
    pub fn of(app: &App, parts: &Parts, route: &'static str) -> Self {
        Self {
            id: fresh_id(),
            route,
            opened: app.clock.now(),
            peer: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip()),
            token: bearer(parts),
            grant: header(parts, "natbase-grant"),
            case: header(parts, "natbase-case"),
            officer: header(parts, "natbase-officer"),
            api: false,
        }
    }

    /// The covering of a page that a job asks for: who asks is the job's own to say.
    pub(super) fn of_a_job(app: &App) -> Self {
        Self {
            id: fresh_id(),
            route: "job: a page of a file",
            opened: app.clock.now(),
            peer: None,
            token: Ok(None),
            grant: Ok(None),
            case: Ok(None),
            officer: Ok(None),
            api: true,
        }
    }

    /// The same for a path of the API's own, whose answers can say that their rows are synthetic.
    #[must_use]
    pub fn of_the_api(self, api: bool) -> Self {
        Self { api, ..self }
    }

    /// The same with a token that came another way (the portal's cookie); a token in the header stays.
    #[must_use]
    pub fn with_token(mut self, token: Option<String>) -> Self {
        if matches!(self.token, Ok(None)) {
            self.token = Ok(token);
        }
        self
    }

    /// The same with grant, case and officer that came another way (the portal's form); headers stay.
    #[must_use]
    pub fn with_grant(mut self, grant: Option<String>, case: Option<String>, officer: Option<String>) -> Self {
        for (slot, value) in [(&mut self.grant, grant), (&mut self.case, case), (&mut self.officer, officer)] {
            if matches!(slot, Ok(None)) {
                *slot = Ok(value.filter(|v| is_sound(v)));
            }
        }
        self
    }

    /// The request's id, as in `Natbase-Request-Id`.
    #[must_use]
    pub fn id(&self) -> String {
        crate::http::hex(&self.id)
    }

    /// The route template.
    #[must_use]
    pub fn route(&self) -> &'static str {
        self.route
    }

    /// When the request came.
    #[must_use]
    pub fn opened(&self) -> Instant {
        self.opened
    }
}

/// 16 bytes nobody can guess the process part of: 8 random for the process, 8 counting.
fn fresh_id() -> [u8; 16] {
    static PROCESS: OnceLock<[u8; 8]> = OnceLock::new();
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let process = PROCESS.get_or_init(|| {
        let mut bytes = [0; 8];
        let _ = aws_lc_rs::rand::fill(&mut bytes);
        bytes
    });
    let mut id = [0; 16];
    let (front, back) = id.split_at_mut(8);
    front.copy_from_slice(process);
    back.copy_from_slice(&NEXT.fetch_add(1, Ordering::Relaxed).to_be_bytes());
    id
}

fn bearer(parts: &Parts) -> Carried {
    let mut all = parts.headers.get_all(AUTHORIZATION).iter();
    let Some(value) = all.next() else { return Ok(None) };
    let invalid = |why: &str| Problem::new(Code::InvalidToken, why).about("Authorization");
    if all.next().is_some() {
        return Err(Problem::new(Code::RepeatedParameter, "`Authorization` stands twice").about("Authorization"));
    }
    let text = value.to_str().map_err(|_| invalid("`Authorization` is not text"))?;
    match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Ok(Some(token.trim().to_owned())),
        _ => Err(invalid("`Authorization` is not `Bearer <token>`")),
    }
}

fn header(parts: &Parts, name: &'static str) -> Carried {
    let mut all = parts.headers.get_all(name).iter();
    let Some(value) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(Problem::new(Code::RepeatedParameter, format!("`{name}` stands twice")).about(name));
    }
    let text = std::str::from_utf8(value.as_bytes()).unwrap_or_default().trim();
    if !is_sound(text) {
        let detail = format!("`{name}` is not a text of 1 to {HEADER_BYTES_MAX} bytes");
        return Err(Problem::new(Code::InvalidParameter, detail).about(name));
    }
    Ok(Some(text.to_owned()))
}

fn is_sound(text: &str) -> bool {
    !text.is_empty() && text.len() <= HEADER_BYTES_MAX && !text.chars().any(char::is_control)
}
