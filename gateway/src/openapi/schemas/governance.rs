//! Schemas of explanations, proofs of the log, and sharing.

use serde_json::{Map, Value, json};

/// The schemas by name.
pub(super) fn answers() -> Map<String, Value> {
    let text = json!({"type": "string"});
    let whole = json!({"type": "integer"});
    let flag = json!({"type": "boolean"});
    let day = json!({"type": ["string", "null"], "format": "date"});
    let names = json!({"type": "array", "items": {"type": "string"}});
    let any = json!({"type": "object"});
    let list = |of: Value| json!({"type": "array", "items": of});
    let object = |properties: Value| json!({"type": "object", "properties": properties});
    let alert = object(json!({
        "case": text, "who": text, "what": text, "article": text, "liability_article": text, "since": day,
        "provisional": flag,
    }));
    let clock = object(json!({
        "step": text, "started": day, "working_days": whole, "due": day, "provisional": flag, "met": day, "article": text,
    }));
    let case = object(json!({
        "id": text, "kind": {"type": "string", "enum": ["request", "return_flow", "opening"]}, "state": text, "requester": text, "provider": text,
        "sharing": text, "asked": any, "given": any,
        "disposal": text, "extension_days": whole, "extension_given": flag, "dispute_level": whole, "misuse": flag,
        "clocks": list(clock.clone()), "alerts": list(alert.clone()), "events": list(any.clone()), "steps": list(any.clone()),
    }));
    let points = json!({"type": ["string", "null"]});
    let objection = object(json!({
        "id": text, "period": text, "department": text, "indicator": text, "points": points, "standing": text,
        "corrected_points": points, "due": day, "provisional": flag, "met": day, "overdue": flag,
        "events": list(any.clone()),
    }));
    let correction = object(json!({
        "id": text, "state": text, "requester": text, "provider": text, "dataset": text, "record": text, "field": text,
        "believed": text, "clocks": list(clock.clone()), "alerts": list(alert.clone()), "events": list(any.clone()),
        "steps": list(any.clone()),
    }));
    let part = object(json!({"salt": text, "bytes": text}));
    let access = object(json!({
        "number": whole, "at": {"type": "string", "format": "date-time"}, "act": text, "dataset": text, "department": text,
        "officer": text, "purpose": text, "ground": text, "grant": text, "fields": names, "masked": names, "batch": text,
        "proof": object(json!({
            "leaf": text, "leaf_hash": text, "shown": part.clone(), "officer": part, "path": names,
            "record": object(json!({"id": text, "salt": text, "index": whole, "size": whole, "path": names})),
        })),
    }));
    let all = json!({
        "Correction": correction.clone(),
        "Corrections": object(json!({"items": list(correction), "next": {"type": ["string", "null"]}})),
        "Explanation": object(json!({
            "dataset": text, "act": text, "permitted": flag, "detail": text, "grant": text, "counts": text,
            "policies": list(object(json!({"policy": text, "law": text}))),
            "fields": list(object(json!({
                "field": text, "seen": {"type": "string", "enum": ["plain", "in_some_rows", "masked", "hidden"]},
            }))),
        })),
        "Found": object(json!({
            "items": list(json!({"$ref": "#/components/schemas/Record"})), "valid_at": day, "known_at": text,
        })),
        "AuditCheckpoint": object(json!({"checkpoint": text, "key": text})),
        "AuditProof": object(json!({
            "checkpoint": text, "key": text, "entry": whole, "leaf": text, "bytes": text, "from": whole, "path": names,
        })),
        "Accesses": object(json!({
            "record": text, "items": list(access), "next": {"type": ["string", "null"]},
            "sealed": object(json!({"entries": whole, "before": day})), "checkpoint": text, "key": text,
        })),
        "Sandbox": object(json!({
            "id": text, "dataset": text, "fields": names, "masked": names, "from": day, "to": day,
            "rows_per_day_max": whole, "synthetic": flag,
        })),
        "GrantsTakenIn": object(json!({"imported": whole, "unchanged": whole, "cases": names})),
        "SharingCase": case.clone(),
        "SharingCases": object(json!({"items": list(case), "next": {"type": ["string", "null"]}})),
        "SharingAlerts": object(json!({"items": list(alert), "next": {"type": ["string", "null"]}})),
        "Evaluation": object(json!({
            "period": text, "from": day, "to": day, "complete": flag, "items": list(object(json!({
                "department": text, "score": points, "corrected_score": points, "rank": whole, "of": whole,
                "scheme": text, "article": text, "indicators": list(object(json!({
                    "indicator": text, "title": text, "weight": whole, "formula": text, "value": {"type": ["string", "null"]},
                    "points": points, "corrected_points": points, "objection": text,
                }))),
            }))),
        })),
        "EvaluationMeasures": object(json!({
            "format": whole, "period": text, "complete": flag, "collected_at": text,
            "policy": object(json!({"sha256": text, "text": text})), "departments": list(any.clone()),
        })),
        "EvaluationObjection": objection.clone(),
        "EvaluationObjections": object(json!({"items": list(objection)})),
        "WorkingDays": object(json!({"due": day, "provisional": flag, "years": list(whole.clone())})),
    });
    match all {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
