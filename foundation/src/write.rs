//! The write path: one function, a file a step.
//!
//! | step | file | takes → gives |
//! |---|---|---|
//! | batch | `batch.rs` | rows → chunks of one commit each |
//! | validate | `validate.rs` | rows → checked rows, and each refused row with its rule |
//! | quality | `quality.rs` | checked → graded: findings that do not refuse |
//! | beside | `beside.rs` | graded → with what the records say that its rows lean on |
//! | resolve | `resolve.rs`, `timeline.rs`, `resolution.rs` | graded + heads of one snapshot → claims and versions opened and closed |
//! | effect | `effect.rs` | resolved events → what they mean for records beside them |
//! | change | `change.rs` | resolved → one commit: rows, links, events, expectations |
//! | commit | `commit.rs` | commit → durable; conflict → back to resolve |
//!
//! `first_load.rs` is the other way, into a dataset that holds nothing yet: the same steps, one commit of sorted files.
//!
//! The index follows from the change log (`index::feed`). `source/` reads files into rows before all this;
//! `snapshot.rs` ends what a source's whole holding no longer names; `withdraw.rs` takes a batch back; `erase.rs` deletes by law.

pub mod batch;
pub mod beside;
pub mod change;
pub mod commit;
pub mod effect;
pub mod erase;
mod error;
pub mod first_load;
pub mod quality;
pub mod resolution;
pub mod resolve;
pub mod snapshot;
pub mod source;
pub mod timeline;
pub mod validate;
pub mod withdraw;

pub use error::WriteError;

use std::collections::VecDeque;
use std::sync::Arc;

use tokio::task::JoinHandle;

use batch::BatchRow;
use commit::Outcome;
use quality::Graded;

use crate::clock::Clock;
use crate::dataset::CodeLists;
use crate::record::{BatchId, Table};
use crate::service::{BatchState, Domain, RowRules, SourceRow};
use crate::store::Store;
use crate::value::Day;

/// What every write of one dataset needs; shared with the threads that validate.
pub struct Writer {
    /// The rows' store.
    pub store: Arc<dyn Store>,
    /// The dataset.
    pub table: Arc<Table>,
    /// Tables that its rows have effects on (none unless they are events).
    pub beside: Vec<Arc<Table>>,
    /// All tables of the base database.
    pub all: Arc<Vec<Arc<Table>>>,
    /// The domain, for its rules.
    pub domain: Arc<Domain>,
    /// Code lists.
    pub lists: Arc<CodeLists>,
    /// Clock.
    pub clock: Arc<dyn Clock>,
    /// Whether the data directory is marked `demo`.
    pub demo: bool,
}

impl Writer {
    /// The rules of the dataset's events, if its rows are events.
    fn event_rules(&self) -> Option<&dyn RowRules> {
        let mine = |r: &&dyn RowRules| r.table() == self.table.dataset.name.table() && !r.affects().is_empty();
        self.domain.rules.iter().map(AsRef::as_ref).find(mine)
    }
    /// The dataset's table, then those that its rows have effects on.
    pub fn written(&self) -> impl Iterator<Item = &Arc<Table>> {
        std::iter::once(&self.table).chain(&self.beside)
    }
}

impl BatchRow {
    /// # Errors
    /// [`WriteError::Invalid`] unless rows may follow.
    fn takes_rows(&self) -> Result<(), WriteError> {
        match self.state {
            BatchState::Open | BatchState::DryRun if !self.withdrawn => Ok(()),
            _ => Err(WriteError::Invalid { reason: "this batch has ended; it takes no more rows".to_owned() }),
        }
    }
}

/// Writes rows of an open batch; durable when it returns. Lines that the batch holds already are passed over, so that the
/// same rows may be sent again after a failure.
///
/// While a chunk commits the next one is validated on a blocking thread.
/// # Errors
/// [`WriteError`]; the chunks before stay.
pub async fn write(writer: &Arc<Writer>, batch: BatchId, day: Day, rows: Vec<SourceRow>) -> Result<(), WriteError> {
    let store = writer.store.as_ref();
    let mut waiting: VecDeque<Vec<SourceRow>> = batch::chunks(rows, writer).into();
    let mut next = waiting.pop_front().map(|chunk| prepare(writer, day, chunk));
    while let Some(ready) = next {
        let mut graded = ready.await.map_err(|_| WriteError::Stopped)?;
        next = waiting.pop_front().map(|chunk| prepare(writer, day, chunk));
        beside::judge(writer, day, &mut graded).await?;
        let mut parts = VecDeque::from([graded]);
        while let Some(graded) = parts.pop_front() {
            let outcome = commit::with_retry(store, || async {
                let resolved = resolve::run(writer, batch, &graded).await?;
                Ok(resolved.map(|resolved| change::plan(&writer.table, resolved)))
            })
            .await?;
            if matches!(outcome, Outcome::TooLarge) {
                graded.halve()?.into_iter().rev().for_each(|half| parts.push_front(half));
            }
        }
    }
    Ok(())
}

/// Validates and grades a chunk on a blocking thread.
#[must_use]
pub fn prepare(writer: &Arc<Writer>, day: Day, chunk: Vec<SourceRow>) -> JoinHandle<Graded> {
    let writer = Arc::clone(writer);
    tokio::task::spawn_blocking(move || {
        let Writer { table, domain, lists, clock, demo, .. } = writer.as_ref();
        let rules = validate::Rules::new(table, domain, lists, clock.as_ref(), day, *demo);
        quality::run(validate::run(&rules, chunk), clock.today())
    })
}

impl Graded {
    /// The chunk in two, cut between lines.
    ///
    /// # Errors
    /// [`WriteError::Invalid`] for a single row that alone is over the store's limits.
    fn halve(mut self) -> Result<[Self; 2], WriteError> {
        let (first, last) = (self.checked.first_line, self.checked.last_line);
        let lines = self.checked.rows.iter().map(|r| r.line).chain(self.checked.refused.iter().map(|r| r.line));
        let mut lines: Vec<u64> = lines.collect();
        lines.sort_unstable();
        let cut = lines.get(lines.len() / 2).copied().filter(|cut| *cut > first);
        let Some(cut) = cut else {
            return Err(WriteError::Invalid { reason: format!("line {last}: the row is too large for one commit") });
        };
        let before = lines.iter().rev().find(|l| **l < cut).copied().unwrap_or(first);
        let mut second = Self::default();
        let at = self.checked.rows.partition_point(|r| r.line < cut);
        second.checked.rows = self.checked.rows.split_off(at);
        let at = self.checked.refused.partition_point(|r| r.line < cut);
        second.checked.refused = self.checked.refused.split_off(at);
        let at = self.warnings.partition_point(|w| w.line < cut);
        second.warnings = self.warnings.split_off(at);
        (self.checked.last_line, second.checked.first_line, second.checked.last_line) = (before, cut, last);
        Ok([self, second])
    }
}
