//! Checkpoints (C2SP tlog-checkpoint).
//!
//! ```text
//! example.org/audit                                 origin: which log
//! 20852163                                          size, decimal
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      root, base64
//! hash sm3                                          only in the SM3 profile
//!
//! — example.org/audit Az3grlgtzPICa5OS8npVmf1M…     signatures
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::key::VerifyingKey;
use crate::note::{self, NoteError};
use crate::proof::{ProofError, verify_consistency, verify_inclusion};
use crate::signer::Signer;
use crate::suite::{Hash, Suite};

#[cfg(test)]
mod tests;

/// The extension line of the SM3 profile; SHA-256 goes without saying.
const SM3_LINE: &str = "hash sm3";

/// What a log states of itself: at this size its tree has this root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: String,
    size: u64,
    root: Hash,
    suite: Suite,
}

impl Checkpoint {
    /// A checkpoint of the log `origin` at `size` leaves.
    ///
    /// # Errors
    /// [`NoteError::BadCheckpoint`] if `origin` is empty or holds control characters, or if `size` is 0 and
    /// `root` is not the suite's empty root.
    pub fn new(suite: Suite, origin: &str, size: u64, root: Hash) -> Result<Self, NoteError> {
        if origin.is_empty() || origin.contains(|c: char| c < ' ') {
            return Err(bad(1, "an origin"));
        }
        if size == 0 && root != suite.empty_root() {
            return Err(bad(3, "the root of a tree without leaves"));
        }
        Ok(Self { origin: origin.into(), size, root, suite })
    }

    /// Opens a signed checkpoint: at least one of `keys` signed it, and none of them is named beside a signature
    /// it did not make. Only then is the text read; one text stands for one checkpoint.
    ///
    /// That [`origin`](Self::origin) is the log one meant is the caller's to check. Signatures of other keys are
    /// ignored (C2SP signed-note).
    ///
    /// Cost: at most one signature check for each of `keys`.
    /// # Errors
    /// [`NoteError`]; nothing of the text is then to be believed.
    pub fn open(text: &str, keys: &[VerifyingKey]) -> Result<Self, NoteError> {
        parse(note::open(text, keys)?)
    }

    /// The signed text, one signature line for each of `signers`.
    ///
    /// # Errors
    /// [`NoteError::NoSignatures`] without signers; [`NoteError::DuplicateSignature`],
    /// [`NoteError::CannotSign`], [`NoteError::TooLong`].
    pub fn sign(&self, signers: &[&Signer]) -> Result<String, NoteError> {
        note::sign(&self.text(), signers)
    }

    /// The text that is signed.
    #[must_use]
    pub fn text(&self) -> String {
        let extension = match self.suite {
            Suite::Sha256 => String::new(),
            Suite::Sm3 => format!("{SM3_LINE}\n"),
        };
        format!("{}\n{}\n{}\n{extension}", self.origin, self.size, BASE64.encode(self.root))
    }

    /// Checks that leaf `index` hashes to `leaf_hash` in the tree of this checkpoint: [`verify_inclusion`] with
    /// its size, root and suite.
    ///
    /// # Errors
    /// [`ProofError`], as there.
    pub fn check_inclusion(&self, index: u64, leaf_hash: &Hash, path: &[Hash]) -> Result<(), ProofError> {
        verify_inclusion(self.suite, index, self.size, leaf_hash, path, &self.root)
    }

    /// Checks that this checkpoint only added leaves to `older`: [`verify_consistency`] with the sizes and roots
    /// of both.
    ///
    /// # Errors
    /// [`ProofError`], as there; [`ProofError::OtherLog`] and [`ProofError::OtherSuite`] if the two are not of
    /// one log.
    pub fn check_extension(&self, older: &Self, path: &[Hash]) -> Result<(), ProofError> {
        if self.origin != older.origin {
            return Err(ProofError::OtherLog { older: older.origin.clone(), newer: self.origin.clone() });
        }
        if self.suite != older.suite {
            return Err(ProofError::OtherSuite { older: older.suite.name(), newer: self.suite.name() });
        }
        verify_consistency(self.suite, older.size, self.size, path, &older.root, &self.root)
    }

    /// Which log, for instance `example.org/audit`.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.origin
    }

    /// Size of the tree. Unit: leaves.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Root of the tree.
    #[must_use]
    pub const fn root(&self) -> &Hash {
        &self.root
    }

    /// The tree's hashes.
    #[must_use]
    pub const fn suite(&self) -> Suite {
        self.suite
    }
}

/// Reads a text that was signed. Strict: [`Checkpoint::text`] gives the same text again.
fn parse(text: &str) -> Result<Checkpoint, NoteError> {
    let mut lines = text.strip_suffix('\n').unwrap_or(text).split('\n');
    let origin = lines.next().unwrap_or_default();
    let size = lines.next().and_then(decimal).ok_or_else(|| bad(2, "a size"))?;
    let root = lines.next().and_then(|line| BASE64.decode(line).ok()).and_then(|bytes| bytes.try_into().ok());
    let root = root.ok_or_else(|| bad(3, "a root"))?;
    let suite = match lines.next() {
        None => Suite::Sha256,
        Some(SM3_LINE) => Suite::Sm3,
        Some(_) => return Err(bad(4, "a known extension")),
    };
    if lines.next().is_some() {
        return Err(bad(5, "a known extension"));
    }
    Checkpoint::new(suite, origin, size, root)
}

/// A number in its one decimal form.
fn decimal(digits: &str) -> Option<u64> {
    let number: u64 = digits.parse().ok()?;
    (number.to_string() == digits).then_some(number)
}

const fn bad(line: usize, expected: &'static str) -> NoteError {
    NoteError::BadCheckpoint { line, expected }
}
