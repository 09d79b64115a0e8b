//! Which policies and grants of the disk are in force: as they lie there, or those alone that two people have approved.
//!
//! With `[policy] two-people` nothing that lies on disk comes into force by lying there. What is in force is kept whole in
//! `policies-in-force.json`; which digest that must be says the register of measures, whose events are judged again at every
//! start. A directory, or a copy, that was changed behind the gateway's back is not taken over a restart.

use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{Files, GrantsError, Places, RulesError, Stamp};

/// What is in force, under the data directory.
pub const KEPT: &str = "policies-in-force.json";

/// Why it cannot be said what is in force.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum ForceError {
    /// The files on disk.
    #[error(transparent)]
    Rules(#[from] RulesError),
    /// The grants among them.
    #[error(transparent)]
    Grants(#[from] GrantsError),
    /// The copy.
    #[error("{}: cannot be written", file.display())]
    Kept { file: PathBuf, source: std::io::Error },
    /// The copy is not what was approved.
    #[error("{}: is not the policies in force, whose digest is {digest}; put back the copy, or those files on disk", file.display())]
    Lost { file: PathBuf, digest: String },
}

/// How what lies on disk stands to what is in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OnDisk {
    /// The same.
    Same,
    /// Other files, of this digest.
    Differs(String),
    /// Files that cannot be used; why, with the place.
    Broken(String),
}

struct State {
    in_force: String,
    stamp: Stamp,
    files: Files,
    on_disk: OnDisk,
}

/// The keeper of what is in force.
pub struct Force {
    places: Places,
    kept: PathBuf,
    two_people: bool,
    state: Mutex<State>,
}

impl Force {
    /// Finds what is in force: `approved` is the digest that two people approved last, if they ever did.
    ///
    /// Before the first approval it is the program's own policies and no grants of the file.
    /// # Errors
    /// [`ForceError`].
    pub fn open(
        places: Places,
        data: &Path,
        two_people: bool,
        approved: Option<&str>,
    ) -> Result<(Self, Files), ForceError> {
        let kept = data.join(KEPT);
        let in_force = match (two_people, approved) {
            (false, _) => places.read()?,
            (true, None) => Files::default(),
            (true, Some(digest)) => approved_files(&kept, &places, digest)?,
        };
        let state =
            State { in_force: in_force.digest(), stamp: Stamp::new(), files: in_force.clone(), on_disk: OnDisk::Same };
        let force = Self { places, kept, two_people, state: Mutex::new(state) };
        force.look();
        Ok((force, in_force))
    }

    /// Whether policies take two people.
    #[must_use]
    pub fn takes_two(&self) -> bool {
        self.two_people
    }

