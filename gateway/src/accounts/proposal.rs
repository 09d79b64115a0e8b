//! What was done by whom, and what waits for a second person.

use serde::{Deserialize, Serialize};

use super::account::Account;
use super::measure::Measure;

/// How long a proposal waits for the second person, microseconds.
pub const PROPOSAL_US: i64 = 72 * 3_600 * 1_000_000;

/// What was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "deed", rename_all = "snake_case", deny_unknown_fields)]
pub enum Deed {
    /// The first security administrators, made on the server's data directory.
    Founded {
        /// The account.
        account: Box<Account>,
    },
    /// Done by one person.
    Done {
        /// What.
        measure: Measure,
    },
    /// Proposed; takes effect when another approves.
    Proposed {
        /// Number of the proposal.
        number: u64,
        /// What.
        measure: Measure,
    },
    /// Approved, and done.
    Approved {
        /// Number of the proposal.
        number: u64,
        /// What was approved: [`Measure::digest`].
        digest: String,
        /// SHA-256 of the second half of the secret that goes with it: the approver's; the proposer has the first.
        #[serde(skip_serializing_if = "Option::is_none")]
        second: Option<String>,
    },
    /// Rejected, or taken back by who proposed it.
    Rejected {
        /// Number of the proposal.
        number: u64,
    },
    /// An approved permission was used up.
    Used {
        /// Number of the proposal.
        number: u64,
    },
}

/// A deed with who did it when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Microseconds since 1970.
    pub at_us: i64,
    /// Subject.
    pub by: String,
    /// What.
    pub deed: Deed,
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Waits for a second person.
    Open,
    /// Approved; a permission may be used.
    Approved,
    /// Rejected.
    Rejected,
    /// Approved and used up.
    Used,
    /// Nobody approved in time. Never kept: it follows from the clock.
    Lapsed,
}

impl State {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Approved => "approved",
            Self::Rejected => "rejected",
            Self::Used => "used",
            Self::Lapsed => "lapsed",
        }
    }
}

/// A proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its number.
    pub number: u64,
    /// Who proposed it.
    pub by: String,
    /// When.
    pub at_us: i64,
    /// What.
    pub measure: Measure,
    /// Who approved or rejected it, and when.
    pub judged: Option<(String, i64)>,
    pub(super) state: State,
}

impl Proposal {
    /// Where it stands at `now_us`.
    #[must_use]
    pub fn state(&self, now_us: i64) -> State {
        let since = match self.state {
            State::Open => self.at_us,
            // A permission is used within the same time, or is gone.
            State::Approved if !self.measure.is_of_register() => self.judged.as_ref().map_or(self.at_us, |(_, at)| *at),
            settled => return settled,
        };
        if now_us.saturating_sub(since) >= PROPOSAL_US { State::Lapsed } else { self.state }
    }
}
