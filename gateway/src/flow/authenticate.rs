//! Token → caller.

use std::net::IpAddr;
use std::sync::Arc;

use super::Envelope;
use crate::accounts::{self, Kind};
use crate::app::App;
use crate::exports::Job;
use crate::policy::Principal;
use crate::problem::{Code, Problem};
use crate::token::{Role, Roles, TokenError};

/// Who asks, believed. Made by this step alone.
#[derive(Debug, Clone)]
pub struct Caller {
    request: [u8; 16],
    principal: Principal,
    subject: Arc<str>,
    token_officer: Option<Arc<str>>,
    session: Option<[u8; 16]>,
    peer: Option<IpAddr>,
    grant: Option<String>,
    case: Option<String>,
    officer: Option<String>,
    record: Option<Arc<str>>,
    epoch: Option<u64>,
    api: bool,
}

/// Finds out who asks. No token = the public.
pub(super) fn run(app: &App, envelope: &Envelope) -> Result<Caller, Problem> {
    let token = envelope.token.clone()?;
    let (grant, case, officer) = (envelope.grant.clone()?, envelope.case.clone()?, envelope.officer.clone()?);
    let asks = |principal, subject: Arc<str>| Caller {
        request: envelope.id,
        principal,
        subject,
        token_officer: None,
        session: None,
        peer: envelope.peer,
        grant,
        case,
        officer,
        record: None,
        epoch: None,
        api: envelope.api,
    };
    let Some(token) = token else { return Ok(asks(Principal::public(), Arc::from(""))) };
    let refused = |why: &'static str| {
        Problem::new(Code::InvalidToken, "the token is not accepted").about("Authorization").because(why)
    };
    let too_many = || Problem::new(Code::TooManyRequests, "too many failed tokens").retry_after(60);
    if accounts::key::is_key(&token) {
        if app.verifier.is_exhausted(envelope.peer) {
            return Err(too_many());
        }
        let standing = app.roster.key(&token, envelope.opened).map_err(|why| {
            app.verifier.count_failure(envelope.peer);
            refused(why)
        })?;
        let epoch = app.roster.read(|register| register.account(&standing.subject).map(|held| held.epoch));
        let principal = Principal { roles: standing.roles, department: standing.department, company: None };
        return Ok(Caller { epoch, ..asks(principal, standing.subject) });
    }
    let now_s = envelope.opened.0.div_euclid(1_000_000);
    let verified = app.verifier.verify(&token, envelope.peer, now_s).map_err(|error| match error {
        TokenError::Invalid(why) => refused(why),
        TokenError::TooMany => too_many(),
    })?;
    // Asked every time: a verified token is remembered, that its account still stands is not.
    let session = app.roster.stands(&verified, now_s).map_err(refused)?;
    let (department, company) = (verified.department.clone(), verified.company.clone());
    let principal = Principal { roles: verified.roles, department, company };
    let caller = asks(principal, Arc::clone(&verified.subject));
    let (token_officer, record) = (verified.officer.clone(), verified.record.clone());
    Ok(Caller { token_officer, session, record, epoch: verified.epoch, ..caller })
}

/// Who asked for a job, asking for its next page. That he signed out since does not end it; that his account or its rights
/// are gone does.
pub(super) fn again(app: &App, envelope: &Envelope, job: &Job) -> Result<Caller, Problem> {
    let gone =
        |why: &'static str| Problem::new(Code::RightsChanged, "the account may not do this any more").because(why);
    if Kind::of_subject(&job.subject).is_some() {
        let now = app.clock.now();
        app.roster.read(|register| {
            let held = register.account(&job.subject).ok_or_else(|| gone("there is no such account"))?;
            if held.disabled {
                return Err(gone("the account is disabled"));
            }
            if job.epoch != Some(held.epoch) {
                return Err(gone("the account's rights have changed since"));
            }
            match held.account.ends_us {
                Some(end) if now.0 >= end => Err(gone("the API key has expired")),
                _ => Ok(()),
            }
        })?;
    }
    let named = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    Ok(Caller {
        request: envelope.id,
        principal: Principal {
            roles: Roles::from_bits(job.roles),
            department: named(&job.department).map(|code| Arc::from(code.as_str())),
            // Companies have no files made.
            company: None,
        },
        subject: Arc::from(job.subject.as_str()),
        token_officer: None,
        session: None,
        peer: None,
        grant: named(&job.grant),
        case: named(&job.case),
        officer: named(&job.officer),
        record: None,
        epoch: job.epoch,
        api: true,
    })
}

impl Caller {
    /// The same caller under the grant, case and officer of a job: what it gives was asked for under them.
    pub(super) fn under(&self, job: &Job) -> Self {
        let named = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
        Self { grant: named(&job.grant), case: named(&job.case), officer: named(&job.officer), ..self.clone() }
    }
    /// How often the rights of the account had changed, if it is one of this gateway's.
    pub(super) fn epoch(&self) -> Option<u64> {
        self.epoch
    }
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
    /// Credit code of the company; empty = none.
    #[must_use]
    pub fn company(&self) -> &str {
        self.principal.company.as_deref().unwrap_or_default()
    }
    /// Credit code of the department or the company that he acts for, for the log and for whose a case is; empty = neither.
    #[must_use]
    pub fn body(&self) -> &str {
        if self.is_company() { self.company() } else { self.department() }
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
    /// Whether a company asks.
    #[must_use]
    pub fn is_company(&self) -> bool {
        self.principal.roles.has(Role::Company) && self.principal.company.is_some()
    }
    /// Whether the department of this credit code asks as an owner.
    #[must_use]
    pub fn owns(&self, provider: &str) -> bool {
        self.principal.owns(provider)
    }
    /// Id of the record of `population/persons` that the caller is, if he asks as himself.
    pub(super) fn record(&self) -> Option<&str> {
        self.record.as_deref()
    }
    /// Whether the question came on one of the API's own paths.
    pub(super) fn reads_the_api(&self) -> bool {
        self.api
    }
    /// The session that the token belongs to.
    pub(super) fn session(&self) -> Option<[u8; 16]> {
        self.session
    }
    /// Where the request came from.
    pub(super) fn peer(&self) -> Option<IpAddr> {
        self.peer
    }
    /// The request's id.
    pub(super) fn request(&self) -> &[u8] {
        &self.request
    }
    /// What cursors are bound to.
    pub(super) fn binding(&self) -> Vec<u8> {
        let mut out = Vec::new();
        for part in [&*self.subject, self.body(), self.grant().unwrap_or_default()] {
            out.extend_from_slice(&(part.len() as u64).to_be_bytes());
            out.extend_from_slice(part.as_bytes());
        }
        out.extend_from_slice(&self.principal.roles.bits().to_be_bytes());
        out
    }
}
