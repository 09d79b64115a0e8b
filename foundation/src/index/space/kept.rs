//! The plugin's files of the segments that searches may read, kept open.
//!
//! The engine opens a segment's own files when a searcher is made, but not a plugin's. A merge removes a segment's files as
//! soon as no commit names them; what a searcher may still ask must be mapped by then. A view therefore keeps the files of
//! its segments, and a query finds them here by segment id (random, so one table serves the process).

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock, Weak};

use tantivy::index::SegmentId;
use tantivy::{Searcher, SegmentReader};

use super::file::SpaceFile;
use super::plugin::component;

static OPEN: LazyLock<RwLock<HashMap<SegmentId, Weak<SpaceFile>>>> = LazyLock::new(RwLock::default);

/// Files kept open for as long as this lives.
#[derive(Clone)]
pub(in super::super) struct Kept(#[expect(dead_code, reason = "held, not read")] Arc<Vec<Arc<SpaceFile>>>);

/// Opens the files of a searcher's segments, or finds them open.
///
/// # Errors
/// Those of the engine; a file that is not there any more means that the searcher is out of date: reload and try again.
pub(in super::super) fn keep(searcher: &Searcher) -> tantivy::Result<Kept> {
    let files = searcher.segment_readers().iter().map(file).collect::<tantivy::Result<Vec<_>>>()?;
    let mut open = OPEN.write().unwrap_or_else(PoisonError::into_inner);
    open.retain(|_, file| file.strong_count() > 0);
    for (reader, file) in searcher.segment_readers().iter().zip(&files) {
        open.insert(reader.segment_id(), Arc::downgrade(file));
    }
    Ok(Kept(Arc::new(files)))
}

/// The file of a segment: the one kept open, else from disk.
pub(in crate::index) fn file(reader: &SegmentReader) -> tantivy::Result<Arc<SpaceFile>> {
    let known = OPEN.read().unwrap_or_else(PoisonError::into_inner).get(&reader.segment_id()).and_then(Weak::upgrade);
    match known {
        Some(file) => Ok(file),
        None => Ok(Arc::new(SpaceFile::open(reader.open_read(component())?.read_bytes()?)?)),
    }
}
