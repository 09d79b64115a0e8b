//! End-to-end tests against the built program, and tests of the house itself.
//!
//! Nothing is exported: everything stands in `tests/it/`. The scenarios are the `.scn` files beside this crate's
//! manifest; `tests/it/scn/format.rs` says how they are written, `make bless` refreshes their expected answers.
