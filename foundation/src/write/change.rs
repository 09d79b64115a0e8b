//! Change: a resolved chunk becomes one commit: rows, events, expectations.

use bincode::{Decode, Encode};

use super::batch::commit_id;
use super::resolve::{Changed, Resolved};
use super::validate::RefusedRow;
use crate::record::event::Touched;
use crate::record::keys::meta;
use crate::record::{BatchId, History, Table};
use crate::service::RowProblem;
use crate::store::{CommitBatch, Expect, Key, Put};
use crate::value::{Instant, codec};

/// Most bytes of a refused row kept as it came; the rest is cut.
const ORIGINAL_MAX: usize = 32 * 1024;
/// Most problems of a refused row kept.
const PROBLEMS_MAX: usize = 100;

/// A refused row as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct RefusedEntry {
    /// As it came.
    pub original: String,
    /// Why.
    pub problems: Vec<RowProblem>,
}

/// A commit, and what must be written before it.
#[derive(Debug)]
pub struct Plan {
    /// Pieces of large values that the commit refers to.
    pub before: Vec<Put>,
    /// The commit.
    pub batch: CommitBatch,
}

/// What a resolved chunk comes to.
#[derive(Debug)]
pub struct Rows {
    batch: BatchId,
    /// Pieces of large values that the rows refer to.
    pub before: Vec<Put>,
    /// What must hold.
    pub expect: Vec<(Key, Expect)>,
    /// Rows to write, the batch's own first, then records by key with their links behind each.
    pub put: Vec<Put>,
    /// Entries of the change log, by partition.
    pub events: Vec<(u32, Touched)>,
}

/// Plans the commit of a resolved chunk.
#[must_use]
pub fn plan(table: &Table, resolved: Resolved) -> Plan {
    let Rows { batch, before, expect, put, events } = rows(table, resolved, 0);
    let events: Vec<(u32, Vec<u8>)> = events.into_iter().map(|(at, body)| (at, codec::encode(&body))).collect();
    let id = commit_id(batch, &put, &events, &expect);
    Plan { before, batch: CommitBatch { id, expect, put, delete: Vec::new(), events } }
}

/// What a resolved chunk comes to; its findings are numbered from `first_warning`.
#[must_use]
pub fn rows(table: &Table, resolved: Resolved, first_warning: u16) -> Rows {
    let batch = resolved.batch;
    let before = resolved.pieces.into_values().collect();
    let mut rows = Rows { batch, before, expect: Vec::new(), put: Vec::new(), events: Vec::new() };
    rows.expect.push((meta::batch(batch), resolved.batch_expect));
    rows.put.push(resolved.batch_row.put(batch));
    for record in resolved.records {
        rows.record(table, record);
    }
    for beside in resolved.beside {
        for record in beside.records {
            rows.record(&beside.table, record);
        }
    }
    for row in resolved.refused {
        rows.refused(row);
    }
    for (number, warning) in (first_warning..).zip(&resolved.warnings) {
        rows.plain(meta::warning(batch, warning.line, number), codec::encode_row(warning));
    }
    if let Some((line, named)) = resolved.named {
        rows.plain(meta::named(batch, line), named);
    }
    rows
}

impl Rows {
    fn plain(&mut self, key: Key, value: Vec<u8>) {
        self.put.push(Put { key, value, stamped: false });
    }

    fn record(&mut self, table: &Table, record: Changed) {
        let Changed { key, expect, work, row } = record;
        let head = key.head();
        self.expect.push((head.clone(), expect));
        self.put.push(Put { key: head, value: row, stamped: true });
        for claim in work.closed {
            let at = key.closed_claim(claim.number);
            let value = codec::encode_row(&History::Claim { claim, closed_by: self.batch });
            self.put.push(Put { key: at, value, stamped: true });
        }
        for version in work.closed_versions {
            let at = key.closed_version(version.number);
            let value = codec::encode_row(&History::Version(version));
            self.put.push(Put { key: at, value, stamped: true });
        }
        if !table.links.is_empty() {
            let mut links: Vec<Key> = Vec::new();
            for claim in work.head.claims.iter().filter(|c| c.recorded.from == Instant::PENDING) {
                for (link, id) in table.targets(&claim.fields) {
                    links.push(meta::reverse_link(&link.target.to_string(), id, link.number, &key));
                }
            }
            links.sort_unstable();
            links.dedup();
            for link in links {
                self.plain(link, Vec::new());
            }
        }
        // Records come by key, so those of a partition come together.
        match self.events.last_mut() {
            Some((partition, touched)) if *partition == key.partition() => touched.rows.push(key.row().to_vec()),
            _ => {
                self.events.push((key.partition(), Touched { batch: self.batch, rows: vec![key.row().to_vec()] }));
            }
        }
    }

    fn refused(&mut self, row: RefusedRow) {
        let RefusedRow { line, mut original, mut problems, .. } = row;
        if original.len() > ORIGINAL_MAX {
            let cut = (0..=ORIGINAL_MAX).rev().find(|at| original.is_char_boundary(*at)).unwrap_or(0);
            original.truncate(cut);
        }
        problems.truncate(PROBLEMS_MAX);
        for problem in &mut problems {
            if problem.message.len() > 200 {
                problem.message = problem.message.chars().take(200).collect();
            }
        }
        self.plain(meta::refused(self.batch, line), codec::encode_row(&RefusedEntry { original, problems }));
    }
}
