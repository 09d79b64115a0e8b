//! Where the hashes of a tree are stored.
//!
//! The hash of every complete subtree, leaves included, is written once, after those of its two halves; the
//! sequence only grows (the order of Go's `golang.org/x/mod/sumdb/tlog`):
//!
//! ```text
//! level 2              6
//!                  /       \
//! level 1        2           5
//!              /   \       /   \
//! level 0     0     1     3     4     7        position in the sequence
//! leaf        0     1     2     3     4
//! ```

use crate::suite::{Hash, Suite};
use crate::tree::{Reader, TreeError};

#[cfg(test)]
mod tests;

/// The position of the hash of subtree `number` of `level`.
///
/// Level 0 holds the leaves; subtree `number` of level `l` covers the leaves from `number * 2^l` on, `2^l` of
/// them. Unit: hashes from the start of the sequence. `u64::MAX`, where nothing can be stored, if the position
/// does not fit.
#[must_use]
pub fn stored_position(level: u32, number: u64) -> u64 {
    if level > 63 {
        return u64::MAX;
    }
    // The last leaf of the subtree, then one hash up for each level.
    let last = ((u128::from(number) + 1) << level) - 1;
    fit(count(last) + u128::from(level))
}

/// How many hashes a tree of `leaves` leaves has stored: `2 * leaves` less one for each subtree at its edge.
///
/// `u64::MAX` if the count does not fit.
#[must_use]
pub fn stored_count(leaves: u64) -> u64 {
    fit(count(u128::from(leaves)))
}

/// The hashes to append to the sequence for leaf `number`, whose hash is `leaf_hash`, in their order.
///
/// The first is the leaf's own; one follows for each subtree that the leaf completes. The caller appends them at
/// [`stored_count`]`(number)`. `read` gives the stored hash at a position.
///
/// Cost: one read and one node hash for each subtree completed: at most `log2(number + 1)`, one on average.
/// # Errors
/// [`TreeError::Read`] if `read` fails; [`TreeError::TooLarge`] if the sequence has no room for the leaf.
pub fn append<E>(
    suite: Suite,
    number: u64,
    leaf_hash: Hash,
    read: impl FnMut(u64) -> Result<Hash, E>,
) -> Result<Vec<Hash>, TreeError<E>> {
    let size = number.saturating_add(1);
    let mut stored = Reader::new(suite, size, read)?;
    let mut hash = leaf_hash;
    let mut out = vec![hash];
    // A one bit: the subtree is a right half, so its left half is stored and the whole is now complete.
    for level in 0..number.trailing_ones() {
        let left = stored.subtree(level, (number >> level) - 1)?;
        hash = suite.node_hash(&left, &hash);
        out.push(hash);
    }
    Ok(out)
}

/// Leaf `n` is written after all that came before: `n + n/2 + n/4 + …` hashes.
fn count(leaves: u128) -> u128 {
    2 * leaves - u128::from(leaves.count_ones())
}

fn fit(position: u128) -> u64 {
    u64::try_from(position).unwrap_or(u64::MAX)
}
