//! Effect: what the events of a chunk mean for records beside them, in the same commit.
//!
//! A consequence is a claim of its own line, `<department>#<table>/<event id>`: a corrected event moves it, a retracted one
//! ends it, and when batches of events are taken back it follows from what stands of them. What the domain derives stands in
//! [`RowRules::effects`]; here it is brought to the records.

mod carry;
mod links;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::resolve::{Changed, Heads, Resolved, WARNINGS_MAX, finish};
use super::timeline::{Word, Work};
use super::{WriteError, Writer};
use crate::record::{BatchId, Claim, Head, RecordKey, Table};
use crate::service::{Effect, RowProblem, RowRules};
use crate::store::{Expect, Snapshot, VALUE_MAX};
use crate::value::{Day, Fields, Instant, Span};

/// Records of a table beside the batch's own that the commit changes, by key.
#[derive(Debug)]
pub struct Beside {
    /// The table.
    pub table: Arc<Table>,
    /// Its records.
    pub records: Vec<Changed>,
}

/// One consequence to be brought to a record.
struct Turn {
    /// Which of the writer's tables beside.
    at: usize,
    id: String,
    key: RecordKey,
    /// The line it stands on.
    source: String,
    /// The batch that the event's claim is of.
    batch: BatchId,
    /// For which days, and what; `None` takes it back.
    said: Option<(Span<Day>, Fields)>,
    /// The record whose values it takes over.
    carry: Option<RecordKey>,
    /// The event, if the record ends with it.
    closed_by: Option<RecordKey>,
}

/// A record beside, while the chunk is applied to it.
struct Place {
    at: usize,
    expect: Expect,
    work: Work,
}

/// Adds to a resolved chunk what its events mean for other records. `line` tells the line of an event; with it, links that
/// still point at a record that ends are findings, as many as the batch may still have.
///
/// Cost: none for tables without effects; else one batched read of the records meant, and for a finding a scan of the links
/// to the record.
/// # Errors
/// [`WriteError`] if the store cannot be read or a record would outgrow its row.
pub async fn spread(
    snapshot: &Arc<dyn Snapshot>,
    writer: &Writer,
    resolved: &mut Resolved,
    line: Option<&(dyn Fn(&RecordKey) -> u64 + Sync)>,
) -> Result<(), WriteError> {
    let Some(rules) = writer.event_rules() else { return Ok(()) };
    let mut turns: Vec<Turn> = Vec::new();
    for event in &resolved.records {
        turns_of(writer, rules, event, resolved.batch, &mut turns);
    }
    // In order of time, so that a later event finds what an earlier one did.
    turns.sort_by_key(|turn| turn.said.as_ref().map_or(Day::MIN, |(span, _)| span.from));
    let mut places = read(snapshot, &turns).await?;
    for turn in turns {
        if let Some((line, (event, (span, _)))) = line.zip(turn.closed_by.as_ref().zip(turn.said.as_ref()))
            && resolved.batch_row.warnings < WARNINGS_MAX
            && let Some(message) = links::open(snapshot, writer, turn.table(writer)?, &turn.id, span.from).await?
        {
            let (field, rule) = (String::new(), "open_links".to_owned());
            resolved.warnings.push(RowProblem { line: line(event), field, rule, message });
            resolved.batch_row.warnings += 1;
        }
        apply(writer, turn, &mut places)?;
    }
    let mut records: BTreeMap<usize, Vec<Changed>> = BTreeMap::new();
    for (key, Place { at, expect, mut work }) in places {
        let Some(table) = writer.beside.get(at).filter(|_| work.changed) else { continue };
        let row = finish(&mut work, &key, table, &mut resolved.pieces);
        if row.len() > VALUE_MAX {
            let reason =
                format!("the events of a record of `{}` take more than {} KiB", table.dataset.name, VALUE_MAX / 1024);
            return Err(WriteError::Invalid { reason });
        }
        records.entry(at).or_default().push(Changed { key, expect, work, row });
    }
    for (at, records) in records {
        let Some(table) = writer.beside.get(at) else { continue };
        resolved.beside.push(Beside { table: Arc::clone(table), records });
    }
    Ok(())
}

impl Turn {
    fn table<'a>(&self, writer: &'a Writer) -> Result<&'a Table, WriteError> {
        let table = writer.beside.get(self.at).map(Arc::as_ref);
        table.ok_or_else(|| WriteError::Invalid { reason: "an event affects a table that is not here".to_owned() })
    }
}

