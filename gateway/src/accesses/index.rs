//! Who is in which entry of the log: rows in the gateway's own store (`index/rows.rs`), derived from the log.

mod rows;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::{digest, hmac};
use foundation::store::{Direction, Expect, Key, Put, Store, digest as named};
use foundation::value::{Day, Instant};
use serde::{Deserialize, Serialize};

use super::{AccessRules, Told, is_about_persons, is_of_a_batch};
use crate::audit::{AuditLog, Entry};
use crate::journal::{self, JournalError};

/// Which entries it takes in: 2 takes those about records that go with a person's too.
const MADE_BY: u8 = 2;
/// Entries taken in at a time.
const ENTRIES: usize = 500;
/// Rows written or removed at a time.
const ROWS: usize = 1_500;
/// Most counters read.
const COUNTERS: usize = 200_000;

/// Why the index cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// Its rows.
    #[error(transparent)]
    Rows(#[from] JournalError),
    /// The log.
    #[error("the audit log cannot be read")]
    Log(#[from] std::io::Error),
}

/// How far the index is, and of what it was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Progress {
    /// The first entry that is not in it.
    next: u64,
    /// SHA-256 of the entry before.
    last: String,
    /// What it takes in, and SHA-256 of the rules.
    rules: String,
    /// What tells the key.
    key: String,
}

/// How many entries of the whole log are withheld from somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Withheld {
    /// How many.
    pub entries: u64,
    /// Of the days before this one.
    pub before: Day,
}

/// Which entries about somebody.
#[derive(Debug, Clone, Copy, Default)]
pub struct Window {
    /// Closed at or after.
    pub from: Option<Instant>,
    /// Closed before.
    pub to: Option<Instant>,
    /// Only entries before this number.
    pub before: Option<u64>,
}

/// The index.
pub struct Accesses {
    store: Arc<dyn Store>,
    rules: AccessRules,
    key: hmac::Key,
    progress: tokio::sync::Mutex<Option<Progress>>,
    withheld: Mutex<Option<Withheld>>,
}

