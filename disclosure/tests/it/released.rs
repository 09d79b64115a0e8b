//! What holds of every figure that is shown.

use std::collections::{BTreeMap, BTreeSet};

use disclosure::{Code, Rule, Secret, Table};
use proptest::prelude::*;

use crate::people::{Person, codes, dimensions, margins, population, table};

const MINIMUM: u64 = 10;
const NOISE: u8 = 10;

fn rule(secret: &Secret) -> Rule {
    Rule::new(MINIMUM, NOISE, secret.part("cells")).unwrap()
}

/// Who is in a cell.
fn members(people: &[Person], dimensions: &[u16], cell: &[Code]) -> BTreeSet<usize> {
    let inside = people.iter().enumerate().filter(|(_, person)| codes(person, dimensions) == cell);
    inside.map(|(n, _)| n).collect()
}

/// Every figure over some dimensions.
fn shown(people: &[Person], dimensions: &[u16], secret: &Secret) -> BTreeMap<Vec<Code>, u64> {
    let margins = margins(people, dimensions, secret);
    let rule = rule(secret);
    margins.cells().filter_map(|cell| Some((cell.to_vec(), rule.figure(&margins, cell)?))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    /// No figure and no count behind one is below the minimum; none is further off than the noise goes.
    #[test]
    fn figures_are_near_and_not_small(people in population(), dimensions in dimensions(), key in any::<[u8; 32]>()) {
        let secret = Secret::new(key);
        for (cell, figure) in shown(&people, &dimensions, &secret) {
            let count = members(&people, &dimensions, &cell).len() as u64;
            prop_assert!(count >= MINIMUM && figure >= MINIMUM);
            prop_assert!(figure.abs_diff(count) <= u64::from(NOISE));
        }
    }

    /// The order in which people were counted, the order of the dimensions and asking again change nothing.
    #[test]
    fn a_figure_is_the_same_however_it_is_asked(people in population(), dimensions in dimensions(), key in any::<[u8; 32]>()) {
        let secret = Secret::new(key);
        let turned: Vec<u16> = dimensions.iter().rev().copied().collect();
        prop_assert_eq!(shown(&people, &dimensions, &secret), shown(&people, &turned, &secret));
        let forwards = table(&people, &dimensions, &secret);
        let mut backwards = Table::new(&dimensions).unwrap();
        let cells: Vec<_> = forwards.cells().map(|(codes, cell)| (codes.to_vec(), cell)).collect();
        for (codes, cell) in cells.into_iter().rev() {
            backwards.add(codes, cell).unwrap();
        }
        prop_assert_eq!(forwards, backwards);
    }

    /// Of any two figures of which one is over more conditions than the other, the sets differ in nobody or in no fewer
    /// than the minimum: nobody stands between an n and an n − 1. Judged on the people, not on the sums.
    #[test]
    fn no_two_nested_cells_differ_in_few(people in population(), all in dimensions(), key in any::<[u8; 32]>()) {
        let secret = Secret::new(key);
        let inner = shown(&people, &all, &secret);
        for part in subsets(&all) {
            let outer = shown(&people, &part, &secret);
            for cell in inner.keys() {
                let kept: Vec<Code> = all.iter().zip(cell).filter(|(d, _)| part.contains(d)).map(|(_, c)| c.clone()).collect();
                if part.len() == all.len() || !outer.contains_key(&kept) {
                    continue;
                }
                let (few, many) = (members(&people, &all, cell), members(&people, &part, &kept));
                let between = many.difference(&few).count() as u64;
                prop_assert!(between >= MINIMUM, "{} between {:?} and {:?}", between, cell, kept);
            }
        }
    }

    /// Whoever knows everybody's categories but the last learns nobody's last one for sure: no shown cell holds all of
    /// a group that the other dimensions make, nor all of the group outside it.
    #[test]
    fn no_known_group_lies_in_one_cell(people in population(), all in dimensions(), key in any::<[u8; 32]>()) {
        let secret = Secret::new(key);
        for cell in shown(&people, &all, &secret).keys() {
            for hidden in 0..all.len() {
                let known: Vec<usize> = (0..all.len()).filter(|at| *at != hidden).collect();
                for failed in 0..(1_usize << known.len()) {
                    let group: Vec<&Person> = people.iter().filter(|person| {
                        let own = codes(person, &all);
                        known.iter().enumerate().all(|(bit, at)| (own[*at] == cell[*at]) == (failed >> bit & 1 == 0))
                    }).collect();
                    let inside = group.iter().filter(|person| codes(person, &all)[hidden] == cell[hidden]).count() as u64;
                    prop_assert!(inside >= MINIMUM && group.len() as u64 - inside >= MINIMUM);
                }
            }
        }
    }
}

fn subsets(all: &[u16]) -> Vec<Vec<u16>> {
    let masks = 0..(1_usize << all.len());
    masks.map(|mask| all.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, d)| *d).collect()).collect()
}

/// One unit more or less, another secret, other dimensions over the same people: the noise is another.
#[test]
fn noise_follows_the_set_the_secret_and_the_dimensions() {
    let people: Vec<Person> = (0..400_u32).map(|n| [0, 1, 2, 3].map(|at| u8::try_from(n >> at & 1).unwrap())).collect();
    let all_of = |dimensions: &[u16], secret: u8| shown(&people, dimensions, &Secret::new([secret; 32]));
    let error =
        |figures: &BTreeMap<Vec<Code>, u64>| -> Vec<i64> { figures.values().map(|f| f.cast_signed() - 200).collect() };
    // Two halves a dimension, 256 secrets: each figure's noise alone.
    let (mut sum, mut squares, mut equal, mut number) = (0, 0, 0, 0);
    for secret in 0..=255 {
        let (one, two) = (error(&all_of(&[0], secret)), error(&all_of(&[1], secret)));
        equal += one.iter().zip(&two).filter(|(a, b)| a == b).count();
        for noise in one.iter().chain(&two) {
            sum += noise;
            squares += noise * noise;
            number += 1;
        }
    }
    println!("noise: {number} figures, sum {sum}, squares {squares}, equal in pairs {equal} of 512");
    assert_eq!(number, 1_024);
    assert!(sum.abs() < 4 * 72, "mean {sum} of {number}");
    assert!((4 * number..6 * number).contains(&squares), "variance {squares} of {number}");
    assert!(equal < 130, "{equal} of 512");
    assert_eq!(all_of(&[0, 1], 3), all_of(&[0, 1], 3));
}

#[test]
fn what_cannot_be_drawn_or_is_no_table_is_refused() {
    assert!(Rule::new(10, 0, Secret::new([0; 32])).is_err());
    assert!(Rule::new(10, 33, Secret::new([0; 32])).is_err());
    assert!(Table::new(&[1, 2, 3, 4]).is_err() && Table::new(&[1, 1]).is_err());
}
