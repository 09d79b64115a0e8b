//! Calendar days as numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A calendar day in the country's time zone: days since 1970-01-01, proleptic Gregorian (ISO 8601).
///
/// [`Day::MAX`] is ∞ (an open end), [`Day::MIN`] −∞ (a start nobody knows).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Day(pub i64);

impl Day {
    /// ∞: the end is open.
    pub const MAX: Self = Self(i64::MAX);
    /// −∞: the start is not known.
    pub const MIN: Self = Self(i64::MIN);

    /// The day of a civil date; `None` if there is no such date. Years are astronomical (0 = 1 BCE).
    #[must_use]
    pub fn from_ymd(year: i64, month: u8, day: u8) -> Option<Self> {
        if !(-100_000..=100_000).contains(&year) || day == 0 || day > days_in_month(year, month)? {
            return None;
        }
        // Civil-to-days over 400-year eras that start on 1 March.
        let y = if month <= 2 { year - 1 } else { year };
        let era = y.div_euclid(400);
        let year_of_era = y.rem_euclid(400);
        let month_from_march = (i64::from(month) + 9) % 12;
        let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
        let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
        Some(Self(era * 146_097 + day_of_era - 719_468))
    }

    /// Year (astronomical), month and day. `None` for ±∞.
    #[must_use]
    pub fn ymd(self) -> Option<(i64, u8, u8)> {
        if self == Self::MAX || self == Self::MIN || self.0.abs() > 40_000_000_000 {
            return None;
        }
        let z = self.0 + 719_468;
        let era = z.div_euclid(146_097);
        let day_of_era = z.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let mp = (5 * day_of_year + 2) / 153;
        let day = u8::try_from(day_of_year - (153 * mp + 2) / 5 + 1).ok()?;
        let month = u8::try_from(if mp < 10 { mp + 3 } else { mp - 9 }).ok()?;
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Some((year, month, day))
    }

    /// Reads `YYYY-MM-DD` (with `-` in front for years before 0000); `..` is not a day.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (sign, rest) = text.strip_prefix('-').map_or((1, text), |rest| (-1, rest));
        let mut parts = rest.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || year.len() < 4 || month.len() != 2 || day.len() != 2 {
            return None;
        }
        if !rest.bytes().all(|b| b.is_ascii_digit() || b == b'-') {
            return None;
        }
        Self::from_ymd(sign * year.parse::<i64>().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// The day `days` later (earlier if negative); ±∞ stays.
    #[must_use]
    pub fn plus(self, days: i64) -> Self {
        if self == Self::MAX || self == Self::MIN { self } else { Self(self.0.saturating_add(days)) }
    }
}

/// Days of a month; `None` if there is no such month.
pub(crate) fn days_in_month(year: i64, month: u8) -> Option<u8> {
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if leap { 29 } else { 28 }),
        _ => None,
    }
}

impl fmt::Display for Day {
    /// `YYYY-MM-DD`; `..` for ±∞ (EDTF's unknown or open end).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.ymd() {
            None => f.write_str(".."),
            Some((y, m, d)) if y < 0 => write!(f, "-{:04}-{m:02}-{d:02}", -y),
            Some((y, m, d)) => write!(f, "{y:04}-{m:02}-{d:02}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        assert_eq!(Day::from_ymd(1970, 1, 1), Some(Day(0)));
        assert_eq!(Day::from_ymd(2000, 2, 29), Some(Day(11_016)));
        assert_eq!(Day::from_ymd(1900, 2, 29), None);
        assert_eq!(Day::parse("2026-11-23").map(|d| d.to_string()).as_deref(), Some("2026-11-23"));
        assert_eq!(Day::parse("-0770-01-01").map(|d| d.to_string()).as_deref(), Some("-0770-01-01"));
        assert_eq!(Day::parse("2026-1-3"), None);
        assert_eq!(Day::MAX.to_string(), "..");
    }

    proptest! {
        #[test]
        fn a_day_survives_its_civil_date(n in -30_000_000_i64..30_000_000) {
            let (y, m, d) = Day(n).ymd().expect("finite");
            prop_assert_eq!(Day::from_ymd(y, m, d), Some(Day(n)));
        }
    }
}
