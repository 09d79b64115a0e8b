//! CQL2 text (OGC 21-065r2) to [`Filter`].
//!
//! | asked | how |
//! |---|---|
//! | compare | `=` `<>` `<` `<=` `>` `>=`, the field on either side |
//! | sets, ranges | `IN (…)`, `BETWEEN … AND …`, with `NOT` too |
//! | texts | `LIKE 'a%_'`, `CASEI(…)` around either side of `=`, `<>`, `LIKE`, `IN` |
//! | silence | `IS NULL`, `IS NOT NULL` |
//! | space | `S_INTERSECTS`, `S_WITHIN`, `S_CONTAINS`, `S_DISJOINT`, `S_EQUALS`, `S_CROSSES`, `S_OVERLAPS`, `S_TOUCHES`, with WKT or `BBOX(west, south, east, north)` |
//! | time | all fifteen `T_…`, with `DATE('…')`, `TIMESTAMP('…')`, `INTERVAL('…', '..')` |
//! | together | `AND`, `OR`, `NOT`, parentheses |
//!
//! Field names with other letters than a-z, digits and _ stand in double quotes. Dates may be partial (`DATE('1990-05')`,
//! `'1990'`). Numbers are exact: they never pass through a float. A label of a code list stands for its code.
//!
//! The parser is our own: it knows the place of every word for its messages, takes bounded stack and time on any input,
//! and keeps decimals exact; the tests hold it against the `cql2` crate.

mod functions;

use super::lexer::{Kind, Token, tokens};
use super::literal::{Literal, Reader};
use super::{Comparison, Filter, FilterError};
use crate::dataset::{CodeLists, Dataset, Field};
use crate::value::{Day, FieldType};

/// Deepest nesting of parentheses and NOTs.
const DEPTH_MAX: usize = 32;
/// Most predicates.
const TERMS_MAX: usize = 200;
/// Most values of an IN.
const VALUES_MAX: usize = 1_000;
/// Most characters of a LIKE pattern.
const PATTERN_MAX: usize = 1_000;

/// Reads a CQL2 text filter over the fields of `dataset`. Codes are taken as they stand.
///
/// # Errors
/// [`FilterError`] with the place: syntax, an unknown property, a literal that is not of the property's type, a limit.
pub fn parse(text: &str, dataset: &Dataset) -> Result<Filter, FilterError> {
    run(text, Reader { dataset, lists: None })
}

/// As [`parse`]; codes are looked up in `lists` as of `day`, and labels (`'男'`) are taken for their codes.
///
/// # Errors
/// As [`parse`]; also an unknown code, and a label that names several codes.
pub fn parse_with_lists(text: &str, dataset: &Dataset, lists: &CodeLists, day: Day) -> Result<Filter, FilterError> {
    run(text, Reader { dataset, lists: Some((lists, day)) })
}

fn run(text: &str, reader: Reader<'_>) -> Result<Filter, FilterError> {
    let mut parser = Parser { text, tokens: tokens(text)?, next: 0, depth: 0, terms: 0, reader };
    if parser.peek().kind == Kind::End {
        return parser.fault("the filter is empty");
    }
    let filter = parser.any_of()?;
    if parser.peek().kind != Kind::End {
        let found = parser.peek().shown();
        return parser.fault(format!("{found} was not expected here; AND, OR or the end was"));
    }
    Ok(filter)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token<'a>>,
    next: usize,
    depth: usize,
    terms: usize,
    reader: Reader<'a>,
}

/// One side of a predicate.
struct Operand<'a> {
    side: Side<'a>,
    /// Inside `CASEI(…)`.
    casei: bool,
    at: usize,
}

enum Side<'a> {
    Field(&'a Field),
    Literal(Literal),
}

impl<'a> Operand<'a> {
    fn field(&self) -> Read<&'a Field> {
        match self.side {
            Side::Field(field) => Ok(field),
            Side::Literal(_) => {
                Err(FilterError { at: self.at, reason: "the name of a field was expected before this word".into() })
            }
        }
    }
}

type Read<T> = Result<T, FilterError>;

