//! Record ids: opaque for personal keys, readable otherwise.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The id of a record in its dataset: 32 hex digits (keyed), or the natural key's parts joined by `~` (readable).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct RecordId(pub String);

impl fmt::Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The key of the keyed ids; shared by all nodes, never rotated, kept in the data directory's `id.key` (0600).
#[derive(Clone)]
pub struct IdKey(pub [u8; 32]);

impl fmt::Debug for IdKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdKey(…)")
    }
}
