//! `natbase export DATASET`: page by page as NDJSON, or as a file that the server makes.

mod file;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use axum::http::Method;
use clap::Args;
use foundation::dataset::{Dataset, DatasetName};
use serde_json::Value;

use super::door::{Access, Call, Door, Payload, escaped};
use super::{Context, definitions};

/// Records of a page.
const PAGE: usize = 1_000;

/// Writes a dataset's records, a JSON object a line, page by page at one known time; with `--format`, asks the server for a
/// file, waits for it, fetches it and checks its digest.
#[derive(Debug, Args)]
pub(super) struct Export {
    /// The dataset, `culture/works`.
    dataset: DatasetName,
    /// CQL2 text.
    #[arg(long)]
    filter: Option<String>,
    /// As a file made by the server: csv, ndjson, geojson or xlsx. What is not open takes a grant and two people's approval.
    #[arg(long, value_name = "FORMAT", requires = "out", value_parser = ["csv", "ndjson", "geojson", "xlsx"])]
    format: Option<String>,
    /// With `--format`: fields by commas. Default: all that may be read.
    #[arg(long, requires = "format")]
    fields: Option<String>,
    /// With `--format`: what it is for, where no grant says it.
    #[arg(long, requires = "format")]
    purpose: Option<String>,
    /// With `--format`: the day on which the records are valid. Default: today.
    #[arg(long, value_name = "DAY", requires = "format")]
    valid_at: Option<String>,
    /// With `--format`: as known at this instant. Default: now.
    #[arg(long, value_name = "INSTANT", requires = "format")]
    known_at: Option<String>,
    /// Where to. Default: standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Only what the public may read.
    #[arg(long)]
    public: bool,
    #[command(flatten)]
    access: Access,
}

impl Export {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        if let (Some(format), Some(out)) = (&self.format, &self.out) {
            return self.as_file(context, format, out).await;
        }
        let dataset = definitions::dataset(&context.data, &self.dataset)?;
        let mut out: Box<dyn Write> = match &self.out {
            Some(file) => Box::new(std::io::BufWriter::new(
                std::fs::File::create(file).with_context(|| format!("{} cannot be written", file.display()))?,
            )),
            None => Box::new(std::io::BufWriter::new(std::io::stdout())),
        };
        let door = Door::open(context, &self.access).await?;
        let outcome = self.pages(context, &door, &dataset, &mut out).await;
        door.close().await;
        let count = outcome?;
        out.flush()?;
        eprintln!("{count} records of {}", dataset.name);
        Ok(ExitCode::SUCCESS)
    }

    async fn pages(
        &self,
        context: &Context,
        door: &Door,
        dataset: &Dataset,
        out: &mut Box<dyn Write>,
    ) -> anyhow::Result<u64> {
        let access = if self.public { self.access.clone() } else { door.as_provider(context, &self.access, dataset)? };
        let filter = self.filter.as_ref().map(|f| format!("&filter={}", escaped(f))).unwrap_or_default();
        let (mut cursor, mut count) = (String::new(), 0);
        loop {
            let path = format!("/api/v1/datasets/{}/records?limit={PAGE}{filter}{cursor}", dataset.name);
            let call = Call { method: Method::GET, path, access: &access, key: None, payload: Payload::Empty };
            let page = door.call(call).await?.json()?;
            for item in page.get("items").and_then(Value::as_array).into_iter().flatten() {
                writeln!(out, "{item}")?;
                count += 1;
            }
            match page.get("next").and_then(Value::as_str) {
                Some(next) => cursor = format!("&cursor={}", escaped(next)),
                None => return Ok(count),
            }
        }
    }
}
