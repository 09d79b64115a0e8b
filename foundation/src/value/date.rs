//! Dates of year, month or day precision.

use std::fmt;

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{Day, Span};

/// How much of a date is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// Only the year.
    Year,
    /// Year and month.
    Month,
    /// The day.
    Day,
}

/// A date known to the year, the month or the day; stands for the stretch `[lo, hi)` of days it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
pub struct PartialDate {
    year: i32,
    month: u8,
    day: u8,
}

impl PartialDate {
    /// A date; `month` or `day` 0 = not known. `None` if there is no such date.
    #[must_use]
    pub fn new(year: i32, month: u8, day: u8) -> Option<Self> {
        if month == 0 && day != 0 || !(-99_999..=99_999).contains(&year) {
            return None;
        }
        Day::from_ymd(i64::from(year), month.max(1), day.max(1))?;
        Some(Self { year, month, day })
    }
    /// Reads `YYYY`, `YYYY-MM`, `YYYY-MM-DD`; also with `.` or `/`, `YYYYMMDD`, and 年月日.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, body) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        if body.len() == 8 && body.bytes().all(|b| b.is_ascii_digit()) {
            let (year, month, day) = (body.get(..4)?, body.get(4..6)?, body.get(6..)?);
            return Self::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
        }
        let cut = body.trim_end_matches(['日', '月', '年']);
        let mut parts = cut.split(['-', '.', '/', '年', '月']);
        let mut next =
            || parts.next().map(|p| if p.bytes().all(|b| b.is_ascii_digit()) { p.parse::<i32>().ok() } else { None });
        let year = next()??;
        let month = next().unwrap_or(Some(0))?;
        let day = next().unwrap_or(Some(0))?;
        if next().is_some() || cut.split(['-', '.', '/', '年', '月']).next()?.len() != 4 {
            return None;
        }
        let given = cut.split(['-', '.', '/', '年', '月']).count();
        if (given >= 2 && month == 0) || (given >= 3 && day == 0) {
            return None;
        }
        Self::new(if negative { -year } else { year }, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }
    /// A date known to the day.
    #[must_use]
    pub fn of(day: Day) -> Option<Self> {
        let (y, m, d) = day.ymd()?;
        Self::new(i32::try_from(y).ok()?, m, d)
    }
    /// How much is known.
    #[must_use]
    pub fn precision(self) -> Precision {
        match (self.month, self.day) {
            (0, _) => Precision::Year,
            (_, 0) => Precision::Month,
            _ => Precision::Day,
        }
    }
    /// The days it may be, `[lo, hi)`.
    #[must_use]
    pub fn span(self) -> Span<Day> {
        let year = i64::from(self.year);
        let day = |y, m, d| Day::from_ymd(y, m, d).unwrap_or(Day::MIN);
        let (from, to) = match self.precision() {
            Precision::Year => (day(year, 1, 1), day(year + 1, 1, 1)),
            Precision::Month if self.month == 12 => (day(year, 12, 1), day(year + 1, 1, 1)),
            Precision::Month => (day(year, self.month, 1), day(year, self.month + 1, 1)),
            Precision::Day => {
                let from = day(year, self.month, self.day);
                (from, from.plus(1))
            }
        };
        Span { from, to }
    }
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.year < 0 { "-" } else { "" };
        write!(f, "{sign}{:04}", self.year.unsigned_abs())?;
        if self.month > 0 {
            write!(f, "-{:02}", self.month)?;
        }
        if self.day > 0 {
            write!(f, "-{:02}", self.day)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_offices_write() {
        for (text, canonical) in [
            ("1990.01.01", "1990-01-01"),
            ("1990-1-1", "1990-01-01"),
            ("19900101", "1990-01-01"),
            ("1990年1月1日", "1990-01-01"),
            ("1990年1月", "1990-01"),
            ("1990", "1990"),
            ("-0770", "-0770"),
        ] {
            assert_eq!(PartialDate::parse(text).map(|d| d.to_string()).as_deref(), Some(canonical), "{text}");
        }
        for wrong in ["", "90-1-1", "1990-13", "1990-02-30", "1990-00-01", "1990-1-", "abcd", "1990-1-1-1"] {
            assert_eq!(PartialDate::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn stands_for_the_days_it_may_be() {
        let span = PartialDate::parse("1990-12").expect("a month").span();
        assert_eq!((span.from.to_string(), span.to.to_string()), ("1990-12-01".into(), "1991-01-01".into()));
    }
}
