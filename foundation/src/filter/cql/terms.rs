//! Operands as terms, with the type of each.

use super::operand::{Operand, Side};
use super::{Parser, Read};
use crate::dataset::Field;
use crate::filter::Filter;
use crate::filter::FilterError;
use crate::filter::computed::{Arithmetic, Computed, Folding, Function, Term, TermKind};
use crate::filter::evaluate::{Number, Truth, computed};
use crate::filter::lexer::Token;
use crate::filter::literal::{Bound, Literal};
use crate::value::{Decimal, FieldType, Fields, Value};

/// The operator that a token is.
pub(super) fn arithmetic(token: &Token<'_>) -> Option<Arithmetic> {
    Arithmetic::ALL.into_iter().find(|(_, name)| token.is_symbol(name) || token.is(name)).map(|(op, _)| op)
}

impl<'a> Parser<'a> {
    /// `left op right`, computed at once if both are literals.
    pub(super) fn computed(&self, left: Operand<'a>, op: Arithmetic, right: Operand<'a>) -> Read<Operand<'a>> {
        let at = left.at;
        if let (Side::Literal(Literal::Number(a)), Side::Literal(Literal::Number(b))) = (&left.side, &right.side)
            && let (Ok(a), Ok(b)) = (a.parse::<Decimal>(), b.parse::<Decimal>())
        {
            match Number::Exact(a).joined(op, Number::Exact(b)) {
                Some(Number::Exact(number)) => {
                    return Ok(Operand::plain(Side::Literal(Literal::Number(number.normalised().to_string())), at));
                }
                Some(Number::Float(_)) => {}
                None => return Err(FilterError { at: right.at, reason: "this gives no number".into() }),
            }
        }
        let (left_at, right_at) = (left.at, right.at);
        let (left, right) = (self.term(left, None)?, self.term(right, None)?);
        self.expect_kind(&left, TermKind::Number, left_at)?;
        self.expect_kind(&right, TermKind::Number, right_at)?;
        Ok(Operand::plain(Side::Term(Term::Arithmetic(Box::new(left), op, Box::new(right))), at))
    }

    /// `inner` under CASEI or ACCENTI.
    pub(super) fn folded(&self, inner: Operand<'a>, folding: Folding, at: usize) -> Read<Operand<'a>> {
        match inner.side {
            Side::Term(term) => {
                self.expect_kind(&term, TermKind::Text, inner.at)?;
                Ok(Operand::plain(Side::Term(Term::Folded(folding, Box::new(term))), at))
            }
            side => Ok(Operand { side, folding: inner.folding.or(folding), at }),
        }
    }

    /// An operand as a term. A literal is read as a value of `beside`, the field it is compared with.
    pub(super) fn term(&self, operand: Operand<'a>, beside: Option<&Field>) -> Read<Term> {
        let at = operand.at;
        let fault = |reason: String| Err(FilterError { at, reason });
        let term = match operand.side {
            Side::Term(term) => return Ok(term),
            Side::Field(field) => {
                if kind_of(field).is_none() {
                    return fault(format!("`{}` cannot be computed with; compare it with a literal", field.name));
                }
                Term::Field(field.number)
            }
            Side::Literal(literal) => match beside {
                Some(field) if operand.folding.is_none() => Term::Literal(self.reader.value(field, &literal, at)?),
                _ => match plain(literal) {
                    Some(term) => term,
                    None => return fault("the number has too many digits".to_owned()),
                },
            },
        };
        if operand.folding.is_none() {
            return Ok(term);
        }
        self.expect_kind(&term, TermKind::Text, at)?;
        Ok(Term::Folded(operand.folding, Box::new(term)))
    }

    /// The type of a term; `None` for an array.
    pub(super) fn kind(&self, term: &Term) -> Option<TermKind> {
        match term {
            Term::Field(number) => self.reader.dataset.field_by_number(*number).and_then(kind_of),
            Term::Literal(value) => Some(match value {
                Value::Integer(_) | Value::Decimal(_) => TermKind::Number,
                Value::Boolean(_) => TermKind::Boolean,
                Value::Date(_) | Value::Era(_) | Value::Period(_) | Value::Timestamp(_) => TermKind::Time,
                Value::Geometry(_) => TermKind::Geometry,
                _ => TermKind::Text,
            }),
            Term::Open | Term::Interval(..) => Some(TermKind::Time),
            Term::Arithmetic(..) => Some(TermKind::Number),
            Term::Folded(..) => Some(TermKind::Text),
            Term::Array(_) => None,
            Term::Call(function, _) => {
                Function::ALL.iter().find(|known| known.function == *function).map(|known| known.gives)
            }
        }
    }

    pub(super) fn expect_kind(&self, term: &Term, kind: TermKind, at: usize) -> Read<()> {
        match self.kind(term) {
            Some(found) if found == kind => Ok(()),
            found => Err(FilterError {
                at,
                reason: format!("a {} was expected here, not a {}", kind.name(), found.map_or("list", TermKind::name)),
            }),
        }
    }

    /// The predicate, or at once what it always says.
    pub(super) fn settled(predicate: Computed) -> Filter {
        let filter = Filter::Computed(Box::new(predicate));
        if !filter.fields().is_empty() {
            return filter;
        }
        let Filter::Computed(predicate) = &filter else { return filter };
        match computed::holds(predicate, &Fields::default()) {
            Truth::True => Filter::Constant(true),
            Truth::False => Filter::Constant(false),
            Truth::Unknown => filter,
        }
    }
}

/// What a field's values are to a filter; `None` for what is only asked by relations of its own.
fn kind_of(field: &Field) -> Option<TermKind> {
    use FieldType as T;
    Some(match field.kind {
        T::Text | T::Texts | T::Code | T::Division | T::CitizenId | T::Document | T::CreditCode | T::Link => {
            TermKind::Text
        }
        T::Integer | T::Decimal => TermKind::Number,
        T::Boolean => TermKind::Boolean,
        T::Date | T::Interval | T::Period | T::Timestamp => TermKind::Time,
        T::Geometry => TermKind::Geometry,
        T::Measure | T::Media | T::Party => return None,
    })
}

/// A literal as it stands.
fn plain(literal: Literal) -> Option<Term> {
    let bound = |bound: Bound| match bound {
        Bound::Open => Term::Open,
        Bound::Date(date) => Term::Literal(Value::Date(date)),
        Bound::Timestamp(at) => Term::Literal(Value::Timestamp(at)),
    };
    Some(match literal {
        Literal::Text(text) => Term::Literal(Value::Text(crate::value::parse::nfc(&text))),
        Literal::Number(text) => Term::Literal(Value::Decimal(text.parse().ok()?)),
        Literal::Boolean(yes) => Term::Literal(Value::Boolean(yes)),
        Literal::Date(date) => Term::Literal(Value::Date(date)),
        Literal::Timestamp(at) => Term::Literal(Value::Timestamp(at)),
        Literal::Interval(from, to) => Term::Interval(Box::new(bound(from)), Box::new(bound(to))),
        Literal::Geometry(shape) => Term::Literal(Value::Geometry(shape)),
    })
}
