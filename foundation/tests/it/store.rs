//! The store's contract on both backends.

mod bench;
mod suite;
