//! The default backend (in work).
