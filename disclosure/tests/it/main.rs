//! What is shown of a population, against everything that is known of it.
#![allow(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    clippy::trivially_copy_pass_by_ref,
    clippy::items_after_statements,
    reason = "a test that goes wrong shall stop"
)]

mod people;
mod released;
