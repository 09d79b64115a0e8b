//! What is kept of a record.

use bincode::{Decode, Encode};
use serde::{Deserialize, Serialize};

use crate::value::{Day, Fields, Instant, Span};

/// Names an import batch; written `b` and 16 hex digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
pub struct BatchId(pub u64);

/// What a source says of a record for a stretch of valid time, recorded for a stretch of recorded time.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Encode, Decode)]
pub struct Claim {
    /// Unique in the record, never reused, from 1.
    pub number: u32,
    /// Credit code of the source; an event's consequence adds `#`, the event's table and its id (see [`Claim::department`]).
    pub source: String,
    /// The batch that brought it.
    pub batch: BatchId,
    /// Valid time, days.
    pub valid: Span<Day>,
    /// Recorded time; `to = Instant::MAX` while open, `from = Instant::PENDING` until its row is stamped.
    pub recorded: Span<Instant>,
    /// When the source itself recorded it, if it says so.
    pub source_time: Option<Instant>,
    /// What it says.
    pub fields: Fields,
}

/// What stands between a department and the event it speaks by.
pub const BY_EVENT: char = '#';

impl Claim {
    /// Who says it: the credit code, without the event by which it is said.
    #[must_use]
    pub fn department(&self) -> &str {
        self.source.split_once(BY_EVENT).map_or(self.source.as_str(), |(department, _)| department)
    }
    /// The table of the event that it is a consequence of, if it is one.
    #[must_use]
    pub fn event_table(&self) -> Option<&str> {
        let (_, event) = self.source.split_once(BY_EVENT)?;
        event.split_once('/').map(|(table, _)| table)
    }
    /// The source of what `department` says by the event `id` of a table.
    #[must_use]
    pub fn source_by_event(department: &str, table: &str, id: &str) -> String {
        format!("{department}{BY_EVENT}{table}/{id}")
    }
}

/// Where a version's values come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub enum Basis {
    /// Every field is that of one claim.
    Claim(u32),
    /// Field by field: (field number, claim number), sorted.
    Fields(Vec<(u16, u32)>),
}

/// The resolved fields of a record for a stretch of valid time, as known for a stretch of recorded time.
/// The values stand in the claims; a version refers to them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, Encode, Decode)]
pub struct Version {
    /// Unique in the record, never reused, from 1.
    pub number: u32,
    /// Valid time, days.
    pub valid: Span<Day>,
    /// Recorded time.
    pub recorded: Span<Instant>,
    /// Which claims its values are.
    pub basis: Basis,
    /// Fields on which open claims differ, by number (sorted).
    pub disputed: Vec<u16>,
}

/// The head row: everything of a record whose recorded time is open.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Encode, Decode)]
pub struct Head {
    /// The record's id.
    pub id: String,
    /// Bumped by every commit that touches the record.
    pub counter: u32,
    /// Next claim number.
    pub next_claim: u32,
    /// Next version number.
    pub next_version: u32,
    /// Claims whose recorded time is open, by number.
    pub claims: Vec<Claim>,
    /// Versions whose recorded time is open, by start of valid time; they do not overlap.
    pub versions: Vec<Version>,
}

/// A history row: what was superseded, and by which batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Encode, Decode)]
pub enum History {
    /// A claim whose recorded time was closed by `closed_by`.
    Claim {
        /// The claim.
        claim: Claim,
        /// The batch whose commit closed it.
        closed_by: BatchId,
    },
    /// A version whose recorded time is closed.
    Version(Version),
}

impl Head {
    /// A record nobody has said anything of yet.
    #[must_use]
    pub fn new(id: String) -> Self {
        Self { id, counter: 0, next_claim: 1, next_version: 1, claims: Vec::new(), versions: Vec::new() }
    }
    /// The open claim numbered `number`.
    #[must_use]
    pub fn claim(&self, number: u32) -> Option<&Claim> {
        self.claims.iter().find(|c| c.number == number)
    }
    /// The open version valid on `day`.
    #[must_use]
    pub fn version_on(&self, day: Day) -> Option<&Version> {
        self.versions.iter().find(|v| v.valid.contains(day))
    }
}
