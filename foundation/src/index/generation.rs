//! A generation: the two engine indexes of a dataset made with one mapping.
//!
//! ```text
//! <index dir>/<table>/<generation>/current/   versions whose recorded time is open
//!                                  closed/    versions whose recorded time is closed (append-only)
//!                                  definition the definition it was made of
//!                                  ready      written when the first build is complete: the mapping's hash
//!                                  statistics the published statistics (statistics.rs)
//! ```
//! The commit payload of each index says which entries of the change log it holds; a crash resumes from there.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arc_swap::ArcSwap;
use serde::{Deserialize, Serialize};
use tantivy::directory::MmapDirectory;
use tantivy::{Index as Engine, IndexReader, IndexSettings, ReloadPolicy, Searcher};

use super::IndexError;
use super::mapping::Mapping;
use super::statistics::Statistics;
use crate::dataset::Dataset;
use crate::value::Instant;

/// What an index holds, as its commit payload says.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Progress {
    /// Hash of the mapping it was made with.
    pub(super) mapping: u64,
    /// Generation.
    pub(super) generation: u32,
    /// Entries of the change log committed up to this instant came with the first scan.
    pub(super) base_at: i64,
    /// The newest instant up to which everything is in.
    pub(super) known_at: i64,
    /// Documents added and records replaced, since the generation began.
    pub(super) applied: u64,
    /// Last entry held, by partition.
    pub(super) offsets: Vec<u64>,
}

impl Progress {
    /// The last entry held of a partition.
    pub(super) fn offset(&self, partition: u16) -> u64 {
        self.offsets.get(usize::from(partition)).copied().unwrap_or(0)
    }
    /// Notes the last entry held of a partition.
    pub(super) fn set_offset(&mut self, partition: u16, sequence: u64) {
        let place = usize::from(partition);
        if self.offsets.len() <= place {
            self.offsets.resize(place + 1, 0);
        }
        if let Some(slot) = self.offsets.get_mut(place) {
            *slot = sequence;
        }
    }
}

/// How often a searcher that merges overtook is made again.
const RELOADS_MAX: u32 = 16;

/// One engine index and its reader.
pub(super) struct Shelf {
    pub(super) engine: Engine,
    reader: IndexReader,
    /// Whether documents carry geometries.
    has_shapes: bool,
}

impl Shelf {
    fn open(dir: &Path, mapping: &Mapping) -> Result<Self, IndexError> {
        fs::create_dir_all(dir).map_err(IndexError::file(dir, "made"))?;
        let mapped = MmapDirectory::open(dir).map_err(|e| IndexError::engine("opening its directory")(e.into()))?;
        let settings = IndexSettings { docstore_compress_dedicated_thread: false, ..IndexSettings::default() };
        let mut builder =
            Engine::builder().schema(mapping.schema.clone()).settings(settings).tokenizers(Mapping::tokenizers());
        if let Some(plugin) = super::space::plugin(mapping) {
            builder = builder.register_plugin(plugin);
        }
        let engine = builder.open_or_create(mapped).map_err(IndexError::engine("opening"))?;
        let reader = engine
            .reader_builder()
            .reload_policy(ReloadPolicy::Manual)
            .try_into()
            .map_err(IndexError::engine("opening its reader"))?;
        Ok(Self { engine, reader, has_shapes: mapping.shapes.is_some() })
    }

    /// A searcher whose segments' files are all held open. A merge may remove a segment between the engine's own opening
    /// and that of the geometries; the searcher is then out of date and made again.
    fn searcher(&self) -> Result<(Searcher, Option<super::space::Kept>), IndexError> {
        let mut tries = 0;
        loop {
            let searcher = self.reader.searcher();
            if !self.has_shapes {
                return Ok((searcher, None));
            }
            match super::space::keep(&searcher) {
                Ok(kept) => return Ok((searcher, Some(kept))),
                Err(error) if tries >= RELOADS_MAX => return Err(IndexError::engine("opening geometries")(error)),
                Err(_) => self.reader.reload().map_err(IndexError::engine("reading a commit"))?,
            }
            tries += 1;
        }
    }

