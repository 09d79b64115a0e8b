//! `natbase catalogue template|draft|export`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use axum::http::Method;
use clap::{Args, Subcommand};
use serde_json::Value;

use super::Context;
use super::definitions;
use super::door::{Access, Call, Door, Payload, escaped};
use crate::catalogue::{Items, sheet};

/// Compiling the catalogue (目录编制).
#[derive(Debug, Args)]
pub(super) struct Catalogue {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Write the template of an entry as a workbook, empty or filled with a dataset's entry.
    Template {
        /// Where to.
        file: PathBuf,
        /// Fill it with the definition of this dataset, `database/dataset`.
        #[arg(long)]
        dataset: Option<String>,
    },
    /// Begin an entry, or a change of one, from a filled template (.xlsx), a definition (.toml) or metadata (.xml).
    Draft {
        /// The file.
        file: PathBuf,
        /// The entry that it changes.
        #[arg(long)]
        entry: Option<String>,
        /// The demand that it answers.
        #[arg(long)]
        demand: Option<String>,
        /// Why, where it changes an entry.
        #[arg(long)]
        reason: Option<String>,
        #[command(flatten)]
        access: Access,
    },
    /// Write an announced entry as metadata of GB/T 21063.3.
    Export {
        /// The entry, such as `culture:works`.
        entry: String,
        #[command(flatten)]
        access: Access,
    },
}

impl Catalogue {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self.act {
            Act::Template { file, dataset } => template(context, &file, dataset.as_deref()),
            Act::Draft { file, entry, demand, reason, access } => {
                let query = query(&[("entry", entry), ("demand", demand), ("reason", reason)]);
                draft(context, &file, &query, &access).await
            }
            Act::Export { entry, access } => export(context, &entry, &access).await,
        }
    }
}

fn template(context: &Context, file: &Path, dataset: Option<&str>) -> anyhow::Result<ExitCode> {
    let items = match dataset {
        Some(name) => {
            let name = name.parse().map_err(anyhow::Error::msg)?;
            Some(Items::of(&*definitions::dataset(&context.data, &name)?))
        }
        None => None,
    };
    let book = sheet::template(items.as_ref()).context("the template was not written")?;
    std::fs::write(file, book).with_context(|| format!("{} cannot be written", file.display()))?;
    println!("{}", file.display());
    Ok(ExitCode::SUCCESS)
}

async fn draft(context: &Context, file: &Path, query: &str, access: &Access) -> anyhow::Result<ExitCode> {
    let shown = file.display().to_string();
    let media_type = match file.extension().and_then(|extension| extension.to_str()) {
        Some("xlsx") => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Some("toml") => "application/toml",
        Some("xml") => "application/xml",
        _ => bail!("{shown}: xlsx, toml or xml was expected at the end of the name"),
    };
    let input = std::fs::File::open(file).with_context(|| format!("{shown} cannot be read"))?;
    let call = Call {
        method: Method::POST,
        path: format!("/api/v1/catalogue/entries:import{query}"),
        access,
        key: None,
        payload: Payload::Stream { media_type, input: Box::new(input) },
    };
    let door = Door::open(context, access).await?;
    let reply = door.call(call).await;
    door.close().await;
    let entry = reply?.json().with_context(|| shown)?;
    if context.json {
        println!("{entry}");
    } else {
        tell(&entry);
    }
    Ok(ExitCode::SUCCESS)
}

/// Prints the entry's id, and where its fields stand already.
fn tell(entry: &Value) {
    let text = |value: &Value, name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    println!("{} {}", text(entry, "id"), text(entry, "state"));
    let overlaps = entry.pointer("/draft/overlaps").and_then(Value::as_array);
    for overlap in overlaps.into_iter().flatten() {
        println!(
            "  {} stands in {} {} as {} ({})",
            text(overlap, "field"),
            text(overlap, "entry"),
            text(overlap, "title"),
            text(overlap, "there"),
            text(overlap, "by"),
        );
    }
}

async fn export(context: &Context, entry: &str, access: &Access) -> anyhow::Result<ExitCode> {
    let call = Call {
        method: Method::GET,
        path: format!("/api/v1/catalogue/entries/{}/metadata", escaped(entry)),
        access,
        key: None,
        payload: Payload::Empty,
    };
    let door = Door::open(context, access).await?;
    let reply = door.call(call).await;
    door.close().await;
    let reply = reply?;
    if !(200..300).contains(&reply.status) {
        reply.json()?;
    }
    print!("{}", String::from_utf8_lossy(&reply.body));
    Ok(ExitCode::SUCCESS)
}

fn query(all: &[(&str, Option<String>)]) -> String {
    let given = all.iter().filter_map(|(name, value)| Some(format!("{name}={}", escaped(value.as_deref()?))));
    let joined = given.collect::<Vec<_>>().join("&");
    if joined.is_empty() { joined } else { format!("?{joined}") }
}
