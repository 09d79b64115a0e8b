//! Every resource as a page: what its JSON says, as tables and links.

use askama::Template;
use serde_json::Value;

use crate::problem::{Code, Problem};

/// Features shown on a page, and properties of each.
const COLUMNS_MAX: usize = 12;

#[derive(Template)]
#[template(path = "ogc.html")]
struct Page<'a> {
    style: &'static str,
    title: &'a str,
    description: &'a str,
    links: Vec<Link<'a>>,
    rows: Vec<Row>,
    columns: Vec<&'a str>,
    features: Vec<Feature>,
}

struct Link<'a> {
    rel: &'a str,
    href: &'a str,
    title: &'a str,
}

/// A member of the document, by its path.
struct Row {
    name: String,
    value: String,
    href: bool,
}

struct Feature {
    id: String,
    cells: Vec<String>,
}

/// Writes a document as a page.
///
/// # Errors
/// [`Problem`] 500 if the template cannot be filled.
pub(super) fn page(document: &Value) -> Result<Vec<u8>, Problem> {
    let text = |name: &str| document.get(name).and_then(Value::as_str).unwrap_or_default();
    let links = document.get("links").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let links = links.iter().map(|link| {
        let of = |name: &str| link.get(name).and_then(Value::as_str).unwrap_or_default();
        Link { rel: of("rel"), href: of("href"), title: of("title") }
    });
    let features = document.get("features").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let columns: Vec<&str> = features
        .first()
        .and_then(|feature| feature.get("properties")?.as_object())
        .map(|properties| {
            let plain = properties.iter().filter(|(_, value)| !is_nested(value));
            plain.take(COLUMNS_MAX).map(|(name, _)| name.as_str()).collect()
        })
        .unwrap_or_default();
    let mut rows = Vec::new();
    if let Some(members) = document.as_object() {
        for (name, value) in members {
            if !matches!(name.as_str(), "title" | "description" | "links" | "features") {
                flatten(name.clone(), value, &mut rows);
            }
        }
    }
    let page = Page {
        style: crate::portal::STYLE_ADDRESS,
        title: if text("title").is_empty() { "OGC API" } else { text("title") },
        description: text("description"),
        links: links.collect(),
        rows,
        features: features
            .iter()
            .map(|feature| Feature {
                id: feature.get("id").map(shown).unwrap_or_default(),
                cells: columns
                    .iter()
                    .map(|name| feature["properties"].get(*name).map(shown).unwrap_or_default())
                    .collect(),
            })
            .collect(),
        columns,
    };
    page.render()
        .map(String::into_bytes)
        .map_err(|e| Problem::new(Code::Internal, "the page was not made").because(e.to_string()))
}

/// Whether a value has members of its own: it stands in the document, not in a cell.
fn is_nested(value: &Value) -> bool {
    match value {
        Value::Object(_) => true,
        Value::Array(items) => items.iter().any(is_nested),
        _ => false,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn flatten(name: String, value: &Value, rows: &mut Vec<Row>) {
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(member, value)| flatten(format!("{name}.{member}"), value, rows));
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().enumerate().for_each(|(at, item)| flatten(format!("{name}[{at}]"), item, rows));
        }
        _ => {
            let value = shown(value);
            let href = value.starts_with("http://") || value.starts_with("https://");
            rows.push(Row { name, value, href });
        }
    }
}
