//! Signing in and out, accounts, proposals and their approval.

use foundation::dataset::DatasetName;
use foundation::value::{Day, Instant};

use super::params::{Input, Params, invalid};
use super::routes::{Param, ParamKind as K, param};
use crate::accounts::{Attempt, Kind, Measure, Secret};
use crate::ask::{AccountsRequest, Ask, Change, Holder, NewAccount};
use crate::problem::{Code, Problem};
use crate::token::{Role, Roles};

const NAME: Param = param("name", K::Text, "name of the account");
const PASSWORD: Param = param("password", K::Text, "password");
const CODE: Param = param("code", K::Text, "code of the second factor, or a recovery code");
const REFRESH_TOKEN: Param = param("refresh-token", K::Text, "the refresh token");
const ROLES: Param = param("roles", K::List, "roles; of a program the ceiling that `scope` narrows");
const DEPARTMENT: Param = param("department", K::Text, "credit code of the department");
const COMPANY: Param = param("company", K::Text, "of a company's account: its credit code (统一社会信用代码)");
const JWKS: Param = param("jwks", K::Text, "public keys of a program (RFC 7517): Ed25519 or P-256");
const LIMIT: Param = param("limit", K::Integer, "most items, 1 to 1,000; default 100");

pub(super) const SIGN_IN: &[Param] = &[NAME, PASSWORD, CODE];
pub(super) const REFRESH: &[Param] = &[REFRESH_TOKEN];
pub(super) const NEW_PASSWORD: &[Param] = &[NAME, PASSWORD, CODE, param("new-password", K::Text, "the new password")];
pub(super) const CONFIRM: &[Param] =
    &[NAME, PASSWORD, CODE, param("new-code", K::Text, "a code of the second factor that was drawn")];
pub(super) const ACCOUNTS: &[Param] =
    &[KIND, param("after", K::Text, "accounts after this id: `next` of the page before"), LIMIT];
const KIND: Param = param("kind", K::OneOf(&["person", "program", "key", "citizen"]), "kind of account");
pub(super) const OPEN: &[Param] = &[
    KIND,
    NAME,
    DEPARTMENT,
    COMPANY,
    ROLES,
    param("officer", K::Text, "staff id (经办人) of a person"),
    param("level", K::Integer, "protection level (GB/T 22240) of the system of a program or key, 1 to 5"),
    param("to", K::Day, "last day of a key, at most 366 days ahead"),
    JWKS,
    param("oidc-subject", K::Text, "of a person: the subject at the identity provider, in place of a password"),
    param("id-type", K::OneOf(&["citizen_id"]), "of a citizen: the kind of document"),
    param("number", K::Text, "of a citizen: its number; looked up at once and not kept"),
];
pub(super) const CHANGE: &[Param] = &[DEPARTMENT, ROLES, JWKS];
pub(super) const APPROVALS: &[Param] = &[
    param("open", K::Boolean, "only those that wait"),
    param("before", K::Integer, "proposals before this number: `next` of the page before"),
    LIMIT,
];
pub(super) const PROPOSE: &[Param] = &[
    param("act", K::OneOf(PROPOSED), "what is proposed"),
    param(
        "fingerprint",
        K::Text,
        "of `rotate_master_key`: the generation's fingerprint, as `natbase keys list` shows it",
    ),
    param("dataset", K::Dataset, "of an erasure or a file: whose records"),
    param("record", K::Text, "of an erasure: record id"),
    param("ground", K::Text, "of an erasure: the decision and the article of law, at most 500 bytes"),
    param("department", K::Text, "of a file: credit code of the department that gets it"),
    param("fields", K::List, "of a file: its fields; default all that may be read"),
    param("filter", K::Text, "of a file: which records, CQL2; default all"),
    param("purpose", K::Text, "of a file: what it is for, as the grant says it"),
    param("digest", K::Text, "of policies: what `natbase policies digest` says of those on disk"),
];
const PROPOSED: &[&str] = &["rotate_signing_key", "rotate_master_key", "erase", "export_in_bulk", "change_policies"];
pub(super) const ERASED: &[Param] = &[
    param("dataset", K::Dataset, "dataset"),
    param("after", K::Text, "records after this id: `next` of the page before"),
    LIMIT,
];
pub(super) const JUDGE: &[Param] =
    &[param("digest", K::Text, "`digest` of the proposal: what is approved is this content")];

/// Longest secret taken, bytes.
const SECRET_BYTES_MAX: usize = 1_024;

pub(super) fn sign_in(input: &mut Input<'_>) -> Result<Ask, Problem> {
    ask(AccountsRequest::SignIn { attempt: attempt(&input.params)?, whole_session: false })
}

