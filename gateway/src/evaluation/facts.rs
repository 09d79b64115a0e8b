//! What a department did in a period, fact by fact, without anything personal. Facts add up to measures.

use foundation::value::Day;
use serde::{Deserialize, Serialize};

use super::measures::{Measure, Measures};
use super::period::EvaluationPeriod;

/// Days in documents: `YYYY-MM-DD`.
mod day {
    use foundation::value::Day;
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands references")]
    pub(super) fn serialize<S: Serializer>(day: &Day, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(day)
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Day, D::Error> {
        let text = String::deserialize(from)?;
        Day::parse(&text).ok_or_else(|| de::Error::custom("not a date YYYY-MM-DD"))
    }
}

/// The same, or null.
mod day_or_none {
    use foundation::value::Day;
    use serde::{Deserialize, Deserializer, Serializer, de};

    #[expect(clippy::ref_option, reason = "serde hands references")]
    pub(super) fn serialize<S: Serializer>(day: &Option<Day>, to: S) -> Result<S::Ok, S::Error> {
        match day {
            Some(day) => to.collect_str(day),
            None => to.serialize_none(),
        }
    }
    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Day>, D::Error> {
        let Some(text) = Option::<String>::deserialize(from)? else { return Ok(None) };
        Day::parse(&text).map(Some).ok_or_else(|| de::Error::custom("not a date YYYY-MM-DD"))
    }
}

/// A clock of a case that ran out, or was stopped.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClockFact {
    /// The case.
    pub case: String,
    /// What was to be done.
    pub step: String,
    /// The day on which it started.
    #[serde(with = "day")]
    pub started: Day,
    /// The last day on which it is in time; of the period.
    #[serde(with = "day")]
    pub due: Day,
    /// The day on which it was done; null = not yet.
    #[serde(with = "day_or_none")]
    pub met: Option<Day>,
    /// No notice of holidays is loaded for a year counted through.
    pub provisional: bool,
}

/// From a day to a day of the period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StretchFact {
    /// The case.
    pub case: String,
    /// The day on which it began.
    #[serde(with = "day")]
    pub from: Day,
    /// The day on which it was done.
    #[serde(with = "day")]
    pub to: Day,
    /// Working days between the two.
    pub working_days: u32,
}

/// Something that happened to a case on a day of the period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CaseFact {
    /// The case.
    pub case: String,
    /// The day.
    #[serde(with = "day")]
    pub day: Day,
}

/// An import batch.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportFact {
    /// The batch.
    pub batch: String,
    /// Its dataset.
    pub dataset: String,
    /// Rows taken or refused.
    pub rows: u64,
    /// Of these, rows refused.
    pub rejected: u64,
    /// Findings on rows taken, as far as they are kept.
    pub findings: u64,
}

/// Answers under grants on a dataset.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UseFact {
    /// The dataset.
    pub dataset: String,
    /// Questions answered.
    pub answers: u64,
}

/// All facts of a department and a period; every list is sorted and holds nothing twice.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the members are told by their types and by the measures made of them")]
pub struct Facts {
    pub clocks: Vec<ClockFact>,
    pub deliveries: Vec<StretchFact>,
    pub corrections: Vec<StretchFact>,
    pub refusals: Vec<CaseFact>,
    pub refusals_overturned: Vec<CaseFact>,
    pub imports: Vec<ImportFact>,
    pub imports_before: Vec<ImportFact>,
    pub datasets_granted: Vec<String>,
    pub used: Vec<UseFact>,
}

impl Facts {
    /// Puts the lists in order, so that equal facts are equal documents.
    pub fn arrange(&mut self) {
        self.clocks.sort_unstable();
        self.deliveries.sort_unstable();
        self.corrections.sort_unstable();
        self.refusals.sort_unstable();
        self.refusals_overturned.sort_unstable();
        self.imports.sort_unstable();
        self.imports_before.sort_unstable();
        self.datasets_granted.sort_unstable();
        self.datasets_granted.dedup();
        self.used.sort_unstable();
    }

    /// The measures that they add up to.
    #[must_use]
    pub fn measures(&self) -> Measures {
        let count = |n: usize| n as u64;
        let sum = |imports: &[ImportFact], of: fn(&ImportFact) -> u64| {
            imports.iter().fold(0_u64, |all, import| all.saturating_add(of(import)))
        };
        let days = |stretches: &[StretchFact]| stretches.iter().map(|s| u64::from(s.working_days)).sum::<u64>();
        let in_time = |clock: &&ClockFact| clock.met.is_some_and(|met| met <= clock.due);
        let mut measures = Measures::default();
        for (measure, value) in [
            (Measure::ClocksDue, count(self.clocks.len())),
            (Measure::ClocksMet, count(self.clocks.iter().filter(in_time).count())),
            (Measure::Deliveries, count(self.deliveries.len())),
            (Measure::DeliveryDays, days(&self.deliveries)),
            (Measure::Corrections, count(self.corrections.len())),
            (Measure::CorrectionDays, days(&self.corrections)),
            (Measure::Refusals, count(self.refusals.len())),
            (Measure::RefusalsOverturned, count(self.refusals_overturned.len())),
            (Measure::ImportRows, sum(&self.imports, |i| i.rows)),
            (Measure::ImportRejected, sum(&self.imports, |i| i.rejected)),
            (Measure::ImportFindings, sum(&self.imports, |i| i.findings)),
            (Measure::ImportRowsBefore, sum(&self.imports_before, |i| i.rows)),
            (Measure::ImportRejectedBefore, sum(&self.imports_before, |i| i.rejected)),
            (Measure::ImportFindingsBefore, sum(&self.imports_before, |i| i.findings)),
            (Measure::DatasetsGranted, count(self.datasets_granted.len())),
            (Measure::DatasetsUsed, count(self.used.len())),
            (Measure::AnswersUnderGrants, self.used.iter().fold(0, |all, one| one.answers.saturating_add(all))),
        ] {
            measures.set(measure, value);
        }
        measures
    }

    /// The first fact that cannot be one of `period`: a day outside it, or a clock told before it is over.
    #[must_use]
    pub fn stray(&self, period: EvaluationPeriod) -> Option<String> {
        let outside =
            |case: &str, day: Day| (!period.holds(day)).then(|| format!("case {case}: {day} is not of {period}"));
        self.clocks
            .iter()
            .find_map(|clock| outside(&clock.case, clock.due))
            .or_else(|| self.deliveries.iter().find_map(|s| outside(&s.case, s.to)))
            .or_else(|| self.corrections.iter().find_map(|s| outside(&s.case, s.to)))
            .or_else(|| self.refusals.iter().find_map(|f| outside(&f.case, f.day)))
            .or_else(|| self.refusals_overturned.iter().find_map(|f| outside(&f.case, f.day)))
    }
}
