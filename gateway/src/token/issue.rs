//! An issuer of tokens for demonstrations, tests and small installations (`natbase token`).

use std::path::Path;

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::claims::Role;
use crate::config::TokenConfig;

/// A key of an issuer: an Ed25519 pair, its private half in a file of mode 0600.
pub struct Issuer {
    pair: Ed25519KeyPair,
    kid: String,
}

/// Why there is no issuer.
#[derive(Debug, thiserror::Error)]
pub enum IssuerError {
    /// The key file cannot be read or written.
    #[error("the issuer's key file cannot be used")]
    Io(#[from] std::io::Error),
    /// The key file holds something else.
    #[error("the issuer's key file is damaged")]
    Damaged,
}

/// Whom a token is for.
#[derive(Debug, Clone, Default)]
pub struct Subject {
    /// `sub`.
    pub subject: String,
    /// Credit code of the department.
    pub department: Option<String>,
    /// Roles.
    pub roles: Vec<Role>,
    /// Officer.
    pub officer: Option<String>,
    /// Id of the record of `population/persons` that a citizen is.
    pub record: Option<String>,
    /// Credit code of the company.
    pub company: Option<String>,
}

/// What a token is bound to besides its time.
#[derive(Debug, Clone, Default)]
pub struct Bound {
    /// How often the rights of the account have changed.
    pub epoch: Option<u64>,
    /// The session.
    pub session: Option<String>,
}

impl Issuer {
    /// Reads the issuer's key, or makes one.
    ///
    /// # Errors
    /// [`IssuerError`].
    pub fn open(file: &Path) -> Result<Self, IssuerError> {
        let pkcs8 = crate::keys::read_or_make(file, || {
            Ed25519KeyPair::generate_pkcs8(&aws_lc_rs::rand::SystemRandom::new())
                .map(|d| d.as_ref().to_vec())
                .map_err(|_| std::io::Error::other("no random numbers"))
        })?;
        let pair = Ed25519KeyPair::from_pkcs8(&pkcs8).map_err(|_| IssuerError::Damaged)?;
        let print = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, pair.public_key().as_ref());
        let kid = URL_SAFE_NO_PAD.encode(print.as_ref().get(..12).unwrap_or_default());
        Ok(Self { pair, kid })
    }

    /// The key set to publish (RFC 7517).
    #[must_use]
    pub fn jwks(&self) -> String {
        let x = URL_SAFE_NO_PAD.encode(self.pair.public_key().as_ref());
        let keys =
            json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.kid, "x": x}]});
        format!("{keys:#}\n")
    }

    /// A token for `subject`, from `now_s` for `seconds`. An owner is a department too, and the token says so.
    #[must_use]
    pub fn issue(&self, config: &TokenConfig, subject: &Subject, now_s: i64, seconds: i64) -> String {
        self.issue_bound(config, subject, &Bound::default(), now_s, seconds)
    }

    /// A token that holds no longer than what it is bound to.
    #[must_use]
    pub fn issue_bound(
        &self,
        config: &TokenConfig,
        subject: &Subject,
        bound: &Bound,
        now_s: i64,
        seconds: i64,
    ) -> String {
        let mut roles: Vec<&str> = subject.roles.iter().map(|r| r.as_str()).collect();
        if subject.roles.contains(&Role::Owner) && !subject.roles.contains(&Role::Department) {
            roles.push(Role::Department.as_str());
        }
        let mut claims = json!({
            "iss": config.issuer,
            "aud": config.audience,
            "sub": subject.subject,
            "iat": now_s,
            "nbf": now_s,
            "exp": now_s.saturating_add(seconds),
            "roles": roles,
        });
        if let Some(map) = claims.as_object_mut() {
            let texts = [
                ("department", &subject.department),
                ("officer", &subject.officer),
                ("record", &subject.record),
                ("company", &subject.company),
            ];
            for (name, value) in texts {
                if let Some(value) = value {
                    map.insert(name.into(), json!(value));
                }
            }
            if let Some(epoch) = bound.epoch {
                map.insert("epoch".into(), json!(epoch));
            }
            if let Some(session) = &bound.session {
                map.insert("sid".into(), json!(session));
            }
        }
        let header = json!({"alg": "EdDSA", "typ": "JWT", "kid": self.kid});
        self.sign(&header.to_string(), &claims.to_string())
    }

    /// Signs a header and claims as they are (tests make wrong ones with it).
    #[must_use]
    pub fn sign(&self, header: &str, claims: &str) -> String {
        let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
        let signature = self.pair.sign(message.as_bytes());
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature.as_ref()))
    }

    /// The key's id.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }
}
