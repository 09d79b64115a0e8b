//! The search index: derived from the store, fed from its change log, proved equal by digest.
//! (in work)
