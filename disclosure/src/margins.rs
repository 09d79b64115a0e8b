//! The marginals of a table, and how small the groups are that they divide the population into.

use std::collections::BTreeMap;

use crate::table::{Cell, Code, Table};

/// A table with all its marginals. A set of dimensions is a mask: bit `i` stands for the table's dimension `i`.
#[derive(Debug, Clone)]
pub struct Margins {
    dimensions: Vec<u16>,
    /// By mask: the cells of the marginal table over its dimensions.
    sums: Vec<BTreeMap<Vec<Code>, Cell>>,
}

impl Margins {
    /// Sums a table up.
    ///
    /// Cost: at most eight entries a cell.
    #[must_use]
    pub fn of(table: &Table) -> Self {
        let dimensions = table.dimensions().to_vec();
        let mut sums = vec![BTreeMap::<Vec<Code>, Cell>::new(); 1 << dimensions.len()];
        for (codes, cell) in table.cells() {
            for (mask, sum) in sums.iter_mut().enumerate() {
                sum.entry(kept(codes, mask)).or_default().add(cell);
            }
        }
        Self { dimensions, sums }
    }

    /// The table's dimensions, sorted.
    #[must_use]
    pub fn dimensions(&self) -> &[u16] {
        &self.dimensions
    }

    /// The cell over all dimensions.
    #[must_use]
    pub fn cell(&self, codes: &[Code]) -> Cell {
        self.sum(codes, self.all())
    }

    /// Categories of all cells with units in them.
    pub fn cells(&self) -> impl Iterator<Item = &[Code]> {
        self.sums.last().into_iter().flat_map(|cells| cells.keys().map(Vec::as_slice))
    }

    fn all(&self) -> usize {
        self.sums.len() - 1
    }

    fn sum(&self, codes: &[Code], mask: usize) -> Cell {
        self.sums.get(mask).and_then(|sum| sum.get(&kept(codes, mask))).copied().unwrap_or_default()
    }

    /// Units that hold `codes` in the dimensions of `of` but those of `failed`, and do not hold them in any of `failed`.
    fn group(&self, codes: &[Code], of: usize, failed: usize) -> u64 {
        let held = of & !failed;
        let signed = subsets(failed).map(|more| {
            let count = i128::from(self.sum(codes, held | more).count);
            if more.count_ones() % 2 == 0 { count } else { -count }
        });
        u64::try_from(signed.sum::<i128>()).unwrap_or(0)
    }

    /// Whether the cell of `codes` can be told apart without telling a small group apart.
    ///
    /// Each dimension divides the population into those of the cell's category and the others. Over the `k` dimensions
    /// of the table every one of the 2^k groups so made must have at least `minimum` units; over `j` of them, at least
    /// `minimum · 2^(k−j)`. So what differs between a cell and any of its marginals is never fewer than `minimum` units, and
    /// none of the groups that somebody knows from outside (those over fewer dimensions) can lie in one cell as a whole.
    ///
    /// Cost: at most 27 groups of at most eight sums.
    #[must_use]
    pub fn separates(&self, codes: &[Code], minimum: u64) -> bool {
        let all = self.all();
        subsets(all).all(|of| {
            let least = minimum << (all.count_ones() - of.count_ones());
            subsets(of).all(|failed| self.group(codes, of, failed) >= least)
        })
    }
}

/// The categories of the dimensions in `mask`.
fn kept(codes: &[Code], mask: usize) -> Vec<Code> {
    codes.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, code)| code.clone()).collect()
}

/// Every mask within `mask`, the empty one too.
fn subsets(mask: usize) -> impl Iterator<Item = usize> {
    (0..=mask).filter(move |part| part & !mask == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(of: &[&str]) -> Vec<Code> {
        of.iter().map(|code| Some((*code).to_owned())).collect()
    }

    /// A village of `others` besides a town where everything is plentiful.
    fn two_by_two(han_f: u64, han_m: u64, hui_f: u64, hui_m: u64) -> Margins {
        let mut table = Table::new(&[1, 2]).expect("two dimensions");
        for (group, sex, count) in [("han", "f", han_f), ("han", "m", han_m), ("hui", "f", hui_f), ("hui", "m", hui_m)]
        {
            table.add(codes(&[group, sex]), Cell { count, key: 0 }).expect("two categories");
        }
        Margins::of(&table)
    }

    #[test]
    fn a_cell_is_told_apart_if_no_group_beside_it_is_small() {
        assert!(two_by_two(30, 30, 30, 30).separates(&codes(&["han", "f"]), 10));
        assert!(two_by_two(10, 10, 10, 10).separates(&codes(&["han", "f"]), 10));
        // The cell, its complement in a row, in a column, or in both is small.
        for (han_f, han_m, hui_f, hui_m) in [(9, 99, 99, 99), (99, 9, 99, 99), (99, 99, 9, 99), (99, 99, 99, 9)] {
            assert!(!two_by_two(han_f, han_m, hui_f, hui_m).separates(&codes(&["han", "f"]), 10));
        }
        // Everybody of a group in one cell tells of everybody.
        assert!(!two_by_two(40, 0, 40, 40).separates(&codes(&["han", "f"]), 10));
    }

    #[test]
    fn a_group_that_is_known_from_outside_is_larger_than_a_cell() {
        let mut table = Table::new(&[1, 2, 3]).expect("three dimensions");
        for a in ["x", "y"] {
            for b in ["x", "y"] {
                for c in ["x", "y"] {
                    table.add(codes(&[a, b, c]), Cell { count: 10, key: 0 }).expect("three categories");
                }
            }
        }
        let whole = codes(&["x", "x", "x"]);
        assert!(Margins::of(&table).separates(&whole, 10));
        assert!(!Margins::of(&table).separates(&whole, 11));
    }
}
