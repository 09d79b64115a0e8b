//! CQL2 text (OGC 21-065r2) to [`Filter`].
//!
//! | asked | how |
//! |---|---|
//! | compare | `=` `<>` `<` `<=` `>` `>=` between fields, literals and what is computed from them |
//! | compute | `+` `-` `*` `/` `div` `%` `^`, and the functions of [`Function::ALL`](super::computed::Function::ALL) |
//! | sets, ranges | `IN (…)`, `BETWEEN … AND …`, with `NOT` too |
//! | texts | `LIKE 'a%_'`, `CASEI(…)` and `ACCENTI(…)` around either side of `=`, `<>`, `LIKE`, `IN` |
//! | arrays | `A_EQUALS`, `A_CONTAINS`, `A_CONTAINEDBY`, `A_OVERLAPS`, with `('a', 'b')` |
//! | silence | `IS NULL`, `IS NOT NULL` |
//! | space | `S_INTERSECTS`, `S_WITHIN`, `S_CONTAINS`, `S_DISJOINT`, `S_EQUALS`, `S_CROSSES`, `S_OVERLAPS`, `S_TOUCHES`, with WKT or `BBOX(west, south, east, north)` |
//! | time | all fifteen `T_…`, with `DATE('…')`, `TIMESTAMP('…')`, `INTERVAL('…', '..')`, whose ends may be fields |
//! | together | `AND`, `OR`, `NOT`, parentheses |
//!
//! Field names with other letters than a-z, digits and _ stand in double quotes. Dates may be partial (`DATE('1990-05')`,
//! `'1990'`). Numbers are exact: they never pass through a float. A label of a code list stands for its code.
//!
//! The parser is our own: it knows the place of every word for its messages, takes bounded stack and time on any input,
//! and keeps decimals exact; the tests hold it against the `cql2` crate.

mod functions;
mod operand;
mod predicates;
mod terms;

pub(super) use functions::GEOMETRIES;

use super::lexer::{Kind, Token, tokens};
use super::literal::Reader;
use super::{Comparison, Filter, FilterError};
use crate::dataset::{CodeLists, Dataset, Field};
use crate::value::Day;
use operand::Operand;

/// Deepest nesting of parentheses and NOTs.
const DEPTH_MAX: usize = 32;
/// Most predicates.
const TERMS_MAX: usize = 200;

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
    let mut parser = Parser::new(text, reader)?;
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
    /// For each `(` the place of the token after its `)`.
    after: Vec<usize>,
    next: usize,
    depth: usize,
    terms: usize,
    reader: Reader<'a>,
}

type Read<T> = Result<T, FilterError>;

impl<'a> Parser<'a> {
    fn new(text: &'a str, reader: Reader<'a>) -> Read<Self> {
        let tokens = tokens(text)?;
        let mut after = vec![0; tokens.len()];
        let mut open = Vec::new();
        for (number, token) in tokens.iter().enumerate() {
            if token.is_symbol("(") {
                open.push(number);
            } else if token.is_symbol(")")
                && let Some(begin) = open.pop().and_then(|begin| after.get_mut(begin))
            {
                *begin = number + 1;
            }
        }
        Ok(Self { text, tokens, after, next: 0, depth: 0, terms: 0, reader })
    }

    /// Whether the parenthesis that comes next holds an operand and no condition: something is compared with it.
    fn operand_in_parentheses(&self) -> bool {
        let after = self.after.get(self.next).copied().unwrap_or(0);
        let Some(token) = self.tokens.get(after).filter(|_| after > 0) else { return false };
        comparison(token).is_some()
            || terms::arithmetic(token).is_some()
            || ["IN", "LIKE", "BETWEEN", "IS", "NOT"].iter().any(|word| token.is(word))
    }

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
        let mut negated = false;
        // Twice is not at all, with three truth values too.
        while self.took(|t| t.is("NOT")) {
            negated = !negated;
        }
        Ok(match self.predicate()? {
            Filter::Not(part) if negated => *part,
            part if negated => Filter::Not(Box::new(part)),
            part => part,
        })
    }

    /// One more part.
    fn count(&mut self) -> Read<()> {
        self.terms += 1;
        if self.terms > TERMS_MAX {
            return self.fault(format!("the filter has more than {TERMS_MAX} parts"));
        }
        Ok(())
    }

    fn predicate(&mut self) -> Read<Filter> {
        if self.peek().is_symbol("(") && !self.operand_in_parentheses() {
            self.take();
            let inner = self.deeper(Self::any_of)?;
            self.symbol(")")?;
            return Ok(inner);
        }
        self.count()?;
        let token = self.peek();
        let called = self.peek_after(1).is_symbol("(");
        if let Kind::Word(word) = token.kind {
            if called && let Some(read) = self.function(word) {
                return read;
            }
            let constant = [("TRUE", true), ("FALSE", false)].into_iter().find(|(name, _)| token.is(name));
            if let Some((_, holds)) = constant
                && self.ends_after(1)
            {
                self.take();
                return Ok(Filter::Constant(holds));
            }
        }
        let left = self.operand()?;
        self.after(left)
    }

    /// Whether a condition is complete before the token after `count` others.
    fn ends_after(&self, count: usize) -> bool {
        let token = self.peek_after(count);
        token.kind == Kind::End || token.is("AND") || token.is("OR") || token.is_symbol(")")
    }

    /// What follows the left operand.
    fn after(&mut self, left: Operand<'a>) -> Read<Filter> {
        let token = self.peek();
        if let Some(op) = comparison(&token) {
            self.take();
            let right = self.operand()?;
            return self.compare(left, op, right, token.at);
        }
        if self.ends_after(0) {
            return self.holds(left);
        }
        if self.took(|t| t.is("IS")) {
            let not = self.took(|t| t.is("NOT"));
            self.keyword("NULL")?;
            return Ok(perhaps_not(self.is_null(left)?, not));
        }
        let not = self.took(|t| t.is("NOT"));
        let token = self.take();
        let filter = match token.kind {
            Kind::Word(word) if word.eq_ignore_ascii_case("LIKE") => self.like(left)?,
            Kind::Word(word) if word.eq_ignore_ascii_case("IN") => self.one_of(left)?,
            Kind::Word(word) if word.eq_ignore_ascii_case("BETWEEN") => self.between(left)?,
            _ => {
                let found = token.shown();
                let reason = format!("a comparison, IN, BETWEEN, LIKE or IS NULL was expected, not {found}");
                return Err(FilterError { at: token.at, reason });
            }
        };
        Ok(perhaps_not(filter, not))
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
