//! Predicates: comparisons, sets, ranges, patterns, silence.

use super::operand::{Operand, Side};
use super::{Parser, Read, flipped, joined, perhaps_not};
use crate::dataset::Field;
use crate::filter::computed::{ArrayRelation, Computed, Folding, Term, TermKind};
use crate::filter::evaluate::fold_text;
use crate::filter::literal::Literal;
use crate::filter::{Comparison, Filter, FilterError};
use crate::value::{FieldType, Value};

/// Most values of an IN.
const VALUES_MAX: usize = 1_000;
/// Most characters of a LIKE pattern.
const PATTERN_MAX: usize = 1_000;

impl<'a> Parser<'a> {
    pub(super) fn compare(&self, left: Operand<'a>, op: Comparison, right: Operand<'a>, at: usize) -> Read<Filter> {
        let folding = left.folding.or(right.folding);
        if folding.accents {
            return self.compare_terms(left, op, right, at);
        }
        let (field, op, literal, at) = match (&left.side, &right.side) {
            (Side::Field(field), Side::Literal(literal)) => (*field, op, literal, right.at),
            (Side::Literal(literal), Side::Field(field)) => (*field, flipped(op), literal, left.at),
            _ => return self.compare_terms(left, op, right, at),
        };
        let value = self.reader.value(field, literal, at)?;
        let ordered = !matches!(op, Comparison::Equal | Comparison::NotEqual);
        if ordered && unordered(field) {
            return Err(FilterError { at, reason: format!("`{}` has no order; compare it with = or <>", field.name) });
        }
        if !folding.case {
            return Ok(Filter::Compare { field: field.number, op, value });
        }
        let Literal::Text(text) = literal else {
            return Err(FilterError { at, reason: "CASEI is for texts".into() });
        };
        if ordered {
            return Err(FilterError { at, reason: "CASEI goes with =, <>, LIKE and IN".into() });
        }
        textual(field, at)?;
        let like = Filter::Like { field: field.number, pattern: escaped(text), casei: true };
        Ok(perhaps_not(like, op == Comparison::NotEqual))
    }

    fn compare_terms(&self, left: Operand<'a>, op: Comparison, right: Operand<'a>, at: usize) -> Read<Filter> {
        let folding = left.folding.or(right.folding);
        let fields = [&left, &right].map(|operand| match operand.side {
            Side::Field(field) => Some(field),
            _ => None,
        });
        let ordered = !matches!(op, Comparison::Equal | Comparison::NotEqual);
        if ordered && let Some(field) = fields.into_iter().flatten().find(|field| unordered(field)) {
            return Err(FilterError { at, reason: format!("`{}` has no order; compare it with = or <>", field.name) });
        }
        let [left_field, right_field] = fields;
        let (left, right) = (self.term(left, right_field)?, self.term(right, left_field)?);
        let (kind, other) = (self.kind(&left), self.kind(&right));
        if kind != other || kind.is_none() || kind == Some(TermKind::Geometry) {
            let name = |kind: Option<TermKind>| kind.map_or("list", TermKind::name);
            let reason = format!("a {} cannot be compared with a {}", name(kind), name(other));
            return Err(FilterError { at, reason });
        }
        Ok(Self::settled(Computed::Compare(under(left, folding), op, under(right, folding))))
    }

    /// A condition that is a value of its own.
    pub(super) fn holds(&self, left: Operand<'a>) -> Read<Filter> {
        let at = left.at;
        let term = self.term(left, None)?;
        if self.kind(&term) != Some(TermKind::Boolean) {
            let found = self.peek().shown();
            return self.fault(format!("a comparison, IN, BETWEEN, LIKE or IS NULL was expected, not {found}"));
        }
        match term {
            Term::Field(field) => Ok(Filter::Compare { field, op: Comparison::Equal, value: Value::Boolean(true) }),
            Term::Literal(Value::Boolean(holds)) => Ok(Filter::Constant(holds)),
            _ => Err(FilterError { at, reason: "a condition was expected".into() }),
        }
    }

    pub(super) fn is_null(&self, left: Operand<'a>) -> Read<Filter> {
        match left.side {
            Side::Field(field) => Ok(Filter::IsNull { field: field.number }),
            _ => Ok(Self::settled(Computed::IsNull(self.term(left, None)?))),
        }
    }

    pub(super) fn like(&mut self, left: Operand<'a>) -> Read<Filter> {
        let right = self.operand()?;
        let (folding, at) = (left.folding.or(right.folding), right.at);
        let Side::Literal(Literal::Text(pattern)) = right.side else {
            return Err(FilterError { at, reason: "a pattern in single quotes was expected after LIKE".into() });
        };
        if pattern.chars().count() > PATTERN_MAX {
            return Err(FilterError { at, reason: format!("the pattern is longer than {PATTERN_MAX} characters") });
        }
        let pattern = crate::value::parse::nfc(&pattern);
        if let Side::Field(field) = left.side
            && !folding.accents
        {
            textual(field, left.at)?;
            return Ok(Filter::Like { field: field.number, pattern, casei: folding.case });
        }
        let at = left.at;
        let term = self.term(Operand { folding: Folding::default(), ..left }, None)?;
        self.expect_kind(&term, TermKind::Text, at)?;
        let accents = Folding { case: false, accents: folding.accents };
        let pattern = fold_text(&pattern, accents);
        Ok(Self::settled(Computed::Like { term: under(term, accents), pattern, casei: folding.case }))
    }

