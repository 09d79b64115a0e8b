//! What of a base database is sealed, and what has a key in common.
//!
//! A record's head and history have one key, each of its own large values and each refused row another. Sealed are the
//! records of a dataset that has a field of grade 3 or above, whole: which of its fields are there says something too.

use std::collections::BTreeMap;

use arc_swap::ArcSwap;

use super::Table;
use super::keys::{DATASET_FIRST, meta};
use crate::dataset::{Dataset, Field};
use crate::store::Groups;

/// Whether a dataset's records are sealed.
#[must_use]
pub fn is_sealed(dataset: &Dataset) -> bool {
    dataset.fields.iter().any(Field::is_personal)
}

/// The datasets of a base database by number: bytes of a record key, and whether they are sealed.
#[derive(Default)]
pub struct Sealing(ArcSwap<BTreeMap<u16, (usize, bool)>>);

impl Sealing {
    /// Goes by these tables from now on; a dataset that is served no more stays readable.
    pub fn follow<'a>(&self, tables: impl Iterator<Item = &'a Table>) {
        let mut known = self.0.load().as_ref().clone();
        known.extend(tables.map(|t| (t.layout.number(), (t.layout.record_bytes(), is_sealed(&t.dataset)))));
        self.0.store(known.into());
    }

    fn place(&self, key: &[u8]) -> Option<(usize, bool)> {
        let number = u16::from_be_bytes(*key.first_chunk()?);
        if number < DATASET_FIRST {
            return meta::sealing_group(key).map(|bytes| (bytes, true));
        }
        // Shorter ones are no rows of a record.
        self.0.load().get(&number).copied().filter(|(bytes, _)| key.len() > *bytes)
    }
}

impl Groups for Sealing {
    fn group(&self, key: &[u8]) -> Option<usize> {
        self.place(key).map(|(bytes, _)| bytes)
    }
    fn seals(&self, key: &[u8]) -> bool {
        self.place(key).is_some_and(|(_, sealed)| sealed)
    }
}
