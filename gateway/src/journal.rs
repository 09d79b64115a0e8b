//! Things that are the events that made them, kept in the gateway's own store: an entry an event, never changed.
//!
//! ```text
//! tag | lead | id | 00 | number u32      one event; the first says besides what the thing was begun with
//! value: format version 01 | JSON {opening?, event}
//! ```
//! Tag and lead are the keeper's own: cases of sharing, corrections, objections, entries of the catalogue, demands. A lead
//! ends with 00, and no id holds one; most ids are [`fresh_id`]s.

use std::ops::Range;
use std::sync::Arc;

use foundation::store::{
    Bytes, CommitBatch, CommitError, CommitId, Direction, Expect, Key, Put, Snapshot, Store, StoreError,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

const FORMAT: u8 = 1;
/// Bytes after an id: a zero and the number.
const TAIL: usize = 5;
/// Rows read at a time.
const ROWS: usize = 5_000;

/// Why something could not be read or kept.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum JournalError {
    /// The store cannot be read.
    #[error("the gateway's store cannot be read")]
    Store(#[from] StoreError),
    /// The store did not take it.
    #[error("the gateway's store did not take it")]
    Commit(#[from] CommitError),
    /// Something else was kept at the same moment.
    #[error("something else was kept at the same moment")]
    Overtaken,
    /// A row that this version cannot read.
    #[error("an entry of `{id}` cannot be read")]
    Unreadable { id: String },
}

/// Something that its events make.
pub(crate) trait Told: Sized {
    /// What it is begun with, besides its first event.
    type Opening: Serialize + DeserializeOwned;
    /// An event.
    type Event: Serialize + DeserializeOwned + Clone;

    /// Begins it; `None` = lead and opening do not fit.
    fn begin(lead: &[u8], id: &str, opening: Self::Opening, first: Self::Event) -> Option<Self>;
    /// Takes an event in.
    fn put(&mut self, event: Self::Event);
    /// Its id.
    fn id(&self) -> &str;
    /// What it was begun with.
    fn opening(&self) -> Self::Opening;
    /// Its events.
    fn events(&self) -> &[Self::Event];
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields, bound = "")]
struct Row<T: Told> {
    #[serde(default = "none::<T>", skip_serializing_if = "Option::is_none")]
    opening: Option<T::Opening>,
    event: T::Event,
}

fn none<T: Told>() -> Option<T::Opening> {
    None
}

/// The journal of one keeper.
pub(crate) struct Journal {
    store: Arc<dyn Store>,
    turn: tokio::sync::Mutex<()>,
}

impl Journal {
    /// A journal on the gateway's store.
    pub(crate) fn new(store: Arc<dyn Store>) -> Self {
        Self { store, turn: tokio::sync::Mutex::new(()) }
    }

    /// The turn to take a step; steps come one after the other.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }

    /// Puts rows that are not there yet, all or none; of two who put the same, one is [`JournalError::Overtaken`].
    pub(crate) async fn append(&self, puts: Vec<(Key, Vec<u8>)>) -> Result<(), JournalError> {
        let expect = puts.iter().map(|(key, _)| (key.clone(), Expect::Absent)).collect();
        let put = puts.into_iter().map(|(key, value)| Put { key, value, stamped: false }).collect();
        commit(&*self.store, expect, put, Vec::new()).await
    }

    /// All rows of a range, in order.
    pub(crate) async fn rows(&self, range: Range<Key>) -> Result<Vec<(Key, Bytes)>, JournalError> {
        Ok(scan(&*self.store.snapshot(None).await?, range).await?)
    }

    /// Everything whose events stand in a range, in the order of their keys. Cost: reads every event once.
    pub(crate) async fn told<T: Told>(&self, range: Range<Key>) -> Result<Vec<T>, JournalError> {
        fold(self.rows(range).await?)
    }

    /// What a list names, in its order, after the position that an earlier answer gave: keys of the list begin with
    /// `prefix` and 8 bytes of time, and end with an id. Cost: one scan, and one a thing.
    pub(crate) async fn listed<T: Told>(
        &self,
        tag: u8,
        prefix: Key,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, T)>, JournalError> {
        let to = [prefix.as_slice(), &[0xff; 32]].concat();
        let from = match after.filter(|key| key.starts_with(&prefix)) {
            Some(key) => [key, &[0]].concat(),
            None => prefix.clone(),
        };
        let snapshot = self.store.snapshot(None).await?;
        let mut out = Vec::new();
        for (key, _) in snapshot.scan(from..to, Direction::Forward, limit).await? {
            let id = key.get(prefix.len() + 8..).map(String::from_utf8_lossy).unwrap_or_default().into_owned();
            if let Some(told) = fold(scan(&*snapshot, of(tag, &[], &id)).await?)?.pop() {
                out.push((key, told));
            }
        }
        Ok(out)
    }
}

/// The rows of a thing's events from number `from` on.
pub(crate) fn events<T: Told>(tag: u8, lead: &[u8], told: &T, from: usize) -> Vec<(Key, Vec<u8>)> {
    let one = |(number, event): (usize, &T::Event)| {
        let opening = (number == 0).then(|| told.opening());
        let mut value = vec![FORMAT];
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut value, &Row::<T> { opening, event: event.clone() });
        (event_key(tag, lead, told.id(), number), value)
    };
    told.events().iter().enumerate().skip(from).map(one).collect()
}

