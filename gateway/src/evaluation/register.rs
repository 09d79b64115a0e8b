//! Where objections are kept: in the gateway's own store, an entry an event, never changed. The schemes lie beside.
//!
//! ```text
//! 60 | period | 00 | objection id | 00 | number u32      one event (`journal.rs`)
//! ```

use std::sync::Arc;

use foundation::store::{Key, Store};
use serde::{Deserialize, Serialize};

use super::objection::{Objection, ObjectionEvent};
use super::period::EvaluationPeriod;
use super::points::Points;
use super::scheme::Schemes;
use super::tally::Tallies;
use crate::journal::{self, Journal, JournalError, Told};

const EVENT: u8 = 0x60;
const LETTER: char = 'O';

/// What the first row of an objection says besides.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    indicator: String,
    points: Points,
}

impl Told for Objection {
    type Opening = Opening;
    type Event = ObjectionEvent;

    fn begin(lead: &[u8], id: &str, opening: Opening, first: ObjectionEvent) -> Option<Self> {
        let period = std::str::from_utf8(lead.strip_suffix(&[0])?).ok().and_then(EvaluationPeriod::parse)?;
        Self::begin(id, period, &opening.indicator, opening.points, first)
    }
    fn put(&mut self, event: ObjectionEvent) {
        self.put(event);
    }
    fn id(&self) -> &str {
        &self.id
    }
    fn opening(&self) -> Opening {
        Opening { indicator: self.indicator.clone(), points: self.points }
    }
    fn events(&self) -> &[ObjectionEvent] {
        &self.events
    }
}

/// The register of evaluation: schemes, objections, tallies of the log.
pub struct Register {
    journal: Journal,
    schemes: Schemes,
    tallies: Arc<Tallies>,
    reading: tokio::sync::Mutex<()>,
}

impl Register {
    /// A register on the gateway's store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, schemes: Schemes) -> Self {
        Self { journal: Journal::new(store), schemes, tallies: Arc::default(), reading: tokio::sync::Mutex::new(()) }
    }

    /// The schemes in force.
    #[must_use]
    pub fn schemes(&self) -> &Schemes {
        &self.schemes
    }

    /// Tallies of the audit log.
    #[must_use]
    pub fn tallies(&self) -> Arc<Tallies> {
        Arc::clone(&self.tallies)
    }

    /// The turn to read the audit log: one reading at a time, however many ask.
    pub async fn reading(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.reading.lock().await
    }

    /// The turn to take a step; steps come one after the other.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.journal.turn().await
    }

    /// All objections to scores of a period, in the order of their filing.
    ///
    /// Cost: one scan.
    /// # Errors
    /// [`JournalError`].
    pub async fn of(&self, period: EvaluationPeriod) -> Result<Vec<Objection>, JournalError> {
        let lead = lead(period);
        let from: Key = [&[EVENT], lead.as_slice()].concat();
        let to = [from.as_slice(), &[0xff]].concat();
        let mut all: Vec<Objection> = self.journal.told(from..to).await?;
        all.sort_by_key(|objection| objection.events.first().map(|event| event.at_us));
        Ok(all)
    }

    /// Keeps the events of an objection from number `from` on; of two who do so at once, one is [`JournalError::Overtaken`].
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn keep(&self, objection: &Objection, from: usize) -> Result<(), JournalError> {
        let puts = journal::events(EVENT, &lead(objection.period), objection, from);
        self.journal.append(puts).await
    }
}

fn lead(period: EvaluationPeriod) -> Vec<u8> {
    let mut lead = period.to_string().into_bytes();
    lead.push(0);
    lead
}

/// A fresh id of an objection.
#[must_use]
pub fn fresh_id() -> Option<String> {
    journal::fresh_id(LETTER)
}
