//! Tokens, accounts, proposals.

use foundation::service::ErasedView;
use foundation::value::Instant;

use super::json::{Group, array, object};
use crate::accounts::{Account, Held, Measure, Proof, Secret, Tokens};
use crate::flow::execute::{AccountShown, AccountsAnswer, ProposalShown, Taken};
use crate::master_keys::State;
use crate::token::{Role, Roles};

/// An answer about accounts; gives the position to go on from.
pub(super) fn answer(out: &mut Vec<u8>, answer: &AccountsAnswer) -> Option<String> {
    match answer {
        AccountsAnswer::Tokens(given) | AccountsAnswer::Program(given) | AccountsAnswer::Returned(given, _) => {
            tokens(out, given);
        }
        AccountsAnswer::Begun(begun) => object(out).text("location", &begun.location),
        AccountsAnswer::Done(account) => {
            object(out).text_if("account", account.as_deref().unwrap_or_default());
        }
        AccountsAnswer::Enrolment(enrolment) => {
            let mut o = object(out);
            o.text("account", &enrolment.account);
            o.text("seed", enrolment.seed.reveal());
            o.text("url", enrolment.url.reveal());
        }
        AccountsAnswer::Recovery(account, codes) => {
            let mut o = object(out);
            o.text("account", account);
            o.value("recovery_codes", &codes.iter().map(Secret::reveal).collect::<Vec<_>>());
        }
        AccountsAnswer::Metadata(address, endpoint) => metadata(out, address, endpoint),
        AccountsAnswer::Accounts(accounts, next) => {
            let mut o = object(out);
            {
                let mut list = array(o.member("items"));
                for account in accounts {
                    one_account(list.item(), account);
                }
            }
            o.value("next", next);
        }
        AccountsAnswer::Proposals(proposals, next) => {
            let mut o = object(out);
            {
                let mut list = array(o.member("items"));
                for proposal in proposals {
                    one_proposal(list.item(), proposal);
                }
            }
            o.value("next", next);
        }
        AccountsAnswer::Taken(taken) => one_taken(out, taken),
        AccountsAnswer::MasterKeys(state) => master_keys(out, state),
        AccountsAnswer::Erased(records, next) => {
            let mut o = object(out);
            {
                let mut list = array(o.member("items"));
                for record in records {
                    one_erased(list.item(), record);
                }
            }
            o.value("next", next);
        }
    }
    None
}

fn tokens(out: &mut Vec<u8>, tokens: &Tokens) {
    let mut o = object(out);
    o.text("access_token", tokens.access.reveal());
    o.text("token_type", "Bearer");
    o.plain("expires_in", tokens.access_s);
    o.text("scope", &tokens.roles.to_string());
    if let Some(refresh) = &tokens.refresh {
        o.text("refresh_token", refresh.reveal());
    }
}

fn metadata(out: &mut Vec<u8>, address: &str, endpoint: &str) {
    let mut o = object(out);
    o.text("issuer", address);
    o.text("token_endpoint", endpoint);
    o.value("grant_types_supported", &["client_credentials"]);
    o.value("response_types_supported", &[""; 0]);
    o.value("token_endpoint_auth_methods_supported", &["private_key_jwt"]);
    o.value("token_endpoint_auth_signing_alg_values_supported", &["ES256", "EdDSA"]);
    let people = |role: &Role| !Role::ADMINISTRATORS.contains(role);
    o.value("scopes_supported", &Role::ALL.into_iter().filter(people).map(Role::as_str).collect::<Vec<_>>());
    o.text("service_documentation", &format!("{address}/openapi.json"));
}

fn one_account(out: &mut Vec<u8>, shown: &AccountShown) {
    let Held { account, disabled, .. } = &shown.held;
    let mut o = object(out);
    described(&mut o, account);
    o.plain("disabled", disabled);
    if let Some(at) = shown.last_use_us {
        o.instant("last_use", Instant(at));
    }
}

