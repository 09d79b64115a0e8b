//! The gateway of natbase: the only crate that knows HTTP, callers and JSON; it builds the program `natbase`.
//!
//! Start at [`flow::answer`], the one way from a question to an answer; [`http`] parses requests into an [`ask::Ask`],
//! [`app::App`] holds what a running gateway needs. Not here: what records are (`foundation`), what a domain knows (the five).

pub mod accesses;
pub mod accounts;
pub mod alarms;
pub mod app;
pub mod ask;
pub mod audit;
pub mod catalogue;
pub mod cli;
pub mod config;
mod cursor;
pub mod erasing;
pub mod evaluation;
pub mod exports;
pub mod flow;
pub mod http;
pub mod journal;
mod json;
pub mod keys;
mod mask;
pub mod master_keys;
pub mod metrics;
mod ogc;
pub mod oidc;
pub mod openapi;
pub mod policy;
pub mod portal;
pub mod problem;
pub mod releases;
pub mod sandbox;
pub mod sharing;
pub mod token;
mod usage;

pub use catalogue::{Catalogue, Labels};
