//! Checks of proofs, for whoever holds roots but no tree.
//!
//! The loops are those of RFC 9162 2.1.3.2 and 2.1.4.2, in its words: `fn` (here `node`) and `sn` (here `last`)
//! number the node on the way up and the last node of its level.

use crate::suite::{Hash, Suite};

#[cfg(test)]
mod tests;

/// Why a proof proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum ProofError {
    /// The leaf's number is not below the tree's size.
    #[error("leaf {index} is not in a tree of {size} leaves")]
    NoSuchLeaf { index: u64, size: u64 },
    /// The newer tree is the smaller one.
    #[error("a tree of {from} leaves does not grow to {to}")]
    Shrinks { from: u64, to: u64 },
    /// The path goes on above the root.
    #[error("the path of {members} hashes is too long for the tree")]
    Surplus { members: usize },
    /// The path ends below the root.
    #[error("the path of {members} hashes is too short for the tree")]
    Missing { members: usize },
    /// The path does not lead to the root of the tree of `size` leaves.
    #[error("the path does not lead to the root of {size} leaves")]
    RootDiffers { size: u64 },
    /// The path does not lead to the older root, of `from` leaves.
    #[error("the path does not lead to the older root of {from} leaves")]
    OlderRootDiffers { from: u64 },
    /// Two checkpoints are of different logs.
    #[error("`{newer}` does not extend `{older}`")]
    OtherLog { older: String, newer: String },
    /// Two checkpoints of one log are of different suites.
    #[error("a tree of {newer} does not extend one of {older}")]
    OtherSuite { older: &'static str, newer: &'static str },
}

/// Checks that leaf `index` of the tree of `size` leaves under `root` hashes to `leaf_hash` (RFC 9162 2.1.3.2).
///
/// `size` and `root` must come from one trusted checkpoint: on their own a path and a root do not fix the size,
/// since the same path fits some other sizes. [`Checkpoint::check_inclusion`] takes care of this.
///
/// Cost: one node hash for each member of `path`; at most 64 are looked at.
/// # Errors
/// [`ProofError`]; nothing is then known about the leaf.
///
/// [`Checkpoint::check_inclusion`]: crate::Checkpoint::check_inclusion
pub fn verify_inclusion(
    suite: Suite,
    index: u64,
    size: u64,
    leaf_hash: &Hash,
    path: &[Hash],
    root: &Hash,
) -> Result<(), ProofError> {
    if index >= size {
        return Err(ProofError::NoSuchLeaf { index, size });
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = *leaf_hash;
    for member in path {
        if last == 0 {
            if cfg!(feature = "sabotage-proof") {
                break;
            }
            return Err(ProofError::Surplus { members: path.len() });
        }
        if is_right(node) || node == last {
            hash = suite.node_hash(member, &hash);
            skip_levels_without_sibling(&mut node, &mut last);
        } else {
            hash = suite.node_hash(&hash, member);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Missing { members: path.len() });
    }
    if hash != *root {
        return Err(ProofError::RootDiffers { size });
    }
    Ok(())
}

/// Checks that the tree of `to` leaves under `root_to` begins with the leaves of the tree of `from` leaves under
/// `root_from` (RFC 9162 2.1.4.2).
///
/// For `from == to` the proof is empty and the roots are equal. For `from == 0` the proof is empty and `root_from`
/// is the suite's empty root; any tree extends it. As with [`verify_inclusion`], each size must come with its
/// root from one trusted checkpoint.
///
/// Cost: at most two node hashes for each member of `path`; at most 65 are looked at.
/// # Errors
/// [`ProofError`]; the newer tree may then have changed or dropped leaves.
pub fn verify_consistency(
    suite: Suite,
    from: u64,
    to: u64,
    path: &[Hash],
    root_from: &Hash,
    root_to: &Hash,
) -> Result<(), ProofError> {
    if from > to {
        return Err(ProofError::Shrinks { from, to });
    }
    if from == 0 || from == to {
        return verify_without_path(suite, from, to, path, root_from, root_to);
    }
    let members = path.len();
    // Step 2: a complete older tree is a node of the newer one, and its own root is left out of the path.
    let (first, rest) = match path.split_first() {
        None => return Err(ProofError::Missing { members }),
        Some(_) if from.is_power_of_two() => (root_from, path),
        Some(split) => split,
    };
    let (mut node, mut last) = (from - 1, to - 1);
    let levels = node.trailing_ones();
    node >>= levels;
    last >>= levels;
    let (mut older, mut newer) = (*first, *first);
    for member in rest {
        if last == 0 {
            return Err(ProofError::Surplus { members });
        }
        if is_right(node) || node == last {
            older = suite.node_hash(member, &older);
            newer = suite.node_hash(member, &newer);
            skip_levels_without_sibling(&mut node, &mut last);
        } else {
            newer = suite.node_hash(&newer, member);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(ProofError::Missing { members });
    }
    if older != *root_from && !cfg!(feature = "sabotage-proof") {
        return Err(ProofError::OlderRootDiffers { from });
    }
    if newer != *root_to {
        return Err(ProofError::RootDiffers { size: to });
    }
    Ok(())
}

/// The cases of [`verify_consistency`] in which the roots alone decide.
fn verify_without_path(
    suite: Suite,
    from: u64,
    to: u64,
    path: &[Hash],
    root_from: &Hash,
    root_to: &Hash,
) -> Result<(), ProofError> {
    if !path.is_empty() {
        return Err(ProofError::Surplus { members: path.len() });
    }
    if from == 0 && *root_from != suite.empty_root() {
        return Err(ProofError::OlderRootDiffers { from });
    }
    if from == to && root_from != root_to {
        return Err(ProofError::RootDiffers { size: to });
    }
    Ok(())
}

/// Whether a node is a right child: the least significant bit of `fn`.
const fn is_right(node: u64) -> bool {
    node & 1 == 1
}

/// Goes up from a last node that is no right child: without a sibling it stands for its parent as well.
const fn skip_levels_without_sibling(node: &mut u64, last: &mut u64) {
    while !is_right(*node) && *node != 0 {
        *node >>= 1;
        *last >>= 1;
    }
}
