//! Exact evaluation of a filter on a record's fields.
//!
//! Partial dates, eras and periods are stretches `[lo, hi)`: `=` is the same stretch, `<` is `hi ≤ lo'`, `<=` is
//! `hi ≤ hi'` (surely not later than the end of the other), `>` and `>=` the other way round. A list holds if one member
//! does. A measure compares with the same unit only; with another it is unknown.

mod compare;
pub(super) mod computed;
mod number;
mod pattern;
mod space;

use super::computed::Computed;
use super::{Comparison, Filter, Spatial, Temporal};
use crate::value::{Day, Fields, Span, Value};
pub(super) use computed::fold_text;
pub(super) use number::Number;
use pattern::Pattern;
pub(crate) use space::Area;

/// Three-valued truth (CQL2, SQL): an absent or null operand makes a comparison unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// Holds.
    True,
    /// Does not hold.
    False,
    /// Cannot be told.
    Unknown,
}

impl Truth {
    fn not(self) -> Self {
        match self {
            Self::True => Self::False,
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::True } else { Self::False }
    }
}

/// What `filter` says of `fields`.
///
/// Cost: prepares the filter first. For many records make a [`Prepared`] once.
#[must_use]
pub fn matches(filter: &Filter, fields: &Fields) -> Truth {
    Prepared::new(filter).matches(fields)
}

/// A filter ready to be evaluated on many records: literal geometries are indexed, patterns compiled.
#[derive(Debug)]
pub struct Prepared(Node);

#[derive(Debug)]
enum Node {
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
    Constant(bool),
    IsNull(u16),
    Compare(u16, Comparison, Value),
    In(u16, Vec<Value>),
    Between(u16, Value, Value),
    Like(u16, Pattern),
    Spatial(u16, Spatial, Area),
    Temporal(u16, Temporal, Span<Day>),
    Computed(Box<Computed>),
}

impl Prepared {
    /// Prepares `filter`. Cost: n log n of the points of its geometries.
    #[must_use]
    pub fn new(filter: &Filter) -> Self {
        Self(Node::new(filter))
    }
    /// What the filter says of `fields`.
    ///
    /// Cost: a few comparisons; for a point and a literal polygon, about log n of its points.
    #[must_use]
    pub fn matches(&self, fields: &Fields) -> Truth {
        self.0.matches(fields)
    }
}

impl Node {
    fn new(filter: &Filter) -> Self {
        let all = |parts: &[Filter]| parts.iter().map(Self::new).collect();
        match filter {
            Filter::And(parts) => Self::And(all(parts)),
            Filter::Or(parts) => Self::Or(all(parts)),
            Filter::Not(part) => Self::Not(Box::new(Self::new(part))),
            Filter::Constant(holds) => Self::Constant(*holds),
            Filter::IsNull { field } => Self::IsNull(*field),
            Filter::Compare { field, op, value } => Self::Compare(*field, *op, value.clone()),
            Filter::In { field, values } => Self::In(*field, values.clone()),
            Filter::Between { field, low, high } => Self::Between(*field, low.clone(), high.clone()),
            Filter::Like { field, pattern, casei } => Self::Like(*field, Pattern::new(pattern, *casei)),
            Filter::Spatial { field, op, shape } => Self::Spatial(*field, *op, Area::new(shape)),
            Filter::Temporal { field, op, span } => Self::Temporal(*field, *op, *span),
            Filter::Computed(predicate) => Self::Computed(predicate.clone()),
        }
    }

    fn matches(&self, fields: &Fields) -> Truth {
        match self {
            Self::And(parts) => fold(parts.iter().map(|part| part.matches(fields)), Truth::False),
            Self::Or(parts) => fold(parts.iter().map(|part| part.matches(fields)), Truth::True),
            Self::Not(part) => part.matches(fields).not(),
            Self::Constant(holds) => (*holds).into(),
            Self::IsNull(field) => fields.get(*field).is_none_or(|value| *value == Value::Null).into(),
            Self::Compare(field, op, literal) => any(fields.get(*field), |value| compare::compare(value, *op, literal)),
            Self::In(field, literals) => any(fields.get(*field), |value| {
                fold(literals.iter().map(|literal| compare::compare(value, Comparison::Equal, literal)), Truth::True)
            }),
            Self::Between(field, low, high) => any(fields.get(*field), |value| {
                let ends = [
                    compare::compare(value, Comparison::GreaterOrEqual, low),
                    compare::compare(value, Comparison::LessOrEqual, high),
                ];
                fold(ends.into_iter(), Truth::False)
            }),
            Self::Like(field, pattern) => any(fields.get(*field), |value| match value {
                Value::Text(text) | Value::Code(text) | Value::Link(text) => pattern.fits(text).into(),
                Value::Texts(texts) => texts.iter().any(|(_, text)| pattern.fits(text)).into(),
                _ => Truth::Unknown,
            }),
            Self::Spatial(field, op, area) => any(fields.get(*field), |value| match value {
                Value::Geometry(shape) => area.holds(*op, shape).into(),
                _ => Truth::Unknown,
            }),
            Self::Computed(predicate) => computed::holds(predicate, fields),
            Self::Temporal(field, op, span) => any(fields.get(*field), |value| {
                compare::stretch(value).map_or(Truth::Unknown, |stretch| op.holds(stretch, *span).into())
            }),
        }
    }
}

/// Joins truths: `decisive` decides at once, an unknown part makes the rest unknown, else it is the opposite.
fn fold(parts: impl Iterator<Item = Truth>, decisive: Truth) -> Truth {
    let mut joined = decisive.not();
    for part in parts {
        if part == decisive {
            return decisive;
        }
        if part == Truth::Unknown {
            joined = Truth::Unknown;
        }
    }
    joined
}

/// One value, or any member of a list; unknown for silence and null.
fn any(value: Option<&Value>, judge: impl Fn(&Value) -> Truth) -> Truth {
    match value {
        None | Some(Value::Null) => Truth::Unknown,
        Some(Value::List(members)) if members.is_empty() => Truth::Unknown,
        Some(Value::List(members)) => fold(members.iter().map(judge), Truth::True),
        Some(value) => judge(value),
    }
}

#[cfg(test)]
mod tests;
