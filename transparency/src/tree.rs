//! Roots and proofs of a stored tree.

use crate::stored::stored_position;
use crate::suite::{Hash, Suite};

#[cfg(test)]
mod tests;

/// Most leaves a tree can have: the positions of their hashes then fit 64 bits.
const LEAVES_MAX: u64 = 1 << 62;

/// Why a root or a proof could not be made.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum TreeError<E> {
    /// The store gave no hash; `source` is the closure's own error.
    #[error("no stored hash at position {position}")]
    Read { position: u64, source: E },
    /// Asked for a leaf that the tree does not have.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    NoSuchLeaf { index: u64, size: u64 },
    /// Asked for a tree to be consistent with a larger one.
    #[error("a tree of {from} leaves does not grow to {to}")]
    Shrinks { from: u64, to: u64 },
    /// More leaves than positions can number (2^62).
    #[error("a tree of {size} leaves is too large")]
    TooLarge { size: u64 },
}

/// The root of the tree of the first `size` leaves: `MTH(D_size)` (RFC 9162 2.1.1).
///
/// `read` gives the stored hash at a position (see [`stored_position`]); that it gives what [`append`]
/// returned is the caller's to keep.
///
/// Cost: one read for each one bit of `size`, none if it is 0.
/// # Errors
/// [`TreeError::Read`], [`TreeError::TooLarge`].
///
/// [`append`]: crate::append
pub fn root<E>(suite: Suite, size: u64, read: impl FnMut(u64) -> Result<Hash, E>) -> Result<Hash, TreeError<E>> {
    Reader::new(suite, size, read)?.range(0, size)
}

/// The inclusion path of leaf `index` in the tree of the first `size` leaves, from the leaf up:
/// `PATH(index, D_size)` (RFC 9162 2.1.3.1).
///
/// Cost: at most `2 * log2(size)` reads.
/// # Errors
/// [`TreeError::NoSuchLeaf`] if `index >= size`; [`TreeError::Read`], [`TreeError::TooLarge`].
pub fn inclusion<E>(
    suite: Suite,
    index: u64,
    size: u64,
    read: impl FnMut(u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, TreeError<E>> {
    let mut stored = Reader::new(suite, size, read)?;
    if index >= size {
        return Err(TreeError::NoSuchLeaf { index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut path = Vec::new();
    // From the root down to the leaf; the path lists the halves left aside, from the leaf up.
    while end - start > 1 {
        let middle = start + left_half(end - start);
        if index < middle {
            path.push(stored.range(middle, end)?);
            end = middle;
        } else {
            path.push(stored.range(start, middle)?);
            start = middle;
        }
    }
    path.reverse();
    Ok(path)
}

/// The consistency proof between the trees of the first `from` and the first `to` leaves:
/// `PROOF(from, D_to)` (RFC 9162 2.1.4.1).
///
/// Empty for `from == to`, and for `from == 0`, where there is nothing to prove.
///
/// Cost: at most `2 * log2(to)` reads.
/// # Errors
/// [`TreeError::Shrinks`] if `from > to`; [`TreeError::Read`], [`TreeError::TooLarge`].
pub fn consistency<E>(
    suite: Suite,
    from: u64,
    to: u64,
    read: impl FnMut(u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, TreeError<E>> {
    let mut stored = Reader::new(suite, to, read)?;
    if from > to {
        return Err(TreeError::Shrinks { from, to });
    }
    if from == 0 {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, to);
    let mut path = Vec::new();
    // From the new root down to the subtree that ends where the old tree ended.
    while from < end {
        let middle = start + left_half(end - start);
        if from <= middle {
            path.push(stored.range(middle, end)?);
            end = middle;
        } else {
            path.push(stored.range(start, middle)?);
            start = middle;
        }
    }
    // The old tree itself needs no mention: its verifier has the root.
    if start > 0 {
        path.push(stored.range(start, end)?);
    }
    path.reverse();
    Ok(path)
}

/// The largest power of two below `leaves`, for two leaves or more.
fn left_half(leaves: u64) -> u64 {
    1 << (leaves - 1).ilog2()
}

/// Stored hashes of a tree, read one at a time.
pub(crate) struct Reader<F> {
    suite: Suite,
    read: F,
}

impl<F> Reader<F> {
    /// A reader of a tree of `size` leaves.
    pub(crate) fn new<E>(suite: Suite, size: u64, read: F) -> Result<Self, TreeError<E>>
    where
        F: FnMut(u64) -> Result<Hash, E>,
    {
        if size > LEAVES_MAX {
            return Err(TreeError::TooLarge { size });
        }
        Ok(Self { suite, read })
    }

    /// The hash of a complete subtree.
    pub(crate) fn subtree<E>(&mut self, level: u32, number: u64) -> Result<Hash, TreeError<E>>
    where
        F: FnMut(u64) -> Result<Hash, E>,
    {
        let position = stored_position(level, number);
        (self.read)(position).map_err(|source| TreeError::Read { position, source })
    }

    /// `MTH(D[start:end])`.
    ///
    /// INVARIANT: `start` is a multiple of the smallest power of two that is not below `end - start`, so the
    /// range is a row of complete subtrees, the largest first, one for each one bit of its length.
    fn range<E>(&mut self, start: u64, end: u64) -> Result<Hash, TreeError<E>>
    where
        F: FnMut(u64) -> Result<Hash, E>,
    {
        let mut left = end - start;
        let mut end = end;
        let mut hash = None;
        // From the right, smallest first: each joins what stands right of it.
        while left > 0 {
            let level = left.trailing_zeros();
            let leaves = 1 << level;
            let subtree = self.subtree(level, (end - leaves) >> level)?;
            hash = Some(hash.map_or(subtree, |right| self.suite.node_hash(&subtree, &right)));
            left -= leaves;
            end -= leaves;
        }
        Ok(hash.unwrap_or_else(|| self.suite.empty_root()))
    }
}
