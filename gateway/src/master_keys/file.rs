//! The file of master keys: mode 0600, outside the data directory, written whole or not at all.

use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use foundation::store::{Ring, RingError, Suite};

/// A file of master keys that cannot be used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum FileError {
    /// It lies in the data directory, where a copy of the data would take it along.
    #[error("{}: master keys lie outside the data directory; move the file and name it under `[seals] master-keys`", file.display())]
    Inside { file: PathBuf },
    /// Records are sealed and their master keys are not there.
    #[error(
        "{}: the master keys of this data directory are not there; without them its personal records cannot be read. Put the file back, or name it under `[seals] master-keys`",
        file.display()
    )]
    Missing { file: PathBuf },
    /// Others may read it.
    #[error("{}: others may read these keys; run `chmod 600` on the file", file.display())]
    Open { file: PathBuf },
    /// It cannot be read or written.
    #[error("{}: {source}", file.display())]
    Io { file: PathBuf, source: io::Error },
    /// It does not hold a ring.
    #[error("{}: {source}", file.display())]
    Ring { file: PathBuf, source: RingError },
    /// What was asked of it cannot be done.
    #[error("{}: {reason}", file.display())]
    Refused { file: PathBuf, reason: String },
}

/// Where the master keys of a data directory lie: as configured (relative to the directory that holds the data directory),
/// else beside it, under its name and `.master-keys.toml`.
///
/// # Errors
/// [`FileError::Inside`].
pub fn locate(data: &Path, configured: Option<&Path>) -> Result<PathBuf, FileError> {
    let whole = std::path::absolute(data).unwrap_or_else(|_| data.to_owned());
    let whole = whole.canonicalize().unwrap_or(whole);
    let file = match (configured, whole.parent(), whole.file_name()) {
        (Some(file), Some(parent), _) => parent.join(file),
        (Some(file), None, _) => file.to_owned(),
        (None, Some(parent), Some(name)) => {
            let mut name = name.to_owned();
            name.push(".master-keys.toml");
            parent.join(name)
        }
        (None, ..) => return Err(FileError::Inside { file: whole.join("master-keys.toml") }),
    };
    // Links and `..` lead nowhere else: the directory that holds it is what it is.
    let holds = file.parent().and_then(|parent| parent.canonicalize().ok());
    if file.starts_with(&whole) || holds.is_some_and(|parent| parent.starts_with(&whole)) {
        return Err(FileError::Inside { file });
    }
    Ok(file)
}

/// Reads the ring, or makes the first where nothing is sealed yet.
///
/// # Errors
/// [`FileError`]; nothing is made where `sealed` says that records are sealed already.
pub fn open(file: &Path, suite: Suite, sealed: bool) -> Result<Ring, FileError> {
    match read(file) {
        Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound && sealed => {
            Err(FileError::Missing { file: file.to_owned() })
        }
        Err(FileError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {
            let refused = |reason: String| FileError::Refused { file: file.to_owned(), reason };
            let ring = Ring::fresh(suite).map_err(|error| refused(error.to_string()))?;
            write(file, &ring)?;
            Ok(ring)
        }
        read => read,
    }
}

/// Reads a ring.
///
/// # Errors
/// [`FileError`].
pub(crate) fn read(file: &Path) -> Result<Ring, FileError> {
    let io = |source| FileError::Io { file: file.to_owned(), source };
    let meta = std::fs::metadata(file).map_err(io)?;
    if meta.permissions().mode() & 0o077 != 0 {
        return Err(FileError::Open { file: file.to_owned() });
    }
    let text = std::fs::read_to_string(file).map_err(io)?;
    Ring::parse(&text).map_err(|source| FileError::Ring { file: file.to_owned(), source })
}

/// Writes a ring in place of what is there.
///
/// # Errors
/// [`FileError::Io`]; what was there stays.
pub(crate) fn write(file: &Path, ring: &Ring) -> Result<(), FileError> {
    let part = file.with_extension("part");
    let write = || -> io::Result<()> {
        let _ = std::fs::remove_file(&part);
        let mut out = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&part)?;
        out.write_all(
            b"# Master keys of natbase. With these and the data directory every personal record can be read;\n",
        )?;
        out.write_all(b"# without them none can. Keep a copy, apart from the copies of the data.\n\n")?;
        out.write_all(ring.to_toml().as_bytes())?;
        out.sync_all()?;
        std::fs::rename(&part, file)?;
        match file.parent() {
            Some(parent) => std::fs::File::open(parent)?.sync_all(),
            None => Ok(()),
        }
    };
    write().map_err(|source| FileError::Io { file: file.to_owned(), source })
}

/// When it was last written.
pub(super) fn written(file: &Path) -> Option<SystemTime> {
    std::fs::metadata(file).and_then(|meta| meta.modified()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_lie_beside_the_data_and_never_in_it() {
        let dir = tempfile::tempdir().unwrap();
        let data = dir.path().join("data");
        std::fs::create_dir_all(data.join("keys")).unwrap();
        let root = dir.path().canonicalize().unwrap();
        assert_eq!(locate(&data, None).unwrap(), root.join("data.master-keys.toml"));
        assert_eq!(locate(&data, Some(Path::new("elsewhere.toml"))).unwrap(), root.join("elsewhere.toml"));
        let inside = data.join("keys/ring.toml");
        for inside in [inside.as_path(), Path::new("data/ring.toml"), Path::new("data/../data/keys/ring.toml")] {
            assert!(matches!(locate(&data, Some(inside)), Err(FileError::Inside { .. })), "{}", inside.display());
        }
    }

    #[test]
    fn a_ring_is_made_once_and_never_where_records_are_sealed_with_another() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("ring.toml");
        assert!(matches!(open(&file, Suite::Aes256Gcm, true), Err(FileError::Missing { .. })));
        let ring = open(&file, Suite::Sm4Gcm, false).unwrap();
        assert_eq!(open(&file, Suite::Aes256Gcm, true).unwrap(), ring);
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(open(&file, Suite::Aes256Gcm, true), Err(FileError::Open { .. })));
    }
}
