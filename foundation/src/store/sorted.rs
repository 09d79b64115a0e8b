//! Files of rows by ascending key: what a first load is collected in before a store takes it.
//!
//! ```text
//! block   [bytes u32][rows u32][xxh3 of the payload u64][payload]
//! row     [key bytes u16][value bytes u32, top bit: stamped][key][value]
//! ```
//! Numbers are big endian. A file is written once, synced when it is finished, and read from its start. It is no place for
//! what is to stay: it lies beside the store while a load is made ready.

mod merge;
mod row;

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use xxhash_rust::xxh3::{Xxh3, xxh3_64};

use super::{Key, Put};
pub(crate) use merge::Merged;
pub(crate) use row::{Rows, append};

/// Bytes of rows a block: what a reader of the file holds in memory.
const BLOCK_BYTES: usize = 64 * 1024;
/// Most bytes of a block that is believed; a single row may be larger than a block.
const BLOCK_MAX: usize = 64 * 1024 * 1024;
/// Bytes before a block's payload.
const HEAD_BYTES: usize = 16;

/// A finished file of rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortedFile {
    /// Where it lies.
    pub path: PathBuf,
    /// How many rows it holds.
    pub rows: u64,
    /// A digest of its blocks, in their order.
    pub digest: [u8; 16],
}

/// Writes a file of rows.
pub struct SortedWriter {
    path: PathBuf,
    out: BufWriter<File>,
    block: Vec<u8>,
    in_block: u32,
    last: Option<Key>,
    rows: u64,
    digest: Xxh3,
}

impl SortedWriter {
    /// Makes the file; one that is there is written over.
    ///
    /// # Errors
    /// [`io::Error`].
    pub fn create(path: &Path) -> io::Result<Self> {
        let out = BufWriter::new(File::create(path)?);
        let block = Vec::with_capacity(BLOCK_BYTES + 1024);
        Ok(Self { path: path.to_owned(), out, block, in_block: 0, last: None, rows: 0, digest: Xxh3::new() })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`io::Error`]; of kind `InvalidInput` if its key does not follow the one before.
    pub fn push(&mut self, put: &Put) -> io::Result<()> {
        if self.last.as_ref().is_some_and(|last| *last >= put.key) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "a row does not follow the one before it"));
        }
        append(put, &mut self.block)?;
        self.in_block += 1;
        self.rows += 1;
        match &mut self.last {
            Some(last) => last.clone_from(&put.key),
            None => self.last = Some(put.key.clone()),
        }
        if self.block.len() >= BLOCK_BYTES { self.flush() } else { Ok(()) }
    }

    /// Rows so far.
    #[must_use]
    pub fn rows(&self) -> u64 {
        self.rows
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.in_block == 0 {
            return Ok(());
        }
        let bytes = u32::try_from(self.block.len()).map_err(io::Error::other)?;
        let sum = xxh3_64(&self.block).to_be_bytes();
        self.out.write_all(&bytes.to_be_bytes())?;
        self.out.write_all(&self.in_block.to_be_bytes())?;
        self.out.write_all(&sum)?;
        self.out.write_all(&self.block)?;
        self.digest.update(&sum);
        self.block.clear();
        self.in_block = 0;
        Ok(())
    }

    /// Ends the file; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`io::Error`].
    pub fn finish(mut self) -> io::Result<SortedFile> {
        self.flush()?;
        self.out.flush()?;
        self.out.get_ref().sync_all()?;
        Ok(SortedFile { path: self.path, rows: self.rows, digest: self.digest.digest128().to_be_bytes() })
    }
}

/// Reads a file of rows; ends with an error if the file is not what was finished.
pub struct SortedRows {
    input: BufReader<File>,
    block: Rows,
    digest: Xxh3,
    left: u64,
    wanted: [u8; 16],
    ended: bool,
}

impl SortedRows {
    /// Opens a finished file.
    ///
    /// # Errors
    /// [`io::Error`].
    pub fn open(file: &SortedFile) -> io::Result<Self> {
        let input = BufReader::with_capacity(BLOCK_BYTES, File::open(&file.path)?);
        let (block, digest) = (Rows::default(), Xxh3::new());
        Ok(Self { input, block, digest, left: file.rows, wanted: file.digest, ended: false })
    }

    fn read_block(&mut self) -> io::Result<bool> {
        let mut head = [0; HEAD_BYTES];
        if self.left == 0 {
            let end = self.input.read(&mut head)? == 0;
            return if end && self.digest.digest128().to_be_bytes() == self.wanted {
                Ok(false)
            } else {
                Err(damaged())
            };
        }
        self.input.read_exact(&mut head)?;
        let (counts, sum) = head.split_at(HEAD_BYTES / 2);
        let counts = counts.first_chunk().map_or(0, |counts| u64::from_be_bytes(*counts));
        let (bytes, rows) = ((counts >> 32) as usize, counts & u64::from(u32::MAX));
        if bytes > BLOCK_MAX || rows == 0 || rows > self.left {
            return Err(damaged());
        }
        let mut payload = vec![0; bytes];
        self.input.read_exact(&mut payload)?;
        if xxh3_64(&payload).to_be_bytes() != *sum {
            return Err(damaged());
        }
        self.digest.update(sum);
        self.left -= rows;
        self.block = Rows::new(payload);
        Ok(true)
    }
}

impl Iterator for SortedRows {
    type Item = io::Result<Put>;

    fn next(&mut self) -> Option<io::Result<Put>> {
        while !self.ended {
            if let Some(row) = self.block.next() {
                return Some(row);
            }
            match self.read_block() {
                Ok(true) => {}
                Ok(false) => self.ended = true,
                Err(error) => {
                    self.ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    }
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a file of a first load is not as it was written")
}

/// Puts rows of any order into sorted files, as many in memory as fit.
pub struct Sorter {
    stem: PathBuf,
    held: Vec<Put>,
    bytes: usize,
    bytes_max: usize,
    files: Vec<SortedFile>,
}

impl Sorter {
    /// Holds up to `bytes_max` bytes in memory; its files are called `stem` with a number behind.
    #[must_use]
    pub fn new(stem: PathBuf, bytes_max: usize) -> Self {
        Self { stem, held: Vec::new(), bytes: 0, bytes_max, files: Vec::new() }
    }

    /// Adds a row.
    ///
    /// # Errors
    /// [`io::Error`].
    pub fn push(&mut self, put: Put) -> io::Result<()> {
        self.bytes += put.key.len() + put.value.len() + size_of::<Put>();
        self.held.push(put);
        if self.bytes >= self.bytes_max { self.spill() } else { Ok(()) }
    }

    fn spill(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        self.held.sort_unstable_by(|one, next| one.key.cmp(&next.key));
        let mut out = SortedWriter::create(&self.stem.with_extension(self.files.len().to_string()))?;
        for put in self.held.drain(..) {
            out.push(&put)?;
        }
        self.bytes = 0;
        self.files.push(out.finish()?);
        Ok(())
    }

    /// Its files.
    ///
    /// # Errors
    /// [`io::Error`].
    pub fn finish(mut self) -> io::Result<Vec<SortedFile>> {
        self.spill()?;
        Ok(self.files)
    }
}

#[cfg(test)]
mod tests;
