//! Assertions by which programs prove themselves (RFC 7523): signed with their own key, for this endpoint, once, soon.

use serde_json::{Map, Value};

use super::account::{Kind, Proof};
use super::register::{Held, Register};
use crate::token::{KeySet, open};

/// Longest assertion, bytes.
const BYTES_MAX: usize = 8 * 1_024;
/// Longest life of an assertion, seconds.
const LIFE_S: i64 = 300;
/// Clock difference forgiven, seconds.
const LEEWAY_S: i64 = 30;

/// Why an assertion is not taken. The program hears only that it is not; the audit entry says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct AssertionError {
    /// The program that it speaks of, if it is known and its signature holds.
    pub account: Option<String>,
    /// Why.
    pub why: &'static str,
}

/// A sound assertion. That it is used once is still to be kept.
#[derive(Debug)]
pub(super) struct Asserted {
    /// The program.
    pub(super) held: Held,
    /// `jti`.
    pub(super) once: String,
    /// Seconds since 1970 after which it would be refused anyway.
    pub(super) until_s: i64,
}

/// Judges an assertion at `now_s`; `endpoint` is the address of the token endpoint.
pub(super) fn judge(
    register: &Register,
    assertion: &str,
    client_id: Option<&str>,
    endpoint: &str,
    now_s: i64,
) -> Result<Asserted, AssertionError> {
    let stranger = |why| AssertionError { account: None, why };
    if assertion.len() > BYTES_MAX {
        return Err(stranger("the assertion is longer than 8 KiB"));
    }
    // Who it claims to be decides by which keys it is opened: a key is bound to its program.
    let named = claimed(assertion).ok_or_else(|| stranger("`sub` is missing, or the claims cannot be read"))?;
    let id = format!("{}:{named}", Kind::Program.as_str());
    let held = register.account(&id).ok_or_else(|| stranger("there is no such program"))?;
    let Proof::Keys { jwks } = &held.account.proof else { return Err(stranger("the program has no keys")) };
    let keys = KeySet::of_program(jwks).map_err(|_| stranger("the program's keys cannot be read"))?;
    let opened = open(assertion, |kid| keys.get(kid)).map_err(stranger)?;
    let refuse = |why| AssertionError { account: Some(id.clone()), why };
    if held.disabled {
        return Err(refuse("the program is disabled"));
    }
    if client_id.is_some_and(|client| client != named) {
        return Err(refuse("`client_id` is another's"));
    }
    let (once, expires_s) = claims(&opened.payload, &named, endpoint, now_s).map_err(refuse)?;
    Ok(Asserted { held: held.clone(), once, until_s: expires_s + LEEWAY_S })
}

/// The claims of RFC 7523, section 3; gives `jti` and `exp`.
fn claims(
    payload: &Map<String, Value>,
    named: &str,
    endpoint: &str,
    now_s: i64,
) -> Result<(String, i64), &'static str> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let seconds = |name: &str| match payload.get(name) {
        None => Ok(None),
        Some(value) => value.as_i64().filter(|s| *s >= 0).map(Some).ok_or("a time is not whole seconds since 1970"),
    };
    if text("iss") != Some(named) || text("sub") != Some(named) {
        return Err("`iss` and `sub` are not both the program");
    }
    let audience = match payload.get("aud") {
        Some(Value::String(one)) => Some(one.as_str()),
        // For more than one reader it could be handed on by the other.
        Some(Value::Array(many)) if many.len() == 1 => many.first().and_then(Value::as_str),
        _ => None,
    };
    if audience != Some(endpoint) {
        return Err("`aud` is not this token endpoint alone");
    }
    let expires_s = seconds("exp")?.ok_or("`exp` is missing")?;
    if now_s >= expires_s.saturating_add(LEEWAY_S) {
        return Err("expired");
    }
    if expires_s > now_s.saturating_add(LIFE_S + LEEWAY_S) {
        return Err("`exp` is more than 5 minutes ahead");
    }
    if seconds("nbf")?.is_some_and(|from| now_s < from.saturating_sub(LEEWAY_S)) {
        return Err("not valid yet");
    }
    if let Some(made_s) = seconds("iat")? {
        if made_s > now_s.saturating_add(LEEWAY_S) {
            return Err("`iat` is ahead");
        }
        if expires_s.saturating_sub(made_s) > LIFE_S {
            return Err("made for more than 5 minutes");
        }
    }
    match text("jti") {
        Some(once) if (8..=128).contains(&once.len()) => Ok((once.to_owned(), expires_s)),
        _ => Err("`jti` is not a text of 8 to 128 bytes"),
    }
}

/// `sub` as it stands, unverified: which keys to look at, and nothing else.
fn claimed(assertion: &str) -> Option<String> {
    use base64::Engine as _;
    let payload = assertion.split('.').nth(1)?;
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(payload).ok()?;
    match crate::json::strict(&bytes).ok()?.get("sub")? {
        Value::String(name) if (1..=64).contains(&name.len()) => Some(name.clone()),
        _ => None,
    }
}
