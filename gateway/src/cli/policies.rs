//! `natbase policies digest [DIR]`: what two people approve.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use serde_json::json;

use super::{Context, definitions, node};
use crate::policy::{Files, Places, kept};

/// Policies and grants.
#[derive(Debug, Args)]
pub(super) struct Policies {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check the policies of a directory, with the grants of the data directory, and print their digest and what would change.
    Digest {
        /// Directory of `*.cedar`. Default: that of the configuration; without one, the program's own.
        directory: Option<PathBuf>,
        /// The file of grants. Default: that of the configuration.
        #[arg(long, value_name = "FILE")]
        grants: Option<PathBuf>,
    },
}

impl Policies {
    pub(super) fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let Command::Digest { directory, grants } = self.command;
        let config = node::config(&context.data, context.config.as_deref())?.policy;
        let under = |path: PathBuf| if path.is_absolute() { path } else { context.data.join(path) };
        let places = Places {
            directory: directory.or_else(|| config.directory.map(under)),
            grants: grants.unwrap_or_else(|| under(config.grants)),
        };
        let files = places.read()?;
        files.rules()?;
        let domains = definitions::domains(&context.data)?;
        let datasets: Vec<_> = domains.iter().flat_map(|domain| &domain.datasets).collect();
        let grants = files
            .grants(&places.grants, |name| datasets.iter().find(|dataset| dataset.name == *name).map(AsRef::as_ref));
        let grants = grants.context("the grants")?.len();
        let before = kept(&context.data);
        let changes = before.clone().unwrap_or_default().changes(&files);
        let in_force = before.map(|files: Files| files.digest());
        let digest = files.digest();
        if context.json {
            println!("{}", json!({"digest": digest, "in_force": in_force, "grants": grants, "changes": changes}));
            return Ok(ExitCode::SUCCESS);
        }
        println!("{digest}");
        match &in_force {
            Some(same) if *same == digest => println!("these are in force"),
            Some(other) => println!("in force: {other}"),
            None => {
                println!("nothing was approved yet: in force are the program's own policies, and no grants of a file");
            }
        }
        for line in changes {
            println!("  {line}");
        }
        Ok(ExitCode::SUCCESS)
    }
}
