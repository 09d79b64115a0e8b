//! A filter as an index query.
//!
//! The query finds at least every record for which the filter holds ([`Found::exact`] = exactly those). Where it finds
//! more, `filter::matches` decides on the record itself. Negation is pushed to the leaves, where "not" means "surely
//! not": a comparison with an absent or null value is unknown and found by neither.

use std::ops::Bound;

use tantivy::query::{AllQuery, BooleanQuery, EmptyQuery, Occur, Query, RangeQuery, TermQuery, TermSetQuery};
use tantivy::schema::{Field as Column, IndexRecordOption, Term};

use super::IndexError;
use super::analysis::{Class, class, normalise, normalised};
use super::document::{stretch, told_by_f64, whole_number, whole_text};
use super::mapping::{Mapped, Mapping, Scalar, TextForm, column_day};
use super::text::starting_with;
use crate::filter::{Comparison, Filter, Temporal};
use crate::value::{Day, FieldType, Span, Value};

/// Most parts of a filter, over all levels.
const PARTS_MAX: usize = 2_000;
/// Deepest nesting of a filter.
const DEPTH_MAX: usize = 64;
/// Most values of an `IN`.
const VALUES_MAX: usize = 1_000;

/// A query and whether it finds exactly what the filter says.
pub(super) struct Found {
    pub(super) query: Box<dyn Query>,
    pub(super) exact: bool,
}

/// What a filter needs to become a query.
pub(super) struct Filters<'a> {
    pub(super) mapping: &'a Mapping,
    /// Whether some document holds a decimal of this field that an f64 does not tell.
    pub(super) rounded: &'a dyn Fn(u16) -> bool,
    /// Finds geometries.
    pub(super) space: &'a dyn Fn(u16, crate::filter::Spatial, &crate::value::Shape) -> Result<Found, IndexError>,
}

