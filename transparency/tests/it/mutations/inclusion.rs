//! Bare inclusion proofs.

use transparency::{Hash, ProofError, Suite, verify_inclusion};

use super::{LEAVES, Outcome, path};
use crate::log::{Log, inclusion_shape};
use crate::random::Random;

#[derive(Debug, Clone, PartialEq)]
struct Claim {
    index: u64,
    size: u64,
    leaf: Vec<u8>,
    path: Vec<Hash>,
    root: Hash,
}

impl Claim {
    fn verify(&self, suite: Suite) -> Result<(), ProofError> {
        verify_inclusion(suite, self.index, self.size, &suite.leaf_hash(&self.leaf), &self.path, &self.root)
    }
}

pub(super) fn attempt(random: &mut Random, log: &Log) -> Outcome {
    let size = 1 + random.below(LEAVES);
    let index = random.below(size);
    let (leaf, path, root) = (log.leaf(index).to_vec(), log.inclusion(index, size), log.root(size));
    let claim = Claim { index, size, leaf, path, root };
    assert_eq!(claim.verify(log.suite), Ok(()), "before any mutation: {claim:?}");
    let mut changed = claim.clone();
    mutate(random, log, &mut changed);
    if changed == claim {
        return Outcome::Same;
    }
    let numbers_only = Claim { index, size, ..changed.clone() } == claim;
    if numbers_only && inclusion_shape(index, size) == inclusion_shape(changed.index, changed.size) {
        return Outcome::SameShape;
    }
    Outcome::of(&changed.verify(log.suite), || format!("{changed:?}\ninstead of {claim:?}"))
}

fn mutate(random: &mut Random, log: &Log, claim: &mut Claim) {
    let other_size = 1 + random.below(LEAVES);
    match random.below(14) {
        0..4 => path::mutate(random, &mut claim.path),
        4 => random.flip(&mut claim.leaf),
        5 => claim.leaf.push(0),
        6 => drop(claim.leaf.pop()),
        7 => claim.index = random.below(claim.size + 2),
        8 => claim.index ^= 1 << random.below(64),
        9 => claim.size = other_size,
        10 => claim.size ^= 1 << random.below(64),
        11 => random.flip(&mut claim.root),
        12 => claim.root = log.root(other_size),
        _ => second_preimage(log, claim),
    }
}

/// Passes the node above the leaf off as a leaf, one level up.
fn second_preimage(log: &Log, claim: &mut Claim) {
    if claim.index + 1 == claim.size || claim.path.is_empty() {
        return;
    }
    let own = log.suite.leaf_hash(&claim.leaf);
    let sibling = claim.path.remove(0);
    let (left, right) = if claim.index & 1 == 0 { (own, sibling) } else { (sibling, own) };
    claim.leaf = [left, right].concat();
    claim.index >>= 1;
    claim.size = claim.size.div_ceil(2);
}
