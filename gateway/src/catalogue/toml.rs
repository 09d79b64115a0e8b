//! An entry as TOML: a dataset's definition, as it is to be served.

use foundation::dataset::{Dataset, DatasetError};
use foundation::value::Day;

/// Most bytes of a definition: it is kept with the step that brings it.
pub const DEFINITION_BYTES_MAX: usize = 24 << 10;

/// A definition that makes no entry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TomlError {
    /// Not UTF-8.
    #[error("the definition is not UTF-8")]
    Text,
    /// Too long.
    #[error("the definition has {0} bytes; at most {DEFINITION_BYTES_MAX} are taken")]
    Long(usize),
    /// A rule of definitions is broken; file, field or line, and the rule.
    #[error(transparent)]
    Definition(#[from] DatasetError),
    /// It cannot be written again.
    #[error("the definition cannot be written: {0}")]
    Unwritable(String),
}

/// A definition, and its text.
///
/// # Errors
/// [`TomlError`] with the place and the rule.
pub fn read(bytes: &[u8]) -> Result<(Dataset, String), TomlError> {
    let text = std::str::from_utf8(bytes).map_err(|_| TomlError::Text)?;
    if text.len() > DEFINITION_BYTES_MAX {
        return Err(TomlError::Long(text.len()));
    }
    Ok((Dataset::from_toml(text, "definition")?, text.to_owned()))
}

/// A definition with what the announcement gave it: resource code and day of publication.
///
/// # Errors
/// [`TomlError`].
pub fn announced(text: &str, code: &str, published: Day) -> Result<(Dataset, String), TomlError> {
    let unwritable = |error: &dyn std::fmt::Display| TomlError::Unwritable(error.to_string());
    let mut table: toml::Table = toml::from_str(text).map_err(|e| unwritable(&e))?;
    table.insert("resource-code".to_owned(), code.into());
    table.insert("published".to_owned(), published.to_string().into());
    let text = toml::to_string(&table).map_err(|e| unwritable(&e))?;
    Ok((Dataset::from_toml(&text, "definition")?, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORKS: &str = include_str!("../../../culture/datasets/works.toml");

    #[test]
    fn what_the_announcement_gives_stands_in_the_definition_and_nothing_else_changes() {
        let (before, text) = read(WORKS.as_bytes()).expect("a definition");
        let day = Day::parse("2027-01-01").expect("a date");
        let (after, written) = announced(&text, "304001/000099", day).expect("completed");
        assert_eq!((after.resource_code.as_str(), after.published.as_str()), ("304001/000099", "2027-01-01"));
        let as_before =
            Dataset { resource_code: before.resource_code.clone(), published: before.published.clone(), ..after };
        assert_eq!(format!("{as_before:?}"), format!("{before:?}"));
        let (again, _) = read(written.as_bytes()).expect("what was written is read");
        assert_eq!(again.fields.len(), before.fields.len());
    }

    #[test]
    fn a_definition_too_long_to_be_kept_is_refused_with_its_length() {
        let long = format!("{WORKS}\n# {}", "x".repeat(DEFINITION_BYTES_MAX));
        assert_eq!(read(long.as_bytes()).map(|_| ()), Err(TomlError::Long(long.len())));
    }
}
