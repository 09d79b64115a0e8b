//! What an audit entry says, and its canonical bytes.
//!
//! ```text
//! form 2 : 02 | seed 32 | part shown | part officer | part kept | records…                       a part is u32 length + bytes
//! shown  : opened i64 | closed i64 | act u8 | status u16 | dataset | department | grant | purpose | ground | fields… | masked…
//! officer: officer
//! kept   : request 16 | roles u16 | rows u32 | policy version u64 | valid_at i64 | known_at i64 | subject | case | route
//!          | code | cause | question 32 or empty | policies…
//! form 1 : 01 | opened i64 | closed i64 | request 16 | roles u8 | act u8 | status u16 | rows u32 | policy version u64
//!          | valid_at i64 | known_at i64 | subject | department | officer | grant | case | purpose | ground
//!          | route | dataset | code | cause | question 32 or empty | records… | policies… | fields… | masked…
//! integers big endian; a text is u16 length + UTF-8; a list is u16 count + members
//! ```
//! Form 1 is that of entries before 0.2 and is read for good. Of form 2 the tree holds digests of the parts, blinded with the
//! seed (`commitment.rs`): who is in an entry can be shown that he is without being shown who else.
//! Personal content never stands here: queries as a keyed commitment, records by their ids.

mod bytes;

use foundation::value::{Day, Instant};

pub(super) use bytes::{Form, Parts, parts};

/// An entry about to be written. Texts longer than the bound are cut.
#[derive(Debug, Clone, Copy)]
pub struct Draft<'a> {
    /// What its digests are blinded with; `None` = drawn when it is written.
    pub seed: Option<[u8; 32]>,
    /// When the request came.
    pub opened: Instant,
    /// When its answer was ready.
    pub closed: Instant,
    /// Request id.
    pub request: [u8; 16],
    /// Roles.
    pub roles: u16,
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
    /// Credit code of the department, or of the company if `roles` says that a company asks.
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
    pub roles: u16,
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

impl Default for Entry {
    /// An entry that says nothing.
    fn default() -> Self {
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
            subject: String::new(),
            department: String::new(),
            officer: String::new(),
            grant: String::new(),
            case: String::new(),
            purpose: String::new(),
            ground: String::new(),
            route: String::new(),
            dataset: String::new(),
            code: String::new(),
            cause: String::new(),
            question: None,
            records: Vec::new(),
            policies: Vec::new(),
            fields: Vec::new(),
            masked: Vec::new(),
        }
    }
}

impl Draft<'static> {
    /// An entry that says nothing.
    #[must_use]
    pub fn blank() -> Self {
        Self {
            seed: None,
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

#[cfg(test)]
pub(super) mod tests {
    pub(in crate::audit) use super::bytes::first_form;
    use super::*;

    /// An entry for tests.
    pub(crate) fn draft(request: u8) -> Draft<'static> {
        Draft {
            seed: None,
            opened: Instant(1_700_000_000_000_000 + i64::from(request)),
            closed: Instant(1_700_000_000_000_500),
            request: [request; 16],
            roles: 0x102,
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
        let bytes = draft(1).bytes(&[5; 32]);
        let entry = Entry::read(&bytes).expect("readable");
        assert_eq!((entry.officer.as_str(), entry.fields.as_slice()), ("张三-007", &[1, 2, 300][..]));
        assert_eq!((entry.records.as_slice(), entry.roles), (["a".to_owned(), "b".to_owned()].as_slice(), 0x102));
        for cut in 0..bytes.len() {
            assert_eq!(Entry::read(&bytes[..cut]), None, "cut at {cut}");
        }
        let mut longer = bytes;
        longer.push(0);
        assert_eq!(Entry::read(&longer), None);
    }

    /// What stands on disk since before form 2 says the same as ever, and is its own leaf.
    #[test]
    fn an_entry_of_the_first_form_is_still_read() {
        let old = first_form(&Draft { roles: 2, ..draft(1) });
        assert_eq!((old.first(), old.len()), (Some(&1), 287));
        let entry = Entry::read(&old).expect("readable");
        assert_eq!(Some(&entry), Entry::read(&Draft { roles: 2, ..draft(1) }.bytes(&[5; 32])).as_ref());
        let suite = transparency::Suite::Sha256;
        assert_eq!(super::super::committed(suite, &old), old);
        assert_eq!(super::super::Opening::of(suite, &old, "a"), None, "it holds everything in one piece");
    }
}
