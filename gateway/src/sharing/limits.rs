//! How long each step may take: dated policy data per jurisdiction, never constants in code.

use std::path::{Path, PathBuf};

use foundation::value::Day;
use serde::Deserialize;
use toml::Spanned;

const BUILT_IN: &str = include_str!("limits.toml");

/// A step that has a limit in law.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LimitedStep {
    /// The answer to a request for what is shared unconditionally.
    AnswerUnconditional,
    /// The answer to a request for what is shared conditionally.
    AnswerConditional,
    /// Delivery after a consenting answer.
    Deliver,
    /// Checking, correcting and reporting back (校核).
    Correct,
    /// The update of a catalogue entry after a change of law or duty.
    UpdateCatalogue,
    /// Review and publication of an updated entry.
    PublishCatalogue,
    /// Review and publication of a first entry. The decree sets no limit; local rules may.
    ReviewCatalogue,
    /// The authority's answer to a demand for data. The decree sets no limit; local rules may.
    AnswerDemand,
    /// The answer to a request for return flow. The decree sets no limit; without one that of unconditional sharing holds.
    AnswerReturnFlow,
    /// Looking again at a return flow that stands. The decree sets no limit.
    ReviewReturnFlow,
    /// The answer to a company's request for what is opened conditionally. The decree is silent on openings; local rules may set one.
    AnswerOpening,
    /// Delivery to a company after a consenting answer. Silent likewise.
    DeliverOpening,
    /// How long a sandbox is good. The decree knows none; the node's operator or local rules say.
    UseSandbox,
}

impl LimitedStep {
    /// As in the API and in files of limits.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AnswerUnconditional => "answer-unconditional",
            Self::AnswerConditional => "answer-conditional",
            Self::Deliver => "deliver",
            Self::Correct => "correct",
            Self::UpdateCatalogue => "update-catalogue",
            Self::PublishCatalogue => "publish-catalogue",
            Self::ReviewCatalogue => "review-catalogue",
            Self::AnswerDemand => "answer-demand",
            Self::AnswerReturnFlow => "answer-return-flow",
            Self::ReviewReturnFlow => "review-return-flow",
            Self::AnswerOpening => "answer-opening",
            Self::DeliverOpening => "deliver-opening",
            Self::UseSandbox => "use-sandbox",
        }
    }
}

/// A limit in force.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Limit {
    /// The step.
    pub step: LimitedStep,
    /// Prefix of a division code; empty = everywhere.
    #[serde(default)]
    pub jurisdiction: String,
    /// Working days.
    pub working_days: u32,
    /// Working days that an authority may add.
    #[serde(default)]
    pub extension_days: u32,
    /// Whether the day of receipt is the first day.
    #[serde(default)]
    pub counts_first_day: bool,
    /// The first day on which it holds, `YYYY-MM-DD`.
    from: String,
    /// The article that sets it.
    pub law: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    limit: Vec<Spanned<Limit>>,
}

/// A file of limits that cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum LimitsError {
    /// The file cannot be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// Not TOML of this shape, or a rule is broken.
    #[error("{file}, line {line}: {reason}")]
    Broken { file: String, line: usize, reason: String },
}

/// All limits, of every jurisdiction and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits(Vec<(Day, Limit)>);

impl Limits {
    /// The limits of Decree 809.
    ///
    /// # Errors
    /// [`LimitsError`] if the built-in file is broken (a test keeps that from happening).
    pub fn built_in() -> Result<Self, LimitsError> {
        Self::parse(BUILT_IN, "limits.toml")
    }

    /// The limits of a file.
    ///
    /// # Errors
    /// [`LimitsError`] with file, line and reason.
    pub fn read(file: &Path) -> Result<Self, LimitsError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| LimitsError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(&text, &file.display().to_string())
    }

    fn parse(text: &str, name: &str) -> Result<Self, LimitsError> {
        let line_at = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let broken = |line, reason: String| LimitsError::Broken { file: name.to_owned(), line, reason };
        let file: File = toml::from_str(text)
            .map_err(|e| broken(e.span().map_or(1, |s| line_at(s.start)), e.message().to_owned()))?;
        let mut all = Vec::new();
        for raw in file.limit {
            let line = line_at(raw.span().start);
            let limit = raw.into_inner();
            let from =
                Day::parse(&limit.from).ok_or_else(|| broken(line, "`from` is not a date YYYY-MM-DD".to_owned()))?;
            if limit.law.trim().is_empty() {
                return Err(broken(line, "`law` is empty: a limit names the article that sets it".to_owned()));
            }
            if limit.jurisdiction.len() > 12 || !limit.jurisdiction.bytes().all(|b| b.is_ascii_digit()) {
                return Err(broken(line, "`jurisdiction` is not the beginning of a division code".to_owned()));
            }
            all.push((from, limit));
        }
        Ok(Self(all))
    }

    /// The limit of `step` for a body of `division` on the day its clock starts; `None` = none is set by law.
    #[must_use]
    pub fn of(&self, step: LimitedStep, division: &str, day: Day) -> Option<&Limit> {
        self.0
            .iter()
            .filter(|(from, limit)| limit.step == step && *from <= day && division.starts_with(&limit.jurisdiction))
            .max_by_key(|(from, limit)| (limit.jurisdiction.len(), *from))
            .map(|(_, limit)| limit)
    }
}

/// The division of a body, from its credit code (GB 32100: characters 3 to 8).
#[must_use]
pub fn division_of(credit_code: &str) -> &str {
    credit_code.get(2..8).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"
[[limit]]
step = "answer-conditional"
working-days = 10
from = "2025-08-01"
law = "a"

[[limit]]
step = "answer-conditional"
jurisdiction = "1407"
working-days = 5
from = "2026-01-01"
law = "b"

[[limit]]
step = "answer-conditional"
jurisdiction = "1407"
working-days = 3
from = "2027-01-01"
law = "c"
"#;

    #[test]
    fn the_nearest_jurisdiction_and_the_newest_rule_in_force_win() {
        let limits = Limits::parse(TWO, "x").expect("sound limits");
        let days = |division: &str, day: &str| {
            let day = Day::parse(day).expect("a date");
            limits.of(LimitedStep::AnswerConditional, division, day).map(|l| l.working_days)
        };
        assert_eq!(days("140702", "2025-07-31"), None);
        assert_eq!(days("140702", "2025-12-31"), Some(10));
        assert_eq!(days("140702", "2026-01-01"), Some(5));
        assert_eq!(days("140702", "2027-06-01"), Some(3));
        assert_eq!(days("510100", "2027-06-01"), Some(10));
        assert!(Limits::built_in().is_ok());
    }

    #[test]
    fn a_broken_limit_names_its_line() {
        for (text, line) in [
            ("\n[[limit]]\nstep = \"deliver\"\nworking-days = 1\nfrom = \"soon\"\nlaw = \"a\"\n", 2),
            ("\n\n[[limit]]\nstep = \"deliver\"\nworking-days = 1\nfrom = \"2025-01-01\"\nlaw = \" \"\n", 3),
            ("[[limit]]\nstep = \"dance\"\n", 2),
        ] {
            let error = Limits::parse(text, "x").expect_err("broken").to_string();
            assert!(error.starts_with(&format!("x, line {line}:")), "{error}");
        }
    }
}
