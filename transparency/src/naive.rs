//! The tree as RFC 9162 2.1 defines it, word by word: a reference for tests.

use std::fmt::Write as _;
use std::io;

use crate::suite::{Hash, Suite};

/// `MTH(D_n)` (2.1.1), from leaf hashes.
pub(crate) fn root(suite: Suite, leaves: &[Hash]) -> Hash {
    match leaves {
        [] => suite.empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(half(leaves.len()));
            suite.node_hash(&root(suite, left), &root(suite, right))
        }
    }
}

/// `PATH(m, D_n)` (2.1.3.1).
pub(crate) fn inclusion(suite: Suite, index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = half(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, other) =
        if index < k { (inclusion(suite, index, left), right) } else { (inclusion(suite, index - k, right), left) };
    path.push(root(suite, other));
    path
}

/// `PROOF(m, D_n)` (2.1.4.1).
pub(crate) fn consistency(suite: Suite, from: usize, leaves: &[Hash]) -> Vec<Hash> {
    subproof(suite, from, leaves, true)
}

fn subproof(suite: Suite, from: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
    if from == leaves.len() {
        return if whole { Vec::new() } else { vec![root(suite, leaves)] };
    }
    let k = half(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, other) = if from <= k {
        (subproof(suite, from, left, whole), right)
    } else {
        (subproof(suite, from - k, right, false), left)
    };
    path.push(root(suite, other));
    path
}

fn half(leaves: usize) -> usize {
    let mut k = 1;
    while k < leaves - k {
        k *= 2;
    }
    k
}

/// Leaf hashes of numbered leaves.
pub(crate) fn leaves(suite: Suite, count: u64) -> Vec<Hash> {
    (0..count).map(|number| suite.leaf_hash(&number.to_be_bytes())).collect()
}

/// The stored sequence of a tree, made with `append`.
pub(crate) fn store(suite: Suite, leaves: &[Hash]) -> Vec<Hash> {
    let mut stored = Vec::new();
    for (number, leaf) in (0..).zip(leaves) {
        let more = crate::append(suite, number, *leaf, read(&stored)).unwrap();
        stored.extend(more);
    }
    stored
}

/// Reads a sequence in memory.
pub(crate) fn read(stored: &[Hash]) -> impl Fn(u64) -> Result<Hash, io::Error> {
    |at| stored.get(usize::try_from(at).unwrap()).copied().ok_or(io::ErrorKind::NotFound.into())
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").unwrap();
        digits
    })
}

/// Bytes of an even number of hexadecimal digits.
pub(crate) fn unhex(digits: &str) -> Vec<u8> {
    (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect()
}
