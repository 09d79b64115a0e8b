//! Sealing of personal records.

use std::path::PathBuf;

use foundation::store::Suite;
use serde::{Deserialize, Serialize};

/// What personal records (grade 3 and above) are sealed with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct SealsConfig {
    /// File of the master keys, outside the data directory. Default: beside it, `<data directory>.master-keys.toml`.
    pub master_keys: Option<PathBuf>,
    /// Algorithms of keys made from now on: `aes-256-gcm` or `sm4-gcm`.
    pub suite: Suite,
}
