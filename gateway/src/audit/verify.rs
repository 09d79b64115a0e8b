//! Checking the whole log, offline: the chain from entry to entry, and the tree against checkpoints that were kept.

use std::io;
use std::path::Path;

use transparency::{Checkpoint, Hash, Suite, VerifyingKey};

use super::commitment::committed;
use super::entry::Entry;
use super::segment;

/// What a check of the log found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditReport {
    /// Segments read.
    pub segments: u64,
    /// Entries whose chain holds.
    pub entries: u64,
    /// Bytes after the last whole entry of the last segment (a torn tail; cut at the next start).
    pub torn_bytes: u64,
    /// Root of the tree over all entries, hex: keep it elsewhere, or better a signed checkpoint.
    pub root: String,
    /// Checkpoints that the entries agree with.
    pub checkpoints: u64,
    /// What is wrong; empty = whole.
    pub problems: Vec<String>,
}

/// Verifies every segment (headers, chain, canonical bytes, no entry missing between two), then works the tree out from
/// the entries alone and compares it with every checkpoint of `checkpoints`, which `key` must have signed.
///
/// Whoever holds one old checkpoint detects any change of the entries before it: truncation, another order, insertion,
/// rewriting, a fork, even by somebody who holds the directory and makes the chain anew.
///
/// # Errors
/// Of the file system.
pub fn verify(
    directory: &Path,
    suite: Suite,
    key: Option<&VerifyingKey>,
    checkpoints: &[String],
) -> io::Result<AuditReport> {
    let mut report = AuditReport::default();
    let mut states: Vec<Checkpoint> = Vec::new();
    for text in checkpoints {
        match key.map(|key| Checkpoint::open(text, std::slice::from_ref(key))) {
            Some(Ok(state)) if state.suite() == suite => states.push(state),
            Some(Ok(state)) => {
                let (other, own) = (state.suite().name(), suite.name());
                report.problems.push(format!("a checkpoint is made with {other}; the log is checked with {own}"));
            }
            Some(Err(error)) => report.problems.push(format!("a checkpoint is not the log's: {error}")),
            None => report.problems.push("there are checkpoints and no key to judge them by".to_owned()),
        }
    }
    states.sort_by_key(Checkpoint::size);
    let mut due = states.iter().peekable();
    let mut tree = Roots { suite, peaks: Vec::new(), size: 0 };
    let mut meets = |tree: &Roots, report: &mut AuditReport| {
        while let Some(state) = due.next_if(|state| state.size() == tree.size) {
            if *state.root() == tree.root() {
                report.checkpoints += 1;
            } else {
                let size = state.size();
                report.problems.push(format!("the first {size} entries are not those of the checkpoint at {size}"));
            }
        }
    };
    meets(&tree, &mut report);
    let segments = segment::list(directory)?;
    let mut expected = (0_u64, [0_u8; 32]);
    for (at, (first, path)) in segments.iter().enumerate() {
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let mut scan = match segment::scan(path) {
            Ok(scan) => scan,
            Err(error) => {
                report.problems.push(error.to_string());
                continue;
            }
        };
        report.segments += 1;
        if scan.first != *first {
            report.problems.push(format!("{name}: its header says entry {}", scan.first));
        }
        if scan.first != expected.0 || scan.before != expected.1 {
            report.problems.push(format!("{name}: does not follow on entry {}", expected.0));
        }
        match segments.get(at + 1) {
            // What a failed write left after the successor's beginning does not count.
            Some((successor, _)) => {
                let whole = scan.first + scan.leaves.len() as u64;
                if whole < *successor {
                    report.problems.push(format!("{name}: entry {whole} is damaged"));
                }
                scan.leaves.truncate(usize::try_from(successor.saturating_sub(scan.first)).unwrap_or(usize::MAX));
            }
            None => report.torn_bytes = scan.written - scan.end,
        }
        for (number, (leaf, _)) in (scan.first..).zip(&scan.leaves) {
            if Entry::read(leaf).is_none() {
                report.problems.push(format!("{name}: entry {number} is of a form not known here"));
            }
            tree.push(&committed(suite, leaf));
            meets(&tree, &mut report);
        }
        report.entries += scan.leaves.len() as u64;
        expected = (scan.first + scan.leaves.len() as u64, scan.after());
    }
    for state in due {
        let (held, size) = (tree.size, state.size());
        report.problems.push(format!("the log holds {held} entries; a checkpoint says that it held {size}"));
    }
    report.root = crate::http::hex(&tree.root());
    Ok(report)
}

/// The roots of the complete subtrees so far, largest first; worked out from the leaves, from no stored hash.
struct Roots {
    suite: Suite,
    peaks: Vec<Hash>,
    size: u64,
}

impl Roots {
    fn push(&mut self, leaf: &[u8]) {
        let mut hash = self.suite.leaf_hash(leaf);
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = self.suite.node_hash(&left, &hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    fn root(&self) -> Hash {
        let folded = self.peaks.iter().rev().copied().reduce(|right, left| self.suite.node_hash(&left, &right));
        folded.unwrap_or_else(|| self.suite.empty_root())
    }
}
