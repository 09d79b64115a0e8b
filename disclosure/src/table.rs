//! A table as counted: every cell of its dimensions, with its count and the sum of its record keys.

use std::collections::BTreeMap;

/// Most dimensions of a table.
pub const DIMENSIONS_MAX: usize = 3;

/// A category of a dimension; `None` = the record says nothing.
pub type Code = Option<String>;

/// Why a table cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum TableError {
    /// Too many dimensions, or one twice.
    #[error("a table has at most {DIMENSIONS_MAX} different dimensions, not {given:?}")]
    Dimensions { given: Vec<u16> },
    /// A cell of another table.
    #[error("a cell has {given} categories; the table has {dimensions} dimensions")]
    Categories { given: usize, dimensions: usize },
}

/// What is counted in a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cell {
    /// Units in it, exactly.
    pub count: u64,
    /// The sum of their record keys, mod 2^64: tells which units they are, to nobody who has not the keys.
    pub key: u64,
}

impl Cell {
    /// Adds the units of another cell, which has none of this one's.
    pub(crate) fn add(&mut self, other: Self) {
        self.count = self.count.saturating_add(other.count);
        self.key = self.key.wrapping_add(other.key);
    }
}

/// A table over up to [`DIMENSIONS_MAX`] dimensions, each a number; its cells have no unit in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    dimensions: Vec<u16>,
    cells: BTreeMap<Vec<Code>, Cell>,
}

impl Table {
    /// An empty table. The order of its dimensions is theirs by number, however they are given.
    ///
    /// # Errors
    /// [`TableError::Dimensions`].
    pub fn new(dimensions: &[u16]) -> Result<Self, TableError> {
        let mut sorted = dimensions.to_vec();
        sorted.sort_unstable();
        sorted.dedup();
        if sorted.len() != dimensions.len() || sorted.len() > DIMENSIONS_MAX {
            return Err(TableError::Dimensions { given: dimensions.to_vec() });
        }
        Ok(Self { dimensions: sorted, cells: BTreeMap::new() })
    }

    /// The dimensions, sorted.
    #[must_use]
    pub fn dimensions(&self) -> &[u16] {
        &self.dimensions
    }

    /// The cells with units in them, by category.
    pub fn cells(&self) -> impl Iterator<Item = (&[Code], Cell)> {
        self.cells.iter().map(|(codes, cell)| (codes.as_slice(), *cell))
    }

    /// Adds units to the cell of `codes`, one category a dimension in the order of [`Self::dimensions`].
    ///
    /// # Errors
    /// [`TableError::Categories`].
    pub fn add(&mut self, codes: Vec<Code>, cell: Cell) -> Result<(), TableError> {
        if codes.len() != self.dimensions.len() {
            return Err(TableError::Categories { given: codes.len(), dimensions: self.dimensions.len() });
        }
        self.cells.entry(codes).or_default().add(cell);
        Ok(())
    }
}
