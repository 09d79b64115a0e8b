//! What the change log says: which records a commit touched, never values.

use bincode::{Decode, Encode};

use super::BatchId;

/// The body of an event of one partition: the records of that partition touched by one commit of one batch.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Touched {
    /// The batch.
    pub batch: BatchId,
    /// Row prefixes (a [`super::RecordKey`] without its dataset and partition), in key order.
    pub rows: Vec<Vec<u8>>,
}
