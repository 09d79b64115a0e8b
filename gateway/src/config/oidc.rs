//! An identity provider by which people sign in.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// The one identity provider that is asked (OpenID Connect Core 1.0). Without this part nobody signs in by one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OidcConfig {
    /// The provider's issuer, exactly as it writes it: https, or http on this machine.
    pub issuer: String,
    /// Who the gateway is to the provider.
    pub client_id: String,
    /// What the button on the sign-in page calls the provider; absent = the issuer's host.
    #[serde(default)]
    pub name: Option<String>,
    /// Private key by which the gateway proves itself (`private_key_jwt`): PEM, Ed25519, P-256 or RSA, mode 0600; relative to
    /// the data directory.
    #[serde(default)]
    pub client_key: Option<PathBuf>,
    /// `kid` under which the provider knows that key.
    #[serde(default)]
    pub client_key_id: Option<String>,
    /// File with the secret by which it proves itself otherwise (`client_secret_basic`), mode 0600; relative to the data directory.
    #[serde(default)]
    pub client_secret: Option<PathBuf>,
    /// Certificates of the authorities that the provider's own is checked with, PEM; relative to the data directory. Needed with
    /// https: nobody is trusted unasked.
    #[serde(default)]
    pub authorities: Option<PathBuf>,
    /// The gateway's address that the provider sends people back to; absent = `[accounts] address`.
    #[serde(default)]
    pub redirect_base: Option<String>,
    /// Origins besides the issuer's own that its discovery document may name.
    #[serde(default)]
    pub origins: Vec<String>,
    /// Values of `acr` that mean a second factor: one of them has to be said, unless the list is empty.
    #[serde(default)]
    pub second_factor_acr: Vec<String>,
    /// Values of `amr` (RFC 8176) that mean a second factor: one of them has to be said, unless the list is empty.
    #[serde(default)]
    pub second_factor_amr: Vec<String>,
    /// Seconds after which an answer of the provider is not waited for any longer, 1 to 30.
    #[serde(default = "timeout_s")]
    pub timeout_s: u64,
}

fn timeout_s() -> u64 {
    5
}
