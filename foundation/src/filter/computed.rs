//! Predicates over what is computed from a record: arithmetic, functions, folded texts, two fields, arrays (OGC 21-065r2,
//! requirements classes property-property, arithmetic, functions, accent-insensitive-comparison, array-functions).
//!
//! No index answers them: the record decides. A predicate of a field and a literal alone is no `Computed`.

use serde::{Deserialize, Serialize};

use super::{Comparison, Spatial, Temporal};
use crate::value::Value;

/// What a predicate is about.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Term {
    /// A field's value, by the field's number.
    Field(u16),
    /// A literal.
    Literal(Value),
    /// The open end of an interval, `'..'`.
    Open,
    /// Two numbers joined.
    Arithmetic(Box<Term>, Arithmetic, Box<Term>),
    /// A text without what does not count.
    Folded(Folding, Box<Term>),
    /// From the beginning of one time to the end of another.
    Interval(Box<Term>, Box<Term>),
    /// Several values.
    Array(Vec<Term>),
    /// A function's value.
    Call(Function, Vec<Term>),
}

/// Operators between numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Arithmetic {
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Over,
    /// `div`: whole, towards zero.
    WholeOver,
    /// `%`: what `div` leaves.
    Modulo,
    /// `^`
    Power,
}

impl Arithmetic {
    /// All, as CQL2 writes them.
    pub(crate) const ALL: [(Self, &'static str); 7] = [
        (Self::Plus, "+"),
        (Self::Minus, "-"),
        (Self::Times, "*"),
        (Self::Over, "/"),
        (Self::WholeOver, "div"),
        (Self::Modulo, "%"),
        (Self::Power, "^"),
    ];
}

/// What does not count in a comparison of texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Folding {
    /// Letter case (`CASEI`).
    pub case: bool,
    /// Accents: marks that Unicode's decomposition tells apart from their letter (`ACCENTI`).
    pub accents: bool,
}

impl Folding {
    /// What one of the two folds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        Self { case: self.case || other.case, accents: self.accents || other.accents }
    }
    /// Whether nothing is folded.
    #[must_use]
    pub fn is_none(self) -> bool {
        self == Self::default()
    }
}

/// What can be computed with, as the type of a term.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermKind {
    /// Texts, codes, numbers of documents, ids.
    Text,
    /// Whole and decimal numbers.
    Number,
    /// TRUE and FALSE.
    Boolean,
    /// Dates, periods, stretches of history, points in time.
    Time,
    /// Geometries.
    Geometry,
}

impl TermKind {
    /// As messages and the list of functions name it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Time => "datetime",
            Self::Geometry => "geometry",
        }
    }
}

/// Functions that filters can use beside those of CQL2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Function {
    /// Small letters.
    Lower,
    /// Capitals.
    Upper,
    /// Characters of a text.
    Length,
    /// One text after the other.
    Concat,
    /// A number without its sign.
    Abs,
    /// The greatest whole number that is not above.
    Floor,
    /// The least whole number that is not below.
    Ceiling,
    /// The nearest whole number, halves away from zero.
    Round,
    /// The year in which a time begins.
    Year,
    /// The month in which a time begins, 1–12.
    Month,
    /// The day of the month on which a time begins.
    Day,
    /// The area of a geometry on the ellipsoid, in square metres.
    Area,
}

/// A function, for those who write filters.
#[derive(Debug, Clone, Copy)]
pub struct Signature {
    /// The function.
    pub function: Function,
    /// Its name, in whatever letter case.
    pub name: &'static str,
    /// What it gives.
    pub about: &'static str,
    /// What it takes.
    pub takes: &'static [TermKind],
    /// What it gives.
    pub gives: TermKind,
}