    pub(super) fn one_of(&mut self, left: Operand<'a>) -> Read<Filter> {
        self.symbol("(")?;
        let mut members = Vec::new();
        loop {
            members.push(self.operand()?);
            if members.len() > VALUES_MAX {
                return self.fault(format!("IN takes at most {VALUES_MAX} values"));
            }
            if !self.took(|t| t.is_symbol(",")) {
                break;
            }
        }
        self.symbol(")")?;
        let folding = members.iter().fold(left.folding, |all, member| all.or(member.folding));
        let literals = members.iter().all(|member| matches!(member.side, Side::Literal(_)));
        let Side::Field(field) = left.side else { return self.one_of_terms(left, members, folding, None) };
        if folding.accents || !literals {
            return self.one_of_terms(left, members, folding, Some(field));
        }
        if folding.case {
            textual(field, left.at)?;
        }
        let (mut values, mut patterns) = (Vec::new(), Vec::new());
        for member in members {
            match member.side {
                Side::Literal(Literal::Text(text)) if folding.case => {
                    patterns.push(Filter::Like { field: field.number, pattern: escaped(&text), casei: true });
                }
                Side::Literal(_) if folding.case => {
                    return Err(FilterError { at: member.at, reason: "CASEI is for texts".into() });
                }
                Side::Literal(literal) => values.push(self.reader.value(field, &literal, member.at)?),
                Side::Field(_) | Side::Term(_) => {}
            }
        }
        if folding.case {
            return Ok(joined(patterns, Filter::Or));
        }
        Ok(Filter::In { field: field.number, values })
    }

    fn one_of_terms(
        &mut self,
        left: Operand<'a>,
        members: Vec<Operand<'a>>,
        folding: Folding,
        field: Option<&Field>,
    ) -> Read<Filter> {
        let term = self.term(left, None)?;
        let kind = self.kind(&term);
        let mut terms = Vec::with_capacity(members.len());
        for member in members {
            self.count()?;
            let at = member.at;
            let member = self.term(member, field)?;
            match kind {
                Some(kind) => self.expect_kind(&member, kind, at)?,
                None => {
                    return Err(FilterError { at, reason: "a list is no member of IN; A_CONTAINS asks for it".into() });
                }
            }
            terms.push(under(member, folding));
        }
        Ok(Self::settled(Computed::In(under(term, folding), terms)))
    }

    pub(super) fn between(&mut self, left: Operand<'a>) -> Read<Filter> {
        let at = left.at;
        let low = self.operand()?;
        self.keyword("AND")?;
        let high = self.operand()?;
        let field = match left.side {
            Side::Field(field) => Some(field),
            _ => None,
        };
        if let Some(field) = field.filter(|field| unordered(field)) {
            return Err(FilterError { at, reason: format!("`{}` has no order", field.name) });
        }
        if let (Some(field), Side::Literal(first), Side::Literal(last)) = (field, &low.side, &high.side) {
            return Ok(Filter::Between {
                field: field.number,
                low: self.reader.value(field, first, low.at)?,
                high: self.reader.value(field, last, high.at)?,
            });
        }
        let term = self.term(left, None)?;
        let kind = self.kind(&term).filter(|kind| *kind != TermKind::Geometry);
        let Some(kind) = kind else { return Err(FilterError { at, reason: "this has no order".into() }) };
        let mut ends = Vec::with_capacity(2);
        for end in [low, high] {
            let at = end.at;
            let end = self.term(end, field)?;
            self.expect_kind(&end, kind, at)?;
            ends.push(end);
        }
        let (high, low) = (ends.pop().unwrap_or(Term::Open), ends.pop().unwrap_or(Term::Open));
        Ok(Self::settled(Computed::Between(term, low, high)))
    }

    /// `A_…(left, right)`.
    pub(super) fn array(&self, relation: ArrayRelation, left: Operand<'a>, right: Operand<'a>) -> Read<Filter> {
        let beside = |operand: &Operand<'a>| match operand.side {
            Side::Field(field) => Some(field),
            _ => None,
        };
        let (left_field, right_field) = (beside(&left), beside(&right));
        let (left, right) = (self.term(left, right_field)?, self.term(right, left_field)?);
        Ok(Self::settled(Computed::Array(left, relation, right)))
    }
}

/// `term` under what the whole predicate folds.
fn under(term: Term, folding: Folding) -> Term {
    match term {
        Term::Folded(inner, of) => Term::Folded(inner.or(folding), of),
        term if folding.is_none() => term,
        term => Term::Folded(folding, Box::new(term)),
    }
}

fn unordered(field: &Field) -> bool {
    matches!(field.kind, FieldType::Boolean | FieldType::Link | FieldType::Texts)
}

fn textual(field: &Field, at: usize) -> Read<()> {
    use FieldType as T;
    let text = matches!(
        field.kind,
        T::Text | T::Texts | T::Code | T::Division | T::CitizenId | T::Document | T::CreditCode | T::Link
    );
    if text {
        return Ok(());
    }
    Err(FilterError { at, reason: format!("`{}` is no text: LIKE and CASEI do not apply", field.name) })
}

/// A text as a pattern that fits it alone.
fn escaped(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len());
    for c in crate::value::parse::nfc(text).chars() {
        if matches!(c, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}
