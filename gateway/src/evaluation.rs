//! Performance evaluation (绩效评价) of sharing: what departments did in a period, as measures, and their points by a dated
//! scheme (Decree 809 art 38: timeliness and quality of the provider, use by the requester).
//!
//! [`collect`] draws [`facts`] from the cases of sharing, the audit log and the batches of imports; facts add up to
//! [`measures`]; a [`scheme`] (policy data) makes points of them by [`formula`]s; [`score`] adds the points up. Every step
//! is exact arithmetic on what the [`document`] holds, so that whoever has it can recompute it offline. A department may
//! object to a score ([`objection`]); the [`register`] keeps objections, and a corrected score stands beside the first.

pub mod collect;
pub mod document;
pub mod exact;
pub mod facts;
pub mod formula;
pub mod measures;
pub mod objection;
pub mod period;
pub mod points;
pub mod recompute;
pub mod register;
pub mod scheme;
pub mod score;
pub mod tally;
pub mod workbook;

pub use document::{Document, Evaluated};
pub use objection::{Objection, ObjectionStep};
pub use period::EvaluationPeriod;
pub use register::Register;
pub use scheme::{Scheme, SchemeError, Schemes};

#[cfg(test)]
mod tests;
