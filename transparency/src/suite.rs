//! Hash suites.
//!
//! ```text
//! leaf hash  = H(0x00 | leaf)            RFC 9162 2.1.1
//! node hash  = H(0x01 | left | right)
//! empty root = H("")
//! ```
//! The first byte keeps a leaf from passing for a node and the reverse.

use sha2::digest::{Digest, Output};

#[cfg(test)]
mod tests;

/// A hash of either suite: 32 bytes.
pub type Hash = [u8; 32];

/// The hash function of a tree. A tree keeps to one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Suite {
    /// Profile `sha256`: SHA-256 (FIPS 180-4), as RFC 9162 has it.
    Sha256,
    /// Profile `sm3`: SM3 (GM/T 0004-2012, ISO/IEC 10118-3), in the same tree.
    Sm3,
}

impl Suite {
    /// The profile's name: `sha256` or `sm3`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sm3 => "sm3",
        }
    }

    /// The suite of a profile's name; `None` if there is none.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Sha256, Self::Sm3].into_iter().find(|suite| suite.name() == name)
    }

    /// The hash of a leaf (RFC 9162 2.1.1). Cost: one pass over the leaf.
    #[must_use]
    pub fn leaf_hash(self, leaf: &[u8]) -> Hash {
        self.hash(&[&[0], leaf])
    }

    /// The hash of a node with two children (RFC 9162 2.1.1). Cost: two blocks.
    #[must_use]
    pub fn node_hash(self, left: &Hash, right: &Hash) -> Hash {
        self.hash(&[&[1], left, right])
    }

    /// The root of a tree without leaves (RFC 9162 2.1.1).
    #[must_use]
    pub fn empty_root(self) -> Hash {
        self.hash(&[])
    }

    /// The hash of the concatenation of `parts`.
    fn hash(self, parts: &[&[u8]]) -> Hash {
        match self {
            Self::Sha256 => digest::<sha2::Sha256>(parts).into(),
            Self::Sm3 => digest::<sm3::Sm3>(parts).into(),
        }
    }
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Output<D> {
    parts.iter().fold(D::new(), D::chain_update).finalize()
}
