//! `/openapi.json`: OpenAPI 3.1, made from the table of routes and the datasets' definitions.

use std::fmt::Write as _;
use std::sync::Arc;

use foundation::dataset::{Dataset, Field};
use foundation::value::{FieldType, Instant};
use serde_json::{Map, Value, json};

use crate::app::App;
use crate::ask::Act;
use crate::http::routes::ALL;
use crate::http::{Body, Param, ParamKind, Route};
use crate::policy::Principal;

mod schemas;

/// The description, with typed schemas for the datasets that the public catalogue lists.
#[must_use]
pub fn document(app: &App) -> Value {
    let policy = app.policy.load();
    let listed: Vec<Arc<Dataset>> = app
        .catalogue
        .all()
        .iter()
        .filter(|facts| policy.decide(&Principal::public(), facts, Act::Catalogue, None, false, Instant::MAX).is_ok())
        .map(|facts| Arc::clone(&facts.dataset))
        .collect();
    describe(&listed)
}

/// The description for these datasets.
#[must_use]
pub fn describe(datasets: &[Arc<Dataset>]) -> Value {
    let mut paths = Map::new();
    for route in ALL {
        let path = paths.entry(shown_path(route)).or_insert_with(|| json!({}));
        if let Some(methods) = path.as_object_mut() {
            methods.insert(route.method.to_ascii_lowercase(), operation(route));
        }
    }
    let mut all = schemas::answers();
    for dataset in datasets {
        all.insert(schema_name(dataset), fields_schema(dataset));
    }
    let one_of: Vec<Value> =
        datasets.iter().map(|d| json!({"$ref": format!("#/components/schemas/{}", schema_name(d))})).collect();
    all.insert("Fields".into(), if one_of.is_empty() { json!({"type": "object"}) } else { json!({"anyOf": one_of}) });
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "natbase",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Five national base databases behind one gateway. Errors are RFC 9457 problems; their codes stand at /problems.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": all,
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    })
}

/// The path as clients write it.
fn shown_path(route: &Route) -> String {
    match route.id {
        "withdraw" => format!("{}:withdraw", route.path),
        "sharingStep" | "correctionStep" | "accountChange" | "approvalJudge" | "evaluationStep" | "entryStep"
        | "demandStep" => {
            format!("{}:{{step}}", route.path)
        }
        _ => route.path.to_owned(),
    }
}

fn operation(route: &Route) -> Value {
    let mut parameters: Vec<Value> = path_parts(&shown_path(route))
        .map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "string"}}))
        .collect();
    parameters.extend(route.params.iter().map(query_param));
    let headers: &[&str] = &["Natbase-Grant", "Natbase-Case", "Natbase-Officer"];
    parameters.extend(
        headers
            .iter()
            .map(|name| json!({"name": name, "in": "header", "schema": {"type": "string", "maxLength": 128}})),
    );
    if route.body == Body::Upload && route.id == "import" {
        parameters
            .push(json!({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "maxLength": 200}}));
    }
    let problem = json!({
        "description": "a problem",
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    });
    let text =
        |what: &str, media: &str| json!({"description": what, "content": {media: {"schema": {"type": "string"}}}});
    let answer = match route.answer {
        "Csv" => text("refused rows", "text/csv"),
        "Xml" => text("metadata", "application/xml"),
        "File" => {
            let forms = crate::ask::FileFormat::ALL.into_iter();
            let binary = json!({"schema": {"type": "string", "format": "binary"}});
            let content: Map<String, Value> =
                forms.map(|form| (form.media_type().to_owned(), binary.clone())).collect();
            json!({"description": "the file", "content": content})
        }
        "Workbook" => json!({
            "description": "a workbook",
            "content": {(crate::evaluation::workbook::MEDIA_TYPE): {"schema": {"type": "string", "format": "binary"}}},
        }),
        _ => json!({
            "description": "the answer",
            "headers": {"Natbase-Request-Id": {"schema": {"type": "string"}}},
            "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{}", route.answer)}}},
        }),
    };
    let mut operation = json!({
        "operationId": route.id,
        "summary": route.summary,
        "parameters": parameters,
        "responses": {(if route.id == "export" { "202" } else { "200" }): answer, "4XX": problem, "5XX": problem},
    });
    if let (Some(body), Some(map)) = (request_body(route), operation.as_object_mut()) {
        map.insert("requestBody".into(), body);
    }
    operation
}

