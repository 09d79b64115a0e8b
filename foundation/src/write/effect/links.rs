//! Links that still point at a record when it ends.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::record::keys::meta;
use crate::record::{RecordKey, Table, read};
use crate::store::{Direction, Snapshot};
use crate::value::Day;
use crate::write::{WriteError, Writer};

/// Links looked at.
const LINKS_MAX: usize = 500;

/// Says which records still point at the one with `id` on `day`; `None` if there are none.
///
/// Cost: one scan of the links to the record, and one batched read of the records they come from.
/// # Errors
/// [`WriteError`] if the store cannot be read.
pub(super) async fn open(
    snapshot: &Arc<dyn Snapshot>,
    writer: &Writer,
    target: &Table,
    id: &str,
    day: Day,
) -> Result<Option<String>, WriteError> {
    let range = meta::reverse_links(&target.dataset.name.to_string(), id);
    let rows = snapshot.scan(range, Direction::Forward, LINKS_MAX).await?;
    let more = rows.len() == LINKS_MAX;
    let sources: Vec<(RecordKey, u16)> = rows.iter().filter_map(|(key, _)| meta::link_source(key)).collect();
    let keys: Vec<RecordKey> = sources.iter().map(|(key, _)| key.clone()).collect();
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for ((key, field), head) in sources.iter().zip(read::heads(snapshot, &keys).await?) {
        let table = writer.all.iter().find(|t| u32::from(t.layout.number()) == key.partition() >> 16);
        let Some((table, head)) = table.zip(head) else { continue };
        // An event is what happened; only what goes on can be left open.
        if writer.domain.rules.iter().any(|r| r.table() == table.dataset.name.table() && !r.affects().is_empty()) {
            continue;
        }
        let Some(version) = head.version_on(day) else { continue };
        let fields = read::resolved(&head, version);
        if table.targets(&fields).any(|(link, to)| link.number == *field && to == id) {
            *found.entry(table.dataset.name.table().to_owned()).or_default() += 1;
        }
    }
    let all: Vec<String> = found.iter().map(|(table, count)| format!("{count} of {table}")).collect();
    let least = if more { "at least " } else { "" };
    Ok((!all.is_empty()).then(|| format!("the record ends, yet {least}{} still point at it", all.join(", "))))
}
