//! Values from text: a cell of a CSV or XLSX file, a literal, a natural key.
//!
//! What offices write is understood where it can mean one thing only; everything else is refused with a rule code and a
//! message. A message names the field and what was expected; it repeats the text only where the field is not personal.
//!
//! | type | text |
//! |---|---|
//! | text | trimmed, NFC, no control characters |
//! | texts | `zh=静夜思;en=Quiet Night Thoughts`, a JSON object, or a bare text (`zh` if it has Han characters, else `und`) |
//! | code, division | the code, or a label of the list that names one code on the day |
//! | numbers | `1234.5`, full width too; thousands separators only where they cannot be a decimal comma |
//! | measure | `12.5 cm`; a bare number takes the field's unit |
//! | boolean | 是/否, true/false, yes/no, 1/0 |
//! | date | `1990-01-01`, `1990.1.1`, `19900101`, 1990年1月; a time of midnight after it is dropped |
//! | period | `2020-Q1`, `2020-01/2020-03`, 2020年一季度, 2020年1-3月, `202003` |
//! | timestamp | RFC 3339; without an offset the country's time is meant |
//! | geometry | WKT or GeoJSON |
//! | media, party | a JSON object; a bare text is a party's name |
//! | link | the id or natural key of the target as it stands: the write path turns keys into ids |
//! | lists | members separated by `;` `；` `|`, or a JSON array |

mod codes;
mod numbers;
mod times;
mod words;

pub(super) use numbers::{decimal, measured, within_bounds};
pub(super) use words::{by_language, line};
pub use words::{half_width, nfc};

use super::citizen_id::CitizenId;
use super::credit_code::CreditCode;
use super::shape::{POINTS_MAX_IMPORT, Shape, ShapeError};
use super::{Day, Era, FieldType, Party, Value};
use crate::dataset::{CodeLists, Field};

/// Why a text is no value of a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ValueProblem {
    /// Stable rule code, `snake_case`.
    pub rule: &'static str,
    /// Text for a person, naming the field and what was expected.
    pub message: String,
}

/// A value, and what is doubtful about it: the caller decides whether that refuses the row.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// The value.
    pub value: Value,
    /// A finding that does not make the value unusable: an abolished code, a code list that does not reach back, a wrong
    /// inner check of a credit code, a restored leading zero.
    pub warning: Option<ValueProblem>,
}

impl From<Value> for Parsed {
    fn from(value: Value) -> Self {
        Self { value, warning: None }
    }
}

/// What a reader of one field's values knows.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) field: &'a Field,
    pub(super) lists: &'a CodeLists,
    pub(super) day: Day,
}

impl Context<'_> {
    /// A problem of this field.
    pub(super) fn problem(&self, rule: &'static str, message: impl AsRef<str>) -> ValueProblem {
        ValueProblem { rule, message: format!("{}: {}", self.field.name, message.as_ref()) }
    }
    /// The text in quotes, cut to 40 characters; nothing but "the value" for personal fields.
    pub(super) fn shown(&self, text: &str) -> String {
        if self.field.is_personal() {
            return "the value".to_owned();
        }
        let mut start: String = text.chars().take(40).collect();
        if start.len() < text.len() {
            start.push('…');
        }
        format!("`{start}`")
    }
}

/// Reads a text as a value of `field`; codes are judged as of `day`.
///
/// An empty text is a problem with the rule `empty`: whether an empty cell is silence or "there is none" is the caller's.
///
/// # Errors
/// [`ValueProblem`] with the rule broken.
pub fn from_text(field: &Field, text: &str, lists: &CodeLists, day: Day) -> Result<Parsed, ValueProblem> {
    let context = Context { field, lists, day };
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.is_empty() {
        return Err(context.problem("empty", "the value is empty"));
    }
    if !field.list {
        return one(context, text);
    }
    if text.starts_with('[')
        && let Ok(json) = serde_json::from_str::<serde_json::Value>(text)
    {
        return super::json::from_json(field, &json, lists, day);
    }
    let members: Vec<&str> = match field.kind {
        // Their own writing uses the separators.
        FieldType::Texts | FieldType::Geometry | FieldType::Media | FieldType::Party => vec![text],
        _ => text.split([';', '；', '|']).map(str::trim).filter(|m| !m.is_empty()).collect(),
    };
    list(context, members.into_iter().map(|member| one(context, member)))
}

