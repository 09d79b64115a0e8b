//! The canonical bytes of an entry.

use foundation::value::{Day, Instant};

use super::{Draft, Entry};

const TEXT_BYTES_MAX: usize = 1_024;
const LIST_MAX: usize = 10_000;
const NO_TIME: i64 = i64::MIN;

/// The form of an entry's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::audit) enum Form {
    /// In one piece.
    First,
    /// In parts, each blinded with what follows from the seed.
    Second { seed: [u8; 32] },
}

/// The parts of an entry of form 2; of form 1 there are none.
#[derive(Debug, Default)]
pub(in crate::audit) struct Parts<'a> {
    pub(in crate::audit) shown: &'a [u8],
    pub(in crate::audit) officer: &'a [u8],
    pub(in crate::audit) kept: &'a [u8],
    pub(in crate::audit) records: Vec<&'a str>,
}

/// Takes the bytes of an entry apart; `None` if they are of no form known here.
pub(in crate::audit) fn parts(bytes: &[u8]) -> Option<(Form, Parts<'_>)> {
    let mut from = Reader(bytes);
    match from.u8()? {
        1 => Some((Form::First, Parts::default())),
        2 => {
            let seed = from.take()?;
            let (shown, officer, kept) = (from.part()?, from.part()?, from.part()?);
            let records = from.list(Reader::text)?;
            from.0.is_empty().then_some((Form::Second { seed }, Parts { shown, officer, kept, records }))
        }
        _ => None,
    }
}

impl Draft<'_> {
    /// The canonical bytes; `seed` is drawn for this entry alone.
    #[must_use]
    pub fn bytes(&self, seed: &[u8; 32]) -> Vec<u8> {
        let mut shown = Vec::with_capacity(256);
        shown.extend_from_slice(&self.opened.0.to_be_bytes());
        shown.extend_from_slice(&self.closed.0.to_be_bytes());
        shown.push(self.act);
        shown.extend_from_slice(&self.status.to_be_bytes());
        for text in [self.dataset, self.department, self.grant, self.purpose, self.ground] {
            put_text(&mut shown, text);
        }
        put_numbers(&mut shown, self.fields);
        put_numbers(&mut shown, self.masked);
        let mut officer = Vec::with_capacity(2 + self.officer.len());
        put_text(&mut officer, self.officer);
        let mut kept = Vec::with_capacity(256);
        kept.extend_from_slice(&self.request);
        kept.extend_from_slice(&self.roles.to_be_bytes());
        kept.extend_from_slice(&self.rows.to_be_bytes());
        kept.extend_from_slice(&self.policy_version.to_be_bytes());
        kept.extend_from_slice(&self.valid_at.map_or(NO_TIME, |d| d.0).to_be_bytes());
        kept.extend_from_slice(&self.known_at.map_or(NO_TIME, |t| t.0).to_be_bytes());
        for text in [self.subject, self.case, self.route, self.code, self.cause] {
            put_text(&mut kept, text);
        }
        put_question(&mut kept, self.question);
        put_texts(&mut kept, self.policies.iter().map(String::as_str), self.policies.len());

        let parts = [shown, officer, kept];
        let mut out = Vec::with_capacity(64 + parts.iter().map(Vec::len).sum::<usize>() + self.records.len() * 34);
        out.push(2);
        out.extend_from_slice(seed);
        for part in &parts {
            out.extend_from_slice(&u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
            out.extend_from_slice(part);
        }
        put_texts(&mut out, self.records.iter().copied(), self.records.len());
        out
    }
}

fn put_question(out: &mut Vec<u8>, question: Option<[u8; 32]>) {
    match question {
        Some(commitment) => {
            out.push(1);
            out.extend_from_slice(&commitment);
        }
        None => out.push(0),
    }
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u16::try_from(count.min(LIST_MAX)).unwrap_or(0).to_be_bytes());
}

fn put_texts<'a>(out: &mut Vec<u8>, texts: impl Iterator<Item = &'a str>, count: usize) {
    put_count(out, count);
    texts.take(LIST_MAX).for_each(|text| put_text(out, text));
}

fn put_numbers(out: &mut Vec<u8>, numbers: &[u16]) {
    put_count(out, numbers.len());
    numbers.iter().take(LIST_MAX).for_each(|n| out.extend_from_slice(&n.to_be_bytes()));
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    let mut end = text.len().min(TEXT_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let kept = text.as_bytes().get(..end).unwrap_or_default();
    out.extend_from_slice(&u16::try_from(kept.len()).unwrap_or(0).to_be_bytes());
    out.extend_from_slice(kept);
}

/// Reads from the front.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*front)
    }
    fn slice(&mut self, length: usize) -> Option<&'a [u8]> {
        let (front, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(front)
    }
    fn part(&mut self) -> Option<&'a [u8]> {
        let length = self.take().map(u32::from_be_bytes)?;
        self.slice(usize::try_from(length).ok()?)
    }
    fn u8(&mut self) -> Option<u8> {
        self.take::<1>().map(|[b]| b)
    }
    fn u16(&mut self) -> Option<u16> {
        self.take().map(u16::from_be_bytes)
    }
    fn i64(&mut self) -> Option<i64> {
        self.take().map(i64::from_be_bytes)
    }
    fn text(&mut self) -> Option<&'a str> {
        let length = usize::from(self.u16()?);
        std::str::from_utf8(self.slice(length)?).ok()
    }
    fn owned(&mut self) -> Option<String> {
        self.text().map(str::to_owned)
    }
    /// A commitment behind its mark, or none: the bytes of one or nothing.
    fn question(&mut self) -> Option<Vec<[u8; 32]>> {
        match self.u8()? {
            1 => self.take().map(|one| vec![one]),
            _ => Some(Vec::new()),
        }
    }
    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.u16()?;
        (0..count).map(|_| one(self)).collect()
    }
    fn whole<T>(self, read: T) -> Option<T> {
        self.0.is_empty().then_some(read)
    }
}

