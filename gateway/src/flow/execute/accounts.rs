//! Signing in, and what is done with accounts.

mod citizen;
mod proposal;
mod proposed;

use foundation::service::ErasedView;
use foundation::value::Instant;

use crate::accounts::measure::Measure;
use crate::accounts::{
    Account, Deed, Enrolment, Event, Held, Intent, Kind, Proof, Proposal, RegisterError, RosterError, Secret,
    SignInError, State, Tokens, key,
};
use crate::app::App;
use crate::ask::{AccountsRequest, Change, NewAccount};
use crate::flow::{Permit, companies};
use crate::master_keys::State as MasterKeysState;
use crate::oidc::{Begun, OidcError, Onward, Provider};
use crate::problem::{Code, Problem};

/// What came of a question or deed about accounts.
#[derive(Debug)]
pub enum AccountsAnswer {
    /// Tokens of a person's session.
    Tokens(Tokens),
    /// A token of a program.
    Program(Tokens),
    /// A sign-in by the identity provider has begun.
    Begun(Begun),
    /// It is done: tokens, and what was wanted to have again.
    Returned(Tokens, Onward),
    /// Done; whose account it was about.
    Done(Option<String>),
    /// A second factor to be taken in.
    Enrolment(Enrolment),
    /// Recovery codes, shown this once.
    Recovery(String, Vec<Secret>),
    /// Address and token endpoint.
    Metadata(String, String),
    /// Accounts with their last use, and the id to go on from.
    Accounts(Vec<AccountShown>, Option<String>),
    /// Something was done or proposed, with the secret that is shown this once.
    Taken(Box<Taken>),
    /// Where the master keys stand.
    MasterKeys(MasterKeysState),
    /// What is left of erased records, and the id to go on from.
    Erased(Vec<ErasedView>, Option<String>),
    /// Proposals, and the number to go on from.
    Proposals(Vec<ProposalShown>, Option<u64>),
}

/// An account as it is shown: no proof, public keys apart.
#[derive(Debug, Clone)]
pub struct AccountShown {
    /// The account.
    pub held: Held,
    /// When a key was last used, microseconds since 1970.
    pub last_use_us: Option<i64>,
}

/// A proposal with what follows from the clock.
#[derive(Debug, Clone)]
pub struct ProposalShown {
    /// The proposal.
    pub proposal: Proposal,
    /// Where it stands.
    pub state: State,
}

/// What came of a deed.
#[derive(Debug, Clone)]
pub struct Taken {
    /// The account it is about.
    pub account: Option<String>,
    /// The proposal, if it waits or was judged.
    pub proposal: Option<ProposalShown>,
    /// A password or key, or a half of one.
    pub secret: Option<Secret>,
}

/// Days that a key may last at the most.
const KEY_DAYS_MAX: i64 = 366;

