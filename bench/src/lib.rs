//! Rows for the side-by-side measurement: made up, always the same for one seed and scale, twice over —
//! as files natbase imports and as the same rows in PostgreSQL's COPY text.
//!
//! At scale 1: 1,000,000 persons in families, 300,000 enterprises they represent, 500,000 places (50,000 of them
//! polygons), 2,000,000 observations, 100,000 works with running text. Nobody in them exists.
//! What is drawn how: one file a dataset. The runner that feeds both sides and measures them is `bench/run`.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::indexing_slicing,
    reason = "a generator: sizes are far below 2^52 and every index is drawn below the length"
)]

mod calendar;
mod division;
mod enterprises;
mod names;
mod observations;
mod persons;
mod places;
mod postgres;
mod random;
mod sink;
mod works;

pub use division::Country;
pub use sink::{Sink, SinkError};

use persons::Persons;

/// How many rows of each kind.
#[derive(Debug, Clone, Copy)]
pub struct Sizes {
    /// Persons.
    pub persons: usize,
    /// Enterprises.
    pub enterprises: usize,
    /// Places, polygons included.
    pub places: usize,
    /// Polygons among the places.
    pub polygons: usize,
    /// Observations.
    pub observations: usize,
    /// Works.
    pub works: usize,
}

impl Sizes {
    /// `scale` times the measured size.
    #[must_use]
    pub fn scaled(scale: f64) -> Self {
        let of = |rows: f64| (rows * scale).round() as usize;
        Self {
            persons: of(1e6),
            enterprises: of(3e5),
            places: of(5e5),
            polygons: of(5e4),
            observations: of(2e6),
            works: of(1e5),
        }
    }
}

/// Writes everything for both sides, dataset by dataset.
///
/// Memory: the persons' numbers (about 60 B each), the rest streams.
///
/// # Errors
/// [`SinkError`] names the file that could not be written.
pub fn generate(country: &Country, sizes: Sizes, seed: u64, sink: &mut Sink) -> Result<(), SinkError> {
    let persons: Persons = persons::write(country, sizes.persons, seed, sink)?;
    enterprises::write(country, &persons, sizes.enterprises, seed, sink)?;
    places::write(country, sizes.places, sizes.polygons, seed, sink)?;
    observations::write(country, sizes.observations, seed, sink)?;
    works::write(country, sizes.works, seed, sink)
}
