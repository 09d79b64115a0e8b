//! Links: edges from a record, and edges to it from records of this base database.
//!
//! Reverse rows say only that a record once pointed here; whether it does at the times asked for, and for how long, is read
//! from the record itself, under the permit on its dataset.

use std::sync::Arc;

use super::super::{Edge, LinksAnswer, LinksAsk, ReadAt, Scope, ServiceError};
use super::LocalDatabase;
use super::records::{head_of, read_at};
use super::scope::Sight;
use crate::dataset::DatasetName;
use crate::record::keys::meta;
use crate::record::{Head, History, RecordKey, Table, Version, read};
use crate::store::{Direction, Snapshot};
use crate::value::{Day, Fields, Span};

/// Reverse rows read at a time.
const PAGE: usize = 500;
/// Most pages of reverse rows read for one ask.
const PAGES_MAX: usize = 20;

/// Edges of a record, both ways. Cost: one point read, one prefix scan, one point read a reverse row.
pub(super) async fn links(here: &LocalDatabase, ask: LinksAsk) -> Result<LinksAnswer, ServiceError> {
    let snapshot = here.store.snapshot(None).await?;
    let at = read_at(&snapshot, ask.times);
    let mut edges = Vec::new();
    if let Some((dataset, scopes)) = ask.permitted.iter().find(|(dataset, _)| *dataset == ask.dataset) {
        let table = &here.table(dataset)?;
        if let Some((key, head)) = head_of(&snapshot, table, &ask.id).await? {
            outgoing(&Reading { snapshot: &snapshot, table, at, scopes }, &key, &head, None, &mut edges).await?;
        }
    }
    let more = incoming(here, &snapshot, &ask, at, &mut edges).await? || edges.len() > ask.limit;
    edges.truncate(ask.limit);
    Ok(LinksAnswer { edges, more, at })
}

struct Reading<'a> {
    snapshot: &'a Arc<dyn Snapshot>,
    table: &'a Table,
    at: ReadAt,
    scopes: &'a [Scope],
}

/// Edges to the record of the ask; gives whether reverse rows were left unread.
async fn incoming(
    here: &LocalDatabase,
    snapshot: &Arc<dyn Snapshot>,
    ask: &LinksAsk,
    at: ReadAt,
    edges: &mut Vec<Edge>,
) -> Result<bool, ServiceError> {
    let shelf = here.shelf.load_full();
    let mut range = meta::reverse_links(&ask.dataset.to_string(), &ask.id);
    for _ in 0..PAGES_MAX {
        let page = snapshot.scan(range.clone(), Direction::Forward, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(false) };
        range.start.clone_from(last);
        range.start.push(0);
        let sources: Vec<(RecordKey, u16)> = page.iter().filter_map(|(key, _)| meta::link_source(key)).collect();
        for (key, field) in &sources {
            let number = u16::try_from(key.partition() >> 16).unwrap_or_default();
            let Some(writer) = shelf.writers.iter().find(|w| w.table.layout.number() == number) else { continue };
            let table = writer.table.as_ref();
            let permitted = ask.permitted.iter().find(|(dataset, _)| *dataset == table.dataset.name);
            let Some((_, scopes)) = permitted else { continue };
            let Some(head) = read::heads(snapshot, std::slice::from_ref(key)).await?.pop().flatten() else { continue };
            let only = Some((*field, &ask.dataset, ask.id.as_str()));
            outgoing(&Reading { snapshot, table, at, scopes }, key, &head, only, edges).await?;
        }
        if edges.len() > ask.limit {
            return Ok(true);
        }
        if page.len() < PAGE {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The edges that a record has at the times asked for, as far as the permit shows the fields; perhaps only those of one
/// field to one target.
async fn outgoing(
    reading: &Reading<'_>,
    key: &RecordKey,
    head: &Head,
    only: Option<(u16, &DatasetName, &str)>,
    edges: &mut Vec<Edge>,
) -> Result<(), ServiceError> {
    let Reading { snapshot, table, at, scopes } = reading;
    let Some((version, fields)) = read::version_at(snapshot, key, head, at.valid_at, at.known_at).await? else {
        return Ok(());
    };
    let Some(sight) = Sight::of(scopes, &fields) else { return Ok(()) };
    let mut known: Option<Vec<(Version, Fields)>> = None;
    for (link, id) in table.targets(&fields) {
        let wanted =
            only.is_none_or(|(field, dataset, target)| field == link.number && *dataset == link.target && target == id);
        if !wanted || !sight.reads(link.number) {
            continue;
        }
        if known.is_none() {
            known = Some(versions_known(snapshot, key, head, at).await?);
        }
        let holds = |fields: &Fields| table.targets(fields).any(|(l, i)| l.number == link.number && i == id);
        let valid = stretch(known.as_deref().unwrap_or_default(), version.valid, holds);
        let name = table.dataset.field_by_number(link.number).map(|f| f.name.clone()).unwrap_or_default();
        edges.push(Edge {
            from_dataset: table.dataset.name.clone(),
            from_id: head.id.clone(),
            field: name,
            to_dataset: link.target.clone(),
            to_id: id.to_owned(),
            valid,
        });
    }
    Ok(())
}

/// The versions known at the time asked for, by start of valid time.
async fn versions_known(
    snapshot: &Arc<dyn Snapshot>,
    key: &RecordKey,
    head: &Head,
    at: &ReadAt,
) -> Result<Vec<(Version, Fields)>, ServiceError> {
    let past = if at.known_at < snapshot.at() { read::history(snapshot, key).await? } else { Vec::new() };
    let closed = past.iter().filter_map(|row| match row {
        History::Version(version) => Some(version),
        History::Claim { .. } => None,
    });
    let known = closed.chain(&head.versions).filter(|v| v.recorded.contains(at.known_at));
    let mut known: Vec<_> = known.map(|v| (v.clone(), read::resolved_past(head, &past, v))).collect();
    known.sort_by_key(|(v, _)| v.valid.from);
    Ok(known)
}

/// The unbroken stretch around `valid` in which every version holds the link.
fn stretch(known: &[(Version, Fields)], mut valid: Span<Day>, holds: impl Fn(&Fields) -> bool) -> Span<Day> {
    for (version, fields) in known {
        if version.valid.from == valid.to && holds(fields) {
            valid.to = version.valid.to;
        }
    }
    for (version, fields) in known.iter().rev() {
        if version.valid.to == valid.from && holds(fields) {
            valid.from = version.valid.from;
        }
    }
    valid
}
