//! A small writer of JSON: members in order, commas in place, no tree.

use std::fmt::Display;
use std::io::Write as _;

use foundation::value::{Day, Instant};

/// Writes one object or array; closes itself when dropped.
pub(super) struct Group<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
    end: u8,
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        self.out.push(self.end);
    }
}

/// Begins an object.
pub(super) fn object(out: &mut Vec<u8>) -> Group<'_> {
    out.push(b'{');
    Group { out, first: true, end: b'}' }
}

/// Begins an array.
pub(super) fn array(out: &mut Vec<u8>) -> Group<'_> {
    out.push(b'[');
    Group { out, first: true, end: b']' }
}

impl Group<'_> {
    /// The place of the next array item.
    pub(super) fn item(&mut self) -> &mut Vec<u8> {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
        self.out
    }
    /// The place of the value of member `name`.
    pub(super) fn member(&mut self, name: &str) -> &mut Vec<u8> {
        let out = self.item();
        text(out, name);
        out.push(b':');
        out
    }
    /// A text member.
    pub(super) fn text(&mut self, name: &str, value: &str) {
        text(self.member(name), value);
    }
    /// A text member, or none.
    pub(super) fn text_if(&mut self, name: &str, value: &str) {
        if !value.is_empty() {
            self.text(name, value);
        }
    }
    /// A member whose text needs no escaping.
    pub(super) fn shown(&mut self, name: &str, value: impl Display) {
        let _ = write!(self.member(name), "\"{value}\"");
    }
    /// A number or boolean member.
    pub(super) fn plain(&mut self, name: &str, value: impl Display) {
        let _ = write!(self.member(name), "{value}");
    }
    /// A day; null when open.
    pub(super) fn day(&mut self, name: &str, day: Day) {
        if day == Day::MAX || day == Day::MIN { self.plain(name, "null") } else { self.shown(name, day) }
    }
    /// An instant; null when open.
    pub(super) fn instant(&mut self, name: &str, at: Instant) {
        if at == Instant::MAX { self.plain(name, "null") } else { self.shown(name, at) }
    }
    /// Any value that serde can write.
    pub(super) fn value(&mut self, name: &str, value: &impl serde::Serialize) {
        let _ = serde_json::to_writer(self.member(name), value);
    }
}

/// A JSON text.
pub(super) fn text(out: &mut Vec<u8>, value: &str) {
    let _ = serde_json::to_writer(out, value);
}

/// Puts `synthetic` into a whole answer, which is an object with members.
pub(super) fn say_synthetic(out: &mut Vec<u8>) {
    if out.last() == Some(&b'}') {
        out.pop();
        out.extend_from_slice(b",\"synthetic\":true}");
    }
}
