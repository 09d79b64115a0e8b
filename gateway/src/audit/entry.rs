//! What an audit entry says, and its canonical bytes.
//!
//! ```text
//! leaf v1: 01 | opened i64 | closed i64 | request 16 | roles u8 | act u8 | status u16 | rows u32 | policy version u64
//!          | valid_at i64 | known_at i64 | subject | department | officer | grant | case | purpose | ground
//!          | route | dataset | code | cause | question 32 or empty | records… | policies… | fields… | masked…
//! integers big endian; a text is u16 length + UTF-8; a list is u16 count + members
//! ```
//! Personal content never stands here: queries as a keyed commitment, records by their ids.

use foundation::value::{Day, Instant};

/// An entry about to be written. Texts longer than the bound are cut.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// When the request came.
    pub opened: Instant,
    /// When its answer was ready.
    pub closed: Instant,
    /// Request id.
    pub request: [u8; 16],
    /// Roles.
    pub roles: u8,
    /// Act number.
    pub act: u8,
    /// HTTP status.
    pub status: u16,
    /// Records given.
    pub rows: u32,
    /// Version of policies and grants.
    pub policy_version: u64,
    /// Valid day of the answer.
    pub valid_at: Option<Day>,
    /// Known instant of the answer.
    pub known_at: Option<Instant>,
    /// Token's subject; empty = public.
    pub subject: &'a str,
    /// Credit code.
    pub department: &'a str,
    /// 经办人.
    pub officer: &'a str,
    /// Grant id.
    pub grant: &'a str,
    /// Business case.
    pub case: &'a str,
    /// Purpose, from the grant.
    pub purpose: &'a str,
    /// Legal ground, from the grant.
    pub ground: &'a str,
    /// Method and route template.
    pub route: &'a str,
    /// Dataset, or several by comma.
    pub dataset: &'a str,
    /// Problem code; empty = answered.
    pub code: &'a str,
    /// Exact cause of a refusal.
    pub cause: &'a str,
    /// Keyed commitment to the question's text.
    pub question: Option<[u8; 32]>,
    /// Ids of the records given (the first 1,000).
    pub records: &'a [&'a str],
    /// Ids of the policies that decided.
    pub policies: &'a [String],
    /// Field numbers given.
    pub fields: &'a [u16],
    /// Field numbers given masked.
    pub masked: &'a [u16],
}

/// An entry as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the members are those of `Draft`")]
pub struct Entry {
    pub opened: Instant,
    pub closed: Instant,
    pub request: [u8; 16],
    pub roles: u8,
    pub act: u8,
    pub status: u16,
    pub rows: u32,
    pub policy_version: u64,
    pub valid_at: Option<Day>,
    pub known_at: Option<Instant>,
    pub subject: String,
    pub department: String,
    pub officer: String,
    pub grant: String,
    pub case: String,
    pub purpose: String,
    pub ground: String,
    pub route: String,
    pub dataset: String,
    pub code: String,
    pub cause: String,
    pub question: Option<[u8; 32]>,
    pub records: Vec<String>,
    pub policies: Vec<String>,
    pub fields: Vec<u16>,
    pub masked: Vec<u16>,
}

const VERSION: u8 = 1;
const TEXT_BYTES_MAX: usize = 1_024;
const LIST_MAX: usize = 10_000;
const NO_TIME: i64 = i64::MIN;

impl Draft<'static> {
    /// An entry that says nothing.
    #[must_use]
    pub fn blank() -> Self {
        Self {
            opened: Instant(0),
            closed: Instant(0),
            request: [0; 16],
            roles: 0,
            act: 0,
            status: 0,
            rows: 0,
            policy_version: 0,
            valid_at: None,
            known_at: None,
            subject: "",
            department: "",
            officer: "",
            grant: "",
            case: "",
            purpose: "",
            ground: "",
            route: "",
            dataset: "",
            code: "",
            cause: "",
            question: None,
            records: &[],
            policies: &[],
            fields: &[],
            masked: &[],
        }
    }
}

