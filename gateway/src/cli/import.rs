//! `natbase import DATASET FILE… --source CODE`.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use axum::http::Method;
use clap::Args;
use foundation::dataset::{Dataset, DatasetName};
use foundation::write::source::Format;
use serde_json::Value;

use super::door::{Access, Call, Door, Payload, escaped};
use super::progress::Progress;
use super::{Context, definitions, digest};

/// The exit code of a snapshot that would end more than 5 %: look at the preview and say `--confirm`.
const NEEDS_CONFIRM: u8 = 3;

/// Imports files; good rows are kept, refused ones reported. The same file again changes nothing.
#[derive(Debug, Args)]
pub(super) struct Import {
    /// The dataset, `population/persons`.
    dataset: DatasetName,
    /// CSV, XLSX, NDJSON or GeoJSON files; `-` reads NDJSON or CSV from standard input.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Credit code of the source. Default: the dataset's provider.
    #[arg(long, value_name = "CODE")]
    source: Option<String>,
    /// How columns become fields (TOML).
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Validate only.
    #[arg(long)]
    dry_run: bool,
    /// Into an empty dataset: faster, seen all at once when the batch ends.
    #[arg(long)]
    first_load: bool,
    /// delta: only what is sent changes; snapshot: what is missing ends.
    #[arg(long, default_value = "delta", value_parser = ["delta", "snapshot"])]
    mode: String,
    /// Rows without `_valid_from` hold from this day.
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<String>,
    /// Snapshot: go ahead although more than 5 % would end.
    #[arg(long)]
    confirm: bool,
    /// Encoding of text files. Default: detected.
    #[arg(long, value_parser = ["utf-8", "gb18030"])]
    encoding: Option<String>,
    /// Names the batch instead of the file's digest.
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    #[command(flatten)]
    access: Access,
}

impl Import {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        // A server that is given a token knows its datasets itself.
        let elsewhere = self.access.server.is_some() && self.access.bearer().is_some();
        let dataset = (!elsewhere).then(|| definitions::dataset(&context.data, &self.dataset)).transpose()?;
        let mapping = self
            .mapping
            .as_deref()
            .map(|file| std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display())));
        let mapping = mapping.transpose()?;
        let door = Door::open(context, &self.access).await?;
        let outcome = self.files(context, &door, dataset.as_deref(), mapping.as_deref()).await;
        door.close().await;
        outcome
    }

    async fn files(
        &self,
        context: &Context,
        door: &Door,
        dataset: Option<&Dataset>,
        mapping: Option<&str>,
    ) -> anyhow::Result<ExitCode> {
        let access = match dataset {
            Some(dataset) => door.as_provider(context, &self.access, dataset)?,
            None => self.access.clone(),
        };
        let mut code = ExitCode::SUCCESS;
        for file in &self.files {
            let upload = Upload::of_file(file, self.idempotency_key.clone())?;
            let report = send(door, &self.dataset, &self.query(mapping), upload, &access)
                .await
                .with_context(|| file.display().to_string())?;
            tell(&report, file, context.json);
            if report.get("state").and_then(Value::as_str) == Some("needs_confirm") {
                code = ExitCode::from(NEEDS_CONFIRM);
            }
        }
        Ok(code)
    }

    fn query(&self, mapping: Option<&str>) -> String {
        let mut query = format!("mode={}", self.mode);
        let mut add = |name: &str, value: Option<&str>| {
            if let Some(value) = value {
                query = format!("{query}&{name}={}", escaped(value));
            }
        };
        add("source", self.source.as_deref());
        add("as-of", self.as_of.as_deref());
        add("encoding", self.encoding.as_deref());
        add("mapping", mapping);
        add("confirm", self.confirm.then_some("true"));
        add("dry-run", self.dry_run.then_some("true"));
        add("first-load", self.first_load.then_some("true"));
        query
    }
}

/// Something to import: bytes, their kind, and what names the batch.
pub(super) struct Upload {
    /// Shown while it goes.
    pub(super) what: String,
    /// Media type.
    pub(super) media_type: &'static str,
    /// Size, if known.
    pub(super) bytes: Option<u64>,
    /// Idempotency key.
    pub(super) key: Option<String>,
    /// The bytes.
    pub(super) input: Box<dyn Read + Send>,
}

impl Upload {
    /// A file, or standard input for `-`.
    pub(super) fn of_file(file: &Path, key: Option<String>) -> anyhow::Result<Self> {
        if file.as_os_str() == "-" {
            return Self::of_standard_input(key);
        }
        let shown = file.display().to_string();
        let media_type = media_type(&shown)?;
        let opened = std::fs::File::open(file).with_context(|| format!("{shown} cannot be read"))?;
        let bytes = opened.metadata().map(|m| m.len()).ok();
        let key = match key {
            Some(key) => key,
            None => format!("sha256:{}", digest::of_file(file).with_context(|| format!("{shown} cannot be read"))?),
        };
        Ok(Self { what: shown, media_type, bytes, key: Some(key), input: Box::new(opened) })
    }

    fn of_standard_input(key: Option<String>) -> anyhow::Result<Self> {
        let mut input = std::io::stdin();
        let mut first = [0_u8; 1];
        let count = input.read(&mut first)?;
        let media_type = if first == *b"{" { "application/x-ndjson" } else { "text/csv" };
        let head = std::io::Cursor::new(first.get(..count).unwrap_or_default().to_vec());
        Ok(Self { what: "standard input".into(), media_type, bytes: None, key, input: Box::new(head.chain(input)) })
    }
}

/// The media type of a file's name.
pub(super) fn media_type(name: &str) -> anyhow::Result<&'static str> {
    match Format::of_name(name) {
        Some(Format::Csv) => Ok("text/csv"),
        Some(Format::Ndjson) => Ok("application/x-ndjson"),
        Some(Format::GeoJson) => Ok("application/geo+json"),
        Some(Format::Xlsx) => Ok("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        None => bail!("{name}: csv, tsv, xlsx, ndjson, geojson or json was expected at the end of the name"),
    }
}

/// Sends an upload and gives the batch's report.
pub(super) async fn send(
    door: &Door,
    dataset: &DatasetName,
    query: &str,
    upload: Upload,
    access: &Access,
) -> anyhow::Result<Value> {
    let progress = Progress::start(&upload.what, upload.bytes);
    let input = progress.counting(upload.input, upload.bytes);
    let call = Call {
        method: Method::POST,
        path: format!("/api/v1/datasets/{dataset}/records:import?{query}"),
        access,
        key: upload.key,
        payload: Payload::Stream { media_type: upload.media_type, input },
    };
    let reply = door.call(call).await;
    progress.done();
    reply?.json()
}

/// Prints a report: JSON, or a line a file and one a problem.
fn tell(report: &Value, file: &Path, json: bool) {
    if json {
        println!("{report}");
        return;
    }
    let number = |name: &str| report.get(name).and_then(Value::as_u64).unwrap_or(0);
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    println!(
        "{}: batch {}, {} accepted ({} changed, {} unchanged), {} rejected",
        file.display(),
        text(report, "batch"),
        number("accepted"),
        number("changed"),
        number("unchanged"),
        number("rejected"),
    );
    for problem in report.get("problems").and_then(Value::as_array).into_iter().flatten().take(20) {
        let line = problem.get("line").and_then(Value::as_u64).unwrap_or(0);
        println!("  line {line}, {}: {} ({})", text(problem, "field"), text(problem, "message"), text(problem, "rule"));
    }
    if let Some(why) = report.get("cut_off").and_then(Value::as_str) {
        println!("  cut off: {why}");
    }
}
