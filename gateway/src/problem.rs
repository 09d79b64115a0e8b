//! What a client is told when there is no answer: RFC 9457 problems with a stable `code`.
//!
//! The codes stand in one table, [`code`]; `docs/problems.md` is made from it and a test keeps both equal.

mod code;
mod service;

pub use code::{Code, ROWS, Row, document};

use std::fmt;

use serde_json::json;

/// A refusal or failure on its way to the client. What the audit entry says of it (`cause`) never leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem(Box<Body>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Body {
    code: Code,
    detail: String,
    member: Option<String>,
    retry_after_s: Option<u32>,
    cause: String,
    subject: String,
}

impl Problem {
    /// A problem with public text; `detail` must hold no personal data.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self(Box::new(Body {
            code,
            detail: detail.into(),
            member: None,
            retry_after_s: None,
            cause: String::new(),
            subject: String::new(),
        }))
    }

    /// Names the parameter, member, header or field that is at fault.
    #[must_use]
    pub fn about(mut self, member: impl Into<String>) -> Self {
        self.0.member = Some(member.into());
        self
    }

    /// Says in how many seconds to try again.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.0.retry_after_s = Some(seconds);
        self
    }

    /// Says exactly why, for the audit entry and the log alone.
    #[must_use]
    pub fn because(mut self, cause: impl Into<String>) -> Self {
        self.0.cause = cause.into();
        self
    }

    /// Says which account failed to sign in, for the audit entry alone.
    #[must_use]
    pub fn of_subject(mut self, subject: impl Into<String>) -> Self {
        self.0.subject = subject.into();
        self
    }

    /// The account that failed to sign in; empty = none, or none that is known.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.0.code.row().status
    }

    /// Text for the client.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.0.detail
    }

    /// The parameter, member, header or field at fault.
    #[must_use]
    pub fn member(&self) -> Option<&str> {
        self.0.member.as_deref()
    }

    /// Seconds after which to try again.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u32> {
        self.0.retry_after_s
    }

    /// What the audit entry says: the exact cause, or the public text. What was misspelt is repeated to who wrote it and to
    /// nobody else: a name's place may hold a person's.
    #[must_use]
    pub fn cause(&self) -> &str {
        match (self.0.cause.as_str(), self.status()) {
            ("", 400 | 404) => "",
            ("", _) => &self.0.detail,
            (cause, _) => cause,
        }
    }

    /// The document that goes out, `application/problem+json`.
    #[must_use]
    pub fn to_json(&self, request_id: &str) -> serde_json::Value {
        let row = self.0.code.row();
        let mut body = json!({
            "type": format!("/problems#{}", row.code),
            "title": row.title,
            "status": row.status,
            "code": row.code,
            "detail": self.0.detail,
            "instance": request_id,
        });
        if let (Some(member), Some(map)) = (&self.0.member, body.as_object_mut()) {
            map.insert("member".into(), json!(member));
        }
        body
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.code.row().code, self.0.detail)
    }
}

impl std::error::Error for Problem {}
