//! What an evaluation was made of, whole: policy data to the letter, facts, measures, points. Nothing personal stands in it.

use std::collections::BTreeMap;

use foundation::value::{Day, Instant};
use serde::{Deserialize, Serialize};

use super::facts::Facts;
use super::measures::Measures;
use super::objection::{Objection, Standing};
use super::period::EvaluationPeriod;
use super::points::Points;
use super::scheme::{Scheme, Schemes};
use super::score::{self, Correction, Judged, ScoreError};
use crate::sharing::limits::division_of;

/// The version of the form.
pub const FORMAT: u32 = 1;

/// The document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    /// [`FORMAT`].
    pub format: u32,
    /// The period.
    pub period: String,
    /// Whether the period was over: until then everything may yet change.
    pub complete: bool,
    /// When the facts were collected.
    pub collected_at: String,
    /// The schemes.
    pub policy: Policy,
    /// Each department.
    pub departments: Vec<Evaluated>,
}

impl Document {
    /// The place of every department that has a score, among those of the same scheme.
    #[must_use]
    pub fn places(&self) -> BTreeMap<String, usize> {
        let mut groups: BTreeMap<(&str, &str), Vec<&Evaluated>> = BTreeMap::new();
        for one in &self.departments {
            let Applied { jurisdiction, from } = &one.scheme;
            groups.entry((jurisdiction, from)).or_default().push(one);
        }
        let mut places = BTreeMap::new();
        for group in groups.values() {
            let scores: Vec<_> = group.iter().map(|one| one.standing_score()).collect();
            let ranks = score::ranks(&scores);
            places.extend(group.iter().zip(ranks).filter_map(|(one, rank)| Some((one.department.clone(), rank?))));
        }
        places
    }
}

/// Policy data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policy {
    /// SHA-256 of the text, hexadecimal.
    pub sha256: String,
    /// The file of schemes, to the letter.
    pub text: String,
}

/// Which scheme was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Applied {
    /// Its jurisdiction.
    pub jurisdiction: String,
    /// Its first day.
    pub from: String,
}

impl Applied {
    /// The name of a scheme.
    #[must_use]
    pub fn of(scheme: &Scheme) -> Self {
        Self { jurisdiction: scheme.jurisdiction.clone(), from: scheme.from.to_string() }
    }
}

/// A department evaluated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Evaluated {
    /// Credit code.
    pub department: String,
    /// The scheme.
    pub scheme: Applied,
    /// What it did.
    pub facts: Facts,
    /// What that adds up to.
    pub measures: Measures,
    /// What points that makes.
    pub indicators: Vec<Judged>,
    /// The score; null = there was nothing to judge.
    pub score: Option<Points>,
    /// The score with what was corrected on objections.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub corrected_score: Option<Points>,
}

impl Evaluated {
    /// The score that holds.
    #[must_use]
    pub fn standing_score(&self) -> Option<Points> {
        self.corrected_score.or(self.score)
    }
}

/// SHA-256 as text.
#[must_use]
pub fn sha256(text: &str) -> String {
    crate::http::hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes()).as_ref())
}

/// Makes the document of a period. Departments for which no scheme is in force are left out.
///
/// # Errors
/// [`ScoreError`].
pub fn make(
    period: EvaluationPeriod,
    schemes: &Schemes,
    facts: BTreeMap<String, Facts>,
    objections: &[Objection],
    now: Instant,
    today: Day,
) -> Result<Document, ScoreError> {
    let mut departments = Vec::with_capacity(facts.len());
    for (department, facts) in facts {
        let Some(scheme) = schemes.of(division_of(&department), period.from()) else { continue };
        let measures = facts.measures();
        let mut indicators = score::judge(scheme, &measures)?;
        for one in &mut indicators {
            let about = |o: &&Objection| o.department == department && o.indicator == one.indicator;
            one.corrected = objections.iter().filter(about).find_map(|objection| match objection.standing {
                Standing::Changed(points) => Some(Correction { objection: objection.id.clone(), points }),
                _ => None,
            });
        }
        departments.push(Evaluated {
            scheme: Applied::of(scheme),
            score: score::total(&indicators),
            corrected_score: score::corrected_total(&indicators),
            department,
            facts,
            measures,
            indicators,
        });
    }
    Ok(Document {
        format: FORMAT,
        period: period.to_string(),
        complete: period.to() <= today,
        collected_at: now.to_string(),
        policy: Policy { sha256: sha256(schemes.text()), text: schemes.text().to_owned() },
        departments,
    })
}
