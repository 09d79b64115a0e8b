//! Failed tokens a minute and peer: a signature check costs 20–60 µs, a lever for floods.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// Counts failures by peer in windows of a minute; memory is bounded to 10,000 peers.
pub(super) struct Limiter {
    failures: moka::sync::Cache<Option<IpAddr>, Arc<AtomicU32>>,
    max: u32,
}

impl Limiter {
    pub(super) fn new(max: u32) -> Self {
        let failures = moka::sync::Cache::builder().max_capacity(10_000).time_to_live(Duration::from_mins(1)).build();
        Self { failures, max }
    }

    /// Whether `peer` has used up its failures for this minute.
    pub(super) fn is_exhausted(&self, peer: Option<IpAddr>) -> bool {
        self.failures.get(&peer).is_some_and(|n| n.load(Ordering::Relaxed) >= self.max)
    }

    /// Counts one failure of `peer`.
    pub(super) fn count(&self, peer: Option<IpAddr>) {
        self.failures.get_with(peer, Arc::default).fetch_add(1, Ordering::Relaxed);
    }
}
