//! A version of a record as an index document.

use tantivy::TantivyDocument;
use xxhash_rust::xxh3::xxh3_64;

use super::IndexError;
use super::analysis::normalised;
use super::mapping::{Mapped, Mapping, Scalar, TextForm, column_day};
use crate::record::{RecordKey, Version};
use crate::value::{Day, Decimal, Fields, Instant, Shape, Span, Value, codec};

/// Longest whole value kept as a term, bytes; of a longer one the start.
const TERM_BYTES_MAX: usize = 512;
/// Longest text in a column, bytes.
const COLUMN_BYTES_MAX: usize = 256;

/// The bytes of a record's key that a document keeps: all but the dataset number.
pub(super) fn key_parts(key: &RecordKey) -> Option<(u16, &[u8])> {
    let ([_, _, high, low], row) = key.as_bytes().split_first_chunk::<4>()?;
    Some((u16::from_be_bytes([*high, *low]), row))
}

/// Row bytes as big-endian words, the last padded with zeros.
pub(super) fn key_words(row: &[u8]) -> impl Iterator<Item = u64> + '_ {
    row.chunks(8).map(|chunk| {
        let mut word = [0_u8; 8];
        word.iter_mut().zip(chunk).for_each(|(to, from)| *to = *from);
        u64::from_be_bytes(word)
    })
}

/// The digest that proves a document to be its version: xxh3 over key, number, valid time and resolved fields.
pub(super) fn digest(key: &RecordKey, number: u32, valid: Span<Day>, fields: &Fields, buffer: &mut Vec<u8>) -> u64 {
    buffer.clear();
    buffer.extend_from_slice(key.as_bytes());
    buffer.extend_from_slice(&number.to_le_bytes());
    buffer.extend_from_slice(&valid.from.0.to_le_bytes());
    buffer.extend_from_slice(&valid.to.0.to_le_bytes());
    buffer.extend_from_slice(&codec::digest(fields).to_le_bytes());
    xxh3_64(buffer)
}

/// Whether an f64 tells the decimal exactly: no two decimals of at most 15 digits share one.
pub(super) fn told_by_f64(decimal: Decimal) -> bool {
    decimal.normalised().mantissa().unsigned_abs() < 1_000_000_000_000_000
}

/// Makes documents of one dataset; keeps its buffers.
pub(super) struct Documents<'a> {
    mapping: &'a Mapping,
    buffer: Vec<u8>,
}

impl<'a> Documents<'a> {
    pub(super) fn new(mapping: &'a Mapping) -> Self {
        Self { mapping, buffer: Vec::with_capacity(512) }
    }

    /// The document of a version. Everything that could make the engine's writer fail is checked here.
    pub(super) fn make(
        &mut self,
        key: &RecordKey,
        version: &Version,
        fields: &Fields,
    ) -> Result<TantivyDocument, IndexError> {
        let system = &self.mapping.system;
        let mut document = TantivyDocument::new();
        let Some((partition, row)) = key_parts(key) else {
            return Err(IndexError::Damaged { reason: "a record's key is too short".to_owned() });
        };
        if row.len() > system.key_words.len() * 8
            || (system.key_length.is_none() && row.len() != system.key_words.len() * 8)
        {
            return Err(IndexError::Damaged { reason: format!("a record's key has {} bytes", row.len()) });
        }
        document.add_bytes(system.record, key.as_bytes());
        document.add_u64(system.partition, u64::from(partition));
        for (column, word) in system.key_words.iter().zip(key_words(row)) {
            document.add_u64(*column, word);
        }
        if let Some(column) = system.key_length {
            document.add_u64(column, row.len() as u64);
        }
        document.add_u64(system.version, u64::from(version.number));
        document.add_u64(system.digest, digest(key, version.number, version.valid, fields, &mut self.buffer));
        if version.valid.from != Day::MIN {
            document.add_i64(system.valid_from, version.valid.from.0);
        }
        if version.valid.to != Day::MAX {
            document.add_i64(system.valid_to, version.valid.to.0);
        }
        document.add_i64(system.recorded_from, version.recorded.from.0);
        if version.recorded.to != Instant::MAX {
            document.add_i64(system.recorded_to, version.recorded.to.0);
        }
        let mut shapes = Vec::new();
        for mapped in &self.mapping.fields {
            match fields.get(mapped.number) {
                None | Some(Value::Null) => document.add_u64(system.silent, u64::from(mapped.number)),
                Some(Value::List(members)) => {
                    let mut seen: Vec<&Value> = Vec::new();
                    for member in members.iter().filter(|m| **m != Value::Null) {
                        if !seen.contains(&member) {
                            seen.push(member);
                            self.add(&mut document, mapped, member, &mut shapes);
                        }
                    }
                }
                Some(value) => self.add(&mut document, mapped, value, &mut shapes),
            }
        }
        if let (Some(column), false) = (self.mapping.shapes, shapes.is_empty()) {
            document.add_custom(column, &super::space::payload(&shapes)?);
        }
        Ok(document)
    }

