//! Signed receipts: what was answered to whom, for a business file.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use foundation::service::ReadAt;
use serde_json::{Map, Value, json};

use super::super::Permit;
use crate::app::App;

/// A receipt over verdicts: canonical JSON (members sorted, no spaces; RFC 8785 for these types) signed with Ed25519.
/// It holds no number and no name.
pub(in super::super) fn receipt(app: &App, permit: &Permit, verdicts: &[&'static str], at: ReadAt) -> Value {
    let caller = permit.caller();
    let body = json!({
        "act": permit.act().as_str(),
        "case": caller.case().unwrap_or_default(),
        "dataset": "population/persons",
        "department": caller.department(),
        "grant": caller.grant().unwrap_or_default(),
        "known_at": at.known_at.to_string(),
        "officer": caller.officer().unwrap_or_default(),
        "results": verdicts,
        "valid_at": at.valid_at.to_string(),
    });
    let signature = app.keys.sign(canonical(&body).as_bytes());
    json!({
        "body": body,
        "algorithm": "EdDSA",
        "public_key": URL_SAFE_NO_PAD.encode(app.keys.public()),
        "signature": URL_SAFE_NO_PAD.encode(signature),
    })
}

/// Whether a receipt over verdicts was signed by `key` (Ed25519, 32 bytes).
#[must_use]
pub fn holds(receipt: &Value, key: &[u8]) -> bool {
    let signature = receipt.get("signature").and_then(Value::as_str).and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
    let (Some(body), Some(signature)) = (receipt.get("body"), signature) else { return false };
    aws_lc_rs::signature::UnparsedPublicKey::new(&aws_lc_rs::signature::ED25519, key)
        .verify(canonical(body).as_bytes(), &signature)
        .is_ok()
}

/// Canonical JSON: members in the order of their names, no spaces.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut sorted: Vec<_> = members.iter().collect();
            sorted.sort_by(|a, b| a.0.cmp(b.0));
            let map: Map<String, Value> =
                sorted.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect();
            Value::Object(map).to_string()
        }
        other => other.to_string(),
    }
}
