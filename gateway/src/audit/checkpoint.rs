//! Signed checkpoints of the log: its size and root, kept beside it and with a witness outside.
//!
//! `checkpoint-<suite>.txt` is the newest (C2SP tlog-checkpoint), `checkpoints-<suite>.log` all of them, an empty line after
//! each; a log whose hash was changed has both kinds, each with its key. A witness
//! is a directory that whoever can rewrite the log cannot write to: another disk, a share that takes appends only.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use foundation::value::Instant;
use transparency::{Checkpoint, Signer, Suite, VerifyingKey};

use super::tree::TreeView;
use crate::config::AuditConfig;
use crate::keys::read_or_make;

/// The newest checkpoint of a place.
#[must_use]
pub fn newest(place: &Path, suite: Suite) -> PathBuf {
    place.join(format!("checkpoint-{}.txt", suite.name()))
}

/// All checkpoints of a place.
#[must_use]
pub fn all(place: &Path, suite: Suite) -> PathBuf {
    place.join(format!("checkpoints-{}.log", suite.name()))
}

/// Microseconds between two checkpoints of a log that grows.
const EVERY_US: i64 = 60_000_000;

/// Makes and keeps checkpoints.
pub struct Checkpoints {
    signer: Signer,
    origin: String,
    places: Vec<PathBuf>,
    last: Mutex<(Option<Instant>, u64)>,
}

/// The hash of the log's tree.
///
/// # Errors
/// If the configuration names none that is known.
pub fn suite(config: &AuditConfig) -> io::Result<Suite> {
    Suite::from_name(&config.suite)
        .ok_or_else(|| io::Error::other(format!("`[audit] suite` is `{}`; known are sha256 and sm3", config.suite)))
}

/// The signer of a data directory, made at the first start: Ed25519 with SHA-256, SM2 with SM3.
fn signer(keys: &Path, origin: &str, suite: Suite) -> io::Result<Signer> {
    let file = keys.join(format!("checkpoint-{}.key", suite.name()));
    let secret = read_or_make(&file, || {
        let mut fresh = vec![0_u8; 32];
        aws_lc_rs::rand::fill(&mut fresh).map_err(|_| io::Error::other("no random numbers"))?;
        Ok(fresh)
    })?;
    let damaged = |_| io::Error::other(format!("{} is damaged", file.display()));
    let secret: [u8; 32] = secret.try_into().map_err(|_| io::Error::other(format!("{} is damaged", file.display())))?;
    match suite {
        Suite::Sha256 => Signer::ed25519(origin, &secret).map_err(damaged),
        Suite::Sm3 => Signer::sm2(origin, &secret).map_err(damaged),
    }
}

impl Checkpoints {
    /// Opens the places where checkpoints are kept; writes the verifying key to `keys/checkpoint-<suite>.pub`.
    ///
    /// # Errors
    /// Of the file system; a damaged key; a name that checkpoints cannot bear.
    pub fn open(data: &Path, log: &Path, config: &AuditConfig) -> io::Result<Self> {
        let suite = suite(config)?;
        let keys = data.join("keys");
        let signer = signer(&keys, &config.origin, suite)?;
        let public = keys.join(format!("checkpoint-{}.pub", suite.name()));
        let text = format!("{}\n", signer.verifying_key());
        if std::fs::read_to_string(&public).ok().as_deref() != Some(&text) {
            std::fs::write(public, text)?;
        }
        let mut places = vec![log.to_owned()];
        if let Some(witness) = &config.witness {
            std::fs::create_dir_all(witness)?;
            places.push(witness.clone());
        }
        Ok(Self { signer, origin: config.origin.clone(), places, last: Mutex::new((None, u64::MAX)) })
    }

    /// What checks these checkpoints.
    #[must_use]
    pub fn key(&self) -> &VerifyingKey {
        self.signer.verifying_key()
    }

    /// A checkpoint of the tree as it is.
    ///
    /// # Errors
    /// Of the file system.
    pub fn sign(&self, tree: &TreeView) -> io::Result<(Checkpoint, String)> {
        let size = tree.size();
        let made = Checkpoint::new(tree.suite(), &self.origin, size, tree.root(size)?).map_err(io::Error::other)?;
        let text = made.sign(&[&self.signer]).map_err(io::Error::other)?;
        Ok((made, text))
    }

    /// Keeps a checkpoint if the log has grown and a minute has passed, or at once if `now` says so; blocking.
    ///
    /// # Errors
    /// Of the file system: of the log's own place, or of the witness.
    pub fn keep(&self, tree: &TreeView, now: Instant, at_once: bool) -> io::Result<()> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock set back does not stop checkpoints.
        let waits = last.0.is_some_and(|at| (0..EVERY_US).contains(&(now.0 - at.0)));
        if last.1 == tree.size() || (waits && !at_once) {
            return Ok(());
        }
        let (made, text) = self.sign(tree)?;
        for place in &self.places {
            let mut log = std::fs::OpenOptions::new().append(true).create(true).open(all(place, tree.suite()))?;
            log.write_all(format!("{text}\n").as_bytes())?;
            log.sync_data()?;
            let part = place.join("checkpoint.part");
            std::fs::write(&part, &text)?;
            std::fs::rename(part, newest(place, tree.suite()))?;
        }
        *last = (Some(now), made.size());
        Ok(())
    }
}

/// The texts of the checkpoints kept in a place, oldest first.
///
/// # Errors
/// Of the file system.
pub fn kept(place: &Path, suite: Suite) -> io::Result<Vec<String>> {
    let text = match std::fs::read_to_string(all(place, suite)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    Ok(split(&text))
}

/// The checkpoints of a text, an empty line after each.
#[must_use]
pub fn split(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split("\n\n").collect();
    let pairs = parts.chunks_exact(2).filter_map(|pair| match pair {
        [body, signatures] => Some(format!("{body}\n\n{}\n", signatures.trim_end_matches('\n'))),
        _ => None,
    });
    pairs.collect()
}
