//! The runs of a first load: files of checked rows by record, each of a stretch of lines.
//!
//! ```text
//! FOLDER/<first line>-<last line>     blocks: [bytes u32, top bit: the last][xxh3 u64][rows, sealed]
//! ```
//! A run is whole under its name or not there. Rows are sealed under a key of the batch, which goes with the load.

use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::runtime::Handle;
use xxhash_rust::xxh3::xxh3_64;

use super::{Loading, WriteError, Writer};
use crate::record::BatchId;
use crate::record::keys::meta;
use crate::store::sorted::{Rows, append};
use crate::store::{Bytes, Key, Put, Snapshot, Store};
use crate::value::codec;
use crate::write::validate::Checked;

/// Bytes of rows a block.
const BLOCK_BYTES: usize = 64 * 1024;
/// Marks the last block.
const LAST: u32 = 1 << 31;

/// A run: its lines, and where it lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Run {
    pub(super) first: u64,
    pub(super) last: u64,
    path: PathBuf,
}

/// The runs of a batch.
pub(super) struct Spool {
    store: Arc<dyn Store>,
    loading: Loading,
}

impl Spool {
    /// Opens the folder of a first load whose rows are kept up to line `done`; a run beyond it was broken off and goes.
    ///
    /// # Errors
    /// [`WriteError::Files`].
    pub(super) async fn open(writer: &Writer, loading: &Loading, done: u64) -> Result<Self, WriteError> {
        let (folder, spool) =
            (loading.folder.clone(), Self { store: Arc::clone(&writer.store), loading: loading.clone() });
        blocking(move || {
            fs::create_dir_all(&folder)?;
            runs(&folder)?.into_iter().filter(|run| run.last > done).try_for_each(|run| fs::remove_file(run.path))
        })
        .await?;
        Ok(spool)
    }

    pub(super) fn batch(&self) -> BatchId {
        self.loading.batch
    }

    /// Writes the rows of a stretch of lines as a run; it is on the disk when this returns.
    ///
    /// # Errors
    /// [`WriteError`].
    pub(super) async fn write(&self, checked: &Checked) -> Result<Option<Run>, WriteError> {
        if checked.rows.is_empty() {
            return Ok(None);
        }
        let mut puts: Vec<Put> = Vec::with_capacity(checked.rows.len());
        for row in &checked.rows {
            let key = [row.key.as_bytes(), &row.line.to_be_bytes()].concat();
            puts.push(Put { key, value: codec::encode(row), stamped: false });
        }
        puts.sort_unstable_by(|one, next| one.key.cmp(&next.key));
        let mut out = RunWriter::new(&self.loading, checked.first_line, checked.last_line);
        let mut blocks = Vec::new();
        for put in &puts {
            blocks.extend(out.push(put)?);
        }
        blocks.push(out.last());
        let blocks = self.store.seal(blocks).await?;
        let run = Run { first: out.first, last: out.last, path: path(&self.loading.folder, out.first, out.last) };
        let kept = run.clone();
        blocking(move || write_whole(&run.path, blocks.iter().map(|block| Ok(block.value.clone())))).await?;
        Ok(Some(kept))
    }
}

/// Removes a run whose rows could not be counted.
///
/// # Errors
/// [`WriteError::Files`].
pub(super) fn remove(run: Option<Run>) -> Result<(), WriteError> {
    Ok(run.map_or(Ok(()), |run| fs::remove_file(run.path))?)
}

/// Does file work on a blocking thread.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> Result<T, WriteError> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| WriteError::Stopped)??)
}

fn path(folder: &Path, first: u64, last: u64) -> PathBuf {
    folder.join(format!("{first:020}-{last:020}"))
}

/// The runs in a folder by their lines. What a crash left half done goes: unnamed files, and runs that another covers.
///
/// # Errors
/// [`io::Error`].
pub(super) fn runs(folder: &Path) -> io::Result<Vec<Run>> {
    let mut runs: Vec<Run> = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            continue;
        }
        let path = entry.path();
        let name = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.split_once('-'));
        match name.and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?))) {
            Some((first, last)) => runs.push(Run { first, last, path }),
            None => fs::remove_file(path)?,
        }
    }
    // The widest of those that begin at a line first.
    runs.sort_by(|one, next| one.first.cmp(&next.first).then(next.last.cmp(&one.last)));
    let (mut kept, mut covered) = (Vec::<Run>::with_capacity(runs.len()), 0);
    for run in runs {
        if run.last <= covered {
            fs::remove_file(run.path)?;
        } else {
            covered = run.last;
            kept.push(run);
        }
    }
    Ok(kept)
}

