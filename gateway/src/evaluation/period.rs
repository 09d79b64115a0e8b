//! The periods over which departments are evaluated.

use std::fmt;

use foundation::value::{Day, Frequency, Period};

/// A year, half-year, quarter or month, such as `2026`, `2026-S1`, `2026-Q4`, `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct EvaluationPeriod(Period);

impl EvaluationPeriod {
    /// Reads a period in the one way in which it is written; `None` for a week, a day, a span of several.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let period = Period::parse(text).filter(|_| !text.contains('/'))?;
        let usual = matches!(period.frequency(), Frequency::A | Frequency::H | Frequency::Q | Frequency::M);
        (usual && period.to_string() == text).then_some(Self(period))
    }

    /// The first day.
    #[must_use]
    pub fn from(self) -> Day {
        self.0.span().from
    }

    /// The day after the last.
    #[must_use]
    pub fn to(self) -> Day {
        self.0.span().to
    }

    /// Whether `day` is in it.
    #[must_use]
    pub fn holds(self, day: Day) -> bool {
        self.from() <= day && day < self.to()
    }

    /// The period of the same length just before.
    #[must_use]
    pub fn before(self) -> Option<Self> {
        let (year, month, _) = self.from().plus(-1).ymd()?;
        Self::parse(&match self.0.frequency() {
            Frequency::A => format!("{year:04}"),
            Frequency::H => format!("{year:04}-S{}", month.div_ceil(6)),
            Frequency::Q => format!("{year:04}-Q{}", month.div_ceil(3)),
            _ => format!("{year:04}-{month:02}"),
        })
    }
}

impl fmt::Display for EvaluationPeriod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_knows_the_one_before() {
        for (text, before) in [
            ("2026", "2025"),
            ("2026-S1", "2025-S2"),
            ("2026-Q1", "2025-Q4"),
            ("2026-Q4", "2026-Q3"),
            ("2026-01", "2025-12"),
            ("2026-03", "2026-02"),
        ] {
            let period = EvaluationPeriod::parse(text).expect("a period");
            let earlier = period.before().expect("one before");
            assert_eq!((earlier.to_string().as_str(), earlier.to()), (before, period.from()));
        }
        for text in ["2026-W05", "2026-01-05", "2026-01/2026-02", "2026-A1", "2026Q1", "26", ""] {
            assert_eq!(EvaluationPeriod::parse(text), None, "{text}");
        }
    }
}