impl Filters<'_> {
    /// The query of `filter`.
    ///
    /// # Errors
    /// [`IndexError::TooHeavy`] for a filter of too many parts.
    pub(super) fn query(&self, filter: &Filter) -> Result<Found, IndexError> {
        let mut parts = 0;
        self.build(filter, false, 0, &mut parts)
    }

    fn build(&self, filter: &Filter, not: bool, depth: usize, parts: &mut usize) -> Result<Found, IndexError> {
        *parts += 1;
        if *parts > PARTS_MAX || depth > DEPTH_MAX {
            return Err(IndexError::TooHeavy(format!(
                "the filter has more than {PARTS_MAX} parts or is nested deeper than {DEPTH_MAX} levels"
            )));
        }
        match (filter, not) {
            (Filter::And(inner), false) | (Filter::Or(inner), true) => {
                self.combine(inner, not, Occur::Must, depth, parts)
            }
            (Filter::Or(inner), false) | (Filter::And(inner), true) => {
                self.combine(inner, not, Occur::Should, depth, parts)
            }
            (Filter::Not(inner), not) => self.build(inner, !not, depth + 1, parts),
            (Filter::Constant(holds), not) => Ok(if *holds == not { nothing() } else { everything() }),
            (Filter::IsNull { field }, not) => Ok(if not { self.present(*field) } else { self.silent(*field) }),
            // The record decides, in both directions.
            (Filter::Computed(predicate), _) => Ok(self.all_present(&predicate.needs())),
            (leaf, not) => self.leaf(leaf, not),
        }
    }

    fn combine(
        &self,
        inner: &[Filter],
        not: bool,
        occur: Occur,
        depth: usize,
        parts: &mut usize,
    ) -> Result<Found, IndexError> {
        let mut exact = true;
        let mut clauses = Vec::with_capacity(inner.len());
        for part in inner {
            let found = self.build(part, not, depth + 1, parts)?;
            exact &= found.exact;
            clauses.push((occur, found.query));
        }
        Ok(match (clauses.len(), occur) {
            (0, Occur::Must) => everything(),
            (0, _) => nothing(),
            _ => Found { query: Box::new(BooleanQuery::new(clauses)), exact },
        })
    }

    fn silent_term(&self, field: u16) -> Box<dyn Query> {
        let term = Term::from_field_u64(self.mapping.system.silent, u64::from(field));
        Box::new(TermQuery::new(term, IndexRecordOption::Basic))
    }

    fn silent(&self, field: u16) -> Found {
        if self.mapping.field(field).is_none() {
            return everything();
        }
        Found { query: self.silent_term(field), exact: true }
    }

    fn present(&self, field: u16) -> Found {
        if self.mapping.field(field).is_none() {
            return nothing();
        }
        let clauses =
            vec![(Occur::Must, Box::new(AllQuery) as Box<dyn Query>), (Occur::MustNot, self.silent_term(field))];
        Found { query: Box::new(BooleanQuery::new(clauses)), exact: true }
    }

    /// Documents with a value of the field, to be looked at one by one.
    fn perhaps(&self, field: u16) -> Found {
        Found { exact: false, ..self.present(field) }
    }

    /// Documents with a value of every one of the fields, to be looked at one by one.
    fn all_present(&self, fields: &[u16]) -> Found {
        let clauses: Vec<_> = fields.iter().map(|field| (Occur::Must, self.present(*field).query)).collect();
        match clauses.len() {
            0 => Found { exact: false, ..everything() },
            _ => Found { query: Box::new(BooleanQuery::new(clauses)), exact: false },
        }
    }

    fn leaf(&self, leaf: &Filter, not: bool) -> Result<Found, IndexError> {
        let number = match leaf {
            Filter::Compare { field, .. }
            | Filter::In { field, .. }
            | Filter::Between { field, .. }
            | Filter::Like { field, .. }
            | Filter::Spatial { field, .. }
            | Filter::Temporal { field, .. } => *field,
            _ => return Ok(everything()),
        };
        let Some(mapped) = self.mapping.field(number) else { return Ok(nothing()) };
        let found = match leaf {
            Filter::Compare { op, value, .. } => self.compare(mapped, *op, value),
            Filter::In { values, .. } => {
                if values.len() > VALUES_MAX {
                    return Err(IndexError::TooHeavy(format!("an IN has more than {VALUES_MAX} values")));
                }
                self.one_of(mapped, values)
            }
            Filter::Between { low, high, .. } => {
                let (low, high) = (
                    self.compare(mapped, Comparison::GreaterOrEqual, low),
                    self.compare(mapped, Comparison::LessOrEqual, high),
                );
                // With several members the two ends may be met by different ones.
                Found { exact: low.exact && high.exact, query: both(low.query, high.query) }
            }
            Filter::Like { pattern, casei, .. } => self.like(mapped, pattern, *casei),
            Filter::Spatial { op, shape, .. } => (self.space)(number, *op, shape)?,
            Filter::Temporal { op, span, .. } => self.temporal(mapped, *op, *span),
            _ => everything(),
        };
        let exact = found.exact && !mapped.list;
        Ok(match (not, exact) {
            (false, exact) => Found { exact, ..found },
            (true, false) => self.perhaps(number),
            (true, true) => {
                let clauses = vec![(Occur::Must, self.present(number).query), (Occur::MustNot, found.query)];
                Found { query: Box::new(BooleanQuery::new(clauses)), exact: true }
            }
        })
    }

    fn one_of(&self, mapped: &Mapped, values: &[Value]) -> Found {
        if let Some((column, as_is)) = mapped.term
            && values.iter().all(|v| whole_text(v).is_some_and(|t| t.len() <= 512))
        {
            let spelled = |v: &Value| {
                let text = whole_text(v).unwrap_or_default();
                Term::from_field_text(column, &if as_is { text.to_owned() } else { normalised(text) })
            };
            return Found { query: Box::new(TermSetQuery::new(values.iter().map(spelled))), exact: as_is };
        }
        let found: Vec<Found> = values.iter().map(|value| self.compare(mapped, Comparison::Equal, value)).collect();
        let exact = found.iter().all(|f| f.exact);
        let clauses = found.into_iter().map(|f| (Occur::Should, f.query)).collect::<Vec<_>>();
        if clauses.is_empty() { nothing() } else { Found { query: Box::new(BooleanQuery::new(clauses)), exact } }
    }

    fn compare(&self, mapped: &Mapped, op: Comparison, value: &Value) -> Found {
        if op == Comparison::NotEqual {
            let equal = self.compare(mapped, Comparison::Equal, value);
            if !equal.exact || mapped.list {
                return self.perhaps(mapped.number);
            }
            let clauses = vec![(Occur::Must, self.present(mapped.number).query), (Occur::MustNot, equal.query)];
            return Found { query: Box::new(BooleanQuery::new(clauses)), exact: true };
        }
        match (&mapped.scalar, mapped.term) {
            (Some(Scalar::Integer(_, column)), _) => match whole_number(value) {
                Some(whole) => Found { query: range(op, Term::from_field_i64(*column, whole)), exact: true },
                None => self.perhaps(mapped.number),
            },
            (Some(Scalar::Number(_, column)), _) => {
                let (Value::Decimal(number) | Value::Measure(number, _)) = value else {
                    return self.perhaps(mapped.number);
                };
                let told = told_by_f64(*number) && !(self.rounded)(mapped.number) && mapped.kind == FieldType::Decimal;
                // Rounding keeps the order but may make unequal numbers equal: the bound itself is let in.
                let op = match op {
                    Comparison::Less if !told => Comparison::LessOrEqual,
                    Comparison::Greater if !told => Comparison::GreaterOrEqual,
                    op => op,
                };
                Found { query: range(op, Term::from_field_f64(*column, number.to_f64())), exact: told }
            }
            (Some(Scalar::Stretch { from, to }), _) => {
                let Some(span) = stretch(value) else { return self.perhaps(mapped.number) };
                self.compare_stretch(mapped, op, span, from.1, to.1)
            }
            (None, Some((column, as_is))) => self.compare_text(mapped, op, value, column, as_is),
            (None, None) => match (op, value, mapped.text) {
                (Comparison::Equal, Value::Text(text), Some(form)) => containing(text, form, mapped, self),
                _ => self.perhaps(mapped.number),
            },
        }
    }

    fn compare_text(&self, mapped: &Mapped, op: Comparison, value: &Value, column: Column, as_is: bool) -> Found {
        let Some(text) = whole_text(value).filter(|t| t.len() <= 512) else { return self.perhaps(mapped.number) };
        if !as_is {
            let spelled = Term::from_field_text(column, &normalised(text));
            return match op {
                Comparison::Equal => {
                    Found { query: Box::new(TermQuery::new(spelled, IndexRecordOption::Basic)), exact: false }
                }
                _ => self.perhaps(mapped.number),
            };
        }
        let term = Term::from_field_text(column, text);
        let query: Box<dyn Query> = match op {
            Comparison::Equal => Box::new(TermQuery::new(term, IndexRecordOption::Basic)),
            op => {
                let (low, high) = bounds(op, term);
                Box::new(tantivy::query::InvertedIndexRangeQuery::new(low, high))
            }
        };
        Found { query, exact: true }
    }

    /// `=` the same stretch, `<` ends before the other begins, `<=` ends no later than the other.
    fn compare_stretch(&self, mapped: &Mapped, op: Comparison, span: Span<Day>, from: Column, to: Column) -> Found {
        let day = |column, day| Term::from_field_i64(column, column_day(day));
        let query = match op {
            Comparison::Equal => {
                both(range(Comparison::Equal, day(from, span.from)), range(Comparison::Equal, day(to, span.to)))
            }
            Comparison::Less => range(Comparison::LessOrEqual, day(to, span.from)),
            Comparison::LessOrEqual => range(Comparison::LessOrEqual, day(to, span.to)),
            Comparison::Greater => range(Comparison::GreaterOrEqual, day(from, span.to)),
            Comparison::GreaterOrEqual => range(Comparison::GreaterOrEqual, day(from, span.from)),
            Comparison::NotEqual => return self.perhaps(mapped.number),
        };
        Found { query, exact: true }
    }

    fn temporal(&self, mapped: &Mapped, op: Temporal, span: Span<Day>) -> Found {
        let Some(Scalar::Stretch { from, to }) = &mapped.scalar else { return self.perhaps(mapped.number) };
        let day = |column: Column, day| Term::from_field_i64(column, column_day(day));
        let (from, to) = (from.1, to.1);
        // Open ends touch nothing; columns hold them as far days that equal themselves.
        let bounded = span.from != Day::MIN && span.to != Day::MAX && !span.is_empty();
        let (query, exact) = match op {
            Temporal::Intersects => (
                both(range(Comparison::Less, day(from, span.to)), range(Comparison::Greater, day(to, span.from))),
                bounded,
            ),
            Temporal::Before => (range(Comparison::LessOrEqual, day(to, span.from)), bounded),
            Temporal::After => (range(Comparison::GreaterOrEqual, day(from, span.to)), bounded),
            Temporal::During => (
                both(range(Comparison::Greater, day(from, span.from)), range(Comparison::Less, day(to, span.to))),
                bounded,
            ),
            Temporal::Contains => (
                both(range(Comparison::Less, day(from, span.from)), range(Comparison::Greater, day(to, span.to))),
                bounded,
            ),
            Temporal::Equals => (
                both(range(Comparison::Equal, day(from, span.from)), range(Comparison::Equal, day(to, span.to))),
                bounded,
            ),
            // The rarer relations: the record decides.
            _ => return self.perhaps(mapped.number),
        };
        if exact { Found { query, exact } } else { self.perhaps(mapped.number) }
    }

    fn like(&self, mapped: &Mapped, pattern: &str, casei: bool) -> Found {
        let pieces = Pieces::of(pattern);
        if let Some((column, as_is)) = mapped.term
            && !pieces.start.is_empty()
            && (!casei || !as_is)
        {
            let start = if as_is { pieces.start.clone() } else { normalised(&pieces.start) };
            // `start%` on terms kept as they are is a range of the dictionary; anything after it is for the record.
            let query = starting_with(column, &start);
            return Found { query, exact: as_is && pieces.is_prefix && start.len() <= 512 };
        }
        if let Some(form) = mapped.text {
            let texts: Vec<Found> = pieces.literal.iter().map(|piece| containing(piece, form, mapped, self)).collect();
            if !texts.is_empty() {
                let clauses = texts.into_iter().map(|f| (Occur::Must, f.query)).collect();
                return Found { query: Box::new(BooleanQuery::new(clauses)), exact: false };
            }
        }
        self.perhaps(mapped.number)
    }
}

