//! Receipts of answers: who asks for one can show a third party what was said to him, and when.
//!
//! A request with `Natbase-Receipt: SALT` is answered with `Natbase-Receipt: JWS` (RFC 7515, compact, EdDSA by the node's key) over
//! the digests of question and answer, the right it was given under, and the request's id in the audit log. The salt
//! is the asker's: without it nobody can try numbers against the digest of the question.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use foundation::value::Instant;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::ask::Act;
use crate::flow::{Envelope, Permit};
use crate::problem::{Code, Problem};

pub(super) const HEADER: HeaderName = HeaderName::from_static("natbase-receipt");
const PROTECTED: &str = r#"{"alg":"EdDSA","typ":"natbase-receipt+jwt"}"#;

/// The body of a request, as receipts have it.
#[derive(Debug, Clone)]
pub(super) struct Asked(pub(super) Vec<u8>);

/// What a receipt says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// SHA-256 of the answer's body, base64url.
    pub answer: String,
    /// SHA-256 of the question: [`asked`], base64url.
    pub asked: String,
    /// When it was signed, RFC 3339.
    pub at: String,
    /// Business case.
    pub case: String,
    /// Credit code of the department; empty = none.
    pub department: String,
    /// Grant; empty = none.
    pub grant: String,
    /// 经办人.
    pub officer: String,
    /// Version of policies and grant, hex.
    pub policy: String,
    /// Id of the request, as in the audit log.
    pub request: String,
}

/// The digest of a question, base64url: salt, method, path with query, and body, each on a line.
#[must_use]
pub fn asked(salt: &str, method: &str, path: &str, body: &[u8]) -> String {
    let mut text = format!("{salt}\n{method}\n{path}\n").into_bytes();
    text.extend_from_slice(body);
    hash(&text)
}

/// SHA-256, base64url.
#[must_use]
pub fn hash(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(digest(&SHA256, bytes))
}

/// The salt, if a receipt is wanted.
pub(super) fn wanted(parts: &Parts) -> Result<Option<String>, Problem> {
    let mut values = parts.headers.get_all(HEADER).iter();
    let Some(value) = values.next() else { return Ok(None) };
    let sound = |text: &&str| {
        (16..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
    };
    if let (Some(salt), None) = (value.to_str().ok().filter(sound), values.next()) {
        return Ok(Some(salt.to_owned()));
    }
    let detail = "`Natbase-Receipt` is a salt of 16 to 64 letters, digits, `-`, `_`, once";
    Err(Problem::new(Code::InvalidParameter, detail).about("Natbase-Receipt"))
}

/// What a receipt says of the right that an answer is given under. There is none of questions that hold a password or a key.
pub(super) fn begin(permit: &Permit, envelope: &Envelope) -> Option<Receipt> {
    if matches!(permit.act(), Act::SignIn | Act::Accounts | Act::AdministerAccounts) {
        return None;
    }
    let caller = permit.caller();
    Some(Receipt {
        answer: String::new(),
        asked: String::new(),
        at: String::new(),
        case: caller.case().unwrap_or_default().to_owned(),
        department: caller.body().to_owned(),
        grant: permit.grant().map(|grant| grant.id.clone()).unwrap_or_default(),
        officer: caller.officer().unwrap_or_default().to_owned(),
        policy: format!("{:016x}", permit.policy_version()),
        request: envelope.id(),
    })
}

/// The signed receipt over an answer's body.
pub(super) fn sign(app: &App, salt: &str, begun: Receipt, parts: &Parts, answer: &[u8]) -> Option<HeaderValue> {
    let path = parts.uri.path_and_query().map_or("", |path| path.as_str());
    let body = parts.extensions.get::<Asked>().map_or(&[][..], |asked| asked.0.as_slice());
    let at: Instant = app.clock.now();
    let receipt = Receipt {
        answer: hash(answer),
        asked: asked(salt, parts.method.as_str(), path, body),
        at: at.to_string(),
        ..begun
    };
    let payload = serde_json::to_vec(&receipt).ok()?;
    let signed = format!("{}.{}", URL_SAFE_NO_PAD.encode(PROTECTED), URL_SAFE_NO_PAD.encode(payload));
    let signature = URL_SAFE_NO_PAD.encode(app.keys.sign(signed.as_bytes()));
    HeaderValue::from_str(&format!("{signed}.{signature}")).ok()
}

/// A receipt that cannot be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// Not of this form.
    #[error("this is not a receipt: {0}")]
    Form(&'static str),
    /// Another key signed it, or it was changed.
    #[error("the signature does not hold under this key")]
    Signature,
}

/// Reads a receipt that `key` (Ed25519, 32 bytes) signed.
///
/// # Errors
/// [`ReceiptError`].
pub fn open(text: &str, key: &[u8]) -> Result<Receipt, ReceiptError> {
    let mut parts = text.trim().split('.');
    let (Some(protected), Some(payload), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(ReceiptError::Form("three parts joined by dots were expected"));
    };
    let bytes = |part: &str| URL_SAFE_NO_PAD.decode(part).map_err(|_| ReceiptError::Form("a part is not base64url"));
    if bytes(protected)? != PROTECTED.as_bytes() {
        return Err(ReceiptError::Form("its header is another"));
    }
    let signed = format!("{protected}.{payload}");
    aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, key)
        .verify(signed.as_bytes(), &bytes(signature)?)
        .map_err(|_| ReceiptError::Signature)?;
    serde_json::from_slice(&bytes(payload)?).map_err(|_| ReceiptError::Form("its members are others"))
}
