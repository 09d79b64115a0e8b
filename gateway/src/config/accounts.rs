//! People, programs and keys that sign in here.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// How sign-ins are judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct AccountsConfig {
    /// The gateway's address as its callers know it, without a slash at the end: what assertions of programs are made for.
    pub address: String,
    /// Seconds that an access token holds.
    pub access_s: i64,
    /// Seconds that a session lasts at the most.
    pub session_s: i64,
    /// Days after which a password is to be changed.
    pub password_days: i64,
    /// Whether readers need a second factor too; whoever may do more always does.
    pub second_factor_for_readers: bool,
    /// Passwords and words that are refused besides the built-in ones, one a line; relative to the data directory.
    pub denied_passwords: Option<PathBuf>,
}

impl Default for AccountsConfig {
    fn default() -> Self {
        Self {
            address: "http://127.0.0.1:8080".into(),
            access_s: 600,
            session_s: 8 * 3_600,
            password_days: 90,
            second_factor_for_readers: true,
            denied_passwords: None,
        }
    }
}
