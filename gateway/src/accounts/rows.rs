//! How the roster lies in the gateway's own store.
//!
//! ```text
//! 20 | number u64                   an event of the register, never changed
//! 21 | account id                   what a person signs in with
//! 22 | digest of the name 16        failed sign-ins with a name, whether there is such an account or not
//! 23 | session 16                   a session: its refresh token's hash
//! 24 | program | 00 | digest 16     a spent assertion, until it has expired
//! 25 | account id                   when an API key was last used
//! value: format version 01 | JSON
//! ```

use std::sync::Arc;

use aws_lc_rs::digest as sha;
use foundation::store::{
    Bytes, CommitBatch, CommitError, CommitId, Direction, Expect, Key, Put, Store, StoreError, digest,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub(super) const EVENT: u8 = 0x20;
pub(super) const CREDENTIAL: u8 = 0x21;
pub(super) const FAILURES: u8 = 0x22;
pub(super) const SESSION: u8 = 0x23;
pub(super) const ASSERTION: u8 = 0x24;
pub(super) const USE: u8 = 0x25;
const FORMAT: u8 = 1;
/// Rows read at a time.
const ROWS: usize = 5_000;

/// Why rows could not be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum RowsError {
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
    #[error("a row of kind {kind:#x} cannot be read")]
    Unreadable { kind: u8 },
}

/// A key of a kind.
pub(super) fn key(kind: u8, rest: &[u8]) -> Key {
    let mut key = vec![kind];
    key.extend_from_slice(rest);
    key
}

/// The first 16 bytes of SHA-256.
pub(super) fn short(bytes: &[u8]) -> [u8; 16] {
    let mut out = [0; 16];
    for (to, from) in out.iter_mut().zip(sha::digest(&sha::SHA256, bytes).as_ref()) {
        *to = *from;
    }
    out
}

/// A change of several rows, all or nothing.
#[derive(Default)]
pub(super) struct Change {
    expect: Vec<(Key, Expect)>,
    put: Vec<Put>,
    delete: Vec<Key>,
}

impl Change {
    /// Writes a row that is not there yet.
    pub(super) fn add(mut self, key: Key, value: &impl Serialize) -> Self {
        self.expect.push((key.clone(), Expect::Absent));
        self.put(key, value)
    }

    /// Writes a row over what was read (`None`: there was none).
    pub(super) fn replace(mut self, key: Key, read: Option<&Bytes>, value: &impl Serialize) -> Self {
        self.expect.push((key.clone(), expected(read)));
        self.put(key, value)
    }

    /// Writes a row, whatever is there.
    pub(super) fn put(mut self, key: Key, value: &impl Serialize) -> Self {
        let mut bytes = vec![FORMAT];
        // Writing to memory does not fail.
        let _ = serde_json::to_writer(&mut bytes, value);
        self.put.push(Put { key, value: bytes, stamped: false });
        self
    }

    /// Removes a row.
    pub(super) fn delete(mut self, key: Key) -> Self {
        self.delete.push(key);
        self
    }

    /// Keeps it; when this returns it is on disk.
    pub(super) async fn keep(self, store: &Arc<dyn Store>) -> Result<(), RowsError> {
        let mut id = [0_u8; 16];
        aws_lc_rs::rand::fill(&mut id).map_err(|_| CommitError::Refused { reason: "no random numbers".to_owned() })?;
        let Self { expect, put, delete } = self;
        let batch = CommitBatch { id: CommitId(id), expect, put, delete, events: Vec::new() };
        match store.commit(batch).await {
            Ok(_) => Ok(()),
            Err(CommitError::Conflict(_)) => Err(RowsError::Overtaken),
            Err(CommitError::Unknown(id)) => match store.resolve(id).await? {
                Some(_) => Ok(()),
                None => Err(RowsError::Overtaken),
            },
            Err(error) => Err(error.into()),
        }
    }
}

fn expected(read: Option<&Bytes>) -> Expect {
    read.map_or(Expect::Absent, |bytes| Expect::Holds(digest(bytes)))
}

/// One row and its bytes, if it is there.
pub(super) async fn get<T: DeserializeOwned>(
    store: &Arc<dyn Store>,
    key: &Key,
) -> Result<Option<(T, Bytes)>, RowsError> {
    let found = store.snapshot(None).await?.get_many(std::slice::from_ref(key)).await?.pop().flatten();
    match found {
        Some(bytes) => Ok(Some((value(key, &bytes)?, bytes))),
        None => Ok(None),
    }
}

/// All rows of a kind, in order.
pub(super) async fn all<T: DeserializeOwned>(store: &Arc<dyn Store>, kind: u8) -> Result<Vec<(Key, T)>, RowsError> {
    let snapshot = store.snapshot(None).await?;
    let (mut from, to) = (vec![kind], vec![kind + 1]);
    let mut out = Vec::new();
    loop {
        let part = snapshot.scan(from..to.clone(), Direction::Forward, ROWS).await?;
        let more = part.len() == ROWS;
        for (key, bytes) in part {
            let value = value(&key, &bytes)?;
            out.push((key, value));
        }
        match out.last() {
            Some((key, _)) if more => from = [key.as_slice(), &[0]].concat(),
            _ => return Ok(out),
        }
    }
}

fn value<T: DeserializeOwned>(key: &Key, bytes: &Bytes) -> Result<T, RowsError> {
    let unreadable = || RowsError::Unreadable { kind: key.first().copied().unwrap_or_default() };
    match bytes.split_first() {
        Some((&FORMAT, json)) => serde_json::from_slice(json).map_err(|_| unreadable()),
        _ => Err(unreadable()),
    }
}
