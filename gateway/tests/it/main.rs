//! The gateway as its callers see it, over base databases that answer from a table.

#![allow(
    clippy::items_after_statements,
    clippy::format_push_string,
    clippy::format_collect,
    clippy::too_many_lines,
    clippy::cast_precision_loss,
    clippy::range_plus_one,
    clippy::needless_pass_by_value,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may unwrap"
)]

mod access;
mod accesses;
mod accounts;
mod assertions;
mod audit;
mod audit_reader;
mod base;
mod catalogue;
mod companies;
mod corrections;
mod decisions;
mod disclosure;
mod edges;
mod enemy;
mod erasure;
mod evaluation;
mod exports;
mod grants;
mod house;
mod http;
mod interference;
mod measure;
mod measure_proofs;
mod measure_seals;
mod oidc;
mod pages;
mod people;
mod policies;
mod proofs;
mod registering;
mod return_flow;
mod sandbox;
mod sharing;
mod timing;
mod tokens;
mod world;
