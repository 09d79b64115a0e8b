//! What a demonstration loads: the sample that comes with the program, and the sets prepared on this machine.

use std::io::Read;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use foundation::dataset::DatasetName;
use serde::Deserialize;

use super::super::data_dir::{DataDir, write_whole};
use super::super::door::{Access, Door, escaped};
use super::super::import::{Upload, media_type, send};
use super::super::{Context, digest, node};

/// The committed sample, inside the program.
pub(in crate::cli) struct Sample;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../../../sample/", $name)))),*]
    };
}

/// Name and text of the sample's files.
const FILES: &[(&str, &str)] = files![
    "manifest.json",
    "persons.csv",
    "enterprises.csv",
    "shareholdings.csv",
    "divisions.ndjson",
    "divisions-former.ndjson",
    "countries.ndjson",
    "boundary-lines.ndjson",
    "places.ndjson",
    "indicators.csv",
    "observations-pwt.csv",
    "observations-wdi.csv",
    "works-shijing.ndjson",
    "works-tang.ndjson",
    "works-songci.ndjson",
];

impl Sample {
    /// The text of a file.
    pub(in crate::cli) fn get(name: &str) -> Option<&'static str> {
        FILES.iter().find(|(known, _)| *known == name).map(|(_, text)| *text)
    }
}

/// How long a first answer may wait for the index, milliseconds.
const INDEX_MS_MAX: u64 = 60_000;

/// Which files to load, in their order.
#[derive(Debug, Deserialize)]
struct Manifest {
    files: Vec<Set>,
}

/// A file of a manifest.
#[derive(Debug, Deserialize)]
struct Set {
    dataset: DatasetName,
    file: String,
    source: String,
    rows: u64,
    title: String,
    #[serde(default)]
    full: bool,
}

/// Loads the sample.
pub(super) async fn sample(door: &Door, data: &DataDir, context: &Context) -> anyhow::Result<()> {
    let manifest = Sample::get("manifest.json").context("the program holds no sample")?;
    let manifest: Manifest = serde_json::from_str(manifest).context("the sample's manifest")?;
    for set in &manifest.files {
        let file = Sample::get(&set.file).with_context(|| format!("the sample holds no {}", set.file))?;
        let digest = digest::of_bytes(file.as_bytes());
        let size = file.len() as u64;
        let input = Box::new(std::io::Cursor::new(file.as_bytes()));
        load(door, data, context, set, &digest, size, input).await?;
    }
    if let Door::Local(node) = door {
        for database in &node.databases {
            database.index_caught_up(INDEX_MS_MAX).await?;
        }
    }
    Ok(())
}

/// Loads the prepared sets; prepares them first if they are not there and the scripts are.
pub(super) async fn prepared(
    door: &Door,
    data: &DataDir,
    context: &Context,
    folder: &Path,
    full: bool,
) -> anyhow::Result<()> {
    let manifest = folder.join("manifest.json");
    if !manifest.exists() && !prepare(full).await? {
        eprintln!("natbase: nothing more to load: {} is not there (make data)", manifest.display());
        return Ok(());
    }
    let text = std::fs::read_to_string(&manifest).with_context(|| format!("{} cannot be read", manifest.display()))?;
    let manifest: Manifest = serde_json::from_str(&text).with_context(|| manifest.display().to_string())?;
    for set in manifest.files.iter().filter(|set| full || !set.full) {
        let path = folder.join(&set.file);
        let shown = || format!("{} cannot be read", path.display());
        let digest = digest::of_file(&path).with_context(shown)?;
        let file = std::fs::File::open(&path).with_context(shown)?;
        let size = file.metadata().map_or(0, |m| m.len());
        load(door, data, context, set, &digest, size, Box::new(file)).await?;
    }
    if let Door::Local(node) = door {
        // A first load leaves layers; merged they are smaller and quicker to read.
        let _ = node.stores.settle().await;
    }
    eprintln!("natbase: everything is loaded");
    Ok(())
}

/// Runs the preparation script, if this is a checkout that has it.
async fn prepare(full: bool) -> anyhow::Result<bool> {
    let script = Path::new("scripts/data/prepare.py");
    if !script.exists() {
        return Ok(false);
    }
    eprintln!("natbase: preparing the data sets (python3 {})", script.display());
    let mut command = tokio::process::Command::new("python3");
    command.arg(script).stdout(std::process::Stdio::null()).kill_on_drop(true);
    if full {
        command.arg("--full");
    }
    let status = command.status().await.context("python3 does not start")?;
    Ok(status.success())
}

/// Loads one set, unless this very file is loaded already.
async fn load(
    door: &Door,
    data: &DataDir,
    context: &Context,
    set: &Set,
    digest: &str,
    size: u64,
    input: Box<dyn Read + Send>,
) -> anyhow::Result<()> {
    let note = data.join("loaded").join(format!("{}.sha256", set.file));
    if std::fs::read_to_string(&note).is_ok_and(|known| known.trim() == digest) {
        return Ok(());
    }
    let started = Instant::now();
    let dataset = node::dataset(&set.dataset)?;
    let access = door.as_provider(context, &Access::default(), &dataset)?;
    let upload = Upload {
        what: format!("{} {}", set.dataset, set.title),
        media_type: media_type(&set.file)?,
        bytes: Some(size),
        key: Some(format!("sha256:{digest}")),
        input,
    };
    let query = format!("mode=delta&source={}", escaped(&set.source));
    let report = send(door, &dataset, &query, upload, &access).await.with_context(|| set.file.clone())?;
    let number = |name: &str| report.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    eprintln!(
        "loaded {} {}: {} of {} rows, {} rejected, {:.1} s",
        set.dataset,
        set.title,
        number("accepted"),
        set.rows,
        number("rejected"),
        started.elapsed().as_secs_f32()
    );
    if let Some(parent) = note.parent() {
        std::fs::create_dir_all(parent)?;
    }
    write_whole(&note, digest)
}
