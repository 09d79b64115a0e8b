//! Where objections are kept: in the gateway's own store, an entry an event, never changed. The schemes lie beside.
//!
//! ```text
//! 60 | period | 00 | objection id | 00 | number u32      one event
//! value: format version 01 | JSON
//! ```

use std::sync::Arc;

use foundation::store::{Bytes, Key, Store};
use serde::{Deserialize, Serialize};

use super::objection::{Objection, ObjectionEvent};
use super::period::EvaluationPeriod;
use super::points::Points;
use super::scheme::Schemes;
use super::tally::Tallies;
use crate::sharing::DeskError;
use crate::sharing::desk::{append, rows};

const EVENT: u8 = 0x60;
const FORMAT: u8 = 1;

/// What stands in a row.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    opening: Option<Opening>,
    event: ObjectionEvent,
}

/// What the first row of an objection says besides.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    indicator: String,
    points: Points,
}

/// The register of evaluation: schemes, objections, tallies of the log.
pub struct Register {
    store: Arc<dyn Store>,
    schemes: Schemes,
    tallies: Arc<Tallies>,
    turn: tokio::sync::Mutex<()>,
    reading: tokio::sync::Mutex<()>,
}

impl Register {
    /// A register on the gateway's store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, schemes: Schemes) -> Self {
        Self {
            store,
            schemes,
            tallies: Arc::default(),
            turn: tokio::sync::Mutex::new(()),
            reading: tokio::sync::Mutex::new(()),
        }
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
        self.turn.lock().await
    }

    /// All objections to scores of a period, in the order of their filing.
    ///
    /// Cost: one scan.
    /// # Errors
    /// [`DeskError`].
    pub async fn of(&self, period: EvaluationPeriod) -> Result<Vec<Objection>, DeskError> {
        let from = prefix(period);
        let mut to = from.clone();
        to.pop();
        to.push(1);
        let snapshot = self.store.snapshot(None).await?;
        let mut all = fold(period, from.len(), rows(&*snapshot, from..to).await?)?;
        all.sort_by_key(|objection| objection.events.first().map(|event| event.at_us));
        Ok(all)
    }

    /// Keeps the events of an objection from number `from` on; of two who do so at once, one is [`DeskError::Overtaken`].
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn keep(&self, objection: &Objection, from: usize) -> Result<(), DeskError> {
        let puts = objection.events.iter().enumerate().skip(from).map(|(number, event)| {
            let opening =
                (number == 0).then(|| Opening { indicator: objection.indicator.clone(), points: objection.points });
            (key(objection, number), row(&Row { opening, event: event.clone() }))
        });
        append(&*self.store, puts.collect()).await
    }
}

fn prefix(period: EvaluationPeriod) -> Key {
    let mut key = vec![EVENT];
    key.extend_from_slice(period.to_string().as_bytes());
    key.push(0);
    key
}

fn key(objection: &Objection, number: usize) -> Key {
    let mut key = prefix(objection.period);
    key.extend_from_slice(objection.id.as_bytes());
    key.push(0);
    key.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
    key
}

fn row(row: &Row) -> Vec<u8> {
    let mut out = vec![FORMAT];
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(&mut out, row);
    out
}

/// Objections from their rows, in the order of their ids.
fn fold(period: EvaluationPeriod, lead: usize, rows: Vec<(Key, Bytes)>) -> Result<Vec<Objection>, DeskError> {
    let mut all: Vec<Objection> = Vec::new();
    for (key, value) in rows {
        let id = key.get(lead..key.len().saturating_sub(5)).map(String::from_utf8_lossy).unwrap_or_default();
        let unreadable = || DeskError::Unreadable { case: id.clone().into_owned() };
        let (FORMAT, json) = value.split_first().map(|(f, j)| (*f, j)).ok_or_else(unreadable)? else {
            return Err(unreadable());
        };
        let row: Row = serde_json::from_slice(json).map_err(|_| unreadable())?;
        match (row.opening, all.last_mut().filter(|objection| objection.id == id)) {
            (None, Some(objection)) => objection.put(row.event),
            (Some(opening), _) => {
                let begun = Objection::begin(&id, period, &opening.indicator, opening.points, row.event);
                all.push(begun.ok_or_else(unreadable)?);
            }
            (None, None) => return Err(unreadable()),
        }
    }
    Ok(all)
}

/// A fresh id of an objection: nobody can guess it, and it tells nothing of how many there are.
#[must_use]
pub fn fresh_id() -> Option<String> {
    let mut bytes = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(format!("O-{}", crate::http::hex(&bytes)))
}
