//! Changes to a path.

use transparency::Hash;

use crate::random::Random;

/// Changes `path` in one of nine ways; an empty path only grows.
pub(super) fn mutate(random: &mut Random, path: &mut Vec<Hash>) {
    if path.is_empty() {
        path.push(random.hash());
        return;
    }
    let (at, other) = (random.at(path.len()), random.at(path.len()));
    match random.below(9) {
        0 => random.flip(&mut path[at]),
        1 => drop(path.remove(at)),
        2 => path.insert(at, path[at]),
        3 => path.swap(at, other),
        4 => path.insert(at, random.hash()),
        5 => path.push(random.hash()),
        6 => path.push(path[at]),
        7 => path.truncate(at),
        _ => path.reverse(),
    }
}
