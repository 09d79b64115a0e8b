//! What is held of the tree in memory.

use super::*;

const LEAVES: u64 = 20_000;

/// The upper hashes are held when they are written, and again when the tree is opened; no others are, and proofs are the same.
#[test]
fn what_is_held_in_memory_is_what_the_file_holds() {
    let dir = tempfile::tempdir().expect("a directory");
    let suite = Suite::Sha256;
    let leaves: Vec<[u8; 8]> = (0..LEAVES).map(u64::to_be_bytes).collect();
    let mut tree = Tree::open(dir.path(), suite, &[], &[]).expect("a tree");
    for part in leaves.chunks(701) {
        let part: Vec<&[u8]> = part.iter().map(<[u8; 8]>::as_slice).collect();
        tree.append(&part).expect("appended");
        // What was not published is written again.
        tree.take_back();
        tree.append(&part).expect("appended");
        tree.publish();
    }
    let (written, filled) = (tree.view(), Upper::default());
    filled.fill(LEAVES, |at| read(&written.file, at)).expect("readable");
    // Four subtrees of 4,096 leaves, two of two of them, one of all four.
    let upper = [(12, 0), (12, 1), (13, 0), (12, 2), (12, 3), (13, 1), (14, 0)]
        .map(|(level, number)| transparency::stored_position(level, number));
    for at in 0..stored_count(LEAVES) {
        let held = upper.contains(&at).then(|| read(&written.file, at).expect("a hash"));
        assert_eq!((written.upper.of(at), filled.of(at)), (held, held), "position {at}");
    }
    let again = Tree::open(dir.path(), suite, &[(LEAVES, PathBuf::new())], &[]).expect("a tree").view();
    let root = transparency::root(suite, LEAVES, |at| read(&written.file, at)).expect("a root");
    for view in [written, again] {
        assert_eq!(view.root(LEAVES).expect("a root"), root);
        for (index, leaf) in (0..).zip(&leaves).step_by(97) {
            let path = view.inclusion(index, LEAVES).expect("a path");
            let hash = suite.leaf_hash(leaf);
            assert_eq!(transparency::verify_inclusion(suite, index, LEAVES, &hash, &path, &root), Ok(()));
        }
    }
}
