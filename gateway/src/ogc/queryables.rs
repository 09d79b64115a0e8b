//! What features can be asked by, as a JSON schema (Part 3).

use foundation::dataset::{Dataset, Field};
use foundation::value::FieldType;
use serde_json::{Map, Value, json};

use super::{Asked, collections, queryable};
use crate::flow::Masked;

pub(super) fn schema(masked: &Masked, asked: &Asked, dataset: &Dataset) -> Value {
    let properties: Map<String, Value> =
        queryable(masked, dataset).map(|field| (field.name.clone(), property(field))).collect();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": asked.under(&format!("/collections/{}/queryables", collections::id(&dataset.name))),
        "type": "object",
        "title": dataset.title.en,
        "description": dataset.summary.en,
        "properties": properties,
        "additionalProperties": false,
    })
}

/// A field as a schema.
pub(super) fn property(field: &Field) -> Value {
    let mut schema = match field.kind {
        FieldType::Geometry => json!({"format": "geometry-any"}),
        FieldType::Integer => json!({"type": "integer"}),
        FieldType::Decimal => json!({"type": "number"}),
        FieldType::Boolean => json!({"type": "boolean"}),
        // Dates may be partial; CQL2 asks by DATE or by text.
        FieldType::Date => json!({"type": "string", "format": "date"}),
        FieldType::Timestamp => json!({"type": "string", "format": "date-time"}),
        _ => json!({"type": "string"}),
    };
    if let Some(members) = schema.as_object_mut() {
        members.insert("title".into(), json!(format!("{} {}", field.title.zh, field.title.en)));
        if let Some(list) = &field.code_list {
            members.insert("x-natbase-code-list".into(), json!(list));
        }
    }
    schema
}
