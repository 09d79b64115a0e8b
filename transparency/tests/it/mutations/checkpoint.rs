//! Signed checkpoints, as text and as bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use transparency::{Checkpoint, Signer, VerifyingKey};

use super::{LEAVES, Outcome};
use crate::log::Log;
use crate::random::Random;

/// Checkpoints, no two of which say the same, each with one signature, and all keys.
///
/// With one signature each: a note signed twice stays valid if one signature becomes that of a stranger.
pub(super) struct Notes {
    pub(super) texts: Vec<String>,
    pub(super) keys: Vec<VerifyingKey>,
    signers: Vec<Signer>,
    /// Has the names of `signers` but not their keys.
    strangers: Vec<Signer>,
}

impl Notes {
    pub(super) fn new(logs: &[Log]) -> Self {
        let name = |at: u8| format!("log-{at}.example/audit");
        let make = |at: u8, secret: [u8; 32]| match at % 2 {
            0 => Signer::ed25519(&name(at), &secret).unwrap(),
            _ => Signer::sm2(&name(at), &secret).unwrap(),
        };
        let signers: Vec<Signer> = (0..4).map(|at| make(at, [at + 1; 32])).collect();
        let strangers = (0..4).map(|at| make(at, [at + 101; 32])).collect();
        let keys = signers.iter().map(|signer| signer.verifying_key().clone()).collect();
        let mut notes = Self { texts: Vec::new(), keys, signers, strangers };
        for at in 0..40 {
            let log = &logs[at % 2];
            let signer = at / 2 % 4;
            let text = notes.text(log, 7 * at as u64 + 1, signer);
            notes.texts.push(text);
        }
        notes
    }

    /// A checkpoint of `log` at `size`.
    pub(super) fn text(&self, log: &Log, size: u64, signer: usize) -> String {
        assert!(size <= LEAVES);
        let signer = &self.signers[signer];
        let origin = signer.verifying_key().name();
        let checkpoint = Checkpoint::new(log.suite, origin, size, log.root(size)).unwrap();
        let text = checkpoint.sign(&[signer]).unwrap();
        assert_eq!(Checkpoint::open(&text, &self.keys), Ok(checkpoint), "before any mutation");
        text
    }
}

pub(super) fn attempt(random: &mut Random, notes: &Notes) -> Outcome {
    let text = random.pick(&notes.texts);
    let changed = mutate(random, notes, text);
    if changed == text.as_bytes() {
        return Outcome::Same;
    }
    // Bytes that are no text cannot even be handed in.
    let Ok(changed) = std::str::from_utf8(&changed) else { return Outcome::Refused };
    Outcome::of(&Checkpoint::open(changed, &notes.keys), || format!("{changed:?}\ninstead of {text:?}"))
}

/// One change to a signed checkpoint.
pub(super) fn mutate(random: &mut Random, notes: &Notes, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    let at = random.at(bytes.len());
    match random.below(9) {
        0..3 => random.flip(&mut bytes),
        3 => bytes.truncate(at),
        4 => drop(bytes.remove(at)),
        5 => bytes.insert(at, *random.pick(b"\n\r\t\0 +=/0A9-")),
        6 => bytes.extend_from_slice(random.pick(&["\n", " ", "\r\n", "x\n"]).as_bytes()),
        _ => return mutate_lines(random, notes, text).into_bytes(),
    }
    bytes
}

/// A change to what the lines mean.
fn mutate_lines(random: &mut Random, notes: &Notes, text: &str) -> String {
    let mut lines: Vec<String> = text.split_terminator('\n').map(str::to_owned).collect();
    let other = random.pick(&notes.texts);
    let other: Vec<&str> = other.split_terminator('\n').collect();
    let (last, at) = (lines.len() - 1, random.at(lines.len()));
    match random.below(16) {
        0 => other[0].clone_into(&mut lines[0]),
        1 => lines[0].push('x'),
        2 => other[1].clone_into(&mut lines[1]),
        3 => lines[1].insert(0, '0'),
        4 => lines[1] = random.below(LEAVES).to_string(),
        5 => other[2].clone_into(&mut lines[2]),
        6 => lines[2] = BASE64.encode(random.hash()),
        7 => lines.insert(3, "hash sm3".into()),
        8 => drop(lines.remove(at)),
        9 => lines.insert(at, String::new()),
        10 => lines.insert(at, lines[at].clone()),
        // Signatures moved between checkpoints: in place of the own one, or beside it.
        11 => other[other.len() - 1].clone_into(&mut lines[last]),
        12 => lines.push(other[other.len() - 1].to_owned()),
        13 => lines[last] = resign(random, notes, &lines),
        14 => lines[last] = edit_signature(random, &lines[last]),
        _ => lines.swap(at, last),
    }
    lines.join("\n") + "\n"
}

/// The signature of someone who took a log's name, with the own key id or with the log's.
fn resign(random: &mut Random, notes: &Notes, lines: &[String]) -> String {
    let at = notes.keys.iter().position(|key| key.name() == lines[0]).unwrap();
    let root = BASE64.decode(&lines[2]).unwrap().try_into().unwrap();
    let suite = if lines[3].is_empty() { transparency::Suite::Sha256 } else { transparency::Suite::Sm3 };
    let checkpoint = Checkpoint::new(suite, &lines[0], lines[1].parse().unwrap(), root).unwrap();
    let forged = checkpoint.sign(&[&notes.strangers[at]]).unwrap();
    let line = forged.lines().last().unwrap().to_owned();
    if random.below(2) == 0 {
        return line;
    }
    edit(&line, |bytes| bytes[..4].copy_from_slice(&notes.keys[at].id()))
}

/// A bit of key id or signature turned, or bytes missing or added, in sound base64.
fn edit_signature(random: &mut Random, line: &str) -> String {
    edit(line, |bytes| match random.below(4) {
        0 | 1 => random.flip(bytes),
        2 => bytes.push(0),
        _ => bytes.truncate(random.at(bytes.len())),
    })
}

fn edit(line: &str, change: impl FnOnce(&mut Vec<u8>)) -> String {
    let (name, encoded) = line.rsplit_once(' ').unwrap();
    let mut bytes = BASE64.decode(encoded).unwrap();
    change(&mut bytes);
    format!("{name} {}", BASE64.encode(bytes))
}
