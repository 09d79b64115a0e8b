use std::cell::Cell;

use super::{TreeError, consistency, inclusion, root};
use crate::naive;
use crate::suite::Suite;

#[test]
fn roots_and_proofs_equal_the_reference_for_every_size_to_130() {
    for suite in [Suite::Sha256, Suite::Sm3] {
        let leaves = naive::leaves(suite, 130);
        let stored = naive::store(suite, &leaves);
        let read = naive::read(&stored);
        for size in 0..=130_u64 {
            let tree = &leaves[..usize::try_from(size).unwrap()];
            assert_eq!(root(suite, size, &read).unwrap(), naive::root(suite, tree));
            for at in 0..tree.len() {
                let path = inclusion(suite, at as u64, size, &read).unwrap();
                assert_eq!(path, naive::inclusion(suite, at, tree), "leaf {at} of {size}");
                let path = consistency(suite, at as u64 + 1, size, &read).unwrap();
                assert_eq!(path, naive::consistency(suite, at + 1, tree), "{} to {size}", at + 1);
            }
        }
    }
}

#[test]
fn nothing_is_to_be_proved_from_no_leaves() {
    let suite = Suite::Sha256;
    let stored = naive::store(suite, &naive::leaves(suite, 5));
    assert!(consistency(suite, 0, 5, naive::read(&stored)).unwrap().is_empty());
    assert!(consistency(suite, 0, 0, naive::read(&[])).unwrap().is_empty());
    assert_eq!(root(suite, 0, naive::read(&[])).unwrap(), suite.empty_root());
}

#[test]
fn a_proof_of_100_000_leaves_reads_few_hashes() {
    let suite = Suite::Sha256;
    let size = 100_000;
    let stored = naive::store(suite, &naive::leaves(suite, size));
    let reads = Cell::new(0_u32);
    let read = |at| {
        reads.set(reads.get() + 1);
        naive::read(&stored)(at)
    };
    for number in (0..size).step_by(997) {
        inclusion(suite, number, size, read).unwrap();
        assert!(reads.replace(0) <= 2 * 17, "leaf {number}");
        consistency(suite, number, size, read).unwrap();
        assert!(reads.replace(0) <= 2 * 17, "from {number}");
        root(suite, number, read).unwrap();
        assert!(reads.replace(0) <= 17, "root of {number}");
    }
}

#[test]
fn what_the_tree_does_not_have_is_refused() {
    let suite = Suite::Sm3;
    let stored = naive::store(suite, &naive::leaves(suite, 5));
    let read = naive::read(&stored);
    assert!(matches!(inclusion(suite, 5, 5, &read), Err(TreeError::NoSuchLeaf { index: 5, size: 5 })));
    assert!(matches!(inclusion(suite, 0, 0, &read), Err(TreeError::NoSuchLeaf { .. })));
    assert!(matches!(consistency(suite, 5, 4, &read), Err(TreeError::Shrinks { from: 5, to: 4 })));
    assert!(matches!(root(suite, 6, &read), Err(TreeError::Read { position: 9, .. })));
    assert!(matches!(root(suite, u64::MAX, &read), Err(TreeError::TooLarge { .. })));
}
