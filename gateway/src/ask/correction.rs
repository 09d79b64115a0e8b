//! Questions and steps of corrections.

use foundation::dataset::DatasetName;

use crate::sharing::correction::{CorrectionSaid, CorrectionStep};

/// A value that is said to be wrong. What is believed may be personal: it is in no log.
#[derive(Clone)]
pub struct DoubtFiled {
    /// Dataset.
    pub dataset: DatasetName,
    /// Record id.
    pub record: String,
    /// Field.
    pub field: String,
    /// What is believed to be right.
    pub believed: String,
    /// Why, and where the proof lies.
    pub said: CorrectionSaid,
}

impl std::fmt::Debug for DoubtFiled {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DoubtFiled({}, …)", self.dataset)
    }
}

/// A question or step of corrections, other than filing one.
#[derive(Debug, Clone)]
pub enum CorrectionRequest {
    /// One correction.
    One(String),
    /// Corrections, newest first.
    All {
        /// Only those that are behind, or were.
        overdue: bool,
        /// Position of the page before.
        after: Option<String>,
        /// Most corrections.
        limit: usize,
    },
    /// Takes a step.
    Step {
        /// The correction.
        correction: String,
        /// The step.
        step: CorrectionStep,
        /// What is said with it.
        said: Box<CorrectionSaid>,
    },
}
