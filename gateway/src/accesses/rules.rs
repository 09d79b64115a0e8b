//! Which accesses a person is told of at once, later, or never: dated policy data, never constants in code.

use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{SHA256, digest};
use foundation::value::Day;
use serde::Deserialize;
use toml::Spanned;

use crate::audit::Entry;

const BUILT_IN: &str = include_str!("rules.toml");

/// When a person is told of an access to his record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Told {
    /// At once.
    AtOnce,
    /// From the beginning of this day.
    From(Day),
    /// Not at all.
    Never,
}

impl Told {
    /// Whether he is told on `today`.
    #[must_use]
    pub fn on(self, today: Day) -> bool {
        match self {
            Self::AtOnce => true,
            Self::From(day) => day <= today,
            Self::Never => false,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Tell {
    AtOnce,
    After,
    Never,
}

/// A rule. What it does not name, it takes whatever it is.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Rule {
    tell: Tell,
    days: Option<i64>,
    #[serde(default)]
    purpose: String,
    #[serde(default)]
    ground: String,
    #[serde(default)]
    department: String,
    from: String,
    law: String,
}

/// Whether anybody is told how many entries are withheld, and how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Sealed {
    /// How many of the whole log, on days that are over. There is no count per person: it would tell what is withheld.
    WholeLog,
    /// Nobody is told.
    Untold,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    sealed: Sealed,
    officer: bool,
    #[serde(default)]
    rule: Vec<Spanned<Rule>>,
}

/// A file of rules that cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum RulesError {
    /// The file cannot be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// Not TOML of this shape, or a rule is broken.
    #[error("{file}, line {line}: {reason}")]
    Broken { file: String, line: usize, reason: String },
}

/// The rules, of every time.
#[derive(Debug, Clone)]
pub struct AccessRules {
    sealed: Sealed,
    officer: bool,
    rules: Vec<(Day, Rule)>,
    digest: [u8; 32],
}

/// Most days that an access is withheld, rather than never told.
const DAYS_MAX: i64 = 36_600;

impl AccessRules {
    /// The rules that come with the program.
    ///
    /// # Errors
    /// [`RulesError`] if the built-in file is broken (a test keeps that from happening).
    pub fn built_in() -> Result<Self, RulesError> {
        Self::parse(BUILT_IN, "rules.toml")
    }

    /// The rules of a file.
    ///
    /// # Errors
    /// [`RulesError`] with file, line and reason.
    pub fn read(file: &Path) -> Result<Self, RulesError> {
        let text =
            std::fs::read_to_string(file).map_err(|source| RulesError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(&text, &file.display().to_string())
    }

    fn parse(text: &str, name: &str) -> Result<Self, RulesError> {
        let line_at = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let broken = |line, reason: &str| RulesError::Broken { file: name.to_owned(), line, reason: reason.to_owned() };
        let file: File =
            toml::from_str(text).map_err(|e| broken(e.span().map_or(1, |s| line_at(s.start)), e.message()))?;
        let mut rules = Vec::new();
        for raw in file.rule {
            let line = line_at(raw.span().start);
            let rule = raw.into_inner();
            let from = Day::parse(&rule.from).ok_or_else(|| broken(line, "`from` is not a date YYYY-MM-DD"))?;
            if rule.law.trim().is_empty() {
                return Err(broken(line, "`law` is empty: a rule names the article that it carries out"));
            }
            match (rule.tell, rule.days) {
                (Tell::After, Some(days)) if (1..=DAYS_MAX).contains(&days) => {}
                (Tell::After, _) => return Err(broken(line, "`tell = \"after\"` needs `days`, 1 to 36,600")),
                (_, Some(_)) => return Err(broken(line, "`days` goes with `tell = \"after\"`")),
                (_, None) => {}
            }
            let names = [&rule.purpose, &rule.ground, &rule.department];
            if rule.tell != Tell::AtOnce && names.into_iter().all(|name| name.trim().is_empty()) {
                return Err(broken(line, "a rule that withholds names a purpose, a ground or a department"));
            }
            rules.push((from, rule));
        }
        let mut whole = [0; 32];
        whole.copy_from_slice(digest(&SHA256, text.as_bytes()).as_ref());
        Ok(Self { sealed: file.sealed, officer: file.officer, rules, digest: whole })
    }

    /// When the persons in an entry are told of it: by the rules in force on its day, the strictest of those that fit.
    #[must_use]
    pub fn told(&self, entry: &Entry) -> Told {
        let day = entry.closed.day();
        let fits = |rule: &Rule| {
            entry.purpose.starts_with(&rule.purpose)
                && entry.ground.starts_with(&rule.ground)
                && entry.department.starts_with(&rule.department)
        };
        let of = |rule: &Rule| match (rule.tell, rule.days) {
            (Tell::AtOnce, _) => Told::AtOnce,
            (Tell::After, Some(days)) => Told::From(Day(day.0.saturating_add(days))),
            (Tell::After, None) | (Tell::Never, _) => Told::Never,
        };
        let said = self.in_force(day).filter(|rule| fits(rule)).map(of);
        said.max().unwrap_or(Told::AtOnce)
    }

    /// Of rules about the same purpose, ground and department, the newest that is in force on `day`.
    fn in_force(&self, day: Day) -> impl Iterator<Item = &Rule> {
        let about = |rule: &Rule| (rule.purpose.clone(), rule.ground.clone(), rule.department.clone());
        self.rules
            .iter()
            .filter(move |(from, rule)| {
                let newer = |(other, one): &(Day, Rule)| *other > *from && *other <= day && about(one) == about(rule);
                *from <= day && !self.rules.iter().any(newer)
            })
            .map(|(_, rule)| rule)
    }

    /// Whether a person is told the officer's staff id.
    #[must_use]
    pub fn names_officers(&self) -> bool {
        self.officer
    }

    /// Whether it is told how many entries of the whole log are withheld.
    #[must_use]
    pub fn counts_sealed(&self) -> bool {
        self.sealed == Sealed::WholeLog
    }

    /// SHA-256 of their text: what follows from other rules is worked out anew.
    pub(super) fn digest(&self) -> &[u8; 32] {
        &self.digest
    }
}

#[cfg(test)]
mod tests;
