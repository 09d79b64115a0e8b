//! ID tokens, judged (OpenID Connect Core 1.0 sections 2 and 3.1.3.7). Pure: keys and time are arguments.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde_json::{Map, Value};
use subtle::ConstantTimeEq as _;

use super::keys::Keys;

/// Longest ID token, bytes.
const BYTES_MAX: usize = 16 * 1_024;
/// Clock difference forgiven, seconds.
const LEEWAY_S: i64 = 60;
/// Longest subject (Core 1.0 section 2), bytes.
const SUBJECT_BYTES_MAX: usize = 255;

/// What an ID token is held against.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    /// When the sign-in began, seconds since 1970: an ID token of before is another's.
    pub(super) begun_s: i64,
    pub(super) now_s: i64,
}

/// What a sound ID token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) subject: String,
    /// Authentication context class.
    pub(super) acr: Option<String>,
    /// Methods of authentication (RFC 8176).
    pub(super) amr: Vec<String>,
}

/// A header that can be read: which key and algorithm it names.
pub(super) struct Head {
    kid: String,
    algorithm: Algorithm,
}

impl Head {
    /// Reads the header. Members other than `alg`, `kid` and `crit` have no weight: no key is taken from a token.
    ///
    /// # Errors
    /// The rule that is broken.
    pub(super) fn read(token: &str) -> Result<Self, &'static str> {
        if token.len() > BYTES_MAX {
            return Err("the ID token is longer than 16 KiB");
        }
        let header = object(token.split('.').next().unwrap_or_default())?;
        if header.contains_key("crit") {
            return Err("the ID token's header has `crit`");
        }
        let algorithm = match header.get("alg").and_then(Value::as_str) {
            Some("RS256") => Algorithm::RS256,
            Some("PS256") => Algorithm::PS256,
            Some("ES256") => Algorithm::ES256,
            Some("EdDSA" | "Ed25519") => Algorithm::EdDSA,
            _ => return Err("`alg` of the ID token is none of RS256, PS256, ES256, EdDSA"),
        };
        let kid = header.get("kid").and_then(Value::as_str).ok_or("the ID token's header has no `kid`")?;
        Ok(Self { kid: kid.to_owned(), algorithm })
    }

    /// Whether the set holds the key.
    pub(super) fn is_in(&self, keys: &Keys) -> bool {
        keys.get(&self.kid).is_some()
    }
}

/// Judges an ID token.
///
/// # Errors
/// The first rule that is broken.
pub(super) fn judge(token: &str, head: &Head, keys: &Keys, expected: &Expected<'_>) -> Result<Claims, &'static str> {
    let (algorithms, key) = keys.get(&head.kid).ok_or("no key of the provider has this `kid`")?;
    if !algorithms.contains(&head.algorithm) {
        return Err("`alg` of the ID token is not that of the key");
    }
    let (message, signature) = token.rsplit_once('.').ok_or("the ID token is not a JWT of three parts")?;
    let (_, payload) = message.split_once('.').ok_or("the ID token is not a JWT of three parts")?;
    if payload.contains('.') {
        return Err("the ID token is not a JWT of three parts");
    }
    if !jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, head.algorithm).unwrap_or(false) {
        return Err("the ID token's signature does not hold");
    }
    claims(&object(payload)?, expected)
}

fn claims(payload: &Map<String, Value>, expected: &Expected<'_>) -> Result<Claims, &'static str> {
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    let seconds = |name: &str| match payload.get(name) {
        None => Ok(None),
        Some(value) => value.as_i64().filter(|s| *s >= 0).map(Some).ok_or("a time is not whole seconds since 1970"),
    };
    if text("iss") != Some(expected.issuer) {
        return Err("the ID token is of another issuer");
    }
    let audience = match payload.get("aud") {
        Some(Value::String(one)) => Some(one.as_str()),
        // No other client is trusted with what lets people in here.
        Some(Value::Array(many)) if many.len() == 1 => many.first().and_then(Value::as_str),
        _ => None,
    };
    if audience != Some(expected.client) {
        return Err("the ID token is not for this client alone");
    }
    if payload.contains_key("azp") && text("azp") != Some(expected.client) {
        return Err("the ID token was given to another party");
    }
    let expires_s = seconds("exp")?.ok_or("the ID token has no `exp`")?;
    if expected.now_s >= expires_s.saturating_add(LEEWAY_S) {
        return Err("the ID token has expired");
    }
    let made_s = seconds("iat")?.ok_or("the ID token has no `iat`")?;
    if made_s > expected.now_s.saturating_add(LEEWAY_S) {
        return Err("`iat` of the ID token is ahead");
    }
    if made_s.saturating_add(LEEWAY_S) < expected.begun_s {
        return Err("the ID token is older than the sign-in");
    }
    if seconds("nbf")?.is_some_and(|from| expected.now_s.saturating_add(LEEWAY_S) < from) {
        return Err("the ID token is not valid yet");
    }
    let nonce = text("nonce").ok_or("the ID token has no `nonce`")?;
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err("the ID token's `nonce` is another sign-in's");
    }
    let subject =
        text("sub").filter(|sub| is_subject(sub)).ok_or("`sub` is not a text of 1 to 255 ASCII characters")?;
    let acr = match payload.get("acr") {
        None => None,
        Some(value) => Some(value.as_str().ok_or("`acr` is not text")?.to_owned()),
    };
    let amr = match payload.get("amr") {
        None => Vec::new(),
        Some(Value::Array(list)) => {
            let words: Option<Vec<String>> = list.iter().map(|word| word.as_str().map(str::to_owned)).collect();
            words.ok_or("`amr` is not a list of texts")?
        }
        Some(_) => return Err("`amr` is not a list of texts"),
    };
    Ok(Claims { subject: subject.to_owned(), acr, amr })
}

/// Whether a text can be a subject (Core 1.0 section 2): compared byte by byte, so nothing that cannot be seen.
pub(crate) fn is_subject(text: &str) -> bool {
    (1..=SUBJECT_BYTES_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

fn object(part: &str) -> Result<Map<String, Value>, &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| "a part of the ID token is not base64url")?;
    match crate::json::strict(&bytes) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err("a part of the ID token is not one JSON object without repeated members"),
    }
}
