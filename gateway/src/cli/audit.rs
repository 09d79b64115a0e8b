//! `natbase audit verify`.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Context, node};

/// The audit log.
#[derive(Debug, Args)]
pub(super) struct Audit {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Verify the chain of every entry, offline.
    Verify,
}

impl Audit {
    pub(super) fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let Act::Verify = self.act;
        let config = node::config(&context.data, context.config.as_deref())?;
        let directory = context.data.join(&config.audit.directory);
        let report = crate::audit::verify(&directory)?;
        if context.json {
            let text = json!({
                "segments": report.segments, "entries": report.entries, "torn_bytes": report.torn_bytes,
                "head": report.head, "problems": report.problems,
            });
            println!("{text}");
        } else {
            println!("{} entries in {} segments, head {}", report.entries, report.segments, report.head);
            for problem in &report.problems {
                println!("{problem}");
            }
        }
        Ok(if report.problems.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
