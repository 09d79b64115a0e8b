//! Statistical periods.

use std::fmt;

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{Day, Span};

/// How often a series is observed (SDMX `CL_FREQ`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
pub enum Frequency {
    /// Yearly.
    A,
    /// Half-yearly.
    H,
    /// Quarterly.
    Q,
    /// Monthly.
    M,
    /// Weekly (ISO 8601 weeks).
    W,
    /// Daily.
    D,
}

/// A statistical period: `2020`, `2020-S1`, `2020-Q1`, `2020-01`, `2020-W05`, `2020-01-05` (SDMX 2.1),
/// or a span of two of one frequency, `2020-01/2020-02`.
///
/// Ordered by start, then end, then frequency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
pub struct Period {
    start: Day,
    end: Day,
    frequency: Frequency,
}

impl Period {
    /// Reads a period.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Some((first, last)) = text.split_once('/') {
            let (a, b) = (Self::parse_one(first)?, Self::parse_one(last)?);
            return (a.frequency == b.frequency && a.start < b.end).then_some(Self {
                start: a.start,
                end: b.end,
                frequency: a.frequency,
            });
        }
        Self::parse_one(text)
    }

    fn parse_one(text: &str) -> Option<Self> {
        let year: i64 = text.get(..4).filter(|y| y.bytes().all(|b| b.is_ascii_digit()))?.parse().ok()?;
        let rest = text.get(4..)?;
        let months = |frequency, first: u8, count: u8| {
            let start = Day::from_ymd(year, first, 1)?;
            let (ey, em) = if first + count > 12 { (year + 1, first + count - 12) } else { (year, first + count) };
            Some(Self { start, end: Day::from_ymd(ey, em, 1)?, frequency })
        };
        let number = |digits: &str, len: usize, max: u8| -> Option<u8> {
            let n = (digits.len() == len && digits.bytes().all(|b| b.is_ascii_digit()))
                .then(|| digits.parse::<u8>().ok())??;
            (1..=max).contains(&n).then_some(n)
        };
        if rest.is_empty() || rest == "-A1" {
            return months(Frequency::A, 1, 12);
        }
        let rest = rest.strip_prefix('-').unwrap_or(rest);
        match rest.as_bytes().first()? {
            b'S' | b'H' => months(Frequency::H, number(rest.get(1..)?, 1, 2)? * 6 - 5, 6),
            b'Q' => months(Frequency::Q, number(rest.get(1..)?, 1, 4)? * 3 - 2, 3),
            b'M' => months(Frequency::M, number(rest.get(1..)?, 2, 12).or_else(|| number(rest.get(1..)?, 1, 9))?, 1),
            b'W' => {
                let week = i64::from(number(rest.get(1..)?, 2, 53)?);
                // ISO 8601: week 1 holds 4 January; weeks start on Monday (1970-01-05 was one).
                let fourth = Day::from_ymd(year, 1, 4)?;
                let monday = fourth.0 - (fourth.0 - 4).rem_euclid(7);
                let start = Day(monday + (week - 1) * 7);
                let next_fourth = Day::from_ymd(year + 1, 1, 4)?;
                (start.0 < next_fourth.0 - (next_fourth.0 - 4).rem_euclid(7)).then_some(Self {
                    start,
                    end: start.plus(7),
                    frequency: Frequency::W,
                })
            }
            _ if rest.len() == 2 => months(Frequency::M, number(rest, 2, 12)?, 1),
            _ => {
                let start = Day::parse(text)?;
                Some(Self { start, end: start.plus(1), frequency: Frequency::D })
            }
        }
    }

    /// The period of one day: the first of all that begin on it, in the order of keys.
    #[must_use]
    pub fn day(day: Day) -> Self {
        Self { start: day, end: day.plus(1), frequency: Frequency::D }
    }

    /// The days covered, `[start, end)`.
    #[must_use]
    pub fn span(self) -> Span<Day> {
        Span { from: self.start, to: self.end }
    }
    /// How often the series is observed.
    #[must_use]
    pub fn frequency(self) -> Frequency {
        self.frequency
    }

    /// One period of the frequency that starts on `start`.
    fn name_of(self, start: Day) -> String {
        let Some((y, m, _)) = start.ymd() else { return "..".to_owned() };
        match self.frequency {
            Frequency::A => format!("{y:04}"),
            Frequency::H => format!("{y:04}-S{}", m.div_ceil(6)),
            Frequency::Q => format!("{y:04}-Q{}", m.div_ceil(3)),
            Frequency::M => format!("{y:04}-{m:02}"),
            Frequency::D => start.to_string(),
            Frequency::W => {
                let thursday = start.plus(3);
                let year = thursday.ymd().map_or(y, |(y, _, _)| y);
                let first = Day::from_ymd(year, 1, 1).map_or(start.0, |d| d.0);
                format!("{year:04}-W{:02}", (thursday.0 - first) / 7 + 1)
            }
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.name_of(self.start);
        if Self::parse_one(&first).is_some_and(|one| one.end == self.end) {
            return f.write_str(&first);
        }
        // The last period is the one that holds the last day.
        let last_start = match self.frequency {
            Frequency::D => self.end.plus(-1),
            Frequency::W => self.end.plus(-7),
            _ => {
                let (y, m, _) = self.end.plus(-1).ymd().unwrap_or((0, 1, 1));
                let step = match self.frequency {
                    Frequency::A => 12,
                    Frequency::H => 6,
                    Frequency::Q => 3,
                    _ => 1,
                };
                Day::from_ymd(y, (m - 1) / step * step + 1, 1).unwrap_or(self.start)
            }
        };
        write!(f, "{first}/{}", self.name_of(last_start))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_every_frequency() {
        for text in ["2020", "2020-S2", "2020-Q1", "2020-12", "2020-W53", "2021-W01", "2020-02-29", "2020-01/2020-02"] {
            assert_eq!(Period::parse(text).map(|p| p.to_string()).as_deref(), Some(text));
        }
        assert_eq!(Period::parse("2020M03").map(|p| p.to_string()).as_deref(), Some("2020-03"));
        for wrong in ["20", "2020-Q5", "2020-13", "2021-W53", "2021-02-29", "2020-01/2020-Q2", "2020/2019", "2020-"] {
            assert_eq!(Period::parse(wrong), None, "{wrong}");
        }
    }
}
