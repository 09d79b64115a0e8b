//! Records as a file: asking for one, and the jobs that make them.

use serde::{Deserialize, Serialize};

use super::{Act, SearchRequest};

/// The form of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileFormat {
    /// RFC 4180, UTF-8: a column a field.
    Csv,
    /// A record a line, as in the API.
    Ndjson,
    /// RFC 7946: a feature a record.
    GeoJson,
    /// ISO/IEC 29500: a column a field, texts.
    Xlsx,
}

impl FileFormat {
    /// All forms.
    pub const ALL: [Self; 4] = [Self::Csv, Self::Ndjson, Self::GeoJson, Self::Xlsx];

    /// As in the API, and the ending of the file's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Ndjson => "ndjson",
            Self::GeoJson => "geojson",
            Self::Xlsx => "xlsx",
        }
    }

    /// The form of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == word)
    }

    /// Its media type; that of imports of the same form.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Csv => "text/csv",
            Self::Ndjson => "application/x-ndjson",
            Self::GeoJson => "application/geo+json",
            Self::Xlsx => crate::evaluation::workbook::MEDIA_TYPE,
        }
    }
}

/// Records wanted as a file.
#[derive(Debug, Clone)]
pub struct ExportRequest {
    /// Which; a list of one dataset.
    pub search: SearchRequest,
    /// In which form.
    pub format: FileFormat,
    /// Purpose, where no grant says it.
    pub purpose: Option<String>,
}

/// A question about jobs, or a deed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobsRequest {
    /// The caller's own, the newest first.
    All,
    /// One.
    One(String),
    /// Its file.
    File(String),
    /// Ends it and deletes its file.
    Cancel(String),
}

impl JobsRequest {
    /// The name of the act.
    #[must_use]
    pub fn act(&self) -> Act {
        match self {
            Self::All | Self::One(_) => Act::Jobs,
            Self::File(_) => Act::Delivery,
            Self::Cancel(_) => Act::Export,
        }
    }
}
