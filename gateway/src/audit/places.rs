//! Where each entry stands in its segment: a hint that makes reading one entry cost one read instead of a segment's.
//!
//! `places` holds a u32 an entry, little endian: the byte of its segment at which its frame begins; 0 = not known. It is
//! never relied on: a frame found by it must chain to what stands before it, or the segment is read.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use super::segment::{FRAME_EXTRA, HEADER, Hash};

const NAME: &str = "places";
const BYTES: u64 = 4;

/// The hints.
pub(super) struct Places(File);

impl Places {
    /// Opens the hints and writes those of the last segment, which begins with entry `first`.
    pub(super) fn open(directory: &Path, first: u64, newest: &[(Vec<u8>, Hash)]) -> io::Result<Self> {
        let path = directory.join(NAME);
        let file = std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
        let places = Self(file);
        places.put(first, HEADER as u64, newest.iter().map(|(leaf, _)| leaf.len()))?;
        Ok(places)
    }

    /// Opens the hints of a log that is only read: nothing can be put.
    pub(super) fn read(directory: &Path) -> io::Result<Self> {
        File::open(directory.join(NAME)).map(Self)
    }

    /// Writes the hints of leaves of these lengths: the first is entry `first` and stands at byte `offset`.
    pub(super) fn put(&self, first: u64, offset: u64, lengths: impl Iterator<Item = usize>) -> io::Result<()> {
        let mut at = offset;
        let mut bytes = Vec::new();
        for length in lengths {
            bytes.extend_from_slice(&u32::try_from(at).unwrap_or(0).to_le_bytes());
            at += (length + FRAME_EXTRA) as u64;
        }
        self.0.write_all_at(&bytes, first * BYTES)
    }

    /// The hint for `entry`.
    pub(super) fn of(&self, entry: u64) -> Option<u64> {
        let mut bytes = [0; 4];
        self.0.read_exact_at(&mut bytes, entry * BYTES).ok()?;
        Some(u64::from(u32::from_le_bytes(bytes))).filter(|at| *at >= HEADER as u64)
    }
}