pub(super) fn refresh(input: &mut Input<'_>) -> Result<Ask, Problem> {
    ask(AccountsRequest::Refresh(secret(&input.params, "refresh-token")?))
}

pub(super) fn sign_out(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let given = input.params.text("refresh-token").is_some();
    ask(AccountsRequest::SignOut(if given { Some(secret(&input.params, "refresh-token")?) } else { None }))
}

pub(super) fn change_password(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    ask(AccountsRequest::ChangePassword { attempt: attempt(params)?, new: secret(params, "new-password")? })
}

pub(super) fn enrol(input: &mut Input<'_>) -> Result<Ask, Problem> {
    ask(AccountsRequest::Enrol(attempt(&input.params)?))
}

pub(super) fn confirm(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    ask(AccountsRequest::Confirm { attempt: attempt(params)?, new_code: secret(params, "new-code")? })
}

pub(super) fn accounts(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    ask(AccountsRequest::Accounts { kind: kind(params)?, after: params.owned("after"), limit: params.limit()? })
}

pub(super) fn open(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let level = params.read("level", "must be 1 to 5", |t| t.parse::<u8>().ok().filter(|n| (1..=5).contains(n)))?;
    let to = params.read("to", "must be a date YYYY-MM-DD", Day::parse)?;
    let kind = kind(params)?.ok_or_else(|| missing("kind"))?;
    // A citizen has the one role that goes with the kind.
    let roles = match (kind, params.text("roles")) {
        (Kind::Citizen, None) => [Role::Citizen].into_iter().collect(),
        _ => roles(params)?,
    };
    ask(AccountsRequest::Open(Box::new(NewAccount {
        kind,
        name: params.owned("name").ok_or_else(|| missing("name"))?,
        department: params.owned("department"),
        company: params.owned("company"),
        roles,
        officer: params.owned("officer"),
        level,
        ends_us: to.map(|day| Instant::end_of(day).0),
        jwks: jwks(params)?,
        oidc_subject: params.owned("oidc-subject"),
        holder: holder(params, kind)?,
    })))
}

/// Whose record a citizen's account is bound to.
fn holder(params: &Params, kind: Kind) -> Result<Option<Holder>, Problem> {
    if kind != Kind::Citizen {
        let given = ["id-type", "number"].into_iter().find(|name| params.text(name).is_some());
        return match given {
            Some(name) => Err(Problem::new(Code::Unprocessable, format!("`{name}` is a citizen's")).about(name)),
            None => Ok(None),
        };
    }
    let id_type = params.owned("id-type").ok_or_else(|| missing("id-type"))?;
    Ok(Some(Holder { id_type, number: secret(params, "number")? }))
}

pub(super) fn change(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let (id, step) = input.part("account").rsplit_once(':').unwrap_or((input.part("account"), ""));
    let (account, params) = (id.to_owned(), &input.params);
    let change = match step {
        "disable" => Change::Measure(Measure::Disable { account }),
        "enable" => Change::Measure(Measure::Enable { account }),
        "reset" => Change::Reset(account),
        "change_rights" => {
            let (department, roles) = (params.owned("department"), roles(params)?);
            Change::Measure(Measure::ChangeRights { account, department, roles })
        }
        "replace_keys" => {
            let jwks = jwks(params)?.ok_or_else(|| missing("jwks"))?;
            Change::Measure(Measure::ReplaceKeys { account, jwks })
        }
        _ => {
            let detail =
                "an account takes `{account}:{step}`; steps are disable, enable, reset, change_rights, replace_keys";
            return Err(Problem::new(Code::NotFound, detail));
        }
    };
    let taken: &[&str] = match step {
        "change_rights" => &["department", "roles"],
        "replace_keys" => &["jwks"],
        _ => &[],
    };
    only(params, CHANGE, taken)?;
    ask(AccountsRequest::Change(change))
}

pub(super) fn approvals(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let before = params.read("before", "must be a whole number", |t| t.parse::<u64>().ok())?;
    ask(AccountsRequest::Proposals { open: params.flag("open")?, before, limit: params.limit()? })
}

