//! `natbase audit verify`, `natbase audit check`: offline, by whoever holds a key and an old checkpoint.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use transparency::{Checkpoint, Hash, VerifyingKey};

use super::{Context, node};
use crate::audit::checkpoint;

/// The audit log.
#[derive(Debug, Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Verify the whole log, offline: every entry, and that it agrees with every checkpoint kept.
    Verify {
        /// Checkpoints kept elsewhere: a witness's checkpoints-<suite>.log, or one that was handed over. May stand several times.
        #[arg(long = "checkpoint", value_name = "FILE")]
        checkpoints: Vec<PathBuf>,
        /// The log's verifying key. Default: the data directory's own, which proves nothing against who holds it.
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
    },
    /// Check a proof that `/api/v1/audit/inclusion`, `/consistency` or `/api/v1/me/accesses` gave, offline.
    Check {
        /// The proof.
        proof: PathBuf,
        /// The log's verifying key, from another channel than the proof.
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// For a proof of consistency: the older checkpoint.
        #[arg(long, value_name = "FILE")]
        older: Option<PathBuf>,
    },
}

impl Audit {
    pub(super) fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self.act {
            Act::Verify { checkpoints, key } => verify(context, &checkpoints, key.as_deref()),
            Act::Check { proof, key, older } => check(&proof, &key, older.as_deref()),
        }
    }
}

fn text(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))
}

fn key_of(file: &Path) -> anyhow::Result<VerifyingKey> {
    text(file)?.trim().parse().with_context(|| format!("{} holds no verifying key", file.display()))
}

fn verify(context: &Context, elsewhere: &[PathBuf], key: Option<&Path>) -> anyhow::Result<ExitCode> {
    let config = node::config(&context.data, context.config.as_deref())?;
    let directory = context.data.join(&config.audit.directory);
    let suite = checkpoint::suite(&config.audit)?;
    let own = context.data.join("keys").join(format!("checkpoint-{}.pub", suite.name()));
    let key = match key {
        Some(file) => Some(key_of(file)?),
        None if own.exists() => Some(key_of(&own)?),
        None => None,
    };
    let mut checkpoints = checkpoint::kept(&directory, suite)?;
    for file in elsewhere {
        let whole = text(file)?;
        // One checkpoint, or many with an empty line after each.
        let many = checkpoint::split(&whole);
        checkpoints.extend(if many.is_empty() { vec![whole] } else { many });
    }
    let report = crate::audit::verify(&directory, suite, key.as_ref(), &checkpoints)?;
    if context.json {
        let text = json!({
            "segments": report.segments, "entries": report.entries, "torn_bytes": report.torn_bytes,
            "root": report.root, "checkpoints": report.checkpoints, "problems": report.problems,
        });
        println!("{text}");
    } else {
        println!(
            "{} entries in {} segments, root {}, in agreement with {} checkpoints",
            report.entries, report.segments, report.root, report.checkpoints
        );
        for problem in &report.problems {
            println!("{problem}");
        }
    }
    Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn check(proof: &Path, key: &Path, older: Option<&Path>) -> anyhow::Result<ExitCode> {
    let keys = [key_of(key)?];
    let document: Value = serde_json::from_str(&text(proof)?).context("the proof is not JSON")?;
    let member = |name: &str| document.get(name).and_then(Value::as_str).with_context(|| format!("no `{name}`"));
    if document.get("items").is_some() {
        let checked = crate::accesses::check_answer(&document, &keys)?;
        println!("{} accesses are in the log; {} say what their entries say", checked.accesses, checked.opened);
        return Ok(ExitCode::SUCCESS);
    }
    let state = Checkpoint::open(member("checkpoint")?, &keys)?;
    let path = document.get("path").and_then(Value::as_array).context("no `path`: this is a checkpoint alone")?;
    let path = path.iter().map(hash).collect::<anyhow::Result<Vec<Hash>>>()?;
    let (size, origin) = (state.size(), state.origin());
    if let Some(entry) = document.get("entry").and_then(Value::as_u64) {
        let leaf = BASE64.decode(member("leaf")?)?;
        state.check_inclusion(entry, &state.suite().leaf_hash(&leaf), &path)?;
        // Proofs of before hold none: what they prove is the leaf.
        if let Some(bytes) = document.get("bytes").and_then(Value::as_str)
            && crate::audit::committed(state.suite(), &BASE64.decode(bytes)?) != leaf
        {
            bail!("`bytes` are not those of the entry that the proof is about");
        }
        println!("entry {entry} is in the log `{origin}` of {size} entries");
    } else if document.get("from").is_some() {
        let Some(older) = older else { bail!("a proof of consistency needs the older checkpoint: --older FILE") };
        let older = Checkpoint::open(&text(older)?, &keys)?;
        state.check_extension(&older, &path)?;
        println!("the log `{origin}` only grew, from {} to {size} entries", older.size());
    } else {
        bail!("the proof names neither `entry` nor `from`");
    }
    Ok(ExitCode::SUCCESS)
}

fn hash(value: &Value) -> anyhow::Result<Hash> {
    let bytes = value.as_str().and_then(|text| BASE64.decode(text).ok()).and_then(|bytes| bytes.try_into().ok());
    bytes.context("`path` holds something other than hashes")
}
