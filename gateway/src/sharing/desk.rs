//! Where cases are kept: in the gateway's own store, an entry an event, never changed.
//!
//! ```text
//! 10 | case id | 00 | number u32      one event
//! 11 | department 18 | !opened i64 | case id     whose cases, newest first; department "*" = everybody's
//! 12 | number u32                    an imported notice of holidays
//! value: format version 01 | JSON
//! ```

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use foundation::dataset::{Dataset, DatasetName};
use foundation::store::{
    Bytes, CommitBatch, CommitError, CommitId, Direction, Expect, Key, Put, Snapshot, Store, StoreError,
};
use foundation::value::Instant;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, CalendarError};
use super::case::{Case, Event};
use super::limits::Limits;
use crate::policy::Grant;

const EVENT: u8 = 0x10;
const WHOSE: u8 = 0x11;
const NOTICE: u8 = 0x12;
const FORMAT: u8 = 1;
/// Rows read at a time.
const ROWS: usize = 5_000;
/// Whoever may see every case.
pub(super) const EVERYBODY: &str = "*";

/// Why a case could not be read or kept.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum DeskError {
    /// The store cannot be read.
    #[error("the gateway's store cannot be read")]
    Store(#[from] StoreError),
    /// The store did not take it.
    #[error("the gateway's store did not take the step")]
    Commit(#[from] CommitError),
    /// Somebody else took a step at the same moment.
    #[error("another step was taken at the same moment")]
    Overtaken,
    /// A row that this version cannot read.
    #[error("an entry of case `{case}` cannot be read")]
    Unreadable { case: String },
    /// A notice of holidays.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// What stands in a row.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    #[serde(skip_serializing_if = "Option::is_none")]
    opening: Option<Opening>,
    event: Event,
}

/// What the first row of a case says besides.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Opening {
    provider: String,
    unconditional: bool,
}

/// The desk of sharing: cases, the calendar, the limits.
pub struct Desk {
    store: Arc<dyn Store>,
    /// Limits in force.
    pub limits: Limits,
    calendar: Mutex<Arc<Calendar>>,
    turn: tokio::sync::Mutex<()>,
}

