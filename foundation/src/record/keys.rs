//! How rows are keyed.
//!
//! ```text
//! head      [dataset u16][partition u16][row 16 bytes | hash 8 + cluster ≤ 24][kind 0x01]
//! history   …the same…                                                       [kind 0x02][C|V][number u32]
//! dataset numbers start at 0x0101; everything below is the store's own or `meta`:
//! meta      [0x01][0x00]['d' | 'b' | 'r' | 'x' | 'l' …]…     dataset numbers, batches, refused rows, blobs, reverse links
//! ```
//! Partition and row are functions of the id (or, with `partition_by`, of natural-key fields, which a readable id spells).

/// The place of a record in its base database: dataset number, partition and row prefix, ≤ 40 bytes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(Vec<u8>);

impl RecordKey {
    /// Takes the bytes of a key made by this module.
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
    /// The bytes, without kind.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}
