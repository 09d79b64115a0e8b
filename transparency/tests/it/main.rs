//! Tests of the crate from outside: what an auditor may be handed, and that none of it passes.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may unwrap")]

mod log;
mod mutations;
mod random;
