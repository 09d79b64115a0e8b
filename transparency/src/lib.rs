//! A verifiable log: its Merkle tree, its proofs and its signed checkpoints (RFC 9162, C2SP).
//!
//! A log appends leaves and never changes one. Its state is two facts, a size and a root hash, which a
//! [`Checkpoint`] states and a [`Signer`] signs. Whoever keeps a checkpoint can later check without the log's
//! help that a leaf is in it ([`Checkpoint::check_inclusion`]) and that a newer checkpoint only added leaves
//! ([`Checkpoint::check_extension`]).
//!
//! Not here: files, network, clock and what a leaf means; all functions are pure and read stored hashes through
//! a closure. Nor does the crate stop a log from showing two histories to two auditors: for this they compare
//! the checkpoints they hold.
//!
//! Start at [`append`] and [`root`] to keep a log, at [`Checkpoint::open`] to check one. Hashes are those of a
//! [`Suite`]: SHA-256 as in the standard, or SM3.
//!
//! # Examples
//! ```
//! use transparency::{Checkpoint, Hash, Signer, Suite, append, inclusion, root};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The log: leaves and an append-only sequence of hashes.
//! let suite = Suite::Sha256;
//! let mut stored: Vec<Hash> = Vec::new();
//! let leaves = ["opened", "answered", "closed"];
//! for (number, leaf) in (0..).zip(leaves) {
//!     let more = append(suite, number, suite.leaf_hash(leaf.as_bytes()), read(&stored))?;
//!     stored.extend(more);
//! }
//! let signer = Signer::ed25519("example.org/audit", &[7; 32])?;
//! let checkpoint = Checkpoint::new(suite, "example.org/audit", 3, root(suite, 3, read(&stored))?)?;
//! let text = checkpoint.sign(&[&signer])?;
//! let path = inclusion(suite, 1, 3, read(&stored))?;
//!
//! // The auditor: a key from another channel, the checkpoint, one leaf and its path.
//! let key = signer.verifying_key().to_string().parse()?;
//! let checkpoint = Checkpoint::open(&text, &[key])?;
//! checkpoint.check_inclusion(1, &suite.leaf_hash(b"answered"), &path)?;
//! assert!(checkpoint.check_inclusion(1, &suite.leaf_hash(b"refused"), &path).is_err());
//! # Ok(())
//! # }
//! # fn read(stored: &[Hash]) -> impl Fn(u64) -> Result<Hash, std::io::Error> {
//! #     |at| stored.get(at as usize).copied().ok_or(std::io::ErrorKind::NotFound.into())
//! # }
//! ```

mod algorithm;
mod checkpoint;
mod key;
#[cfg(test)]
mod naive;
mod note;
mod proof;
mod signer;
mod stored;
mod suite;
mod tree;

pub use checkpoint::Checkpoint;
pub use key::{KeyError, VerifyingKey};
pub use note::{NOTE_BYTES_MAX, NoteError};
pub use proof::{ProofError, verify_consistency, verify_inclusion};
pub use signer::Signer;
pub use stored::{append, stored_count, stored_position};
pub use suite::{Hash, Suite};
pub use tree::{TreeError, consistency, inclusion, root};
