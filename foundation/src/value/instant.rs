//! Points in time.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Day;

/// The country's offset from UTC in seconds (Asia/Shanghai has no daylight saving since 1992).
const COUNTRY_OFFSET_S: i64 = 8 * 3600;
const DAY_US: i64 = 86_400_000_000;

/// A point in time: UTC microseconds since 1970-01-01T00:00:00Z.
///
/// [`Instant::MAX`] is ∞ (recorded time still open).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Instant(pub i64);

impl Instant {
    /// ∞.
    pub const MAX: Self = Self(i64::MAX);
    /// "The time of the commit that writes this"; replaced on reading by the row's stamp (see `record`).
    pub const PENDING: Self = Self(i64::MIN);

    /// The calendar day in the country's time zone.
    #[must_use]
    pub fn day(self) -> Day {
        if self == Self::MAX {
            return Day::MAX;
        }
        Day(self.0.saturating_add(COUNTRY_OFFSET_S * 1_000_000).div_euclid(DAY_US))
    }

    /// The last instant of `day` in the country's time zone.
    #[must_use]
    pub fn end_of(day: Day) -> Self {
        Self(day.0.saturating_add(1).saturating_mul(DAY_US).saturating_sub(COUNTRY_OFFSET_S * 1_000_000 + 1))
    }

    /// Reads RFC 3339 with any offset, to the microsecond, or a date (`YYYY-MM-DD`), which means the end of that day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some(day) = Day::parse(text) {
            return Some(Self::end_of(day));
        }
        let stamp: jiff::Timestamp = text.parse().ok()?;
        Some(Self(stamp.as_microsecond()))
    }
}

impl fmt::Display for Instant {
    /// RFC 3339 in UTC with six decimals; `..` for ∞.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(stamp) if *self != Self::MAX => write!(f, "{stamp:.6}"),
            _ => f.write_str(".."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_means_the_end_of_that_day_in_the_country() {
        let end = Instant::parse("2026-11-23").expect("a date");
        assert_eq!(end.to_string(), "2026-11-23T15:59:59.999999Z");
        assert_eq!(end.day().to_string(), "2026-11-23");
        assert_eq!(Instant(end.0 + 1).day().to_string(), "2026-11-24");
        assert_eq!(Instant::parse("2026-11-23T08:00:00+08:00"), Instant::parse("2026-11-23T00:00:00Z"));
    }
}