/// Writes a file whole or not at all.
fn write_whole(path: &Path, blocks: impl Iterator<Item = io::Result<Vec<u8>>>) -> io::Result<()> {
    let fresh = path.with_extension("new");
    let mut out = BufWriter::new(File::create(&fresh)?);
    let mut blocks = blocks.peekable();
    while let Some(block) = blocks.next() {
        let block = block?;
        let bytes = u32::try_from(block.len()).ok().filter(|bytes| *bytes < LAST).ok_or_else(damaged)?;
        let last = if blocks.peek().is_none() { LAST } else { 0 };
        out.write_all(&(bytes | last).to_be_bytes())?;
        out.write_all(&xxh3_64(&block).to_be_bytes())?;
        out.write_all(&block)?;
    }
    out.flush()?;
    out.get_ref().sync_all()?;
    fs::rename(&fresh, path)?;
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// Cuts rows into blocks, each with its place under the batch.
struct RunWriter {
    batch: BatchId,
    first: u64,
    last: u64,
    block: Vec<u8>,
    number: u32,
}

impl RunWriter {
    fn new(loading: &Loading, first: u64, last: u64) -> Self {
        Self { batch: loading.batch, first, last, block: Vec::new(), number: 0 }
    }

    fn push(&mut self, put: &Put) -> io::Result<Option<Put>> {
        append(put, &mut self.block)?;
        Ok((self.block.len() >= BLOCK_BYTES).then(|| self.last()))
    }

    /// What is left as a block, which may be empty.
    fn last(&mut self) -> Put {
        let key = place(self.batch, self.first, self.last, self.number);
        self.number += 1;
        Put { key, value: std::mem::take(&mut self.block), stamped: false }
    }
}

fn place(batch: BatchId, first: u64, last: u64, number: u32) -> Key {
    [&meta::spooled(batch)[..], &first.to_be_bytes(), &last.to_be_bytes(), &number.to_be_bytes()].concat()
}

/// The rows of a run; on a blocking thread.
pub(super) struct RunRows {
    input: BufReader<File>,
    batch: BatchId,
    run: Run,
    number: u32,
    block: Rows,
    ended: bool,
    /// Takes the seals off.
    snapshot: Arc<dyn Snapshot>,
    handle: Handle,
}

impl RunRows {
    pub(super) fn open(batch: BatchId, run: Run, snapshot: &Arc<dyn Snapshot>, handle: &Handle) -> io::Result<Self> {
        let input = BufReader::with_capacity(BLOCK_BYTES, File::open(&run.path)?);
        let (snapshot, handle, block) = (Arc::clone(snapshot), handle.clone(), Rows::default());
        Ok(Self { input, batch, run, number: 0, block, ended: false, snapshot, handle })
    }

    fn read_block(&mut self) -> io::Result<()> {
        let (mut head, mut sum) = ([0; 4], [0; 8]);
        self.input.read_exact(&mut head)?;
        self.input.read_exact(&mut sum)?;
        let head = u32::from_be_bytes(head);
        let mut bytes = Vec::new();
        Read::by_ref(&mut self.input).take(u64::from(head & !LAST)).read_to_end(&mut bytes)?;
        if bytes.len() != (head & !LAST) as usize || xxh3_64(&bytes).to_be_bytes() != sum {
            return Err(damaged());
        }
        let key = place(self.batch, self.run.first, self.run.last, self.number);
        let opened = self.handle.block_on(self.snapshot.open(&[key], vec![Some(Bytes::from(bytes))]));
        let opened = opened.map_err(io::Error::other)?.pop().flatten().ok_or_else(damaged)?;
        self.number += 1;
        self.ended = head & LAST != 0;
        self.block = Rows::new(opened.to_vec());
        Ok(())
    }
}

impl Iterator for RunRows {
    type Item = io::Result<Put>;

    fn next(&mut self) -> Option<io::Result<Put>> {
        loop {
            if let Some(row) = self.block.next() {
                return Some(row);
            }
            if self.ended {
                return None;
            }
            if let Err(error) = self.read_block() {
                self.ended = true;
                return Some(Err(error));
            }
        }
    }
}

/// Merges runs into one that covers their lines; on a blocking thread.
///
/// # Errors
/// [`WriteError`].
pub(super) fn join(
    store: &Arc<dyn Store>,
    loading: &Loading,
    runs: &[Run],
    rows: impl Iterator<Item = io::Result<Put>>,
    handle: &Handle,
) -> Result<(), WriteError> {
    let (Some(first), Some(last)) = (runs.first(), runs.last()) else { return Ok(()) };
    let mut out = RunWriter::new(loading, first.first, last.last);
    let mut rows = rows.fuse();
    let mut ended = false;
    let blocks = std::iter::from_fn(|| {
        while !ended {
            match rows.next().transpose().and_then(|row| row.map_or(Ok(None), |row| out.push(&row).map(Some))) {
                Ok(Some(None)) => {}
                Ok(Some(Some(block))) => return Some(Ok(block)),
                Ok(None) => {
                    ended = true;
                    return Some(Ok(out.last()));
                }
                Err(error) => {
                    ended = true;
                    return Some(Err(error));
                }
            }
        }
        None
    });
    let sealed = blocks.map(|block| {
        let sealed = handle.block_on(store.seal(vec![block?])).map_err(io::Error::other)?;
        Ok(sealed.into_iter().next().map(|block| block.value).unwrap_or_default())
    });
    write_whole(&path(&loading.folder, first.first, last.last), sealed)?;
    Ok(runs.iter().try_for_each(|run| fs::remove_file(&run.path))?)
}

fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "a file of a first load is not as it was written")
}
