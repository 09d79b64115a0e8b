//! The audit log: one entry a request, refusals too, synced to disk before the answer leaves.
//!
//! On disk: `audit/<first entry number>.log`, preallocated segments of frames (`segment.rs`); each entry has canonical,
//! versioned bytes (`entry.rs`), an RFC 9162 leaf hash, and a chain hash over all before it. One thread writes
//! (`writer.rs`), a group a sync. Requests in flight leave an unsynced trace in `audit/inflight.log` (`inflight.rs`), from
//! which a crash's victims are entered at the next start. When writing fails nothing is answered until it heals.

mod entry;
mod inflight;
mod log;
mod query;
mod segment;
mod verify;
mod writer;

pub use entry::{Draft, Entry};
pub use log::{AuditError, AuditLog, Found, Opened};
pub use query::{Filter as EntryFilter, entries};
pub use verify::{AuditReport, verify};
