//! The store's contract on both backends, and what only a disk can break.

mod bench;
pub(crate) mod dice;
mod full;
mod ids;
mod kill;
mod kill_load;
mod suite;
mod torn;
