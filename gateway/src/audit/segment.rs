//! Segment files.
//!
//! ```text
//! header 64: "NATBAUD1" | first entry number u64 | chain hash before it 32 | 16 zero
//! frame    : length u32 | leaf | chain hash 32          length 0 = nothing follows
//! leaf hash  = SHA-256(0x00 | leaf)                     RFC 9162 2.1.1
//! chain hash = SHA-256(0x01 | chain before | leaf hash)
//! ```

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest;

/// A SHA-256.
pub(super) type Hash = [u8; 32];

pub(super) const HEADER: usize = 64;
/// Bytes of a frame besides its leaf.
pub(super) const FRAME_EXTRA: usize = 4 + 32;
const MAGIC: &[u8; 8] = b"NATBAUD1";
/// Longest leaf.
const LEAF_BYTES_MAX: usize = 4 << 20;

/// The leaf hash of RFC 9162.
pub(super) fn leaf_hash(leaf: &[u8]) -> Hash {
    hash(&[&[0], leaf])
}

/// The chain hash after an entry.
pub(super) fn chain_hash(before: &Hash, leaf: &[u8]) -> Hash {
    hash(&[&[1], before, &leaf_hash(leaf)])
}

fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = digest::Context::new(&digest::SHA256);
    for part in parts {
        context.update(part);
    }
    let mut out = [0; 32];
    out.copy_from_slice(context.finish().as_ref());
    out
}

/// Appends a frame to `out`; gives the chain hash after it.
pub(super) fn put_frame(out: &mut Vec<u8>, before: &Hash, leaf: &[u8]) -> Hash {
    let after = chain_hash(before, leaf);
    out.extend_from_slice(&u32::try_from(leaf.len()).unwrap_or(u32::MAX).to_le_bytes());
    out.extend_from_slice(leaf);
    out.extend_from_slice(&after);
    after
}

/// A segment's path.
pub(super) fn path(directory: &Path, first: u64) -> PathBuf {
    directory.join(format!("{first:020}.log"))
}

/// Segments of a directory: (first entry number, path), in order.
pub(super) fn list(directory: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut all = Vec::new();
    for item in std::fs::read_dir(directory)? {
        let path = item?.path();
        let number = path.file_stem().and_then(|s| s.to_str()).filter(|s| s.len() == 20).and_then(|s| s.parse().ok());
        if let (Some(first), Some("log")) = (number, path.extension().and_then(|e| e.to_str())) {
            all.push((first, path));
        }
    }
    all.sort();
    Ok(all)
}

/// Makes a zeroed file of `bytes`, synced; zeroed blocks make later syncs cheap.
pub(super) fn preallocate(file: &Path, bytes: u64) -> io::Result<File> {
    let mut out = std::fs::OpenOptions::new().read(true).write(true).create(true).truncate(true).open(file)?;
    let zeros = vec![0_u8; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        let part = usize::try_from(left.min(1 << 20)).unwrap_or(0);
        out.write_all(zeros.get(..part).unwrap_or_default())?;
        left -= part as u64;
    }
    out.sync_all()?;
    Ok(out)
}

/// Turns a preallocated file into the segment that begins with entry `first`.
pub(super) fn begin(spare: &Path, file: &File, directory: &Path, first: u64, before: &Hash) -> io::Result<()> {
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(MAGIC);
    header.extend_from_slice(&first.to_le_bytes());
    header.extend_from_slice(before);
    header.resize(HEADER, 0);
    file.write_all_at(&header, 0)?;
    file.sync_all()?;
    std::fs::rename(spare, path(directory, first))?;
    File::open(directory)?.sync_all()
}

/// What a segment holds.
pub(super) struct Scan {
    /// First entry number.
    pub(super) first: u64,
    /// Chain hash before the first entry.
    pub(super) before: Hash,
    /// Leaves with the chain hash after each.
    pub(super) leaves: Vec<(Vec<u8>, Hash)>,
    /// Where the last whole entry ends.
    pub(super) end: u64,
    /// Where the last byte other than zero stands, plus one; beyond `end` = a torn tail.
    pub(super) written: u64,
}

impl Scan {
    /// Chain hash after the last whole entry.
    pub(super) fn after(&self) -> Hash {
        self.leaves.last().map_or(self.before, |(_, chain)| *chain)
    }
}

