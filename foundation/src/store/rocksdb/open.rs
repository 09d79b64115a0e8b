//! Opening: claim the directory, open the engine, read what the keeper must know.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use ::rocksdb::{ColumnFamily, ColumnFamilyDescriptor, DB, DEFAULT_COLUMN_FAMILY_NAME, ReadOptions};
use tokio::sync::watch;

use super::committer::{Committer, Head};
use super::keeper::{self, Engine, Shared};
use super::settings::{self, Options};
use super::{format, read_error, rows};
use crate::store::{Committed, Key, Partition, StoreError};
use crate::value::Instant;

/// Opens `path` and starts its keeper.
pub(super) fn start(path: &Path, names: &[&str], options: &Options) -> Result<Shared, StoreError> {
    let claim = format::claim(path)?;
    let (directory, family) = settings::engine(options);
    // Families that were not asked for must be opened all the same.
    let mut families = vec![DEFAULT_COLUMN_FAMILY_NAME.to_owned()];
    if claim.rows.join("CURRENT").exists() {
        families.extend(DB::list_cf(&directory, &claim.rows).map_err(|error| read_error(&error))?);
    }
    families.extend(names.iter().map(|name| (*name).to_owned()));
    families.sort_unstable();
    families.dedup();
    let families = families.into_iter().map(|name| ColumnFamilyDescriptor::new(name, family.clone()));
    let db = DB::open_cf_descriptors(&directory, &claim.rows, families).map_err(|error| read_error(&error))?;
    let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
    let engine = Engine {
        db,
        names,
        #[cfg(any(test, feature = "testkit"))]
        opened_with: directory,
        family_options: family,
        claim,
    };
    let heads = engine.families().map(|family| read_head(&engine.db, family)).collect::<Result<_, _>>()?;
    keeper::start(engine, Committer::new(heads, options), options)
}

fn read_head(db: &DB, family: &ColumnFamily) -> Result<Head, StoreError> {
    let edge = |newest: bool| -> Result<Option<Committed>, StoreError> {
        let mut tokens = iterate(db, family, rows::tokens_all());
        if newest {
            tokens.seek_to_last();
        } else {
            tokens.seek_to_first();
        }
        let found = tokens.item().map(|(key, value)| rows::read_token(key, value)).transpose()?;
        tokens.status().map_err(|error| read_error(&error))?;
        Ok(found.map(|(done, _)| done))
    };
    let last = edge(true)?.unwrap_or(Committed { at: Instant(0), token: 0 });
    let oldest = edge(false)?.map_or(1, |oldest| oldest.token);
    let positions = read_positions(db, family)?;
    Ok(Head {
        last,
        oldest,
        told: Arc::new(Mutex::new(positions.clone())),
        positions,
        committed: watch::channel(last.token).0,
    })
}

/// The last event of each partition: two seeks a partition.
fn read_positions(db: &DB, family: &ColumnFamily) -> Result<BTreeMap<Partition, u64>, StoreError> {
    let mut positions = BTreeMap::new();
    let mut events = iterate(db, family, rows::events_all());
    events.seek_to_first();
    while let Some(key) = events.key() {
        let (partition, _) = rows::read_event_key(key)?;
        events.seek_for_prev(rows::event_key(partition, u64::MAX));
        let Some(key) = events.key() else { break };
        let (_, sequence) = rows::read_event_key(key)?;
        positions.insert(partition, sequence);
        events.seek(rows::event_end(partition));
    }
    events.status().map_err(|error| read_error(&error))?;
    Ok(positions)
}

fn iterate<'db>(db: &'db DB, family: &ColumnFamily, range: std::ops::Range<Key>) -> ::rocksdb::DBRawIterator<'db> {
    let mut options = ReadOptions::default();
    options.set_iterate_lower_bound(range.start);
    options.set_iterate_upper_bound(range.end);
    db.raw_iterator_cf_opt(family, options)
}
