//! Whole numbers, decimals, measures, and the bounds of a field.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::{Context, ValueProblem, half_width};
use crate::value::{Decimal, DecimalError, Instant, PartialDate, Period, Value};

/// An exact decimal.
pub(in crate::value) fn decimal(context: Context<'_>, text: &str) -> Result<Decimal, ValueProblem> {
    let plain = half_width(text);
    let plain = ungrouped(context, plain.trim(), false)?;
    plain.parse().map_err(|e| match e {
        DecimalError::NotANumber(_) => {
            context.problem("number_form", format!("{} is not a number", context.shown(text)))
        }
        DecimalError::TooLong(_) => {
            context.problem("number_size", "the number has more than 38 digits, or more than 28 after the point")
        }
    })
}

/// A whole number; `12.0` and `1.2E3` are whole.
pub(in crate::value) fn integer(context: Context<'_>, text: &str) -> Result<i64, ValueProblem> {
    if let Ok(number) = text.parse() {
        return Ok(number);
    }
    let plain = half_width(text);
    let plain = ungrouped(context, plain.trim(), true)?;
    let number = plain.parse::<Decimal>().map(Decimal::normalised).ok().filter(|d| d.scale() == 0);
    let number = number
        .ok_or_else(|| context.problem("number_form", format!("{} is not a whole number", context.shown(text))))?;
    i64::try_from(number.mantissa()).map_err(|_| context.problem("number_size", "the number does not fit into 64 bits"))
}

/// Removes thousands separators where they can be nothing else: groups of three, and either two separators or more, a
/// point after them, or a field of whole numbers.
fn ungrouped<'t>(context: Context<'_>, text: &'t str, whole: bool) -> Result<Cow<'t, str>, ValueProblem> {
    if !text.contains(',') {
        return Ok(Cow::Borrowed(text));
    }
    let (integral, fraction) = text.split_once('.').map_or((text, None), |(i, f)| (i, Some(f)));
    let mut groups = integral.trim_start_matches(['-', '+']).split(',');
    let first = groups.next().unwrap_or_default();
    let rest: Vec<&str> = groups.collect();
    let grouped = (1..=3).contains(&first.len())
        && rest.iter().all(|g| g.len() == 3)
        && std::iter::once(&first).chain(&rest).all(|g| g.bytes().all(|b| b.is_ascii_digit()));
    if grouped && (rest.len() >= 2 || fraction.is_some() || whole) {
        return Ok(Cow::Owned(text.replace(',', "")));
    }
    Err(context.problem(
        "thousands_separator",
        format!("{}: write the number without separators and with a decimal point", context.shown(text)),
    ))
}

/// A number and a unit.
pub(super) fn measure(context: Context<'_>, text: &str) -> Result<Value, ValueProblem> {
    let plain = half_width(text);
    let plain = plain.trim();
    let end = plain.find(|c: char| !(c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | ','))).unwrap_or(plain.len());
    let (number, unit) = plain.split_at_checked(end).unwrap_or((plain, ""));
    measured(context, decimal(context, number)?, unit.trim())
}

/// A number with a unit; an empty unit means the field's.
pub(in crate::value) fn measured(context: Context<'_>, number: Decimal, unit: &str) -> Result<Value, ValueProblem> {
    let unit = if unit.is_empty() { context.field.unit.as_deref().unwrap_or_default() } else { unit };
    if unit.is_empty() {
        return Err(context.problem("unit_missing", "a number with a unit was expected, such as `12.5 cm`"));
    }
    if unit.chars().count() > 32 || unit.chars().any(char::is_control) {
        return Err(context.problem("unit_form", "the unit is longer than 32 characters or holds a control character"));
    }
    Ok(Value::Measure(number, unit.to_owned()))
}

/// Holds a number or date against the field's `min` and `max`.
pub(in crate::value) fn within_bounds(context: Context<'_>, value: &Value) -> Result<(), ValueProblem> {
    let bounds = [(&context.field.min, Ordering::Less, "least"), (&context.field.max, Ordering::Greater, "most")];
    for (bound, wrong, word) in bounds {
        let Some(bound) = bound else { continue };
        if compare(value, bound) == Some(wrong) {
            return Err(context.problem("out_of_bounds", format!("at {word} {bound} is taken")));
        }
    }
    Ok(())
}

/// The order of a value and a bound written as text; `None` if the bound does not speak of such values.
pub(crate) fn compare(value: &Value, bound: &str) -> Option<Ordering> {
    Some(match value {
        Value::Integer(number) => Decimal::from(*number).cmp(&bound.parse().ok()?),
        Value::Decimal(number) | Value::Measure(number, _) => number.cmp(&bound.parse().ok()?),
        Value::Date(date) => {
            let (ours, theirs) = (date.span(), PartialDate::parse(bound)?.span());
            match (ours.from < theirs.from, ours.to > theirs.to) {
                (true, _) => Ordering::Less,
                (_, true) => Ordering::Greater,
                _ => Ordering::Equal,
            }
        }
        Value::Period(period) => {
            let (ours, theirs) = (period.span(), Period::parse(bound)?.span());
            match (ours.from < theirs.from, ours.to > theirs.to) {
                (true, _) => Ordering::Less,
                (_, true) => Ordering::Greater,
                _ => Ordering::Equal,
            }
        }
        Value::Timestamp(at) => at.cmp(&Instant::parse(bound)?),
        _ => return None,
    })
}
