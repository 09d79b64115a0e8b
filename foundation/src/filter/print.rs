//! A filter as CQL2 text again: for audit entries, cursors and messages.

use std::fmt::Write;

use super::computed::{Arithmetic, ArrayRelation, Computed, Folding, Term};
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
            out.push_str("NOT ");
            return part_of(part, dataset, out);
        }
        Filter::Computed(predicate) => write!(out, "{}", computed(predicate, &name)),
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
            let op = named(&Spatial::ALL, *op);
            write!(out, "{op}({}, {})", name(*field), shape.to_wkt())
        }
        Filter::Temporal { field, op, span } => {
            let op = named(&Temporal::ALL, *op);
            write!(out, "{op}({}, {})", name(*field), interval(*span))
        }
    };
}

/// The name of `op` in its table.
fn named<T: PartialEq + Copy>(all: &[(T, &'static str)], op: T) -> &'static str {
    all.iter().find(|(known, _)| *known == op).map_or("", |(_, name)| name)
}

fn computed(predicate: &Computed, name: &dyn Fn(u16) -> String) -> String {
    let show = |shown: &Term| term(shown, name);
    let list = |terms: &[Term]| terms.iter().map(show).collect::<Vec<_>>().join(", ");
    match predicate {
        Computed::Compare(left, op, right) => format!("{} {} {}", show(left), symbol(*op), show(right)),
        Computed::In(one, members) => format!("{} IN ({})", show(one), list(members)),
        Computed::Between(one, low, high) => format!("{} BETWEEN {} AND {}", show(one), show(low), show(high)),
        Computed::Like { term, pattern, casei: false } => format!("{} LIKE {}", show(term), quoted(pattern)),
        Computed::Like { term, pattern, casei: true } => format!("{} LIKE CASEI({})", show(term), quoted(pattern)),
        Computed::IsNull(one) => format!("{} IS NULL", show(one)),
        Computed::Spatial(left, op, right) => {
            format!("{}({}, {})", named(&Spatial::ALL, *op), show(left), show(right))
        }
        Computed::Temporal(left, op, right) => {
            format!("{}({}, {})", named(&Temporal::ALL, *op), show(left), show(right))
        }
        Computed::Array(left, relation, right) => {
            format!("{}({}, {})", named(&ArrayRelation::ALL, *relation), show(left), show(right))
        }
    }
}

fn term(shown: &Term, name: &dyn Fn(u16) -> String) -> String {
    let list = |terms: &[Term]| terms.iter().map(|one| term(one, name)).collect::<Vec<_>>().join(", ");
    match shown {
        Term::Field(number) => name(*number),
        Term::Literal(Value::Geometry(shape)) => shape.to_wkt(),
        Term::Literal(value) => literal(value),
        Term::Open => "'..'".to_owned(),
        Term::Arithmetic(left, op, right) => {
            // The left ones go first: what binds as close needs parentheses on the right alone.
            let left = operand(left, |inner| closeness(inner) < closeness(*op), name);
            let right = operand(right, |inner| closeness(inner) <= closeness(*op), name);
            format!("{left} {} {right}", named(&Arithmetic::ALL, *op))
        }
        Term::Folded(Folding { case, accents }, of) => {
            let inner = term(of, name);
            let inner = if *accents { format!("ACCENTI({inner})") } else { inner };
            if *case { format!("CASEI({inner})") } else { inner }
        }
        Term::Interval(from, to) => format!("INTERVAL({}, {})", term(from, name), term(to, name)),
        Term::Array(members) => format!("({})", list(members)),
        Term::Call(function, members) => format!("{}({})", function.name(), list(members)),
    }
}

/// An operand of arithmetic, in parentheses if it is arithmetic of which `apart` says so.
fn operand(shown: &Term, apart: impl Fn(Arithmetic) -> bool, name: &dyn Fn(u16) -> String) -> String {
    match shown {
        Term::Arithmetic(_, inner, _) if apart(*inner) => format!("({})", term(shown, name)),
        _ => term(shown, name),
    }
}

/// How closely an operator binds: sums, products, powers (OGC 21-065r2, annex B).
fn closeness(op: Arithmetic) -> u8 {
    match op {
        Arithmetic::Plus | Arithmetic::Minus => 0,
        Arithmetic::Times | Arithmetic::Over | Arithmetic::WholeOver | Arithmetic::Modulo => 1,
        Arithmetic::Power => 2,
    }
}

fn joined(parts: &[Filter], word: &str, none: &str, dataset: &Dataset, out: &mut String) {
    if parts.is_empty() {
        out.push_str(none);
    }
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            out.push_str(word);
        }
        part_of(part, dataset, out);
    }
}

/// A part of a condition, in parentheses if it has parts itself.
fn part_of(part: &Filter, dataset: &Dataset, out: &mut String) {
    let nested = matches!(part, Filter::And(_) | Filter::Or(_));
    out.push_str(if nested { "(" } else { "" });
    write_filter(part, dataset, out);
    out.push_str(if nested { ")" } else { "" });
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
