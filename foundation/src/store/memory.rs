//! The reference model (in work).
