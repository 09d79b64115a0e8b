//! The audit log: one entry a request, refusals too, synced to disk before the answer leaves.
//!
//! On disk: `audit/<first entry number>.log`, preallocated segments of frames (`segment.rs`); each entry has canonical,
//! versioned bytes (`entry.rs`), a chain hash over all before it, and its leaf (`commitment.rs`) in a Merkle tree (`tree.rs`,
//! RFC 9162) whose size and root are signed every minute (`checkpoint.rs`). One thread writes
//! (`writer.rs`), a group a sync. Requests in flight leave an unsynced trace in `audit/inflight.log` (`inflight.rs`), from
//! which a crash's victims are entered at the next start. When writing fails nothing is answered until it heals.

pub mod checkpoint;
mod commitment;
mod entry;
mod inflight;
mod last;
mod log;
mod places;
mod query;
mod reader;
mod recent;
mod segment;
mod tree;
mod upper;
mod verify;
mod writer;

pub use checkpoint::Checkpoints;
pub use commitment::{Opening, OpeningError, Part, RecordPart, check, committed};
pub use entry::{Draft, Entry};
pub use log::{AuditError, AuditLog, Found, Opened};
pub use query::{Filter as EntryFilter, entries, visit};
pub use reader::{EntryReader, bytes, tail};
pub use recent::GivenTo;
pub use tree::TreeView;
pub use verify::{AuditReport, verify};

#[cfg(test)]
mod tests;
