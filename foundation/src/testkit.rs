//! The suites every store and every base database must pass (in work).
