//! The API's definition as OpenAPI 3.0: what the OGC's tests and GDAL read, with a path for every collection.

use std::sync::Arc;

use foundation::dataset::{Dataset, Field};
use foundation::value::FieldType;
use serde_json::{Map, Value, json};

use super::{GEOJSON, HTML, JSON, ROOT, SCHEMA, collections, crs, is_collection, queryable, queryables};
use crate::flow::Masked;
use crate::http::Route;
use crate::http::ogc::{ITEM, ITEMS, PLAIN, RECORD_ID, RECORDS_ID, ROUTES};

pub(super) fn document(masked: &Masked, datasets: &[Arc<Dataset>]) -> Value {
    let shown: Vec<&Arc<Dataset>> = datasets.iter().filter(|dataset| is_collection(masked, dataset)).collect();
    // Of the paths with a template: what any collection can be asked by.
    let mut all: Vec<&Field> = Vec::new();
    for field in shown.iter().flat_map(|dataset| queryable(masked, dataset)) {
        if !all.iter().any(|known| known.name == field.name) {
            all.push(field);
        }
    }
    let ids: Vec<String> = shown.iter().map(|dataset| collections::id(&dataset.name)).collect();
    let mut paths = Map::new();
    for route in ROUTES {
        let path = route.path.strip_prefix(ROOT).filter(|path| !path.is_empty()).unwrap_or("/");
        // The template stands beside the concrete paths: some clients look for one, some for the other.
        let template = path.replace("{collection}", "{collectionId}").replace("{id}", "{featureId}");
        paths.insert(template.clone(), operation(route, &template, &all, &ids, ""));
        if path.contains("{collection}") {
            for (dataset, id) in shown.iter().zip(&ids) {
                let concrete = path.replace("{collection}", id).replace("{id}", "{featureId}");
                let fields: Vec<&Field> = queryable(masked, dataset).collect();
                let operation = operation(route, &concrete, &fields, &[], &dataset.title.en);
                paths.insert(concrete, operation);
            }
        }
    }
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "natbase OGC API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Datasets with a geometry as feature collections. Errors are RFC 9457 problems.",
            "license": {"name": "Apache-2.0"},
        },
        "servers": [{"url": ROOT}],
        "paths": paths,
        "components": {
            "schemas": {
                "problem": {
                    "type": "object",
                    "properties": {"type": {"type": "string"}, "title": {"type": "string"}, "status": {"type": "integer"},
                        "code": {"type": "string"}, "detail": {"type": "string"}},
                },
            },
        },
    })
}

fn operation(route: &Route, path: &str, fields: &[&Field], ids: &[String], of: &str) -> Value {
    let mut parameters: Vec<Value> = Vec::new();
    for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let mut schema = json!({"type": "string"});
        if name == "collectionId"
            && let Some(members) = schema.as_object_mut()
        {
            members.insert("enum".into(), json!(ids));
        }
        parameters.push(json!({"name": name, "in": "path", "required": true, "schema": schema}));
    }
    for param in route.params {
        parameters.push(parameter(param.name, param.about));
    }
    if route.open {
        let taken = |name: &str| route.params.iter().any(|param| param.name == name);
        let simple = fields.iter().filter(|field| field.kind != FieldType::Geometry && !taken(&field.name));
        parameters.extend(simple.map(|field| {
            let schema = queryables::property(field);
            json!({"name": field.name, "in": "query", "required": false, "style": "form", "explode": false,
                "description": format!("features whose {} is this", field.title.en), "schema": schema})
        }));
    }
    let kind = match route.id {
        ITEMS | ITEM | RECORDS_ID | RECORD_ID => GEOJSON,
        "ogcQueryables" | "ogcCatalogueQueryables" => SCHEMA,
        "ogcTileWebMercator" | "ogcTileCgcs2000" | "ogcTileXyz" => super::tiles::MVT,
        "ogcApi" => super::OPENAPI,
        _ => JSON,
    };
    let content = |kind: &str| json!({kind: {"schema": {"type": "object"}}});
    let mut answers = content(kind);
    if let Some(members) = answers.as_object_mut() {
        let html = HTML.split(';').next().unwrap_or_default();
        members.insert(html.to_owned(), json!({"schema": {"type": "string"}}));
    }
    let problem = json!({
        "description": "a problem",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/problem"}}},
    });
    let summary = if of.is_empty() { route.summary.to_owned() } else { format!("{} ({of})", route.summary) };
    let id: String = format!("{}{}", route.id, path.split('/').nth(2).unwrap_or_default())
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .collect();
    json!({"get": {
        "operationId": id, "summary": summary, "parameters": parameters,
        "responses": {"200": {"description": "the answer", "content": answers}, "400": problem, "404": problem, "default": problem},
    }})
}

fn parameter(name: &str, about: &str) -> Value {
    let schema = match name {
        "limit" => json!({"type": "integer", "minimum": 1, "maximum": 1_000, "default": 100}),
        "offset" => json!({"type": "integer", "minimum": 0, "maximum": 10_000, "default": 0}),
        "bbox" => json!({"type": "array", "minItems": 4, "maxItems": 6, "items": {"type": "number"}}),
        "f" => json!({"type": "string", "enum": PLAIN}),
        "filter-lang" => json!({"type": "string", "enum": crate::http::params::FILTER_LANGS, "default": "cql2-text"}),
        "crs" | "bbox-crs" | "filter-crs" => {
            json!({"type": "string", "format": "uri", "enum": crs::ALL.map(crs::Crs::uri), "default": crs::Crs::Crs84.uri()})
        }
        _ => json!({"type": "string"}),
    };
    json!({"name": name, "in": "query", "required": false, "style": "form", "explode": false, "description": about, "schema": schema})
}
