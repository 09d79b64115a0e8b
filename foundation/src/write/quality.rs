//! Quality: findings that do not refuse a row.
//!
//! Those of values and of the domain's rules were made while validating; here are those that need the chunk as a whole.

use std::collections::HashMap;

use super::validate::{Checked, CheckedRow, Op};
use crate::service::RowProblem;
use crate::value::Day;

/// Most days that a claim may start ahead of today without a word on it.
const AHEAD_DAYS: i64 = 366;

/// A chunk with all its findings, in order of lines.
#[derive(Debug, Default)]
pub struct Graded {
    /// The chunk.
    pub checked: Checked,
    /// Findings, by line.
    pub warnings: Vec<RowProblem>,
}

impl Graded {
    /// This chunk and the one after it as one.
    #[must_use]
    pub fn followed_by(mut self, mut next: Self) -> Self {
        self.checked.rows.append(&mut next.checked.rows);
        self.checked.refused.append(&mut next.checked.refused);
        self.warnings.append(&mut next.warnings);
        self.checked.last_line = next.checked.last_line;
        self
    }

    /// What was refused or found, and the rows apart.
    #[must_use]
    pub fn without_rows(mut self) -> (Self, Vec<CheckedRow>) {
        let rows = std::mem::take(&mut self.checked.rows);
        (self, rows)
    }

    /// With rows taken out before.
    #[must_use]
    pub fn with_rows(mut self, rows: Vec<CheckedRow>) -> Self {
        self.checked.rows = rows;
        self
    }
}

/// Looks for findings in a chunk. Cost: one hash a row.
#[must_use]
pub fn run(mut checked: Checked, today: Day) -> Graded {
    let mut warnings = std::mem::take(&mut checked.findings);
    let mut lines = HashMap::with_capacity(checked.rows.len());
    for row in &checked.rows {
        let stretch = (row.key.as_bytes(), row.valid_from, row.valid_to);
        if row.op == Op::Upsert
            && let Some(first) = lines.insert(stretch, row.line)
        {
            let message = format!("line {first} names the same record for the same time; the later row counts");
            warnings.push(finding(row.line, "", "repeated", message));
        }
        if row.valid_from.is_some_and(|from| from > today.plus(AHEAD_DAYS)) {
            let message = "the claim starts more than a year from now".to_owned();
            warnings.push(finding(row.line, "_valid_from", "far_ahead", message));
        }
    }
    warnings.sort_by_key(|w| w.line);
    Graded { checked, warnings }
}

fn finding(line: u64, field: &str, rule: &str, message: String) -> RowProblem {
    RowProblem { line, field: field.to_owned(), rule: rule.to_owned(), message }
}
