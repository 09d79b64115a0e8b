//! Rotation: what an earlier generation wrapped is wrapped anew while everything goes on.

use std::collections::BTreeMap;
use std::time::Duration;

use foundation::store::{CommitError, Key, Ring, StoreError};

use super::{MasterKeys, file};

/// Keys wrapped anew a commit.
const KEYS_A_COMMIT: usize = 500;
/// Between two commits, so that whoever writes has his turn.
const PAUSE: Duration = Duration::from_millis(5);

/// A generation as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GenerationShown {
    /// Generation.
    pub generation: u16,
    /// Fingerprint of the key.
    pub fingerprint: String,
    /// Whether what is made now is wrapped with it.
    pub in_use: bool,
    /// Keys of records that it wraps.
    pub keys: u64,
}

/// Where the master keys stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// The generations, ascending.
    pub generations: Vec<GenerationShown>,
    /// Keys wrapped anew so far, while a rotation goes on.
    pub rewrapped: Option<u64>,
    /// What is wrong.
    pub problem: Option<String>,
}

impl MasterKeys {
    /// Where they stand. Cost: one scan of the keys of all records.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn state(&self) -> Result<State, StoreError> {
        let wrapped = self.wrapped().await?;
        let ring = self.ring.load();
        let shown = ring.keys().iter().map(|key| GenerationShown {
            generation: key.generation,
            fingerprint: key.fingerprint(),
            in_use: key.generation == ring.current(),
            keys: wrapped.get(&key.generation).copied().unwrap_or_default(),
        });
        let noted = self.noted();
        Ok(State { generations: shown.collect(), rewrapped: noted.rewrapped, problem: noted.problem })
    }

    async fn wrapped(&self) -> Result<BTreeMap<u16, u64>, StoreError> {
        let mut all = BTreeMap::new();
        for (_, keys) in &self.keys {
            for (generation, count) in keys.by_generation().await? {
                *all.entry(generation).or_default() += count;
            }
        }
        Ok(all)
    }

    /// Rotates if another generation was taken into use since it was last found that nothing is left to be done.
    ///
    /// # Errors
    /// As [`Self::rotate`].
    pub async fn rotate_if_due(&self) -> Result<(), CommitError> {
        let ring = self.ring.load_full();
        let current = ring.current();
        if self.noted().settled == Some(current) {
            return Ok(());
        }
        // With one generation there is nothing that another could have wrapped.
        let keys = if ring.keys().len() > 1 { self.rotate().await? } else { 0 };
        if keys > 0 {
            tracing::info!(keys, generation = current, "keys of records are wrapped with another master key");
        }
        self.note(|noted| noted.settled = Some(current));
        Ok(())
    }

    /// Wraps anew whatever another generation than the one in use wraps; gives how many keys. Interrupted, it goes on with
    /// the next call. Cost: as [`foundation::store::Keys::rewrap`] over all keys, then one scrub.
    ///
    /// # Errors
    /// [`CommitError`]; what was wrapped anew stays so.
    pub async fn rotate(&self) -> Result<u64, CommitError> {
        let _turn = self.turn.lock().await;
        let mut done = 0;
        for (_, keys) in &self.keys {
            let (mut after, mut here) = (None::<Key>, 0);
            loop {
                let (some, next) = keys.rewrap(after.as_ref(), KEYS_A_COMMIT).await?;
                here += some;
                if some > 0 {
                    self.note(|noted| noted.rewrapped = Some(done + here));
                    tokio::time::sleep(PAUSE).await;
                }
                match next {
                    Some(next) => after = Some(next),
                    None => break,
                }
            }
            // What the earlier generation wrapped is to be on the disk no more.
            if here > 0
                && let Err(error) = keys.scrub(None).await
            {
                return Err(CommitError::Refused { reason: error.to_string() });
            }
            done += here;
        }
        self.note(|noted| noted.rewrapped = None);
        Ok(done)
    }

    /// Reads the file again if it was written. A generation that is missing there is given up once nothing is wrapped with
    /// it; until then it is kept in memory and told as a problem.
    pub async fn refresh(&self) {
        let written = file::written(&self.file);
        if self.noted().written == written {
            return;
        }
        let problem = match file::read(&self.file) {
            Ok(fresh) => self.take_in(fresh).await.err(),
            Err(error) => Some(error.to_string()),
        };
        match &problem {
            None => tracing::info!("master keys read again"),
            Some(problem) => tracing::error!(problem, "master keys; those of before stay"),
        }
        self.note(|noted| (noted.written, noted.problem) = (written, problem));
    }

    async fn take_in(&self, fresh: Ring) -> Result<(), String> {
        let held = self.ring.load_full();
        for key in held.keys() {
            match fresh.keys().iter().find(|other| other.generation == key.generation) {
                Some(other) if other == key => {}
                Some(_) => return Err(format!("generation {} is another key than before", key.generation)),
                None => {
                    let wrapped = self.wrapped().await.map_err(|error| error.to_string())?;
                    let keys = wrapped.get(&key.generation).copied().unwrap_or_default();
                    if keys > 0 || key.generation == held.current() {
                        let generation = key.generation;
                        return Err(format!("generation {generation} is missing, and {keys} keys are wrapped with it"));
                    }
                }
            }
        }
        let current = held.current();
        let fresh = fresh.using(current).ok_or_else(|| format!("generation {current}, which is in use, is missing"))?;
        self.ring.store(fresh.into());
        Ok(())
    }
}