impl Desk {
    /// Opens the desk on the gateway's store; reads the notices imported.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn open(store: Arc<dyn Store>, limits: Limits) -> Result<Self, DeskError> {
        let mut calendar = Calendar::built_in()?;
        for (_, value) in rows(&*store.snapshot(None).await?, vec![NOTICE]..vec![NOTICE + 1]).await? {
            let text = value.get(1..).and_then(|t| std::str::from_utf8(t).ok()).unwrap_or_default();
            calendar.add(text)?;
        }
        Ok(Self { store, limits, calendar: Mutex::new(Arc::new(calendar)), turn: tokio::sync::Mutex::new(()) })
    }

    /// The turn to take a step; steps and notices come one after the other.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// The calendar in force.
    #[must_use]
    pub fn calendar(&self) -> Arc<Calendar> {
        Arc::clone(&self.calendar.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes in a notice of holidays and keeps it; gives its years. Days due are worked out anew from then on.
    ///
    /// # Errors
    /// [`DeskError::Calendar`] with line and rule; nothing is changed then.
    pub async fn add_notice(&self, text: &str) -> Result<BTreeSet<i64>, DeskError> {
        let _turn = self.turn().await;
        let mut calendar = Calendar::clone(&self.calendar());
        let years = calendar.add(text)?;
        let number = rows(&*self.store.snapshot(None).await?, vec![NOTICE]..vec![NOTICE + 1]).await?.len();
        let mut key = vec![NOTICE];
        key.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
        let mut value = vec![FORMAT];
        value.extend_from_slice(text.as_bytes());
        self.commit(vec![(key, value)]).await?;
        *self.calendar.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(calendar);
        Ok(years)
    }

    /// Keeps the first event of a case.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn begin(&self, case: &Case) -> Result<(), DeskError> {
        let first = case.events.first().ok_or_else(|| DeskError::Unreadable { case: case.id.clone() })?;
        let opening = Opening { provider: case.provider.clone(), unconditional: case.unconditional };
        let mut puts = vec![(event_key(&case.id, 0), row(&Row { opening: Some(opening), event: first.clone() }))];
        let whose: BTreeSet<&str> = [case.requester.as_str(), case.provider.as_str(), EVERYBODY].into();
        puts.extend(whose.into_iter().map(|who| (whose_key(who, first.at(), &case.id), vec![FORMAT])));
        self.commit(puts).await
    }

    /// Keeps the events of a case from number `from` on; of two who do so at once, one is [`DeskError::Overtaken`].
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn keep(&self, case: &Case, from: usize) -> Result<(), DeskError> {
        let puts =
            case.events.iter().enumerate().skip(from).map(|(number, event)| {
                (event_key(&case.id, number), row(&Row { opening: None, event: event.clone() }))
            });
        self.commit(puts.collect()).await
    }

    async fn commit(&self, puts: Vec<(Key, Vec<u8>)>) -> Result<(), DeskError> {
        append(&*self.store, puts).await
    }

    /// A case by id.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn case(&self, id: &str) -> Result<Option<Case>, DeskError> {
        if !is_id(id) {
            return Ok(None);
        }
        let (from, to) = (event_key(id, 0), event_key(id, usize::MAX));
        let snapshot = self.store.snapshot(None).await?;
        Ok(fold(rows(&*snapshot, from..to).await?)?.pop())
    }

    /// Cases of `department` (`None` = of everybody), newest first, after the position that an earlier answer gave.
    ///
    /// Cost: one scan, and one a case.
    /// # Errors
    /// [`DeskError`].
    pub async fn cases(
        &self,
        department: Option<&str>,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Case)>, DeskError> {
        let mut prefix = vec![WHOSE];
        prefix.extend_from_slice(padded(department.unwrap_or(EVERYBODY)).as_slice());
        let mut to = prefix.clone();
        to.extend_from_slice(&[0xff; 32]);
        let from = match after.filter(|key| key.starts_with(&prefix)) {
            Some(key) => [key, &[0]].concat(),
            None => prefix.clone(),
        };
        let snapshot = self.store.snapshot(None).await?;
        let keys = snapshot.scan(from..to, Direction::Forward, limit).await?;
        let mut out = Vec::with_capacity(keys.len());
        for (key, _) in keys {
            let id = key.get(prefix.len() + 8..).map(String::from_utf8_lossy).unwrap_or_default().into_owned();
            let range = event_key(&id, 0)..event_key(&id, usize::MAX);
            if let Some(case) = fold(rows(&*snapshot, range).await?)?.pop() {
                out.push((key, case));
            }
        }
        Ok(out)
    }

    /// All cases, in the order of their ids.
    ///
    /// Cost: reads every event once.
    /// # Errors
    /// [`DeskError`].
    pub async fn all(&self) -> Result<Vec<Case>, DeskError> {
        fold(rows(&*self.store.snapshot(None).await?, vec![EVENT]..vec![EVENT + 1]).await?)
    }

    /// The grants of all cases that give one now. A case whose terms no longer fit its dataset gives none and is logged.
    ///
    /// Cost: reads every event once.
    /// # Errors
    /// [`DeskError`].
    pub async fn grants<'a>(
        &self,
        dataset: impl Fn(&DatasetName) -> Option<&'a Dataset> + Copy,
    ) -> Result<Vec<Grant>, DeskError> {
        let cases = self.all().await?;
        let mut grants = Vec::new();
        for case in cases {
            match case.grant(dataset) {
                Some(Ok(grant)) => grants.push(grant),
                Some(Err(reason)) => tracing::warn!(case = case.id, reason, "a grant no longer fits its dataset"),
                None => {}
            }
        }
        Ok(grants)
    }
}

