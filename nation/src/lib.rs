//! A synthetic nation (模拟数据): families, homes, companies, series and forty years of events, told by several sources of
//! which some err. Nobody described exists.
//!
//! Citizen numbers and credit codes carry divisions that GB/T 2260 has never issued: `89`, then the first four digits of a
//! real division, as in `895101…`; only data directories marked `demo` take them. The same seed gives the same bytes on
//! every machine: whole numbers, one thread, ordered tables.
//!
//! Start at [`make`]. Rows are written as they are made. Kept in memory are the numbers given out (some 20 bytes a person),
//! 5,000 people of whom founders and officers are drawn, and 500 enterprises.
//!
//! | file | holds |
//! |---|---|
//! | `family.rs`, `ages.rs`, `pyramid.rs` | who lives with whom, in the ages of UN WPP 2024 |
//! | `life.rs` | what happened to them: births, marriages, moves, deaths |
//! | `register.rs` | the lead source's files |
//! | `sources.rs`, `errors.rs` | two further sources, their errors, and the truth |
//! | `companies.rs`, `holders.rs` | enterprises, their events, officers and holders |
//! | `series.rs` | provincial series that add up to the nation's |

mod ages;
mod companies;
mod errors;
mod family;
mod holders;
mod life;
mod manifest;
mod numbers;
mod out;
mod person;
mod places;
mod pyramid;
mod random;
mod register;
mod series;
mod sources;
mod words;

use std::io::Write;

pub use places::Place;

use family::Families;
use manifest::Manifest;
use places::Places;
use random::Random;

/// First two digits of the division in synthetic numbers: GB/T 2260 has never issued `89`.
pub const SYNTHETIC_PROVINCE: &str = "89";

/// What to make.
#[derive(Debug, Clone)]
pub struct Order {
    /// The same seed gives the same files.
    pub seed: u64,
    /// Persons, those who died included.
    pub persons: u64,
    /// Enterprises.
    pub enterprises: u64,
    /// Real county-level divisions to live in; must not be empty.
    pub places: Vec<Place>,
}

/// What was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Made {
    /// File name and rows, in the order in which they import cleanly.
    pub files: Vec<(String, u64)>,
    /// Errors planted, all of them in the truth file.
    pub errors: u64,
}

/// Why a nation cannot be made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NationError {
    /// Nowhere to live.
    #[error("no places were given to live in")]
    NoPlaces,
    /// More people than there are numbers.
    #[error("the numbers of {place} are used up: ask for fewer persons")]
    NumbersUsedUp {
        /// Division.
        place: String,
    },
    /// A file cannot be written.
    #[error("{file} cannot be written")]
    Write {
        /// File name.
        file: String,
        /// Cause.
        source: std::io::Error,
    },
}

/// Opens the file called by a name.
pub type Open<'a> = dyn FnMut(&str) -> std::io::Result<Box<dyn Write>> + 'a;

/// Makes a nation and writes it to what `open` gives; tells `progress` how many persons there are, now and then.
///
/// Cost: about 8 µs of CPU a person for all files.
/// # Errors
/// [`NationError`]; files written so far stay.
pub fn make(order: &Order, open: &mut Open<'_>, progress: &mut dyn FnMut(u64)) -> Result<Made, NationError> {
    let places = Places::new(&order.places).ok_or(NationError::NoPlaces)?;
    let mut manifest = Manifest::default();
    let mut families = Families::new(&places, Random::new(order.seed));
    let mut register = register::Register::open(open)?;
    let mut sources = sources::Sources::open(open, Random::new(order.seed ^ 0x50_0C_E5))?;
    let mut known = Vec::new();
    let (mut made, mut told) = (0, 0);
    while made < order.persons {
        let family = families.next(order.persons - made)?;
        made += family.people.len() as u64;
        register.family(&family, &places)?;
        sources.family(&family, &places, &mut families)?;
        companies::remember(&mut known, &family, made);
        if made - told >= 10_000 {
            told = made;
            progress(made);
        }
    }
    register.close(&mut manifest)?;
    let errors = sources.close(&mut manifest)?;
    let random = Random::new(order.seed ^ 0x00C0_FFEE);
    companies::make(order.enterprises, &places, random, &known, open, &mut manifest)?;
    series::make(&places, Random::new(order.seed ^ 0x5E_71E5), open, &mut manifest)?;
    let files = manifest.write(open)?;
    Ok(Made { files, errors })
}

#[cfg(test)]
mod tests;
