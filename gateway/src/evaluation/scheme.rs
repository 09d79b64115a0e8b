//! Schemes of evaluation: dated policy data per jurisdiction, never constants in code.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use foundation::value::Day;
use num_rational::Ratio;
use num_traits::{CheckedAdd, CheckedMul, CheckedSub};
use serde::Deserialize;
use toml::Spanned;

use super::exact::{self, Exact};
use super::formula::Formula;
use super::points::Points;

const BUILT_IN: &str = include_str!("scheme.toml");
/// What the weights of a scheme add up to.
const WEIGHTS: u32 = 100;
/// Most indicators of a scheme, and most corners of an indicator.
const MANY: usize = 50;

/// A scheme that cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum SchemeError {
    /// The file cannot be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// Not TOML of this shape, or a rule is broken.
    #[error("{file}, line {line}: {reason}")]
    Broken { file: String, line: usize, reason: String },
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    scheme: Vec<Spanned<RawScheme>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawScheme {
    #[serde(default)]
    jurisdiction: String,
    from: String,
    title: String,
    law: String,
    #[serde(default)]
    ranks: bool,
    objection_working_days: u32,
    answer_working_days: u32,
    indicator: Vec<Spanned<RawIndicator>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct RawIndicator {
    id: String,
    title: String,
    weight: u32,
    formula: String,
    points: Vec<[f64; 2]>,
}

/// How one thing is judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Indicator {
    /// Its id, `kebab-case`.
    pub id: String,
    /// Its name.
    pub title: String,
    /// Its part of the score, percent.
    pub weight: u32,
    /// The formula as it is written.
    pub formula_text: String,
    /// The formula.
    pub formula: Formula,
    /// Corners of the line from value to points, by rising value.
    pub corners: Vec<(Exact, Points)>,
}

impl Indicator {
    /// The points for a value: on the straight line between two corners, level beyond the ends; `None` if a number became
    /// too large.
    #[must_use]
    pub fn points(&self, value: Exact) -> Option<Points> {
        let (first, last) = (self.corners.first()?, self.corners.last()?);
        if value <= first.0 {
            return Some(first.1);
        }
        if value >= last.0 {
            return Some(last.1);
        }
        let next = self.corners.iter().position(|(at, _)| value < *at)?;
        let ((x0, y0), (x1, y1)) = (self.corners.get(next.checked_sub(1)?)?, self.corners.get(next)?);
        let points = |p: &Points| Ratio::new(i128::from(p.hundredths()), 100);
        let part = value.checked_sub(x0)?.checked_mul(&x1.checked_sub(x0)?.recip())?;
        let rise = points(y1).checked_sub(&points(y0))?.checked_mul(&part)?;
        Points::of(points(y0).checked_add(&rise)?)
    }
}

/// A scheme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scheme {
    /// Prefix of a division code; empty = everywhere.
    pub jurisdiction: String,
    /// The first day on which it holds.
    pub from: Day,
    /// Its name.
    pub title: String,
    /// The article.
    pub law: String,
    /// Whether a department is told its place among those of the same scheme.
    pub ranks: bool,
    /// Working days after the period within which a department may object.
    pub objection_working_days: u32,
    /// Working days within which the authority answers an objection.
    pub answer_working_days: u32,
    /// What is judged; weights add up to 100.
    pub indicators: Vec<Indicator>,
}

impl Scheme {
    /// The indicator of this id.
    #[must_use]
    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|indicator| indicator.id == id)
    }
}

/// All schemes, of every jurisdiction and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schemes {
    text: String,
    all: Vec<Scheme>,
}

impl Schemes {
    /// The scheme that comes with the program.
    ///
    /// # Errors
    /// [`SchemeError`] if the built-in file is broken (a test keeps that from happening).
    pub fn built_in() -> Result<Self, SchemeError> {
        Self::parse(BUILT_IN, "scheme.toml")
    }

