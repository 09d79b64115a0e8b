//! Performance evaluation.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How departments are evaluated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct EvaluationConfig {
    /// Schemes in place of the proposal that comes with the program; relative to the data directory.
    pub scheme: Option<PathBuf>,
}