/// Gathers members; the first warning is kept.
pub(super) fn list(
    context: Context<'_>,
    members: impl Iterator<Item = Result<Parsed, ValueProblem>>,
) -> Result<Parsed, ValueProblem> {
    let mut warning = None;
    let members = members
        .map(|member| {
            member.map(|parsed| {
                warning = warning.take().or(parsed.warning);
                parsed.value
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    if members.is_empty() {
        return Err(context.problem("empty", "the list is empty"));
    }
    Ok(Parsed { value: Value::List(members), warning })
}

/// Reads one value (a member, if the field is a list).
pub(super) fn one(context: Context<'_>, text: &str) -> Result<Parsed, ValueProblem> {
    let parsed = match context.field.kind {
        FieldType::Text => Value::Text(words::text(context, text)?).into(),
        FieldType::Texts => words::texts(context, text)?.into(),
        FieldType::Code | FieldType::Division => codes::code(context, text)?,
        FieldType::CitizenId => citizen_id(context, text)?.into(),
        FieldType::CreditCode => credit_code(context, text)?,
        FieldType::Document => super::document::normalise(text)
            .map(|number| Value::Code(number).into())
            .map_err(|e| context.problem("document_form", e.to_string()))?,
        FieldType::Integer => Value::Integer(numbers::integer(context, text)?).into(),
        FieldType::Decimal => Value::Decimal(numbers::decimal(context, text)?).into(),
        FieldType::Measure => numbers::measure(context, text)?.into(),
        FieldType::Boolean => words::boolean(context, text)?.into(),
        FieldType::Date => times::date(context, text)?.into(),
        FieldType::Period => times::period(context, text)?.into(),
        FieldType::Timestamp => times::timestamp(context, text)?.into(),
        FieldType::Interval => Era::parse(&half_width(text)).map(|era| Value::Era(era).into()).ok_or_else(|| {
            context.problem(
                "interval_form",
                format!("{} is no EDTF date or interval, such as `0618/0907`, `-0770`, `../1911`", context.shown(text)),
            )
        })?,
        FieldType::Geometry => geometry(context, Shape::from_text(text, POINTS_MAX_IMPORT))?.into(),
        FieldType::Link => Value::Link(words::line(context, &half_width(text))?).into(),
        FieldType::Media => object(context, text, "a JSON object with `reference`, `media_type`, `size`, `sha256`")?,
        FieldType::Party if text.starts_with('{') => object(context, text, "a JSON object or a name")?,
        FieldType::Party => Value::Party(Party { name: Some(words::line(context, text)?), ..Party::default() }).into(),
    };
    numbers::within_bounds(context, &parsed.value)?;
    Ok(parsed)
}

fn object(context: Context<'_>, text: &str, expected: &str) -> Result<Parsed, ValueProblem> {
    let json = serde_json::from_str::<serde_json::Value>(text)
        .ok()
        .filter(serde_json::Value::is_object)
        .ok_or_else(|| context.problem("object_form", format!("{expected} was expected")))?;
    super::json::one(context, &json)
}

fn citizen_id(context: Context<'_>, text: &str) -> Result<Value, ValueProblem> {
    let text: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let id = CitizenId::parse(&text).map_err(|e| context.problem(e.rule(), e.to_string()))?;
    if id.birth() > context.day {
        return Err(context.problem("citizen_id_birth_date", "the birth date in the citizen number lies in the future"));
    }
    Ok(Value::Code(id.into_string()))
}

fn credit_code(context: Context<'_>, text: &str) -> Result<Parsed, ValueProblem> {
    let text: String = half_width(text).chars().filter(|c| !c.is_whitespace()).collect();
    let code = CreditCode::parse(&text).map_err(|e| context.problem(e.rule(), e.to_string()))?;
    let warning = code.inner_check_expected().map(|expected| {
        context.problem(
            "credit_code_inner_check",
            format!("the organisation code inside the credit code does not fit its check: {expected} was expected"),
        )
    });
    Ok(Parsed { value: Value::Code(code.into_string()), warning })
}

/// A geometry's problem in words; coordinates of personal fields are left out.
pub(super) fn geometry(context: Context<'_>, read: Result<Shape, ShapeError>) -> Result<Value, ValueProblem> {
    read.map(Value::Geometry).map_err(|error| {
        let (rule, kind) = match &error {
            ShapeError::Unreadable(_) => ("geometry_form", "the geometry cannot be read as WKT or GeoJSON"),
            ShapeError::OutOfRange { .. } => {
                ("geometry_range", "a coordinate is out of range: longitude −180…180, latitude −90…90")
            }
            ShapeError::OpenRing { .. } => ("geometry_ring", "a ring is not closed or has fewer than four points"),
            ShapeError::Invalid { .. } => ("geometry_invalid", "the geometry is not valid"),
            ShapeError::TooManyPoints { .. } => ("geometry_size", "the geometry has too many points"),
            ShapeError::Empty => ("geometry_empty", "the geometry is empty"),
        };
        let message = if context.field.is_personal() { kind.to_owned() } else { error.to_string() };
        context.problem(rule, message)
    })
}

#[cfg(test)]
pub(crate) mod tests;
