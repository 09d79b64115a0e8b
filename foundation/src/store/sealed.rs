//! A store whose rows are sealed: what belongs to one record is encrypted under a key of its own, which can be dropped.
//!
//! ```text
//! commit ─► rows of sealed groups: key of the group (made where there is none) ─► sealed ─► the store beneath
//! read   ─► as stored; `Snapshot::open` takes the seals off ─► whoever forgets it finds a row that does not decode
//! ```
//! What is read is what is stored, so that expectations (S3) hold for sealed rows as for others. Below this store no byte of
//! a sealed value is readable: not in its tables, not in its log, not in a copy of them.
//!
//! `suite.rs`: algorithms · `ring.rs`: master keys · `keys.rs`: the keys of groups.

mod keys;
mod ring;
pub(super) mod suite;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use super::load::unreadable;
use super::{
    Bytes, CommitBatch, CommitError, CommitId, Committed, Direction, Event, Key, Load, Partition, Put, Snapshot,
    SortedFile, SortedRows, Store, StoreError, limits,
};
use crate::value::Instant;
use keys::Held;
pub use keys::{Keys, SharedRing};
pub use ring::{MasterKey, Ring, RingError};
pub use suite::Suite;

/// Which rows have a key in common.
pub trait Groups: Send + Sync {
    /// How many first bytes of `key` name its group, if rows there can be sealed.
    fn group(&self, key: &[u8]) -> Option<usize>;
    /// Whether rows written now are sealed there.
    fn seals(&self, key: &[u8]) -> bool;
}

/// A store that seals. See the module.
pub struct Sealed {
    beneath: Arc<dyn Store>,
    seal: Arc<Seal>,
}

struct Seal {
    keys: Arc<Keys>,
    groups: Arc<dyn Groups>,
}

impl Sealed {
    /// Seals what `groups` says in `beneath`, under `keys`.
    #[must_use]
    pub fn new(beneath: Arc<dyn Store>, keys: Arc<Keys>, groups: Arc<dyn Groups>) -> Self {
        Self { beneath, seal: Arc::new(Seal { keys, groups }) }
    }
}

#[async_trait]
impl Store for Sealed {
    async fn snapshot(&self, at_least: Option<u64>) -> Result<Arc<dyn Snapshot>, StoreError> {
        let beneath = self.beneath.snapshot(at_least).await?;
        Ok(Arc::new(SealedSnapshot { beneath, seal: Arc::clone(&self.seal) }))
    }

    async fn commit(&self, mut batch: CommitBatch) -> Result<Committed, CommitError> {
        limits::check(&batch)?;
        self.seal.close(&mut batch.put).await?;
        self.beneath.commit(batch).await
    }

    /// What is not sealed by [`Store::seal`] and had to be is refused.
    async fn load(&self, load: Load) -> Result<Committed, CommitError> {
        let (seal, files) = (Arc::clone(&self.seal), load.rows.clone());
        let looked = tokio::task::spawn_blocking(move || seal.all_closed(&files)).await;
        looked.map_err(|error| CommitError::Refused { reason: error.to_string() })??;
        self.beneath.load(load).await
    }

    async fn seal(&self, mut rows: Vec<Put>) -> Result<Vec<Put>, CommitError> {
        self.seal.close(&mut rows).await?;
        Ok(rows)
    }

    async fn resolve(&self, id: CommitId) -> Result<Option<Committed>, StoreError> {
        self.beneath.resolve(id).await
    }

    async fn changes(&self, partition: Partition, after: u64, max: usize) -> Result<Vec<Event>, StoreError> {
        self.beneath.changes(partition, after, max).await
    }

    async fn positions(&self, dataset: u16) -> Result<Vec<(Partition, u64)>, StoreError> {
        self.beneath.positions(dataset).await
    }

    async fn scrub(&self, ranges: Vec<Range<Key>>) -> Result<(), StoreError> {
        self.beneath.scrub(ranges).await
    }