    /// What the last commit holds; `None` before the first.
    pub(super) fn progress(&self) -> Result<Option<Progress>, IndexError> {
        let metas = self.engine.load_metas().map_err(IndexError::engine("reading its progress"))?;
        metas
            .payload
            .map(|text| {
                serde_json::from_str(&text)
                    .map_err(|e| IndexError::Damaged { reason: format!("its progress cannot be read: {e}") })
            })
            .transpose()
    }
}

/// What searches read: both indexes at one commit each.
pub(super) struct View {
    pub(super) current: Searcher,
    pub(super) closed: Searcher,
    pub(super) progress: Progress,
    /// Whether both indexes hold the same entries, so that no version is in both.
    pub(super) level: bool,
    pub(super) statistics: Arc<Statistics>,
    /// Keeps the geometries of both searchers' segments mapped.
    shapes: [Option<super::space::Kept>; 2],
}

/// An open generation.
pub(super) struct Generation {
    pub(super) number: u32,
    pub(super) dir: PathBuf,
    pub(super) mapping: Arc<Mapping>,
    pub(super) current: Shelf,
    pub(super) closed: Shelf,
    view: ArcSwap<View>,
}

impl Generation {
    /// Opens or makes generation `number` under `root`.
    fn open(root: &Path, number: u32, mapping: Arc<Mapping>) -> Result<Self, IndexError> {
        let dir = root.join(format!("{number:04}"));
        let current = Shelf::open(&dir.join("current"), &mapping)?;
        let closed = Shelf::open(&dir.join("closed"), &mapping)?;
        let statistics = Arc::new(Statistics::read(&dir, &mapping)?);
        let view = ArcSwap::from_pointee(view(&current, &closed, statistics)?);
        Ok(Self { number, dir, mapping, current, closed, view })
    }

    /// Makes the next generation under `root`.
    pub(super) fn make(root: &Path, dataset: &Dataset, mapping: Arc<Mapping>) -> Result<Self, IndexError> {
        let number = numbers(root)?.last().map_or(1, |n| n + 1);
        let dir = root.join(format!("{number:04}"));
        fs::create_dir_all(&dir).map_err(IndexError::file(&dir, "made"))?;
        let text = serde_json::to_string(dataset)
            .map_err(|e| IndexError::Damaged { reason: format!("the definition cannot be written: {e}") })?;
        write_synced(&dir.join(DEFINITION), text.as_bytes())?;
        Self::open(root, number, mapping)
    }

    /// The newest complete generation made with this mapping, else the newest of an earlier definition, which serves until
    /// there is one of this; removes what was never completed.
    pub(super) fn newest(root: &Path, mapping: &Arc<Mapping>) -> Result<Option<Self>, IndexError> {
        let (mut found, mut earlier) = (None, None);
        for number in numbers(root)? {
            let dir = root.join(format!("{number:04}"));
            match fs::read_to_string(dir.join("ready")) {
                Ok(hash) if hash.trim() == hash_text(mapping) => found = Some((number, Arc::clone(mapping))),
                Ok(hash) => {
                    // Made by another analyser, it cannot be read the way it was written.
                    let made_with = earlier_mapping(&dir).filter(|old| hash.trim() == hash_text(old));
                    earlier = made_with.map(|old| (number, Arc::new(old.under(mapping)))).or(earlier);
                }
                Err(_) => fs::remove_dir_all(&dir).map_err(IndexError::file(&dir, "removed"))?,
            }
        }
        match (found, earlier) {
            (Some((number, mapping)), _) => Self::open(root, number, mapping).map(Some),
            // One that does not open any more is no loss: this definition's is made anyway.
            (None, Some((number, mapping))) => Ok(Self::open(root, number, mapping).ok()),
            (None, None) => Ok(None),
        }
    }

