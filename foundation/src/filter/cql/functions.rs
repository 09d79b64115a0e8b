//! Functions of filters: space, time, and the literals that look like functions.

use super::operand::{Operand, Side};
use super::{Parser, Read};
use crate::dataset::Field;
use crate::filter::computed::{ArrayRelation, Computed, Term, TermKind};
use crate::filter::lexer::{Kind, Token};
use crate::filter::literal::{Bound, Literal, float};
use crate::filter::{Comparison, Filter, FilterError, Spatial, Temporal};
use crate::value::{FieldType, Instant, PartialDate, Period, Shape, Value};

/// Most points of a literal geometry.
const POINTS_MAX: usize = 10_000;

/// Words that begin a geometry in WKT.
pub(in crate::filter) const GEOMETRIES: [&str; 7] =
    ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"];

impl<'a> Parser<'a> {
    /// A predicate written as a function; `None` if `name` is none.
    pub(super) fn function(&mut self, name: &str) -> Option<Read<Filter>> {
        let upper = name.to_ascii_uppercase();
        if let Some((op, _)) = Temporal::ALL.into_iter().find(|(_, known)| *known == upper) {
            return Some(self.pair().and_then(|(left, right, at)| self.temporal(op, left, right, at)));
        }
        if let Some((relation, _)) = ArrayRelation::ALL.into_iter().find(|(_, known)| *known == upper) {
            return Some(self.pair().and_then(|(left, right, _)| self.array(relation, left, right)));
        }
        if upper.starts_with("S_") {
            return Some(self.spatial(&upper));
        }
        None
    }

    /// Name, `(`, two operands, `)`.
    fn pair(&mut self) -> Read<(Operand<'a>, Operand<'a>, usize)> {
        let at = self.take().at;
        self.symbol("(")?;
        let left = self.operand()?;
        self.symbol(",")?;
        let right = self.operand()?;
        self.symbol(")")?;
        Ok((left, right, at))
    }

    fn spatial(&mut self, name: &str) -> Read<Filter> {
        let at = self.peek().at;
        let Some((op, _)) = Spatial::ALL.into_iter().find(|(_, known)| *known == name) else {
            let known: Vec<&str> = Spatial::ALL.iter().map(|(_, name)| *name).collect();
            return Err(FilterError { at, reason: format!("`{name}` is not supported; {} are", known.join(", ")) });
        };
        let (left, right, _) = self.pair()?;
        let (field, shape, op) = match (&left.side, &right.side) {
            (Side::Field(field), Side::Literal(Literal::Geometry(shape))) => (*field, shape.clone(), op),
            (Side::Literal(Literal::Geometry(shape)), Side::Field(field)) => (*field, shape.clone(), op.turned()),
            _ => {
                let places = (left.at, right.at);
                let (left, right) = (self.term(left, None)?, self.term(right, None)?);
                self.expect_kind(&left, TermKind::Geometry, places.0)?;
                self.expect_kind(&right, TermKind::Geometry, places.1)?;
                return Ok(Self::settled(Computed::Spatial(left, op, right)));
            }
        };
        if field.kind != FieldType::Geometry {
            return Err(FilterError { at, reason: format!("`{}` is no geometry", field.name) });
        }
        Ok(Filter::Spatial { field: field.number, op, shape })
    }

    /// `op(left, right)`.
    fn temporal(&self, op: Temporal, left: Operand<'a>, right: Operand<'a>, at: usize) -> Read<Filter> {
        match (&left.side, &right.side) {
            (Side::Field(field), Side::Literal(literal)) => temporal(field, op, literal, at, right.at),
            (Side::Literal(literal), Side::Field(field)) => temporal(field, op.converse(), literal, at, left.at),
            _ => {
                let places = (left.at, right.at);
                let (left, right) = (self.term(left, None)?, self.term(right, None)?);
                self.expect_kind(&left, TermKind::Time, places.0)?;
                self.expect_kind(&right, TermKind::Time, places.1)?;
                Ok(Self::settled(Computed::Temporal(left, op, right)))
            }
        }
    }