pub(super) fn propose(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    let act = params.read("act", "is unknown", |t| PROPOSED.iter().find(|act| **act == t).copied())?;
    let act = act.ok_or_else(|| missing("act"))?;
    let text = |name: &str| params.owned(name).ok_or_else(|| missing(name));
    let (measure, taken): (_, &[&str]) = match act {
        "rotate_master_key" => {
            (Measure::RotateMasterKey { fingerprint: text("fingerprint")? }, &["act", "fingerprint"])
        }
        "erase" => {
            let ground = text("ground")?;
            if ground.len() > GROUND_BYTES_MAX {
                return Err(invalid("ground", "is over 500 bytes"));
            }
            let (dataset, record) = (dataset(params)?.to_string(), text("record")?);
            (Measure::Erase { dataset, record, ground }, &["act", "dataset", "record", "ground"])
        }
        "change_policies" => (Measure::ChangePolicies { digest: text("digest")? }, &["act", "digest"]),
        "export_in_bulk" => {
            let mut fields = params.list("fields").unwrap_or_default();
            fields.sort();
            fields.dedup();
            let measure = Measure::ExportInBulk {
                dataset: text("dataset")?,
                department: text("department")?,
                fields,
                filter: params.owned("filter").unwrap_or_default(),
                purpose: text("purpose")?,
            };
            (measure, &["act", "dataset", "department", "fields", "filter", "purpose"])
        }
        _ => (Measure::RotateSigningKey, &["act"]),
    };
    only(params, PROPOSE, taken)?;
    ask(AccountsRequest::Propose(Box::new(measure)))
}

/// Longest ground of an erasure.
const GROUND_BYTES_MAX: usize = 500;

fn dataset(params: &Params) -> Result<DatasetName, Problem> {
    let name = params.read("dataset", "is no dataset: `database/table`", |t| t.parse().ok())?;
    name.ok_or_else(|| missing("dataset"))
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn master_keys(_: &mut Input<'_>) -> Result<Ask, Problem> {
    Ok(Ask::Accounts(Box::new(AccountsRequest::MasterKeys)))
}

pub(super) fn erased(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let params = &input.params;
    ask(AccountsRequest::Erased { dataset: dataset(params)?, after: params.owned("after"), limit: params.limit()? })
}

pub(super) fn judge(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let (number, step) = input.part("proposal").split_once(':').unwrap_or((input.part("proposal"), ""));
    let absent = || Problem::new(Code::NotFound, "a proposal takes `{proposal}:approve` and `{proposal}:reject`");
    let number = number.parse::<u64>().map_err(|_| absent())?;
    match step {
        "approve" => {
            let digest = input.params.owned("digest").ok_or_else(|| missing("digest"))?;
            ask(AccountsRequest::Approve { number, digest })
        }
        "reject" => {
            only(&input.params, JUDGE, &[])?;
            ask(AccountsRequest::Reject { number })
        }
        _ => Err(absent()),
    }
}

#[expect(clippy::unnecessary_wraps, reason = "every route is read alike")]
pub(super) fn ask(request: AccountsRequest) -> Result<Ask, Problem> {
    Ok(Ask::Accounts(Box::new(request)))
}

pub(super) fn missing(name: &str) -> Problem {
    Problem::new(Code::MissingParameter, format!("`{name}` is missing")).about(name)
}

/// Refuses members that the step does not take, though another step does.
fn only(params: &Params, known: &[Param], taken: &[&str]) -> Result<(), Problem> {
    let given = known.iter().find(|param| params.text(param.name).is_some() && !taken.contains(&param.name));
    match given {
        Some(param) => {
            let detail = format!("`{}` is not taken with this step", param.name);
            Err(Problem::new(Code::UnknownParameter, detail).about(param.name))
        }
        None => Ok(()),
    }
}

fn attempt(params: &Params) -> Result<Attempt, Problem> {
    let name = params.owned("name").ok_or_else(|| missing("name"))?;
    if name.len() > 64 {
        return Err(invalid("name", "is over 64 bytes"));
    }
    let code = if params.text("code").is_some() { Some(secret(params, "code")?) } else { None };
    Ok(Attempt { name, password: secret(params, "password")?, code })
}

pub(super) fn secret(params: &Params, name: &str) -> Result<Secret, Problem> {
    match params.text(name) {
        None => Err(missing(name)),
        Some(text) if text.len() > SECRET_BYTES_MAX => Err(invalid(name, "is over 1,024 bytes")),
        Some(text) => Ok(Secret::new(text)),
    }
}

fn kind(params: &Params) -> Result<Option<Kind>, Problem> {
    params.read("kind", "must be person, program, key or citizen", Kind::named)
}

fn roles(params: &Params) -> Result<Roles, Problem> {
    let words = params.list("roles").ok_or_else(|| missing("roles"))?;
    let roles: Option<Roles> = words.iter().map(|word| Role::named(word)).collect();
    roles.ok_or_else(|| invalid("roles", "holds an unknown role"))
}

fn jwks(params: &Params) -> Result<Option<String>, Problem> {
    let text = params.owned("jwks");
    match &text {
        Some(long) if long.len() > 16_000 => Err(invalid("jwks", "is over 16,000 bytes")),
        _ => Ok(text),
    }
}
