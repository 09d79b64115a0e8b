//! A job: who asked for which records in which form, and what became of it.

use foundation::value::{Day, Instant};
use serde::{Deserialize, Serialize};

use crate::ask::FileFormat;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Waits for others to end.
    Queued,
    /// Rows are being written.
    Running,
    /// The file is whole.
    Done,
    /// It ended without a file; `code` and `detail` say why.
    Failed,
    /// Who asked for it ended it.
    Cancelled,
}

impl JobState {
    /// As in the API.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether it has not ended.
    #[must_use]
    pub fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Running)
    }
}

/// A job. The filter stands in it no longer than it runs: a value of a person may be in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// `J-` and 16 hexadecimal digits.
    pub id: String,
    /// Who asked: the token's subject.
    pub subject: String,
    /// Credit code of his department.
    pub department: String,
    /// His roles, as bits.
    pub roles: u16,
    /// How often the rights of his account had changed, if he has one here.
    pub epoch: Option<u64>,
    /// The grant named; empty = none.
    pub grant: String,
    /// The business case named; empty = none.
    pub case: String,
    /// The officer named; empty = none.
    pub officer: String,
    /// Purpose: the grant's, or the one given where no grant says it.
    pub purpose: String,
    /// `database/dataset`.
    pub dataset: String,
    /// Form of the file.
    pub format: FileFormat,
    /// Fields of the file, in the definition's order.
    pub columns: Vec<u16>,
    /// Those of them that are shown masked, sorted.
    pub masked: Vec<u16>,
    /// Digest of what the caller may read, as it was decided at `asked`: another digest ends the job.
    pub rights: String,
    /// Number of the proposal that was used up, if it took two people.
    pub proposal: Option<u64>,
    /// When it was asked for.
    pub asked_us: i64,
    /// When it ended.
    pub ended_us: Option<i64>,
    /// When job and file are deleted.
    pub expires_us: i64,
    /// Where it stands.
    pub state: JobState,
    /// Problem code of a failure; empty = none.
    pub code: String,
    /// The same in words.
    pub detail: String,
    /// Rows written so far.
    pub rows: u64,
    /// Bytes of the file so far.
    pub bytes: u64,
    /// SHA-256 of the whole file, hexadecimal.
    pub sha256: String,
    /// The day on which the rows are valid.
    pub valid_at: Option<Day>,
    /// The instant at which they were known.
    pub known_at: Option<Instant>,
}

impl Job {
    /// Whether this caller asked for it. The same person for another department did not.
    #[must_use]
    pub fn is_of(&self, subject: &str, department: &str) -> bool {
        !subject.is_empty() && self.subject == subject && self.department == department
    }

    /// The file's name for who takes it: no personal word stands in it.
    #[must_use]
    pub fn file_name(&self) -> String {
        let table = self.dataset.rsplit('/').next().unwrap_or_default();
        format!("{table}-{}.{}", self.id, self.format.as_str())
    }
}
