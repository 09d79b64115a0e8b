//! End-to-end tests against the built `natbase`, and tests of the house itself.

mod house;
