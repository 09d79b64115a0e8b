//! End-to-end tests against the built `natbase`, and tests of the house itself.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::duration_suboptimal_units,
    clippy::assigning_clones,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod accounts;
mod clients;
mod companies;
mod cql2;
mod disk;
mod first_load;
mod house;
mod hygiene;
mod judged;
mod kill;
mod program;
mod refusals;
mod registering;
mod schema;
mod scn;
mod seals;
mod sharing;
mod tour;
