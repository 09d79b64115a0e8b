//! Questions and steps of performance evaluation.

use crate::evaluation::objection::ObjectionSaid;
use crate::evaluation::{EvaluationPeriod, ObjectionStep};

/// A question or step of performance evaluation.
#[derive(Debug, Clone)]
pub enum EvaluationRequest {
    /// The scores of a period.
    Scores(EvaluationPeriod),
    /// What they are made of: policy data, facts, measures, points.
    Measures(EvaluationPeriod),
    /// The report, as a workbook.
    Report(EvaluationPeriod),
    /// The objections to scores of a period.
    Objections(EvaluationPeriod),
    /// Objects to the points of an indicator.
    File {
        /// The period.
        period: EvaluationPeriod,
        /// The indicator.
        indicator: String,
        /// Why.
        said: Box<ObjectionSaid>,
    },
    /// Takes a step of an objection.
    Step {
        /// The period.
        period: EvaluationPeriod,
        /// The objection.
        objection: String,
        /// The step.
        step: ObjectionStep,
        /// What is said with it.
        said: Box<ObjectionSaid>,
    },
}