/// Reads a segment up to the first frame that is not whole or does not chain.
///
/// # Errors
/// Of the file system, or if the header is not a segment's.
pub(super) fn scan(file: &Path) -> io::Result<Scan> {
    let mut bytes = Vec::new();
    File::open(file)?.read_to_end(&mut bytes)?;
    let damaged = || io::Error::other(format!("{}: not an audit segment", file.display()));
    let (header, _) = bytes.split_first_chunk::<HEADER>().ok_or_else(damaged)?;
    let (magic, rest) = header.split_first_chunk::<8>().ok_or_else(damaged)?;
    let (first, rest) = rest.split_first_chunk::<8>().ok_or_else(damaged)?;
    let (before, _) = rest.split_first_chunk::<32>().ok_or_else(damaged)?;
    if magic != MAGIC {
        return Err(damaged());
    }
    let mut scan = Scan {
        first: u64::from_le_bytes(*first),
        before: *before,
        leaves: Vec::new(),
        end: HEADER as u64,
        written: bytes.iter().rposition(|b| *b != 0).map_or(0, |at| at as u64 + 1),
    };
    let mut rest = bytes.get(HEADER..).unwrap_or_default();
    while let Some((leaf, chain, after)) = frame(rest) {
        if chain_hash(&scan.after(), leaf) != chain {
            break;
        }
        scan.end += (rest.len() - after.len()) as u64;
        scan.leaves.push((leaf.to_vec(), chain));
        rest = after;
    }
    scan.written = scan.written.max(scan.end);
    Ok(scan)
}

/// The lengths of the first leaves of a segment, at most `most`, up to one that is not whole; and the leaf at place `at` of
/// them. Nothing is hashed: lengths are hints, and the leaf's proof is what vouches for it. Cost: the segment is read.
///
/// # Errors
/// Of the file system.
pub(super) fn walk(file: &Path, at: usize, most: usize) -> io::Result<(Vec<usize>, Option<Vec<u8>>)> {
    let bytes = std::fs::read(file)?;
    let (mut lengths, mut found, mut rest) = (Vec::new(), None, bytes.get(HEADER..).unwrap_or_default());
    while let Some((leaf, _, after)) = frame(rest).filter(|_| lengths.len() < most) {
        if lengths.len() == at {
            found = Some(leaf.to_vec());
        }
        lengths.push(leaf.len());
        rest = after;
    }
    Ok((lengths, found))
}

/// The leaf of the frame that begins at byte `offset`, if one does: it must chain to what stands before it.
///
/// # Errors
/// Of the file system.
pub(super) fn leaf_at(file: &Path, offset: u64) -> io::Result<Option<Vec<u8>>> {
    // The chain hash before stands at the end of the frame before, or in the header.
    let before_at = if offset == HEADER as u64 { 16 } else { offset - 32 };
    let file = File::open(file)?;
    let (mut before, mut length) = ([0; 32], [0; 4]);
    if file.read_exact_at(&mut before, before_at).is_err() || file.read_exact_at(&mut length, offset).is_err() {
        return Ok(None);
    }
    let length = u32::from_le_bytes(length) as usize;
    if length == 0 || length > LEAF_BYTES_MAX {
        return Ok(None);
    }
    let mut bytes = vec![0; length + FRAME_EXTRA];
    if file.read_exact_at(&mut bytes, offset).is_err() {
        return Ok(None);
    }
    Ok(frame(&bytes).filter(|(leaf, chain, _)| chain_hash(&before, leaf) == *chain).map(|(leaf, ..)| leaf.to_vec()))
}

/// Bytes read at a time when entries are read on and on.
const AHEAD: usize = 1 << 20;

/// Entries from the frame that begins at byte `offset`, at most `most`: those whose frames chain to what stands before
/// them, and no more than fit into a mebibyte (one, if the first is larger).
///
/// # Errors
/// Of the file system.
pub(super) fn from(path: &Path, offset: u64, most: usize) -> io::Result<Vec<Vec<u8>>> {
    let before_at = if offset == HEADER as u64 { 16 } else { offset - 32 };
    let file = File::open(path)?;
    let mut before = [0; 32];
    if file.read_exact_at(&mut before, before_at).is_err() {
        return Ok(Vec::new());
    }
    let mut bytes = vec![0; AHEAD];
    let read = file.read_at(&mut bytes, offset)?;
    bytes.truncate(read);
    let (mut out, mut rest) = (Vec::new(), bytes.as_slice());
    while let Some((leaf, chain, after)) = frame(rest).filter(|_| out.len() < most) {
        if chain_hash(&before, leaf) != chain {
            break;
        }
        out.push(leaf.to_vec());
        (before, rest) = (chain, after);
    }
    if out.is_empty() && most > 0 {
        out.extend(leaf_at(path, offset)?);
    }
    Ok(out)
}

/// The first frame of `bytes` and what follows it; `None` at the end or if it is not whole.
fn frame(bytes: &[u8]) -> Option<(&[u8], Hash, &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = u32::from_le_bytes(*length) as usize;
    if length == 0 || length > LEAF_BYTES_MAX {
        return None;
    }
    let (leaf, rest) = rest.split_at_checked(length)?;
    let (chain, rest) = rest.split_first_chunk::<32>()?;
    Some((leaf, *chain, rest))
}
