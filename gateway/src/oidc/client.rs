//! How the gateway proves itself to the provider: a signed assertion (RFC 7523), or a secret.

use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, EncodingKey};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use crate::accounts::Secret;

/// Seconds that an assertion holds.
const ASSERTION_S: i64 = 60;
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// What the gateway proves itself with.
pub(super) enum Proof {
    /// `private_key_jwt`.
    Key { key: Box<EncodingKey>, algorithm: Algorithm, kid: Option<String> },
    /// `client_secret_basic`.
    Secret(Secret),
}

/// What goes along with a question at the token endpoint.
#[derive(Default)]
pub(super) struct Proven {
    pub(super) members: Vec<(&'static str, String)>,
    pub(super) authorization: Option<String>,
}

impl Proof {
    /// Reads a private key.
    ///
    /// # Errors
    /// Of the file system; a file that others may read; no key of Ed25519, P-256 or RSA in PEM.
    pub(super) fn key(file: &Path, kid: Option<String>) -> io::Result<Self> {
        let pem = private(file)?;
        let ed = EncodingKey::from_ed_pem(&pem).map(|key| (key, Algorithm::EdDSA));
        let known = ed
            .or_else(|_| EncodingKey::from_ec_pem(&pem).map(|key| (key, Algorithm::ES256)))
            .or_else(|_| EncodingKey::from_rsa_pem(&pem).map(|key| (key, Algorithm::RS256)));
        let usable = known.ok().filter(|(key, algorithm)| jsonwebtoken::crypto::sign(b"x", key, *algorithm).is_ok());
        let (key, algorithm) =
            usable.ok_or_else(|| io::Error::other("holds no private key of Ed25519, P-256 or RSA in PEM"))?;
        Ok(Self::Key { key: Box::new(key), algorithm, kid })
    }

    /// Reads a secret: the file's text, without blanks around it.
    ///
    /// # Errors
    /// Of the file system; a file that others may read, or that holds no text.
    pub(super) fn secret(file: &Path) -> io::Result<Self> {
        let text = String::from_utf8(private(file)?).map_err(|_| io::Error::other("holds no text"))?;
        match text.trim() {
            "" => Err(io::Error::other("is empty")),
            text => Ok(Self::Secret(Secret::new(text))),
        }
    }

    /// The method's name in discovery documents.
    pub(super) fn method(&self) -> &'static str {
        match self {
            Self::Key { .. } => "private_key_jwt",
            Self::Secret(_) => "client_secret_basic",
        }
    }

    /// Proves that `client` asks. The assertion is for the issuer alone: one that is for the token endpoint's address could be
    /// made to fit another provider's.
    ///
    /// # Errors
    /// If there are no random numbers, or the key does not sign.
    pub(super) fn prove(&self, client: &str, issuer: &str, now_s: i64) -> io::Result<Proven> {
        match self {
            Self::Key { key, algorithm, kid } => {
                let mut header = json!({"alg": algorithm_name(*algorithm), "typ": "JWT"});
                if let (Some(kid), Some(map)) = (kid, header.as_object_mut()) {
                    map.insert("kid".into(), json!(kid));
                }
                let claims = json!({
                    "iss": client, "sub": client, "aud": issuer, "jti": Secret::random(16)?.reveal(),
                    "iat": now_s, "exp": now_s.saturating_add(ASSERTION_S),
                });
                let encode = |part: &serde_json::Value| URL_SAFE_NO_PAD.encode(part.to_string());
                let message = format!("{}.{}", encode(&header), encode(&claims));
                let signature = jsonwebtoken::crypto::sign(message.as_bytes(), key, *algorithm)
                    .map_err(|_| io::Error::other("the client's key does not sign"))?;
                let members = vec![
                    ("client_id", client.to_owned()),
                    ("client_assertion_type", ASSERTION_TYPE.to_owned()),
                    ("client_assertion", format!("{message}.{signature}")),
                ];
                Ok(Proven { members, authorization: None })
            }
            Self::Secret(secret) => {
                // Both are written as in a form first (RFC 6749 section 2.3.1).
                let escaped = |text: &str| utf8_percent_encode(text, NON_ALPHANUMERIC).to_string();
                let pair = format!("{}:{}", escaped(client), escaped(secret.reveal()));
                let authorization = Some(format!("Basic {}", STANDARD.encode(pair)));
                Ok(Proven { members: Vec::new(), authorization })
            }
        }
    }
}

fn algorithm_name(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::EdDSA => "EdDSA",
        Algorithm::ES256 => "ES256",
        _ => "RS256",
    }
}

/// Reads a file that nobody else may read.
fn private(file: &Path) -> io::Result<Vec<u8>> {
    if std::fs::metadata(file)?.permissions().mode() & 0o077 != 0 {
        return Err(io::Error::other("others may read it; run `chmod 600` on it"));
    }
    std::fs::read(file)
}
