//! Faults of a workbook, with their place.

use std::fmt;

/// Most faults told.
const FAULTS_TOLD_MAX: usize = 50;

/// What is wrong with a workbook, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetFault {
    /// The sheet; empty = the workbook.
    pub sheet: String,
    /// Row, from 1; 0 = the sheet as a whole.
    pub row: u32,
    /// Column by its letter; empty = the row as a whole.
    pub column: String,
    /// The rule.
    pub rule: String,
}

impl fmt::Display for SheetFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.sheet.is_empty() {
            return write!(f, "the workbook: {}", self.rule);
        }
        write!(f, "sheet `{}`", self.sheet)?;
        if self.row > 0 {
            write!(f, ", row {}", self.row)?;
        }
        if !self.column.is_empty() {
            write!(f, ", column {}", self.column)?;
        }
        write!(f, ": {}", self.rule)
    }
}

/// Everything that is wrong with a workbook.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", told(.0))]
pub struct SheetFaults(pub Vec<SheetFault>);

fn told(faults: &[SheetFault]) -> String {
    let mut text: Vec<String> = faults.iter().take(FAULTS_TOLD_MAX).map(ToString::to_string).collect();
    if faults.len() > FAULTS_TOLD_MAX {
        text.push(format!("and {} more", faults.len() - FAULTS_TOLD_MAX));
    }
    text.join("; ")
}

/// Faults as they are found.
pub(super) struct Faults(pub(super) Vec<SheetFault>);

impl Faults {
    /// Adds a fault; row and column count from 0.
    pub(super) fn put(&mut self, sheet: &str, row: u32, column: Option<u16>, rule: impl Into<String>) {
        let column = column.map(letter).unwrap_or_default();
        self.0.push(SheetFault { sheet: sheet.to_owned(), row: row + 1, column, rule: rule.into() });
    }
}

/// A column by its letter; the template has fewer than 26.
fn letter(column: u16) -> String {
    let last = char::from(b'A' + u8::try_from(column % 26).unwrap_or(0));
    if column < 26 { last.to_string() } else { format!("{}{last}", letter(column / 26 - 1)) }
}
