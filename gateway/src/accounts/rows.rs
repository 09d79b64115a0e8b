//! How the roster lies in the gateway's own store.
//!
//! ```text
//! 20 | number u64                   an event of the register, never changed
//! 21 | account id                   what a person signs in with
//! 22 | digest of the name 16        failed sign-ins with a name, whether there is such an account or not
//! 23 | session 16                   a session: its refresh token's hash
//! 24 | program | 00 | digest 16     a spent assertion, until it has expired
//! 25 | account id                   when an API key was last used
//! 26 | digest of the state 16       a spent sign-in by the identity provider, until it has run out
//! value: format version 01 | JSON
//! ```

use std::sync::Arc;

use aws_lc_rs::digest as sha;
use foundation::store::{Bytes, Expect, Key, Put, Store, digest};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::journal::{self, JournalError};

pub(super) const EVENT: u8 = 0x20;
pub(super) const CREDENTIAL: u8 = 0x21;
pub(super) const FAILURES: u8 = 0x22;
pub(super) const SESSION: u8 = 0x23;
pub(super) const ASSERTION: u8 = 0x24;
pub(super) const USE: u8 = 0x25;
pub(super) const SPENT: u8 = 0x26;
const FORMAT: u8 = 1;

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
    pub(super) async fn keep(self, store: &Arc<dyn Store>) -> Result<(), JournalError> {
        journal::commit(&**store, self.expect, self.put, self.delete).await
    }
}

fn expected(read: Option<&Bytes>) -> Expect {
    read.map_or(Expect::Absent, |bytes| Expect::Holds(digest(bytes)))
}

/// One row and its bytes, if it is there.
pub(super) async fn get<T: DeserializeOwned>(
    store: &Arc<dyn Store>,
    key: &Key,
) -> Result<Option<(T, Bytes)>, JournalError> {
    let found = store.snapshot(None).await?.get_many(std::slice::from_ref(key)).await?.pop().flatten();
    match found {
        Some(bytes) => Ok(Some((value(key, &bytes)?, bytes))),
        None => Ok(None),
    }
}

/// All rows of a kind, in order.
pub(super) async fn all<T: DeserializeOwned>(store: &Arc<dyn Store>, kind: u8) -> Result<Vec<(Key, T)>, JournalError> {
    let rows = journal::scan(&*store.snapshot(None).await?, vec![kind]..vec![kind + 1]).await?;
    rows.into_iter().map(|(key, bytes)| Ok((key.clone(), value(&key, &bytes)?))).collect()
}

fn value<T: DeserializeOwned>(key: &Key, bytes: &Bytes) -> Result<T, JournalError> {
    let unreadable =
        || JournalError::Unreadable { id: format!("row of kind {:#x}", key.first().copied().unwrap_or_default()) };
    match bytes.split_first() {
        Some((&FORMAT, json)) => serde_json::from_slice(json).map_err(|_| unreadable()),
        _ => Err(unreadable()),
    }
}
