//! Where entries and demands are kept: in the gateway's own store, an event a row, never changed.
//!
//! ```text
//! 70 | entry id | 00 | number u32     one event (`journal.rs`)
//! 71 | entry id                       that there is one
//! 72 | resource code                  whose it is: format version 01 | entry id
//! 74 | demand id | 00 | number u32    one event of a demand (`journal.rs`)
//! 75 | !asked i64 | demand id         demands, newest first
//! ```

use std::sync::Arc;

use foundation::store::{Direction, Key, Store};
use serde::{Deserialize, Serialize};

use super::demand::{Demand, DemandEvent};
use super::entry::{Adopted, Entry, Event};
use crate::journal::{self, Journal, JournalError, Told};

const EVENT: u8 = 0x70;
const ENTRY: u8 = 0x71;
const CODE: u8 = 0x72;
const DEMAND_EVENT: u8 = 0x74;
const DEMAND: u8 = 0x75;
const FORMAT: u8 = 1;
/// Digits of the number in a resource code.
const NUMBER_DIGITS: usize = 6;
const ENTRY_LETTER: char = 'C';
const DEMAND_LETTER: char = 'N';

/// What an entry is begun with.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Opening {
    /// Its first event drafts it.
    Drafted,
    /// A definition announced it.
    Adopted { provider: String, adopted: Adopted },
}

impl Told for Entry {
    type Opening = Opening;
    type Event = Event;

    fn begin(_: &[u8], id: &str, opening: Opening, first: Event) -> Option<Self> {
        match opening {
            Opening::Drafted => Self::begin(id, first),
            Opening::Adopted { provider, adopted } => {
                let mut entry = Self::adopt(id, &provider, adopted);
                entry.put(first);
                Some(entry)
            }
        }
    }
    fn put(&mut self, event: Event) {
        self.put(event);
    }
    fn id(&self) -> &str {
        &self.id
    }
    fn opening(&self) -> Opening {
        match &self.adopted {
            Some(adopted) => Opening::Adopted { provider: self.provider.clone(), adopted: adopted.clone() },
            None => Opening::Drafted,
        }
    }
    fn events(&self) -> &[Event] {
        &self.events
    }
}

/// A demand is begun with its first event alone.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Begun {}

impl Told for Demand {
    type Opening = Begun;
    type Event = DemandEvent;

    fn begin(_: &[u8], id: &str, _: Begun, first: DemandEvent) -> Option<Self> {
        Self::begin(id, first)
    }
    fn put(&mut self, event: DemandEvent) {
        self.put(event);
    }
    fn id(&self) -> &str {
        &self.id
    }
    fn opening(&self) -> Begun {
        Begun {}
    }
    fn events(&self) -> &[DemandEvent] {
        &self.events
    }
}

/// Rows to be kept together.
#[derive(Default)]
pub struct Changes(Vec<(Key, Vec<u8>)>);

impl Changes {
    /// Adds the events of an entry from number `from` on.
    pub fn entry(&mut self, entry: &Entry, from: usize) {
        if from == 0 {
            self.0.push((key(ENTRY, &entry.id), vec![FORMAT]));
        }
        self.0.extend(journal::events(EVENT, &[], entry, from));
    }

    /// Adds a resource code: of two who take the same, one is overtaken.
    pub fn code(&mut self, code: &str, entry: &str) {
        self.0.push((key(CODE, code), [&[FORMAT], entry.as_bytes()].concat()));
    }

    /// Adds the events of a demand from number `from` on.
    pub fn demand(&mut self, demand: &Demand, from: usize) {
        if let (0, Some(first)) = (from, demand.events.first()) {
            let mut at = vec![DEMAND];
            at.extend_from_slice(&(!first.at_us.cast_unsigned()).to_be_bytes());
            at.extend_from_slice(demand.id.as_bytes());
            self.0.push((at, vec![FORMAT]));
        }
        self.0.extend(journal::events(DEMAND_EVENT, &[], demand, from));
    }
}

