//! Which number a dataset has in its base database; given once, kept for ever.

use std::collections::BTreeMap;
use std::sync::Arc;

use bincode::{Decode, Encode};

use super::keys::{DATASET_FIRST, meta};
use crate::dataset::{Dataset, compatible};
use crate::store::{CommitBatch, CommitError, CommitId, Direction, Expect, Put, Store, StoreError, VALUE_MAX, digest};
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

/// Registers `datasets`; gives their numbers, in their order. A known one keeps its number; a changed definition is taken
/// if records survive the change.
///
/// # Errors
/// [`RegistryError`]; nothing is registered then.
pub async fn register(store: &Arc<dyn Store>, datasets: &[Arc<Dataset>]) -> Result<Vec<u16>, RegistryError> {
    let undecodable = |reason: String| RegistryError::Undecodable { reason };
    let snapshot = store.snapshot(None).await?;
    let mut known = BTreeMap::new();
    for (key, value) in snapshot.scan(meta::datasets(), Direction::Forward, DATASETS_MAX).await? {
        let (entry, _) = codec::decode_row::<Entry>(&value).map_err(|e| undecodable(e.to_string()))?;
        known.insert(key, (entry, digest(&value)));
    }
    let mut free = known.values().map(|(e, _)| e.number).max().map_or(DATASET_FIRST, |last| last.saturating_add(1));
    let mut numbers = Vec::with_capacity(datasets.len());
    let (mut put, mut expect) = (Vec::new(), Vec::new());
    for dataset in datasets {
        let changed = |reason: String| RegistryError::Changed { dataset: dataset.name.to_string(), reason };
        let definition = serde_json::to_string(dataset.as_ref()).map_err(|e| undecodable(e.to_string()))?;
        if definition.len() > VALUE_MAX - 64 {
            return Err(changed(format!("it takes {} bytes, at most {}", definition.len(), VALUE_MAX - 64)));
        }
        let key = meta::dataset(&dataset.name.to_string());
        let number = match known.get(&key) {
            Some((entry, _)) if entry.definition == definition => {
                numbers.push(entry.number);
                continue;
            }
            Some((entry, digest)) => {
                let old: Dataset = serde_json::from_str(&entry.definition).map_err(|e| undecodable(e.to_string()))?;
                compatible(&old, dataset).map_err(|e| changed(e.to_string()))?;
                expect.push((key.clone(), Expect::Holds(*digest)));
                entry.number
            }
            None => {
                let number = free;
                free = free.checked_add(1).ok_or_else(|| changed("there are no numbers left".to_owned()))?;
                expect.push((key.clone(), Expect::Absent));
                number
            }
        };
        put.push(Put { key, value: codec::encode_row(&Entry { number, definition }), stamped: true });
        numbers.push(number);
    }
    if !put.is_empty() {
        let mut hasher = blake3::Hasher::new();
        for entry in &put {
            hasher.update(&entry.value);
        }
        hasher.update(&snapshot.token().to_be_bytes());
        let id = CommitId(*hasher.finalize().as_bytes().first_chunk().unwrap_or(&[0; 16]));
        store.commit(CommitBatch { id, expect, put, delete: Vec::new(), events: Vec::new() }).await?;
    }
    Ok(numbers)
}
