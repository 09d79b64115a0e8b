//! Records in two times: what sources claim, what is resolved from it, and how both are kept.
//!
//! Of each record the store holds one *head row* (everything whose recorded time is open: claims, versions, the
//! counter every commit expects and bumps) and, for everything superseded, one *history row* a closed claim or version.
//! INVARIANT: at any (valid, known) a record has at most one version; `natbase check` proves it.
//! Keys are drawn in `keys.rs`; the row bytes are `value::codec`'s.

pub(crate) mod blob;
mod error;
pub mod event;
mod head;
pub mod ids;
pub mod keys;
pub mod read;
pub mod registry;
mod sealing;
mod table;
pub(crate) mod tombstone;

pub use error::RecordError;
pub use head::{BY_EVENT, Basis, BatchId, Claim, Head, History, Version};
pub use ids::{IdKey, IdMaker, RecordId};
pub use keys::{Layout, RecordKey};
pub use sealing::{Sealing, is_sealed};
pub use table::{Authority, LinkField, Table};
pub use tombstone::Tombstone;