/// Does what was asked.
pub(super) async fn run(app: &App, permit: &Permit, request: AccountsRequest) -> Result<AccountsAnswer, Problem> {
    let (roster, now) = (&app.roster, app.clock.now());
    match request {
        AccountsRequest::SignIn { attempt, whole_session } => {
            let tokens = app.guarded(permit, roster.sign_in(&attempt, whole_session, now)).await?;
            Ok(AccountsAnswer::Tokens(tokens))
        }
        AccountsRequest::ProviderBegin(onward) => {
            let begun = provider(app)?.begin(onward, now).await;
            Ok(AccountsAnswer::Begun(app.guarded(permit, async { begun.map_err(SignInError::from) }).await?))
        }
        AccountsRequest::ProviderFinish(returned) => {
            let provider = provider(app)?;
            let done = async {
                let coming = provider.coming(*returned, now)?;
                roster.spend_sign_in(&coming).await?;
                let onward = coming.onward().clone();
                let identity = provider.finish(coming, now).await?;
                Ok::<_, SignInError>((roster.sign_in_provided(&identity, true, now).await?, onward))
            };
            let (tokens, onward) = app.guarded(permit, done).await?;
            Ok(AccountsAnswer::Returned(tokens, onward))
        }
        AccountsRequest::Refresh(token) => {
            Ok(AccountsAnswer::Tokens(app.guarded(permit, roster.refresh(&token, now)).await?))
        }
        AccountsRequest::SignOut(token) => {
            let ended = match (token, permit.caller().session()) {
                (Some(token), _) => roster.end_by_refresh(&token).await,
                (None, Some(session)) => roster.end(&session).await,
                (None, None) => return Err(Problem::new(Code::MissingParameter, "there is no session to end")),
            };
            Ok(AccountsAnswer::Done(ended.map_err(|e| refused(&e))?))
        }
        AccountsRequest::ChangePassword { attempt, new } => {
            let account = app.guarded(permit, roster.change_password(&attempt, &new, now)).await?;
            Ok(AccountsAnswer::Done(Some(account)))
        }
        AccountsRequest::Enrol(attempt) => {
            Ok(AccountsAnswer::Enrolment(app.guarded(permit, roster.enrol(&attempt, now)).await?))
        }
        AccountsRequest::Confirm { attempt, new_code } => {
            let (account, codes) = app.guarded(permit, roster.confirm(&attempt, &new_code, now)).await?;
            Ok(AccountsAnswer::Recovery(account, codes))
        }
        AccountsRequest::Program { assertion, client_id, scope } => {
            let made = roster.program(&assertion, client_id.as_deref(), scope.as_deref(), now);
            Ok(AccountsAnswer::Program(app.guarded(permit, made).await?))
        }
        AccountsRequest::Metadata => Ok(AccountsAnswer::Metadata(roster.address().to_owned(), roster.token_endpoint())),
        AccountsRequest::Accounts { kind, after, limit } => Ok(accounts(app, kind, after, limit)),
        AccountsRequest::Proposals { open, before, limit } => Ok(proposals(app, open, before, limit, now)),
        AccountsRequest::Open(new) => {
            let (account, secret) = drawn(app, *new, now).await?;
            act(app, permit, Intent::Submit(Measure::Open { account: Box::new(account) }), secret).await
        }
        AccountsRequest::Found(new) => {
            let (account, secret) = drawn(app, *new, now).await?;
            act(app, permit, Intent::Found(account), secret).await
        }
        AccountsRequest::Change(Change::Measure(measure)) => act(app, permit, Intent::Submit(measure), None).await,
        AccountsRequest::Change(Change::Reset(account)) => {
            let (secret, hash) = roster.initial().await.map_err(|e| refused(&e))?;
            act(app, permit, Intent::Submit(Measure::Reset { account, hash }), Some(secret)).await
        }
        AccountsRequest::Propose(measure) => {
            proposal::possible(app, &measure)?;
            proposed::check(app, &measure)?;
            act(app, permit, Intent::Submit(*measure), None).await
        }
        AccountsRequest::MasterKeys => proposal::master_keys(app).await,
        AccountsRequest::Erased { dataset, after, limit } => proposal::erased(app, dataset, after, limit).await,
        AccountsRequest::Approve { number, digest } => {
            let secret = roster.read(|r| r.proposal(number).is_some_and(|p| p.measure.gives_a_secret()));
            let half = if secret { Some(Secret::random(10).map_err(|e| broken(&e))?) } else { None };
            let second = half.as_ref().map(Secret::hash);
            let taken = act(app, permit, Intent::Approve { number, digest, second }, half).await?;
            app.adopt_policies().await;
            Ok(taken)
        }
        AccountsRequest::Reject { number } => act(app, permit, Intent::Reject { number }, None).await,
    }
}

/// The identity provider, where there is one.
fn provider(app: &App) -> Result<&Provider, Problem> {
    app.oidc.as_ref().ok_or_else(|| Problem::new(Code::NotFound, "there is no identity provider here"))
}

