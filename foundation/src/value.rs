//! The values a field can hold, how they are read from text and JSON, and how they are written to disk.
//!
//! A [`Value`] is valid by construction: it is made by [`parse::from_text`] or [`json::from_json`] against a
//! [`FieldType`], at the edge. The byte format is known to `codec.rs` alone.

pub mod citizen_id;
pub mod codec;
pub mod credit_code;
mod date;
mod day;
mod decimal;
pub mod document;
mod instant;
mod interval;
pub mod json;
mod kind;
pub mod parse;
mod period;
mod shape;

pub use date::{PartialDate, Precision};
pub use day::Day;
pub use decimal::{Decimal, DecimalError};
pub use instant::Instant;
pub use interval::Era;
pub use kind::FieldType;
pub use period::{Frequency, Period};
pub use shape::{POINTS_MAX_IMPORT, POINTS_MAX_QUERY, Shape, ShapeError};

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// A half-open stretch `[from, to)` of days or instants; `to = MAX` means open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
pub struct Span<T> {
    /// Inclusive start.
    pub from: T,
    /// Exclusive end.
    pub to: T,
}

impl<T: Ord + Copy> Span<T> {
    /// Whether `at` lies in the stretch.
    pub fn contains(&self, at: T) -> bool {
        self.from <= at && at < self.to
    }
    /// Whether two stretches share a point.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.from < other.to && other.from < self.to
    }
    /// Whether the stretch holds no point.
    pub fn is_empty(&self) -> bool {
        self.from >= self.to
    }
}

/// One value of one field.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Value {
    /// The source says that there is none (an absent field is one the source is silent on).
    Null,
    /// Free text, NFC.
    Text(String),
    /// Text by BCP 47 language tag, sorted by tag.
    Texts(Vec<(String, String)>),
    /// A code, division code, citizen number, document number or credit code, normalised.
    Code(String),
    /// A whole number.
    Integer(i64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A number with a unit (UCUM or the field's own).
    Measure(Decimal, String),
    /// Yes or no.
    Boolean(bool),
    /// A date known to the year, month or day.
    Date(PartialDate),
    /// A stretch of history, EDTF.
    Era(Era),
    /// A statistical period.
    Period(Period),
    /// A point in time, UTC.
    Timestamp(Instant),
    /// A geometry in longitude/latitude, CGCS2000.
    Geometry(Shape),
    /// A file kept outside the store.
    Media(Media),
    /// A link to another record, by its id in the field's target dataset.
    Link(String),
    /// A party: a link, or while unresolved a name with country and document.
    Party(Party),
    /// Several values of one type, in order.
    List(Vec<Value>),
}

/// A file kept outside the store, by reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub struct Media {
    /// Where it lies, relative to the media root of the node.
    pub reference: String,
    /// IANA media type.
    pub media_type: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256, lowercase hex.
    pub sha256: String,
}

/// Somebody a record refers to, resolved (`link`) or not.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, Encode, Decode)]
pub struct Party {
    /// Record id in the field's target dataset, once resolved.
    pub link: Option<String>,
    /// Name as the source gives it.
    pub name: Option<String>,
    /// ISO 3166-1 alpha-3 country.
    pub country: Option<String>,
    /// Kind and number of a document.
    pub document: Option<(String, String)>,
}

/// The fields of a claim or a version: sorted by field number, each at most once.
///
/// Absent = silent; [`Value::Null`] = "there is none".
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Fields(Vec<(u16, Value)>);

impl Fields {
    /// Nothing said.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
    /// What is said of field `number`, if anything.
    #[must_use]
    pub fn get(&self, number: u16) -> Option<&Value> {
        self.0.binary_search_by_key(&number, |(n, _)| *n).ok().and_then(|at| self.0.get(at)).map(|(_, v)| v)
    }
    /// Says `value` of field `number`; gives back what was said before.
    pub fn set(&mut self, number: u16, value: Value) -> Option<Value> {
        if self.0.last().is_none_or(|(last, _)| *last < number) {
            self.0.push((number, value));
            return None;
        }
        match self.0.binary_search_by_key(&number, |(n, _)| *n) {
            Ok(at) => self.0.get_mut(at).map(|slot| std::mem::replace(&mut slot.1, value)),
            Err(at) => {
                self.0.insert(at, (number, value));
                None
            }
        }
    }
    /// Falls silent on field `number`.
    pub fn remove(&mut self, number: u16) -> Option<Value> {
        let at = self.0.binary_search_by_key(&number, |(n, _)| *n).ok()?;
        Some(self.0.remove(at).1)
    }
    /// Fields in the order of their numbers.
    #[must_use]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (u16, &Value)> {
        self.0.iter().map(|(n, v)| (*n, v))
    }
    /// Number of fields said.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
    /// Whether nothing is said.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<(u16, Value)> for Fields {
    fn from_iter<I: IntoIterator<Item = (u16, Value)>>(pairs: I) -> Self {
        let mut fields = Self::new();
        for (number, value) in pairs {
            fields.set(number, value);
        }
        fields
    }
}