/// What changed of an event's meaning: consequences no longer said, then those said now.
fn turns_of(writer: &Writer, rules: &dyn RowRules, event: &Changed, batch: BatchId, turns: &mut Vec<Turn>) {
    let Changed { key, work, .. } = event;
    let stored = |c: &&Claim| c.recorded.from != Instant::PENDING;
    let before = newest(work.head.claims.iter().filter(stored).chain(&work.closed));
    let after = newest(work.head.claims.iter());
    let sources: Vec<&str> = before.keys().chain(after.keys()).copied().collect();
    for source in sources.iter().enumerate().filter(|(at, s)| !sources.iter().take(*at).any(|o| o == *s)) {
        let (was, is) = (before.get(source.1), after.get(source.1));
        if was.zip(is).is_some_and(|(was, is)| was.number == is.number) {
            continue;
        }
        let line = Claim::source_by_event(source.1, rules.table(), &work.head.id);
        let turn = |effect: &Effect, batch: BatchId| turn(writer, effect, line.clone(), batch);
        let mut now: Vec<Turn> = Vec::new();
        for effect in is.map(|claim| rules.effects(&claim.fields)).unwrap_or_default() {
            let to = is.map_or(Day::MAX, |claim| claim.valid.to);
            let span = Span { from: effect.from, to };
            let of = is.map_or(batch, |claim| claim.batch);
            let Some(mut turn) = turn(&effect, of).filter(|_| !span.is_empty()) else { continue };
            turn.closed_by = effect.closes.then(|| key.clone());
            turn.said = Some((span, turn.said.map(|(_, fields)| fields).unwrap_or_default()));
            now.push(turn);
        }
        for effect in was.map(|claim| rules.effects(&claim.fields)).unwrap_or_default() {
            let Some(mut turn) = turn(&effect, batch) else { continue };
            if now.iter().all(|n| n.key != turn.key) {
                turn.said = None;
                turns.push(turn);
            }
        }
        turns.append(&mut now);
    }
}

/// Of each source the claim that holds on the latest days: what it says of the event by now.
fn newest<'a>(claims: impl Iterator<Item = &'a Claim>) -> BTreeMap<&'a str, &'a Claim> {
    let mut newest: BTreeMap<&str, &Claim> = BTreeMap::new();
    for claim in claims {
        let known = newest.entry(claim.source.as_str()).or_insert(claim);
        if claim.valid.from > known.valid.from {
            *known = claim;
        }
    }
    newest
}

/// The record that an effect means, with its links made into ids.
fn turn(writer: &Writer, effect: &Effect, source: String, batch: BatchId) -> Option<Turn> {
    let at = writer.beside.iter().position(|t| t.dataset.name.table() == effect.table)?;
    let table = writer.beside.get(at)?;
    let mut fields = effect.fields.clone();
    table.resolve_links(&mut fields);
    let (id, key) = table.identify(&fields)?;
    let carry = effect.carry.as_ref().and_then(|natural| table.identify(natural)).map(|(_, key)| key);
    let said = Some((Span { from: effect.from, to: Day::MAX }, fields));
    Some(Turn { at, id, key, source, batch, said, carry, closed_by: None })
}

/// The records that turns mean or take values from.
async fn read(snapshot: &Arc<dyn Snapshot>, turns: &[Turn]) -> Result<BTreeMap<RecordKey, Place>, WriteError> {
    let mut ids: BTreeMap<&RecordKey, (usize, &str)> = BTreeMap::new();
    for turn in turns {
        ids.insert(&turn.key, (turn.at, &turn.id));
    }
    for turn in turns {
        turn.carry.iter().for_each(|key| {
            ids.entry(key).or_insert((turn.at, ""));
        });
    }
    let mut places = BTreeMap::new();
    let heads = Heads::read(snapshot, ids.keys().copied()).await?;
    let erased: Vec<RecordKey> = ids.keys().filter(|key| heads.is_erased(key)).map(|key| (*key).clone()).collect();
    for (key, expect, head) in heads.into_records() {
        // What events would mean for a record that was erased is lost with it.
        let Some((at, id)) = ids.get(&key).filter(|_| !erased.contains(&key)) else { continue };
        let work = Work::new(head.unwrap_or_else(|| Head::new((*id).to_owned())));
        places.insert(key, Place { at: *at, expect, work });
    }
    Ok(places)
}

/// Lets the record's line say what the event means, and nothing else.
fn apply(writer: &Writer, turn: Turn, places: &mut BTreeMap<RecordKey, Place>) -> Result<(), WriteError> {
    let authority = &turn.table(writer)?.authority;
    let carried = turn.carry.as_ref().zip(turn.said.as_ref()).and_then(|(from, (span, _))| {
        let source = places.get(from)?;
        carry::values(&source.work.head, span.from, authority)
    });
    let Some(place) = places.get_mut(&turn.key) else { return Ok(()) };
    let work = &mut place.work;
    if work.head.id != turn.id {
        return Err(WriteError::Invalid { reason: "two ids have one place in the store".to_owned() });
    }
    let said = turn.said.map(|(span, fields)| match carried.filter(|_| carry::is_new(&work.head)) {
        Some(mut all) => {
            for (number, value) in fields.iter() {
                all.set(number, value.clone());
            }
            (span, all)
        }
        None => (span, fields),
    });
    let word = |valid, fields| Word { source: &turn.source, batch: turn.batch, valid, source_time: None, fields };
    let (from, to) = said.as_ref().map_or((Day::MAX, Day::MAX), |(span, _)| (span.from, span.to));
    for outside in [Span { from: Day::MIN, to: from }, Span { from: to, to: Day::MAX }] {
        if !outside.is_empty() {
            work.overwrite(&word(outside, None));
        }
    }
    if let Some((span, fields)) = &said {
        work.overwrite(&word(*span, Some(fields)));
    }
    Ok(())
}
