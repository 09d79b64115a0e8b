use super::{NOTE_BYTES_MAX, NoteError, open, sign};
use crate::key::VerifyingKey;
use crate::signer::Signer;

/// The example of Go's `golang.org/x/mod/sumdb/note`.
const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const SIGNATURE: &str =
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

fn signers() -> [Signer; 2] {
    [Signer::ed25519("a.example", &[1; 32]).unwrap(), Signer::sm2("b.example", &[2; 32]).unwrap()]
}

fn keys(signers: &[Signer]) -> Vec<VerifyingKey> {
    signers.iter().map(|signer| signer.verifying_key().clone()).collect()
}

#[test]
fn the_published_note_opens() {
    let key: VerifyingKey = NEUMANN.parse().unwrap();
    assert_eq!(open(&format!("{TEXT}\n{SIGNATURE}"), &[key]), Ok(TEXT));
}

#[test]
fn a_text_may_hold_empty_lines() {
    let [a, _] = signers();
    let note = sign("one\n\ntwo\n", &[&a]).unwrap();
    assert_eq!(open(&note, &[a.verifying_key().clone()]), Ok("one\n\ntwo\n"));
}

#[test]
fn signatures_of_unknown_keys_are_ignored_if_a_known_one_signed() {
    let [a, b] = signers();
    let note = sign("text\n", &[&a, &b]).unwrap();
    for key in [&a, &b].map(Signer::verifying_key) {
        assert_eq!(open(&note, std::slice::from_ref(key)), Ok("text\n"));
    }
    assert_eq!(open(&note, &keys(&[a, b])), Ok("text\n"));
    let stranger = Signer::ed25519("a.example", &[9; 32]).unwrap();
    assert_eq!(open(&note, &keys(&[stranger])), Err(NoteError::NoKnownSignature));
    assert_eq!(open(&note, &[]), Err(NoteError::NoKnownSignature));
}

#[test]
fn an_invalid_signature_of_a_known_key_refuses_the_note() {
    let [a, b] = signers();
    let (good, other) = (sign("text\n", &[&a]).unwrap(), sign("other\n", &[&b]).unwrap());
    let line = other.lines().last().unwrap();
    let expected = NoteError::InvalidSignature { name: "b.example".into() };
    assert_eq!(open(&format!("{good}{line}\n"), &keys(&[a, b])), Err(expected));
}

#[test]
fn a_key_signs_once() {
    let [a, _] = signers();
    let note = sign("text\n", &[&a]).unwrap();
    let line = note.lines().last().unwrap();
    let expected = NoteError::DuplicateSignature { name: "a.example".into() };
    assert_eq!(sign("text\n", &[&a, &a]), Err(expected.clone()));
    assert_eq!(open(&format!("{note}{line}\n"), &keys(&[a])), Err(expected));
}

#[test]
fn malformed_notes_are_refused() {
    let [a, b] = signers();
    let note = sign("text\n", &[&a]).unwrap();
    let known = keys(&[a, b]);
    let check = |note: &str, expected: NoteError| assert_eq!(open(note, &known), Err(expected), "{note:?}");
    check("", NoteError::NoSignatures);
    check("text\n", NoteError::NoSignatures);
    check("text\n\n", NoteError::NoSignatures);
    check(note.trim_end(), NoteError::NoSignatures);
    check(&format!("{note}\n"), NoteError::NoSignatures);
    check(&note.replace('\n', "\r\n"), NoteError::ControlCharacter { at: 4 });
    check(&note.replace('—', "-"), NoteError::BadSignatureLine { line: 1 });
    check(&note.replace("— a", "—  a"), NoteError::BadSignatureLine { line: 1 });
    check("text\n\n— a.example AAAAAA==\n", NoteError::BadSignatureLine { line: 1 });
    check(&format!("{note}— x\n"), NoteError::BadSignatureLine { line: 2 });
    let bytes = NOTE_BYTES_MAX + 1;
    check(&"x".repeat(bytes), NoteError::TooLong { bytes });
    assert_eq!(sign("text\n", &[]), Err(NoteError::NoSignatures));
}