impl Accesses {
    /// The index in a store; `key` hides whom it is about.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, rules: AccessRules, key: hmac::Key) -> Self {
        Self { store, rules, key, progress: tokio::sync::Mutex::new(None), withheld: Mutex::new(None) }
    }

    /// The rules that say what is told.
    #[must_use]
    pub fn rules(&self) -> &AccessRules {
        &self.rules
    }

    /// Takes in what the log holds and the index does not, at most `most` entries; whether that was all. An index of another
    /// log, other rules or another key is made anew.
    ///
    /// Cost: a look at the log's size; the reading of what is new.
    /// # Errors
    /// [`IndexError`].
    pub async fn catch_up(&self, log: &AuditLog, most: u64) -> Result<bool, IndexError> {
        let mut held = self.progress.lock().await;
        let mut progress = match held.take() {
            Some(progress) => progress,
            None => self.resumed(log).await?,
        };
        let (size, begun) = (log.tree().size(), progress.next);
        while progress.next < size && progress.next - begun < most {
            let (reader, next) = (log.reader().clone(), progress.next);
            let most = ENTRIES.min(usize::try_from(size - next).unwrap_or(ENTRIES));
            let read = tokio::task::spawn_blocking(move || reader.tail(next, most)).await;
            let entries = read.map_err(std::io::Error::other)??;
            if entries.is_empty() {
                return Err(IndexError::Log(std::io::Error::other(format!("entry {next} is not there"))));
            }
            progress = self.take(progress, &entries).await?;
        }
        let whole = progress.next >= size;
        *held = Some(progress);
        Ok(whole)
    }

    /// Numbers of entries about any of `who` that he is told of today, the newest first, at most `limit`.
    ///
    /// Cost: one range a name; what is withheld is skipped where it stands, and nothing of it is read.
    /// # Errors
    /// [`IndexError`].
    pub async fn of(&self, who: &[String], window: Window, today: Day, limit: usize) -> Result<Vec<u64>, IndexError> {
        let snapshot = self.store.snapshot(None).await.map_err(JournalError::from)?;
        let mut found = Vec::new();
        for one in who {
            let subject = self.subject(one);
            let Range { start: mut from, end } = rows::entries(&subject, window.before);
            let mut own = 0;
            while own < limit {
                let read = snapshot.scan(from.clone()..end.clone(), Direction::Forward, limit);
                let read = read.await.map_err(JournalError::from)?;
                let places = read.iter().filter_map(|(key, value)| rows::place(key, value));
                let shown = places.filter(|place| {
                    place.told.on(today)
                        && window.from.is_none_or(|from| place.closed >= from)
                        && window.to.is_none_or(|to| place.closed < to)
                });
                let before = found.len();
                found.extend(shown.map(|place| place.number));
                own += found.len() - before;
                match read.last() {
                    Some((key, _)) if read.len() == limit => from = [key.as_slice(), &[0]].concat(),
                    _ => break,
                }
            }
        }
        found.sort_unstable_by_key(|number| std::cmp::Reverse(*number));
        found.dedup();
        found.truncate(limit);
        Ok(found)
    }

    /// How many entries of the days before `today` are withheld today, of the whole log; `None` if that is not told.
    ///
    /// Cost: one scan of the counters a day.
    /// # Errors
    /// [`IndexError`].
    pub async fn withheld(&self, today: Day) -> Result<Option<Withheld>, IndexError> {
        if !self.rules.counts_sealed() {
            return Ok(None);
        }
        let known = *self.withheld.lock().unwrap_or_else(PoisonError::into_inner);
        if known.is_some_and(|known| known.before == today) {
            return Ok(known);
        }
        let snapshot = self.store.snapshot(None).await.map_err(JournalError::from)?;
        let read = snapshot.scan(rows::counts_before(today), Direction::Forward, COUNTERS);
        let read = read.await.map_err(JournalError::from)?;
        let still = read.iter().filter(|(key, _)| rows::until(key).is_some_and(|until| until > today.0));
        let entries = still.filter_map(|(_, value)| rows::count(value));
        let made = Withheld { entries: entries.sum(), before: today };
        *self.withheld.lock().unwrap_or_else(PoisonError::into_inner) = Some(made);
        Ok(Some(made))
    }

    fn subject(&self, record: &str) -> [u8; 16] {
        hmac::sign(&self.key, record.as_bytes()).as_ref().first_chunk().copied().unwrap_or_default()
    }

    /// Where the index goes on; from the beginning if what it holds does not fit.
    async fn resumed(&self, log: &AuditLog) -> Result<Progress, IndexError> {
        let fresh = Progress {
            next: 0,
            last: String::new(),
            rules: format!("{MADE_BY}:{}", crate::http::hex(self.rules.digest())),
            key: crate::http::hex(&self.subject("")),
        };
        let snapshot = self.store.snapshot(None).await.map_err(JournalError::from)?;
        let kept = snapshot.get_many(&[rows::progress()]).await.map_err(JournalError::from)?.pop().flatten();
        let kept: Option<Progress> =
            kept.and_then(|bytes| serde_json::from_slice(bytes.strip_prefix(&[rows::FORMAT])?).ok());
        if let Some(kept) = kept
            && (kept.rules.as_str(), kept.key.as_str()) == (fresh.rules.as_str(), fresh.key.as_str())
            && kept.next <= log.tree().size()
        {
            let reader = log.reader().clone();
            let last = kept.next.checked_sub(1);
            let read = tokio::task::spawn_blocking(move || match last {
                Some(last) => reader.bytes(last).map(|bytes| print(&bytes.unwrap_or_default())),
                None => Ok(String::new()),
            });
            if read.await.map_err(std::io::Error::other)?? == kept.last {
                return Ok(kept);
            }
        }
        self.clear().await?;
        tracing::info!("the index of who is in the audit log is made anew");
        Ok(fresh)
    }

    async fn clear(&self) -> Result<(), IndexError> {
        *self.withheld.lock().unwrap_or_else(PoisonError::into_inner) = None;
        loop {
            let snapshot = self.store.snapshot(None).await.map_err(JournalError::from)?;
            let read = snapshot.scan(rows::all(), Direction::Forward, ROWS);
            let keys: Vec<Key> = read.await.map_err(JournalError::from)?.into_iter().map(|(key, _)| key).collect();
            if keys.is_empty() {
                return Ok(());
            }
            journal::commit(&*self.store, Vec::new(), Vec::new(), keys).await?;
        }
    }

    /// Takes entries in. Rows of entries are written first and are the same when written twice; counters and progress are
    /// written together, last.
    async fn take(&self, progress: Progress, entries: &[Vec<u8>]) -> Result<Progress, IndexError> {
        let mut places: BTreeMap<Key, Vec<u8>> = BTreeMap::new();
        let mut counts: BTreeMap<Key, u64> = BTreeMap::new();
        for (number, bytes) in (progress.next..).zip(entries) {
            let Some(entry) = Entry::read(bytes).filter(is_about_somebody) else { continue };
            let told = self.rules.told(&entry);
            for record in &entry.records {
                places.insert(rows::entry(&self.subject(record), number), rows::told(told, entry.closed));
            }
            if told != Told::AtOnce {
                *counts.entry(rows::counter(entry.closed.day(), told)).or_default() += 1;
            }
        }
        let puts: Vec<Put> = places.into_iter().map(|(key, value)| Put { key, value, stamped: false }).collect();
        for part in puts.chunks(ROWS) {
            journal::commit(&*self.store, Vec::new(), part.to_vec(), Vec::new()).await?;
        }
        let snapshot = self.store.snapshot(None).await.map_err(JournalError::from)?;
        let keys: Vec<Key> = counts.keys().cloned().chain([rows::progress()]).collect();
        let held = snapshot.get_many(&keys).await.map_err(JournalError::from)?;
        let expect = keys.iter().zip(&held).map(|(key, held)| {
            let expected = held.as_ref().map_or(Expect::Absent, |bytes| Expect::Holds(named(bytes)));
            (key.clone(), expected)
        });
        let mut puts: Vec<Put> = counts
            .iter()
            .zip(&held)
            .map(|((key, more), held)| {
                let sum = held.as_ref().and_then(rows::count).unwrap_or(0).saturating_add(*more);
                Put {
                    key: key.clone(),
                    value: [&[rows::FORMAT], sum.to_be_bytes().as_slice()].concat(),
                    stamped: false,
                }
            })
            .collect();
        let next = progress.next + entries.len() as u64;
        let last = entries.last().map(|bytes| print(bytes)).unwrap_or_default();
        let progress = Progress { next, last, ..progress };
        let mut value = vec![rows::FORMAT];
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut value, &progress);
        puts.push(Put { key: rows::progress(), value, stamped: false });
        journal::commit(&*self.store, expect.collect(), puts, Vec::new()).await?;
        Ok(progress)
    }
}

/// Whether an entry was answered and names records of persons, or a batch of them.
fn is_about_somebody(entry: &Entry) -> bool {
    entry.status == 200 && !entry.records.is_empty() && (is_about_persons(entry) || is_of_a_batch(entry))
}

fn print(bytes: &[u8]) -> String {
    crate::http::hex(digest::digest(&digest::SHA256, bytes).as_ref())
}
