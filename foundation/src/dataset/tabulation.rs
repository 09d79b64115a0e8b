//! How counts over a protected dataset are given to others than its owner.

use serde::{Deserialize, Serialize};

use crate::value::Day;

/// How figures are kept from giving anybody away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// Small cells are not shown; the others get noise that follows from who is in them.
    CellKey,
}

impl Method {
    /// As in definitions and answers.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CellKey => "cell-key",
        }
    }
}

/// How often a state of the data is released for statistics.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reference {
    /// 1 January.
    Year,
    /// 1 January and 1 July.
    HalfYear,
    /// The first day of a quarter.
    Quarter,
}

impl Reference {
    /// The last reference day up to `day`; `None` for ±∞.
    #[must_use]
    pub fn latest(self, day: Day) -> Option<Day> {
        let (year, month, _) = day.ymd()?;
        let months = match self {
            Self::Year => 12,
            Self::HalfYear => 6,
            Self::Quarter => 3,
        };
        Day::from_ymd(year, (month - 1) / months * months + 1, 1)
    }
}

/// Whose the figures are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OpenTo {
    /// Departments whose grant names the act `statistics`, over the fields that it names.
    #[default]
    Grants,
    /// Everybody, over all of `by`.
    Public,
}

/// `[statistics]` of a definition. Without it counts over protected data are the owner's alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Tabulation {
    /// The method.
    pub method: Method,
    /// Fewest units of a cell that is shown.
    #[serde(default = "minimum_default")]
    pub minimum: u32,
    /// Most that a figure is off its count, either way.
    #[serde(default = "noise_default")]
    pub noise: u8,
    /// Fields that counts may be grouped and filtered by; no others are part of any question.
    pub by: Vec<String>,
    /// The days whose state is released.
    pub reference: Reference,
    /// Whose the figures are.
    #[serde(default)]
    pub open_to: OpenTo,
}

fn minimum_default() -> u32 {
    10
}

fn noise_default() -> u8 {
    10
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_day_begins_its_period() {
        let day = |text: &str| Day::parse(text).expect("a day");
        for (reference, asked, latest) in [
            (Reference::Year, "2026-11-23", "2026-01-01"),
            (Reference::Year, "2026-01-01", "2026-01-01"),
            (Reference::HalfYear, "2026-06-30", "2026-01-01"),
            (Reference::HalfYear, "2026-07-01", "2026-07-01"),
            (Reference::Quarter, "2026-11-23", "2026-10-01"),
            (Reference::Quarter, "2026-03-31", "2026-01-01"),
        ] {
            assert_eq!(reference.latest(day(asked)), Some(day(latest)), "{reference:?} {asked}");
        }
        assert_eq!(Reference::Year.latest(Day::MAX), None);
    }
}
