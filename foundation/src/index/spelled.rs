//! Terms of given characters: each place of the term holds one of a set.

use std::sync::Arc;

use tantivy::query::{AutomatonWeight, EnableScoring, Query, Weight};
use tantivy::schema::Field as Column;
use tantivy_fst::Automaton;

use super::analysis::Syllable;

/// Documents with a term whose characters are of these sets, in order.
#[derive(Debug, Clone)]
pub(super) struct SpelledQuery {
    column: Column,
    places: Arc<[Syllable]>,
}

impl SpelledQuery {
    pub(super) fn new(column: Column, places: &[Syllable]) -> Self {
        Self { column, places: places.into() }
    }
}

impl Query for SpelledQuery {
    fn weight(&self, _scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(AutomatonWeight::new(self.column, Spelled(Arc::clone(&self.places)))))
    }
}

/// Reads UTF-8 byte by byte; a whole character must be of the set of its place.
struct Spelled(Arc<[Syllable]>);

/// How far a term was read.
#[derive(Debug, Clone, Copy)]
struct Reading {
    /// Characters read; `None` = one did not fit.
    read: Option<usize>,
    bytes: [u8; 4],
    held: usize,
}

impl Automaton for Spelled {
    type State = Reading;

    fn start(&self) -> Reading {
        Reading { read: Some(0), bytes: [0; 4], held: 0 }
    }

    fn is_match(&self, state: &Reading) -> bool {
        state.read == Some(self.0.len()) && state.held == 0
    }

    fn can_match(&self, state: &Reading) -> bool {
        state.read.is_some_and(|read| read < self.0.len() || state.held == 0)
    }

    fn accept(&self, state: &Reading, byte: u8) -> Reading {
        let mut next = *state;
        let (Some(read), Some(slot)) = (state.read, next.bytes.get_mut(state.held)) else {
            return Reading { read: None, ..*state };
        };
        *slot = byte;
        next.held += 1;
        let length = match next.bytes.first() {
            Some(0..=0x7f) => 1,
            Some(0xc0..=0xdf) => 2,
            Some(0xe0..=0xef) => 3,
            _ => 4,
        };
        if next.held < length {
            return next;
        }
        let c = next
            .bytes
            .get(..length)
            .and_then(|bytes| std::str::from_utf8(bytes).ok())
            .and_then(|text| text.chars().next());
        let fits = c.zip(self.0.get(read)).is_some_and(|(c, set)| set.binary_search(&c).is_ok());
        Reading { read: fits.then_some(read + 1), bytes: [0; 4], held: 0 }
    }
}
