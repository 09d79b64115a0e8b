//! Comparing a value with a literal of its field's type.

use std::cmp::Ordering;

use super::Truth;
use crate::filter::Comparison;
use crate::value::{Day, Span, Value};

/// The days a value stands for; `None` if it is no time.
pub(super) fn stretch(value: &Value) -> Option<Span<Day>> {
    match value {
        Value::Date(date) => Some(date.span()),
        Value::Era(era) => Some(era.span()),
        Value::Period(period) => Some(period.span()),
        Value::Timestamp(at) => Some(Span { from: at.day(), to: at.day().plus(1) }),
        _ => None,
    }
}

/// `value op literal`; unknown where the two cannot be compared.
pub(super) fn compare(value: &Value, op: Comparison, literal: &Value) -> Truth {
    let order = match (value, literal) {
        (Value::Text(a) | Value::Code(a) | Value::Link(a), Value::Text(b) | Value::Code(b) | Value::Link(b)) => {
            a.cmp(b)
        }
        (Value::Texts(texts), Value::Text(b)) => {
            // Equal if the text of some language is.
            let equal = texts.iter().any(|(_, text)| text == b);
            return match op {
                Comparison::Equal => equal.into(),
                Comparison::NotEqual => (!equal).into(),
                _ => Truth::Unknown,
            };
        }
        (Value::Integer(a), Value::Integer(b)) => a.cmp(b),
        (Value::Decimal(a), Value::Decimal(b)) => a.cmp(b),
        (Value::Measure(a, unit), Value::Measure(b, other)) if unit == other => a.cmp(b),
        (Value::Boolean(a), Value::Boolean(b)) => a.cmp(b),
        (Value::Timestamp(a), Value::Timestamp(b)) => a.cmp(b),
        (Value::Date(_) | Value::Era(_) | Value::Period(_), Value::Date(_) | Value::Era(_) | Value::Period(_)) => {
            return stretch(value).zip(stretch(literal)).map_or(Truth::Unknown, |(a, b)| stretches(a, op, b).into());
        }
        _ => return Truth::Unknown,
    };
    ordered(order, op).into()
}

pub(super) fn ordered(order: Ordering, op: Comparison) -> bool {
    match op {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessOrEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterOrEqual => order != Ordering::Less,
    }
}

fn stretches(a: Span<Day>, op: Comparison, b: Span<Day>) -> bool {
    match op {
        Comparison::Equal => a == b,
        Comparison::NotEqual => a != b,
        Comparison::Less => a.to <= b.from,
        Comparison::LessOrEqual => a.to <= b.to,
        Comparison::Greater => a.from >= b.to,
        Comparison::GreaterOrEqual => a.from >= b.from,
    }
}