/// The account with its first secret, which is shown this once.
async fn drawn(app: &App, new: NewAccount, now: Instant) -> Result<(Account, Option<Secret>), Problem> {
    let unsound = |detail: &str, about: &str| Problem::new(Code::Unprocessable, detail).about(about);
    if new.kind != Kind::Program && new.jwks.is_some() {
        return Err(unsound("`jwks` is a program's", "jwks"));
    }
    if new.kind != Kind::Person && new.oidc_subject.is_some() {
        return Err(unsound("`oidc_subject` is a person's", "oidc_subject"));
    }
    if new.kind != Kind::Key && new.ends_us.is_some() {
        return Err(unsound("`to` is a key's", "to"));
    }
    if let Some(company) = &new.company {
        companies::registered(app, company).await?;
    }
    if let Some(subject) = new.oidc_subject.clone() {
        let none = || unsound("no identity provider is configured: `[oidc]`", "oidc_subject");
        let issuer = app.oidc.as_ref().ok_or_else(none)?.issuer().to_owned();
        return Ok((new.with(Proof::Provider { issuer, subject }, None), None));
    }
    match new.kind {
        Kind::Person | Kind::Citizen => {
            let record = match &new.holder {
                Some(holder) => Some(citizen::record(app, holder, now).await?),
                None => None,
            };
            let (secret, hash) = app.roster.initial().await.map_err(|e| refused(&e))?;
            Ok((new.with(Proof::Initial { hash }, record), Some(secret)))
        }
        Kind::Program => {
            let missing = || Problem::new(Code::MissingParameter, "a program needs `jwks`").about("jwks");
            let jwks = new.jwks.clone().ok_or_else(missing)?;
            Ok((new.with(Proof::Keys { jwks }, None), None))
        }
        Kind::Key => {
            let most = now.0.saturating_add(KEY_DAYS_MAX * 86_400_000_000);
            if new.ends_us.is_none_or(|end| end <= now.0 || end > most) {
                return Err(unsound("`to` is the last day of the key, at most 366 days ahead", "to"));
            }
            let (prefix, text) = key::fresh().map_err(|e| broken(&e))?;
            let hash = text.hash();
            Ok((new.with(Proof::Secret { prefix, hash }, None), Some(text)))
        }
    }
}

async fn act(app: &App, permit: &Permit, intent: Intent, secret: Option<Secret>) -> Result<AccountsAnswer, Problem> {
    let now = app.clock.now();
    let event = app.roster.act(permit.caller().subject(), intent, now).await.map_err(|e| not_taken(&e))?;
    let Event { deed, .. } = event;
    let (number, measure) = match deed {
        Deed::Founded { account } => (None, Some(Measure::Open { account })),
        Deed::Done { measure } => (None, Some(measure)),
        Deed::Proposed { number, measure } => (Some(number), Some(measure)),
        Deed::Approved { number, .. } | Deed::Rejected { number } | Deed::Used { number } => (Some(number), None),
    };
    let proposal = number.and_then(|number| app.roster.read(|register| register.proposal(number).cloned()));
    let of_proposal = proposal.as_ref().map(|p| p.measure.clone());
    let measure = measure.or(of_proposal);
    if measure == Some(Measure::RotateSigningKey) {
        let keys = app.roster.own_keys().map_err(|e| not_taken(&e))?;
        app.verifier.trust_own(keys);
    }
    if let (Some(Measure::RotateMasterKey { fingerprint }), Some(keys)) = (&measure, &app.master_keys)
        && proposal.as_ref().is_some_and(|p| p.state(now.0) == State::Approved)
        && !keys.take_into_use(fingerprint)
    {
        tracing::error!("the master key that was approved is not in the file any more; the one of before wraps");
    }
    let shown = proposal.map(|proposal| ProposalShown { state: proposal.state(now.0), proposal });
    let account = measure.and_then(|measure| measure.account());
    Ok(AccountsAnswer::Taken(Box::new(Taken { account, proposal: shown, secret })))
}

fn accounts(app: &App, kind: Option<Kind>, after: Option<String>, limit: usize) -> AccountsAnswer {
    let after = after.unwrap_or_default();
    let found: Vec<Held> = app.roster.read(|register| {
        let all = register.accounts(&after).map(|(_, held)| held);
        all.filter(|held| kind.is_none_or(|kind| held.account.kind == kind)).take(limit + 1).cloned().collect()
    });
    let more = found.len() > limit;
    let shown: Vec<AccountShown> = found
        .into_iter()
        .take(limit)
        .map(|held| AccountShown { last_use_us: app.roster.last_use(&held.account.id()), held })
        .collect();
    let next = shown.last().filter(|_| more).map(|last| last.held.account.id());
    AccountsAnswer::Accounts(shown, next)
}

