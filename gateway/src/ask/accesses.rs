//! Who looked at the caller's own record.

use foundation::value::Instant;

/// Accesses to the caller's own record, the newest first.
#[derive(Debug, Clone, Default)]
pub struct AccessesRequest {
    /// Not before.
    pub from: Option<Instant>,
    /// Before.
    pub to: Option<Instant>,
    /// Position of the page before.
    pub cursor: Option<String>,
    /// Most accesses.
    pub limit: usize,
}
