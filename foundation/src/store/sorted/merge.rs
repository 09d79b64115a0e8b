//! Several sorted sequences of rows as one.

use std::cmp::Ordering;
use std::collections::BinaryHeap;
use std::collections::binary_heap::PeekMut;
use std::io;

use crate::store::Put;

/// The rows of several sequences, each ascending, by ascending key; of equal keys that of the earlier sequence first.
///
/// Cost: a comparison of keys per doubling of the number of sequences, a row.
pub(crate) struct Merged<I> {
    heap: BinaryHeap<Next<I>>,
    failed: Option<io::Error>,
}

struct Next<I> {
    row: Put,
    from: usize,
    rest: I,
}

impl<I> Ord for Next<I> {
    fn cmp(&self, other: &Self) -> Ordering {
        // The heap gives its greatest first.
        other.row.key.cmp(&self.row.key).then(other.from.cmp(&self.from))
    }
}

impl<I> PartialOrd for Next<I> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<I> PartialEq for Next<I> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl<I> Eq for Next<I> {}

impl<I: Iterator<Item = io::Result<Put>>> Merged<I> {
    /// Merges `sequences`.
    pub(crate) fn new(sequences: impl IntoIterator<Item = I>) -> Self {
        let mut merged = Self { heap: BinaryHeap::new(), failed: None };
        for (from, mut rest) in sequences.into_iter().enumerate() {
            match rest.next() {
                Some(Ok(row)) => merged.heap.push(Next { row, from, rest }),
                Some(Err(error)) => merged.failed = Some(error),
                None => {}
            }
        }
        merged
    }
}

impl<I: Iterator<Item = io::Result<Put>>> Iterator for Merged<I> {
    type Item = io::Result<Put>;

    fn next(&mut self) -> Option<io::Result<Put>> {
        if let Some(error) = self.failed.take() {
            self.heap.clear();
            return Some(Err(error));
        }
        let mut top = self.heap.peek_mut()?;
        match top.rest.next() {
            Some(Ok(next)) => Some(Ok(std::mem::replace(&mut top.row, next))),
            ended => {
                let last = PeekMut::pop(top).row;
                if let Some(Err(error)) = ended {
                    self.failed = Some(error);
                }
                Some(Ok(last))
            }
        }
    }
}
