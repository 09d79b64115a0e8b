//! Points from 0 to 100, to the hundredth.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::exact::{self, Exact};

/// Points, 0.00 to 100.00.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Points(u16);

impl Points {
    /// The most there are.
    const HUNDREDTHS_MAX: i128 = 10_000;

    /// Reads `87`, `87.5`, `87.50`; `None` beyond two places or 100.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let short = text.split_once('.').is_none_or(|(_, part)| part.len() <= 2);
        exact::decimal(text).filter(|_| short).and_then(Self::of)
    }

    /// Rounded to the hundredth; `None` outside 0 to 100.
    #[must_use]
    pub fn of(value: Exact) -> Option<Self> {
        let hundredths = exact::rounded(value, 2).filter(|n| (0..=Self::HUNDREDTHS_MAX).contains(n))?;
        u16::try_from(hundredths).ok().map(Self)
    }

    /// In hundredths.
    #[must_use]
    pub fn hundredths(self) -> u16 {
        self.0
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.0 / 100, self.0 % 100)
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = String::deserialize(from)?;
        Self::parse(&text).ok_or_else(|| de::Error::custom("points are 0 to 100 with at most two places"))
    }
}
