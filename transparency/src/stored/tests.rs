use super::{append, stored_count, stored_position};
use crate::naive;
use crate::suite::Suite;
use crate::tree::TreeError;

#[test]
fn positions_follow_the_drawing() {
    let drawn = [(0, 0, 0), (0, 1, 1), (1, 0, 2), (0, 2, 3), (0, 3, 4), (1, 1, 5), (2, 0, 6), (0, 4, 7)];
    for (level, number, position) in drawn {
        assert_eq!(stored_position(level, number), position, "level {level}, number {number}");
    }
}

#[test]
fn each_subtree_is_stored_once_and_where_its_position_says() {
    for suite in [Suite::Sha256, Suite::Sm3] {
        let leaves = naive::leaves(suite, 130);
        let stored = naive::store(suite, &leaves);
        let mut seen = vec![false; stored.len()];
        for level in 0..8_u32 {
            for (number, chunk) in (0..).zip(leaves.chunks_exact(1 << level)) {
                let position = usize::try_from(stored_position(level, number)).unwrap();
                assert_eq!(stored[position], naive::root(suite, chunk), "level {level}, number {number}");
                assert!(!std::mem::replace(&mut seen[position], true));
            }
        }
        assert!(seen.iter().all(|seen| *seen));
    }
}

#[test]
fn the_count_grows_by_what_a_leaf_appends() {
    let suite = Suite::Sha256;
    let mut stored = Vec::new();
    for (number, leaf) in (0..).zip(naive::leaves(suite, 300)) {
        assert_eq!(stored_count(number), stored.len() as u64);
        stored.extend(append(suite, number, leaf, naive::read(&stored)).unwrap());
    }
}

#[test]
fn numbers_beyond_64_bits_saturate_and_are_refused() {
    assert_eq!(stored_position(64, 0), u64::MAX);
    assert_eq!(stored_position(63, u64::MAX), u64::MAX);
    assert_eq!(stored_count(u64::MAX), u64::MAX);
    assert_eq!(stored_position(62, 0), (1 << 63) - 2);
    let refused = append(Suite::Sha256, u64::MAX, [0; 32], naive::read(&[]));
    assert!(matches!(refused, Err(TreeError::TooLarge { .. })));
}

#[test]
fn a_missing_hash_is_named() {
    let refused = append(Suite::Sm3, 1, [0; 32], naive::read(&[]));
    assert!(matches!(refused, Err(TreeError::Read { position: 0, .. })));
}
