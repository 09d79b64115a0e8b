//! Which records are erased with another: those whose field that says so points at it.

use std::collections::HashSet;
use std::sync::Arc;

use crate::record::keys::meta;
use crate::record::{RecordKey, Table, read, tombstone};
use crate::store::{Direction, Key, Snapshot};
use crate::value::Fields;
use crate::write::{WriteError, Writer};

/// Links read at a time.
const LINKS: usize = 1_000;

/// Records that are erased with the one called `id`, by key: what they say now points at it, or nobody says anything of
/// them now and it once did. A record that pointed at it by mistake and points elsewhere now is another's.
///
/// # Errors
/// [`WriteError`] if the store cannot be read.
pub(super) async fn find(
    snapshot: &Arc<dyn Snapshot>,
    writer: &Writer,
    id: &str,
) -> Result<Vec<(Arc<Table>, RecordKey)>, WriteError> {
    let target = writer.table.dataset.name.to_string();
    let mut range = meta::reverse_links(&target, id);
    let mut found: Vec<(Arc<Table>, RecordKey)> = Vec::new();
    loop {
        let page = snapshot.scan(range.clone(), Direction::Forward, LINKS).await?;
        for (from, field) in page.iter().filter_map(|(key, _): &(Key, _)| meta::link_source(key)) {
            let table = writer.all.iter().find(|t| u32::from(t.layout.number()) == from.partition() >> 16);
            let Some(table) = table.filter(|table| is_bound(table, field)) else { continue };
            if found.iter().all(|(_, key)| *key != from) && points(snapshot, table, &from, field, id).await? {
                found.push((Arc::clone(table), from));
            }
        }
        match page.into_iter().next_back() {
            Some((last, _)) => {
                range.start = last;
                range.start.push(0);
            }
            None => return Ok(found),
        }
    }
}

fn is_bound(table: &Table, field: u16) -> bool {
    table.dataset.fields.iter().any(|f| f.number == field && f.erased_with_target)
}

async fn points(
    snapshot: &Arc<dyn Snapshot>,
    table: &Table,
    key: &RecordKey,
    field: u16,
    id: &str,
) -> Result<bool, WriteError> {
    let Some(head) = read::heads(snapshot, std::slice::from_ref(key)).await?.pop().flatten() else { return Ok(false) };
    let says =
        |claim: &crate::record::Claim| table.targets(&claim.fields).any(|(link, to)| link.number == field && to == id);
    Ok(head.claims.is_empty() || head.claims.iter().any(says))
}

/// Which of `rows` would be erased with a record that was: nothing is kept of them either.
///
/// Cost: none for tables without such fields; else one point read a row, most of them of nothing.
/// # Errors
/// [`WriteError`] if the store cannot be read.
pub(in crate::write) async fn of_erased<'a>(
    snapshot: &Arc<dyn Snapshot>,
    writer: &Writer,
    rows: impl Iterator<Item = (&'a RecordKey, &'a Fields)>,
) -> Result<HashSet<RecordKey>, WriteError> {
    let table = &writer.table;
    if !table.dataset.fields.iter().any(|field| field.erased_with_target) {
        return Ok(HashSet::new());
    }
    let mut owners: Vec<(RecordKey, RecordKey)> = Vec::new();
    for (row, fields) in rows {
        for (link, id) in table.targets(fields).filter(|(link, _)| is_bound(table, link.number)) {
            let target = writer.all.iter().find(|t| t.dataset.name == link.target);
            owners.extend(target.and_then(|t| t.layout.key(id)).map(|owner| (owner, row.clone())));
        }
    }
    let erased = tombstone::among(snapshot, owners.iter().map(|(owner, _)| owner.clone()).collect()).await?;
    Ok(owners.into_iter().filter(|(owner, _)| erased.contains(owner)).map(|(_, row)| row).collect())
}
