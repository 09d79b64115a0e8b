//! Gather: the runs of a first load, record by record, become the files of one commit.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::runtime::Handle;

use super::spool::{self, Run, RunRows};
use super::{Loading, WriteError, Writer, change, commit, resolve};
use crate::record::keys::{DATASET_FIRST, meta};
use crate::service::BatchState;
use crate::store::sorted::Merged;
use crate::store::{CommitId, Expect, Load, Put, Snapshot, SortedWriter, Sorter, event_key};
use crate::value::codec;
use crate::write::batch::BatchRow;
use crate::write::erase;
use crate::write::quality::Graded;
use crate::write::resolve::Heads;
use crate::write::validate::{Checked, CheckedRow, Op};

/// Rows resolved together; all of a record are.
const ROWS: usize = 1_500;
/// Runs merged at a time: each has a file open and a block in memory.
const RUNS: usize = 256;
/// Bytes of links and other rows sorted in memory.
const SORTED_BYTES: usize = 64 * 1024 * 1024;
/// The first number of a finding made here: those of validation have lower ones.
const FIRST_WARNING: u16 = 10_000;
/// Rows between two words on how far it is.
const TOLD_EVERY: u64 = 1_000_000;

/// Makes the files of a load. `erased`: whether records of the dataset were erased, and must not come back.
///
/// # Errors
/// [`WriteError`]; nothing is taken in yet.
pub(super) async fn run(
    writer: &Arc<Writer>,
    loading: &Loading,
    row: BatchRow,
    expect: Expect,
    erased: bool,
) -> Result<Load, WriteError> {
    let (writer, loading, handle) = (Arc::clone(writer), loading.clone(), Handle::current());
    let snapshot = writer.store.snapshot(None).await?;
    let work = move || {
        std::fs::create_dir_all(&loading.folder)?;
        let runs = joined(&writer, &loading, &snapshot, &handle)?;
        let rows = merged(&loading, &runs, &snapshot, &handle)?;
        Gather::new(&writer, &loading, &handle, row, expect, erased)?.all(rows)
    };
    tokio::task::spawn_blocking(work).await.map_err(|_| WriteError::Stopped)?
}

fn merged(
    loading: &Loading,
    runs: &[Run],
    snapshot: &Arc<dyn Snapshot>,
    handle: &Handle,
) -> Result<Merged<RunRows>, WriteError> {
    let open = runs.iter().map(|run| RunRows::open(loading.batch, run.clone(), snapshot, handle));
    Ok(Merged::new(open.collect::<Result<Vec<_>, _>>()?))
}

/// The runs, as many of them made one as it takes to merge what is left at once.
fn joined(
    writer: &Writer,
    loading: &Loading,
    snapshot: &Arc<dyn Snapshot>,
    handle: &Handle,
) -> Result<Vec<Run>, WriteError> {
    loop {
        let runs = spool::runs(&loading.folder)?;
        if runs.len() <= RUNS {
            return Ok(runs);
        }
        for some in runs.chunks(RUNS).filter(|some| some.len() > 1) {
            spool::join(&writer.store, loading, some, merged(loading, some, snapshot, handle)?, handle)?;
        }
    }
}

struct Gather<'w> {
    writer: &'w Writer,
    handle: &'w Handle,
    row: BatchRow,
    last_line: u64,
    /// Rows that its runs must hold.
    kept: u64,
    expect: Expect,
    erased: bool,
    loading: &'w Loading,
    records: SortedWriter,
    events: SortedWriter,
    /// Links, refused rows, findings.
    others: Sorter,
    /// Entries of the change log so far, by partition.
    entries: HashMap<u32, u32>,
}

impl<'w> Gather<'w> {
    fn new(
        writer: &'w Writer,
        loading: &'w Loading,
        handle: &'w Handle,
        mut row: BatchRow,
        expect: Expect,
        erased: bool,
    ) -> Result<Self, WriteError> {
        let folder = loading.folder.join("load");
        std::fs::create_dir_all(&folder)?;
        let (last_line, kept) = (row.progress.last_line, row.progress.accepted);
        (row.progress.accepted, row.progress.changed, row.progress.unchanged) = (0, 0, 0);
        Ok(Self {
            writer,
            handle,
            row,
            last_line,
            kept,
            expect,
            erased,
            loading,
            records: SortedWriter::create(&folder.join("records"))?,
            events: SortedWriter::create(&folder.join("events"))?,
            others: Sorter::new(folder.join("others"), SORTED_BYTES),
            entries: HashMap::new(),
        })
    }

