//! The store's own rows, under first byte 0, which no caller may write.
//!
//! ```text
//! [0]['c'][commit id 16]               at i64, token u64, content digest 16        what a commit id stands for
//! [0]['e'][partition u32][sequence u64] at i64, body                               the change log
//! [0]['t'][token u64]                  at i64, commit id 16                        commits in order, for pruning
//! ```
//! Numbers are big endian. The last `t` row holds the newest commit time and token; it is never pruned.

use std::ops::Range;

use crate::store::{Bytes, CommitId, Committed, Event, Key, Partition, StoreError};
use crate::value::Instant;

fn key(kind: u8, rest: &[&[u8]]) -> Key {
    let mut key = vec![0, kind];
    for part in rest {
        key.extend_from_slice(part);
    }
    key
}

pub(super) fn commit_key(id: CommitId) -> Key {
    key(b'c', &[&id.0])
}

pub(super) fn commit_value(done: Committed, content: [u8; 16]) -> Vec<u8> {
    [&done.at.0.to_be_bytes()[..], &done.token.to_be_bytes(), &content].concat()
}

pub(super) fn read_commit(value: &[u8]) -> Result<(Committed, [u8; 16]), StoreError> {
    let read = || {
        let (at, rest) = number(value)?;
        let (token, rest) = number(rest)?;
        let done = Committed { at: Instant(at.cast_signed()), token };
        Some((done, rest.try_into().ok()?))
    };
    read().ok_or_else(|| damaged("a commit row"))
}

pub(super) fn event_key(partition: Partition, sequence: u64) -> Key {
    key(b'e', &[&partition.to_be_bytes(), &sequence.to_be_bytes()])
}

/// The key after the last event of `partition`.
pub(super) fn event_end(partition: Partition) -> Key {
    partition.checked_add(1).map_or_else(|| key(b'f', &[]), |next| event_key(next, 0))
}

pub(super) fn event_value(at: Instant, body: &[u8]) -> Vec<u8> {
    [&at.0.to_be_bytes()[..], body].concat()
}

pub(super) fn read_event(key: &[u8], value: &Bytes) -> Result<Event, StoreError> {
    let (_, sequence) = read_event_key(key)?;
    let read = || {
        let (at, body) = number(value)?;
        Some(Event { sequence, at: Instant(at.cast_signed()), body: value.slice_ref(body) })
    };
    read().ok_or_else(|| damaged("an event row"))
}

/// Every event.
pub(super) fn events_all() -> Range<Key> {
    key(b'e', &[])..key(b'f', &[])
}

/// The partition and sequence in an event's key.
pub(super) fn read_event_key(key: &[u8]) -> Result<(Partition, u64), StoreError> {
    let read = || {
        let (partition, rest) = key.get(2..)?.split_first_chunk::<4>()?;
        Some((u32::from_be_bytes(*partition), number(rest)?.0))
    };
    read().ok_or_else(|| damaged("an event's key"))
}

pub(super) fn token_key(token: u64) -> Key {
    key(b't', &[&token.to_be_bytes()])
}

pub(super) fn tokens_all() -> Range<Key> {
    key(b't', &[])..key(b'u', &[])
}

pub(super) fn token_value(at: Instant, id: CommitId) -> Vec<u8> {
    [&at.0.to_be_bytes()[..], &id.0].concat()
}

pub(super) fn read_token(key: &[u8], value: &[u8]) -> Result<(Committed, CommitId), StoreError> {
    let read = || {
        let (token, _) = number(key.get(2..)?)?;
        let (at, id) = number(value)?;
        Some((Committed { at: Instant(at.cast_signed()), token }, CommitId(id.try_into().ok()?)))
    };
    read().ok_or_else(|| damaged("a token row"))
}

fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (head, rest) = bytes.split_first_chunk::<8>()?;
    Some((u64::from_be_bytes(*head), rest))
}

fn damaged(what: &str) -> StoreError {
    StoreError::Corrupt { what: format!("{what} of the store is not as it was written") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_rows_read_back_and_sort_by_number() {
        let done = Committed { at: Instant(-5), token: 7 };
        assert_eq!(read_commit(&commit_value(done, [3; 16])).unwrap(), (done, [3; 16]));
        assert_eq!(
            read_token(&token_key(7), &token_value(done.at, CommitId([9; 16]))).unwrap(),
            (done, CommitId([9; 16]))
        );
        let event = read_event(&event_key(1, 256), &event_value(done.at, b"x").into()).unwrap();
        assert_eq!((event.sequence, event.at, &event.body[..]), (256, done.at, &b"x"[..]));
        assert!(event_key(1, 255) < event_key(1, 256) && event_key(1, u64::MAX) < event_end(1));
        assert!(event_end(u32::MAX) > event_key(u32::MAX, u64::MAX));
        assert_eq!(read_event_key(&event_key(5, 6)).unwrap(), (5, 6));
        assert!(read_commit(b"short").is_err());
    }
}