/// A day or an instant, unless there is none.
fn time(number: i64) -> Option<i64> {
    (number != NO_TIME).then_some(number)
}

impl Entry {
    /// Reads an entry's bytes; `None` if they are of no form known here.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        match parts(bytes)? {
            (Form::First, _) => first(bytes),
            (Form::Second { .. }, parts) => second(&parts),
        }
    }

    /// Reads the part of an entry that those are shown whom it is about; the rest is empty.
    #[must_use]
    pub fn read_shown(part: &[u8]) -> Option<Self> {
        let mut entry = Self::default();
        put_shown(&mut entry, part)?;
        Some(entry)
    }
}

fn put_shown(entry: &mut Entry, part: &[u8]) -> Option<()> {
    let mut from = Reader(part);
    (entry.opened, entry.closed) = (Instant(from.i64()?), Instant(from.i64()?));
    (entry.act, entry.status) = (from.u8()?, from.u16()?);
    (entry.dataset, entry.department) = (from.owned()?, from.owned()?);
    (entry.grant, entry.purpose, entry.ground) = (from.owned()?, from.owned()?, from.owned()?);
    (entry.fields, entry.masked) = (from.list(Reader::u16)?, from.list(Reader::u16)?);
    from.whole(())
}

fn second(parts: &Parts<'_>) -> Option<Entry> {
    let mut entry = Entry::default();
    put_shown(&mut entry, parts.shown)?;
    let mut from = Reader(parts.officer);
    entry.officer = from.owned()?;
    from.whole(())?;
    let mut from = Reader(parts.kept);
    (entry.request, entry.roles) = (from.take()?, from.u16()?);
    entry.rows = from.take().map(u32::from_be_bytes)?;
    entry.policy_version = from.take().map(u64::from_be_bytes)?;
    (entry.valid_at, entry.known_at) = (time(from.i64()?).map(Day), time(from.i64()?).map(Instant));
    (entry.subject, entry.case, entry.route) = (from.owned()?, from.owned()?, from.owned()?);
    (entry.code, entry.cause, entry.question) = (from.owned()?, from.owned()?, from.question()?.pop());
    entry.policies = from.list(Reader::owned)?;
    from.whole(())?;
    entry.records = parts.records.iter().map(|id| (*id).to_owned()).collect();
    Some(entry)
}

fn first(bytes: &[u8]) -> Option<Entry> {
    let mut from = Reader(bytes.strip_prefix(&[1])?);
    let entry = Entry {
        opened: Instant(from.i64()?),
        closed: Instant(from.i64()?),
        request: from.take()?,
        roles: from.u8().map(u16::from)?,
        act: from.u8()?,
        status: from.u16()?,
        rows: from.take().map(u32::from_be_bytes)?,
        policy_version: from.take().map(u64::from_be_bytes)?,
        valid_at: time(from.i64()?).map(Day),
        known_at: time(from.i64()?).map(Instant),
        subject: from.owned()?,
        department: from.owned()?,
        officer: from.owned()?,
        grant: from.owned()?,
        case: from.owned()?,
        purpose: from.owned()?,
        ground: from.owned()?,
        route: from.owned()?,
        dataset: from.owned()?,
        code: from.owned()?,
        cause: from.owned()?,
        question: from.question()?.pop(),
        records: from.list(Reader::owned)?,
        policies: from.list(Reader::owned)?,
        fields: from.list(Reader::u16)?,
        masked: from.list(Reader::u16)?,
    };
    from.whole(entry)
}

/// An entry in the form of before, as a log of then holds it.
#[cfg(test)]
pub(in crate::audit) fn first_form(draft: &Draft<'_>) -> Vec<u8> {
    let mut out = vec![1];
    out.extend_from_slice(&draft.opened.0.to_be_bytes());
    out.extend_from_slice(&draft.closed.0.to_be_bytes());
    out.extend_from_slice(&draft.request);
    out.push(u8::try_from(draft.roles).expect("a role of then"));
    out.push(draft.act);
    out.extend_from_slice(&draft.status.to_be_bytes());
    out.extend_from_slice(&draft.rows.to_be_bytes());
    out.extend_from_slice(&draft.policy_version.to_be_bytes());
    out.extend_from_slice(&draft.valid_at.map_or(NO_TIME, |d| d.0).to_be_bytes());
    out.extend_from_slice(&draft.known_at.map_or(NO_TIME, |t| t.0).to_be_bytes());
    let Draft { subject, department, officer, grant, case, purpose, ground, route, dataset, code, cause, .. } = *draft;
    for text in [subject, department, officer, grant, case, purpose, ground, route, dataset, code, cause] {
        put_text(&mut out, text);
    }
    put_question(&mut out, draft.question);
    put_texts(&mut out, draft.records.iter().copied(), draft.records.len());
    put_texts(&mut out, draft.policies.iter().map(String::as_str), draft.policies.len());
    put_numbers(&mut out, draft.fields);
    put_numbers(&mut out, draft.masked);
    out
}