/// Documents that hold every bigram of the Han runs of `text`: at least those whose field contains it.
fn containing(text: &str, form: TextForm, mapped: &Mapped, filters: &Filters<'_>) -> Found {
    let (pairs, characters) = match form {
        TextForm::Name { all } => (all, all),
        TextForm::Text { pairs, characters } => (pairs, characters),
    };
    let mut terms = Vec::new();
    let runs: Vec<char> = text.chars().map(normalise).collect();
    for run in runs.split(|c| class(*c) != Class::Han).filter(|run| !run.is_empty()) {
        if let [only] = run {
            terms.push(Term::from_field_text(characters, &only.to_string()));
        }
        terms.extend(run.windows(2).map(|pair| Term::from_field_text(pairs, &pair.iter().collect::<String>())));
    }
    terms.sort();
    terms.dedup();
    terms.truncate(32);
    if terms.is_empty() {
        return filters.perhaps(mapped.number);
    }
    let clauses = terms
        .into_iter()
        .map(|term| (Occur::Must, Box::new(TermQuery::new(term, IndexRecordOption::Basic)) as Box<dyn Query>))
        .collect();
    Found { query: Box::new(BooleanQuery::new(clauses)), exact: false }
}

/// A LIKE pattern: literal start, whether nothing but `%` follows it, and all literal stretches.
struct Pieces {
    start: String,
    is_prefix: bool,
    literal: Vec<String>,
}

