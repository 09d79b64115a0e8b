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

/// A clock that a file sets, for rehearsals: it shows the instant written there (RFC 3339), and goes on from the moment
/// of writing. Set again, forwards or back, by writing the file anew.
#[derive(Debug, Clone)]
pub struct RehearsalClock {
    file: std::path::PathBuf,
}

impl RehearsalClock {
    /// The clock that `file` sets.
    ///
    /// # Errors
    /// Of the file system, or if no instant stands in the file.
    pub fn open(file: &std::path::Path) -> std::io::Result<Self> {
        let clock = Self { file: file.to_owned() };
        clock.read()?;
        Ok(clock)
    }

    fn read(&self) -> std::io::Result<Instant> {
        let text = std::fs::read_to_string(&self.file)?;
        let set = Instant::parse(text.trim()).ok_or_else(|| {
            std::io::Error::other(format!("{}: holds no instant such as 2026-10-09T01:00:00Z", self.file.display()))
        })?;
        let written = std::fs::metadata(&self.file)?.modified()?;
        let since = written.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        let written_us = i64::try_from(since.as_micros()).unwrap_or(0);
        Ok(Instant(set.0.saturating_add(SystemClock.now().0.saturating_sub(written_us))))
    }
}

impl Clock for RehearsalClock {
    /// Cost: two calls of the file system. A file that cannot be read any more leaves the system's clock.
    fn now(&self) -> Instant {
        self.read().unwrap_or_else(|_| SystemClock.now())
    }
}
