//! Why a filter is refused.

/// A filter that is not understood: where and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("filter, character {at}: {reason}")]
pub struct FilterError {
    /// Characters from the start, from 1.
    pub at: usize,
    /// Why, naming the word that is not understood and what would be.
    pub reason: String,
}
