//! What computed predicates say of a record.

use std::borrow::Cow;

use geo::GeodesicArea;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::number::Number;
use super::pattern::Pattern;
use super::space::Area;
use super::{Truth, fold};
use crate::filter::Comparison;
use crate::filter::computed::{ArrayRelation, Computed, Folding, Function, Term};
use crate::value::{Day, Decimal, Fields, Instant, Shape, Span, Value};

/// What a term gives for a record.
#[derive(Debug, Clone)]
enum Given<'a> {
    Text(Cow<'a, str>),
    Number(Number),
    Boolean(bool),
    /// First and last microsecond.
    Time(i64, i64),
    Geometry(&'a Shape),
    Many(Vec<Given<'a>>),
}

/// What `predicate` says of `fields`.
pub(in crate::filter) fn holds(predicate: &Computed, fields: &Fields) -> Truth {
    match predicate {
        Computed::Compare(left, op, right) => both(left, right, fields, |a, b| compare(a, *op, b)),
        Computed::In(term, members) => {
            let Some(value) = given(term, fields) else { return Truth::Unknown };
            let one = |member: &Term| {
                given(member, fields).map_or(Truth::Unknown, |other| compare(&value, Comparison::Equal, &other))
            };
            fold(members.iter().map(one), Truth::True)
        }
        Computed::Between(term, low, high) => {
            let ends = [
                both(term, low, fields, |a, b| compare(a, Comparison::GreaterOrEqual, b)),
                both(term, high, fields, |a, b| compare(a, Comparison::LessOrEqual, b)),
            ];
            fold(ends.into_iter(), Truth::False)
        }
        Computed::Like { term, pattern, casei } => {
            given(term, fields).map_or(Truth::Unknown, |value| like(&value, &Pattern::new(pattern, *casei)))
        }
        Computed::IsNull(term) => given(term, fields).is_none().into(),
        Computed::Spatial(left, op, right) => both(left, right, fields, |a, b| match (a, b) {
            (Given::Geometry(a), Given::Geometry(b)) => Area::new(b).holds(*op, a).into(),
            _ => Truth::Unknown,
        }),
        Computed::Temporal(left, op, right) => both(left, right, fields, |a, b| match (a, b) {
            (Given::Time(a_first, a_last), Given::Time(b_first, b_last)) if a_first <= a_last && b_first <= b_last => {
                op.holds_between((*a_first, *a_last), (*b_first, *b_last)).into()
            }
            _ => Truth::Unknown,
        }),
        Computed::Array(left, relation, right) => both(left, right, fields, |a, b| array(a, *relation, b)),
    }
}

fn both(left: &Term, right: &Term, fields: &Fields, judge: impl for<'x> Fn(&Given<'x>, &Given<'x>) -> Truth) -> Truth {
    match (given(left, fields), given(right, fields)) {
        (Some(left), Some(right)) => judge(&left, &right),
        _ => Truth::Unknown,
    }
}

/// The value of a term; `None` where the record is silent or the value is no number.
fn given<'a>(term: &'a Term, fields: &'a Fields) -> Option<Given<'a>> {
    match term {
        Term::Field(number) => fields.get(*number).and_then(of_value),
        Term::Literal(value) => of_value(value),
        Term::Open => None,
        Term::Arithmetic(left, op, right) => match (given(left, fields)?, given(right, fields)?) {
            (Given::Number(left), Given::Number(right)) => left.joined(*op, right).map(Given::Number),
            _ => None,
        },
        Term::Folded(folding, of) => Some(folded(given(of, fields)?, *folding)),
        Term::Interval(from, to) => {
            let first = match from.as_ref() {
                Term::Open => i64::MIN + 1,
                from => moment(&given(from, fields)?)?.0,
            };
            let last = match to.as_ref() {
                Term::Open => i64::MAX - 1,
                to => moment(&given(to, fields)?)?.1,
            };
            Some(Given::Time(first, last))
        }
        Term::Array(members) => {
            members.iter().map(|member| given(member, fields)).collect::<Option<_>>().map(Given::Many)
        }
        Term::Call(function, members) => {
            let members = members.iter().map(|member| given(member, fields)).collect::<Option<Vec<_>>>()?;
            called(*function, &members)
        }
    }
}

fn of_value(value: &Value) -> Option<Given<'_>> {
    Some(match value {
        Value::Text(text) | Value::Code(text) | Value::Link(text) => Given::Text(Cow::Borrowed(text)),
        Value::Texts(texts) => Given::Many(texts.iter().map(|(_, text)| Given::Text(Cow::Borrowed(text))).collect()),
        Value::Integer(number) => Given::Number(Number::Exact(Decimal::new(i128::from(*number), 0)?)),
        Value::Decimal(number) => Given::Number(Number::Exact(*number)),
        Value::Boolean(yes) => Given::Boolean(*yes),
        Value::Date(date) => days(date.span()),
        Value::Era(era) => days(era.span()),
        Value::Period(period) => days(period.span()),
        Value::Timestamp(at) => Given::Time(at.0, at.0),
        Value::Geometry(shape) => Given::Geometry(shape),
        Value::List(members) => Given::Many(members.iter().map(of_value).collect::<Option<_>>()?),
        Value::Null | Value::Measure(..) | Value::Media(_) | Value::Party(_) => return None,
    })
}

fn days(span: Span<Day>) -> Given<'static> {
    let first =
        if span.from == Day::MIN { i64::MIN + 1 } else { Instant::end_of(span.from.plus(-1)).0.saturating_add(1) };
    let last = if span.to == Day::MAX { i64::MAX - 1 } else { Instant::end_of(span.to.plus(-1)).0 };
    Given::Time(first, last)
}

