//! A filter as CQL2 text again: for audit entries, cursors and messages.

use std::fmt::Write;

use super::{Comparison, Filter, Spatial, Temporal};
use crate::dataset::Dataset;
use crate::value::{Day, Span, Value};

/// Writes `filter` as CQL2 text over the fields of `dataset`; reading it gives the same filter.
///
/// Fields the definition does not know are written `field_N`.
#[must_use]
pub fn to_text(filter: &Filter, dataset: &Dataset) -> String {
    let mut out = String::new();
    write_filter(filter, dataset, &mut out);
    out
}

fn write_filter(filter: &Filter, dataset: &Dataset, out: &mut String) {
    let name = |number: u16| dataset.field_by_number(number).map_or(format!("field_{number}"), |f| f.name.clone());
    // Writing to memory does not fail.
    let _ = match filter {
        Filter::And(parts) => return joined(parts, " AND ", "TRUE", dataset, out),
        Filter::Or(parts) => return joined(parts, " OR ", "FALSE", dataset, out),
        Filter::Not(part) => {
            out.push_str("NOT (");
            write_filter(part, dataset, out);
            out.push(')');
            Ok(())
        }
        Filter::Constant(holds) => write!(out, "{}", if *holds { "TRUE" } else { "FALSE" }),
        Filter::IsNull { field } => write!(out, "{} IS NULL", name(*field)),
        Filter::Compare { field, op, value } => {
            write!(out, "{} {} {}", name(*field), symbol(*op), literal(value))
        }
        Filter::In { field, values } => {
            let values: Vec<String> = values.iter().map(literal).collect();
            write!(out, "{} IN ({})", name(*field), values.join(", "))
        }
        Filter::Between { field, low, high } => {
            write!(out, "{} BETWEEN {} AND {}", name(*field), literal(low), literal(high))
        }
        Filter::Like { field, pattern, casei: false } => write!(out, "{} LIKE {}", name(*field), quoted(pattern)),
        Filter::Like { field, pattern, casei: true } => {
            write!(out, "CASEI({}) LIKE CASEI({})", name(*field), quoted(pattern))
        }
        Filter::Spatial { field, op, shape } => {
            let op = Spatial::ALL.into_iter().find(|(known, _)| known == op).map_or("", |(_, name)| name);
            write!(out, "{op}({}, {})", name(*field), shape.to_wkt())
        }
        Filter::Temporal { field, op, span } => {
            let op = Temporal::ALL.into_iter().find(|(known, _)| known == op).map_or("", |(_, name)| name);
            write!(out, "{op}({}, {})", name(*field), interval(*span))
        }
    };
}

fn joined(parts: &[Filter], word: &str, none: &str, dataset: &Dataset, out: &mut String) {
    if parts.is_empty() {
        out.push_str(none);
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push_str(word);
        }
        let nested = matches!(part, Filter::And(_) | Filter::Or(_));
        out.push_str(if nested { "(" } else { "" });
        write_filter(part, dataset, out);
        out.push_str(if nested { ")" } else { "" });
    }
}

fn symbol(op: Comparison) -> &'static str {
    match op {
        Comparison::Equal => "=",
        Comparison::NotEqual => "<>",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
    }
}

fn interval(span: Span<Day>) -> String {
    let end = |day: Day| if day == Day::MIN || day == Day::MAX { "..".to_owned() } else { day.to_string() };
    format!("INTERVAL('{}', '{}')", end(span.from), end(span.to.plus(-1)))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn literal(value: &Value) -> String {
    match value {
        Value::Text(text) | Value::Code(text) | Value::Link(text) => quoted(text),
        Value::Integer(number) => number.to_string(),
        Value::Decimal(number) => number.to_string(),
        Value::Measure(number, unit) => quoted(&format!("{number} {unit}")),
        Value::Boolean(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        Value::Date(date) => format!("DATE('{date}')"),
        Value::Era(era) => quoted(era.as_str()),
        Value::Period(period) => quoted(&period.to_string()),
        Value::Timestamp(at) => format!("TIMESTAMP('{at}')"),
        // INVARIANT: comparisons hold none of the rest.
        _ => "NULL".to_owned(),
    }
}
