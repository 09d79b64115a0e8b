//! Schemas of answers.

mod accounts;
mod compiling;
mod exports;
mod governance;

use serde_json::{Map, Value, json};

/// The schemas by name.
pub(super) fn answers() -> Map<String, Value> {
    let of_type = |name: &str| json!({"type": name});
    let (text, whole, flag, any) = (of_type("string"), of_type("integer"), of_type("boolean"), of_type("object"));
    let day = json!({"type": ["string", "null"], "format": "date"});
    let at = json!({"type": ["string", "null"], "format": "date-time"});
    let names = json!({"type": "array", "items": {"type": "string"}});
    let reference = |name: &str| json!({"$ref": format!("#/components/schemas/{name}")});
    let list = |of: Value| json!({"type": "array", "items": of});
    let object = |properties: Value| json!({"type": "object", "properties": properties});
    let count = object(json!({
        "value": whole, "kind": {"type": "string", "enum": ["exact", "at_least", "rounded", "perturbed", "withheld"]},
    }));
    let record = json!({
        "dataset": text, "dataset_version": whole, "id": text, "fields": reference("Fields"), "labels": any,
        "version": whole, "valid_from": day, "valid_to": day, "recorded_from": at, "recorded_to": at,
        "masked": names, "disputed": names, "valid_at": day, "known_at": at, "synthetic": flag,
    });
    let hit = object(json!({
        "database": text, "dataset": text, "id": text, "score": whole, "distance": {"type": "number"}, "title": text, "snippet": text,
        "fields": reference("Fields"), "labels": any, "dataset_version": whole, "version": whole, "valid_from": day,
        "valid_to": day, "masked": names, "disputed": names, "geometry": {"type": ["object", "null"]},
    }));
    let row_problem = object(json!({"line": whole, "field": text, "rule": text, "message": text}));
    let entry = json!({
        "name": text, "database": text, "dataset": text, "version": whole, "title": any, "summary": any,
        "resource_code": text, "classification": text, "provider": text, "provider_code": text, "format": text,
        "update_cycle": text, "published": text, "sharing": text, "openness": text, "licence": text,
        "attribution": text, "map_approval": text, "embargo": text,
    });
    let times = |members: Value| {
        let mut members = members;
        if let Some(map) = members.as_object_mut() {
            map.insert("valid_at".into(), day.clone());
            map.insert("known_at".into(), at.clone());
        }
        object(members)
    };
    let all = json!({
        "Problem": {
            "type": "object",
            "required": ["type", "title", "status", "code", "detail", "instance"],
            "properties": {"type": text, "title": text, "status": whole, "code": text, "detail": text, "instance": text, "member": text},
        },
        "Count": count,
        "Record": object(record),
        "Page": times(json!({"items": list(hit), "total": reference("Count"), "facets": list(any.clone()), "next": {"type": ["string", "null"]}, "synthetic": flag})),
        "Lookup": times(json!({"items": list(object(json!({
            "index": whole, "status": {"type": "string", "enum": ["found", "not_found", "refused"]},
            "record": reference("Record"), "problem": any,
        }))), "synthetic": flag})),
        "History": times(json!({"items": list(reference("Record"))})),
        "Claims": times(json!({"items": list(object(json!({
            "number": whole, "source": text, "by_event": text, "batch": text, "valid_from": day, "valid_to": day, "recorded_from": at,
            "recorded_to": at, "source_time": at, "fields": reference("Fields"), "masked": names, "wins": names,
        })))})),
        "Links": times(json!({"items": list(object(json!({
            "from_dataset": text, "from_id": text, "field": text, "to_dataset": text, "to_id": text,
            "valid_from": day, "valid_to": day,
        }))), "more": {"type": "boolean"}})),
        "Statistics": times(json!({"dataset": text, "exact": {"type": "boolean"}, "disclosure": object(json!({
            "method": {"type": "string", "enum": ["cell-key", "withheld"]}, "unit": text, "minimum": whole, "noise_max": whole,
            "noise_variance": {"type": "number"},
        })), "items": list(object(json!({
            "group": any, "labels": any, "count": reference("Count"), "figures": any,
        })))})),
        "Changes": object(json!({"items": list(object(json!({
            "kind": {"type": "string", "enum": ["added", "changed", "left"]}, "id": text, "at": at,
        }))), "next": text, "more": {"type": "boolean"}})),
        "ImportReport": object(json!({
            "batch": text, "dataset": text, "source": text, "state": text, "accepted": whole, "changed": whole,
            "unchanged": whole, "rejected": whole, "last_line": whole, "ended": whole,
            "problems": list(row_problem.clone()), "warnings": list(row_problem), "cut_off": text,
        })),
        "Verified": times(json!({"items": list(object(json!({
            "index": whole, "result": {"type": "string", "enum": ["match", "mismatch", "unavailable", "not_found"]},
        }))), "receipt": any})),
        "Ownership": times(json!({"nodes": list(any.clone()), "edges": list(any.clone()), "controllers": list(any.clone()), "truncated": {"type": "boolean"}, "circular": {"type": "boolean"}})),
        "Series": times(json!({"items": list(reference("Record"))})),
        "Divisions": times(json!({"items": list(reference("Record"))})),
        "Located": times(json!({"items": list(object(json!({
            "index": whole, "status": {"type": "string", "enum": ["found", "not_found"]},
            "parts": list(object(json!({"level": text, "text": text}))), "score": {"type": "number"}, "level": text,
            "longitude": {"type": "number"}, "latitude": {"type": "number"}, "dataset": text, "id": text, "title": text,
            "division": text,
        })))})),
        "CodeList": object(json!({"id": text, "title": any, "source": text, "reaches_back_to": day, "items": list(object(json!({
            "code": text, "label": any, "parent": text, "valid_from": day, "valid_to": day, "successors": names,
        })))})),
        "Catalogue": object(json!({"items": list(object(entry.clone()))})),
        "CatalogueEntry": object(entry),
        "AuditEntries": object(json!({"items": list(any), "next": {"type": ["integer", "null"]}})),
    });
    match all {
        Value::Object(mut map) => {
            let parts = [governance::answers(), accounts::answers(), compiling::answers(), exports::answers()];
            map.extend(parts.into_iter().flatten());
            map
        }
        _ => Map::new(),
    }
}