    /// Marks the first build complete.
    pub(super) fn mark_ready(&self) -> Result<(), IndexError> {
        write_synced(&self.dir.join("ready"), format!("{}\n", hash_text(&self.mapping)).as_bytes())
    }

    /// Removes every other generation under `root`.
    pub(super) fn remove_others(&self, root: &Path) -> Result<(), IndexError> {
        for number in numbers(root)?.into_iter().filter(|n| *n != self.number) {
            let dir = root.join(format!("{number:04}"));
            fs::remove_dir_all(&dir).map_err(IndexError::file(&dir, "removed"))?;
        }
        Ok(())
    }

    /// What searches read now.
    pub(super) fn view(&self) -> Arc<View> {
        self.view.load_full()
    }

    /// Lets searches see the newest commits.
    pub(super) fn publish(&self) -> Result<(), IndexError> {
        self.publish_with(Arc::clone(&self.view().statistics))
    }

    /// Notes that nothing happened to the dataset up to `at`.
    pub(super) fn advance(&self, at: Instant) {
        let view = self.view();
        if view.progress.known_at < at.0 {
            let progress = Progress { known_at: at.0, ..view.progress.clone() };
            let (current, closed) = (view.current.clone(), view.closed.clone());
            let statistics = Arc::clone(&view.statistics);
            let shapes = view.shapes.clone();
            self.view.store(Arc::new(View { current, closed, progress, level: view.level, statistics, shapes }));
        }
    }

    /// As [`Self::publish`], with other statistics.
    pub(super) fn publish_with(&self, statistics: Arc<Statistics>) -> Result<(), IndexError> {
        for shelf in [&self.current, &self.closed] {
            shelf.reader.reload().map_err(IndexError::engine("reading a commit"))?;
        }
        self.view.store(Arc::new(view(&self.current, &self.closed, statistics)?));
        Ok(())
    }
}

fn view(current: &Shelf, closed: &Shelf, statistics: Arc<Statistics>) -> Result<View, IndexError> {
    let progress = current.progress()?;
    let level = match (&progress, closed.progress()?) {
        // `closed` is committed first, and only when it has something new.
        (Some(a), Some(b)) => b.offsets.iter().zip(0_u16..).all(|(held, partition)| a.offset(partition) >= *held),
        (_, None) => true,
        (None, Some(_)) => false,
    };
    let (current, current_shapes) = current.searcher()?;
    let (closed, closed_shapes) = closed.searcher()?;
    Ok(View {
        current,
        closed,
        shapes: [current_shapes, closed_shapes],
        progress: progress.unwrap_or_default(),
        level,
        statistics,
    })
}

/// Name of the file that holds the definition a generation was made of.
const DEFINITION: &str = "definition";

fn hash_text(mapping: &Mapping) -> String {
    format!("{:016x}", mapping.hash)
}

/// The mapping of the definition that the generation in `dir` was made of.
fn earlier_mapping(dir: &Path) -> Option<Mapping> {
    let text = fs::read_to_string(dir.join(DEFINITION)).ok()?;
    let definition: Dataset = serde_json::from_str(&text).ok()?;
    Some(Mapping::of(&definition))
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<(), IndexError> {
    let write = || -> std::io::Result<()> {
        let mut file = fs::File::create(path)?;
        std::io::Write::write_all(&mut file, bytes)?;
        file.sync_all()
    };
    write().map_err(IndexError::file(path, "written"))
}

/// Numbers of the generations under `root`, ascending.
fn numbers(root: &Path) -> Result<Vec<u32>, IndexError> {
    fs::create_dir_all(root).map_err(IndexError::file(root, "made"))?;
    let mut all = Vec::new();
    for entry in fs::read_dir(root).map_err(IndexError::file(root, "listed"))? {
        let entry = entry.map_err(IndexError::file(root, "listed"))?;
        all.extend(entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()));
    }
    all.sort_unstable();
    Ok(all)
}
