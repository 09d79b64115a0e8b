//! An entry as TOML: a dataset's definition, as it would be served.

use foundation::dataset::{Dataset, DatasetError};

use super::items::Items;

/// A definition that makes no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TomlError {
    /// Not UTF-8.
    #[error("the definition is not UTF-8")]
    Text,
    /// A rule of definitions is broken; file, field or line, and the rule.
    #[error(transparent)]
    Definition(#[from] DatasetError),
}

/// The items of the entry that a definition makes.
///
/// # Errors
/// [`TomlError`] with the place and the rule.
pub fn read(bytes: &[u8]) -> Result<Items, TomlError> {
    let text = std::str::from_utf8(bytes).map_err(|_| TomlError::Text)?;
    Ok(Items::of(&Dataset::from_toml(text, "definition")?))
}
