//! `natbase keys`: the file of master keys. What is in use is decided by two people on the server, not here.

use std::process::ExitCode;

use anyhow::bail;
use clap::{Args, Subcommand};
use foundation::store::Suite;
use serde_json::json;

use super::{Context, node};
use crate::master_keys::{self, file};

/// The master keys that personal records are sealed under.
#[derive(Debug, Args)]
pub(super) struct KeysCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// List the generations in the file, by fingerprint.
    List,
    /// Add a generation. It wraps nothing until two security administrators take it into use.
    Add {
        /// Its algorithms: aes-256-gcm or sm4-gcm. Default: as configured.
        #[arg(long)]
        suite: Option<String>,
    },
    /// Remove a generation that wraps nothing any more (`GET /api/v1/master-keys` tells). A server that still needs it
    /// keeps it in memory and says so.
    Remove {
        /// Generation.
        generation: u16,
    },
}

impl KeysCommand {
    pub(super) fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let config = node::config(&context.data, context.config.as_deref())?;
        let place = master_keys::locate(&context.data, config.seals.master_keys.as_deref())?;
        let mut ring = file::read(&place)?;
        match self.act {
            Act::List => {}
            Act::Add { suite } => {
                let suite = match suite.as_deref() {
                    None => config.seals.suite,
                    Some("aes-256-gcm") => Suite::Aes256Gcm,
                    Some("sm4-gcm") => Suite::Sm4Gcm,
                    Some(other) => bail!("--suite: `{other}` is unknown; aes-256-gcm or sm4-gcm"),
                };
                ring.add(suite).map_err(anyhow::Error::msg)?;
                file::write(&place, &ring)?;
            }
            Act::Remove { generation } => {
                ring = ring.without(generation).map_err(anyhow::Error::msg)?;
                file::write(&place, &ring)?;
            }
        }
        for key in ring.keys() {
            if context.json {
                let suite = json!(key.suite);
                println!("{}", json!({"generation": key.generation, "suite": suite, "fingerprint": key.fingerprint()}));
            } else {
                println!(
                    "{:>5}  {}  {}",
                    key.generation,
                    key.fingerprint(),
                    json!(key.suite).as_str().unwrap_or_default()
                );
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
