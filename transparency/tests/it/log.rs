//! A log in memory, and which sizes a path cannot tell apart.

use std::io;

use transparency::{Hash, Suite, append, consistency, inclusion, root};

/// A tree of distinct leaves with its stored hashes.
pub(crate) struct Log {
    pub(crate) suite: Suite,
    pub(crate) leaves: Vec<Vec<u8>>,
    stored: Vec<Hash>,
}

impl Log {
    pub(crate) fn new(suite: Suite, size: u64) -> Self {
        let mut log = Self { suite, leaves: Vec::new(), stored: Vec::new() };
        for number in 0..size {
            let leaf = format!("leaf {number}").into_bytes();
            let more = append(suite, number, suite.leaf_hash(&leaf), |at| log.read(at)).unwrap();
            log.stored.extend(more);
            log.leaves.push(leaf);
        }
        log
    }

    pub(crate) fn leaf(&self, index: u64) -> &[u8] {
        &self.leaves[usize::try_from(index).unwrap()]
    }

    pub(crate) fn root(&self, size: u64) -> Hash {
        root(self.suite, size, |at| self.read(at)).unwrap()
    }

    pub(crate) fn inclusion(&self, index: u64, size: u64) -> Vec<Hash> {
        inclusion(self.suite, index, size, |at| self.read(at)).unwrap()
    }

    pub(crate) fn consistency(&self, from: u64, to: u64) -> Vec<Hash> {
        consistency(self.suite, from, to, |at| self.read(at)).unwrap()
    }

    fn read(&self, at: u64) -> io::Result<Hash> {
        self.stored.get(usize::try_from(at).unwrap()).copied().ok_or(io::ErrorKind::NotFound.into())
    }
}

/// On which side of each member of its path a leaf stands, from the root down; `None` if there is no such leaf.
///
/// Where two sizes give the same sides, one path leads to one root in both: no verifier of RFC 9162 can tell the
/// sizes apart. The size is bound to the root by the checkpoint's signature.
pub(crate) fn inclusion_shape(index: u64, size: u64) -> Option<Vec<bool>> {
    if index >= size {
        return None;
    }
    let (mut index, mut size, mut sides) = (index, size, Vec::new());
    while size > 1 {
        let half = left_half(size);
        sides.push(index >= half);
        (index, size) = if index < half { (index, half) } else { (index - half, size - half) };
    }
    Some(sides)
}

/// The same for a consistency proof: the sides, and whether the older tree is a node of the newer one.
pub(crate) fn consistency_shape(from: u64, to: u64) -> Option<(Vec<bool>, bool)> {
    if from == 0 || from > to {
        return None;
    }
    let (mut from, mut to, mut sides) = (from, to, Vec::new());
    while from < to {
        let half = left_half(to);
        sides.push(from > half);
        (from, to) = if from <= half { (from, half) } else { (from - half, to - half) };
    }
    let whole = !sides.contains(&true);
    Some((sides, whole))
}

fn left_half(size: u64) -> u64 {
    let mut half = 1;
    while half < size - half {
        half *= 2;
    }
    half
}