/// Where a thing's events stand.
pub(crate) fn of(tag: u8, lead: &[u8], id: &str) -> Range<Key> {
    event_key(tag, lead, id, 0)..event_key(tag, lead, id, usize::MAX)
}

/// A fresh id: nobody can guess it, and it tells nothing of how many there are.
pub(crate) fn fresh_id(letter: char) -> Option<String> {
    let mut bytes = [0_u8; 8];
    aws_lc_rs::rand::fill(&mut bytes).ok()?;
    Some(format!("{letter}-{}", crate::http::hex(&bytes)))
}

/// Whether a text has the form of [`fresh_id`].
pub(crate) fn is_id(letter: char, text: &str) -> bool {
    let hex = text.strip_prefix(letter).and_then(|rest| rest.strip_prefix('-'));
    hex.is_some_and(|hex| hex.len() == 16 && hex.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn event_key(tag: u8, lead: &[u8], id: &str, number: usize) -> Key {
    let number = u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes();
    [&[tag], lead, id.as_bytes(), &[0], &number].concat()
}

/// Changes rows of the gateway's own store, all or none; of two who expect the same, one is [`JournalError::Overtaken`].
pub(crate) async fn commit(
    store: &dyn Store,
    expect: Vec<(Key, Expect)>,
    put: Vec<Put>,
    delete: Vec<Key>,
) -> Result<(), JournalError> {
    let mut id = [0_u8; 16];
    aws_lc_rs::rand::fill(&mut id).map_err(|_| CommitError::Refused { reason: "no random numbers".to_owned() })?;
    match store.commit(CommitBatch { id: CommitId(id), expect, put, delete, events: Vec::new() }).await {
        Ok(_) => Ok(()),
        Err(CommitError::Conflict(_)) => Err(JournalError::Overtaken),
        Err(CommitError::Unknown(id)) => match store.resolve(id).await? {
            Some(_) => Ok(()),
            None => Err(JournalError::Overtaken),
        },
        Err(error) => Err(error.into()),
    }
}

/// All rows of a range, in order.
pub(crate) async fn scan(snapshot: &dyn Snapshot, range: Range<Key>) -> Result<Vec<(Key, Bytes)>, StoreError> {
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

fn fold<T: Told>(rows: Vec<(Key, Bytes)>) -> Result<Vec<T>, JournalError> {
    let mut all: Vec<T> = Vec::new();
    for (key, value) in rows {
        let end = key.len().saturating_sub(TAIL);
        let begins = key.get(..end).and_then(|key| key.iter().rposition(|b| *b == 0)).map_or(1, |at| at + 1);
        let id = key.get(begins..end).map(String::from_utf8_lossy).unwrap_or_default();
        let unreadable = || JournalError::Unreadable { id: id.clone().into_owned() };
        let (FORMAT, json) = value.split_first().map(|(f, j)| (*f, j)).ok_or_else(unreadable)? else {
            return Err(unreadable());
        };
        let row: Row<T> = serde_json::from_slice(json).map_err(|_| unreadable())?;
        match (row.opening, all.last_mut().filter(|told| told.id() == id)) {
            (None, Some(told)) => told.put(row.event),
            (Some(opening), _) => {
                let lead = key.get(1..begins).unwrap_or_default();
                all.push(T::begin(lead, &id, opening, row.event).ok_or_else(unreadable)?);
            }
            (None, None) => return Err(unreadable()),
        }
    }
    Ok(all)
}
