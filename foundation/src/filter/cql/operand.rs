//! Operands of a predicate, and expressions: sums of products of powers (OGC 21-065r2, annex B).

use super::terms::arithmetic;
use super::{Parser, Read};
use crate::dataset::Field;
use crate::filter::FilterError;
use crate::filter::computed::{Arithmetic, Folding, Function, Term};
use crate::filter::lexer::{Kind, Token};
use crate::filter::literal::Literal;

/// Most members of an array.
const MEMBERS_MAX: usize = 1_000;

/// One side of a predicate.
pub(super) struct Operand<'a> {
    pub(super) side: Side<'a>,
    /// What `CASEI(…)` and `ACCENTI(…)` around a field or literal leave out of account.
    pub(super) folding: Folding,
    pub(super) at: usize,
}

pub(super) enum Side<'a> {
    Field(&'a Field),
    Literal(Literal),
    /// Computed.
    Term(Term),
}

impl<'a> Operand<'a> {
    pub(super) fn plain(side: Side<'a>, at: usize) -> Self {
        Self { side, folding: Folding::default(), at }
    }
}

impl<'a> Parser<'a> {
    /// An expression.
    pub(super) fn operand(&mut self) -> Read<Operand<'a>> {
        self.joined_by(Self::product, &[Arithmetic::Plus, Arithmetic::Minus])
    }

    fn product(&mut self) -> Read<Operand<'a>> {
        let over = [Arithmetic::Times, Arithmetic::Over, Arithmetic::WholeOver, Arithmetic::Modulo];
        self.joined_by(Self::power, &over)
    }

    fn power(&mut self) -> Read<Operand<'a>> {
        self.joined_by(Self::atom, &[Arithmetic::Power])
    }

    /// Parts joined by one of `ops`, the left ones first.
    fn joined_by(&mut self, part: fn(&mut Self) -> Read<Operand<'a>>, ops: &[Arithmetic]) -> Read<Operand<'a>> {
        let mut left = part(self)?;
        while let Some(op) = arithmetic(&self.peek()).filter(|op| ops.contains(op)) {
            self.take();
            self.count()?;
            let right = part(self)?;
            left = self.computed(left, op, right)?;
        }
        Ok(left)
    }

    fn atom(&mut self) -> Read<Operand<'a>> {
        let token = self.take();
        let at = token.at;
        let side = match token.kind {
            Kind::Text(text) => Side::Literal(Literal::Text(text)),
            Kind::Number(number) => Side::Literal(Literal::Number(number.to_owned())),
            Kind::Symbol("(") => return self.deeper(|parser| parser.parenthesis(at)),
            // A number with its sign is no level of its own.
            Kind::Symbol(sign @ ("-" | "+")) if matches!(self.peek().kind, Kind::Number(_)) => {
                return self.signed(sign == "-", at);
            }
            Kind::Symbol(sign @ ("-" | "+")) => return self.deeper(|parser| parser.signed(sign == "-", at)),
            Kind::Quoted(name) => Side::Field(self.field(&name, at)?),
            Kind::Word(word) => return self.word(word, &token),
            Kind::Symbol(_) | Kind::End => {
                let found = token.shown();
                return Err(FilterError { at, reason: format!("a field or a literal was expected, not {found}") });
            }
        };
        Ok(Operand::plain(side, at))
    }

    fn signed(&mut self, minus: bool, at: usize) -> Read<Operand<'a>> {
        let of = self.atom()?;
        if let Side::Literal(Literal::Number(number)) = &of.side
            && !number.starts_with(['-', '+'])
        {
            let number = if minus { format!("-{number}") } else { number.clone() };
            return Ok(Operand::plain(Side::Literal(Literal::Number(number)), at));
        }
        self.count()?;
        let zero = Operand::plain(Side::Literal(Literal::Number("0".to_owned())), at);
        self.computed(zero, if minus { Arithmetic::Minus } else { Arithmetic::Plus }, of)
    }

    /// After `(`: an expression, or an array.
    fn parenthesis(&mut self, at: usize) -> Read<Operand<'a>> {
        if self.took(|t| t.is_symbol(")")) {
            return Ok(Operand::plain(Side::Term(Term::Array(Vec::new())), at));
        }
        let first = self.operand()?;
        if self.took(|t| t.is_symbol(")")) {
            return Ok(Operand { at, ..first });
        }
        let mut members = vec![self.term(first, None)?];
        while self.took(|t| t.is_symbol(",")) {
            if members.len() >= MEMBERS_MAX {
                return self.fault(format!("an array takes at most {MEMBERS_MAX} values"));
            }
            let member = self.operand()?;
            members.push(self.term(member, None)?);
        }
        self.symbol(")")?;
        Ok(Operand::plain(Side::Term(Term::Array(members)), at))
    }

    fn word(&mut self, word: &'a str, token: &Token<'a>) -> Read<Operand<'a>> {
        let at = token.at;
        let called = self.peek().is_symbol("(");
        for (name, holds) in [("TRUE", true), ("FALSE", false)] {
            if token.is(name) {
                return Ok(Operand::plain(Side::Literal(Literal::Boolean(holds)), at));
            }
        }
        let literal =
            if called { self.deeper(|p| p.literal_word(word, token))? } else { self.literal_word(word, token)? };
        if let Some(side) = literal {
            return Ok(Operand::plain(side, at));
        }
        if called {
            return self.deeper(|parser| parser.call(word, at));
        }
        let reserved = ["AND", "OR", "NOT", "IN", "LIKE", "BETWEEN", "IS", "DIV"];
        if reserved.iter().any(|keyword| token.is(keyword)) {
            let found = token.shown();
            return Err(FilterError { at, reason: format!("a field or a literal was expected, not {found}") });
        }
        if token.is("NULL") {
            return Err(FilterError { at, reason: "nothing is compared with NULL; write IS NULL".into() });
        }
        Ok(Operand::plain(Side::Field(self.field(word, at)?), at))
    }

    /// A function after its name.
    fn call(&mut self, word: &str, at: usize) -> Read<Operand<'a>> {
        let folding =
            Folding { case: word.eq_ignore_ascii_case("CASEI"), accents: word.eq_ignore_ascii_case("ACCENTI") };
        if !folding.is_none() {
            self.take();
            let inner = self.operand()?;
            self.symbol(")")?;
            return self.folded(inner, folding, at);
        }
        let Some(known) = Function::ALL.iter().find(|known| known.name.eq_ignore_ascii_case(word)) else {
            let short: String = word.chars().take(40).collect();
            let names: Vec<&str> = Function::ALL.iter().map(|known| known.name).collect();
            return Err(FilterError {
                at,
                reason: format!(
                    "the function `{short}` is not supported; CASEI, ACCENTI, DATE, TIMESTAMP, INTERVAL, BBOX, S_…, T_…, \
                     A_…, {} are",
                    names.join(", ")
                ),
            });
        };
        self.take();
        let mut members = Vec::new();
        for (number, kind) in known.takes.iter().enumerate() {
            if number > 0 {
                self.symbol(",")?;
            }
            self.count()?;
            let member = self.operand()?;
            let place = member.at;
            let term = self.term(member, None)?;
            self.expect_kind(&term, *kind, place)?;
            members.push(term);
        }
        self.symbol(")")?;
        Ok(Operand::plain(Side::Term(Term::Call(known.function, members)), at))
    }
}
