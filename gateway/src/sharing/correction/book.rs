//! Where corrections are kept: in the gateway's own store, an entry an event, never changed.
//!
//! ```text
//! 61 | correction id | 00 | number u32                        one event (`journal.rs`)
//! 62 | department 18 | !filed i64 | correction id            whose corrections, newest first; department "*" = everybody's
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use foundation::store::{Key, Store};

use super::{Correction, CorrectionEvent, Doubt};
use crate::journal::{self, Journal, JournalError, Told};
use crate::sharing::desk::{EVERYBODY, whose};

const EVENT: u8 = 0x61;
const WHOSE: u8 = 0x62;
const FORMAT: u8 = 1;
const LETTER: char = 'K';

impl Told for Correction {
    type Opening = Doubt;
    type Event = CorrectionEvent;

    fn begin(_: &[u8], id: &str, doubt: Doubt, first: CorrectionEvent) -> Option<Self> {
        Self::begin(id, doubt, first)
    }
    fn put(&mut self, event: CorrectionEvent) {
        self.put(event);
    }
    fn id(&self) -> &str {
        &self.id
    }
    fn opening(&self) -> Doubt {
        self.doubt.clone()
    }
    fn events(&self) -> &[CorrectionEvent] {
        &self.events
    }
}

/// The book of corrections.
pub struct Book(Journal);

impl Book {
    /// A book on the gateway's store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(Journal::new(store))
    }

    /// The turn to take a step; steps come one after the other.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.0.turn().await
    }

    /// Keeps the events of a correction from number `from` on; of two who do so at once, one is [`JournalError::Overtaken`].
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn keep(&self, correction: &Correction, from: usize) -> Result<(), JournalError> {
        let mut puts = journal::events(EVENT, &[], correction, from);
        if let (0, Some(first)) = (from, correction.events.first()) {
            let concerned: BTreeSet<&str> =
                [correction.requester.as_str(), correction.doubt.provider.as_str(), EVERYBODY].into();
            let key = |who: &str| {
                let mut key = whose(WHOSE, who);
                key.extend_from_slice(&(!first.at_us.cast_unsigned()).to_be_bytes());
                key.extend_from_slice(correction.id.as_bytes());
                key
            };
            puts.extend(concerned.into_iter().map(|who| (key(who), vec![FORMAT])));
        }
        self.0.append(puts).await
    }

    /// A correction by id.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn correction(&self, id: &str) -> Result<Option<Correction>, JournalError> {
        if !journal::is_id(LETTER, id) {
            return Ok(None);
        }
        Ok(self.0.told(journal::of(EVENT, &[], id)).await?.pop())
    }

    /// Corrections of `department` (`None` = of everybody), newest first, after the position that an earlier answer gave.
    ///
    /// Cost: one scan, and one a correction.
    /// # Errors
    /// [`JournalError`].
    pub async fn of(
        &self,
        department: Option<&str>,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Correction)>, JournalError> {
        self.0.listed(EVENT, whose(WHOSE, department.unwrap_or(EVERYBODY)), after, limit).await
    }

    /// All corrections, in the order of their ids.
    ///
    /// Cost: reads every event once.
    /// # Errors
    /// [`JournalError`].
    pub async fn all(&self) -> Result<Vec<Correction>, JournalError> {
        self.0.told(vec![EVENT]..vec![EVENT + 1]).await
    }
}

/// A fresh id of a correction.
#[must_use]
pub fn fresh_id() -> Option<String> {
    journal::fresh_id(LETTER)
}
