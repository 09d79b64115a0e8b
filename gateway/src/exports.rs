//! Records as files: jobs, where they are kept, how a file is written, what takes two people.
//!
//! A job asks for one page after the other by the way that every question takes ([`crate::flow`]): decided, held, masked,
//! counted and audited a page. This module knows no policy. Files lie under `jobs/` of the data directory, for the process
//! alone; jobs lie in the gateway's own store.

pub(crate) mod approval;
mod job;
mod keeper;
mod sink;

pub use job::{Job, JobState};
pub use keeper::{Exports, ExportsError};
pub(crate) use keeper::{Order, Refused};
pub(crate) use sink::{Sink, SinkError};
