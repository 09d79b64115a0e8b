//! Where corrections are kept: in the gateway's own store, an entry an event, never changed.
//!
//! ```text
//! 61 | correction id | 00 | number u32                        one event
//! 62 | department 18 | !filed i64 | correction id            whose corrections, newest first; department "*" = everybody's
//! value: format version 01 | JSON
//! ```

use std::collections::BTreeSet;
use std::sync::Arc;

use foundation::store::{Bytes, Direction, Key, Store};
use serde::{Deserialize, Serialize};

use super::{Correction, CorrectionEvent, Doubt};
use crate::sharing::DeskError;
use crate::sharing::desk::{EVERYBODY, append, padded, rows};

const EVENT: u8 = 0x61;
const WHOSE: u8 = 0x62;
const FORMAT: u8 = 1;

/// What stands in a row.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    opening: Option<Doubt>,
    event: CorrectionEvent,
}

/// The book of corrections.
pub struct Book {
    store: Arc<dyn Store>,
    turn: tokio::sync::Mutex<()>,
}

impl Book {
    /// A book on the gateway's store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { store, turn: tokio::sync::Mutex::new(()) }
    }

    /// The turn to take a step; steps come one after the other.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Keeps the events of a correction from number `from` on; of two who do so at once, one is [`DeskError::Overtaken`].
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn keep(&self, correction: &Correction, from: usize) -> Result<(), DeskError> {
        let mut puts = Vec::new();
        for (number, event) in correction.events.iter().enumerate().skip(from) {
            let opening = (number == 0).then(|| correction.doubt.clone());
            puts.push((event_key(&correction.id, number), row(&Row { opening, event: event.clone() })));
            if number == 0 {
                let whose: BTreeSet<&str> =
                    [correction.requester.as_str(), correction.doubt.provider.as_str(), EVERYBODY].into();
                let key = |who: &str| {
                    let mut key = prefix(who);
                    key.extend_from_slice(&(!event.at_us.cast_unsigned()).to_be_bytes());
                    key.extend_from_slice(correction.id.as_bytes());
                    key
                };
                puts.extend(whose.into_iter().map(|who| (key(who), vec![FORMAT])));
            }
        }
        append(&*self.store, puts).await
    }

    /// A correction by id.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn correction(&self, id: &str) -> Result<Option<Correction>, DeskError> {
        if !is_id(id) {
            return Ok(None);
        }
        let snapshot = self.store.snapshot(None).await?;
        Ok(fold(rows(&*snapshot, event_key(id, 0)..event_key(id, usize::MAX)).await?)?.pop())
    }

    /// Corrections of `department` (`None` = of everybody), newest first, after the position that an earlier answer gave.
    ///
    /// Cost: one scan, and one a correction.
    /// # Errors
    /// [`DeskError`].
    pub async fn of(
        &self,
        department: Option<&str>,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Correction)>, DeskError> {
        let prefix = prefix(department.unwrap_or(EVERYBODY));
        let mut to = prefix.clone();
        to.extend_from_slice(&[0xff; 32]);
        let from = match after.filter(|key| key.starts_with(&prefix)) {
            Some(key) => [key, &[0]].concat(),
            None => prefix.clone(),
        };
        let snapshot = self.store.snapshot(None).await?;
        let mut out = Vec::new();
        for (key, _) in snapshot.scan(from..to, Direction::Forward, limit).await? {
            let id = key.get(prefix.len() + 8..).map(String::from_utf8_lossy).unwrap_or_default().into_owned();
            let range = event_key(&id, 0)..event_key(&id, usize::MAX);
            if let Some(correction) = fold(rows(&*snapshot, range).await?)?.pop() {
                out.push((key, correction));
            }
        }
        Ok(out)
    }

    /// All corrections, in the order of their ids.
    ///
    /// Cost: reads every event once.
    /// # Errors
    /// [`DeskError`].
    pub async fn all(&self) -> Result<Vec<Correction>, DeskError> {
        fold(rows(&*self.store.snapshot(None).await?, vec![EVENT]..vec![EVENT + 1]).await?)
    }
}

fn prefix(who: &str) -> Key {
    let mut key = vec![WHOSE];
    key.extend_from_slice(&padded(who));
    key
}

fn event_key(id: &str, number: usize) -> Key {
    let mut key = vec![EVENT];
    key.extend_from_slice(id.as_bytes());
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

/// Corrections from their rows, in the order of their ids.
fn fold(rows: Vec<(Key, Bytes)>) -> Result<Vec<Correction>, DeskError> {
    let mut all: Vec<Correction> = Vec::new();
    for (key, value) in rows {
        let id = key.get(1..key.len().saturating_sub(5)).map(String::from_utf8_lossy).unwrap_or_default();
        let unreadable = || DeskError::Unreadable { case: id.clone().into_owned() };
        let (FORMAT, json) = value.split_first().map(|(f, j)| (*f, j)).ok_or_else(unreadable)? else {
            return Err(unreadable());
        };
        let row: Row = serde_json::from_slice(json).map_err(|_| unreadable())?;
        match (row.opening, all.last_mut().filter(|correction| correction.id == id)) {
            (None, Some(correction)) => correction.put(row.event),
            (Some(doubt), _) => all.push(Correction::begin(&id, doubt, row.event).ok_or_else(unreadable)?),
            (None, None) => return Err(unreadable()),
        }
    }
    Ok(all)
}

/// A fresh id of a correction: nobody can guess it, and it tells nothing of how many there are.
#[must_use]
pub fn fresh_id() -> Option<String> {
    let mut bytes = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(format!("K-{}", crate::http::hex(&bytes)))
}

/// Whether a text has the form of [`fresh_id`].
fn is_id(text: &str) -> bool {
    text.strip_prefix("K-").is_some_and(|hex| hex.len() == 16 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}
