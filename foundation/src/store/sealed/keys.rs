//! The keys of what is sealed: one a record, wrapped by a master key, in a store of their own.
//!
//! ```text
//! group   [1][suite u8][generation u16][sealed secret]     a key: wrapped by that generation of the ring
//! group   [0]                                              gone for ever: what it sealed was erased
//! ```
//! They lie apart from the rows, so that a copy of the rows without them reads nothing. Whoever erases drops the key; with the
//! next rotation of the master key the copies of the dropped keys read nothing either.

use std::collections::BTreeMap;
use std::sync::Arc;

use arc_swap::ArcSwap;

use super::ring::{Ring, Unwrapping, WRAPPED, read_header, secret};
use super::suite::{DataKey, Suite};
use crate::store::{
    CommitBatch, CommitError, CommitId, Direction, Expect, Key, Put, Snapshot, Store, StoreError, digest,
};

/// What stands in the place of a key that is gone.
const GONE: &[u8] = &[0];
/// Attempts at making keys that others make at the same moment.
const ATTEMPTS_MAX: u32 = 10;

/// The ring that every base database of a process wraps with; another may take its place at any time.
pub type SharedRing = Arc<ArcSwap<Ring>>;

/// A group's key as it is kept.
pub(super) enum Held {
    /// There it is.
    Key(Box<DataKey>),
    /// It was dropped.
    Gone,
    /// None was ever made.
    Absent,
}

/// The keys of one store.
pub struct Keys {
    rows: Arc<dyn Store>,
    ring: SharedRing,
    suite: Suite,
}

impl Keys {
    /// Keys kept in `rows`, wrapped by `ring`; fresh ones are of `suite`.
    #[must_use]
    pub fn new(rows: Arc<dyn Store>, ring: SharedRing, suite: Suite) -> Self {
        Self { rows, ring, suite }
    }

    /// The keys of `groups`, in their order. Cost: one point read and about 1 us a group.
    pub(super) async fn get(&self, groups: &[Key]) -> Result<Vec<Held>, StoreError> {
        self.read(self.rows.snapshot(None).await?.as_ref(), groups).await
    }

    async fn read(&self, snapshot: &dyn Snapshot, groups: &[Key]) -> Result<Vec<Held>, StoreError> {
        let ring = self.ring.load();
        let kept = snapshot.get_many(groups).await?;
        let one = |(group, kept): (&Key, Option<bytes::Bytes>)| match kept.as_deref() {
            None => Ok(Held::Absent),
            Some(GONE) => Ok(Held::Gone),
            Some(wrapped) => {
                let (suite, secret) = ring.unwrap(group, wrapped).map_err(unread)?;
                Ok(Held::Key(Box::new(DataKey::new(suite, &secret))))
            }
        };
        groups.iter().zip(kept).map(one).collect()
    }

