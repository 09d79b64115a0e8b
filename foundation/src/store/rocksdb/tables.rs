//! The table files of a load, made behind a fence and taken in as they are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ::rocksdb::{IngestExternalFileOptions, SstFileWriter};

use super::fence::Fenced;
use super::keeper::Engine;
use super::rows;
use crate::store::load::{event_partition, unreadable};
use crate::store::sorted::Merged;
use crate::store::{CommitError, CommitId, Expect, Key, Load, Partition, SortedFile, SortedRows, limits};

/// Bytes from which a table is ended and the next one begun.
const TABLE_BYTES_MAX: u64 = 256 * 1024 * 1024;
/// How many first bytes of a key do not change within a table: rows of a dataset lie apart from all others, so that its
/// tables come to lie at the last level at once.
const PLACE_BYTES: usize = 2;

/// Tables ready to be taken in, and what must hold then.
pub(super) struct Tables {
    pub(super) fenced: Fenced,
    pub(super) id: CommitId,
    pub(super) expect: Vec<(Key, Expect)>,
    pub(super) empty: Vec<std::ops::Range<Key>>,
    /// The last event of each partition that has new ones.
    pub(super) positions: BTreeMap<Partition, u64>,
    files: Vec<PathBuf>,
    _folder: Folder,
}

/// A folder that goes with whoever made it.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// Writes the tables of a load. `go_on` is asked now and then whether somebody still waits for it.
///
/// # Errors
/// [`CommitError::Corrupt`] for a file that is not as it was written; [`CommitError::Refused`] otherwise.
pub(super) fn write(
    engine: &Engine,
    fenced: Fenced,
    load: Load,
    go_on: impl Fn() -> bool,
) -> Result<Tables, CommitError> {
    let name = format!("{:032x}", u128::from_be_bytes(load.id.0));
    let folder = Folder(engine.loading().join(name));
    std::fs::create_dir_all(&folder.0).map_err(|error| unreadable(&error))?;
    let (files, positions) = write_into(&folder.0, engine, &fenced, &load, go_on)?;
    Ok(Tables { fenced, id: load.id, expect: load.expect, empty: load.empty, positions, files, _folder: folder })
}

fn write_into(
    folder: &Path,
    engine: &Engine,
    fenced: &Fenced,
    load: &Load,
    go_on: impl Fn() -> bool,
) -> Result<(Vec<PathBuf>, BTreeMap<Partition, u64>), CommitError> {
    let mut out = Out { engine, folder, table: None, files: Vec::new() };
    out.put(&rows::commit_key(load.id), &rows::commit_value(fenced.next, load.content()))?;
    let mut positions = BTreeMap::new();
    for event in merged(&load.events)? {
        let event = event.map_err(|error| unreadable(&error))?;
        let partition = event_partition(&event.key)?;
        let sequence =
            positions.entry(partition).or_insert_with(|| fenced.positions.get(&partition).copied().unwrap_or(0));
        *sequence += 1;
        out.put(&rows::event_key(partition, *sequence), &rows::event_value(fenced.next.at, &event.value))?;
    }
    out.put(&rows::token_key(fenced.next.token), &rows::token_value(fenced.next.at, load.id))?;
    for (at, row) in merged(&load.rows)?.enumerate() {
        let mut row = row.map_err(|error| unreadable(&error))?;
        limits::check_row(&row)?;
        if row.stamped {
            limits::stamp(&mut row.value, fenced.next.at.0);
        }
        out.put(&row.key, &row.value)?;
        if at.is_multiple_of(4_096) && !go_on() {
            return Err(CommitError::Refused { reason: "nobody waits for the load any more".to_owned() });
        }
    }
    out.end()?;
    Ok((out.files, positions))
}

fn merged(files: &[SortedFile]) -> Result<Merged<SortedRows>, CommitError> {
    let open = files.iter().map(SortedRows::open).collect::<Result<Vec<_>, _>>();
    Ok(Merged::new(open.map_err(|error| unreadable(&error))?))
}

/// The table being written, and those before it.
struct Out<'e> {
    engine: &'e Engine,
    folder: &'e Path,
    table: Option<(Vec<u8>, SstFileWriter<'e>)>,
    files: Vec<PathBuf>,
}

impl Out<'_> {
    fn put(&mut self, key: &[u8], value: &[u8]) -> Result<(), CommitError> {
        let place = key.get(..PLACE_BYTES).unwrap_or(key);
        let goes_on = |(of, table): &(Vec<u8>, SstFileWriter<'_>)| of == place && table.file_size() < TABLE_BYTES_MAX;
        if !self.table.as_ref().is_some_and(goes_on) {
            self.end()?;
            let path = self.folder.join(format!("{}.sst", self.files.len()));
            let table = SstFileWriter::create(self.engine.table_options());
            table.open(&path).map_err(|error| refused(&error))?;
            self.files.push(path);
            self.table = Some((place.to_vec(), table));
        }
        match &mut self.table {
            // A key that does not follow the one before is refused here: no key stands twice in a load.
            Some((_, table)) => table.put(key, value).map_err(|error| refused(&error)),
            None => Ok(()),
        }
    }

    fn end(&mut self) -> Result<(), CommitError> {
        match self.table.take() {
            Some((_, mut table)) => table.finish().map_err(|error| refused(&error)),
            None => Ok(()),
        }
    }
}

fn refused(error: &::rocksdb::Error) -> CommitError {
    CommitError::Refused { reason: format!("the tables of a load: {error}") }
}

impl Tables {
    /// Takes the tables in, all of them or none.
    ///
    /// # Errors
    /// The engine's.
    pub(super) fn ingest(&self, engine: &Engine, family: &::rocksdb::ColumnFamily) -> Result<(), ::rocksdb::Error> {
        let mut options = IngestExternalFileOptions::default();
        options.set_move_files(true);
        engine.db.ingest_external_file_cf_opts(family, &options, self.files.clone())
    }
}
