//! An entry that comes as a file.

use axum::body::to_bytes;

use super::super::super::Permit;
use super::{CompilingAnswer, steps};
use crate::app::App;
use crate::ask::{DraftFile, DraftFormat};
use crate::catalogue::{Items, Said, Verb, metadata, sheet, toml};
use crate::problem::{Code, Problem};

/// Most bytes of a file of one entry.
const FILE_BYTES_MAX: usize = 1 << 20;

/// Reads the file and begins an entry, or a change of the one named.
pub(super) async fn draft(app: &App, permit: &Permit, file: DraftFile) -> Result<CompilingAnswer, Problem> {
    let too_large = |_| Problem::new(Code::BodyTooLarge, format!("at most {FILE_BYTES_MAX} bytes are taken"));
    let bytes = to_bytes(file.body.take().unwrap_or_default(), FILE_BYTES_MAX).await.map_err(too_large)?;
    let format = file.format;
    let read = tokio::task::spawn_blocking(move || items(format, &bytes)).await;
    let items = read.map_err(|_| Problem::new(Code::Internal, "the file was not read"))??;
    let said = Said { items: Some(Box::new(items)), demand: file.demand, reason: file.reason, ..Said::default() };
    match file.entry {
        None => steps::begin(app, permit, said).await,
        Some(entry) => {
            let verb = if steps::is_written(app, &entry).await? { Verb::Revise } else { Verb::Amend };
            steps::step(app, permit, &entry, verb, said).await
        }
    }
}

/// The items of a file.
fn items(format: DraftFormat, bytes: &[u8]) -> Result<Items, Problem> {
    let unreadable = |reason: String| Problem::new(Code::InvalidBody, reason);
    match format {
        DraftFormat::Toml => toml::read(bytes).map_err(|error| unreadable(error.to_string())),
        DraftFormat::Xlsx => sheet::read(bytes).map_err(|error| unreadable(error.to_string())),
        DraftFormat::Xml => metadata::read(bytes).map(|read| read.items).map_err(|error| unreadable(error.to_string())),
    }
}