impl Draft<'_> {
    /// The canonical bytes.
    #[must_use]
    pub fn leaf(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(320 + self.records.len() * 34);
        out.push(VERSION);
        out.extend_from_slice(&self.opened.0.to_be_bytes());
        out.extend_from_slice(&self.closed.0.to_be_bytes());
        out.extend_from_slice(&self.request);
        out.push(self.roles);
        out.push(self.act);
        out.extend_from_slice(&self.status.to_be_bytes());
        out.extend_from_slice(&self.rows.to_be_bytes());
        out.extend_from_slice(&self.policy_version.to_be_bytes());
        out.extend_from_slice(&self.valid_at.map_or(NO_TIME, |d| d.0).to_be_bytes());
        out.extend_from_slice(&self.known_at.map_or(NO_TIME, |t| t.0).to_be_bytes());
        for text in [
            self.subject,
            self.department,
            self.officer,
            self.grant,
            self.case,
            self.purpose,
            self.ground,
            self.route,
            self.dataset,
            self.code,
            self.cause,
        ] {
            put_text(&mut out, text);
        }
        match self.question {
            Some(commitment) => {
                out.push(1);
                out.extend_from_slice(&commitment);
            }
            None => out.push(0),
        }
        put_count(&mut out, self.records.len());
        self.records.iter().take(LIST_MAX).for_each(|r| put_text(&mut out, r));
        put_count(&mut out, self.policies.len());
        self.policies.iter().take(LIST_MAX).for_each(|p| put_text(&mut out, p));
        for numbers in [self.fields, self.masked] {
            put_count(&mut out, numbers.len());
            numbers.iter().take(LIST_MAX).for_each(|n| out.extend_from_slice(&n.to_be_bytes()));
        }
        out
    }
}

fn put_count(out: &mut Vec<u8>, count: usize) {
    out.extend_from_slice(&u16::try_from(count.min(LIST_MAX)).unwrap_or(0).to_be_bytes());
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

/// Reads from the front of a leaf.
struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (front, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*front)
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
    fn text(&mut self) -> Option<String> {
        let length = usize::from(self.u16()?);
        let (front, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(front.to_vec()).ok()
    }
    fn list<T>(&mut self, mut one: impl FnMut(&mut Self) -> Option<T>) -> Option<Vec<T>> {
        let count = self.u16()?;
        (0..count).map(|_| one(self)).collect()
    }
}

impl Entry {
    /// Reads a leaf; `None` if it is not one of a version known here.
    #[must_use]
    pub fn read(leaf: &[u8]) -> Option<Self> {
        let mut from = Reader(leaf);
        if from.u8()? != VERSION {
            return None;
        }
        let entry = Self {
            opened: Instant(from.i64()?),
            closed: Instant(from.i64()?),
            request: from.take()?,
            roles: from.u8()?,
            act: from.u8()?,
            status: from.u16()?,
            rows: from.take().map(u32::from_be_bytes)?,
            policy_version: from.take().map(u64::from_be_bytes)?,
            valid_at: Some(from.i64()?).filter(|d| *d != NO_TIME).map(Day),
            known_at: Some(from.i64()?).filter(|t| *t != NO_TIME).map(Instant),
            subject: from.text()?,
            department: from.text()?,
            officer: from.text()?,
            grant: from.text()?,
            case: from.text()?,
            purpose: from.text()?,
            ground: from.text()?,
            route: from.text()?,
            dataset: from.text()?,
            code: from.text()?,
            cause: from.text()?,
            question: match from.u8()? {
                1 => Some(from.take()?),
                _ => None,
            },
            records: from.list(Reader::text)?,
            policies: from.list(Reader::text)?,
            fields: from.list(Reader::u16)?,
            masked: from.list(Reader::u16)?,
        };
        from.0.is_empty().then_some(entry)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// An entry for tests.
    pub(crate) fn draft(request: u8) -> Draft<'static> {
        Draft {
            opened: Instant(1_700_000_000_000_000 + i64::from(request)),
            closed: Instant(1_700_000_000_000_500),
            request: [request; 16],
            roles: 2,
            act: 3,
            status: 200,
            rows: 1,
            policy_version: 7,
            valid_at: Some(Day(20_000)),
            known_at: None,
            subject: "officer-1",
            department: "11100000000013338W",
            officer: "张三-007",
            grant: "G-1",
            case: "C-9",
            purpose: "办理户籍",
            ground: "条例第二十条",
            route: "GET /api/v1/datasets/{database}/{dataset}/records/{id}",
            dataset: "population/persons",
            code: "",
            cause: "",
            question: Some([9; 32]),
            records: &["a", "b"],
            policies: &[],
            fields: &[1, 2, 300],
            masked: &[4],
        }
    }

    #[test]
    fn an_entry_survives_its_bytes_and_nothing_else_is_one() {
        let leaf = draft(1).leaf();
        let entry = Entry::read(&leaf).expect("readable");
        assert_eq!((entry.officer.as_str(), entry.fields.as_slice()), ("张三-007", &[1, 2, 300][..]));
        assert_eq!(entry.records, ["a", "b"]);
        for cut in 0..leaf.len() {
            assert_eq!(Entry::read(&leaf[..cut]), None, "cut at {cut}");
        }
        let mut longer = leaf;
        longer.push(0);
        assert_eq!(Entry::read(&longer), None);
    }
}
