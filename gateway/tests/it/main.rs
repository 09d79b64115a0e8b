//! The gateway as its callers see it, over base databases that answer from a table.

mod access;
mod audit;
mod base;
mod http;
mod tokens;
mod world;