    /// DATE, TIMESTAMP, INTERVAL, BBOX and WKT; `None` if the word begins none of them. Its token is taken already.
    pub(super) fn literal_word(&mut self, word: &str, token: &Token<'a>) -> Read<Option<Side<'a>>> {
        let called = self.peek().is_symbol("(");
        let upper = word.to_ascii_uppercase();
        let geometry = GEOMETRIES.contains(&upper.as_str())
            && (called || ["Z", "M", "ZM", "EMPTY"].iter().any(|mark| self.peek().is(mark)));
        if geometry {
            return self.geometry(token).map(|literal| Some(Side::Literal(literal)));
        }
        if !called {
            return Ok(None);
        }
        let literal = match upper.as_str() {
            "DATE" => {
                let (text, at) = self.argument()?;
                Literal::Date(date(&text, at)?)
            }
            "TIMESTAMP" => {
                let (text, at) = self.argument()?;
                Literal::Timestamp(timestamp(&text).ok_or_else(|| FilterError {
                    at,
                    reason: "a point in time was expected, such as '2026-01-31T00:00:00Z'".into(),
                })?)
            }
            "INTERVAL" => {
                self.symbol("(")?;
                let from = self.operand()?;
                self.symbol(",")?;
                let to = self.operand()?;
                self.symbol(")")?;
                return self.interval(from, to).map(Some);
            }
            "BBOX" => Literal::Geometry(self.bbox(token.at)?),
            _ => return Ok(None),
        };
        Ok(Some(Side::Literal(literal)))
    }

    /// `('…')`
    fn argument(&mut self) -> Read<(String, usize)> {
        self.symbol("(")?;
        let token = self.take();
        let Kind::Text(text) = token.kind else {
            return Err(FilterError { at: token.at, reason: "a text in single quotes was expected".into() });
        };
        self.symbol(")")?;
        Ok((text, token.at))
    }

    /// `INTERVAL(from, to)`: a literal, unless an end is a field.
    fn interval(&self, from: Operand<'a>, to: Operand<'a>) -> Read<Side<'a>> {
        let computed = |operand: &Operand<'a>| !matches!(operand.side, Side::Literal(_));
        if !computed(&from) && !computed(&to) {
            return Ok(Side::Literal(Literal::Interval(bound(&from)?, bound(&to)?)));
        }
        let mut ends = Vec::with_capacity(2);
        for end in [from, to] {
            ends.push(if computed(&end) {
                let at = end.at;
                let term = self.term(end, None)?;
                self.expect_kind(&term, TermKind::Time, at)?;
                term
            } else {
                match bound(&end)? {
                    Bound::Open => Term::Open,
                    Bound::Date(date) => Term::Literal(Value::Date(date)),
                    Bound::Timestamp(at) => Term::Literal(Value::Timestamp(at)),
                }
            });
        }
        let (to, from) = (ends.pop().unwrap_or(Term::Open), ends.pop().unwrap_or(Term::Open));
        Ok(Side::Term(Term::Interval(Box::new(from), Box::new(to))))
    }

    fn bbox(&mut self, at: usize) -> Read<Shape> {
        self.symbol("(")?;
        let mut numbers = Vec::new();
        loop {
            let operand = self.operand()?;
            let number = match &operand.side {
                Side::Literal(Literal::Number(text)) => float(text),
                _ => None,
            };
            numbers.push(number.ok_or_else(|| FilterError { at: operand.at, reason: "BBOX takes numbers".into() })?);
            if numbers.len() > 6 || !self.took(|t| t.is_symbol(",")) {
                break;
            }
        }
        self.symbol(")")?;
        let ([west, south, east, north] | [west, south, _, east, north, _]) = *numbers.as_slice() else {
            return Err(FilterError { at, reason: "BBOX takes west, south, east, north".into() });
        };
        let wrong = |e: crate::value::ShapeError| FilterError { at, reason: e.to_string() };
        if west <= east {
            return Shape::rectangle(west, south, east, north).map_err(wrong);
        }
        // Across the antimeridian: two boxes.
        let boxes = [(west, 180.0), (-180.0, east)]
            .map(|(west, east)| geo::Rect::new((west, south), (east, north)).to_polygon());
        Shape::from_geo(&geo::Geometry::MultiPolygon(geo::MultiPolygon(boxes.to_vec())), POINTS_MAX).map_err(wrong)
    }

    /// WKT from `token` to its closing parenthesis.
    fn geometry(&mut self, token: &Token<'a>) -> Read<Literal> {
        let mut depth = 0_usize;
        let end = loop {
            let next = self.take();
            match next.kind {
                Kind::Symbol("(") => depth += 1,
                Kind::Symbol(")") => depth = depth.saturating_sub(1),
                Kind::End => {
                    return Err(FilterError { at: token.at, reason: "the geometry's parentheses do not close".into() });
                }
                _ => {}
            }
            if depth == 0 && (next.is_symbol(")") || next.is("EMPTY")) {
                break next.bytes.end;
            }
        };
        let text = self.text.get(token.bytes.start..end).unwrap_or_default();
        Shape::from_wkt(text, POINTS_MAX)
            .map(Literal::Geometry)
            .map_err(|e| FilterError { at: token.at, reason: e.to_string() })
    }
}