impl Pieces {
    fn of(pattern: &str) -> Self {
        let mut pieces = vec![String::new()];
        let (mut wild, mut chars) = (Vec::new(), pattern.chars());
        while let Some(c) = chars.next() {
            let literal = match c {
                '\\' => chars.next(),
                '%' | '_' => {
                    wild.push((pieces.len(), c));
                    pieces.push(String::new());
                    None
                }
                c => Some(c),
            };
            if let (Some(c), Some(last)) = (literal, pieces.last_mut()) {
                last.push(c);
            }
        }
        let is_prefix = wild == [(1, '%')] && pieces.get(1).is_some_and(String::is_empty);
        let start = pieces.first().cloned().unwrap_or_default();
        pieces.retain(|piece| !piece.is_empty());
        Self { start, is_prefix, literal: pieces }
    }
}

fn everything() -> Found {
    Found { query: Box::new(AllQuery), exact: true }
}

fn nothing() -> Found {
    Found { query: Box::new(EmptyQuery), exact: true }
}

fn both(a: Box<dyn Query>, b: Box<dyn Query>) -> Box<dyn Query> {
    Box::new(BooleanQuery::intersection(vec![a, b]))
}

fn bounds(op: Comparison, term: Term) -> (Bound<Term>, Bound<Term>) {
    match op {
        Comparison::Less => (Bound::Unbounded, Bound::Excluded(term)),
        Comparison::LessOrEqual => (Bound::Unbounded, Bound::Included(term)),
        Comparison::Greater => (Bound::Excluded(term), Bound::Unbounded),
        Comparison::GreaterOrEqual => (Bound::Included(term), Bound::Unbounded),
        Comparison::Equal | Comparison::NotEqual => (Bound::Included(term.clone()), Bound::Included(term)),
    }
}

fn range(op: Comparison, term: Term) -> Box<dyn Query> {
    let (low, high) = bounds(op, term);
    Box::new(RangeQuery::new(low, high))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_its_literal_stretches() {
        let pieces = Pieces::of("51%");
        assert!(pieces.is_prefix && pieces.start == "51");
        let pieces = Pieces::of("%成都_a\\%b");
        assert!(!pieces.is_prefix && pieces.start.is_empty());
        assert_eq!(pieces.literal, ["成都", "a%b"]);
        assert!(!Pieces::of("51").is_prefix);
    }
}
