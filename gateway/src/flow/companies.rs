//! Companies as the register of enterprises has them today: in being, or not.

use foundation::dataset::DatasetName;
use foundation::service::{LookupAsk, LookupItem, Scope, Times};
use foundation::value::Value;
use foundation::value::credit_code::CreditCode;

use super::Caller;
use crate::app::App;
use crate::problem::{Code, Problem};

/// Where companies are registered.
const ENTERPRISES: &str = "legal-entity/enterprises";
const CREDIT_CODE: &str = "credit_code";
const STATUS: &str = "status";
/// Code list `entity-status`: 存续, 歇业, 迁出.
const IN_BEING: [&str; 3] = ["1", "2", "5"];

/// Why a company may neither have an account nor be given data today; `None` = it is in being.
///
/// Cost: one look-up by key.
/// # Errors
/// [`Problem`] if the register does not answer: then it is not known, and nothing is given.
pub(super) async fn gone(app: &App, code: &str) -> Result<Option<&'static str>, Problem> {
    let unavailable = || Problem::new(Code::Unavailable, "the register of enterprises does not answer now");
    let name: DatasetName = ENTERPRISES.parse().map_err(|_| unavailable())?;
    let facts = app.catalogue.get(&name).ok_or_else(unavailable)?;
    let service = app.catalogue.database(name.database()).ok_or_else(unavailable)?;
    let status = facts.dataset.field(STATUS).map(|field| field.number).ok_or_else(unavailable)?;
    let ask = LookupAsk {
        dataset: name,
        keys: vec![vec![(CREDIT_CODE.to_owned(), code.to_owned())]],
        times: Times { valid_at: app.clock.today(), known_at: None },
        scopes: vec![Scope { rows: None, readable: vec![status], masked: Vec::new() }],
    };
    let Some(LookupItem::Found(found)) = service.lookup(ask).await?.items.pop() else {
        return Ok(Some("no company of this credit code is registered"));
    };
    Ok(match found.fields.get(status) {
        Some(Value::Code(known)) if IN_BEING.contains(&known.as_str()) => None,
        Some(Value::Code(known)) => Some(words(known)),
        _ => Some(UNKNOWN),
    })
}

/// Why the caller's company may not use the grant it names; `None` for everybody else.
///
/// # Errors
/// [`Problem`] if the register does not answer.
pub(super) async fn of(app: &App, caller: &Caller) -> Result<Option<&'static str>, Problem> {
    if caller.is_company() && caller.grant().is_some() { gone(app, caller.company()).await } else { Ok(None) }
}

const UNKNOWN: &str = "the register does not say that the company is in being";

/// A status under which a company is not in being, in words.
fn words(status: &str) -> &'static str {
    match status {
        "3" => "the company's licence is revoked (吊销)",
        "4" => "the company is deregistered (注销)",
        "6" => "the company's registration is annulled (撤销)",
        // It may do nothing but wind itself up (公司法 art 236).
        "7" => "the company is in liquidation (清算)",
        _ => UNKNOWN,
    }
}

/// Lets a company pass that may have an account: its code has a right check character, it is registered and in being.
///
/// # Errors
/// [`Problem`] about `company`.
pub(super) async fn registered(app: &App, code: &str) -> Result<(), Problem> {
    let unsound = |detail: String| Problem::new(Code::Unprocessable, detail).about("company");
    CreditCode::parse(code).map_err(|error| unsound(error.to_string()))?;
    match gone(app, code).await? {
        None => Ok(()),
        Some(why) => Err(unsound(format!("{why}: it cannot have an account"))),
    }
}
