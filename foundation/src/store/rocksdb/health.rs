//! What a failed write means (S11, S6): refused for now, unknown, or the end of writing until the directory is reopened.
//!
//! | what failed | the batch | afterwards |
//! |---|---|---|
//! | appending to the log, or a background write of a table (disk full, read-only) | surely not committed | a probe before each group tells when writing works again |
//! | anything else, such as the manifest | unknown until writing works again | as above |
//! | the sync of the log | unknown until reopened: the bytes may or may not come back | no write is attempted any more |
//!
//! A record of the log that could not be appended whole is not replayed. When the engine recovers by itself it flushes
//! its write buffers and leaves the failed log behind, so what was unknown then surely is not committed.

use ::rocksdb::{DB, ErrorKind, WriteBatch, WriteOptions};

use crate::store::{CommitError, CommitId};

/// A key of the default column family, which holds nothing else.
const PROBE: &[u8] = b"probe";

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Health {
    /// The last write worked.
    Sound,
    /// The last write failed. `doubtful`: it may have reached the log.
    Failing { reason: String, doubtful: bool },
    /// No write until the directory is opened again.
    Fenced { reason: String },
}

/// What to tell the callers of a group that failed.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Surely not committed.
    Refused(String),
    /// Ask `resolve`.
    Unknown,
}

impl Verdict {
    /// The answer to the committer of `id`.
    pub(super) fn tell(&self, id: CommitId) -> CommitError {
        match self {
            Self::Refused(reason) => CommitError::Refused { reason: reason.clone() },
            Self::Unknown => CommitError::Unknown(id),
        }
    }
}

impl Health {
    /// Whether a group may be tried now; after a failure only when a synced probe works.
    ///
    /// # Errors
    /// The reason for the callers.
    pub(super) fn door(&mut self, db: &DB, write: &WriteOptions) -> Result<(), String> {
        match self {
            Self::Sound => return Ok(()),
            Self::Fenced { reason } => return Err(reason.clone()),
            Self::Failing { .. } => {}
        }
        let mut probe = WriteBatch::default();
        probe.put(PROBE, []);
        match db.write_opt(probe, write) {
            Ok(()) => {
                tracing::info!("the store takes writes again");
                *self = Self::Sound;
                Ok(())
            }
            Err(error) => {
                let doubted = matches!(self, Self::Failing { doubtful: true, .. });
                self.failed(&error.kind(), error.as_ref());
                if let Self::Failing { doubtful, .. } = self {
                    *doubtful = doubted;
                }
                Err(error.to_string())
            }
        }
    }

    /// Takes note of a failed group.
    pub(super) fn failed(&mut self, kind: &ErrorKind, message: &str) -> Verdict {
        let log = message.contains(".log");
        // "While fdatasync …/000012.log", "While fsync …", "sync_file_range …".
        if log && message.contains("sync") || *kind == ErrorKind::Corruption {
            let reason = format!("writing stopped until the data directory is opened again: {message}");
            tracing::error!(message, "the store stopped writing for good");
            *self = Self::Fenced { reason };
            return Verdict::Unknown;
        }
        if *self == Self::Sound {
            tracing::warn!(message, "the store refuses writes for now");
        }
        let doubtful = !(log || message.contains(".sst"));
        *self = Self::Failing { reason: message.to_owned(), doubtful };
        if doubtful { Verdict::Unknown } else { Verdict::Refused(message.to_owned()) }
    }

    /// Why the absence of a commit cannot be told now, if so.
    pub(super) fn doubt(&self) -> Option<&str> {
        match self {
            Self::Fenced { reason } | Self::Failing { reason, doubtful: true } => Some(reason),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_is_judged_by_the_file_that_failed() {
        let judge = |message: &str| Health::Sound.failed(&ErrorKind::IOError, message);
        let full = "IO error: No space left on device: While appending to file: /d/000012.log: No space left on device";
        assert_eq!(judge(full), Verdict::Refused(full.to_owned()));
        assert!(matches!(judge("IO error: While open a file for appending: /d/000013.sst: x"), Verdict::Refused(_)));
        assert_eq!(judge("IO error: While appending to file: /d/MANIFEST-000004: x"), Verdict::Unknown);
        let mut health = Health::Sound;
        assert_eq!(health.failed(&ErrorKind::IOError, "IO error: While fdatasync /d/000012.log: x"), Verdict::Unknown);
        assert!(matches!(health, Health::Fenced { .. }) && health.doubt().is_some());
    }
}
