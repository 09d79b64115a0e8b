//! Questions and steps of sharing between departments.

use foundation::value::Day;

use crate::policy::Terms;
use crate::sharing::{Said, State, Verb};

/// A question or step of sharing.
#[derive(Debug, Clone)]
pub enum SharingRequest {
    /// Begins a request for data.
    Begin(Box<Terms>),
    /// Takes a step of a case.
    Step(Box<StepTaken>),
    /// One case.
    Case(String),
    /// Cases, newest first.
    Cases {
        /// Only those in this state today.
        state: Option<State>,
        /// Only those that are behind.
        overdue: bool,
        /// Position of the page before.
        after: Option<String>,
        /// Most cases.
        limit: usize,
    },
    /// What is the matter with the caller's cases, newest case first.
    Alerts {
        /// Position of the page before.
        after: Option<String>,
        /// Most cases.
        limit: usize,
    },
    /// A day so many working days on.
    WorkingDays {
        /// The day of receipt.
        from: Day,
        /// Working days.
        days: u32,
        /// Whether the day of receipt counts.
        counts_first: bool,
    },
    /// A notice of holidays to be taken in.
    Notice(String),
}

/// A step of a case.
#[derive(Debug, Clone)]
pub struct StepTaken {
    /// The case.
    pub case: String,
    /// The step.
    pub verb: Verb,
    /// What is said with it, terms apart.
    pub said: Said,
    /// Terms that differ from those that stand.
    pub terms: TermsChanged,
}

/// Terms that differ from those that stand; what is absent stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members are those of `Terms`")]
pub struct TermsChanged {
    pub dataset: Option<String>,
    pub acts: Option<Vec<String>>,
    pub fields: Option<Vec<String>>,
    pub masked: Option<Vec<String>>,
    pub rows: Option<String>,
    pub purpose: Option<String>,
    pub ground: Option<String>,
    pub from: Option<String>,
    pub to: Option<String>,
    pub cases_required: Option<bool>,
    pub rows_per_answer_max: Option<u64>,
    pub rows_per_day_max: Option<u64>,
}

impl TermsChanged {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// These terms over `before`.
    #[must_use]
    pub fn over(self, before: &Terms) -> Terms {
        let keep = |new: Option<String>, old: &String| new.unwrap_or_else(|| old.clone());
        let keep_all = |new: Option<Vec<String>>, old: &Vec<String>| new.unwrap_or_else(|| old.clone());
        Terms {
            dataset: keep(self.dataset, &before.dataset),
            acts: keep_all(self.acts, &before.acts),
            fields: keep_all(self.fields, &before.fields),
            masked: keep_all(self.masked, &before.masked),
            rows: keep(self.rows, &before.rows),
            purpose: keep(self.purpose, &before.purpose),
            ground: keep(self.ground, &before.ground),
            from: keep(self.from, &before.from),
            to: keep(self.to, &before.to),
            cases_required: self.cases_required.unwrap_or(before.cases_required),
            rows_per_answer_max: self.rows_per_answer_max.unwrap_or(before.rows_per_answer_max),
            rows_per_day_max: self.rows_per_day_max.unwrap_or(before.rows_per_day_max),
        }
    }
}

impl SharingRequest {
    /// The dataset that it names, if any.
    #[must_use]
    pub fn dataset(&self) -> &str {
        match self {
            Self::Begin(terms) => &terms.dataset,
            _ => "",
        }
    }
}