    /// The keys of `groups`, made where there is none; durable when it returns.
    ///
    /// Cost: as [`Self::get`], and one commit if any is made.
    /// # Errors
    /// [`CommitError::Conflict`] names a group whose key was dropped: nothing is sealed for it again.
    pub(super) async fn get_or_make(&self, groups: &[Key]) -> Result<Vec<DataKey>, CommitError> {
        for _ in 0..ATTEMPTS_MAX {
            let held = self.get(groups).await.map_err(|error| refused(&error))?;
            let (mut keys, mut put) = (Vec::with_capacity(groups.len()), Vec::new());
            let ring = self.ring.load_full();
            for (group, held) in groups.iter().zip(held) {
                match held {
                    Held::Key(key) => keys.push(*key),
                    Held::Gone => return Err(CommitError::Conflict(group.clone())),
                    Held::Absent => {
                        let secret = secret().map_err(|error| refused(&error))?;
                        put.push(plain(group.clone(), ring.wrap(group, self.suite, &secret)));
                        keys.push(DataKey::new(self.suite, &secret));
                    }
                }
            }
            let expect = put.iter().map(|put| (put.key.clone(), Expect::Absent)).collect();
            match self.commit(expect, put).await {
                Ok(()) => return Ok(keys),
                // Somebody made one of them: with his it goes on.
                Err(CommitError::Conflict(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Err(CommitError::Refused { reason: "keys are being made by others".to_owned() })
    }

    /// Drops the keys of `groups`, and of those that never had one the right to have one.
    ///
    /// # Errors
    /// [`CommitError`]; calling again goes on.
    pub async fn drop_keys(&self, groups: &[Key]) -> Result<(), CommitError> {
        for part in groups.chunks(1_000) {
            let put = part.iter().map(|group| plain(group.clone(), GONE.to_vec())).collect();
            self.commit(Vec::new(), put).await?;
        }
        Ok(())
    }

    /// Takes off the disk what was kept of keys that were dropped, or wrapped otherwise, in their places.
    ///
    /// # Errors
    /// As [`Store::scrub`].
    pub async fn scrub(&self, groups: Option<&[Key]>) -> Result<(), StoreError> {
        let one = |group: &Key| {
            let mut end = group.clone();
            end.push(0);
            group.clone()..end
        };
        let ranges = groups.map_or_else(|| vec![range(None)], |groups| groups.iter().map(one).collect());
        self.rows.scrub(ranges).await
    }

    /// Wraps a page of keys anew where another generation than the one in use wraps them, after `after`; gives how many, and
    /// where the next page begins. Whoever reads or writes meanwhile notices nothing.
    ///
    /// Cost: one scan of `limit` keys, about 2 us a key that is wrapped anew, one commit.
    /// # Errors
    /// [`CommitError`]; calling again goes on.
    pub async fn rewrap(&self, after: Option<&Key>, limit: usize) -> Result<(u64, Option<Key>), CommitError> {
        let ring = self.ring.load_full();
        let snapshot = self.rows.snapshot(None).await.map_err(|error| refused(&error))?;
        let page = snapshot.scan(range(after), Direction::Forward, limit).await.map_err(|error| refused(&error))?;
        let next = page.last().filter(|_| page.len() == limit).map(|(key, _)| key.clone());
        let (mut expect, mut put) = (Vec::new(), Vec::new());
        for (group, wrapped) in page {
            match read_header(&wrapped) {
                Some((generation, _)) if generation != ring.current() => {
                    let (suite, secret) = ring.unwrap(&group, &wrapped).map_err(|error| refused(&unread(error)))?;
                    expect.push((group.clone(), Expect::Holds(digest(&wrapped))));
                    let anew = ring.wrap(&group, suite, &secret);
                    put.push(plain(group, anew));
                }
                _ => {}
            }
        }
        let done = put.len() as u64;
        match self.commit(expect, put).await {
            Ok(()) => Ok((done, next)),
            // One was dropped meanwhile: the page is read again.
            Err(CommitError::Conflict(_)) => Ok((0, Some(after.cloned().unwrap_or_else(|| vec![0])))),
            Err(error) => Err(error),
        }
    }

    /// How many keys each generation wraps. Cost: one scan of all keys.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn by_generation(&self) -> Result<BTreeMap<u16, u64>, StoreError> {
        let snapshot = self.rows.snapshot(None).await?;
        let (mut count, mut after) = (BTreeMap::new(), None::<Key>);
        loop {
            let page = snapshot.scan(range(after.as_ref()), Direction::Forward, PAGE).await?;
            for (generation, _) in page.iter().filter_map(|(_, wrapped)| read_header(wrapped)) {
                *count.entry(generation).or_default() += 1;
            }
            match page.into_iter().next_back() {
                Some((last, _)) => after = Some(last),
                None => return Ok(count),
            }
        }
    }

    async fn commit(&self, expect: Vec<(Key, Expect)>, put: Vec<Put>) -> Result<(), CommitError> {
        if put.is_empty() {
            return Ok(());
        }
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(|error| refused(&error))?;
        let id = CommitId(id);
        match self.rows.commit(CommitBatch { id, expect, put, delete: Vec::new(), events: Vec::new() }).await {
            Ok(_) => Ok(()),
            Err(CommitError::Unknown(id)) => match self.rows.resolve(id).await {
                Ok(Some(_)) => Ok(()),
                _ => Err(CommitError::Refused { reason: "the keys of records could not be kept".to_owned() }),
            },
            Err(error) => Err(error),
        }
    }
}

/// Keys read at a time.
const PAGE: usize = 4_000;

fn range(after: Option<&Key>) -> std::ops::Range<Key> {
    let mut start = after.cloned().unwrap_or_else(|| vec![1]);
    if after.is_some() {
        start.push(0);
    }
    start..vec![0xFF; crate::store::KEY_MAX + 1]
}

fn plain(key: Key, value: Vec<u8>) -> Put {
    Put { key, value, stamped: false }
}

fn refused(error: &dyn std::error::Error) -> CommitError {
    CommitError::Refused { reason: format!("the keys of records: {error}") }
}

fn unread(why: Unwrapping) -> StoreError {
    match why {
        Unwrapping::NoKey(generation) => StoreError::Unavailable {
            reason: format!(
                "master key generation {generation} is not in the ring: give it back, or nothing it wraps can be read"
            ),
        },
        Unwrapping::Unsound => {
            StoreError::Corrupt { what: "a wrapped key does not open with its master key".to_owned() }
        }
    }
}

const _: () = assert!(WRAPPED != 0);
