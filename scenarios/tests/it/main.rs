//! End-to-end tests against the built `natbase`, and tests of the house itself.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may unwrap"
)]

mod house;
