//! Policies and grants.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// Where policies and grants are read from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyConfig {
    /// Directory of `*.cedar` policies in place of the built-in ones.
    pub directory: Option<PathBuf>,
    /// The reviewed grants; relative to the data directory. Absent = no grants.
    pub grants: PathBuf,
    /// Whether policies and grants that lie on disk come into force only when two security administrators have approved their
    /// digest.
    pub two_people: bool,
    /// Seconds a decision is kept, at most 5.
    pub decision_cache_s: u64,
}

impl Default for PolicyConfig {
    fn default() -> Self {
        Self { directory: None, grants: "grants.toml".into(), two_people: false, decision_cache_s: 5 }
    }
}
