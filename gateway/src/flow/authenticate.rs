//! Token → caller.

use std::sync::Arc;

use super::Envelope;
use crate::app::App;
use crate::policy::Principal;
use crate::problem::{Code, Problem};
use crate::token::{Role, TokenError};

/// Who asks, believed. Made by this step alone.
#[derive(Debug, Clone)]
pub struct Caller {
    request: [u8; 16],
    principal: Principal,
    subject: Arc<str>,
    token_officer: Option<Arc<str>>,
    grant: Option<String>,
    case: Option<String>,
    officer: Option<String>,
}

/// Finds out who asks. No token = the public.
pub(super) fn run(app: &App, envelope: &Envelope) -> Result<Caller, Problem> {
    let token = envelope.token.clone()?;
    let (grant, case, officer) = (envelope.grant.clone()?, envelope.case.clone()?, envelope.officer.clone()?);
    let Some(token) = token else {
        return Ok(Caller {
            request: envelope.id,
            principal: Principal::public(),
            subject: Arc::from(""),
            token_officer: None,
            grant,
            case,
            officer,
        });
    };
    let now_s = envelope.opened.0.div_euclid(1_000_000);
    let verified = app.verifier.verify(&token, envelope.peer, now_s).map_err(|error| match error {
        TokenError::Invalid(why) => {
            Problem::new(Code::InvalidToken, "the token is not accepted").about("Authorization").because(why)
        }
        TokenError::TooMany => Problem::new(Code::TooManyRequests, "too many failed tokens").retry_after(60),
    })?;
    Ok(Caller {
        request: envelope.id,
        principal: Principal { roles: verified.roles, department: verified.department.clone() },
        subject: Arc::clone(&verified.subject),
        token_officer: verified.officer.clone(),
        grant,
        case,
        officer,
    })
}

impl Caller {
    /// Roles and department.
    #[must_use]
    pub fn principal(&self) -> &Principal {
        &self.principal
    }
    /// The token's subject; empty = public.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }
    /// Credit code of the department; empty = none.
    #[must_use]
    pub fn department(&self) -> &str {
        self.principal.department.as_deref().unwrap_or_default()
    }
    /// The grant named in the request.
    #[must_use]
    pub fn grant(&self) -> Option<&str> {
        self.grant.as_deref()
    }
    /// The business case named in the request.
    #[must_use]
    pub fn case(&self) -> Option<&str> {
        self.case.as_deref()
    }
    /// The officer named in the request.
    #[must_use]
    pub fn officer_named(&self) -> Option<&str> {
        self.officer.as_deref()
    }
    /// The officer named in the request, or the token's.
    #[must_use]
    pub fn officer(&self) -> Option<&str> {
        self.officer.as_deref().or(self.token_officer.as_deref())
    }
    /// Whether the request names another officer than the token.
    #[must_use]
    pub fn officer_differs(&self) -> bool {
        matches!((&self.officer, &self.token_officer), (Some(named), Some(own)) if **named != **own)
    }
    /// Whether a department asks.
    #[must_use]
    pub fn is_department(&self) -> bool {
        self.principal.roles.has(Role::Department)
    }
    /// Whether the department of this credit code asks as an owner.
    #[must_use]
    pub fn owns(&self, provider: &str) -> bool {
        self.principal.owns(provider)
    }
    /// The request's id.
    pub(super) fn request(&self) -> &[u8] {
        &self.request
    }
    /// What cursors are bound to.
    pub(super) fn binding(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for part in [&*self.subject, self.department(), self.grant().unwrap_or_default()] {
            out.extend_from_slice(&(part.len() as u64).to_be_bytes());
            out.extend_from_slice(part.as_bytes());
        }
        out.push(self.principal.roles.bits());
        out
    }
}
