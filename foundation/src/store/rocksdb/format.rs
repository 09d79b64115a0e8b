//! The directory: one process at a time, and a format number.
//!
//! ```text
//! DIR/lock     held with an advisory lock while the store is open
//! DIR/FORMAT   `natbase store format 1`
//! DIR/rows/    RocksDB's own files
//! DIR/loading/ tables of a load that is being taken in; what a crash left there is removed when opening
//! ```

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// The format this program writes; it reads every one up to it.
const FORMAT: u32 = 1;
const NAME: &str = "natbase store format ";

/// A directory claimed for this process until it is dropped.
pub(super) struct Claim {
    /// Where RocksDB's files lie.
    pub(super) rows: PathBuf,
    /// Where tables are made ready.
    pub(super) loading: PathBuf,
    _lock: File,
}

/// Makes or claims `path` and checks its format.
///
/// # Errors
/// [`StoreError::InUse`], [`StoreError::NewerFormat`]; [`StoreError::Corrupt`] if there are rows but no readable format.
pub(super) fn claim(path: &Path) -> Result<Claim, StoreError> {
    fs::create_dir_all(path).map_err(|error| unavailable(path, &error))?;
    let lock_path = path.join("lock");
    let lock = File::options().create(true).write(true).truncate(false).open(&lock_path);
    let lock = lock.map_err(|error| unavailable(&lock_path, &error))?;
    match lock.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Err(StoreError::InUse { path: path.display().to_string() }),
        Err(TryLockError::Error(error)) => return Err(unavailable(&lock_path, &error)),
    }
    let rows = path.join("rows");
    check_format(path, &rows)?;
    let loading = path.join("loading");
    match fs::remove_dir_all(&loading) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(unavailable(&loading, &error)),
        _ => Ok(Claim { rows, loading, _lock: lock }),
    }
}

fn check_format(path: &Path, rows: &Path) -> Result<(), StoreError> {
    let file = path.join("FORMAT");
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound && !rows.exists() => {
            return write_format(path, &file).map_err(|error| unavailable(&file, &error));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Err(StoreError::Corrupt { what: format!("`{}` is missing beside its rows", file.display()) });
        }
        Err(error) => return Err(unavailable(&file, &error)),
    };
    let found = text.strip_prefix(NAME).and_then(|number| number.trim_end().parse::<u32>().ok());
    match found {
        Some(1..=FORMAT) => Ok(()),
        Some(found) if found > FORMAT => {
            Err(StoreError::NewerFormat { path: path.display().to_string(), found, known: FORMAT })
        }
        _ => Err(StoreError::Corrupt { what: format!("`{}` does not name a format", file.display()) }),
    }
}

/// Writes the file whole or not at all: a crash leaves no half-written format.
fn write_format(path: &Path, file: &Path) -> io::Result<()> {
    let fresh = path.join("FORMAT.new");
    let mut out = File::create(&fresh)?;
    writeln!(out, "{NAME}{FORMAT}")?;
    out.sync_all()?;
    fs::rename(&fresh, file)?;
    File::open(path)?.sync_all()
}

fn unavailable(path: &Path, error: &io::Error) -> StoreError {
    StoreError::Unavailable { reason: format!("`{}`: {error}", path.display()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim_with(format: &str) -> Result<Claim, StoreError> {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("FORMAT"), format).unwrap();
        claim(dir.path())
    }

    #[test]
    fn a_directory_is_claimed_once_and_free_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = claim(dir.path()).unwrap();
        assert!(matches!(claim(dir.path()), Err(StoreError::InUse { .. })));
        drop(first);
        assert!(claim(dir.path()).is_ok());
    }

    #[test]
    fn a_newer_format_is_refused_with_what_to_do() {
        let error = claim_with("natbase store format 2\n").err().unwrap();
        assert!(matches!(error, StoreError::NewerFormat { found: 2, known: FORMAT, .. }));
        assert!(error.to_string().contains("use the newer release"));
    }

    #[test]
    fn a_format_that_cannot_be_read_or_is_missing_is_damage() {
        for format in ["", "natbase store format x\n", "natbase store format 0\n", "other\n"] {
            assert!(matches!(claim_with(format), Err(StoreError::Corrupt { .. })), "{format:?}");
        }
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("rows")).unwrap();
        assert!(matches!(claim(dir.path()), Err(StoreError::Corrupt { .. })));
    }
}
