//! Import requests.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use axum::body::Body;
use foundation::dataset::DatasetName;
use foundation::service::ImportMode;
use foundation::value::Day;

/// What the body of an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UploadFormat {
    /// `text/csv`.
    Csv,
    /// `application/x-ndjson`.
    Ndjson,
    /// `application/geo+json`.
    GeoJson,
    /// `application/vnd.openxmlformats-officedocument.spreadsheetml.sheet`.
    Xlsx,
}

/// A body that can be taken once.
pub struct Upload(Mutex<Option<Body>>);

impl Upload {
    /// Holds a body.
    #[must_use]
    pub fn new(body: Body) -> Self {
        Self(Mutex::new(Some(body)))
    }
    /// The body, the first time.
    #[must_use]
    pub fn take(&self) -> Option<Body> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl fmt::Debug for Upload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Upload(…)")
    }
}

/// A batch of rows on its way in.
#[derive(Debug)]
pub struct ImportRequest {
    /// Dataset.
    pub dataset: DatasetName,
    /// Credit code of the source; `None` = the caller's department.
    pub source: Option<String>,
    /// Mode.
    pub mode: ImportMode,
    /// Changes without `_valid_from` hold from this day.
    pub as_of: Option<Day>,
    /// Snapshot: go ahead although more than 5 % would end.
    pub confirm: bool,
    /// Validate only.
    pub dry_run: bool,
    /// Into an empty dataset, all at once when the batch ends.
    pub first_load: bool,
    /// Declared character encoding; `None` = detected.
    pub encoding: Option<String>,
    /// Mapping of columns to fields, JSON text.
    pub mapping: Option<String>,
    /// Idempotency key; `None` = this request is a batch of its own.
    pub key: Option<String>,
    /// What the body is.
    pub format: UploadFormat,
    /// The body, streamed.
    pub body: Upload,
}
