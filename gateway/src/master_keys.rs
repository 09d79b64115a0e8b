//! Master keys: what the keys of personal records are wrapped with, and how one follows another.
//!
//! ```text
//! natbase keys add ─► a generation lies in the file ─► two security administrators: `rotate_master_key` with its fingerprint
//!   ─► what is made from then on is wrapped with it ─► the rest is wrapped anew, under load ─► natbase keys remove
//! ```
//! The file lies outside the data directory. Which generation is in use follows from the register of accounts; that it can
//! be taken out follows from [`MasterKeys::state`]: nothing is wrapped with it.

pub(crate) mod file;
mod rotation;

pub use file::{FileError, locate, open};
pub use rotation::{GenerationShown, State};

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use foundation::dataset::Database;
use foundation::store::{Keys, SharedRing};

/// The master keys of a node.
pub struct MasterKeys {
    file: PathBuf,
    ring: SharedRing,
    keys: Vec<(Database, Arc<Keys>)>,
    noted: Mutex<Noted>,
    /// One rotation at a time.
    turn: tokio::sync::Mutex<()>,
}

/// What is known of the file and of the work.
#[derive(Debug, Clone, Default)]
struct Noted {
    written: Option<SystemTime>,
    /// Keys wrapped anew since the rotation going on began; `None` = none goes on.
    rewrapped: Option<u64>,
    problem: Option<String>,
    /// The generation that wraps everything, as far as is known.
    settled: Option<u16>,
}

impl MasterKeys {
    /// The master keys in `file`, read into `ring`, that wrap what `keys` hold.
    #[must_use]
    pub fn new(file: PathBuf, ring: SharedRing, keys: Vec<(Database, Arc<Keys>)>) -> Self {
        let noted = Noted { written: file::written(&file), ..Noted::default() };
        Self { file, ring, keys, noted: Mutex::new(noted), turn: tokio::sync::Mutex::default() }
    }

    /// Where they lie.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.file
    }

    /// The generation with this fingerprint, if the ring has it.
    #[must_use]
    pub fn generation(&self, fingerprint: &str) -> Option<u16> {
        self.ring.load().keys().iter().find(|key| key.fingerprint() == fingerprint).map(|key| key.generation)
    }

    /// Wraps with the generation of this fingerprint from now on; `false` if the ring does not have it.
    pub fn take_into_use(&self, fingerprint: &str) -> bool {
        let Some(generation) = self.generation(fingerprint) else { return false };
        self.ring.rcu(|ring| {
            let ring = ring.as_ref().clone();
            ring.clone().using(generation).unwrap_or(ring)
        });
        true
    }

    /// What keeps the master keys from being as they should be.
    #[must_use]
    pub fn problem(&self) -> Option<String> {
        self.noted().problem
    }

    fn noted(&self) -> Noted {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn note(&self, change: impl FnOnce(&mut Noted)) {
        change(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
