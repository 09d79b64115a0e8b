//! Questions and steps of sharing between departments.

use foundation::value::Day;
use serde_json::{Map, Value};

use crate::policy::Terms;
use crate::sharing::{Said, State, Verb};

/// A question or step of sharing.
#[derive(Debug, Clone)]
pub enum SharingRequest {
    /// Begins a request for data.
    Begin(Box<Terms>),
    /// Begins a return flow: what an upper level holds of the caller's own area.
    BeginReturnFlow {
        /// `database/dataset`.
        dataset: String,
        /// Purpose (使用场景).
        purpose: String,
    },
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
    /// Asks for a sandbox: synthetic rows of a dataset's schema, at once.
    Sandbox(Box<SandboxWanted>),
    /// Grants that were reviewed elsewhere, to be taken in as cases.
    ImportGrants {
        /// The file.
        text: String,
        /// Where the review of them lies.
        evidence: String,
    },
}

/// A sandbox asked for.
#[derive(Debug, Clone)]
pub struct SandboxWanted {
    /// `database/dataset`.
    pub dataset: String,
    /// Names of the fields to be read; `None` = all that are shared.
    pub fields: Option<Vec<String>>,
    /// Names of the fields to be shown masked.
    pub masked: Vec<String>,
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
    /// Members of the terms that differ from those that stand, by name.
    pub terms: Map<String, Value>,
}

impl SharingRequest {
    /// The dataset that it names, if any.
    #[must_use]
    pub fn dataset(&self) -> &str {
        match self {
            Self::Begin(terms) => &terms.dataset,
            Self::BeginReturnFlow { dataset, .. } => dataset,
            Self::Sandbox(wanted) => &wanted.dataset,
            _ => "",
        }
    }
}