fn path_parts(path: &str) -> impl Iterator<Item = &str> {
    path.split(['/', ':']).filter_map(|part| part.strip_prefix('{').and_then(|p| p.strip_suffix('}')))
}

fn query_param(param: &Param) -> Value {
    json!({"name": param.name, "in": "query", "description": param.about, "schema": kind_schema(param.kind)})
}

fn kind_schema(kind: ParamKind) -> Value {
    match kind {
        ParamKind::Text | ParamKind::Dataset | ParamKind::List | ParamKind::Instant => json!({"type": "string"}),
        ParamKind::Object => json!({"type": "object"}),
        ParamKind::Integer => json!({"type": "integer"}),
        ParamKind::Number => json!({"type": "number"}),
        ParamKind::Boolean => json!({"type": "boolean"}),
        ParamKind::Day => json!({"type": "string", "format": "date"}),
        ParamKind::OneOf(values) => json!({"type": "string", "enum": values}),
    }
}

fn request_body(route: &Route) -> Option<Value> {
    let members = |list: Option<&str>| {
        let mut properties: Map<String, Value> = route
            .params
            .iter()
            .map(|p| {
                let schema = match p.kind {
                    ParamKind::List => {
                        json!({"oneOf": [{"type": "string"}, {"type": "array", "items": {"type": ["string", "number"]}}]})
                    }
                    kind => kind_schema(kind),
                };
                (p.name.replace('-', "_"), schema)
            })
            .collect();
        let mut required = Vec::new();
        if let Some(list) = list {
            let item = json!({"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}});
            properties.insert(list.into(), json!({"type": "array", "maxItems": 1_000, "items": item}));
            required.push(list);
        }
        json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false})
    };
    let json_body = |schema| json!({"required": true, "content": {"application/json": {"schema": schema}}});
    match route.body {
        Body::None => None,
        Body::Members => Some(json_body(members(None))),
        Body::List(list) => Some(json_body(members(Some(list)))),
        Body::Form => {
            let mut schema = members(None);
            if let Some(map) = schema.as_object_mut() {
                map.remove("additionalProperties");
            }
            Some(json!({"required": true, "content": {"application/x-www-form-urlencoded": {"schema": schema}}}))
        }
        Body::Upload => {
            let content: Map<String, Value> = crate::http::upload_types(route)
                .into_iter()
                .map(|name| (name.to_owned(), json!({"schema": {"type": "string", "format": "binary"}})))
                .collect();
            Some(json!({"required": true, "content": content}))
        }
    }
}

/// `population/persons` → `PopulationPersons`.
fn schema_name(dataset: &Dataset) -> String {
    dataset
        .name
        .to_string()
        .split(['/', '-'])
        .map(|word| {
            let mut chars = word.chars();
            chars.next().map(|c| c.to_ascii_uppercase()).into_iter().chain(chars).collect::<String>()
        })
        .collect()
}

fn fields_schema(dataset: &Dataset) -> Value {
    let properties: Map<String, Value> = dataset.fields.iter().map(|f| (f.name.clone(), field_schema(f))).collect();
    json!({"type": "object", "title": dataset.title.en, "description": dataset.summary.en, "properties": properties})
}

fn field_schema(field: &Field) -> Value {
    let mut one = match field.kind {
        FieldType::Boolean => json!({"type": ["boolean", "null"]}),
        FieldType::Integer => json!({"type": ["integer", "null"]}),
        FieldType::Texts => json!({"type": ["object", "null"], "additionalProperties": {"type": "string"}}),
        FieldType::Measure | FieldType::Geometry | FieldType::Media | FieldType::Party => {
            json!({"type": ["object", "null"]})
        }
        FieldType::Decimal => json!({"type": ["string", "null"], "format": "decimal"}),
        FieldType::Text
        | FieldType::Code
        | FieldType::CitizenId
        | FieldType::Document
        | FieldType::CreditCode
        | FieldType::Division
        | FieldType::Date
        | FieldType::Interval
        | FieldType::Period
        | FieldType::Timestamp
        | FieldType::Link => json!({"type": ["string", "null"]}),
    };
    if field.list {
        one = json!({"type": ["array", "null"], "items": one});
    }
    if let Some(map) = one.as_object_mut() {
        map.insert("title".into(), json!(field.title.zh));
        let mut description = format!("{}; grade {}", field.title.en, field.grade);
        if let Some(instead) = &field.deprecated {
            map.insert("deprecated".into(), json!(true));
            let _ = write!(description, "; {}", instead.en);
        }
        map.insert("description".into(), json!(description));
    }
    one
}