    /// The schemes of a file.
    ///
    /// # Errors
    /// [`SchemeError`] with file, line and reason.
    pub fn read(file: &Path) -> Result<Self, SchemeError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| SchemeError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(&text, &file.display().to_string())
    }

    /// The schemes of a text; `name` stands for it in errors.
    ///
    /// # Errors
    /// [`SchemeError`] with line and reason.
    pub fn parse(text: &str, name: &str) -> Result<Self, SchemeError> {
        let line_at = |at: usize| text.get(..at).map_or(1, |before| before.matches('\n').count() + 1);
        let broken = |line, reason: String| SchemeError::Broken { file: name.to_owned(), line, reason };
        let file: File = toml::from_str(text)
            .map_err(|e| broken(e.span().map_or(1, |s| line_at(s.start)), e.message().to_owned()))?;
        let mut all: Vec<Scheme> = Vec::new();
        for raw in file.scheme {
            let line = line_at(raw.span().start);
            let scheme = scheme(raw.into_inner(), |at, reason| broken(at.map_or(line, line_at), reason))?;
            if all.iter().any(|other| other.jurisdiction == scheme.jurisdiction && other.from == scheme.from) {
                return Err(broken(line, "another scheme has the same `jurisdiction` and `from`".to_owned()));
            }
            all.push(scheme);
        }
        Ok(Self { text: text.to_owned(), all })
    }

    /// The text they were read from, to the letter.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The scheme for a body of `division` and a period that begins on `day`; `None` = it is not evaluated.
    #[must_use]
    pub fn of(&self, division: &str, day: Day) -> Option<&Scheme> {
        self.all
            .iter()
            .filter(|scheme| scheme.from <= day && division.starts_with(&scheme.jurisdiction))
            .max_by_key(|scheme| (scheme.jurisdiction.len(), scheme.from))
    }
}

fn scheme<E>(raw: RawScheme, broken: impl Fn(Option<usize>, String) -> E) -> Result<Scheme, E> {
    let from = Day::parse(&raw.from).ok_or_else(|| broken(None, "`from` is not a date YYYY-MM-DD".to_owned()))?;
    if raw.law.trim().is_empty() {
        return Err(broken(None, "`law` is empty: a scheme names the article that it carries out".to_owned()));
    }
    if raw.jurisdiction.len() > 12 || !raw.jurisdiction.bytes().all(|b| b.is_ascii_digit()) {
        return Err(broken(None, "`jurisdiction` is not the beginning of a division code".to_owned()));
    }
    if raw.indicator.is_empty() || raw.indicator.len() > MANY {
        return Err(broken(None, format!("a scheme has 1 to {MANY} indicators")));
    }
    let mut ids = BTreeSet::new();
    let mut indicators = Vec::with_capacity(raw.indicator.len());
    for one in raw.indicator {
        let at = one.span().start;
        let indicator = indicator(one.into_inner()).map_err(|reason| broken(Some(at), reason))?;
        if !ids.insert(indicator.id.clone()) {
            return Err(broken(Some(at), format!("`{}` stands twice", indicator.id)));
        }
        indicators.push(indicator);
    }
    let sum: u32 = indicators.iter().map(|indicator| indicator.weight).sum();
    if sum != WEIGHTS {
        return Err(broken(None, format!("the weights add up to {sum}, not to {WEIGHTS}")));
    }
    Ok(Scheme {
        jurisdiction: raw.jurisdiction,
        from,
        title: raw.title,
        law: raw.law,
        ranks: raw.ranks,
        objection_working_days: raw.objection_working_days,
        answer_working_days: raw.answer_working_days,
        indicators,
    })
}

fn indicator(raw: RawIndicator) -> Result<Indicator, String> {
    let sound = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    if raw.id.is_empty() || raw.id.len() > 60 || !raw.id.bytes().all(sound) {
        return Err("`id` is not 1 to 60 lowercase letters, digits and `-`".to_owned());
    }
    if raw.weight == 0 || raw.weight > WEIGHTS {
        return Err(format!("`weight` of `{}` is not 1 to {WEIGHTS}", raw.id));
    }
    let formula = Formula::parse(&raw.formula).map_err(|e| format!("`formula` of `{}`: {e}", raw.id))?;
    if raw.points.len() < 2 || raw.points.len() > MANY {
        return Err(format!("`points` of `{}` are not 2 to {MANY} corners", raw.id));
    }
    let mut corners: Vec<(Exact, Points)> = Vec::with_capacity(raw.points.len());
    // The shortest decimal that is this float is what was written.
    let written = |number: f64| format!("{number}");
    for [value, points] in raw.points {
        let at = exact::decimal(&written(value))
            .ok_or_else(|| format!("`points` of `{}`: {value} is out of bounds", raw.id))?;
        let points = Points::parse(&written(points))
            .ok_or_else(|| format!("`points` of `{}`: {points} is not 0 to 100 with two places", raw.id))?;
        if corners.last().is_some_and(|(before, _)| *before >= at) {
            return Err(format!("`points` of `{}`: values do not rise at {value}", raw.id));
        }
        corners.push((at, points));
    }
    Ok(Indicator { id: raw.id, title: raw.title, weight: raw.weight, formula_text: raw.formula, formula, corners })
}
