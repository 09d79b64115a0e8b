//! Schemas of entries of the catalogue and of demands.

use serde_json::{Map, Value, json};

/// The schemas by name.
pub(super) fn answers() -> Map<String, Value> {
    let text = json!({"type": "string"});
    let flag = json!({"type": "boolean"});
    let whole = json!({"type": "integer"});
    let day = json!({"type": ["string", "null"], "format": "date"});
    let at = json!({"type": ["string", "null"], "format": "date-time"});
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
    let field = object(json!({
        "name": text, "title": text, "type": text, "length": whole, "code_list": text, "standard": text, "grade": whole,
        "sharing": text, "sharing_condition": text, "openness": text,
    }));
    let items = object(json!({
        "dataset": text, "title": text, "title_en": text, "summary": text, "summary_en": text, "class_code": text,
        "classification": text, "provider": text, "provider_code": text, "source_department": text, "format": text,
        "update_cycle": text, "data_class": text, "data_grade": {"type": ["integer", "null"]},
        "sharing": {"type": ["string", "null"]}, "sharing_scope": text, "sharing_uses": text, "sharing_ground": text,
        "sharing_modes": names, "openness": {"type": ["string", "null"]}, "openness_condition": text,
        "conditions_of_use": text, "impact_assessment": text, "related": names, "fields": list(field),
    }));
    let entry = object(json!({
        "id": text, "state": text, "code": {"type": ["string", "null"]}, "provider": text, "title": text,
        "source_department": text, "sharing": {"type": ["string", "null"]}, "openness": {"type": ["string", "null"]},
        "valid_at": day, "known_at": at, "published": day, "valid_from": day, "recorded_from": at, "items": items,
        "versions": list(object(json!({"valid_from": day, "recorded_from": at, "ends": flag}))),
        "draft": object(json!({
            "ends": flag, "items": any, "definition": text, "falling_away": names,
            "problems": list(object(json!({"place": text, "rule": text}))),
            "overlaps": list(object(json!({
                "field": text, "entry": text, "title": text, "source_department": text, "there": text,
                "by": {"type": "string", "enum": ["standard", "name_and_type", "title", "code_list"]},
            }))),
        })),
        "clocks": list(clock.clone()), "alerts": list(alert.clone()), "holders": names, "duty_changed": day,
        "served_since": at, "extension_days": whole, "extension_given": flag, "demand": text, "events": list(any.clone()),
        "steps": list(any.clone()),
    }));
    let demand = object(json!({
        "id": text, "state": text, "requester": text, "title": text, "fields": names, "purpose": text, "ground": text,
        "source": text, "clocks": list(clock), "alerts": list(alert.clone()),
        "perhaps": list(object(json!({"entry": text, "title": text}))), "events": list(any),
    }));
    let all = json!({
        "Entry": entry.clone(),
        "Entries": object(json!({"items": list(entry), "next": {"type": ["string", "null"]}})),
        "EntryAlerts": object(json!({"items": list(alert), "more": flag})),
        "Demand": demand.clone(),
        "Demands": object(json!({"items": list(demand), "next": {"type": ["string", "null"]}})),
    });
    match all {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}
