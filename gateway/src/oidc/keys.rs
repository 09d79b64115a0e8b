//! The provider's public keys (RFC 7517), each tied to the algorithms it may be used with.

use std::collections::BTreeMap;

use jsonwebtoken::jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::Value;

/// Keys taken from one set, at the most.
const KEYS_MAX: usize = 64;

/// Keys by id.
pub(super) struct Keys(BTreeMap<String, (Vec<Algorithm>, DecodingKey)>);

impl Keys {
    /// Reads a set. Keys that no ID token may be signed with here are left out (RFC 7517 section 5): symmetric ones, ones for
    /// encryption, other types and curves, RSA under 2,048 bits, ones without `kid`.
    ///
    /// # Errors
    /// Not a set, too many keys, a private key, two keys of one `kid`, none that is left.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, &'static str> {
        let root = crate::json::strict(bytes).map_err(|_| "the provider's key set is not JSON")?;
        let list = root.get("keys").and_then(Value::as_array).ok_or("the provider's key set is not one")?;
        if list.len() > KEYS_MAX {
            return Err("the provider's key set holds more than 64 keys");
        }
        let mut keys = BTreeMap::new();
        for raw in list {
            if ["d", "p", "q"].iter().any(|private| raw.get(private).is_some()) {
                return Err("the provider's key set holds a private key");
            }
            if let Some((kid, algorithms, key)) = one(raw)
                && keys.insert(kid, (algorithms, key)).is_some()
            {
                return Err("two of the provider's keys have one `kid`");
            }
        }
        if keys.is_empty() { Err("the provider's key set holds no key that can be used") } else { Ok(Self(keys)) }
    }

    /// The key called `kid`, and the algorithms that it goes with.
    pub(super) fn get(&self, kid: &str) -> Option<&(Vec<Algorithm>, DecodingKey)> {
        self.0.get(kid)
    }
}

fn one(raw: &Value) -> Option<(String, Vec<Algorithm>, DecodingKey)> {
    let jwk: Jwk = serde_json::from_value(raw.clone()).ok()?;
    if jwk.common.public_key_use.as_ref().is_some_and(|of| *of != PublicKeyUse::Signature) {
        return None;
    }
    let fits: &[(Algorithm, KeyAlgorithm)] = match &jwk.algorithm {
        AlgorithmParameters::OctetKeyPair(p) if p.curve == EllipticCurve::Ed25519 => {
            &[(Algorithm::EdDSA, KeyAlgorithm::EdDSA)]
        }
        AlgorithmParameters::EllipticCurve(p) if p.curve == EllipticCurve::P256 => {
            &[(Algorithm::ES256, KeyAlgorithm::ES256)]
        }
        AlgorithmParameters::RSA(p) if p.n.len() >= 342 => {
            &[(Algorithm::RS256, KeyAlgorithm::RS256), (Algorithm::PS256, KeyAlgorithm::PS256)]
        }
        _ => return None,
    };
    let said = jwk.common.key_algorithm.as_ref();
    let algorithms = fits.iter().filter(|(_, named)| said.is_none_or(|said| said == named));
    let algorithms: Vec<Algorithm> = algorithms.map(|(algorithm, _)| *algorithm).collect();
    let kid = jwk.common.key_id.clone().filter(|kid| !kid.is_empty() && kid.len() <= 256)?;
    let key = DecodingKey::from_jwk(&jwk).ok()?;
    if algorithms.is_empty() { None } else { Some((kid, algorithms, key)) }
}