    /// Where the files lie.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.places
    }

    /// Digest of what is in force.
    #[must_use]
    pub fn in_force(&self) -> String {
        self.state().in_force.clone()
    }

    /// How the disk stands to what is in force, as of the last look.
    #[must_use]
    pub fn on_disk(&self) -> OnDisk {
        self.state().on_disk.clone()
    }

    /// Looks at the disk; reads what changed since the last look. Gives the files that lie there if they are others.
    ///
    /// Cost: the times of the files; a reading of them all when one changed.
    pub fn look(&self) -> Option<(Files, String)> {
        let stamp = self.places.stamp();
        let mut state = self.state();
        if state.stamp != stamp {
            state.stamp = stamp;
            let before = state.on_disk.clone();
            match self.places.read() {
                Ok(files) => {
                    let digest = files.digest();
                    state.on_disk = if digest == state.in_force { OnDisk::Same } else { OnDisk::Differs(digest) };
                    state.files = files;
                }
                Err(error) => state.on_disk = OnDisk::Broken(error.to_string()),
            }
            if state.on_disk != before && self.two_people {
                tell(&state.on_disk, &state.in_force);
            }
        }
        match &state.on_disk {
            OnDisk::Differs(digest) => Some((state.files.clone(), digest.clone())),
            OnDisk::Same | OnDisk::Broken(_) => None,
        }
    }

    /// Notes why files of the disk cannot come into force.
    pub(crate) fn refuse(&self, why: &str) {
        let mut state = self.state();
        if state.on_disk != OnDisk::Broken(why.to_owned()) {
            tracing::error!(why, "the policies on disk were approved and cannot be used; those in force stay");
            state.on_disk = OnDisk::Broken(why.to_owned());
        }
    }

    /// Writes the copy beside its place: it is there whole before the approval of it is used up.
    ///
    /// # Errors
    /// [`ForceError::Kept`].
    pub(crate) fn prepare(&self, files: &Files) -> Result<(), ForceError> {
        write(&next(&self.kept), files)
    }

    /// The copy takes its place: from now on it is in force.
    ///
    /// # Errors
    /// [`ForceError::Kept`]; the next start finds the copy beside its place.
    pub(crate) fn settle(&self, digest: &str) -> Result<(), ForceError> {
        {
            let mut state = self.state();
            digest.clone_into(&mut state.in_force);
            // What lies on disk is compared anew.
            state.stamp = Stamp::new();
        }
        let kept = |source| ForceError::Kept { file: self.kept.clone(), source };
        std::fs::rename(next(&self.kept), &self.kept).map_err(kept)?;
        self.look();
        Ok(())
    }

    /// Notes that files of the disk are in force, where that takes nobody.
    pub(crate) fn taken(&self, digest: &str) {
        let mut state = self.state();
        digest.clone_into(&mut state.in_force);
        state.on_disk = OnDisk::Same;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn tell(on_disk: &OnDisk, in_force: &str) {
    match on_disk {
        OnDisk::Same => tracing::info!(in_force, "policies on disk are those in force"),
        OnDisk::Differs(digest) => {
            tracing::warn!(
                digest,
                in_force,
                "policies on disk differ from those in force: two people approve their digest"
            );
        }
        OnDisk::Broken(why) => tracing::error!(why, in_force, "policies on disk cannot be used; those in force stay"),
    }
}

fn next(kept: &Path) -> PathBuf {
    kept.with_extension("next")
}

/// The files of an approved digest: the copy, the one beside it if a stop came between, or those on disk.
fn approved_files(kept: &Path, places: &Places, digest: &str) -> Result<Files, ForceError> {
    let of = |file: &Path| -> Option<Files> { serde_json::from_slice(&std::fs::read(file).ok()?).ok() };
    let is_it = |files: &Files| files.digest() == digest;
    if let Some(files) = of(kept).filter(is_it) {
        return Ok(files);
    }
    let found = of(&next(kept)).filter(is_it).or_else(|| places.read().ok().filter(is_it));
    let files = found.ok_or_else(|| ForceError::Lost { file: kept.to_owned(), digest: digest.to_owned() })?;
    write(kept, &files)?;
    Ok(files)
}

/// Reads the copy of what is in force, if there is one; whether it is the approved one is not asked.
#[must_use]
pub fn kept(data: &Path) -> Option<Files> {
    serde_json::from_slice(&std::fs::read(data.join(KEPT)).ok()?).ok()
}

fn write(file: &Path, files: &Files) -> Result<(), ForceError> {
    let part = file.with_extension("part");
    let put = || -> std::io::Result<()> {
        let text = serde_json::to_vec(files).map_err(std::io::Error::other)?;
        let mut options = std::fs::OpenOptions::new();
        let mut out = options.write(true).create(true).truncate(true).mode(0o600).open(&part)?;
        out.write_all(&text)?;
        out.sync_all()?;
        std::fs::rename(&part, file)?;
        file.parent().map_or(Ok(()), |parent| std::fs::File::open(parent)?.sync_all())
    };
    put().map_err(|source| ForceError::Kept { file: file.to_owned(), source })
}