impl Function {
    /// All, with what they take and give.
    pub const ALL: [Signature; 12] = {
        use TermKind::{Geometry, Number, Text, Time};
        const fn of(
            function: Function,
            name: &'static str,
            about: &'static str,
            takes: &'static [TermKind],
            gives: TermKind,
        ) -> Signature {
            Signature { function, name, about, takes, gives }
        }
        [
            of(Self::Lower, "lower", "the text in small letters", &[Text], Text),
            of(Self::Upper, "upper", "the text in capitals", &[Text], Text),
            of(Self::Length, "length", "how many characters the text has", &[Text], Number),
            of(Self::Concat, "concat", "the one text after the other", &[Text, Text], Text),
            of(Self::Abs, "abs", "the number without its sign", &[Number], Number),
            of(Self::Floor, "floor", "the greatest whole number that is not above", &[Number], Number),
            of(Self::Ceiling, "ceiling", "the least whole number that is not below", &[Number], Number),
            of(Self::Round, "round", "the nearest whole number, halves away from zero", &[Number], Number),
            of(Self::Year, "year", "the year in which the time begins", &[Time], Number),
            of(Self::Month, "month", "the month in which the time begins, 1 to 12", &[Time], Number),
            of(Self::Day, "day", "the day of the month on which the time begins", &[Time], Number),
            of(Self::Area, "area", "the area on the ellipsoid, in square metres", &[Geometry], Number),
        ]
    };

    /// The function's entry.
    pub(crate) fn name(self) -> &'static str {
        Self::ALL.iter().find(|known| known.function == self).map_or("", |known| known.name)
    }
}

/// Relations between two sets of values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArrayRelation {
    /// The same values.
    Equals,
    /// Every value of the other, and perhaps more.
    Contains,
    /// No value that the other has not.
    ContainedBy,
    /// Some value in both.
    Overlaps,
}

impl ArrayRelation {
    /// All, with the names of CQL2.
    pub(crate) const ALL: [(Self, &'static str); 4] = [
        (Self::Equals, "A_EQUALS"),
        (Self::Contains, "A_CONTAINS"),
        (Self::ContainedBy, "A_CONTAINEDBY"),
        (Self::Overlaps, "A_OVERLAPS"),
    ];
}

/// A predicate over terms.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Computed {
    /// `left op right`.
    Compare(Term, Comparison, Term),
    /// `term IN (…)`.
    In(Term, Vec<Term>),
    /// `term BETWEEN low AND high`, both inclusive.
    Between(Term, Term, Term),
    /// `term LIKE pattern`; the pattern is folded already but for letter case.
    Like {
        /// What is held against the pattern.
        term: Term,
        /// The pattern.
        pattern: String,
        /// Whether letter case is ignored.
        casei: bool,
    },
    /// `term IS NULL`.
    IsNull(Term),
    /// `S_…(left, right)`.
    Spatial(Term, Spatial, Term),
    /// `T_…(left, right)`.
    Temporal(Term, Temporal, Term),
    /// `A_…(left, right)`.
    Array(Term, ArrayRelation, Term),
}

impl Term {
    pub(super) fn collect(&self, into: &mut Vec<u16>) {
        match self {
            Self::Field(number) => into.push(*number),
            Self::Literal(_) | Self::Open => {}
            Self::Arithmetic(left, _, right) | Self::Interval(left, right) => {
                left.collect(into);
                right.collect(into);
            }
            Self::Folded(_, of) => of.collect(into),
            Self::Array(members) | Self::Call(_, members) => members.iter().for_each(|member| member.collect(into)),
        }
    }
}

impl Computed {
    pub(super) fn collect(&self, into: &mut Vec<u16>) {
        match self {
            Self::Compare(left, _, right)
            | Self::Spatial(left, _, right)
            | Self::Temporal(left, _, right)
            | Self::Array(left, _, right) => {
                left.collect(into);
                right.collect(into);
            }
            Self::In(term, members) => {
                term.collect(into);
                for member in members {
                    member.collect(into);
                }
            }
            Self::Between(term, low, high) => {
                for term in [term, low, high] {
                    term.collect(into);
                }
            }
            Self::Like { term, .. } | Self::IsNull(term) => term.collect(into),
        }
    }

    /// Fields without which the predicate is unknown, and so is its contrary.
    pub(crate) fn needs(&self) -> Vec<u16> {
        let mut needed = Vec::new();
        match self {
            Self::IsNull(_) => {}
            // The members may be silent where another one decides.
            Self::In(term, _) | Self::Between(term, ..) => term.collect(&mut needed),
            strict => strict.collect(&mut needed),
        }
        needed.sort_unstable();
        needed.dedup();
        needed
    }
}
