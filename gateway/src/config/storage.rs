//! Memory of store and index.

use serde::{Deserialize, Serialize};

/// What store and index may use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct StorageConfig {
    /// MiB shared by the store's caches and write buffers.
    pub memory_mib: u32,
}

impl Default for StorageConfig {
    fn default() -> Self {
        Self { memory_mib: 416 }
    }
}
