//! Verifying tokens, with the cache and the reloaded key set.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde_json::{Map, Value};

use super::claims::{Claims, Roles};
use super::keys::{KeySet, KeysError};
use super::limiter::Limiter;
use crate::config::TokenConfig;

/// Longest token, in bytes.
pub(crate) const TOKEN_BYTES_MAX: usize = 8 * 1_024;
/// Longest time a verified token is believed without another check.
const CACHE_S: u64 = 300;

/// Who a verified token speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Subject.
    pub subject: Arc<str>,
    /// Credit code of the department.
    pub department: Option<Arc<str>>,
    /// Roles.
    pub roles: Roles,
    /// Officer.
    pub officer: Option<Arc<str>>,
    /// Seconds since 1970 at which it ends.
    pub expires_s: i64,
    /// Whether this gateway signed it for one of its own accounts.
    pub own: bool,
    /// How often the rights of the account had changed when it was signed.
    pub epoch: Option<u64>,
    /// The session that it belongs to.
    pub session: Option<Arc<str>>,
    /// Id of the record of `population/persons` that a citizen is.
    pub record: Option<Arc<str>>,
    /// Credit code of the company.
    pub company: Option<Arc<str>>,
    not_before_s: i64,
    keys: u64,
}

/// Why a token is refused. The client hears only that it is; the audit entry says why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Malformed, unknown key, bad signature, wrong issuer, audience or time.
    #[error("{0}")]
    Invalid(&'static str),
    /// Too many failures from this peer.
    #[error("too many failed tokens from this peer")]
    TooMany,
}

/// Verifies bearer tokens. Cost: a cached token one SHA-256 and one map look-up; else a signature check.
pub struct Verifier {
    config: TokenConfig,
    file: PathBuf,
    keys: ArcSwap<KeySet>,
    own: ArcSwap<KeySet>,
    generation: AtomicU64,
    stamp: Mutex<Option<(SystemTime, u64)>>,
    cache: moka::sync::Cache<[u8; 32], Arc<Verified>>,
    limiter: Limiter,
}

impl Verifier {
    /// Reads the key set. A file that does not exist is an empty set: every token is refused until it appears.
    ///
    /// # Errors
    /// [`KeysError`] if the file is there and broken.
    pub fn open(config: &TokenConfig, file: PathBuf) -> Result<Self, KeysError> {
        let stamp = stamp(&file);
        let keys = if stamp.is_some() { KeySet::read(&file)? } else { KeySet::empty() };
        Ok(Self {
            limiter: Limiter::new(config.failures_per_minute_max),
            config: TokenConfig { leeway_s: config.leeway_s.min(60), ..config.clone() },
            file,
            keys: ArcSwap::from_pointee(keys),
            own: ArcSwap::from_pointee(KeySet::empty()),
            generation: AtomicU64::new(1),
            stamp: Mutex::new(stamp),
            cache: moka::sync::Cache::builder()
                .max_capacity(100_000)
                .time_to_live(Duration::from_secs(CACHE_S))
                .build(),
        })
    }

    /// Reads the key set again if its file has changed; every kept token is then checked anew.
    /// A broken or missing file keeps the old set and is logged.
    pub fn refresh(&self) {
        let now = stamp(&self.file);
        let Ok(mut known) = self.stamp.lock() else { return };
        if *known == now {
            return;
        }
        *known = now;
        match KeySet::read(&self.file) {
            Ok(keys) => {
                tracing::info!(keys = keys.len(), "token keys read again");
                self.keys.store(Arc::new(keys));
                self.generation.fetch_add(1, Ordering::SeqCst);
                self.cache.invalidate_all();
            }
            Err(error) => tracing::error!(%error, "token keys are broken; the old set stays"),
        }
    }

    /// Trusts this key set, and no other, for the gateway's own accounts; every kept token is then checked anew.
    pub(crate) fn trust_own(&self, keys: KeySet) {
        self.own.store(Arc::new(keys));
        self.generation.fetch_add(1, Ordering::SeqCst);
        self.cache.invalidate_all();
    }

    /// Whether `peer` has used up its failures for this minute.
    pub(crate) fn is_exhausted(&self, peer: Option<IpAddr>) -> bool {
        self.limiter.is_exhausted(peer)
    }

    /// Counts a failed sign-in of `peer`.
    pub(crate) fn count_failure(&self, peer: Option<IpAddr>) {
        self.limiter.count(peer);
    }

