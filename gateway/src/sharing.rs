//! Sharing between departments (Decree 809): from a request to a grant, its use and its end, with the clocks of the law. What is
//! opened conditionally goes to companies by the same steps ([`opening`]).
//!
//! A [`Case`] is the events that made it; [`step`] is the table of what may follow on what, [`take`] judges one step,
//! [`clocks`] works out what is due when, [`desk`] keeps the events. A case that is active gives a grant, and only then.

pub mod calendar;
pub mod case;
pub mod clocks;
pub mod correction;
pub mod desk;
pub mod limits;
mod offered;
pub mod opening;
pub mod return_flow;
pub mod sandbox;
pub mod step;
pub mod take;

pub use calendar::{Calendar, Due};
pub use case::{Actor, Case, Event, Kind};
pub use correction::{Correction, CorrectionState, CorrectionStep};
pub use desk::{Desk, DeskError};
pub use limits::Limits;
pub use offered::offered;
pub use step::{Outcome, Said, State, Verb};

#[cfg(test)]
mod tests;
