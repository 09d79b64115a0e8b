//! Reading files into rows (in work).
