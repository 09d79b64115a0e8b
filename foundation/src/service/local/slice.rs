//! Slices: records kept side by side, read as one range.

use super::super::{ErrorKind, ServiceError, SliceAnswer, SliceAsk};
use super::LocalDatabase;
use super::records::{read_at, view};
use crate::record::{ids, read};

/// Most records a slice.
const RECORDS_MAX: usize = 50_000;

/// The records of a slice in their order. Cost: one range scan over the slice, history rows included.
pub(super) async fn slice(here: &LocalDatabase, ask: SliceAsk) -> Result<SliceAnswer, ServiceError> {
    let table = &here.table(&ask.dataset)?;
    let invalid = |message: String| ServiceError::new(ErrorKind::Invalid, message);
    if ask.limit == 0 || ask.limit > RECORDS_MAX {
        return Err(invalid(format!("a slice takes a limit of 1 to {RECORDS_MAX} records")));
    }
    let range = table.layout.slice(&ask.series, ask.from.as_ref(), ask.to.as_ref());
    let range = range.ok_or_else(|| invalid(format!("`{}` is not kept in slices of this kind", ask.dataset)))?;
    let snapshot = here.store.snapshot(None).await?;
    let at = read_at(&snapshot, ask.times);
    let series = table.dataset.partition_by.iter().map(|name| table.dataset.natural_key.iter().position(|k| k == name));
    let series: Vec<(usize, &String)> = series.zip(&ask.series).filter_map(|(at, text)| Some((at?, text))).collect();
    let mut records = Vec::new();
    let found = read::scan_range(&snapshot, range, ask.limit + 1).await?;
    let more = found.len() > ask.limit;
    for (key, head) in found.into_iter().take(ask.limit) {
        // Two series may share the hash that places them.
        let mine = ids::split(&head.id).is_some_and(|key| series.iter().all(|(at, text)| key.get(*at) == Some(text)));
        if mine {
            records.extend(view(&snapshot, table, &key, &head, at, &ask.scopes).await?);
        }
    }
    Ok(SliceAnswer { records, more, at })
}
