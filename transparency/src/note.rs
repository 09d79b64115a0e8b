//! Signed notes (C2SP signed-note).
//!
//! ```text
//! text, lines each ending in a newline
//!                                                   an empty line, the last of the note
//! — <name> <base64(key id 4 | signature)>           one or more
//! ```

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::key::{VerifyingKey, is_name};
use crate::signer::Signer;

#[cfg(test)]
mod tests;

/// Longest note that is made or opened. Unit: bytes.
pub const NOTE_BYTES_MAX: usize = 64 << 10;

/// Why a note or a checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum NoteError {
    /// Longer than [`NOTE_BYTES_MAX`].
    #[error("the note has {bytes} bytes; at most {NOTE_BYTES_MAX} are allowed")]
    TooLong { bytes: usize },
    /// A control character other than the newline, a carriage return among them.
    #[error("control character at byte {at}")]
    ControlCharacter { at: usize },
    /// No empty line followed by whole signature lines.
    #[error("the note has no signatures")]
    NoSignatures,
    /// A line among the signatures is none. Lines count from 1, from the first signature.
    #[error("signature line {line} is malformed")]
    BadSignatureLine { line: usize },
    /// Two different known keys share name and id.
    #[error("two known keys are called `{name}` and have the same id")]
    AmbiguousKey { name: String },
    /// A known key signed twice.
    #[error("`{name}` signed more than once")]
    DuplicateSignature { name: String },
    /// A signature that a known key did not make on this text.
    #[error("the signature of `{name}` is not valid")]
    InvalidSignature { name: String },
    /// No signature is of a known key.
    #[error("no known key signed")]
    NoKnownSignature,
    /// The library could not sign.
    #[error("`{name}` could not sign")]
    CannotSign { name: String },
    /// A signed text that is not a checkpoint. Lines count from 1.
    #[error("line {line} of the checkpoint is not {expected}")]
    BadCheckpoint { line: usize, expected: &'static str },
}

/// The text of a note that a known key signed.
///
/// Signatures of unknown keys are ignored, as the format demands: witnesses may add theirs. One that a known key
/// did not make refuses the whole note, even beside a valid one.
///
/// Cost: at most one signature check for each of `keys`.
pub(crate) fn open<'n>(note: &'n str, keys: &[VerifyingKey]) -> Result<&'n str, NoteError> {
    check_characters(note)?;
    let split = note.rfind("\n\n").ok_or(NoteError::NoSignatures)?;
    let (text, signatures) = (note.get(..=split), note.get(split + 2..));
    let (text, signatures) = text.zip(signatures).ok_or(NoteError::NoSignatures)?;
    let signatures = signatures.strip_suffix('\n').ok_or(NoteError::NoSignatures)?;
    let mut signed: Vec<&VerifyingKey> = Vec::new();
    for (number, line) in signatures.split('\n').enumerate() {
        let (name, id, signature) = signature(line).ok_or(NoteError::BadSignatureLine { line: number + 1 })?;
        let Some(key) = known(keys, name, id)? else { continue };
        if signed.contains(&key) {
            return Err(NoteError::DuplicateSignature { name: name.into() });
        }
        if !key.verifies(text.as_bytes(), &signature) {
            return Err(NoteError::InvalidSignature { name: name.into() });
        }
        signed.push(key);
    }
    if signed.is_empty() { Err(NoteError::NoKnownSignature) } else { Ok(text) }
}

/// The note of a text that ends in a newline, signed by each of `signers`.
pub(crate) fn sign(text: &str, signers: &[&Signer]) -> Result<String, NoteError> {
    if signers.is_empty() {
        return Err(NoteError::NoSignatures);
    }
    let mut note = format!("{text}\n");
    let mut signed: Vec<&VerifyingKey> = Vec::new();
    for signer in signers {
        let key = signer.verifying_key();
        let name = key.name();
        if signed.contains(&key) {
            return Err(NoteError::DuplicateSignature { name: name.into() });
        }
        let signature = signer.sign(text.as_bytes()).ok_or_else(|| NoteError::CannotSign { name: name.into() })?;
        let bytes = [key.id().as_slice(), &signature].concat();
        note.extend(["— ", name, " ", &BASE64.encode(bytes), "\n"]);
        signed.push(key);
    }
    check_characters(&note)?;
    Ok(note)
}

fn check_characters(note: &str) -> Result<(), NoteError> {
    if note.len() > NOTE_BYTES_MAX {
        return Err(NoteError::TooLong { bytes: note.len() });
    }
    match note.find(|c: char| c < ' ' && c != '\n') {
        Some(at) => Err(NoteError::ControlCharacter { at }),
        None => Ok(()),
    }
}

/// Name, key id and signature of a line.
fn signature(line: &str) -> Option<(&str, [u8; 4], Vec<u8>)> {
    let (name, encoded) = line.strip_prefix("— ")?.split_once(' ')?;
    let bytes = BASE64.decode(encoded).ok()?;
    let (id, signature) = bytes.split_first_chunk::<4>()?;
    (is_name(name) && !signature.is_empty()).then(|| (name, *id, signature.to_vec()))
}

/// The known key of this name and id.
fn known<'k>(keys: &'k [VerifyingKey], name: &str, id: [u8; 4]) -> Result<Option<&'k VerifyingKey>, NoteError> {
    let mut matching = keys.iter().filter(|key| key.name() == name && key.id() == id);
    let first = matching.next();
    if matching.any(|other| Some(other) != first) {
        return Err(NoteError::AmbiguousKey { name: name.into() });
    }
    Ok(first)
}
