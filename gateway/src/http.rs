//! HTTP: one table of routes, from which router and `/openapi.json` are made; each route reads a request into an `Ask`.
//!
//! [`routes::ALL`] is the table. `endpoint.rs` is what every route does: read, [`crate::flow::answer`], respond.
//! Health, metrics and the description stand outside the query path and hold no data.

mod accesses;
mod accounts;
mod batches;
mod changes;
mod compiling;
mod correction;
mod delivery;
mod endpoint;
mod evaluation;
mod exports;
pub(crate) mod form;
mod governance;
mod oauth;
pub(crate) mod ogc;
mod operations;
pub(crate) mod params;
mod people;
pub mod receipt;
mod records;
pub(crate) mod routes;
mod search;
mod server;
mod sharing;

pub use endpoint::respond_problem;
pub use routes::{Body, Param, ParamKind, Route};
pub use server::{router, serve};

use foundation::record::BatchId;

/// Every route: method, name, path template.
#[must_use]
pub fn route_list() -> Vec<(&'static str, &'static str, &'static str)> {
    routes::all().map(|r| (r.method, r.id, r.path)).collect()
}

/// Media types that a route takes as a file.
pub(crate) fn upload_types(route: &Route) -> Vec<&'static str> {
    match route.id {
        "entryFile" => compiling::FORMATS.iter().map(|(name, _)| *name).collect(),
        _ => batches::FORMATS.iter().map(|(name, _)| *name).collect(),
    }
}

/// Lowercase hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |n: u8| char::from(DIGITS.get(usize::from(n)).copied().unwrap_or(b'0'));
    bytes.iter().flat_map(|b| [digit(b >> 4), digit(b & 15)]).collect()
}

/// A batch's id as text: `b` and 16 hex digits.
#[must_use]
pub fn batch_text(batch: BatchId) -> String {
    format!("b{:016x}", batch.0)
}

/// Reads [`batch_text`].
#[must_use]
pub fn batch_id(text: &str) -> Option<BatchId> {
    let digits = text.strip_prefix('b').filter(|d| d.len() == 16 && !d.starts_with('+'))?;
    u64::from_str_radix(digits, 16).ok().map(BatchId)
}
