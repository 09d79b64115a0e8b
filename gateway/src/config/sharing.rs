//! Sharing between departments.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How requests for data are judged.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SharingConfig {
    /// Limits in place of those of Decree 809; relative to the data directory.
    pub limits: Option<PathBuf>,
}
