//! Populations at random, and tables of them.

use disclosure::{Cell, Code, Margins, Secret, Table};
use proptest::prelude::*;

/// Categories a dimension.
pub(crate) const CATEGORIES: [u8; 4] = [5, 3, 2, 4];

/// A person: a category in each of four dimensions.
pub(crate) type Person = [u8; 4];

/// Some hundreds of people; low categories are common, high ones rare.
pub(crate) fn population() -> impl Strategy<Value = Vec<Person>> {
    let skewed = |most: u8| (0..most, 0..most).prop_map(|(a, b)| a.min(b));
    let person = [0, 1, 2, 3].map(|at: usize| skewed(CATEGORIES[at]));
    proptest::collection::vec(person, 0..600)
}

/// The key of person `n` under a secret.
pub(crate) fn record_key(secret: &Secret, n: usize) -> u64 {
    secret.bits(&n.to_le_bytes())
}

/// Some of the dimensions, at most three.
pub(crate) fn dimensions() -> impl Strategy<Value = Vec<u16>> {
    proptest::sample::subsequence(vec![0_u16, 1, 2, 3], 0..=3)
}

/// The table of people over dimensions.
pub(crate) fn table(people: &[Person], dimensions: &[u16], secret: &Secret) -> Table {
    let mut table = Table::new(dimensions).unwrap();
    let sorted = table.dimensions().to_vec();
    for (n, person) in people.iter().enumerate() {
        table.add(codes(person, &sorted), Cell { count: 1, key: record_key(secret, n) }).unwrap();
    }
    table
}

/// Where a person stands in a table.
pub(crate) fn codes(person: &Person, dimensions: &[u16]) -> Vec<Code> {
    dimensions.iter().map(|d| Some(person[usize::from(*d)].to_string())).collect()
}

/// The marginals of people over dimensions.
pub(crate) fn margins(people: &[Person], dimensions: &[u16], secret: &Secret) -> Margins {
    Margins::of(&table(people, dimensions, secret))
}
