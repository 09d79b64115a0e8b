//! What has been changed is refused: proofs, leaves, numbers, roots, checkpoints, signatures.
//!
//! Each mutation starts from something that verifies and changes one thing of it. One that leaves everything as
//! it was is skipped, and so is a bare size that no path can tell from the right one (see `log.rs`); the same
//! change is tried on whole evidence, where the signature refuses it.

mod checkpoint;
mod consistency;
mod evidence;
mod inclusion;
mod path;

use std::io::Write as _;

use transparency::Suite;

use crate::log::Log;
use crate::random::Random;

const SEED: u64 = 0x2024_0611_9162_0001;
const TRIES: u32 = 100_000;
/// Leaves of each log.
const LEAVES: u64 = 300;

/// What became of a mutation.
enum Outcome {
    Refused,
    /// The verifier was taken in: by what.
    Accepted(String),
    /// The mutation changed nothing.
    Same,
    /// A bare size of the same shape.
    SameShape,
}

impl Outcome {
    fn of<T, E>(result: &Result<T, E>, what: impl FnOnce() -> String) -> Self {
        if result.is_ok() { Self::Accepted(what()) } else { Self::Refused }
    }
}

#[test]
fn no_mutation_is_accepted() {
    let mut random = Random::new(SEED);
    let logs = [Suite::Sha256, Suite::Sm3].map(|suite| Log::new(suite, LEAVES));
    let notes = checkpoint::Notes::new(&logs);
    let (mut tried, mut same, mut same_shape) = (0, 0, 0);
    let mut accepted = Vec::new();
    while tried < TRIES {
        let log = &logs[random.at(2)];
        let outcome = match random.below(10) {
            0..3 => inclusion::attempt(&mut random, log),
            3..6 => consistency::attempt(&mut random, log),
            6..8 => evidence::attempt(&mut random, log, &notes),
            _ => checkpoint::attempt(&mut random, &notes),
        };
        match outcome {
            Outcome::Refused => tried += 1,
            Outcome::Accepted(what) => {
                tried += 1;
                accepted.push(what);
            }
            Outcome::Same => same += 1,
            Outcome::SameShape => same_shape += 1,
        }
    }
    // Straight to the output: seen without --nocapture too.
    let mut out = std::io::stdout().lock();
    writeln!(out, "mutations: seed {SEED:#x}, skipped {same} without change, {same_shape} of the same shape").unwrap();
    writeln!(out, "mutations: {tried} tried, {} accepted", accepted.len()).unwrap();
    drop(out);
    assert!(accepted.is_empty(), "accepted: {:#?}", accepted.iter().take(5).collect::<Vec<_>>());
}