/// `'1990-01-01'`, `'2026-01-31T00:00:00Z'`, `'..'`, `DATE('…')` or `TIMESTAMP('…')`.
fn bound(operand: &Operand<'_>) -> Read<Bound> {
    let wrong = || FilterError {
        at: operand.at,
        reason: "an end of an INTERVAL is a date, a timestamp or '..', in single quotes, or a field".into(),
    };
    match &operand.side {
        Side::Literal(Literal::Date(date)) => Ok(Bound::Date(*date)),
        Side::Literal(Literal::Timestamp(at)) => Ok(Bound::Timestamp(*at)),
        Side::Literal(Literal::Text(text)) if text == ".." => Ok(Bound::Open),
        Side::Literal(Literal::Text(text)) => PartialDate::parse(text)
            .map(Bound::Date)
            .or_else(|| timestamp(text).map(Bound::Timestamp))
            .ok_or_else(wrong),
        _ => Err(wrong()),
    }
}

/// `op(field, literal)`.
fn temporal(field: &Field, op: Temporal, literal: &Literal, at: usize, literal_at: usize) -> Read<Filter> {
    let no_time = || FilterError {
        at: literal_at,
        reason: "DATE('…'), TIMESTAMP('…') or INTERVAL('…', '…') was expected".into(),
    };
    match field.kind {
        FieldType::Date | FieldType::Interval | FieldType::Period => {
            let period = match literal {
                Literal::Text(text) => Period::parse(text).map(Period::span),
                _ => None,
            };
            let span = period.or_else(|| literal.days()).ok_or_else(no_time)?;
            if span.is_empty() {
                return Err(FilterError { at: literal_at, reason: "the interval ends before it begins".into() });
            }
            Ok(Filter::Temporal { field: field.number, op, span })
        }
        FieldType::Timestamp => {
            let (first, last) = literal.instants().ok_or_else(no_time)?;
            if first > last {
                return Err(FilterError { at: literal_at, reason: "the interval ends before it begins".into() });
            }
            instants(field.number, op, literal, first, last).ok_or_else(|| FilterError {
                at,
                reason: format!(
                    "`{}` is a point in time: T_BEFORE, T_AFTER, T_EQUALS, T_DISJOINT, T_INTERSECTS and T_DURING apply",
                    field.name
                ),
            })
        }
        _ => Err(FilterError { at, reason: format!("`{}` is no date, interval, period or timestamp", field.name) }),
    }
}

fn date(text: &str, at: usize) -> Read<PartialDate> {
    PartialDate::parse(text).ok_or_else(|| FilterError {
        at,
        reason: "a date of the calendar was expected, such as '1990-01-01', '1990-01', '1990'".into(),
    })
}

fn timestamp(text: &str) -> Option<Instant> {
    // A bare date is a DATE.
    text.contains(['T', 't', ' ']).then(|| Instant::parse(text)).flatten()
}

/// A temporal operator on points in time, as comparisons; `None` where it needs a stretch.
fn instants(field: u16, op: Temporal, literal: &Literal, first: Instant, last: Instant) -> Option<Filter> {
    let compare = |op, at| Filter::Compare { field, op, value: Value::Timestamp(at) };
    let inside = || Filter::Between { field, low: Value::Timestamp(first), high: Value::Timestamp(last) };
    Some(match op {
        Temporal::Before => compare(Comparison::Less, first),
        Temporal::After => compare(Comparison::Greater, last),
        // A point is no stretch, unless it is one of a single moment: false of every point, unknown of none.
        Temporal::Equals if matches!(literal, Literal::Interval(..)) && first != last => {
            Filter::And(vec![compare(Comparison::Less, first), compare(Comparison::Greater, last)])
        }
        Temporal::Equals | Temporal::Intersects => inside(),
        Temporal::Disjoint => Filter::Or(vec![compare(Comparison::Less, first), compare(Comparison::Greater, last)]),
        Temporal::During => match literal {
            // Strictly inside; a day given as a date is inside as a whole.
            Literal::Interval(from, to) => {
                let low = match from {
                    Bound::Timestamp(_) => Comparison::Greater,
                    _ => Comparison::GreaterOrEqual,
                };
                let high = match to {
                    Bound::Timestamp(_) => Comparison::Less,
                    _ => Comparison::LessOrEqual,
                };
                Filter::And(vec![compare(low, first), compare(high, last)])
            }
            Literal::Date(_) => inside(),
            _ => return None,
        },
        _ => return None,
    })
}