    fn all(mut self, rows: Merged<RunRows>) -> Result<Load, WriteError> {
        let mut group: Vec<CheckedRow> = Vec::with_capacity(ROWS);
        let (mut told, mut there) = (0, 0);
        for put in rows {
            let row: CheckedRow =
                codec::decode(&put?.value).map_err(|e| WriteError::Undecodable { reason: e.to_string() })?;
            there += 1;
            if group.len() >= ROWS && group.last().is_some_and(|last| last.key != row.key) {
                told += group.len() as u64;
                self.resolve(std::mem::replace(&mut group, Vec::with_capacity(ROWS)))?;
                if told % TOLD_EVERY < ROWS as u64 {
                    tracing::info!(dataset = %self.writer.table.dataset.name, rows = told, "a first load is made ready");
                }
            }
            group.push(row);
        }
        if !group.is_empty() {
            self.resolve(group)?;
        }
        if there != self.kept {
            // As after a restore of the store without them.
            let reason = format!(
                "of the {} rows of this first load {there} are there: withdraw this batch and send it again",
                self.kept
            );
            return Err(WriteError::Invalid { reason });
        }
        self.close()
    }

    /// Resolves all rows of some records as one chunk of an ordinary import would be, and keeps what it comes to.
    fn resolve(&mut self, mut rows: Vec<CheckedRow>) -> Result<(), WriteError> {
        rows.sort_by_key(|row| row.line);
        let (first_line, last_line) = (rows.first().map_or(0, |r| r.line), rows.last().map_or(0, |r| r.line));
        let graded =
            Graded { checked: Checked { rows, first_line, last_line, ..Checked::default() }, ..Graded::default() };
        let heads = self.handle.block_on(self.heads(&graded.checked.rows))?;
        // Lines come in the order of their records here: none counts as done.
        self.row.progress.last_line = 0;
        let (table, batch) = (&self.writer.table, self.loading.batch);
        let resolved = resolve::apply(table, batch, self.row.clone(), self.expect.clone(), &graded, heads)?;
        self.row = resolved.batch_row.clone();
        let made = change::rows(table, resolved, FIRST_WARNING);
        let store = self.writer.store.as_ref();
        self.handle.block_on(commit::write_pieces(store, made.before))?;
        // The first is the batch's own row, which is written once, at the end.
        let puts: Vec<Put> = made.put.into_iter().filter(|put| put.key != meta::batch(batch)).collect();
        for put in self.handle.block_on(store.seal(puts))? {
            let of_record = put.key.first_chunk().is_some_and(|two| u16::from_be_bytes(*two) >= DATASET_FIRST);
            if of_record { self.records.push(&put)? } else { self.others.push(put)? }
        }
        for (partition, touched) in made.events {
            let number = self.entries.entry(partition).or_insert(0);
            *number += 1;
            let (key, value) = (event_key(partition, *number), codec::encode(&touched));
            self.events.push(&Put { key, value, stamped: false })?;
        }
        Ok(())
    }

    /// Heads of records of which there are none yet; those that were erased stay so.
    async fn heads(&self, rows: &[CheckedRow]) -> Result<Heads, WriteError> {
        let snapshot = self.writer.store.snapshot(None).await?;
        let keys = rows.iter().map(|row| &row.key);
        let mut heads = if self.erased { Heads::read(&snapshot, keys).await? } else { Heads::of_new(keys) };
        let upserts = rows.iter().filter(|row| row.op == Op::Upsert).map(|row| (&row.key, &row.fields));
        heads.bury(erase::with::of_erased(&snapshot, self.writer, upserts).await?);
        Ok(heads)
    }

    fn close(mut self) -> Result<Load, WriteError> {
        let batch = self.loading.batch;
        (self.row.progress.last_line, self.row.state) = (self.last_line, BatchState::Complete);
        self.others.push(self.row.put(batch))?;
        let mut rows = self.others.finish()?;
        rows.push(self.records.finish()?);
        let events = vec![self.events.finish()?];
        let mut name = blake3::Hasher::new();
        name.update(b"first load").update(&batch.0.to_be_bytes());
        for file in rows.iter().chain(&events) {
            name.update(&file.digest);
        }
        Ok(Load {
            id: CommitId(*name.finalize().as_bytes().first_chunk().unwrap_or(&[0; 16])),
            expect: vec![(meta::batch(batch), self.expect)],
            empty: vec![self.writer.table.layout.range()],
            rows,
            events,
        })
    }
}