fn proposals(app: &App, open: bool, before: Option<u64>, limit: usize, now: Instant) -> AccountsAnswer {
    let found: Vec<ProposalShown> = app.roster.read(|register| {
        let all = register.proposals().filter(|p| before.is_none_or(|before| p.number < before));
        let shown = all.map(|p| ProposalShown { state: p.state(now.0), proposal: p.clone() });
        shown.filter(|p| !open || p.state == State::Open).take(limit + 1).collect()
    });
    let more = found.len() > limit;
    let shown: Vec<ProposalShown> = found.into_iter().take(limit).collect();
    let next = shown.last().filter(|_| more).map(|last| last.proposal.number);
    AccountsAnswer::Proposals(shown, next)
}

impl App {
    /// A sign-in of a peer that has not failed too often; a failure counts against it.
    async fn guarded<T>(
        &self,
        permit: &Permit,
        sign_in: impl Future<Output = Result<T, SignInError>>,
    ) -> Result<T, Problem> {
        let peer = permit.caller().peer();
        if self.verifier.is_exhausted(peer) {
            return Err(Problem::new(Code::TooManyRequests, "too many failed sign-ins").retry_after(60));
        }
        sign_in.await.map_err(|error| {
            let fails = matches!(
                error,
                SignInError::Refused { .. }
                    | SignInError::Locked { .. }
                    | SignInError::Assertion(_)
                    | SignInError::Provider(OidcError::Refused(_))
            );
            if fails {
                self.verifier.count_failure(peer);
            }
            refused(&error)
        })
    }
}

fn refused(error: &SignInError) -> Problem {
    match error {
        SignInError::Refused { account, why } => {
            let problem = Problem::new(Code::SignInRefused, "name, password or code are not accepted").because(*why);
            of(problem, account.as_deref())
        }
        SignInError::Provider(OidcError::Refused(why)) => {
            Problem::new(Code::SignInRefused, "name, password or code are not accepted").because(*why)
        }
        SignInError::Provider(error @ OidcError::Down) => {
            Problem::new(Code::Unavailable, error.to_string()).retry_after(5)
        }
        SignInError::Locked { wait_s } => {
            Problem::new(Code::TooManyRequests, "too many failed sign-ins with this name").retry_after(*wait_s)
        }
        SignInError::Incomplete { account, member, what } => {
            of(Problem::new(Code::SignInIncomplete, *what).about(*member), Some(account))
        }
        SignInError::Unsound { member, rule } => Problem::new(Code::Unprocessable, rule.clone()).about(*member),
        SignInError::Assertion(error) => {
            let problem = Problem::new(Code::InvalidClient, "the assertion is not accepted").because(error.why);
            of(problem, error.account.as_deref())
        }
        SignInError::Scope { account } => of(Problem::new(Code::InvalidScope, error.to_string()), Some(account)),
        SignInError::Rows(error) => unavailable(error),
        SignInError::Secret(error) | SignInError::Provider(OidcError::Secret(error)) => broken(error),
    }
}

fn of(problem: Problem, account: Option<&str>) -> Problem {
    match account {
        Some(account) => problem.of_subject(account),
        None => problem,
    }
}

fn not_taken(error: &RosterError) -> Problem {
    match error {
        RosterError::Register(error) => {
            let code = match error {
                RegisterError::Absent { .. } => Code::NotFound,
                RegisterError::Unsound { .. } => Code::Unprocessable,
                RegisterError::NotNow { .. } => Code::Conflict,
                RegisterError::NotYours { .. } => Code::Forbidden,
            };
            Problem::new(code, error.to_string())
        }
        RosterError::Rows(error) => unavailable(error),
        other => Problem::new(Code::Internal, "the register cannot be changed").because(format!("{other:?}")),
    }
}

fn unavailable(error: &(dyn std::error::Error + 'static)) -> Problem {
    let cause = format!("{error}: {:?}", error.source().map(ToString::to_string));
    Problem::new(Code::Unavailable, "the register of accounts does not answer now").because(cause)
}

fn broken(error: &std::io::Error) -> Problem {
    Problem::new(Code::Internal, "a secret could not be made").because(error.to_string())
}
