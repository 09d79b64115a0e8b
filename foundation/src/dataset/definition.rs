//! Reading a definition from TOML.

use super::Dataset;

/// A definition that does not load: file, place, rule.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum DatasetError {
    /// Not TOML of this shape.
    #[error("{file}: {message}")]
    Syntax { file: String, message: String },
    /// A rule is broken.
    #[error("{file}: field `{field}`: {rule}")]
    Field { file: String, field: String, rule: String },
    /// A rule about the dataset as a whole is broken.
    #[error("{file}: {rule}")]
    Dataset { file: String, rule: String },
}

impl Dataset {
    /// Reads and checks a definition; `file` names it in errors.
    ///
    /// # Errors
    /// [`DatasetError`] with file, line (syntax) or field, and the rule.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, DatasetError> {
        let dataset: Self =
            toml::from_str(text).map_err(|e| DatasetError::Syntax { file: file.to_owned(), message: e.to_string() })?;
        super::check::check(&dataset, file)?;
        Ok(dataset)
    }
}
