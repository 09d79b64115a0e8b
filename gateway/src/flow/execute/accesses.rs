//! Who looked at the caller's own record: entries of the audit log, each with what ties it to a signed state of the log.
//!
//! What a rule withholds leaves no mark in the answer: not a count, not a place in a page, not a cursor; and the answer leaves
//! after a time that depends on `limit` alone, as long as the machine keeps up.

mod own;

use std::time::Duration;

use foundation::dataset::{Dataset, DatasetName};
use tokio::time::Instant;
use transparency::Hash;

use crate::accesses::{IndexError, Window, Withheld};
use crate::app::App;
use crate::ask::AccessesRequest;
use crate::audit::{Entry, Opening};
use crate::flow::Permit;
use crate::problem::{Code, Problem};

/// What a person is told of who looked at his record.
#[derive(Debug)]
pub struct AccessesAnswer {
    /// Id of his record.
    pub record: String,
    /// Records that go with it: documents, residences, former numbers.
    pub beside: Vec<(DatasetName, String)>,
    /// Accesses, the newest first.
    pub items: Vec<AccessShown>,
    /// Position to go on from.
    pub next: Option<String>,
    /// Entries of the whole log that are withheld, if that is told.
    pub sealed: Option<Withheld>,
    /// The signed state of the log that the proofs are under.
    pub checkpoint: String,
    /// The key that checks it; to be taken from another channel.
    pub key: String,
}

/// An access to a record.
#[derive(Debug)]
pub struct AccessShown {
    /// Number of the entry.
    pub number: u64,
    /// What its shown part says; nothing else of the entry.
    pub entry: Entry,
    /// Names of the fields that were read, if the entry is about one dataset.
    pub fields: Vec<String>,
    /// Names of those that were read masked.
    pub masked: Vec<String>,
    /// Staff id of the officer, if rules let it be told.
    pub officer: Option<String>,
    /// The batch that the record was changed by.
    pub batch: Option<String>,
    /// The record that was looked at, where it is one that goes with the person's.
    pub of: Option<String>,
    /// From the entry's leaf to the root of the log's tree.
    pub path: Vec<Hash>,
    /// What ties the text to the leaf.
    pub proven: Proven,
}

/// What ties what is told of an entry to its leaf.
#[derive(Debug)]
pub enum Proven {
    /// The parts, with their salts.
    Opened(Box<Opening>),
    /// An entry of form 1 names everybody in one piece: the hash of its leaf alone is given.
    Hashed(Hash),
}

/// No answer leaves sooner.
const FLOOR: Duration = Duration::from_millis(20);
/// Nor sooner than this an item asked for.
const EACH: Duration = Duration::from_micros(100);
/// Entries that a question itself takes into the index; further behind, it is not answered.
const BEHIND_MAX: u64 = 20_000;

/// Tells the caller.
pub(super) async fn run(app: &App, permit: &Permit, request: AccessesRequest) -> Result<AccessesAnswer, Problem> {
    let begun = Instant::now();
    let asked = u32::try_from(request.limit).unwrap_or(u32::MAX);
    let outcome = told(app, permit, request).await;
    tokio::time::sleep_until(begun + FLOOR + EACH.saturating_mul(asked)).await;
    outcome
}

