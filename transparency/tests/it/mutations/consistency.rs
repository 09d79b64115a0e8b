//! Bare consistency proofs.

use transparency::{Hash, ProofError, Suite, verify_consistency};

use super::{LEAVES, Outcome, path};
use crate::log::{Log, consistency_shape};
use crate::random::Random;

#[derive(Debug, Clone, PartialEq)]
struct Claim {
    from: u64,
    to: u64,
    path: Vec<Hash>,
    older: Hash,
    newer: Hash,
}

impl Claim {
    fn verify(&self, suite: Suite) -> Result<(), ProofError> {
        verify_consistency(suite, self.from, self.to, &self.path, &self.older, &self.newer)
    }
}

pub(super) fn attempt(random: &mut Random, log: &Log) -> Outcome {
    // From at least one leaf: any tree extends the empty one.
    let to = 1 + random.below(LEAVES);
    let from = 1 + random.below(to);
    let (path, older, newer) = (log.consistency(from, to), log.root(from), log.root(to));
    let claim = Claim { from, to, path, older, newer };
    assert_eq!(claim.verify(log.suite), Ok(()), "before any mutation: {claim:?}");
    let mut changed = claim.clone();
    mutate(random, log, &mut changed);
    if changed == claim {
        return Outcome::Same;
    }
    let numbers_only = Claim { from, to, ..changed.clone() } == claim;
    if numbers_only && consistency_shape(from, to) == consistency_shape(changed.from, changed.to) {
        return Outcome::SameShape;
    }
    Outcome::of(&changed.verify(log.suite), || format!("{changed:?}\ninstead of {claim:?}"))
}

fn mutate(random: &mut Random, log: &Log, claim: &mut Claim) {
    let other = 1 + random.below(LEAVES);
    match random.below(15) {
        0..4 => path::mutate(random, &mut claim.path),
        4 => claim.from = random.below(claim.to + 2),
        5 => claim.from ^= 1 << random.below(64),
        6 => claim.to = other,
        7 => claim.to ^= 1 << random.below(64),
        8 => random.flip(&mut claim.older),
        9 => random.flip(&mut claim.newer),
        10 => claim.older = log.root(other),
        11 => claim.newer = log.root(other),
        12 => std::mem::swap(&mut claim.older, &mut claim.newer),
        13 => claim.from = 0,
        _ => claim.path = log.consistency(other.min(claim.to), claim.to),
    }
}