/// The register of entries and demands.
pub struct Register {
    store: Arc<dyn Store>,
    journal: Journal,
}

impl Register {
    /// The register in the gateway's own store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self { journal: Journal::new(Arc::clone(&store)), store }
    }

    /// Keeps rows, all or none; of two who keep the same event at once, one is [`JournalError::Overtaken`].
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn keep(&self, changes: Changes) -> Result<(), JournalError> {
        self.journal.append(changes.0).await
    }

    /// An entry by id, if steps were taken on it.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn entry(&self, id: &str) -> Result<Option<Entry>, JournalError> {
        if !journal::is_id(ENTRY_LETTER, id) && super::dataset_of(id).is_none() {
            return Ok(None);
        }
        Ok(self.journal.told(journal::of(EVENT, &[], id)).await?.pop())
    }

    /// Entries after `after` by id.
    ///
    /// Cost: one scan, and one an entry.
    /// # Errors
    /// [`JournalError`].
    pub async fn entries(&self, after: Option<&str>, limit: usize) -> Result<Vec<Entry>, JournalError> {
        let snapshot = self.store.snapshot(None).await?;
        let from = after.map_or_else(|| vec![ENTRY], |id| [key(ENTRY, id).as_slice(), &[0]].concat());
        let mut out = Vec::new();
        for (key, _) in snapshot.scan(from..vec![ENTRY + 1], Direction::Forward, limit).await? {
            let id = text(&key);
            out.extend(self.journal.told::<Entry>(journal::of(EVENT, &[], &id)).await?.pop());
        }
        Ok(out)
    }

    /// The next free resource code of a class; `taken` are the codes of definitions.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn next_code<'a>(
        &self,
        class: &str,
        taken: impl Iterator<Item = &'a str>,
    ) -> Result<String, JournalError> {
        let number = |code: &str| {
            code.split_once('/').filter(|(of, _)| *of == class).and_then(|(_, number)| number.parse::<u64>().ok())
        };
        let prefix = key(CODE, &format!("{class}/"));
        let to = [prefix.as_slice(), &[0xff]].concat();
        let snapshot = self.store.snapshot(None).await?;
        let last = snapshot.scan(prefix..to, Direction::Backward, 1).await?;
        let kept = last.first().and_then(|(key, _)| number(&text(key)));
        let highest = taken.filter_map(number).chain(kept).max().unwrap_or(0);
        Ok(format!("{class}/{:0NUMBER_DIGITS$}", highest + 1))
    }

    /// A demand by id.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn demand(&self, id: &str) -> Result<Option<Demand>, JournalError> {
        if !journal::is_id(DEMAND_LETTER, id) {
            return Ok(None);
        }
        Ok(self.journal.told(journal::of(DEMAND_EVENT, &[], id)).await?.pop())
    }

    /// Demands, newest first, after the position that an earlier answer gave.
    ///
    /// Cost: one scan, and one a demand.
    /// # Errors
    /// [`JournalError`].
    pub async fn demands(&self, after: Option<&[u8]>, limit: usize) -> Result<Vec<(Key, Demand)>, JournalError> {
        self.journal.listed(DEMAND_EVENT, vec![DEMAND], after, limit).await
    }
}

fn key(kind: u8, text: &str) -> Key {
    [&[kind], text.as_bytes()].concat()
}

fn text(key: &Key) -> String {
    key.get(1..).map(String::from_utf8_lossy).unwrap_or_default().into_owned()
}

/// A fresh id of an entry: nobody can guess it, and it tells nothing of how many there are.
#[must_use]
pub fn fresh_entry_id() -> Option<String> {
    journal::fresh_id(ENTRY_LETTER)
}

/// A fresh id of a demand.
#[must_use]
pub fn fresh_demand_id() -> Option<String> {
    journal::fresh_id(DEMAND_LETTER)
}
