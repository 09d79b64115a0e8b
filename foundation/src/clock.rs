//! Time comes in as an argument: nothing else in the workspace reads the system clock.

use crate::value::{Day, Instant};

/// The source of "now".
///
/// Callers may rely on: [`Clock::now`] never panics. They may not rely on it being monotone: the
/// operator can set the clock back, and the store's committer keeps commit times strictly increasing itself.
pub trait Clock: Send + Sync {
    /// The present instant, UTC, in microseconds.
    fn now(&self) -> Instant;

    /// The present calendar day in the country's time zone.
    fn today(&self) -> Day {
        self.now().day()
    }
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that may read the system clock")]
    fn now(&self) -> Instant {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Instant(i64::try_from(since.as_micros()).unwrap_or(i64::MAX - 1))
    }
}

/// A clock that stands still until it is set; for tests and for the synthetic nation.
#[derive(Debug)]
pub struct FixedClock(std::sync::atomic::AtomicI64);

impl FixedClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: Instant) -> Self {
        Self(std::sync::atomic::AtomicI64::new(now.0))
    }

    /// Sets the clock, forwards or back.
    pub fn set(&self, now: Instant) {
        self.0.store(now.0, std::sync::atomic::Ordering::SeqCst);
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Instant {
        Instant(self.0.load(std::sync::atomic::Ordering::SeqCst))
    }
}