    /// Verifies `token` at `now_s` (seconds since 1970); `peer` is where failures are counted.
    ///
    /// # Errors
    /// [`TokenError`].
    pub fn verify(&self, token: &str, peer: Option<IpAddr>, now_s: i64) -> Result<Arc<Verified>, TokenError> {
        if token.len() > TOKEN_BYTES_MAX {
            return Err(TokenError::Invalid("the token is longer than 8 KiB"));
        }
        let mut key = [0_u8; 32];
        key.copy_from_slice(digest::digest(&digest::SHA256, token.as_bytes()).as_ref());
        let generation = self.generation.load(Ordering::SeqCst);
        if let Some(known) = self.cache.get(&key).filter(|v| v.keys == generation) {
            self.in_time(known.expires_s, known.not_before_s, now_s).map_err(TokenError::Invalid)?;
            return Ok(known);
        }
        if self.limiter.is_exhausted(peer) {
            return Err(TokenError::TooMany);
        }
        match self.check(token, now_s, generation) {
            Ok(verified) => {
                let verified = Arc::new(verified);
                self.cache.insert(key, Arc::clone(&verified));
                Ok(verified)
            }
            Err(reason) => {
                self.limiter.count(peer);
                Err(TokenError::Invalid(reason))
            }
        }
    }

    fn check(&self, token: &str, now_s: i64, generation: u64) -> Result<Verified, &'static str> {
        let (own, keys) = (self.own.load(), self.keys.load());
        let mut is_own = false;
        let opened = open(token, |kid| {
            is_own = own.get(kid).is_some();
            own.get(kid).or_else(|| keys.get(kid))
        })?;
        let claims = Claims::read(&opened.payload)?;
        if claims.issuer != self.config.issuer {
            return Err("another issuer");
        }
        if !claims.audience.contains(&self.config.audience) {
            return Err("another audience");
        }
        let not_before_s = claims.not_before_s.unwrap_or(0);
        self.in_time(claims.expires_s, not_before_s, now_s)?;
        Ok(Verified {
            subject: claims.subject.into(),
            department: claims.department.map(Into::into),
            roles: claims.roles,
            officer: claims.officer.map(Into::into),
            expires_s: claims.expires_s,
            not_before_s,
            keys: generation,
            own: is_own,
            epoch: claims.epoch,
            session: claims.session.map(Into::into),
            record: claims.record.map(Into::into),
            company: claims.company.map(Into::into),
        })
    }

    fn in_time(&self, expires_s: i64, not_before_s: i64, now_s: i64) -> Result<(), &'static str> {
        let leeway = i64::try_from(self.config.leeway_s).unwrap_or(0);
        if now_s >= expires_s.saturating_add(leeway) {
            return Err("expired");
        }
        if now_s < not_before_s.saturating_sub(leeway) {
            return Err("not valid yet");
        }
        Ok(())
    }
}

/// A JWT whose signature holds.
pub(crate) struct Opened {
    /// The claims, unread.
    pub(crate) payload: Map<String, Value>,
}

/// Opens a JWT with the key that its `kid` names: form, header, algorithm, signature. Who, when and for whom is the caller's.
///
/// # Errors
/// The first rule that is broken.
pub(crate) fn open<'a>(
    token: &str,
    key: impl FnOnce(&str) -> Option<&'a (Algorithm, DecodingKey)>,
) -> Result<Opened, &'static str> {
    let mut parts = token.split('.');
    let (Some(header), Some(payload), Some(signature), None) = (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err("not a JWT of three parts");
    };
    let (named, kid) = read_header(header)?;
    let (algorithm, key) = key(&kid).ok_or("no key of this `kid`")?;
    if named != *algorithm {
        return Err("`alg` is not that of the key");
    }
    let message = token.get(..header.len() + 1 + payload.len()).ok_or("not a JWT of three parts")?;
    if !jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, *algorithm).unwrap_or(false) {
        return Err("the signature does not hold");
    }
    Ok(Opened { payload: object(payload)? })
}

/// Algorithm and key id of a header that says nothing else of weight.
fn read_header(part: &str) -> Result<(Algorithm, String), &'static str> {
    let header = object(part)?;
    for (name, value) in &header {
        match name.as_str() {
            "alg" | "kid" => {}
            "typ" => {
                let typ = value.as_str().ok_or("`typ` is not text")?;
                if !["jwt", "at+jwt", "application/at+jwt"].contains(&typ.to_ascii_lowercase().as_str()) {
                    return Err("`typ` is not JWT");
                }
            }
            _ => return Err("the header holds a member other than alg, kid, typ"),
        }
    }
    let algorithm = match header.get("alg").and_then(Value::as_str) {
        Some("EdDSA" | "Ed25519") => Algorithm::EdDSA,
        Some("ES256") => Algorithm::ES256,
        Some("RS256") => Algorithm::RS256,
        _ => return Err("`alg` is none of EdDSA, ES256, RS256"),
    };
    let kid = header.get("kid").and_then(Value::as_str).ok_or("`kid` is missing")?;
    Ok((algorithm, kid.to_owned()))
}

fn object(part: &str) -> Result<Map<String, Value>, &'static str> {
    let bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| "a part is not base64url")?;
    match crate::json::strict(&bytes) {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err("a part is not one JSON object without repeated members"),
    }
}

fn stamp(file: &std::path::Path) -> Option<(SystemTime, u64)> {
    let meta = std::fs::metadata(file).ok()?;
    Some((meta.modified().ok()?, meta.len()))
}
