//! Which number a dataset has in its base database, given once, kept for ever; and with which definition and which codes
//! its records were last opened.
//!
//! [`plan`] says what opening with other definitions would do; [`register`] does it.

mod lists;

use std::collections::BTreeMap;
use std::sync::Arc;

use bincode::{Decode, Encode};

use super::keys::{DATASET_FIRST, meta};
use crate::dataset::{Change, CodeLists, Dataset, DatasetName, compatible};
use crate::store::{
    CommitBatch, CommitError, CommitId, Direction, Expect, Put, Snapshot, Store, StoreError, VALUE_MAX, digest,
};
use crate::value::codec;

/// Most datasets a base database.
const DATASETS_MAX: usize = 10_000;

/// Why datasets cannot be opened.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum RegistryError {
    /// The definition differs from the one the records were written with in what records do not survive.
    #[error("`{dataset}` cannot be opened with this definition: {reason}")]
    Changed { dataset: String, reason: String },
    /// A code that records may hold is gone from its list.
    #[error(
        "code list `{list}` has no code `{code}` any more; a code that holds no longer is ended (`to`), never removed"
    )]
    CodeGone { list: String, code: String },
    /// What is kept of the datasets cannot be decoded.
    #[error("what is kept of the datasets cannot be decoded: {reason}")]
    Undecodable { reason: String },
    /// The store failed.
    #[error("the store could not be read")]
    Store(#[from] StoreError),
    /// The store did not take the registration.
    #[error("the datasets could not be registered")]
    Commit(#[from] CommitError),
}

/// A dataset as it is registered: its number and the definition its records were last opened with.
#[derive(Debug, Encode, Decode)]
struct Entry {
    number: u16,
    definition: String,
}

/// What opening a dataset with a definition comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// It is not known yet.
    New,
    /// It was last opened with this definition.
    Same,
    /// Its records survive these changes since a version.
    Changed(u32, Vec<Change>),
    /// Its records do not survive the change: why.
    Refused(String),
}

struct Known {
    entry: Entry,
    digest: [u8; 16],
}

fn undecodable(error: &dyn std::error::Error) -> RegistryError {
    RegistryError::Undecodable { reason: error.to_string() }
}

async fn known(snapshot: &Arc<dyn Snapshot>) -> Result<BTreeMap<Vec<u8>, Known>, RegistryError> {
    let mut known = BTreeMap::new();
    for (key, value) in snapshot.scan(meta::datasets(), Direction::Forward, DATASETS_MAX).await? {
        let (entry, _) = codec::decode_row::<Entry>(&value).map_err(|e| undecodable(&e))?;
        known.insert(key, Known { entry, digest: digest(&value) });
    }
    Ok(known)
}

/// A definition as it is kept.
fn kept(dataset: &Dataset) -> Result<String, RegistryError> {
    serde_json::to_string(dataset).map_err(|e| undecodable(&e))
}

fn step(known: Option<&Known>, dataset: &Dataset, definition: &str) -> Result<Step, RegistryError> {
    if definition.len() > VALUE_MAX - 64 {
        return Ok(Step::Refused(format!("it takes {} bytes, at most {}", definition.len(), VALUE_MAX - 64)));
    }
    let Some(known) = known else { return Ok(Step::New) };
    if known.entry.definition == definition {
        return Ok(Step::Same);
    }
    let old: Dataset = serde_json::from_str(&known.entry.definition).map_err(|e| undecodable(&e))?;
    Ok(match compatible(&old, dataset) {
        Ok(changes) => Step::Changed(old.version, changes),
        Err(refused) => Step::Refused(refused.to_string()),
    })
}

/// What [`register`] would do with each of `datasets`, in their order; with the datasets known and no longer defined, whose
/// records stay where they are and are not served.
///
/// # Errors
/// [`RegistryError`] if the store cannot be read, or a code is gone that records may hold.
pub async fn plan(
    store: &Arc<dyn Store>,
    datasets: &[Arc<Dataset>],
    lists: &CodeLists,
) -> Result<(Vec<(DatasetName, Step)>, Vec<DatasetName>), RegistryError> {
    let snapshot = store.snapshot(None).await?;
    let known = known(&snapshot).await?;
    lists::compare(&snapshot, datasets, lists).await?;
    let mut steps = Vec::with_capacity(datasets.len());
    for dataset in datasets {
        let found = known.get(&meta::dataset(&dataset.name.to_string()));
        steps.push((dataset.name.clone(), step(found, dataset, &kept(dataset)?)?));
    }
    let mut left = Vec::new();
    for found in known.values() {
        let was: Dataset = serde_json::from_str(&found.entry.definition).map_err(|e| undecodable(&e))?;
        if !datasets.iter().any(|d| d.name == was.name) {
            left.push(was.name);
        }
    }
    Ok((steps, left))
}

/// Registers `datasets` and the codes their fields may hold; gives their numbers, in their order. A known one keeps its
/// number; a changed definition is taken if records survive the change.
///
/// # Errors
/// [`RegistryError`]; nothing is registered then.
pub async fn register(
    store: &Arc<dyn Store>,
    datasets: &[Arc<Dataset>],
    lists: &CodeLists,
) -> Result<Vec<u16>, RegistryError> {
    let snapshot = store.snapshot(None).await?;
    let known = known(&snapshot).await?;
    let lists::Written { mut put, delete, mut expect } = lists::compare(&snapshot, datasets, lists).await?;
    let mut free = known.values().map(|k| k.entry.number).max().map_or(DATASET_FIRST, |last| last.saturating_add(1));
    let mut numbers = Vec::with_capacity(datasets.len());
    for dataset in datasets {
        let changed = |reason: String| RegistryError::Changed { dataset: dataset.name.to_string(), reason };
        let definition = kept(dataset)?;
        let key = meta::dataset(&dataset.name.to_string());
        let found = known.get(&key);
        let number = match (step(found, dataset, &definition)?, found) {
            (Step::Refused(reason), _) => return Err(changed(reason)),
            (Step::Same, Some(known)) => {
                numbers.push(known.entry.number);
                continue;
            }
            (_, Some(known)) => {
                expect.push((key.clone(), Expect::Holds(known.digest)));
                known.entry.number
            }
            (_, None) => {
                let number = free;
                free = free.checked_add(1).ok_or_else(|| changed("there are no numbers left".to_owned()))?;
                expect.push((key.clone(), Expect::Absent));
                number
            }
        };
        put.push(Put { key, value: codec::encode_row(&Entry { number, definition }), stamped: true });
        numbers.push(number);
    }
    if !put.is_empty() || !delete.is_empty() {
        let mut hasher = blake3::Hasher::new();
        for entry in &put {
            hasher.update(&entry.value);
        }
        hasher.update(&snapshot.token().to_be_bytes());
        let id = CommitId(*hasher.finalize().as_bytes().first_chunk().unwrap_or(&[0; 16]));
        store.commit(CommitBatch { id, expect, put, delete, events: Vec::new() }).await?;
    }
    Ok(numbers)
}
