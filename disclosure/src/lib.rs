//! Counts of persons, households and entities that give nobody away: which cells of a table may be shown, and with what noise.
//!
//! Pure: tables in, figures out; no clock, no disk, no caller. What it holds against, and what it costs a statistician, is
//! told in `docs/statistics.md`. Start at [`Rule::figure`].
//!
//! The method is that of cell keys (Fraser and Wooton 2005; Thompson, Broadfoot and Elazar 2013, Australian Bureau of
//! Statistics): the noise on a cell follows from who is in it, so that asking again, or in other words, brings the same figure.
//! To it a structural rule is added ([`Margins::separates`]): a cell is shown only if none of the groups that it and its
//! marginals divide the population into is small.

mod margins;
mod noise;
mod rule;
mod secret;
mod table;

pub use margins::Margins;
pub use noise::{NOISE_MAX, Noise};
pub use rule::{Rule, RuleError};
pub use secret::Secret;
pub use table::{Cell, Code, DIMENSIONS_MAX, Table, TableError};
