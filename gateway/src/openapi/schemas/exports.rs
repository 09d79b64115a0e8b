//! Schemas of jobs.

use serde_json::{Map, Value, json};

/// The schemas by name.
pub(super) fn answers() -> Map<String, Value> {
    let text = json!({"type": "string"});
    let whole = json!({"type": "integer"});
    let day = json!({"type": "string", "format": "date"});
    let object = |properties: Value| json!({"type": "object", "properties": properties});
    let at = json!({"type": "string", "format": "date-time"});
    let job = object(json!({
        "id": text, "state": {"type": "string", "enum": ["queued", "running", "done", "failed", "cancelled"]},
        "dataset": text, "format": {"type": "string", "enum": ["csv", "ndjson", "geojson", "xlsx"]}, "grant": text,
        "purpose": text, "proposal": whole, "rows": whole, "bytes": whole, "sha256": text, "asked_at": at,
        "ended_at": at, "expires_at": at, "valid_at": day, "known_at": at, "code": text, "detail": text, "file": text,
        "file_name": text,
    }));
    let all = json!({
        "Jobs": object(json!({"items": {"type": "array", "items": job.clone()}})),
        "Job": job,
    });
    match all {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
