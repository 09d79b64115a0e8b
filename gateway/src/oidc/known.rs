//! What is known of the provider: its document and its keys, kept for a while and asked for with restraint.

use std::sync::Arc;

use super::discovery::{self, Discovery};
use super::id_token::Head;
use super::keys::Keys;
use super::{OidcError, Provider};

/// Seconds after which the provider's document and keys are read again.
const KNOWN_S: i64 = 600;
/// Seconds between two readings for the sake of a `kid` that is not known.
const UNKNOWN_KID_S: i64 = 60;
/// Seconds in which a provider without a sound answer is not asked for its document again.
const DOWN_S: i64 = 5;

/// What was read, and when: seconds since 1970.
#[derive(Default)]
pub(super) struct Known {
    discovery: Option<(i64, Arc<Discovery>)>,
    keys: Option<(i64, Arc<Keys>)>,
    failed_s: Option<i64>,
}

impl Provider {
    /// The provider's document.
    pub(super) async fn discovery(&self, now_s: i64) -> Result<Arc<Discovery>, OidcError> {
        let mut known = self.known.lock().await;
        if let Some((at, discovery)) = &known.discovery
            && (*at..at.saturating_add(KNOWN_S)).contains(&now_s)
        {
            return Ok(Arc::clone(discovery));
        }
        // Whoever waits behind a provider that is down does not wait for it once more.
        if known.failed_s.is_some_and(|at| (at..at.saturating_add(DOWN_S)).contains(&now_s)) {
            return Err(OidcError::Down);
        }
        known.discovery = None;
        let place = discovery::place(&self.issuer).map_err(OidcError::Refused)?;
        known.failed_s = Some(now_s);
        let got = self.fetch.get(&place).await?;
        let read = discovery::read(&got, &self.issuer, &self.origins, self.proof.method());
        let discovery = Arc::new(read.map_err(OidcError::Refused)?);
        known.failed_s = None;
        known.discovery = Some((now_s, Arc::clone(&discovery)));
        Ok(discovery)
    }

    /// The provider's keys: read again after 10 minutes, and for a `kid` that is not among them, at most once a minute.
    pub(super) async fn keys(&self, discovery: &Discovery, head: &Head, now_s: i64) -> Result<Arc<Keys>, OidcError> {
        let mut known = self.known.lock().await;
        if let Some((at, keys)) = &known.keys {
            let age_s = now_s.saturating_sub(*at);
            let holds = (0..KNOWN_S).contains(&age_s);
            if holds && (head.is_in(keys) || age_s < UNKNOWN_KID_S) {
                return Ok(Arc::clone(keys));
            }
        }
        let got = self.fetch.get(&discovery.keys).await;
        let keys = Arc::new(Keys::read(&got?).map_err(OidcError::Refused)?);
        known.keys = Some((now_s, Arc::clone(&keys)));
        Ok(keys)
    }
}
