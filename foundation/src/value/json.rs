//! Values from and to JSON.
//!
//! | kind | JSON |
//! |---|---|
//! | text, code, date, period, interval, timestamp, link | string |
//! | texts | object by language |
//! | integer | number (read also from a string) |
//! | decimal | string with its exact digits (read also from a number) |
//! | measure | `{"value": "12.5", "unit": "cm"}` |
//! | boolean | true, false |
//! | geometry | GeoJSON geometry (read also from WKT) |
//! | media | `{"reference", "media_type", "size", "sha256"}` |
//! | party | `{"id"?, "name"?, "country"?, "document"?: {"kind", "number"}}` |
//! | list | array |
//!
//! Strings are read as `parse.rs` reads them. [`write_json`] writes records without building a tree.

mod write;

pub use write::{write_json, write_json_noting, write_value};

use serde_json::{Map, Value as Json};

use super::parse::{self, Context, Parsed, ValueProblem};
use super::shape::{POINTS_MAX_IMPORT, Shape};
use super::{Day, FieldType, Media, Party, Value};
use crate::dataset::{CodeLists, Field};
use crate::value::document::DocumentKind;

/// Reads JSON as a value of `field`; codes are judged as of `day`. `null` says that there is none.
///
/// # Errors
/// [`ValueProblem`] with the rule broken; as in `parse.rs` it does not repeat personal values.
pub fn from_json(field: &Field, json: &Json, lists: &CodeLists, day: Day) -> Result<Parsed, ValueProblem> {
    let context = Context { field, lists, day };
    match json {
        Json::Null => Ok(Value::Null.into()),
        Json::Array(members) if field.list => parse::list(context, members.iter().map(|member| one(context, member))),
        Json::Array(_) => Err(context.problem("one_value", "one value was expected, not an array")),
        Json::String(text) => parse::from_text(field, text, lists, day),
        scalar if field.list => parse::list(context, std::iter::once(one(context, scalar))),
        scalar => one(context, scalar),
    }
}

/// Reads one value (a member, if the field is a list).
pub(super) fn one(context: Context<'_>, json: &Json) -> Result<Parsed, ValueProblem> {
    let parsed: Parsed = match (context.field.kind, json) {
        (_, Json::String(text)) => {
            let text = text.trim();
            if text.is_empty() {
                return Err(context.problem("empty", "the value is empty"));
            }
            return parse::one(context, text);
        }
        (FieldType::Boolean, Json::Bool(yes)) => Value::Boolean(*yes).into(),
        // Codes and years are often written as numbers; the digits are the value.
        (
            FieldType::Integer
            | FieldType::Decimal
            | FieldType::Boolean
            | FieldType::Code
            | FieldType::Division
            | FieldType::Date
            | FieldType::Period
            | FieldType::Measure,
            Json::Number(number),
        ) => return parse::one(context, &number.to_string()),
        (FieldType::Texts, Json::Object(by_language)) => texts(context, by_language)?.into(),
        (FieldType::Measure, Json::Object(measure)) => {
            known_members(context, measure, &["value", "unit"])?;
            let number = match measure.get("value") {
                Some(Json::String(text)) => parse::decimal(context, text)?,
                Some(Json::Number(number)) => parse::decimal(context, &number.to_string())?,
                _ => return Err(context.problem("object_form", "a measure has a `value` and a `unit`")),
            };
            let unit = text_member(context, measure, "unit")?.unwrap_or_default();
            parse::measured(context, number, &unit)?.into()
        }
        (FieldType::Geometry, Json::Object(_)) => {
            parse::geometry(context, Shape::from_geojson(json, POINTS_MAX_IMPORT))?.into()
        }
        (FieldType::Media, Json::Object(media)) => self::media(context, media)?.into(),
        (FieldType::Party, Json::Object(party)) => self::party(context, party)?.into(),
        (kind, _) => {
            return Err(context.problem("json_type", format!("{} was expected", expected(kind))));
        }
    };
    parse::within_bounds(context, &parsed.value)?;
    Ok(parsed)
}

fn expected(kind: FieldType) -> &'static str {
    match kind {
        FieldType::Texts => "an object of texts by language",
        FieldType::Integer => "a whole number",
        FieldType::Decimal => "a number as a string",
        FieldType::Measure => "an object with `value` and `unit`",
        FieldType::Boolean => "true or false",
        FieldType::Geometry => "a GeoJSON geometry",
        FieldType::Media => "an object with `reference`, `media_type`, `size`, `sha256`",
        FieldType::Party => "an object with `id`, `name`, `country`, `document`",
        _ => "a string",
    }
}

