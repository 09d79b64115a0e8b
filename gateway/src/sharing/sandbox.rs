//! Sandboxes: a department's right to ask synthetic rows of a dataset, given at once and for a few days.

use serde::{Deserialize, Serialize};

use super::case::Actor;
use crate::policy::Terms;

/// Most sandboxes of a department that are good at a time.
pub const GOOD_MAX: usize = 20;
/// Rows a day that a sandbox gives.
pub const ROWS_PER_DAY_MAX: u64 = 100_000;
/// What may be asked of synthetic rows.
pub const ACTS: [&str; 4] = ["get", "lookup", "list", "search"];
/// What the log says it was for.
pub const PURPOSE: &str = "沙箱试用（合成数据）";
/// What the log says it rests on: nothing real is given.
pub const GROUND: &str = "不涉及真实数据，无需共享依据";

/// A sandbox. It is never changed and ends by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sandbox {
    /// Its id, as in `Natbase-Grant`.
    pub id: String,
    /// When it was given, microseconds UTC.
    pub at_us: i64,
    /// To whom.
    pub by: Actor,
    /// Which fields of which dataset, from when to when.
    pub terms: Terms,
}