/// Puts rows that are not there yet, all or none; of two who put the same, one is [`DeskError::Overtaken`].
///
/// # Errors
/// [`DeskError`].
pub(crate) async fn append(store: &dyn Store, puts: Vec<(Key, Vec<u8>)>) -> Result<(), DeskError> {
    let mut id = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut id).map_err(|_| CommitError::Refused { reason: "no random numbers".to_owned() })?;
    let batch = CommitBatch {
        id: CommitId(id),
        expect: puts.iter().map(|(key, _)| (key.clone(), Expect::Absent)).collect(),
        put: puts.into_iter().map(|(key, value)| Put { key, value, stamped: false }).collect(),
        delete: Vec::new(),
        events: Vec::new(),
    };
    match store.commit(batch).await {
        Ok(_) => Ok(()),
        Err(CommitError::Conflict(_)) => Err(DeskError::Overtaken),
        Err(CommitError::Unknown(id)) => match store.resolve(id).await? {
            Some(_) => Ok(()),
            None => Err(DeskError::Overtaken),
        },
        Err(error) => Err(error.into()),
    }
}

/// All rows of a range, in order.
pub(crate) async fn rows(
    snapshot: &dyn Snapshot,
    range: std::ops::Range<Key>,
) -> Result<Vec<(Key, Bytes)>, StoreError> {
    let mut out: Vec<(Key, Bytes)> = Vec::new();
    let mut from = range.start;
    loop {
        let part = snapshot.scan(from..range.end.clone(), Direction::Forward, ROWS).await?;
        let more = part.len() == ROWS;
        out.extend(part);
        match out.last() {
            Some((key, _)) if more => from = [key.as_slice(), &[0]].concat(),
            _ => return Ok(out),
        }
    }
}

/// Cases from their rows, in the order of their ids.
fn fold(rows: Vec<(Key, Bytes)>) -> Result<Vec<Case>, DeskError> {
    let mut cases: Vec<Case> = Vec::new();
    for (key, value) in rows {
        let id = key.get(1..key.len().saturating_sub(5)).map(String::from_utf8_lossy).unwrap_or_default();
        let unreadable = || DeskError::Unreadable { case: id.clone().into_owned() };
        let (FORMAT, json) = value.split_first().map(|(f, j)| (*f, j)).ok_or_else(unreadable)? else {
            return Err(unreadable());
        };
        let row: Row = serde_json::from_slice(json).map_err(|_| unreadable())?;
        match (row.opening, cases.last_mut().filter(|case| case.id == id)) {
            (None, Some(case)) => case.put(row.event),
            (Some(opening), _) => {
                let begun = Case::begin(&id, &opening.provider, opening.unconditional, row.event);
                cases.push(begun.ok_or_else(unreadable)?);
            }
            (None, None) => return Err(unreadable()),
        }
    }
    Ok(cases)
}

fn row(row: &Row) -> Vec<u8> {
    let mut out = vec![FORMAT];
    // Writing to memory does not fail.
    let _ = serde_json::to_writer(&mut out, row);
    out
}

fn event_key(id: &str, number: usize) -> Key {
    let mut key = vec![EVENT];
    key.extend_from_slice(id.as_bytes());
    key.push(0);
    key.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
    key
}

fn whose_key(who: &str, at: Instant, id: &str) -> Key {
    let mut key = vec![WHOSE];
    key.extend_from_slice(&padded(who));
    key.extend_from_slice(&(!at.0.cast_unsigned()).to_be_bytes());
    key.extend_from_slice(id.as_bytes());
    key
}

pub(super) fn padded(who: &str) -> [u8; 18] {
    let mut out = [b' '; 18];
    for (to, from) in out.iter_mut().zip(who.bytes()) {
        *to = from;
    }
    out
}

/// A fresh id of a case: nobody can guess it, and it tells nothing of how many there are.
#[must_use]
pub fn fresh_id() -> Option<String> {
    let mut bytes = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(format!("S-{}", crate::http::hex(&bytes)))
}

/// Whether a text has the form of [`fresh_id`].
fn is_id(text: &str) -> bool {
    text.strip_prefix("S-").is_some_and(|hex| hex.len() == 16 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}