fn known_members(context: Context<'_>, object: &Map<String, Json>, known: &[&str]) -> Result<(), ValueProblem> {
    match object.keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(other) => Err(context
            .problem("object_form", format!("the member `{other}` is not known; known are {}", known.join(", ")))),
    }
}

fn text_member(context: Context<'_>, object: &Map<String, Json>, name: &str) -> Result<Option<String>, ValueProblem> {
    match object.get(name) {
        None | Some(Json::Null) => Ok(None),
        Some(Json::String(text)) => parse::line(context, text).map(|t| Some(t).filter(|t| !t.is_empty())),
        Some(_) => Err(context.problem("object_form", format!("`{name}` is a string"))),
    }
}

fn texts(context: Context<'_>, by_language: &Map<String, Json>) -> Result<Value, ValueProblem> {
    let mut pairs = Vec::with_capacity(by_language.len());
    for (tag, text) in by_language {
        match text {
            Json::String(text) => pairs.push((tag.clone(), text.clone())),
            Json::Null => {}
            _ => return Err(context.problem("object_form", format!("the text of `{tag}` is a string"))),
        }
    }
    parse::by_language(context, pairs.into_iter())
}

fn media(context: Context<'_>, object: &Map<String, Json>) -> Result<Value, ValueProblem> {
    known_members(context, object, &["reference", "media_type", "size", "sha256"])?;
    let member = |name: &str| {
        text_member(context, object, name)?
            .ok_or_else(|| context.problem("object_form", format!("a media object has a `{name}`")))
    };
    let (reference, media_type, sha256) = (member("reference")?, member("media_type")?, member("sha256")?);
    let size = object
        .get("size")
        .and_then(Json::as_u64)
        .ok_or_else(|| context.problem("object_form", "`size` is the number of bytes"))?;
    if reference.starts_with('/') || reference.contains('\\') || reference.split('/').any(|part| part == "..") {
        return Err(context.problem("media_reference", "`reference` is a path below the media root, without `..`"));
    }
    let typed = media_type.split_once('/').is_some_and(|(a, b)| !a.is_empty() && !b.is_empty());
    if !typed || !media_type.is_ascii() {
        return Err(context.problem("media_type", "`media_type` is an IANA media type, such as image/jpeg"));
    }
    let sha256 = sha256.to_ascii_lowercase();
    if sha256.len() != 64 || !sha256.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(context.problem("media_sha256", "`sha256` has 64 hexadecimal digits"));
    }
    Ok(Value::Media(Media { reference, media_type, size, sha256 }))
}

fn party(context: Context<'_>, object: &Map<String, Json>) -> Result<Value, ValueProblem> {
    known_members(context, object, &["id", "name", "country", "document"])?;
    let country = text_member(context, object, "country")?.map(|c| c.to_ascii_uppercase());
    if country.as_ref().is_some_and(|c| c.len() != 3 || !c.bytes().all(|b| b.is_ascii_uppercase())) {
        return Err(context.problem("party_country", "`country` is an ISO 3166-1 code of three letters"));
    }
    let document = match object.get("document") {
        None | Some(Json::Null) => None,
        Some(Json::Object(document)) => {
            known_members(context, document, &["kind", "number"])?;
            let (kind, number) = text_member(context, document, "kind")?
                .zip(text_member(context, document, "number")?)
                .ok_or_else(|| context.problem("object_form", "a document has a `kind` and a `number`"))?;
            let known = DocumentKind::parse(&kind).ok_or_else(|| {
                let names: Vec<&str> = DocumentKind::ALL.iter().map(|k| k.as_str()).collect();
                context.problem("document_kind", format!("the kind of a document is one of {}", names.join(", ")))
            })?;
            let number = known.number(&number).map_err(|e| context.problem("document_form", e.to_string()))?;
            Some((kind, number))
        }
        Some(_) => return Err(context.problem("object_form", "`document` is an object with `kind` and `number`")),
    };
    let party = Party {
        link: text_member(context, object, "id")?,
        name: text_member(context, object, "name")?,
        country,
        document,
    };
    if party.link.is_none() && party.name.is_none() && party.document.is_none() {
        return Err(context.problem("empty", "a party has at least an `id`, a `name` or a `document`"));
    }
    Ok(Value::Party(party))
}

/// A value as JSON.
#[must_use]
pub fn to_json(value: &Value) -> Json {
    let mut out = Vec::new();
    write_value(value, &mut out);
    serde_json::from_slice(&out).unwrap_or_default()
}

#[cfg(test)]
mod tests;