impl<'a> Parser<'a> {
    fn peek(&self) -> Token<'a> {
        self.peek_after(0)
    }
    fn peek_after(&self, count: usize) -> Token<'a> {
        // The last token is the end and stays.
        self.tokens.get(self.next + count).or(self.tokens.last()).cloned().unwrap_or(Token {
            at: 1,
            kind: Kind::End,
            bytes: 0..0,
        })
    }
    fn take(&mut self) -> Token<'a> {
        let token = self.peek();
        self.next += 1;
        token
    }
    fn took(&mut self, fits: impl Fn(&Token<'a>) -> bool) -> bool {
        let fits = self.tokens.get(self.next).is_some_and(fits);
        self.next += usize::from(fits);
        fits
    }
    /// An error at the next word.
    fn fault<T>(&self, reason: impl Into<String>) -> Read<T> {
        Err(FilterError { at: self.peek().at, reason: reason.into() })
    }
    fn symbol(&mut self, symbol: &str) -> Read<()> {
        if self.took(|t| t.is_symbol(symbol)) {
            return Ok(());
        }
        let found = self.peek().shown();
        self.fault(format!("`{symbol}` was expected, not {found}"))
    }
    fn keyword(&mut self, keyword: &str) -> Read<()> {
        if self.took(|t| t.is(keyword)) {
            return Ok(());
        }
        let found = self.peek().shown();
        self.fault(format!("{keyword} was expected, not {found}"))
    }
    fn deeper<T>(&mut self, inner: impl FnOnce(&mut Self) -> Read<T>) -> Read<T> {
        if self.depth >= DEPTH_MAX {
            return self.fault(format!("the filter is nested deeper than {DEPTH_MAX} levels"));
        }
        self.depth += 1;
        let read = inner(self);
        self.depth -= 1;
        read
    }

    fn any_of(&mut self) -> Read<Filter> {
        let mut parts = vec![self.all_of()?];
        while self.took(|t| t.is("OR")) {
            parts.push(self.all_of()?);
        }
        Ok(joined(parts, Filter::Or))
    }

    fn all_of(&mut self) -> Read<Filter> {
        let mut parts = vec![self.negated()?];
        while self.took(|t| t.is("AND")) {
            parts.push(self.negated()?);
        }
        Ok(joined(parts, Filter::And))
    }

    fn negated(&mut self) -> Read<Filter> {
        if self.took(|t| t.is("NOT")) {
            return self.deeper(Self::negated).map(|part| Filter::Not(Box::new(part)));
        }
        self.predicate()
    }

    fn predicate(&mut self) -> Read<Filter> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return self.fault(format!("the filter has more than {TERMS_MAX} predicates"));
        }
        if self.took(|t| t.is_symbol("(")) {
            self.terms -= 1;
            let inner = self.deeper(Self::any_of)?;
            self.symbol(")")?;
            return Ok(inner);
        }
        let token = self.peek();
        let called = self.peek_after(1).is_symbol("(");
        if let Kind::Word(word) = token.kind {
            if called && let Some(read) = self.function(word) {
                return read;
            }
            let constant = [("TRUE", true), ("FALSE", false)].into_iter().find(|(name, _)| token.is(name));
            if let Some((_, holds)) = constant
                && comparison(&self.peek_after(1)).is_none()
            {
                self.take();
                return Ok(Filter::Constant(holds));
            }
        }
        let left = self.operand()?;
        self.after(left)
    }

    /// What follows the left operand.
    fn after(&mut self, left: Operand<'a>) -> Read<Filter> {
        let token = self.peek();
        if let Some(op) = comparison(&token) {
            self.take();
            let right = self.operand()?;
            return self.compare(left, op, right, token.at);
        }
        if self.took(|t| t.is("IS")) {
            let not = self.took(|t| t.is("NOT"));
            self.keyword("NULL")?;
            let field = left.field()?;
            return Ok(perhaps_not(Filter::IsNull { field: field.number }, not));
        }
        let not = self.took(|t| t.is("NOT"));
        let token = self.take();
        let filter = match token.kind {
            Kind::Word(word) if word.eq_ignore_ascii_case("LIKE") => self.like(&left)?,
            Kind::Word(word) if word.eq_ignore_ascii_case("IN") => self.one_of(&left)?,
            Kind::Word(word) if word.eq_ignore_ascii_case("BETWEEN") => self.between(&left)?,
            _ => {
                let found = token.shown();
                let reason = if matches!(token.kind, Kind::Symbol("+" | "-" | "*" | "/" | "%" | "^")) {
                    "arithmetic is not supported in filters".to_owned()
                } else {
                    format!("a comparison, IN, BETWEEN, LIKE or IS NULL was expected, not {found}")
                };
                return Err(FilterError { at: token.at, reason });
            }
        };
        Ok(perhaps_not(filter, not))
    }

    fn literal(&mut self) -> Read<(Literal, bool, usize)> {
        let operand = self.operand()?;
        match operand.side {
            Side::Literal(literal) => Ok((literal, operand.casei, operand.at)),
            Side::Field(_) => Err(FilterError {
                at: operand.at,
                reason: "a literal was expected; two fields cannot be compared".into(),
            }),
        }
    }

    fn compare(&self, left: Operand<'a>, op: Comparison, right: Operand<'a>, at: usize) -> Read<Filter> {
        let casei = left.casei || right.casei;
        let (field, op, literal, at) = match (left.side, right.side) {
            (Side::Field(field), Side::Literal(literal)) => (field, op, literal, right.at),
            (Side::Literal(literal), Side::Field(field)) => (field, flipped(op), literal, left.at),
            (Side::Field(_), Side::Field(_)) => {
                return Err(FilterError { at, reason: "two fields cannot be compared; one side is a literal".into() });
            }
            (Side::Literal(_), Side::Literal(_)) => {
                return Err(FilterError { at, reason: "one side of a comparison is a field".into() });
            }
        };
        let value = self.reader.value(field, &literal, at)?;
        let ordered = !matches!(op, Comparison::Equal | Comparison::NotEqual);
        if ordered && matches!(field.kind, FieldType::Boolean | FieldType::Link | FieldType::Texts) {
            return Err(FilterError { at, reason: format!("`{}` has no order; compare it with = or <>", field.name) });
        }
        if !casei {
            return Ok(Filter::Compare { field: field.number, op, value });
        }
        let Literal::Text(text) = literal else {
            return Err(FilterError { at, reason: "CASEI is for texts".into() });
        };
        if ordered {
            return Err(FilterError { at, reason: "CASEI goes with =, <>, LIKE and IN".into() });
        }
        textual(field, at)?;
        let like = Filter::Like { field: field.number, pattern: escaped(&text), casei: true };
        Ok(perhaps_not(like, op == Comparison::NotEqual))
    }

    fn like(&mut self, left: &Operand<'a>) -> Read<Filter> {
        let (at, left_casei) = (left.at, left.casei);
        let field = left.field()?;
        textual(field, at)?;
        let (literal, casei, at) = self.literal()?;
        let Literal::Text(pattern) = literal else {
            return Err(FilterError { at, reason: "a pattern in single quotes was expected after LIKE".into() });
        };
        if pattern.chars().count() > PATTERN_MAX {
            return Err(FilterError { at, reason: format!("the pattern is longer than {PATTERN_MAX} characters") });
        }
        let pattern = crate::value::parse::nfc(&pattern);
        Ok(Filter::Like { field: field.number, pattern, casei: casei || left_casei })
    }

    fn one_of(&mut self, left: &Operand<'a>) -> Read<Filter> {
        let left_casei = left.casei;
        let (field, field_at) = (left.field()?, self.peek().at);
        self.symbol("(")?;
        let mut literals = Vec::new();
        loop {
            literals.push(self.literal()?);
            if literals.len() > VALUES_MAX {
                return self.fault(format!("IN takes at most {VALUES_MAX} values"));
            }
            if !self.took(|t| t.is_symbol(",")) {
                break;
            }
        }
        self.symbol(")")?;
        if left_casei || literals.iter().any(|(_, casei, _)| *casei) {
            textual(field, field_at)?;
            let any = literals.into_iter().map(|(literal, _, at)| match literal {
                Literal::Text(text) => Ok(Filter::Like { field: field.number, pattern: escaped(&text), casei: true }),
                _ => Err(FilterError { at, reason: "CASEI is for texts".into() }),
            });
            return Ok(joined(any.collect::<Read<_>>()?, Filter::Or));
        }
        let values =
            literals.iter().map(|(literal, _, at)| self.reader.value(field, literal, *at)).collect::<Read<_>>()?;
        Ok(Filter::In { field: field.number, values })
    }

    fn between(&mut self, left: &Operand<'a>) -> Read<Filter> {
        let at = left.at;
        let field = left.field()?;
        if matches!(field.kind, FieldType::Boolean | FieldType::Link | FieldType::Texts) {
            return Err(FilterError { at, reason: format!("`{}` has no order", field.name) });
        }
        let (low, _, low_at) = self.literal()?;
        self.keyword("AND")?;
        let (high, _, high_at) = self.literal()?;
        Ok(Filter::Between {
            field: field.number,
            low: self.reader.value(field, &low, low_at)?,
            high: self.reader.value(field, &high, high_at)?,
        })
    }

    /// A field, by its name.
    fn field(&self, name: &str, at: usize) -> Read<&'a Field> {
        let dataset = self.reader.dataset;
        dataset.field(name).ok_or_else(|| {
            let names: Vec<&str> = dataset.fields.iter().take(40).map(|f| f.name.as_str()).collect();
            let short: String = name.chars().take(40).collect();
            FilterError {
                at,
                reason: format!("`{short}` is no field of {}; its fields are {}", dataset.name, names.join(", ")),
            }
        })
    }

    fn operand(&mut self) -> Read<Operand<'a>> {
        let token = self.take();
        let at = token.at;
        let side = match token.kind {
            Kind::Text(text) => Side::Literal(Literal::Text(text)),
            Kind::Number(number) => Side::Literal(Literal::Number(number.to_owned())),
            Kind::Symbol(sign @ ("-" | "+")) => match self.take().kind {
                Kind::Number(number) => {
                    Side::Literal(Literal::Number(if sign == "-" { format!("-{number}") } else { number.to_owned() }))
                }
                _ => return Err(FilterError { at, reason: format!("a number was expected after `{sign}`") }),
            },
            Kind::Quoted(name) => Side::Field(self.field(&name, at)?),
            Kind::Word(word) => return self.word(word, &token),
            Kind::Symbol(_) | Kind::End => {
                let found = token.shown();
                return Err(FilterError { at, reason: format!("a field or a literal was expected, not {found}") });
            }
        };
        Ok(Operand { side, casei: false, at })
    }

    fn word(&mut self, word: &'a str, token: &Token<'a>) -> Read<Operand<'a>> {
        let at = token.at;
        let called = self.peek().is_symbol("(");
        let of = |side| Ok(Operand { side, casei: false, at });
        for (name, holds) in [("TRUE", true), ("FALSE", false)] {
            if token.is(name) {
                return of(Side::Literal(Literal::Boolean(holds)));
            }
        }
        let literal =
            if called { self.deeper(|p| p.literal_word(word, token))? } else { self.literal_word(word, token)? };
        if let Some(literal) = literal {
            return of(Side::Literal(literal));
        }
        if called && word.eq_ignore_ascii_case("CASEI") {
            self.take();
            let inner = self.deeper(Self::operand)?;
            self.symbol(")")?;
            return Ok(Operand { casei: true, at, ..inner });
        }
        if called {
            let short: String = word.chars().take(40).collect();
            return Err(FilterError {
                at,
                reason: format!(
                    "the function `{short}` is not supported; CASEI, DATE, TIMESTAMP, INTERVAL, BBOX, S_… and T_… are"
                ),
            });
        }
        let reserved = ["AND", "OR", "NOT", "IN", "LIKE", "BETWEEN", "IS"];
        if reserved.iter().any(|keyword| token.is(keyword)) {
            let found = token.shown();
            return Err(FilterError { at, reason: format!("a field or a literal was expected, not {found}") });
        }
        if token.is("NULL") {
            return Err(FilterError { at, reason: "nothing is compared with NULL; write IS NULL".into() });
        }
        of(Side::Field(self.field(word, at)?))
    }
}

fn joined(mut parts: Vec<Filter>, join: fn(Vec<Filter>) -> Filter) -> Filter {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn perhaps_not(filter: Filter, not: bool) -> Filter {
    if not { Filter::Not(Box::new(filter)) } else { filter }
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

fn comparison(token: &Token<'_>) -> Option<Comparison> {
    let Kind::Symbol(symbol) = token.kind else { return None };
    Some(match symbol {
        "=" => Comparison::Equal,
        "<>" | "!=" => Comparison::NotEqual,
        "<" => Comparison::Less,
        "<=" => Comparison::LessOrEqual,
        ">" => Comparison::Greater,
        ">=" => Comparison::GreaterOrEqual,
        _ => return None,
    })
}

fn flipped(op: Comparison) -> Comparison {
    match op {
        Comparison::Less => Comparison::Greater,
        Comparison::LessOrEqual => Comparison::GreaterOrEqual,
        Comparison::Greater => Comparison::Less,
        Comparison::GreaterOrEqual => Comparison::LessOrEqual,
        same => same,
    }
}

#[cfg(test)]
mod tests;
