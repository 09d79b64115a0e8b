//! Stretches of history: EDTF intervals, BCE, circa, open.

use std::fmt;

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use super::{Day, PartialDate, Span};

/// A stretch of history after EDTF (ISO 8601-2 level 1): `0618/0907`, `-0770/-0256`, `0701~`, `../1911`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, Encode, Decode)]
pub struct Era {
    text: String,
    span: Span<Day>,
}

impl Era {
    /// Reads an EDTF date or interval; `~`, `?`, `%` after an end mark it circa, uncertain or both.
    /// `..` is an open end. A single date stands for its own stretch.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let end = |part: &str| -> Option<Option<Span<Day>>> {
            if part == ".." || part.is_empty() {
                return Some(None);
            }
            PartialDate::parse(part.trim_end_matches(['~', '?', '%'])).map(|d| Some(d.span()))
        };
        let span = match text.split_once('/') {
            None => end(text)??,
            Some((from, to)) => {
                Span { from: end(from)?.map_or(Day::MIN, |s| s.from), to: end(to)?.map_or(Day::MAX, |s| s.to) }
            }
        };
        (!span.is_empty()).then(|| Self { text: text.to_owned(), span })
    }
    /// The days it may touch, `[lo, hi)`.
    #[must_use]
    pub fn span(&self) -> Span<Day> {
        self.span
    }
    /// EDTF, as read.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for Era {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_dynasties() {
        let tang = Era::parse("0618/0907").expect("an interval").span();
        assert_eq!((tang.from.to_string(), tang.to.to_string()), ("0618-01-01".into(), "0908-01-01".into()));
        assert_eq!(Era::parse("../1911").expect("open").span().from, Day::MIN);
        assert!(Era::parse("0701~").is_some());
        assert!(Era::parse("0907/0618").is_none());
        assert!(Era::parse("唐").is_none());
    }
}