fn moment(given: &Given<'_>) -> Option<(i64, i64)> {
    match given {
        Given::Time(first, last) => Some((*first, *last)),
        _ => None,
    }
}

fn folded(given: Given<'_>, folding: Folding) -> Given<'_> {
    match given {
        Given::Text(text) => Given::Text(Cow::Owned(fold_text(&text, folding))),
        Given::Many(members) => Given::Many(members.into_iter().map(|member| folded(member, folding)).collect()),
        other => other,
    }
}

/// A text without what `folding` leaves out of account.
pub(in crate::filter) fn fold_text(text: &str, folding: Folding) -> String {
    let plain: String =
        if folding.accents { text.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect() } else { text.to_owned() };
    if folding.case { plain.to_lowercase() } else { plain }
}

/// `a op b`; of several values one is enough.
fn compare(a: &Given<'_>, op: Comparison, b: &Given<'_>) -> Truth {
    use std::cmp::Ordering;
    let by = |order: Ordering| Truth::from(super::compare::ordered(order, op));
    match (a, b) {
        (Given::Many(members), other) => fold(members.iter().map(|one| compare(one, op, other)), Truth::True),
        (one, Given::Many(members)) => fold(members.iter().map(|other| compare(one, op, other)), Truth::True),
        (Given::Text(a), Given::Text(b)) => by(a.cmp(b)),
        (Given::Number(a), Given::Number(b)) => a.compared(*b).map_or(Truth::Unknown, by),
        (Given::Boolean(a), Given::Boolean(b)) => by(a.cmp(b)),
        // As stretches of days are compared: half-open.
        (Given::Time(a_first, a_last), Given::Time(b_first, b_last)) => match op {
            Comparison::Equal => a_first == b_first && a_last == b_last,
            Comparison::NotEqual => a_first != b_first || a_last != b_last,
            Comparison::Less => a_last < b_first,
            Comparison::LessOrEqual => a_last <= b_last,
            Comparison::Greater => a_first > b_last,
            Comparison::GreaterOrEqual => a_first >= b_first,
        }
        .into(),
        _ => Truth::Unknown,
    }
}

fn like(value: &Given<'_>, pattern: &Pattern) -> Truth {
    match value {
        Given::Text(text) => pattern.fits(text).into(),
        Given::Many(members) => fold(members.iter().map(|member| like(member, pattern)), Truth::True),
        _ => Truth::Unknown,
    }
}

fn array(a: &Given<'_>, relation: ArrayRelation, b: &Given<'_>) -> Truth {
    fn members<'x, 'g>(given: &'x Given<'g>) -> &'x [Given<'g>] {
        match given {
            Given::Many(members) => members,
            one => std::slice::from_ref(one),
        }
    }
    let (a, b) = (members(a), members(b));
    let has = |set: &[Given<'_>], one: &Given<'_>| {
        set.iter().any(|other| compare(other, Comparison::Equal, one) == Truth::True)
    };
    let all_in = |some: &[Given<'_>], set: &[Given<'_>]| some.iter().all(|one| has(set, one));
    match relation {
        ArrayRelation::Equals => all_in(a, b) && all_in(b, a),
        ArrayRelation::Contains => all_in(b, a),
        ArrayRelation::ContainedBy => all_in(a, b),
        ArrayRelation::Overlaps => a.iter().any(|one| has(b, one)),
    }
    .into()
}

fn called<'a>(function: Function, members: &[Given<'a>]) -> Option<Given<'a>> {
    let number = |whole: i64| Some(Given::Number(Number::Exact(Decimal::new(i128::from(whole), 0)?)));
    let owned = |text: String| Some(Given::Text(Cow::Owned(text)));
    match (function, members) {
        (Function::Lower, [Given::Text(text)]) => owned(text.to_lowercase()),
        (Function::Upper, [Given::Text(text)]) => owned(text.to_uppercase()),
        (Function::Length, [Given::Text(text)]) => number(i64::try_from(text.chars().count()).ok()?),
        (Function::Concat, [Given::Text(a), Given::Text(b)]) => owned(format!("{a}{b}")),
        (Function::Abs, [Given::Number(n)]) => n.absolute().map(Given::Number),
        (Function::Floor, [Given::Number(n)]) => n.floor().map(Given::Number),
        (Function::Ceiling, [Given::Number(n)]) => n.negated()?.floor()?.negated().map(Given::Number),
        (Function::Round, [Given::Number(n)]) => n.rounded().map(Given::Number),
        (Function::Year | Function::Month | Function::Day, [Given::Time(first, _)]) => {
            let (year, month, day) = Instant(*first).day().ymd()?;
            number(match function {
                Function::Year => year,
                Function::Month => i64::from(month),
                _ => i64::from(day),
            })
        }
        (Function::Area, [Given::Geometry(shape)]) => {
            Some(Given::Number(Number::Float(shape.to_geo().geodesic_area_unsigned())))
        }
        _ => None,
    }
}