    fn committed(&self) -> watch::Receiver<u64> {
        self.beneath.committed()
    }
}

struct SealedSnapshot {
    beneath: Arc<dyn Snapshot>,
    seal: Arc<Seal>,
}

#[async_trait]
impl Snapshot for SealedSnapshot {
    fn at(&self) -> Instant {
        self.beneath.at()
    }
    fn token(&self) -> u64 {
        self.beneath.token()
    }
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Bytes>>, StoreError> {
        self.beneath.get_many(keys).await
    }
    async fn scan(
        &self,
        range: Range<Key>,
        direction: Direction,
        limit: usize,
    ) -> Result<Vec<(Key, Bytes)>, StoreError> {
        self.beneath.scan(range, direction, limit).await
    }
    async fn open(&self, keys: &[Key], values: Vec<Option<Bytes>>) -> Result<Vec<Option<Bytes>>, StoreError> {
        self.seal.open(keys, values).await
    }
}

impl Seal {
    fn group<'k>(&self, key: &'k [u8]) -> Option<&'k [u8]> {
        key.get(..self.groups.group(key)?)
    }

    /// Looks whether every row is sealed that has to be.
    fn all_closed(&self, files: &[SortedFile]) -> Result<(), CommitError> {
        for file in files {
            for put in SortedRows::open(file).map_err(|error| unreadable(&error))? {
                let put = put.map_err(|error| unreadable(&error))?;
                if self.groups.seals(&put.key) && !suite::is_sealed(&put.value) {
                    return Err(CommitError::Refused { reason: "a row of a load is not sealed".to_owned() });
                }
            }
        }
        Ok(())
    }

    /// Seals rows, each under the key of its group.
    async fn close(&self, rows: &mut [Put]) -> Result<(), CommitError> {
        let mut places: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (at, put) in rows.iter().enumerate().filter(|(_, put)| self.groups.seals(&put.key)) {
            if let Some(group) = self.group(&put.key) {
                places.entry(group.to_vec()).or_default().push(at);
            }
        }
        if places.is_empty() {
            return Ok(());
        }
        let (groups, places): (Vec<Key>, Vec<Vec<usize>>) = places.into_iter().unzip();
        for (key, places) in self.keys.get_or_make(&groups).await?.into_iter().zip(places) {
            for at in places {
                if let Some(put) = rows.get_mut(at) {
                    put.value = key.seal(&put.key, &put.value, put.stamped);
                }
            }
        }
        Ok(())
    }

    /// Takes the seals off.
    async fn open(&self, keys: &[Key], mut values: Vec<Option<Bytes>>) -> Result<Vec<Option<Bytes>>, StoreError> {
        let mut places: BTreeMap<&[u8], Vec<usize>> = BTreeMap::new();
        for (at, (key, value)) in keys.iter().zip(&values).enumerate() {
            if value.as_deref().is_some_and(suite::is_sealed)
                && let Some(group) = self.group(key)
            {
                places.entry(group).or_default().push(at);
            }
        }
        if places.is_empty() {
            return Ok(values);
        }
        let groups: Vec<Key> = places.keys().map(|group| group.to_vec()).collect();
        let held = self.keys.get(&groups).await?;
        for (held, places) in held.into_iter().zip(places.into_values()) {
            for at in places {
                let (Some(key), Some(value)) = (keys.get(at), values.get_mut(at)) else { continue };
                *value = match (&held, &value) {
                    (Held::Key(held), Some(sealed)) => Some(held.open(key, sealed).map_err(damaged)?.into()),
                    (Held::Gone, _) | (_, None) => None,
                    (Held::Absent, Some(_)) => {
                        let what = "a sealed row has no key: the keys are older than the rows".to_owned();
                        return Err(StoreError::Corrupt { what });
                    }
                };
            }
        }
        Ok(values)
    }
}

fn damaged(error: suite::Unsound) -> StoreError {
    StoreError::Corrupt { what: error.to_string() }
}
