use super::{ProofError, verify_consistency, verify_inclusion};
use crate::naive::{self, hex, unhex};
use crate::suite::{Hash, Suite};
use crate::{consistency, inclusion, root};

/// The tree of eight leaves that tests of Certificate Transparency share.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
const ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
const SECOND: &str = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7";
const THIRD_PAIR: &str = "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a";
const PAIR_2_3: &str = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e";
const PAIR_6_7: &str = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0";
const HALF_4_7: &str = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4";
const FIFTH: &str = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b";

fn classic() -> (Vec<Hash>, Vec<Hash>) {
    let leaves: Vec<Hash> = LEAVES.iter().map(|leaf| Suite::Sha256.leaf_hash(&unhex(leaf))).collect();
    let stored = naive::store(Suite::Sha256, &leaves);
    (leaves, stored)
}

#[test]
fn the_classic_tree_has_the_known_roots() {
    let (_, stored) = classic();
    for (size, expected) in (1..).zip(ROOTS) {
        assert_eq!(hex(&root(Suite::Sha256, size, naive::read(&stored)).unwrap()), expected);
    }
}

#[test]
fn the_classic_tree_has_the_known_inclusion_paths() {
    let check = |index: u64, size: u64, expected: &[&str]| {
        let (leaves, stored) = classic();
        let path = inclusion(Suite::Sha256, index, size, naive::read(&stored)).unwrap();
        assert_eq!(path.iter().map(|member| hex(member)).collect::<Vec<_>>(), expected);
        let root = root(Suite::Sha256, size, naive::read(&stored)).unwrap();
        let leaf = leaves[usize::try_from(index).unwrap()];
        assert_eq!(verify_inclusion(Suite::Sha256, index, size, &leaf, &path, &root), Ok(()));
    };
    check(0, 1, &[]);
    check(0, 8, &[SECOND, PAIR_2_3, HALF_4_7]);
    check(5, 8, &[FIFTH, PAIR_6_7, ROOTS[3]]);
    check(2, 3, &[ROOTS[1]]);
    check(1, 5, &[ROOTS[0], PAIR_2_3, FIFTH]);
}

#[test]
fn the_classic_tree_has_the_known_consistency_proofs() {
    let check = |from: u64, to: u64, expected: &[&str]| {
        let (_, stored) = classic();
        let path = consistency(Suite::Sha256, from, to, naive::read(&stored)).unwrap();
        assert_eq!(path.iter().map(|member| hex(member)).collect::<Vec<_>>(), expected);
        let [older, newer] = [from, to].map(|size| root(Suite::Sha256, size, naive::read(&stored)).unwrap());
        assert_eq!(verify_consistency(Suite::Sha256, from, to, &path, &older, &newer), Ok(()));
    };
    check(1, 1, &[]);
    check(1, 8, &[SECOND, PAIR_2_3, HALF_4_7]);
    check(6, 8, &[THIRD_PAIR, PAIR_6_7, ROOTS[3]]);
    check(2, 5, &[PAIR_2_3, FIFTH]);
}

#[test]
fn every_leaf_of_every_tree_to_130_is_included() {
    for suite in [Suite::Sha256, Suite::Sm3] {
        let leaves = naive::leaves(suite, 130);
        let stored = naive::store(suite, &leaves);
        for size in 1..=130 {
            let root = root(suite, size, naive::read(&stored)).unwrap();
            for (index, leaf) in (0..size).zip(&leaves) {
                let path = inclusion(suite, index, size, naive::read(&stored)).unwrap();
                assert_eq!(verify_inclusion(suite, index, size, leaf, &path, &root), Ok(()), "{index} of {size}");
            }
        }
    }
}

/// Proves and checks each pair.
fn check_pairs(suite: Suite, leaves: u64, pairs: impl Iterator<Item = (u64, u64)>) {
    let stored = naive::store(suite, &naive::leaves(suite, leaves));
    let roots: Vec<Hash> = if leaves <= 512 {
        (0..=leaves).map(|size| root(suite, size, naive::read(&stored)).unwrap()).collect()
    } else {
        Vec::new()
    };
    let root_of = |size: u64| {
        let known = roots.get(usize::try_from(size).unwrap()).copied();
        known.unwrap_or_else(|| root(suite, size, naive::read(&stored)).unwrap())
    };
    for (from, to) in pairs {
        let path = consistency(suite, from, to, naive::read(&stored)).unwrap();
        let (older, newer) = (root_of(from), root_of(to));
        assert_eq!(verify_consistency(suite, from, to, &path, &older, &newer), Ok(()), "{from} to {to}");
    }
}

#[test]
fn every_pair_of_trees_to_512_is_consistent() {
    for suite in [Suite::Sha256, Suite::Sm3] {
        check_pairs(suite, 512, (0..=512).flat_map(|to| (0..=to).map(move |from| (from, to))));
    }
}

#[test]
fn random_pairs_of_a_tree_of_100_000_are_consistent() {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut below = |bound: u64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state % bound
    };
    let pairs: Vec<_> =
        (0..3000).map(|_| (below(100_001), below(100_001))).map(|(a, b)| (a.min(b), a.max(b))).collect();
    for suite in [Suite::Sha256, Suite::Sm3] {
        check_pairs(suite, 100_000, pairs.iter().copied());
    }
}

#[test]
fn the_cases_without_a_path_rest_on_the_roots() {
    let suite = Suite::Sm3;
    let (empty, a, b) = (suite.empty_root(), suite.leaf_hash(b"a"), suite.leaf_hash(b"b"));
    let check = |from, to, path: &[Hash], older, newer, expected| {
        assert_eq!(verify_consistency(suite, from, to, path, older, newer), expected);
    };
    check(0, 0, &[], &empty, &empty, Ok(()));
    check(0, 0, &[], &empty, &a, Err(ProofError::RootDiffers { size: 0 }));
    check(0, 9, &[], &empty, &a, Ok(()));
    check(0, 9, &[], &a, &a, Err(ProofError::OlderRootDiffers { from: 0 }));
    check(0, 9, &[a], &empty, &a, Err(ProofError::Surplus { members: 1 }));
    check(5, 5, &[], &a, &a, Ok(()));
    check(5, 5, &[], &a, &b, Err(ProofError::RootDiffers { size: 5 }));
    check(5, 5, &[b], &a, &a, Err(ProofError::Surplus { members: 1 }));
    check(5, 4, &[], &a, &a, Err(ProofError::Shrinks { from: 5, to: 4 }));
    check(4, 5, &[], &a, &a, Err(ProofError::Missing { members: 0 }));
}

#[test]
fn largest_numbers_are_refused_and_do_not_overflow() {
    let suite = Suite::Sha256;
    let hash = suite.empty_root();
    let path = vec![hash; 70];
    for (index, size) in [(u64::MAX, u64::MAX), (u64::MAX - 1, u64::MAX), (0, u64::MAX), (0, 0)] {
        assert!(verify_inclusion(suite, index, size, &hash, &path, &hash).is_err());
        assert!(verify_inclusion(suite, index, size, &hash, &[], &hash).is_err());
        assert!(verify_consistency(suite, index.max(1), u64::MAX, &path, &hash, &hash).is_err());
    }
    assert!(verify_consistency(suite, 1 << 63, u64::MAX, &path, &hash, &hash).is_err());
}
