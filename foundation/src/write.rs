//! The write path: one function, a file a step.
//!
//! batch → validate → quality → resolve → change → commit → feed. `source/` reads files into rows before it.

pub mod source;
