//! Where the log goes on: its last segment, as it is found when the log is opened.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::segment::{self, HEADER, Hash};

/// A tail longer than any group is no torn write: the log is damaged and is not cut.
const TORN_BYTES_MAX: u64 = 4 << 20;

/// The last segment.
pub(super) struct Last {
    pub(super) file: File,
    /// Where its last whole entry ends.
    pub(super) offset: u64,
    /// Number of its first entry.
    pub(super) first: u64,
    /// Chain hash after its last whole entry.
    pub(super) chain: Hash,
    /// Leaves, with the chain hash after each.
    pub(super) leaves: Vec<(Vec<u8>, Hash)>,
    /// Bytes of a torn tail that were cut.
    pub(super) cut_bytes: u64,
}

impl Last {
    /// Reads the last of `segments`, verifies its chain and cuts a torn tail; begins the first segment of a log that has
    /// none. Cost: the reading of one segment.
    ///
    /// # Errors
    /// Of the file system; a damaged segment is not repaired silently.
    pub(super) fn open(directory: &Path, segments: &[(u64, PathBuf)], segment_bytes: u64) -> io::Result<Self> {
        let Some((_, path)) = segments.last() else {
            let spare = directory.join("spare.tmp");
            let file = segment::preallocate(&spare, segment_bytes)?;
            segment::begin(&spare, &file, directory, 0, &[0; 32])?;
            let (offset, chain) = (HEADER as u64, [0; 32]);
            return Ok(Self { file, offset, first: 0, chain, leaves: Vec::new(), cut_bytes: 0 });
        };
        let scan = segment::scan(path)?;
        let file = std::fs::OpenOptions::new().read(true).write(true).open(path)?;
        let cut_bytes = scan.written - scan.end;
        if cut_bytes > TORN_BYTES_MAX {
            let entry = scan.first + scan.leaves.len() as u64;
            let reason = format!("{}: damaged after entry {entry}; run `natbase audit verify`", path.display());
            return Err(io::Error::other(reason));
        }
        if cut_bytes > 0 {
            file.write_all_at(&vec![0; usize::try_from(cut_bytes).unwrap_or(0)], scan.end)?;
            file.sync_all()?;
            tracing::warn!(bytes = cut_bytes, "the audit log had a torn tail; cut at the last whole entry");
        }
        let chain = scan.after();
        Ok(Self { file, offset: scan.end, first: scan.first, chain, leaves: scan.leaves, cut_bytes })
    }
}
