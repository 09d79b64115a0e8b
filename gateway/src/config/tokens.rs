//! Who signs tokens and for whom.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How bearer tokens are judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct TokenConfig {
    /// The `iss` every token must carry.
    pub issuer: String,
    /// The `aud` every token must name.
    pub audience: String,
    /// JWKS file with the issuer's public keys; relative to the data directory. Read again when it changes.
    pub jwks: PathBuf,
    /// Seconds of clock difference forgiven on `exp` and `nbf`, at most 60.
    pub leeway_s: u64,
    /// Failed tokens a minute and peer before 429.
    pub failures_per_minute_max: u32,
}

impl Default for TokenConfig {
    fn default() -> Self {
        Self {
            issuer: "natbase".into(),
            audience: "natbase".into(),
            jwks: "jwks.json".into(),
            leeway_s: 30,
            failures_per_minute_max: 60,
        }
    }
}
