//! Which states of the data are released for statistics: for each dataset and reference day, what was known when the first
//! question came. It stays so: counts over the same day never follow the changes of single records.
//!
//! ```text
//! 50 | dataset's name | 00 | reference day i64      value: format version 01 | known at i64
//! ```

use std::sync::Arc;

use foundation::dataset::DatasetName;
use foundation::store::Store;
use foundation::value::{Day, Instant};

use crate::journal::{Journal, JournalError};

const RELEASE: u8 = 0x50;
const FORMAT: u8 = 1;

/// Why a release could not be read or kept.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum ReleasesError {
    /// The store.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A row that this version cannot read.
    #[error("the release of `{dataset}` cannot be read")]
    Unreadable { dataset: DatasetName },
}

/// The releases, in the gateway's own store.
pub struct Releases(Journal);

impl Releases {
    /// Those of a store.
    #[must_use]
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self(Journal::new(store))
    }

    /// What was known at the release of `dataset` for `day`; `None` = not released yet.
    ///
    /// # Errors
    /// [`ReleasesError`].
    pub async fn known_at(&self, dataset: &DatasetName, day: Day) -> Result<Option<Instant>, ReleasesError> {
        let key = key(dataset, day);
        let next = [key.as_slice(), &[0]].concat();
        let Some((_, value)) = self.0.rows(key..next).await?.pop() else { return Ok(None) };
        read(&value).map(Some).ok_or_else(|| ReleasesError::Unreadable { dataset: dataset.clone() })
    }

    /// Releases what is known at `known_at`, unless somebody did so before; gives what is released.
    ///
    /// # Errors
    /// [`ReleasesError`].
    pub async fn release(&self, dataset: &DatasetName, day: Day, known_at: Instant) -> Result<Instant, ReleasesError> {
        let mut value = vec![FORMAT];
        value.extend_from_slice(&known_at.0.to_be_bytes());
        match self.0.append(vec![(key(dataset, day), value)]).await {
            Ok(()) => Ok(known_at),
            Err(JournalError::Overtaken) => self.known_at(dataset, day).await?.ok_or(JournalError::Overtaken.into()),
            Err(error) => Err(error.into()),
        }
    }
}

fn key(dataset: &DatasetName, day: Day) -> Vec<u8> {
    let mut key = vec![RELEASE];
    key.extend_from_slice(dataset.to_string().as_bytes());
    key.push(0);
    key.extend_from_slice(&day.0.to_be_bytes());
    key
}

fn read(value: &[u8]) -> Option<Instant> {
    let (FORMAT, rest) = value.split_first().map(|(format, rest)| (*format, rest))? else { return None };
    Some(Instant(i64::from_be_bytes(rest.try_into().ok()?)))
}

#[cfg(test)]
mod tests {
    use foundation::clock::FixedClock;
    use foundation::store::memory::MemoryStore;

    use super::*;

    #[tokio::test]
    async fn what_is_released_first_stays() {
        let store = Arc::new(MemoryStore::new(Arc::new(FixedClock::at(Instant(7)))));
        let (dataset, day) = ("population/persons".parse().expect("a name"), Day(20_000));
        let releases = Releases::new(store.clone());
        assert_eq!(releases.known_at(&dataset, day).await.expect("read"), None);
        assert_eq!(releases.release(&dataset, day, Instant(5)).await.expect("kept"), Instant(5));
        assert_eq!(releases.release(&dataset, day, Instant(9)).await.expect("kept"), Instant(5));
        assert_eq!(releases.release(&dataset, Day(20_001), Instant(9)).await.expect("kept"), Instant(9));
        let reopened = Releases::new(store);
        assert_eq!(reopened.known_at(&dataset, day).await.expect("read"), Some(Instant(5)));
    }
}
