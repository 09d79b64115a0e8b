//! Guards of data on persons.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How many persons are looked at, and what raises an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PeopleConfig {
    /// Most distinct persons a day that one department is told about, under all its grants together.
    pub persons_per_day_max: u64,
    /// Most numbers a minute that one caller may try without finding what he claims; beyond it nothing is answered until
    /// the minute is over, and an alarm stands in the audit log.
    pub misses_per_minute_max: u32,
    /// Records that nobody has a reason to look at, a line `database/dataset ID` each; who is given one raises an alarm.
    pub canaries: Option<PathBuf>,
    /// Rules on what persons are told of accesses to their records, in place of those that come with the program.
    pub access_rules: Option<PathBuf>,
}

impl Default for PeopleConfig {
    fn default() -> Self {
        Self { persons_per_day_max: 100_000, misses_per_minute_max: 10_000, canaries: None, access_rules: None }
    }
}
