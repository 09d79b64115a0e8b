//! `natbase.toml`: one typed struct per concern, read once, passed down. Unknown keys are refused with their place.

mod accounts;
mod audit;
mod evaluation;
mod export;
mod http;
mod oidc;
mod people;
mod policy;
mod seals;
mod sharing;
mod storage;
mod tokens;

pub use accounts::AccountsConfig;
pub use audit::AuditConfig;
pub use evaluation::EvaluationConfig;
pub use export::ExportConfig;
pub use http::HttpConfig;
pub use oidc::OidcConfig;
pub use people::PeopleConfig;
pub use policy::PolicyConfig;
pub use seals::SealsConfig;
pub use sharing::SharingConfig;
pub use storage::StorageConfig;
pub use tokens::TokenConfig;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// The whole configuration; every part has defaults.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Config {
    /// Address, limits, timeouts.
    pub http: HttpConfig,
    /// Who signs tokens and for whom.
    pub tokens: TokenConfig,
    /// People, programs and keys that sign in here.
    pub accounts: AccountsConfig,
    /// The identity provider by which people sign in; absent = none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oidc: Option<OidcConfig>,
    /// Policies and grants.
    pub policy: PolicyConfig,
    /// Sharing between departments.
    pub sharing: SharingConfig,
    /// Guards of data on persons.
    pub people: PeopleConfig,
    /// Performance evaluation.
    pub evaluation: EvaluationConfig,
    /// Records as files.
    pub export: ExportConfig,
    /// The audit log.
    pub audit: AuditConfig,
    /// Sealing of personal records.
    pub seals: SealsConfig,
    /// Memory of store and index.
    pub storage: StorageConfig,
}

/// A configuration that cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// Not TOML of this shape, or an unknown key; the message gives line and column.
    #[error("{}: {message}", file.display())]
    Syntax { file: PathBuf, message: String },
}

impl Config {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// [`ConfigError`] with file, line and reason.
    pub fn read(file: &Path) -> Result<Self, ConfigError> {
        let text = std::fs::read_to_string(file)
            .map_err(|source| ConfigError::Unreadable { file: file.to_owned(), source })?;
        toml::from_str(&text)
            .map_err(|e| ConfigError::Syntax { file: file.to_owned(), message: e.to_string().trim_end().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_refused_with_its_line() {
        let dir = tempfile::tempdir().expect("a directory");
        let file = dir.path().join("natbase.toml");
        std::fs::write(&file, "[http]\naddress = \"127.0.0.1:1\"\nadress = 1\n").expect("written");
        let message = Config::read(&file).expect_err("unknown key").to_string();
        assert!(message.contains("line 3") && message.contains("adress"), "{message}");
    }

    #[test]
    fn every_key_has_a_default() {
        assert_eq!(toml::from_str::<Config>("").expect("empty"), Config::default());
    }
}
