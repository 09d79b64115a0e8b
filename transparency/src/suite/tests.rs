use super::Suite;
use crate::naive::hex;

fn check(suite: Suite, message: &[u8], expected: &str) {
    assert_eq!(hex(&suite.hash(&[message])), expected);
}

#[test]
fn sm3_gives_the_standards_vectors() {
    check(Suite::Sm3, b"abc", "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    check(Suite::Sm3, &b"abcd".repeat(16), "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732");
}

#[test]
fn sha256_gives_the_standards_vectors() {
    check(Suite::Sha256, b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert_eq!(hex(&Suite::Sha256.empty_root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

#[test]
fn a_leaf_never_passes_for_a_node() {
    for suite in [Suite::Sha256, Suite::Sm3] {
        let (left, right) = (suite.leaf_hash(b"left"), suite.leaf_hash(b"right"));
        assert_ne!(suite.leaf_hash(&[left, right].concat()), suite.node_hash(&left, &right));
        assert_ne!(suite.leaf_hash(b""), suite.empty_root());
    }
}

#[test]
fn a_profile_is_found_by_its_name_only() {
    for suite in [Suite::Sha256, Suite::Sm3] {
        assert_eq!(Suite::from_name(suite.name()), Some(suite));
    }
    assert_eq!(Suite::from_name("SM3"), None);
}
