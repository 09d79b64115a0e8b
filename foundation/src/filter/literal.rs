//! Literals of a filter as values of the field they are compared with.

use super::FilterError;
use crate::dataset::{CodeLists, CodeStatus, Dataset, Field};
use crate::value::parse::{self, half_width};
use crate::value::{Day, Decimal, Era, FieldType, Instant, PartialDate, Shape, Span, Value};

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
        let first = |day: Day| {
            if day == Day::MIN {
                Instant(i64::MIN + 1)
            } else {
                Instant(Instant::end_of(day.plus(-1)).0.saturating_add(1))
            }
        };
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
        // A bound of the field does not bound what may be asked.
        let one = Field { list: false, min: None, max: None, max_length: None, ..field.clone() };
        let empty = CodeLists::default();
        let (lists, day) = self.lists.unwrap_or((&empty, Day::MAX));
        let read = |text: &str| {
            parse::from_text(&one, text, lists, day).map(|parsed| parsed.value).map_err(|e| fault(e.message))
        };
        Ok(match (field.kind, literal) {
            (T::Text | T::Texts, Literal::Text(text)) => Value::Text(parse::nfc(text)),
            (T::Link, Literal::Text(text)) => Value::Link(text.trim().to_owned()),
            (T::Code | T::Division, Literal::Text(text)) => self.code(field, text, at)?,
            (T::Boolean, Literal::Boolean(yes)) => Value::Boolean(*yes),
            (T::Date, Literal::Date(date)) => Value::Date(*date),
            (T::Interval | T::Period, Literal::Date(date)) => read(&date.to_string())?,
            (T::Timestamp, Literal::Timestamp(at)) => Value::Timestamp(*at),
            (T::Integer | T::Decimal | T::Measure, Literal::Number(text))
            | (
                T::Decimal
                | T::Measure
                | T::CitizenId
                | T::Document
                | T::CreditCode
                | T::Date
                | T::Interval
                | T::Period
                | T::Timestamp,
                Literal::Text(text),
            ) => read(text)?,
            (T::Geometry | T::Media | T::Party, _) => {
                return Err(fault(format!(
                    "`{}` cannot be compared; a geometry is asked with S_INTERSECTS and its sisters, anything with IS NULL",
                    field.name
                )));
            }
            (kind, _) => {
                return Err(fault(format!(
                    "`{}` is compared with {}, not with {}",
                    field.name,
                    expected(kind),
                    literal.name()
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

/// What a field of this type is compared with.
fn expected(kind: FieldType) -> &'static str {
    use FieldType as T;
    match kind {
        T::Link => "an id in single quotes",
        T::Code | T::Division => "a code or label in single quotes",
        T::CitizenId | T::Document | T::CreditCode => "a number in single quotes",
        T::Integer => "a whole number",
        T::Decimal => "a number",
        T::Measure => "a number, or a number with a unit in single quotes",
        T::Boolean => "TRUE or FALSE",
        T::Date => "DATE('1990-01-01'), or '1990-01' for a month",
        T::Interval => "an EDTF interval in single quotes, such as '0618/0907'",
        T::Period => "a period in single quotes, such as '2020-Q1'",
        T::Timestamp => "TIMESTAMP('2026-01-31T00:00:00Z')",
        T::Text | T::Texts | T::Geometry | T::Media | T::Party => "a text in single quotes",
    }
}

/// A number with its sign, for limits of boxes.
pub(super) fn float(text: &str) -> Option<f64> {
    text.parse::<Decimal>().ok().map(Decimal::to_f64)
}
