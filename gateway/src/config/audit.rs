//! The audit log.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How the audit log is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AuditConfig {
    /// Directory, relative to the data directory.
    pub directory: PathBuf,
    /// MiB of a preallocated segment.
    pub segment_mib: u32,
    /// Most microseconds a group waits for company when many requests are in flight.
    pub gather_us_max: u64,
    /// Hash of the tree and signature of its checkpoints: `sha256` with Ed25519, or `sm3` with SM2.
    pub suite: String,
    /// Name of the log in its checkpoints; every node has its own.
    pub origin: String,
    /// A directory outside the data directory that gets every checkpoint too.
    pub witness: Option<PathBuf>,
}

impl Default for AuditConfig {
    fn default() -> Self {
        Self {
            directory: "audit".into(),
            segment_mib: 32,
            gather_us_max: 200,
            suite: "sha256".into(),
            origin: "natbase/audit".into(),
            witness: None,
        }
    }
}
