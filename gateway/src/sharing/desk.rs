//! Where cases are kept: in the gateway's own store, an entry an event, never changed.
//!
//! ```text
//! 10 | case id | 00 | number u32      one event (`journal.rs`)
//! 11 | department 18 | !opened i64 | case id     whose cases, newest first; department "*" = everybody's
//! 12 | number u32                    an imported notice of holidays
//! 13 | id                            a sandbox
//! 14 | department 18 | id            whose sandboxes: the day on which each is over
//! ```

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use foundation::dataset::{Dataset, DatasetName};
use foundation::store::{Key, Store};
use foundation::value::Instant;
use serde::{Deserialize, Serialize};

use super::calendar::{Calendar, CalendarError};
use super::case::{Case, Event, Kind};
use super::limits::Limits;
use crate::journal::{self, Journal, JournalError, Told};
use crate::policy::Grant;

pub mod import;
mod sandbox;

const EVENT: u8 = 0x10;
const WHOSE: u8 = 0x11;
const NOTICE: u8 = 0x12;
const FORMAT: u8 = 1;
const LETTER: char = 'S';
/// Whoever may see every case.
pub(super) const EVERYBODY: &str = "*";

/// Why a case could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A notice of holidays.
    #[error(transparent)]
    Calendar(#[from] CalendarError),
}

/// What the first row of a case says besides.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Opening {
    provider: String,
    unconditional: bool,
    /// Who may use it, where that is not who took the first step: of a grant that was taken in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    requester: Option<String>,
    #[serde(default, skip_serializing_if = "is_request")]
    kind: Kind,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands a reference")]
fn is_request(kind: &Kind) -> bool {
    *kind == Kind::Request
}

impl Told for Case {
    type Opening = Opening;
    type Event = Event;

    fn begin(_: &[u8], id: &str, opening: Opening, first: Event) -> Option<Self> {
        let begun = match &opening.requester {
            None => Self::begin(id, &opening.provider, opening.unconditional, first),
            Some(requester) => Self::import(id, requester, &opening.provider, opening.unconditional, first),
        };
        begun.map(|case| case.of(opening.kind))
    }
    fn put(&mut self, event: Event) {
        self.put(event);
    }
    fn id(&self) -> &str {
        &self.id
    }
    fn opening(&self) -> Opening {
        let requester = self.imported().map(|_| self.requester.clone());
        let (provider, unconditional, kind) = (self.provider.clone(), self.unconditional, self.kind);
        Opening { provider, unconditional, requester, kind }
    }
    fn events(&self) -> &[Event] {
        &self.events
    }
}

/// The desk of sharing: cases, the calendar, the limits.
pub struct Desk {
    journal: Journal,
    /// Limits in force.
    pub limits: Limits,
    calendar: Mutex<Arc<Calendar>>,
}

impl Desk {
    /// Opens the desk on the gateway's store; reads the notices imported.
    ///
    /// # Errors
    /// [`DeskError`].
    pub async fn open(store: Arc<dyn Store>, limits: Limits) -> Result<Self, DeskError> {
        let (journal, mut calendar) = (Journal::new(store), Calendar::built_in()?);
        for (_, value) in journal.rows(vec![NOTICE]..vec![NOTICE + 1]).await? {
            let text = value.get(1..).and_then(|t| std::str::from_utf8(t).ok()).unwrap_or_default();
            calendar.add(text)?;
        }
        Ok(Self { journal, limits, calendar: Mutex::new(Arc::new(calendar)) })
    }

