//! What a person signs in with, and how often somebody failed to.

use serde::{Deserialize, Serialize};

/// Failures within [`WINDOW_US`] after which a name is locked.
pub(super) const FAILURES_MAX: usize = 5;
/// The window, microseconds.
pub(super) const WINDOW_US: i64 = 10 * 60 * 1_000_000;

/// A person's password and second factor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credential {
    /// Of which reset of the account: an older one is none.
    pub(super) resets: u64,
    /// PHC string of the password.
    pub(super) hash: String,
    /// When it was set, microseconds since 1970.
    pub(super) set_us: i64,
    /// The seed of the second factor, sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seed: Option<Vec<u8>>,
    /// A seed that waits for its first code, sealed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pending: Option<Vec<u8>>,
    /// The step of the last code taken: none of it or before is taken again.
    pub(super) step: u64,
    /// SHA-256 of the recovery codes that are left.
    pub(super) recovery: Vec<String>,
}

/// Times of failed sign-ins with a name, microseconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Failures {
    pub(super) at_us: Vec<i64>,
}

impl Failures {
    /// Those that still count at `now_us`.
    pub(super) fn counting(mut self, now_us: i64) -> Self {
        // A clock set back forgets nothing.
        self.at_us.retain(|at| *at > now_us - WINDOW_US);
        self
    }

    /// In how many seconds there may be another attempt, if not now.
    pub(super) fn wait_s(&self, now_us: i64) -> Option<u32> {
        let from = self.at_us.len().checked_sub(FAILURES_MAX)?;
        let until = self.at_us.get(from)?.saturating_add(WINDOW_US);
        let seconds = until.saturating_sub(now_us).max(1).div_euclid(1_000_000).saturating_add(1);
        Some(u32::try_from(seconds.clamp(1, 3_600)).unwrap_or(3_600))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_failures_in_ten_minutes_lock_until_the_first_is_ten_minutes_old() {
        let minute = 60_000_000;
        let mut failures = Failures::default();
        for at in 0..5 {
            assert_eq!(failures.wait_s(at * minute), None);
            failures.at_us.push(at * minute);
        }
        assert_eq!(failures.wait_s(4 * minute), Some(361));
        assert_eq!(failures.clone().counting(9 * minute).wait_s(9 * minute), Some(61));
        assert_eq!(failures.clone().counting(10 * minute).wait_s(10 * minute), None, "four are left");
        assert!(failures.clone().counting(-minute).wait_s(-minute).is_some(), "a clock set back");
    }
}
