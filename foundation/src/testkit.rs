//! The suites every store and every base database must pass.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a failed suite ends its test")]
#![expect(clippy::missing_panics_doc, reason = "a failed suite ends its test")]

pub mod load;
pub mod service;
pub mod store;
