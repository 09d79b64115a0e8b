//! Records as files.

use serde::{Deserialize, Serialize};

/// How many files are made, how large they may be, how long they are kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExportConfig {
    /// Days after which a job and its file are deleted.
    pub keep: u16,
    /// Jobs that run at the same time, 1 to 64; others wait.
    pub at_once: usize,
    /// Jobs that one account keeps at the most, ended ones among them.
    pub kept_max: usize,
    /// Rows of a file.
    pub rows_max: u64,
    /// Bytes of a file.
    pub bytes_max: u64,
    /// Hours that a job may run.
    pub hours_max: u16,
}

impl Default for ExportConfig {
    fn default() -> Self {
        Self { keep: 7, at_once: 2, kept_max: 20, rows_max: 50_000_000, bytes_max: 20 << 30, hours_max: 12 }
    }
}
