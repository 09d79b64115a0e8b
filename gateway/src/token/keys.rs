//! The issuer's public keys, from a JWKS file (RFC 7517).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// A key set that cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum KeysError {
    /// The file cannot be read.
    #[error("{}: cannot be read", file.display())]
    Unreadable { file: PathBuf, source: std::io::Error },
    /// Not a JWKS.
    #[error("{}, line {line}: {reason}", file.display())]
    Broken { file: PathBuf, line: usize, reason: String },
}

/// Keys by id, each tied to the one algorithm it may be used with.
pub struct KeySet {
    keys: BTreeMap<String, (Algorithm, DecodingKey)>,
}

impl KeySet {
    /// No key at all: every token is refused.
    #[must_use]
    pub fn empty() -> Self {
        Self { keys: BTreeMap::new() }
    }

    /// Reads a JWKS file.
    ///
    /// # Errors
    /// [`KeysError`] with file, line and reason: not JSON, a private or symmetric key, an unknown type or curve,
    /// an RSA key under 2,048 bits, a key without or with a repeated `kid`.
    pub fn read(file: &Path) -> Result<Self, KeysError> {
        let text =
            std::fs::read_to_string(file).map_err(|source| KeysError::Unreadable { file: file.to_owned(), source })?;
        Self::parse(&text).map_err(|(line, reason)| KeysError::Broken { file: file.to_owned(), line, reason })
    }

    /// Reads a JWKS; an error carries the line.
    pub(super) fn parse(text: &str) -> Result<Self, (usize, String)> {
        let first = |reason: String| (line_in(&reason).unwrap_or(1), reason);
        let root = crate::json::strict(text.as_bytes()).map_err(first)?;
        let list = root.get("keys").and_then(Value::as_array).ok_or((1, "`keys` is not a list".to_owned()))?;
        let mut keys = BTreeMap::new();
        for (at, raw) in list.iter().enumerate() {
            let named = raw.get("kid").and_then(Value::as_str).unwrap_or_default();
            let line = line_of(text, named);
            let (kid, algorithm, key) = one(raw).map_err(|reason| (line, format!("key {}: {reason}", at + 1)))?;
            if keys.insert(kid.clone(), (algorithm, key)).is_some() {
                return Err((line, format!("`kid` {kid} stands twice")));
            }
        }
        Ok(Self { keys })
    }

    /// Reads the public keys of a program (RFC 7523): at least one, and only for ES256 and EdDSA.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn of_program(text: &str) -> Result<Self, String> {
        let set = Self::parse(text).map_err(|(_, reason)| reason)?;
        if set.is_empty() {
            return Err("holds no key".into());
        }
        if set.keys.values().any(|(algorithm, _)| !matches!(algorithm, Algorithm::ES256 | Algorithm::EdDSA)) {
            return Err("holds a key other than Ed25519 and P-256".into());
        }
        Ok(set)
    }

    /// The key called `kid` and its algorithm.
    #[must_use]
    pub fn get(&self, kid: &str) -> Option<&(Algorithm, DecodingKey)> {
        self.keys.get(kid)
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }
}

fn one(raw: &Value) -> Result<(String, Algorithm, DecodingKey), String> {
    for private in ["d", "p", "q", "k"] {
        if raw.get(private).is_some() {
            return Err(format!("holds the private member `{private}`; only public keys belong here"));
        }
    }
    let jwk: Jwk = serde_json::from_value(raw.clone()).map_err(|e| e.to_string())?;
    if jwk.common.public_key_use.as_ref().is_some_and(|u| *u != PublicKeyUse::Signature) {
        return Err("`use` is not `sig`".into());
    }
    let (algorithm, named) = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(p) if p.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        AlgorithmParameters::EllipticCurve(p) if p.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::RSA(p) if p.n.len() >= 342 => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::RSA(_) => return Err("an RSA key under 2,048 bits".into()),
        _ => return Err("not an Ed25519, P-256 or RSA public key".into()),
    };
    if jwk.common.key_algorithm.as_ref().is_some_and(|a| *a != named) {
        return Err(format!("`alg` does not go with the key: {named:?} expected"));
    }
    let kid = jwk.common.key_id.clone().filter(|k| !k.is_empty() && k.len() <= 128).ok_or("has no `kid`")?;
    let key = DecodingKey::from_jwk(&jwk).map_err(|e| e.to_string())?;
    Ok((kid, algorithm, key))
}

/// The line on which `needle` first stands, from 1.
fn line_of(text: &str, needle: &str) -> usize {
    let at = if needle.is_empty() { None } else { text.find(needle) };
    at.and_then(|at| text.get(..at)).map_or(1, |before| before.matches('\n').count() + 1)
}

fn line_in(reason: &str) -> Option<usize> {
    reason.split_once("line ")?.1.split(' ').next()?.parse().ok()
}
