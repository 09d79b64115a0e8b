//! macroeconomy