    fn add<'v>(
        &self,
        document: &mut TantivyDocument,
        mapped: &Mapped,
        value: &'v Value,
        shapes: &mut Vec<(u16, &'v Shape)>,
    ) {
        if let Value::Geometry(shape) = value {
            shapes.push((mapped.number, shape));
            return;
        }
        match (&mapped.scalar, value) {
            (Some(Scalar::Integer(_, column)), value) => {
                if let Some(whole) = whole_number(value) {
                    document.add_i64(*column, whole);
                }
            }
            (Some(Scalar::Number(_, column)), Value::Decimal(number) | Value::Measure(number, _)) => {
                document.add_f64(*column, number.to_f64());
                if !told_by_f64(*number) {
                    document.add_u64(self.mapping.system.rounded, u64::from(mapped.number));
                }
            }
            (Some(Scalar::Stretch { from, to }), value) => {
                if let Some(span) = stretch(value) {
                    document.add_i64(from.1, column_day(span.from));
                    document.add_i64(to.1, column_day(span.to));
                }
            }
            _ => {}
        }
        if let (Some((column, as_is)), Some(text)) = (mapped.term, whole_text(value)) {
            let text = cut(text, TERM_BYTES_MAX);
            if as_is { document.add_text(column, text) } else { document.add_text(column, normalised(text)) }
        }
        if let Some(form) = mapped.text {
            for_each_text(value, |text| match form {
                TextForm::Name { all } => document.add_text(all, text),
                TextForm::Text { pairs, characters } => {
                    document.add_text(pairs, text);
                    document.add_text(characters, text);
                }
            });
        }
        if let Some((_, column)) = &mapped.strings
            && let Some(text) = facet_text(value)
        {
            document.add_text(*column, cut(&text, COLUMN_BYTES_MAX));
        }
    }
}

/// The longest start of `text` of at most `bytes_max` bytes.
fn cut(text: &str, bytes_max: usize) -> &str {
    text.get(..text.floor_char_boundary(bytes_max)).unwrap_or(text)
}

/// Whole numbers, instants, yes and no as an i64.
pub(super) fn whole_number(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(whole) => Some(*whole),
        Value::Boolean(yes) => Some(i64::from(*yes)),
        Value::Timestamp(at) => Some(at.0),
        _ => None,
    }
}

/// The days a value may touch.
pub(super) fn stretch(value: &Value) -> Option<Span<Day>> {
    match value {
        Value::Date(date) => Some(date.span()),
        Value::Era(era) => Some(era.span()),
        Value::Period(period) => Some(period.span()),
        _ => None,
    }
}

/// A code, link or text as a whole.
pub(super) fn whole_text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) | Value::Code(text) | Value::Link(text) => Some(text),
        _ => None,
    }
}

/// Every text in a value.
pub(super) fn for_each_text(value: &Value, mut each: impl FnMut(&str)) {
    match value {
        Value::Text(text) | Value::Code(text) => each(text),
        Value::Texts(texts) => texts.iter().for_each(|(_, text)| each(text)),
        Value::Party(party) => {
            if let Some(name) = &party.name {
                each(name);
            }
        }
        _ => {}
    }
}

/// A value as facets and groups show it; also what texts and codes are sorted by.
pub(super) fn facet_text(value: &Value) -> Option<std::borrow::Cow<'_, str>> {
    use std::borrow::Cow;
    Some(match value {
        Value::Text(text) | Value::Code(text) | Value::Link(text) => Cow::Borrowed(text),
        Value::Texts(texts) => Cow::Borrowed(texts.first().map(|(_, text)| text.as_str())?),
        Value::Integer(whole) => Cow::Owned(whole.to_string()),
        Value::Decimal(number) => Cow::Owned(number.normalised().to_string()),
        Value::Measure(number, unit) => Cow::Owned(format!("{} {unit}", number.normalised())),
        Value::Boolean(yes) => Cow::Borrowed(if *yes { "true" } else { "false" }),
        Value::Date(date) => Cow::Owned(date.to_string()),
        Value::Era(era) => Cow::Borrowed(era.as_str()),
        Value::Period(period) => Cow::Owned(period.to_string()),
        Value::Timestamp(at) => Cow::Owned(at.to_string()),
        Value::Party(party) => Cow::Borrowed(party.link.as_deref().or(party.name.as_deref())?),
        Value::Null | Value::Geometry(_) | Value::Media(_) | Value::List(_) => return None,
    })
}
