//! Checking the whole log, offline.

use std::io;
use std::path::Path;

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
    /// Chain hash after the last entry, hex: keep it elsewhere to notice a log cut short later.
    pub head: String,
    /// What is wrong; empty = whole.
    pub problems: Vec<String>,
}

/// Verifies every segment: headers, chain, canonical bytes, and that no entry is missing between segments.
///
/// # Errors
/// Of the file system.
pub fn verify(directory: &Path) -> io::Result<AuditReport> {
    let mut report = AuditReport::default();
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
        }
        report.entries += scan.leaves.len() as u64;
        expected = (scan.first + scan.leaves.len() as u64, scan.after());
    }
    report.head = crate::http::hex(&expected.1);
    Ok(report)
}