    /// The turn to take a step; steps and notices come one after the other.
    pub async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.journal.turn().await
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
        let number = self.journal.rows(vec![NOTICE]..vec![NOTICE + 1]).await?.len();
        let mut key = vec![NOTICE];
        key.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes());
        let mut value = vec![FORMAT];
        value.extend_from_slice(text.as_bytes());
        self.journal.append(vec![(key, value)]).await?;
        *self.calendar.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(calendar);
        Ok(years)
    }

    /// Keeps the first event of a case.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn begin(&self, case: &Case) -> Result<(), JournalError> {
        self.journal.append(first_rows(case)?).await
    }

    /// Keeps the events of a case from number `from` on; of two who do so at once, one is [`JournalError::Overtaken`].
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn keep(&self, case: &Case, from: usize) -> Result<(), JournalError> {
        self.journal.append(journal::events(EVENT, &[], case, from)).await
    }

    /// A case by id.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn case(&self, id: &str) -> Result<Option<Case>, JournalError> {
        if !is_sound_id(id) {
            return Ok(None);
        }
        Ok(self.journal.told(journal::of(EVENT, &[], id)).await?.pop())
    }

    /// Cases of `department` (`None` = of everybody), newest first, after the position that an earlier answer gave.
    ///
    /// Cost: one scan, and one a case.
    /// # Errors
    /// [`JournalError`].
    pub async fn cases(
        &self,
        department: Option<&str>,
        after: Option<&[u8]>,
        limit: usize,
    ) -> Result<Vec<(Key, Case)>, JournalError> {
        let prefix = whose(WHOSE, department.unwrap_or(EVERYBODY));
        self.journal.listed(EVENT, prefix, after, limit).await
    }

    /// All cases, in the order of their ids.
    ///
    /// Cost: reads every event once.
    /// # Errors
    /// [`JournalError`].
    pub async fn all(&self) -> Result<Vec<Case>, JournalError> {
        self.journal.told(vec![EVENT]..vec![EVENT + 1]).await
    }

    /// The grants of all cases that give one now, and the ids of those that were taken in: nothing but the case says whether
    /// they stand. A case whose terms no longer fit its dataset gives none and is logged.
    ///
    /// Cost: reads every event once.
    /// # Errors
    /// [`JournalError`].
    pub async fn grants<'a>(
        &self,
        dataset: impl Fn(&DatasetName) -> Option<&'a Dataset> + Copy,
    ) -> Result<(Vec<Grant>, BTreeSet<String>), JournalError> {
        let cases = self.all().await?;
        let (mut grants, mut imported) = (Vec::new(), BTreeSet::new());
        for case in cases {
            if case.imported().is_some() {
                imported.insert(case.id.clone());
            }
            match case.grant(dataset) {
                Some(Ok(grant)) => grants.push(grant),
                Some(Err(reason)) => tracing::warn!(case = case.id, reason, "a grant no longer fits its dataset"),
                None => {}
            }
        }
        Ok((grants, imported))
    }
}

/// The first event of a case, and where it is listed.
fn first_rows(case: &Case) -> Result<Vec<(Key, Vec<u8>)>, JournalError> {
    let unreadable = || JournalError::Unreadable { id: case.id.clone() };
    let first = case.events.first().ok_or_else(unreadable)?;
    let mut puts: Vec<_> = journal::events(EVENT, &[], case, 0).into_iter().take(1).collect();
    let whose: BTreeSet<&str> = [case.requester.as_str(), case.provider.as_str(), EVERYBODY].into();
    puts.extend(whose.into_iter().map(|who| (whose_key(who, first.at(), &case.id), vec![FORMAT])));
    Ok(puts)
}

/// Whether a text can be the id of a case: drawn by the desk, or that of a grant that was taken in.
fn is_sound_id(id: &str) -> bool {
    let sound = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
    (1..=64).contains(&id.len()) && id.bytes().all(sound)
}

/// How a list of what concerns a department begins.
pub(super) fn whose(tag: u8, who: &str) -> Key {
    let mut key = vec![tag];
    key.extend(who.bytes().chain(std::iter::repeat(b' ')).take(18));
    key
}

fn whose_key(who: &str, at: Instant, id: &str) -> Key {
    let mut key = whose(WHOSE, who);
    key.extend_from_slice(&(!at.0.cast_unsigned()).to_be_bytes());
    key.extend_from_slice(id.as_bytes());
    key
}

/// A fresh id of a case.
#[must_use]
pub fn fresh_id() -> Option<String> {
    journal::fresh_id(LETTER)
}