async fn told(app: &App, permit: &Permit, request: AccessesRequest) -> Result<AccessesAnswer, Problem> {
    let AccessesRequest { from, to, cursor, limit } = request;
    let caller = permit.caller();
    let record = caller.record().ok_or_else(|| Problem::new(Code::Forbidden, "this is not permitted"))?.to_owned();
    if !app.accesses.catch_up(&app.audit, BEHIND_MAX).await.map_err(|e| unread(&e))? {
        let detail = "the index of accesses is being made; ask again";
        return Err(Problem::new(Code::Unavailable, detail).retry_after(10));
    }
    let mut binding = caller.binding();
    binding.extend_from_slice(format!("accesses {from:?} {to:?}").as_bytes());
    let now = app.clock.now();
    let expired = || Problem::new(Code::CursorExpired, "the cursor is not one of this caller").about("cursor");
    let before = match &cursor {
        None => None,
        Some(text) => {
            let number = app.sealer.open::<String>(text, &binding, now).ok_or_else(expired)?;
            Some(u64::from_str_radix(&number, 16).map_err(|_| expired())?)
        }
    };
    let own = own::find(app, &record).await?;
    let who = own.names();
    let window = Window { from, to, before };
    let mut numbers =
        app.accesses.of(&who, window, permit.today(), limit.saturating_add(1)).await.map_err(|e| unread(&e))?;
    let more = numbers.len() > limit;
    numbers.truncate(limit);
    // Of one length, whatever stands between two accesses.
    let next = match numbers.last().filter(|_| more) {
        Some(last) => Some(app.sealer.seal(format!("{last:016x}"), &binding, now).ok_or_else(expired)?),
        None => None,
    };
    let sealed = app.accesses.withheld(permit.today()).await.map_err(|e| unread(&e))?;
    let tree = app.audit.tree();
    let (state, checkpoint) = app.checkpoints.sign(tree).map_err(|e| unread(&e.into()))?;
    let reader = app.audit.reader().clone();
    let read = tokio::task::spawn_blocking(move || {
        let one = |number: u64| reader.bytes(number).map(|bytes| (number, bytes));
        numbers.into_iter().map(one).collect::<std::io::Result<Vec<_>>>()
    });
    let read = read.await.map_err(std::io::Error::other).and_then(|read| read).map_err(|e| unread(&e.into()))?;
    let mut items = Vec::with_capacity(read.len());
    for (number, bytes) in read {
        let damaged = || Problem::new(Code::Damaged, "an entry cannot be read").because(format!("entry {number}"));
        let bytes = bytes.ok_or_else(damaged)?;
        let entry = Entry::read(&bytes).ok_or_else(damaged)?;
        let name = who.iter().find(|name| entry.records.contains(name)).ok_or_else(damaged)?;
        let path = tree.inclusion(number, state.size()).map_err(|e| unread(&e.into()))?;
        let proven = match Opening::of(tree.suite(), &bytes, name) {
            Some(opening) => Proven::Opened(Box::new(opening)),
            None => Proven::Hashed(tree.suite().leaf_hash(&bytes)),
        };
        // Of an entry about several datasets the numbers of fields say nothing.
        let facts = entry.dataset.parse().ok().and_then(|name| app.catalogue.get(&name));
        let names = |numbers: &[u16]| names(facts.as_ref().map(|facts| &*facts.dataset), numbers);
        items.push(AccessShown {
            number,
            fields: names(&entry.fields),
            masked: names(&entry.masked),
            officer: app.accesses.rules().names_officers().then(|| entry.officer.clone()),
            batch: own.batches.contains(name).then(|| name.clone()),
            of: own.others().iter().any(|(_, id)| id == name).then(|| name.clone()),
            path,
            proven,
            entry: shown(entry),
        });
    }
    let key = app.checkpoints.key().to_string();
    let beside = own.others().to_vec();
    Ok(AccessesAnswer { record, beside, items, next, sealed, checkpoint, key })
}

fn names(definition: Option<&Dataset>, numbers: &[u16]) -> Vec<String> {
    let name = |number: &u16| definition?.field_by_number(*number).map(|field| field.name.clone());
    numbers.iter().filter_map(name).collect()
}

/// The part of an entry that is for those whom it is about.
fn shown(entry: Entry) -> Entry {
    Entry {
        opened: entry.opened,
        closed: entry.closed,
        act: entry.act,
        status: entry.status,
        department: entry.department,
        grant: entry.grant,
        purpose: entry.purpose,
        ground: entry.ground,
        dataset: entry.dataset,
        fields: entry.fields,
        masked: entry.masked,
        ..Entry::default()
    }
}

fn unread(error: &IndexError) -> Problem {
    Problem::new(Code::Unavailable, "the log could not be read").because(format!("{error:?}"))
}
