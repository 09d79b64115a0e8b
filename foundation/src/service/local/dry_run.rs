//! Dry runs: a batch judged in memory; nothing is written.
//!
//! Each chunk is judged against what the store holds, not against the chunks before it: a record named in two chunks may
//! be counted as changed twice.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::super::{
    BatchState, ImportMode, ImportProgress, ImportReport, RejectedRow, RowProblem, ServiceError, SourceRow,
};
use super::{LocalDatabase, import};
use crate::dataset::DatasetName;
use crate::record::BatchId;
use crate::write::batch::{self, BatchRow};
use crate::write::change::RefusedEntry;
use crate::write::snapshot::{self, Named};
use crate::write::{self, WriteError, resolve};

/// Dry runs kept at a time; the oldest makes room.
const RUNS_MAX: usize = 16;
/// Refused rows and findings kept a run.
const KEPT_MAX: usize = 1_000;
/// Bytes of names kept for a snapshot's preview (4,000,000 records).
const NAMED_MAX: usize = 80_000_000;

/// The dry runs of this process.
#[derive(Default)]
pub(super) struct DryRuns {
    runs: HashMap<BatchId, Arc<tokio::sync::Mutex<DryRun>>>,
    order: std::collections::VecDeque<BatchId>,
}

/// A batch judged in memory.
pub(super) struct DryRun {
    batch: BatchId,
    row: BatchRow,
    refused: Vec<(u64, RefusedEntry)>,
    warnings: Vec<RowProblem>,
    named: Vec<u8>,
}

impl DryRuns {
    /// Starts a run, anew if there was one of the same key.
    pub(super) fn open(&mut self, batch: BatchId, row: BatchRow) {
        let run = DryRun { batch, row, refused: Vec::new(), warnings: Vec::new(), named: Vec::new() };
        if self.runs.insert(batch, Arc::new(tokio::sync::Mutex::new(run))).is_none() {
            self.order.push_back(batch);
        }
        while self.order.len() > RUNS_MAX {
            if let Some(oldest) = self.order.pop_front() {
                self.runs.remove(&oldest);
            }
        }
    }
}

pub(super) fn lock(here: &LocalDatabase) -> MutexGuard<'_, DryRuns> {
    here.dry_runs.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The run of a batch, if it is one.
pub(super) fn find(here: &LocalDatabase, batch: BatchId) -> Option<Arc<tokio::sync::Mutex<DryRun>>> {
    lock(here).runs.get(&batch).cloned()
}

/// Judges rows.
pub(super) async fn rows(
    here: &LocalDatabase,
    run: &tokio::sync::Mutex<DryRun>,
    rows: Vec<SourceRow>,
) -> Result<ImportProgress, ServiceError> {
    let mut run = run.lock().await;
    let name: DatasetName = run.row.dataset.parse().map_err(|reason| WriteError::Undecodable { reason })?;
    let writer = &here.writer(&name)?;
    for chunk in batch::chunks(rows, writer) {
        let day = run.row.from_day();
        let mut graded = write::prepare(writer, day, chunk).await.map_err(|_| WriteError::Stopped)?;
        write::beside::judge(writer, day, &mut graded).await?;
        let view = here.store.snapshot(None).await?;
        let resolved = resolve::judge(&view, &writer.table, run.batch, run.row.clone(), &graded).await?;
        run.take(resolved);
    }
    Ok(run.row.progress.clone())
}

impl DryRun {
    fn take(&mut self, resolved: resolve::Resolved) {
        self.row = resolved.batch_row;
        for row in resolved.refused {
            if self.refused.len() < KEPT_MAX {
                self.refused.push((row.line, RefusedEntry { original: row.original, problems: row.problems }));
            }
        }
        self.warnings.extend(resolved.warnings);
        if let Some((_, names)) = resolved.named
            && self.named.len() + names.len() <= NAMED_MAX
        {
            self.named.extend(names);
        }
    }

    fn report(&self) -> Result<ImportReport, ServiceError> {
        let mut problems: Vec<RowProblem> = self.refused.iter().flat_map(|(_, e)| e.problems.clone()).collect();
        problems.truncate(KEPT_MAX);
        import::told(self.batch, self.row.clone(), problems, self.warnings.clone())
    }
}

/// Ends a run; in snapshot mode says how many records would end.
pub(super) async fn finish(
    here: &LocalDatabase,
    run: &tokio::sync::Mutex<DryRun>,
    cut_off: Option<String>,
) -> Result<ImportReport, ServiceError> {
    let mut run = run.lock().await;
    run.row.state = BatchState::DryRun;
    run.row.cut_off = cut_off;
    if run.row.mode == ImportMode::Snapshot && run.row.cut_off.is_none() {
        let name: DatasetName = run.row.dataset.parse().map_err(|reason| WriteError::Undecodable { reason })?;
        let (missing, _) = snapshot::preview(&*here.writer(&name)?, &run.row, Named::Held(&run.named)).await?;
        run.row.ended = missing;
    }
    run.report()
}

/// The report so far.
pub(super) async fn report(run: &tokio::sync::Mutex<DryRun>) -> Result<ImportReport, ServiceError> {
    run.lock().await.report()
}

/// Refused rows after a line.
pub(super) async fn rejected(run: &tokio::sync::Mutex<DryRun>, after_line: u64, limit: usize) -> Vec<RejectedRow> {
    let run = run.lock().await;
    let after = run.refused.iter().filter(|(line, _)| *line > after_line).take(limit);
    after.map(|(line, entry)| import::one_problem(*line, entry.clone())).collect()
}
