//! How the index lies in the gateway's own store.
//!
//! ```text
//! 30 | subject 16 | !number u64              an entry, the newest first        01 | told i64 | closed i64
//! 31 | day closed u64 | told u64             entries of a day that are withheld until another      01 | count u64
//! 32                                         how far the index is              01 | JSON
//! subject: the first 16 bytes of HMAC-SHA-256 (keys/accesses.key, record id); nobody is found by his id without the key
//! told   : the day from which it is told; the least i64 = at once, the greatest = never. Days in keys are put above zero
//! ```

use std::ops::Range;

use foundation::store::{Bytes, Key};
use foundation::value::{Day, Instant};

use super::super::Told;

const ENTRY: u8 = 0x30;
const COUNT: u8 = 0x31;
const PROGRESS: u8 = 0x32;
pub(super) const FORMAT: u8 = 1;

/// An entry about somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) number: u64,
    pub(super) closed: Instant,
    pub(super) told: Told,
}

/// All rows of the index.
pub(super) fn all() -> Range<Key> {
    vec![ENTRY]..vec![PROGRESS + 1]
}

/// Where the progress stands.
pub(super) fn progress() -> Key {
    vec![PROGRESS]
}

/// An entry about a subject.
pub(super) fn entry(subject: &[u8; 16], number: u64) -> Key {
    [&[ENTRY], subject.as_slice(), &(!number).to_be_bytes()].concat()
}

/// The entries about a subject before a number, the newest first.
pub(super) fn entries(subject: &[u8; 16], before: Option<u64>) -> Range<Key> {
    let lead = [&[ENTRY], subject.as_slice()].concat();
    let end = [lead.as_slice(), &[0xff; 9]].concat();
    match before.map(|before| before.checked_sub(1)) {
        None => lead..end,
        Some(None) => end.clone()..end,
        Some(Some(last)) => entry(subject, last)..end,
    }
}

/// When an entry is told, and when it was closed.
pub(super) fn told(told: Told, closed: Instant) -> Vec<u8> {
    [&[FORMAT], day_of(told).to_be_bytes().as_slice(), &closed.0.to_be_bytes()].concat()
}

/// What a row of an entry says.
pub(super) fn place(key: &Key, value: &Bytes) -> Option<Place> {
    let number = key.get(17..25)?.first_chunk().map(|bytes| !u64::from_be_bytes(*bytes))?;
    let (told, rest) = value.strip_prefix(&[FORMAT])?.split_first_chunk::<8>()?;
    let closed = rest.first_chunk().map(|bytes| Instant(i64::from_be_bytes(*bytes)))?;
    let told = match i64::from_be_bytes(*told) {
        i64::MIN => Told::AtOnce,
        i64::MAX => Told::Never,
        day => Told::From(Day(day)),
    };
    Some(Place { number, closed, told })
}

/// Where entries of a day are counted that are withheld until another.
pub(super) fn counter(closed: Day, told: Told) -> Key {
    [&[COUNT], lifted(closed.0).as_slice(), &lifted(day_of(told))].concat()
}

/// The counters of days before this one.
pub(super) fn counts_before(day: Day) -> Range<Key> {
    vec![COUNT]..[&[COUNT], lifted(day.0).as_slice()].concat()
}

/// Until which day a counter's entries are withheld.
pub(super) fn until(key: &Key) -> Option<i64> {
    key.get(9..17)?.first_chunk().map(|bytes| i64::from_be_bytes(*bytes) ^ i64::MIN)
}

/// A counter's count.
pub(super) fn count(value: &Bytes) -> Option<u64> {
    value.strip_prefix(&[FORMAT])?.first_chunk().map(|bytes| u64::from_be_bytes(*bytes))
}

fn day_of(told: Told) -> i64 {
    match told {
        Told::AtOnce => i64::MIN,
        Told::From(day) => day.0,
        Told::Never => i64::MAX,
    }
}

/// A day as its bytes sort.
fn lifted(day: i64) -> [u8; 8] {
    (day ^ i64::MIN).to_be_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_say_what_was_written_and_the_newest_comes_first() {
        let (subject, closed) = ([7; 16], Instant(1_700_000_000_000_000));
        let said = [Told::AtOnce, Told::From(Day(20_000)), Told::From(Day(-3)), Told::Never];
        for (number, one) in (0_u64..).zip(said) {
            let read = place(&entry(&subject, number), &Bytes::from(told(one, closed)));
            assert_eq!(read, Some(Place { number, closed, told: one }));
        }
        assert!(entry(&subject, 5) < entry(&subject, 4));
        for (before, number, inside) in [
            (None, 0, true),
            (None, u64::MAX, true),
            (Some(5), 4, true),
            (Some(5), 5, false),
            (Some(1), 0, true),
            (Some(0), 0, false),
        ] {
            assert_eq!(entries(&subject, before).contains(&entry(&subject, number)), inside, "{before:?} {number}");
        }
        let day = Day(20_000);
        for (closed, inside) in [(Day(-3), true), (Day(19_999), true), (Day(20_000), false)] {
            assert_eq!(counts_before(day).contains(&counter(closed, Told::Never)), inside, "{closed:?}");
        }
        assert_eq!(until(&counter(day, Told::From(Day(-3)))), Some(-3));
        assert_eq!((until(&counter(day, Told::Never)), place(&vec![1], &Bytes::new())), (Some(i64::MAX), None));
    }
}