/// An account without what proves it; public keys are public.
fn described(o: &mut Group<'_>, account: &Account) {
    o.text("id", &account.id());
    o.text("kind", account.kind.as_str());
    o.text("name", &account.name);
    o.text_if("department", account.department.as_deref().unwrap_or_default());
    o.text_if("company", account.company.as_deref().unwrap_or_default());
    roles(o, account.roles);
    o.text_if("officer", account.officer.as_deref().unwrap_or_default());
    if let Some(level) = account.level {
        o.plain("level", level);
    }
    if let Some(end) = account.ends_us {
        o.instant("ends", Instant(end));
    }
    match &account.proof {
        Proof::Initial { .. } => {}
        Proof::Keys { jwks } => o.text("jwks", jwks),
        Proof::Secret { prefix, .. } => o.text("prefix", prefix),
        Proof::Provider { issuer, subject } => {
            o.text("oidc_issuer", issuer);
            o.text("oidc_subject", subject);
        }
    }
}

fn roles(o: &mut Group<'_>, roles: Roles) {
    o.value("roles", &roles);
}

fn one_proposal(out: &mut Vec<u8>, shown: &ProposalShown) {
    let proposal = &shown.proposal;
    let mut o = object(out);
    o.plain("number", proposal.number);
    o.text("state", shown.state.as_str());
    o.text("proposed_by", &proposal.by);
    o.instant("proposed_at", Instant(proposal.at_us));
    if let Some((by, at)) = &proposal.judged {
        o.text("judged_by", by);
        o.instant("judged_at", Instant(*at));
    }
    o.text("digest", &proposal.measure.digest(proposal.number));
    o.text("act", proposal.measure.word());
    match &proposal.measure {
        Measure::Open { account } => described(&mut object(o.member("account")), account),
        Measure::ChangeRights { account, department, roles: to } => {
            o.text("account", account);
            o.text_if("department", department.as_deref().unwrap_or_default());
            roles(&mut o, *to);
        }
        Measure::Disable { account } | Measure::Enable { account } | Measure::Reset { account, .. } => {
            o.text("account", account);
        }
        Measure::ReplaceKeys { account, jwks } => {
            o.text("account", account);
            o.text("jwks", jwks);
        }
        Measure::RotateSigningKey => {}
        Measure::RotateMasterKey { fingerprint } => o.text("fingerprint", fingerprint),
        Measure::ChangePolicies { digest } => o.text("policies", digest),
        Measure::Erase { dataset, record, ground } => {
            o.text("dataset", dataset);
            o.text("record", record);
            o.text("ground", ground);
        }
        Measure::ExportInBulk { dataset, department, fields, filter, purpose } => {
            o.text("dataset", dataset);
            o.text("department", department);
            o.value("fields", fields);
            o.text("filter", filter);
            o.text("purpose", purpose);
        }
    }
}

fn master_keys(out: &mut Vec<u8>, state: &State) {
    let mut o = object(out);
    {
        let mut list = array(o.member("generations"));
        for shown in &state.generations {
            let mut one = object(list.item());
            one.plain("generation", shown.generation);
            one.text("fingerprint", &shown.fingerprint);
            one.plain("in_use", shown.in_use);
            one.plain("keys", shown.keys);
        }
    }
    if let Some(rewrapped) = state.rewrapped {
        o.plain("rewrapped", rewrapped);
    }
    o.text_if("problem", state.problem.as_deref().unwrap_or_default());
}

fn one_erased(out: &mut Vec<u8>, record: &ErasedView) {
    let mut o = object(out);
    o.text("id", &record.id);
    o.instant("erased_at", record.at);
    o.text("because", &record.because);
    if let Some((dataset, id)) = &record.with {
        let mut with = object(o.member("with"));
        with.text("dataset", &dataset.to_string());
        with.text("id", id);
    }
    o.plain("done", record.done);
}

fn one_taken(out: &mut Vec<u8>, taken: &Taken) {
    let mut o = object(out);
    o.text_if("account", taken.account.as_deref().unwrap_or_default());
    if let Some(proposal) = &taken.proposal {
        one_proposal(o.member("proposal"), proposal);
    }
    if let Some(secret) = &taken.secret {
        o.text("secret", secret.reveal());
    }
}
