//! Formulas of indicators: measures, decimal numbers, `+ - * /`, `min(a, b)`, `max(a, b)`, parentheses. Nothing else.

use std::iter::Peekable;
use std::str::CharIndices;

use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedMul, CheckedSub, Zero};

use super::exact::{self, Exact};
use super::measures::{Measure, Measures};

/// Longest formula, bytes; what is shorter cannot nest too deep to be worked out.
const BYTES_MAX: usize = 400;

/// A formula that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("character {at}: {reason}")]
pub struct FormulaError {
    /// Character, from 1.
    pub at: usize,
    /// Which rule it breaks.
    pub reason: String,
}

/// Why a formula has no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoValue {
    /// It divides by nothing: there was nothing to judge.
    #[error("there was nothing to judge")]
    NoBasis,
    /// A number became too large.
    #[error("a number became too large")]
    TooLarge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Operation {
    Add,
    Subtract,
    Multiply,
    Divide,
    Least,
    Most,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Node {
    Number(Exact),
    Measure(Measure),
    Two(Operation, Box<Node>, Box<Node>),
}

/// A formula.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Formula(Node);

impl Formula {
    /// Reads a formula.
    ///
    /// # Errors
    /// [`FormulaError`] with the character.
    pub fn parse(text: &str) -> Result<Self, FormulaError> {
        if text.len() > BYTES_MAX {
            return Err(FormulaError { at: BYTES_MAX, reason: format!("the formula is over {BYTES_MAX} bytes") });
        }
        let mut reader = Reader { text, left: text.char_indices().peekable() };
        let whole = reader.sum()?;
        match reader.next_mark() {
            None => Ok(Self(whole)),
            Some(_) => Err(reader.wrong("an operator or the end was expected")),
        }
    }

    /// Its value for these measures, exactly.
    ///
    /// # Errors
    /// [`NoValue`].
    pub fn value(&self, measures: &Measures) -> Result<Exact, NoValue> {
        value(&self.0, measures)
    }
}

fn value(node: &Node, measures: &Measures) -> Result<Exact, NoValue> {
    match node {
        Node::Number(number) => Ok(*number),
        Node::Measure(measure) => Ok(Ratio::from_integer(i128::from(measures.get(*measure)))),
        Node::Two(operation, a, b) => {
            let (a, b) = (value(a, measures)?, value(b, measures)?);
            let worked = match operation {
                Operation::Add => a.checked_add(&b),
                Operation::Subtract => a.checked_sub(&b),
                Operation::Multiply => a.checked_mul(&b),
                Operation::Divide if b.is_zero() => return Err(NoValue::NoBasis),
                Operation::Divide => a.checked_mul(&b.recip()),
                Operation::Least => Some(a.min(b)),
                Operation::Most => Some(a.max(b)),
            };
            worked.ok_or(NoValue::TooLarge)
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    left: Peekable<CharIndices<'a>>,
}

impl Reader<'_> {
    /// The next character that is no space.
    fn next_mark(&mut self) -> Option<char> {
        while self.left.next_if(|(_, c)| c.is_ascii_whitespace()).is_some() {}
        self.left.peek().map(|(_, c)| *c)
    }

    fn wrong(&mut self, reason: &str) -> FormulaError {
        let byte = self.left.peek().map_or(self.text.len(), |(at, _)| *at);
        let at = self.text.get(..byte).map_or(0, |before| before.chars().count()) + 1;
        FormulaError { at, reason: reason.to_owned() }
    }

    fn take(&mut self, mark: char) -> Result<(), FormulaError> {
        if self.next_mark() == Some(mark) {
            self.left.next();
            return Ok(());
        }
        Err(self.wrong(&format!("`{mark}` was expected")))
    }

    fn sum(&mut self) -> Result<Node, FormulaError> {
        let mut so_far = self.product()?;
        while let Some(mark @ ('+' | '-')) = self.next_mark() {
            self.left.next();
            let operation = if mark == '+' { Operation::Add } else { Operation::Subtract };
            so_far = Node::Two(operation, Box::new(so_far), Box::new(self.product()?));
        }
        Ok(so_far)
    }

    fn product(&mut self) -> Result<Node, FormulaError> {
        let mut so_far = self.single()?;
        while let Some(mark @ ('*' | '/')) = self.next_mark() {
            self.left.next();
            let operation = if mark == '*' { Operation::Multiply } else { Operation::Divide };
            so_far = Node::Two(operation, Box::new(so_far), Box::new(self.single()?));
        }
        Ok(so_far)
    }

    fn single(&mut self) -> Result<Node, FormulaError> {
        match self.next_mark() {
            Some('(') => {
                self.left.next();
                let inside = self.sum()?;
                self.take(')')?;
                Ok(inside)
            }
            Some(c) if c.is_ascii_digit() => {
                let before = self.left.clone();
                let text = self.word(|c| c.is_ascii_digit() || c == '.');
                exact::decimal(&text).map(Node::Number).ok_or_else(|| {
                    self.left = before;
                    self.wrong("not a decimal number of at most 9 places")
                })
            }
            Some(c) if c.is_ascii_lowercase() => self.named(),
            _ => Err(self.wrong("a measure, a number or `(` was expected")),
        }
    }

    /// A measure, or `min` or `max` of two.
    fn named(&mut self) -> Result<Node, FormulaError> {
        let before = self.left.clone();
        let name = self.word(|c| c.is_ascii_lowercase() || c == '_');
        let operation = match name.as_str() {
            "min" => Operation::Least,
            "max" => Operation::Most,
            _ => {
                return Measure::named(&name).map(Node::Measure).ok_or_else(|| {
                    self.left = before;
                    self.wrong(&format!("there is no measure `{name}`"))
                });
            }
        };
        self.take('(')?;
        let first = self.sum()?;
        self.take(',')?;
        let second = self.sum()?;
        self.take(')')?;
        Ok(Node::Two(operation, Box::new(first), Box::new(second)))
    }

    fn word(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let mut word = String::new();
        while let Some((_, c)) = self.left.next_if(|(_, c)| belongs(*c)) {
            word.push(c);
        }
        word
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, told: &str) {
        let mut measures = Measures::default();
        measures.set(Measure::ClocksDue, 8);
        measures.set(Measure::ClocksMet, 6);
        let value = Formula::parse(text)
            .map_err(|e| e.to_string())
            .and_then(|f| f.value(&measures).map_err(|e| e.to_string()).map(|v| exact::shown(v).unwrap_or_default()));
        assert_eq!(value.unwrap_or_else(|e| e), told, "{text}");
    }

    #[test]
    fn formulas_are_worked_out_exactly() {
        check("clocks_met / clocks_due", "0.7500");
        check("1 - 2 * 3 - 4", "-9.0000");
        check("8 / 2 / 2", "2.0000");
        check(" 1000*(clocks_met+0.5) / max(clocks_due, 10)", "650.0000");
        check("min(1, 3 / clocks_met)", "0.5000");
        check("refusals / deliveries", "there was nothing to judge");
        check("clocks_met / (clocks_due - 8)", "there was nothing to judge");
        check(&format!("1{}", " * 1000000000000".repeat(4)), "a number became too large");
    }

    #[test]
    fn what_is_no_formula_names_its_character() {
        check("clocks_met / clocks_dew", "character 14: there is no measure `clocks_dew`");
        check("", "character 1: a measure, a number or `(` was expected");
        check("(1 + 2", "character 7: `)` was expected");
        check("1 2", "character 3: an operator or the end was expected");
        check("1 + 1.2.3", "character 5: not a decimal number of at most 9 places");
        check("最 + 1", "character 1: a measure, a number or `(` was expected");
        check("max(1)", "character 6: `,` was expected");
        check(&"(".repeat(500), "character 400: the formula is over 400 bytes");
        check(&"(".repeat(399), "character 400: a measure, a number or `(` was expected");
    }
}
