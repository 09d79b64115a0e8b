//! The definitions of a data directory: files `datasets/BASE/TABLE.toml`, which replace one of the program's own by a later
//! version of it, or add a dataset. A dataset that is registered while the server runs leaves its definition here.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use foundation::dataset::{Change, Dataset, DatasetName, Incompatible, compatible};

/// Field numbers from here on are free for definitions of a data directory; the program's own stay below.
pub const OWN_FIELDS_FROM: u16 = 1_000;
/// Folder in the data directory.
pub const FOLDER: &str = "datasets";

/// Why a definition of one's own does not stand on the program's.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum StandsError {
    /// Records of the program's definition do not survive it.
    #[error("it does not stand on the program's own definition, version {version}: {source}")]
    Incompatible { version: u32, source: Incompatible },
    /// A number that a later version of the program may give.
    #[error("field `{field}` has number {number}; fields of one's own are numbered from {OWN_FIELDS_FROM}")]
    Number { field: String, number: u16 },
}

/// Where definitions of one's own are kept, and what they must stand on.
#[derive(Debug, Clone, Default)]
pub struct Definitions {
    folder: PathBuf,
    built_in: BTreeMap<DatasetName, Arc<Dataset>>,
}

impl Definitions {
    /// Those of a data directory, over the program's own.
    #[must_use]
    pub fn new(data: &Path, built_in: impl IntoIterator<Item = Arc<Dataset>>) -> Self {
        let built_in = built_in.into_iter().map(|dataset| (dataset.name.clone(), dataset)).collect();
        Self { folder: data.join(FOLDER), built_in }
    }

    /// Whether a definition stands on the program's own of the same name, if there is one.
    ///
    /// # Errors
    /// [`StandsError`].
    pub fn stands(&self, own: &Dataset) -> Result<(), StandsError> {
        self.built_in.get(&own.name).map_or(Ok(()), |built_in| stands_on(built_in, own))
    }

    /// Keeps a definition, whole or not at all; gives what to put back should it not be taken.
    ///
    /// # Errors
    /// If the file cannot be read or written.
    pub fn keep(&self, name: &DatasetName, text: &str) -> std::io::Result<Kept> {
        let folder = self.folder.join(name.database().as_str());
        std::fs::create_dir_all(&folder)?;
        let file = folder.join(format!("{}.toml", name.table()));
        let before = match std::fs::read(&file) {
            Ok(before) => Some(before),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        write(&folder, &file, text.as_bytes())?;
        Ok(Kept { folder, file, before })
    }
}

/// A definition that was kept, and what stood there before.
#[derive(Debug)]
pub struct Kept {
    folder: PathBuf,
    file: PathBuf,
    before: Option<Vec<u8>>,
}

impl Kept {
    /// Puts back what stood there before.
    ///
    /// # Errors
    /// If the file cannot be written.
    pub fn put_back(self) -> std::io::Result<()> {
        match self.before {
            Some(before) => write(&self.folder, &self.file, &before),
            None => std::fs::remove_file(&self.file),
        }
    }
}

fn write(folder: &Path, file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut fresh = tempfile::NamedTempFile::new_in(folder)?;
    fresh.write_all(bytes)?;
    fresh.as_file().sync_all()?;
    fresh.persist(file)?;
    std::fs::File::open(folder)?.sync_all()
}

/// A definition of one's own is a later version of the program's, with fields of its own numbered apart.
///
/// # Errors
/// [`StandsError`].
pub fn stands_on(built_in: &Dataset, own: &Dataset) -> Result<(), StandsError> {
    let version = built_in.version;
    let changes = compatible(built_in, own).map_err(|source| StandsError::Incompatible { version, source })?;
    for change in changes {
        let Change::FieldAdded(field) = change else { continue };
        let number = own.field(&field).map_or(0, |field| field.number);
        if number < OWN_FIELDS_FROM {
            return Err(StandsError::Number { field, number });
        }
    }
    Ok(())
}
