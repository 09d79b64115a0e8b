//! Literals of a filter as values of the field they are compared with.

use super::FilterError;
use crate::dataset::{CodeLists, CodeStatus, Dataset, Field};
use crate::value::parse::{self, half_width};
use crate::value::{Day, Decimal, Era, FieldType, Instant, PartialDate, Period, Shape, Span, Value};

/// A literal as it stands in the filter.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Literal {
    /// In quotes.
    Text(String),
    /// Digits, with sign.
    Number(String),
    /// TRUE or FALSE.
    Boolean(bool),
    /// `DATE('…')`, read to whatever precision is given.
    Date(PartialDate),
    /// `TIMESTAMP('…')`.
    Timestamp(Instant),
    /// `INTERVAL('…', '…')`.
    Interval(Bound, Bound),
    /// A geometry.
    Geometry(Shape),
}

/// An end of an interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bound {
    /// `..`
    Open,
    /// A date.
    Date(PartialDate),
    /// A timestamp.
    Timestamp(Instant),
}

impl Literal {
    fn name(&self) -> &'static str {
        match self {
            Self::Text(_) => "a text",
            Self::Number(_) => "a number",
            Self::Boolean(_) => "TRUE or FALSE",
            Self::Date(_) => "a DATE",
            Self::Timestamp(_) => "a TIMESTAMP",
            Self::Interval(..) => "an INTERVAL",
            Self::Geometry(_) => "a geometry",
        }
    }

    /// The days it covers, `[from, to)`; `None` if it is no time.
    pub(super) fn days(&self) -> Option<Span<Day>> {
        match self {
            Self::Date(date) => Some(date.span()),
            Self::Timestamp(at) => Some(Span { from: at.day(), to: at.day().plus(1) }),
            Self::Interval(from, to) => {
                let from = match from {
                    Bound::Open => Day::MIN,
                    Bound::Date(date) => date.span().from,
                    Bound::Timestamp(at) => at.day(),
                };
                let to = match to {
                    Bound::Open => Day::MAX,
                    Bound::Date(date) => date.span().to,
                    Bound::Timestamp(at) => at.day().plus(1),
                };
                Some(Span { from, to })
            }
            // Eras and partial dates have no literal of their own in CQL2.
            Self::Text(text) => Era::parse(text).map(|era| era.span()),
            _ => None,
        }
    }

    /// The instants it covers, first and last, both inclusive; `None` if it is no time.
    pub(super) fn instants(&self) -> Option<(Instant, Instant)> {
        let first =
            |day: Day| if day == Day::MIN { Instant(i64::MIN + 1) } else { Instant::end_of(day.plus(-1)).next() };
        let last = |to: Day| if to == Day::MAX { Instant(i64::MAX - 1) } else { Instant::end_of(to.plus(-1)) };
        match self {
            Self::Timestamp(at) => Some((*at, *at)),
            Self::Interval(from, to) => {
                let from = match from {
                    Bound::Open => first(Day::MIN),
                    Bound::Date(date) => first(date.span().from),
                    Bound::Timestamp(at) => *at,
                };
                let to = match to {
                    Bound::Open => last(Day::MAX),
                    Bound::Date(date) => last(date.span().to),
                    Bound::Timestamp(at) => *at,
                };
                Some((from, to))
            }
            other => other.days().map(|span| (first(span.from), last(span.to))),
        }
    }
}

trait Next {
    fn next(self) -> Self;
}

