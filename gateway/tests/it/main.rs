//! The gateway as its callers see it, over base databases that answer from a table.

#![allow(
    clippy::items_after_statements,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may unwrap"
)]

mod access;
mod audit;
mod base;
mod decisions;
mod http;
mod interference;
mod proofs;
mod sharing;
mod tokens;
mod world;
