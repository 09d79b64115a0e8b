//! Opening: claim the directory, open the engine, read what the keeper must know.

use std::collections::HashMap;
use std::path::Path;

use ::rocksdb::{ColumnFamily, ColumnFamilyDescriptor, DB, DEFAULT_COLUMN_FAMILY_NAME, ReadOptions};
use tokio::sync::watch;

use super::committer::{Committer, Head};
use super::keeper::{self, Engine, Shared};
use super::settings::{self, Options};
use super::{format, read_error, rows};
use crate::store::{Committed, Key, StoreError};
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
    let engine = Engine { db, names, _claim: claim };
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
    let mut positions = HashMap::new();
    let mut found = iterate(db, family, rows::positions_all());
    found.seek_to_first();
    while let Some((key, value)) = found.item() {
        let (partition, sequence) = rows::read_position(key, value)?;
        positions.insert(partition, sequence);
        found.next();
    }
    found.status().map_err(|error| read_error(&error))?;
    Ok(Head { last, oldest, positions, committed: watch::channel(last.token).0 })
}

fn iterate<'db>(db: &'db DB, family: &ColumnFamily, range: std::ops::Range<Key>) -> ::rocksdb::DBRawIterator<'db> {
    let mut options = ReadOptions::default();
    options.set_iterate_lower_bound(range.start);
    options.set_iterate_upper_bound(range.end);
    db.raw_iterator_cf_opt(family, options)
}