impl Next for Instant {
    fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

/// What literals are read against.
pub(super) struct Reader<'a> {
    pub(super) dataset: &'a Dataset,
    /// Code lists and the day they are asked for; without them codes are taken as they stand.
    pub(super) lists: Option<(&'a CodeLists, Day)>,
}

impl Reader<'_> {
    /// The literal as a value of `field`, for a comparison.
    pub(super) fn value(&self, field: &Field, literal: &Literal, at: usize) -> Result<Value, FilterError> {
        use FieldType as T;
        let fault = |reason: String| FilterError { at, reason };
        let wrong = |expected: &str| {
            fault(format!("`{}` is compared with {expected}, not with {}", field.name, literal.name()))
        };
        // A bound of the field does not bound what may be asked.
        let one = Field { list: false, min: None, max: None, max_length: None, ..field.clone() };
        let empty = CodeLists::default();
        let (lists, day) = self.lists.unwrap_or((&empty, Day::MAX));
        let read = |text: &str| {
            parse::from_text(&one, text, lists, day).map(|parsed| parsed.value).map_err(|e| fault(e.message))
        };
        Ok(match (field.kind, literal) {
            (T::Text | T::Texts, Literal::Text(text)) => Value::Text(parse::nfc(text)),
            (T::Text | T::Texts, _) => return Err(wrong("a text in single quotes")),
            (T::Link, Literal::Text(text)) => Value::Link(text.trim().to_owned()),
            (T::Link, _) => return Err(wrong("an id in single quotes")),
            (T::Code | T::Division, Literal::Text(text)) => self.code(field, text, at)?,
            (T::Code | T::Division, _) => return Err(wrong("a code or label in single quotes")),
            (T::CitizenId | T::Document | T::CreditCode, Literal::Text(text)) => read(text)?,
            (T::CitizenId | T::Document | T::CreditCode, _) => return Err(wrong("a number in single quotes")),
            (T::Integer, Literal::Number(text)) => read(text)?,
            (T::Integer, _) => return Err(wrong("a whole number")),
            (T::Decimal, Literal::Number(text) | Literal::Text(text)) => read(text)?,
            (T::Decimal, _) => return Err(wrong("a number")),
            (T::Measure, Literal::Number(text) | Literal::Text(text)) => read(text)?,
            (T::Measure, _) => return Err(wrong("a number, or a number with a unit in single quotes")),
            (T::Boolean, Literal::Boolean(yes)) => Value::Boolean(*yes),
            (T::Boolean, _) => return Err(wrong("TRUE or FALSE")),
            (T::Date, Literal::Date(date)) => Value::Date(*date),
            (T::Date, Literal::Text(text)) => read(text)?,
            (T::Date, _) => return Err(wrong("DATE('1990-01-01'), or '1990-01' for a month")),
            (T::Interval, Literal::Text(text)) => read(text)?,
            (T::Interval, Literal::Date(date)) => read(&date.to_string())?,
            (T::Interval, _) => return Err(wrong("an EDTF interval in single quotes, such as '0618/0907'")),
            (T::Period, Literal::Text(text)) => read(text)?,
            (T::Period, Literal::Date(date)) => Period::parse(&date.to_string())
                .map(Value::Period)
                .ok_or_else(|| wrong("a period in single quotes, such as '2020-Q1'"))?,
            (T::Period, _) => return Err(wrong("a period in single quotes, such as '2020-Q1'")),
            (T::Timestamp, Literal::Timestamp(at)) => Value::Timestamp(*at),
            (T::Timestamp, Literal::Text(text)) => read(text)?,
            (T::Timestamp, _) => return Err(wrong("TIMESTAMP('2026-01-31T00:00:00Z')")),
            (T::Geometry | T::Media | T::Party, _) => {
                return Err(fault(format!(
                    "`{}` cannot be compared; a geometry is asked with S_INTERSECTS, S_WITHIN, S_DISJOINT, anything with IS NULL",
                    field.name
                )));
            }
        })
    }

    /// A code of the field's list, or the code a label names; without lists, what stands there.
    fn code(&self, field: &Field, text: &str, at: usize) -> Result<Value, FilterError> {
        let plain = half_width(text).trim().to_owned();
        let list = self.lists.and_then(|(lists, day)| Some((lists.get(field.code_list.as_deref()?)?, day)));
        let Some((list, day)) = list else { return Ok(Value::Code(plain)) };
        let known = |code: &str| list.status(code, day) != CodeStatus::Unknown;
        let upper = plain.to_ascii_uppercase();
        if known(&plain) || plain.is_empty() {
            return Ok(Value::Code(plain));
        }
        if known(&upper) {
            return Ok(Value::Code(upper));
        }
        let codes = list.by_label(&plain);
        let holding: Vec<&String> =
            codes.iter().filter(|code| matches!(list.status(code, day), CodeStatus::Valid(_))).collect();
        match (holding.as_slice(), codes) {
            ([one], _) => Ok(Value::Code((*one).clone())),
            ([], [one]) => Ok(Value::Code(one.clone())),
            // A code older than the list may well stand in the data.
            ([], []) if list.reaches_back_to > Day::MIN && plain.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                Ok(Value::Code(upper))
            }
            ([], []) => Err(FilterError {
                at,
                reason: format!("`{}` has no such code or label in its list `{}`", field.name, list.id),
            }),
            _ => {
                let some: Vec<&str> = codes.iter().take(5).map(String::as_str).collect();
                let reason =
                    format!("the label names several codes of `{}`: {} …; write the code", list.id, some.join(", "));
                Err(FilterError { at, reason })
            }
        }
    }
}

/// A number with its sign, for limits of boxes.
pub(super) fn float(text: &str) -> Option<f64> {
    text.parse::<Decimal>().ok().map(Decimal::to_f64)
}
