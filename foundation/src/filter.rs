//! Filters: CQL2 text to a checked expression over a dataset's fields; exact evaluation on a record.
//!
//! Read by [`parse`] (`cql.rs`, OGC 21-065r2; its JSON spelling by [`json_to_text`]), written by [`to_text`], translated to index queries by `index::query`,
//! evaluated by [`Prepared`] or [`matches`] where the index is only approximate. Three-valued: a comparison with an absent or null value is unknown.

mod computed;
mod coordinates;
mod cql;
mod error;
mod evaluate;
mod json;
mod lexer;
mod literal;
mod print;
mod temporal;

pub use computed::{Arithmetic, ArrayRelation, Computed, Folding, Function, Signature, Term, TermKind};
pub use coordinates::convert_coordinates;
pub use cql::{parse, parse_with_lists};
pub use error::FilterError;
pub(crate) use evaluate::Area;
pub use evaluate::{Prepared, Truth, matches};
pub use json::json_to_text;
pub use print::to_text;

use serde::{Deserialize, Serialize};

use crate::value::{Day, Shape, Span, Value};

/// Comparison operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Comparison {
    /// `=`
    Equal,
    /// `<>`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

/// Temporal operators of CQL2 (Allen's relations and their unions).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the standard's")]
pub enum Temporal {
    After,
    Before,
    Contains,
    Disjoint,
    During,
    Equals,
    FinishedBy,
    Finishes,
    Intersects,
    Meets,
    MetBy,
    OverlappedBy,
    Overlaps,
    StartedBy,
    Starts,
}

/// Spatial operators, by DE-9IM (OGC 06-103r4): the record's geometry is the left operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Spatial {
    /// Shares a point.
    Intersects,
    /// Lies inside.
    Within,
    /// Shares no point.
    Disjoint,
    /// Has the other inside.
    Contains,
    /// Is the same set of points.
    Equals,
    /// Shares some inner points of a lower dimension than the greater of both.
    Crosses,
    /// Shares some inner points, of the same dimension as both.
    Overlaps,
    /// Shares points of the boundary only.
    Touches,
}

impl Spatial {
    /// All, with the names of CQL2.
    pub(crate) const ALL: [(Self, &'static str); 8] = [
        (Self::Intersects, "S_INTERSECTS"),
        (Self::Within, "S_WITHIN"),
        (Self::Disjoint, "S_DISJOINT"),
        (Self::Contains, "S_CONTAINS"),
        (Self::Equals, "S_EQUALS"),
        (Self::Crosses, "S_CROSSES"),
        (Self::Overlaps, "S_OVERLAPS"),
        (Self::Touches, "S_TOUCHES"),
    ];

    /// The operator with its operands changed over.
    pub(crate) fn turned(self) -> Self {
        match self {
            Self::Within => Self::Contains,
            Self::Contains => Self::Within,
            same => same,
        }
    }
}

/// A checked filter; fields are numbers of one dataset's definition, literals have the field's type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Filter {
    /// Every one.
    And(Vec<Filter>),
    /// At least one.
    Or(Vec<Filter>),
    /// Not.
    Not(Box<Filter>),
    /// `field op literal`.
    Compare {
        /// Field number.
        field: u16,
        /// Operator.
        op: Comparison,
        /// Literal.
        value: Value,
    },
    /// `field IN (…)`.
    In {
        /// Field number.
        field: u16,
        /// Literals.
        values: Vec<Value>,
    },
    /// `field BETWEEN low AND high`, both inclusive.
    Between {
        /// Field number.
        field: u16,
        /// Low.
        low: Value,
        /// High.
        high: Value,
    },
    /// `field LIKE pattern`: `%` any run, `_` one character, `\` escapes.
    Like {
        /// Field number.
        field: u16,
        /// Pattern.
        pattern: String,
        /// Whether letter case is ignored (`CASEI`).
        casei: bool,
    },
    /// `field IS NULL`: absent or null.
    IsNull {
        /// Field number.
        field: u16,
    },
    /// `S_…(field, geometry)`.
    Spatial {
        /// Field number.
        field: u16,
        /// Operator.
        op: Spatial,
        /// The other geometry.
        shape: Shape,
    },
    /// `T_…(field, interval)`: the field is the left operand.
    Temporal {
        /// Field number.
        field: u16,
        /// Operator.
        op: Temporal,
        /// The other stretch, days `[from, to)`.
        span: Span<Day>,
    },
    /// A predicate over what is computed from the record.
    Computed(Box<Computed>),
    /// Always or never.
    Constant(bool),
}

impl Filter {
    /// Every field number that the filter reads, without repetition, sorted.
    #[must_use]
    pub fn fields(&self) -> Vec<u16> {
        let mut all = Vec::new();
        self.collect(&mut all);
        all.sort_unstable();
        all.dedup();
        all
    }

    fn collect(&self, into: &mut Vec<u16>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|p| p.collect(into)),
            Self::Not(part) => part.collect(into),
            Self::Compare { field, .. }
            | Self::In { field, .. }
            | Self::Between { field, .. }
            | Self::Like { field, .. }
            | Self::IsNull { field }
            | Self::Spatial { field, .. }
            | Self::Temporal { field, .. } => into.push(*field),
            Self::Computed(predicate) => predicate.collect(into),
            Self::Constant(_) => {}
        }
    }
}
