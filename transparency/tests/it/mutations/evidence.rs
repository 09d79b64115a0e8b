//! Whole evidence: a signed checkpoint, a leaf, its number and its path, as an auditor is handed them.

use transparency::{Checkpoint, Hash, Suite};

use super::{LEAVES, Outcome, checkpoint, path};
use crate::log::Log;
use crate::random::Random;

#[derive(Debug, Clone, PartialEq)]
struct Evidence {
    checkpoint: Vec<u8>,
    index: u64,
    leaf: Vec<u8>,
    path: Vec<Hash>,
}

impl Evidence {
    fn verify(&self, suite: Suite, notes: &checkpoint::Notes) -> Result<(), String> {
        let text = std::str::from_utf8(&self.checkpoint).map_err(|error| error.to_string())?;
        let checkpoint = Checkpoint::open(text, &notes.keys).map_err(|error| error.to_string())?;
        let leaf_hash = suite.leaf_hash(&self.leaf);
        checkpoint.check_inclusion(self.index, &leaf_hash, &self.path).map_err(|error| error.to_string())
    }
}

pub(super) fn attempt(random: &mut Random, log: &Log, notes: &checkpoint::Notes) -> Outcome {
    let size = 1 + random.below(LEAVES);
    let index = random.below(size);
    let text = notes.text(log, size, random.at(4));
    let evidence = Evidence {
        checkpoint: text.clone().into_bytes(),
        index,
        leaf: log.leaf(index).to_vec(),
        path: log.inclusion(index, size),
    };
    assert_eq!(evidence.verify(log.suite, notes), Ok(()), "before any mutation");
    let mut changed = evidence.clone();
    let other_size = 1 + random.below(LEAVES);
    match random.below(7) {
        0 => path::mutate(random, &mut changed.path),
        1 => random.flip(&mut changed.leaf),
        2 => changed.index = random.below(size + 2),
        // The size alone: what a bare path may not notice.
        3 | 4 => changed.checkpoint = with_size(&text, other_size),
        // A checkpoint of another size, well signed.
        5 if other_size == size => return Outcome::Same,
        5 => changed.checkpoint = notes.text(log, other_size, random.at(4)).into_bytes(),
        _ => changed.checkpoint = checkpoint::mutate(random, notes, &text),
    }
    if changed == evidence {
        return Outcome::Same;
    }
    Outcome::of(&changed.verify(log.suite, notes), || format!("{changed:?}\ninstead of {evidence:?}"))
}

fn with_size(text: &str, size: u64) -> Vec<u8> {
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let line = format!("{size}\n");
    lines[1] = &line;
    lines.concat().into_bytes()
}
