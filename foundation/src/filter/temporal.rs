//! Allen's relations between stretches of days, as CQL2 defines its temporal operators (OGC 21-065r2, clause 7.8).

use super::Temporal;
use crate::value::{Day, Span};

impl Temporal {
    /// Every operator with its name in CQL2.
    pub const ALL: [(Self, &'static str); 15] = [
        (Self::After, "T_AFTER"),
        (Self::Before, "T_BEFORE"),
        (Self::Contains, "T_CONTAINS"),
        (Self::Disjoint, "T_DISJOINT"),
        (Self::During, "T_DURING"),
        (Self::Equals, "T_EQUALS"),
        (Self::FinishedBy, "T_FINISHEDBY"),
        (Self::Finishes, "T_FINISHES"),
        (Self::Intersects, "T_INTERSECTS"),
        (Self::Meets, "T_MEETS"),
        (Self::MetBy, "T_METBY"),
        (Self::OverlappedBy, "T_OVERLAPPEDBY"),
        (Self::Overlaps, "T_OVERLAPS"),
        (Self::StartedBy, "T_STARTEDBY"),
        (Self::Starts, "T_STARTS"),
    ];

    /// The operator with its operands changed round: `a op b` is `b op.converse() a`.
    #[must_use]
    pub fn converse(self) -> Self {
        match self {
            Self::After => Self::Before,
            Self::Before => Self::After,
            Self::Contains => Self::During,
            Self::During => Self::Contains,
            Self::FinishedBy => Self::Finishes,
            Self::Finishes => Self::FinishedBy,
            Self::Meets => Self::MetBy,
            Self::MetBy => Self::Meets,
            Self::OverlappedBy => Self::Overlaps,
            Self::Overlaps => Self::OverlappedBy,
            Self::StartedBy => Self::Starts,
            Self::Starts => Self::StartedBy,
            Self::Disjoint | Self::Equals | Self::Intersects => self,
        }
    }

    /// Whether `a op b` holds, both `[from, to)`.
    ///
    /// The standard compares first and last days, so "meets" shares a day, and a stretch is before the one that begins on
    /// its `to`.
    #[must_use]
    pub fn holds(self, a: Span<Day>, b: Span<Day>) -> bool {
        self.holds_between((a.from, a.to.plus(-1)), (b.from, b.to.plus(-1)))
    }

    /// Whether `a op b` holds, both given by their first and last moments.
    pub(super) fn holds_between<M: Ord>(self, (a_first, a_last): (M, M), (b_first, b_last): (M, M)) -> bool {
        match self {
            Self::After => a_first > b_last,
            Self::Before => a_last < b_first,
            Self::Contains => a_first < b_first && a_last > b_last,
            Self::Disjoint => a_first > b_last || a_last < b_first,
            Self::During => a_first > b_first && a_last < b_last,
            Self::Equals => a_first == b_first && a_last == b_last,
            Self::FinishedBy => a_first < b_first && a_last == b_last,
            Self::Finishes => a_first > b_first && a_last == b_last,
            Self::Intersects => a_first <= b_last && a_last >= b_first,
            Self::Meets => a_last == b_first,
            Self::MetBy => a_first == b_last,
            Self::OverlappedBy => a_first > b_first && a_first < b_last && a_last > b_last,
            Self::Overlaps => a_first < b_first && a_last > b_first && a_last < b_last,
            Self::StartedBy => a_first == b_first && a_last > b_last,
            Self::Starts => a_first == b_first && a_last < b_last,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span(from: i64, days: i64) -> Span<Day> {
        Span { from: Day(from), to: Day(from + days) }
    }

    proptest! {
        #[test]
        fn converse_changes_the_operands_round(a in 0..6_i64, n in 1..5_i64, b in 0..6_i64, m in 1..5_i64) {
            for (op, name) in Temporal::ALL {
                let (a, b) = (span(a, n), span(b, m));
                prop_assert_eq!(op.holds(a, b), op.converse().holds(b, a), "{}", name);
            }
        }
    }

    #[test]
    fn the_standards_examples() {
        let decade = span(0, 10);
        for (op, other, holds) in [
            (Temporal::Before, span(10, 5), true),
            (Temporal::Meets, span(9, 5), true),
            (Temporal::Before, span(9, 5), false),
            (Temporal::Overlaps, span(5, 10), true),
            (Temporal::StartedBy, span(0, 5), true),
            (Temporal::Contains, span(1, 5), true),
            (Temporal::FinishedBy, span(5, 5), true),
            (Temporal::Equals, span(0, 10), true),
            (Temporal::Disjoint, span(10, 1), true),
            (Temporal::Intersects, span(9, 1), true),
        ] {
            assert_eq!(op.holds(decade, other), holds, "{op:?}");
        }
        let open = Span { from: Day(5), to: Day::MAX };
        assert!(Temporal::Intersects.holds(open, Span { from: Day::MIN, to: Day::MAX }));
        assert!(Temporal::After.holds(open, span(0, 5)));
    }
}
