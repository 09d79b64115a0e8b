//! Schemas of tokens, accounts, proposals.

use serde_json::{Map, Value, json};

/// The schemas by name.
pub(super) fn answers() -> Map<String, Value> {
    let text = json!({"type": "string"});
    let whole = json!({"type": "integer"});
    let at = json!({"type": "string", "format": "date-time"});
    let names = json!({"type": "array", "items": {"type": "string"}});
    let list = |of: Value| json!({"type": "array", "items": of});
    let object = |properties: Value| json!({"type": "object", "properties": properties});
    let account = object(json!({
        "id": text, "kind": {"type": "string", "enum": ["person", "program", "key", "citizen"]}, "name": text, "department": text, "company": text,
        "roles": names, "officer": text, "level": whole, "ends": at, "jwks": text, "prefix": text,
        "oidc_issuer": text, "oidc_subject": text,
        "disabled": {"type": "boolean"}, "last_use": at,
    }));
    let proposal = json!({
        "type": "object",
        "description": "a proposal; members after `act` are its content",
        "properties": {
            "number": whole,
            "state": {"type": "string", "enum": ["open", "approved", "rejected", "used", "lapsed"]},
            "proposed_by": text, "proposed_at": at, "judged_by": text, "judged_at": at, "digest": text, "act": text,
        },
    });
    let all = json!({
        "Tokens": object(json!({
            "access_token": text, "token_type": text, "expires_in": whole, "scope": text, "refresh_token": text,
        })),
        "AccountDone": object(json!({"account": text})),
        "Enrolment": object(json!({"account": text, "seed": text, "url": text})),
        "RecoveryCodes": object(json!({"account": text, "recovery_codes": names})),
        "Accounts": object(json!({"items": list(account), "next": {"type": ["string", "null"]}})),
        "AccountTaken": object(json!({"account": text, "proposal": proposal.clone(), "secret": text})),
        "Approvals": object(json!({"items": list(proposal), "next": {"type": ["integer", "null"]}})),
        "MasterKeys": object(json!({
            "generations": list(object(json!({
                "generation": whole, "fingerprint": text, "in_use": {"type": "boolean"}, "keys": whole,
            }))),
            "rewrapped": whole, "problem": text,
        })),
        "Erasures": object(json!({
            "items": list(object(json!({
                "id": text, "erased_at": at, "because": text, "with": object(json!({"dataset": text, "id": text})),
                "done": {"type": "boolean"},
            }))),
            "next": {"type": ["string", "null"]},
        })),
        "OAuthMetadata": object(json!({
            "issuer": text, "token_endpoint": text, "grant_types_supported": names,
            "response_types_supported": names, "token_endpoint_auth_methods_supported": names,
            "token_endpoint_auth_signing_alg_values_supported": names, "scopes_supported": names,
            "service_documentation": text,
        })),
    });
    match all {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
