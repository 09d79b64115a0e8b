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
use super::super::{Context, definitions, digest, synth};
use super::figures::Figures;

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
/// How long the index may take after everything is loaded, milliseconds.
const INDEX_ALL_MS_MAX: u64 = 3_600_000;
/// Seed of the synthetic nation.
const SEED: u64 = 1;

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
pub(super) async fn sample(
    door: &Door,
    data: &DataDir,
    context: &Context,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let manifest = Sample::get("manifest.json").context("the program holds no sample")?;
    let manifest: Manifest = serde_json::from_str(manifest).context("the sample's manifest")?;
    for set in &manifest.files {
        let file = Sample::get(&set.file).with_context(|| format!("the sample holds no {}", set.file))?;
        let digest = digest::of_bytes(file.as_bytes());
        let size = file.len() as u64;
        let input = Box::new(std::io::Cursor::new(file.as_bytes()));
        load(door, data, context, &Loading { set, folder: "", digest: &digest, size }, input, figures).await?;
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
    nation: Option<u64>,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let full = nation.is_some();
    let manifest = folder.join("manifest.json");
    if manifest.exists() || prepare(full).await? {
        every(door, data, context, folder, "", full, figures).await?;
    } else {
        eprintln!("natbase: no real data to load: {} is not there (make data)", manifest.display());
    }
    if let Some(persons) = nation {
        invented(door, data, context, persons, figures).await?;
    }
    if let Door::Local(node) = door {
        // A first load leaves layers; merged they are smaller and quicker to read.
        let _ = node.stores.settle().await;
        for database in &node.databases {
            database.index_caught_up(INDEX_ALL_MS_MAX).await?;
        }
    }
    eprintln!("natbase: everything is loaded");
    Ok(())
}

/// Makes the synthetic nation and loads it; its files go when they are in.
async fn invented(
    door: &Door,
    data: &DataDir,
    context: &Context,
    persons: u64,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let note = data.join("loaded").join("nation");
    if std::fs::read_to_string(&note).is_ok_and(|known| known.trim() == persons.to_string()) {
        return Ok(());
    }
    let folder = data.join("nation");
    let place = folder.clone();
    tokio::task::spawn_blocking(move || synth::write(SEED, persons, None, &place)).await??;
    every(door, data, context, &folder, "nation-", true, figures).await?;
    std::fs::remove_dir_all(&folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
    write_whole(&note, &persons.to_string())
}

/// Loads every set that a folder's manifest names.
async fn every(
    door: &Door,
    data: &DataDir,
    context: &Context,
    folder: &Path,
    label: &str,
    full: bool,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let manifest = folder.join("manifest.json");
    let text = std::fs::read_to_string(&manifest).with_context(|| format!("{} cannot be read", manifest.display()))?;
    let manifest: Manifest = serde_json::from_str(&text).with_context(|| manifest.display().to_string())?;
    for set in manifest.files.iter().filter(|set| full || !set.full) {
        let path = folder.join(&set.file);
        let shown = || format!("{} cannot be read", path.display());
        let digest = digest::of_file(&path).with_context(shown)?;
        let file = std::fs::File::open(&path).with_context(shown)?;
        let size = file.metadata().map_or(0, |m| m.len());
        let loading = Loading { set, folder: label, digest: &digest, size };
        load(door, data, context, &loading, Box::new(file), figures).await?;
    }
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

/// A set about to be loaded.
struct Loading<'a> {
    set: &'a Set,
    /// Tells files of one name in several folders apart.
    folder: &'a str,
    digest: &'a str,
    size: u64,
}

/// Loads one set, unless this very file is loaded already.
async fn load(
    door: &Door,
    data: &DataDir,
    context: &Context,
    loading: &Loading<'_>,
    input: Box<dyn Read + Send>,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let Loading { set, folder, digest, size } = *loading;
    let note = data.join("loaded").join(format!("{folder}{}.sha256", set.file));
    if std::fs::read_to_string(&note).is_ok_and(|known| known.trim() == digest) {
        return Ok(());
    }
    let started = Instant::now();
    let dataset = definitions::dataset(&context.data, &set.dataset)?;
    let access = door.as_provider(context, &Access::default(), &dataset)?;
    let upload = Upload {
        what: format!("{} {}", set.dataset, set.title),
        media_type: media_type(&set.file)?,
        bytes: Some(size),
        key: Some(format!("sha256:{digest}")),
        input,
    };
    let query = format!("mode=delta&source={}", escaped(&set.source));
    let report = send(door, &dataset.name, &query, upload, &access).await.with_context(|| set.file.clone())?;
    let number = |name: &str| report.get(name).and_then(serde_json::Value::as_u64).unwrap_or(0);
    let (accepted, rejected, took) = (number("accepted"), number("rejected"), started.elapsed());
    eprintln!(
        "loaded {} {}: {accepted} of {} rows, {rejected} rejected, {:.1} s",
        set.dataset,
        set.title,
        set.rows,
        took.as_secs_f32()
    );
    figures.set(&set.dataset, &set.title, accepted, rejected, took);
    if let Some(parent) = note.parent() {
        std::fs::create_dir_all(parent)?;
    }
    write_whole(&note, digest)
}
