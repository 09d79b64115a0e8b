//! What is shown of a population, against everything that is known of it.
#![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test that goes wrong shall stop")]

mod people;
mod released;
