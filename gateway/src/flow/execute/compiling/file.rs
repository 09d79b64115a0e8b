//! An entry that comes as a file.

use axum::body::to_bytes;
use foundation::dataset::Dataset;

use super::super::super::Permit;
use super::{CompilingAnswer, serve, steps};
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
    let (items, definition) = read.map_err(|_| Problem::new(Code::Internal, "the file was not read"))??;
    if let Some((dataset, _)) = &definition {
        serve::fits(app, dataset)?;
    }
    let definition = definition.map(|(_, text)| text);
    let items = Some(Box::new(items));
    let said = Said { items, definition, demand: file.demand, reason: file.reason, ..Said::default() };
    match file.entry {
        None => steps::begin(app, permit, said).await,
        Some(entry) => {
            let verb = if steps::is_written(app, &entry).await? { Verb::Revise } else { Verb::Amend };
            steps::step(app, permit, &entry, verb, said).await
        }
    }
}

/// The items of a file, and the definition, if it is one.
fn items(format: DraftFormat, bytes: &[u8]) -> Result<(Items, Option<(Dataset, String)>), Problem> {
    let unreadable = |error: &dyn std::fmt::Display| Problem::new(Code::InvalidBody, error.to_string());
    match format {
        DraftFormat::Toml => {
            let definition = toml::read(bytes).map_err(|error| unreadable(&error))?;
            Ok((Items::of(&definition.0), Some(definition)))
        }
        DraftFormat::Xlsx => sheet::read(bytes).map(|items| (items, None)).map_err(|error| unreadable(&error)),
        DraftFormat::Xml => metadata::read(bytes).map(|read| (read.items, None)).map_err(|error| unreadable(&error)),
    }
}
