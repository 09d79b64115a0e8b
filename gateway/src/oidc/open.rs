//! The provider as it is configured: checked once, at the start.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::address::Address;
use super::client::Proof;
use super::fetch::{self, Fetch};
use super::id_token::is_subject;
use super::{Provider, RETURN};
use crate::accounts::Vault;
use crate::config::{AccountsConfig, OidcConfig};

/// Why nobody signs in by a provider: the configuration is not sound.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum OidcConfigError {
    /// A key's value breaks a rule.
    #[error("[oidc] {key}: {rule}")]
    Unsound { key: &'static str, rule: &'static str },
    /// A file that it names.
    #[error("[oidc] {key}: {}: {source}", file.display())]
    File { key: &'static str, file: PathBuf, source: io::Error },
}

impl Provider {
    /// Checks the configuration and reads its files. The provider is not asked: that it is down stops no start.
    ///
    /// # Errors
    /// [`OidcConfigError`].
    pub fn open(config: &OidcConfig, accounts: &AccountsConfig, data: &Path) -> Result<Self, OidcConfigError> {
        let unsound = |key, rule| OidcConfigError::Unsound { key, rule };
        let issuer = Address::read(&config.issuer).map_err(|rule| unsound("issuer", rule))?;
        if config.issuer.contains('?') {
            return Err(unsound("issuer", "an issuer has no query"));
        }
        if !is_subject(&config.client_id) {
            return Err(unsound("client-id", "is not a text of 1 to 255 ASCII characters"));
        }
        let base = config.redirect_base.as_deref().unwrap_or(&accounts.address).trim_end_matches('/');
        let redirect = Address::read(&format!("{base}{RETURN}")).map_err(|rule| unsound("redirect-base", rule))?;
        let origin = |text: &String| Address::read(text).map(|address| address.origin().to_owned());
        let origins: Result<BTreeSet<String>, _> = config.origins.iter().map(origin).collect();
        let origins = origins.map_err(|rule| unsound("origins", rule))?;
        if !(1..=30).contains(&config.timeout_s) {
            return Err(unsound("timeout-s", "is 1 to 30"));
        }
        let is_https = issuer.is_https() || origins.iter().any(|origin| origin.starts_with("https:"));
        if is_https && config.authorities.is_none() {
            return Err(unsound("authorities", "is needed with https: whose certificates are trusted"));
        }
        let file = |key, file: &Path| {
            let file = data.join(file);
            move |source| OidcConfigError::File { key, file, source }
        };
        let proof = match (&config.client_key, &config.client_secret) {
            (Some(key), None) => {
                Proof::key(&data.join(key), config.client_key_id.clone()).map_err(file("client-key", key))?
            }
            (None, Some(secret)) => Proof::secret(&data.join(secret)).map_err(file("client-secret", secret))?,
            _ => return Err(unsound("client-key", "one of client-key and client-secret is needed, and not both")),
        };
        let named = config.authorities.as_deref().unwrap_or(Path::new(""));
        let authorities = config.authorities.as_ref().map(|file| data.join(file));
        let authorities = fetch::authorities(authorities.as_deref()).map_err(file("authorities", named))?;
        let own = Path::new("keys/oidc.key");
        let key = crate::keys::read_or_make(&data.join(own), || crate::accounts::random(32));
        let vault = key.and_then(|key| Vault::new(&key)).map_err(file("keys", own))?;
        Ok(Self {
            fetch: Fetch::new(Duration::from_secs(config.timeout_s), authorities),
            config: config.clone(),
            issuer,
            origins,
            redirect,
            proof,
            vault,
            known: tokio::sync::Mutex::default(),
        })
    }
}
