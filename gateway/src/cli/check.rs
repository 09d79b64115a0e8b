//! `natbase check`.

use std::process::ExitCode;

use clap::Args;

use super::Context;
use super::data_dir::{DataDir, Wanted};
use super::node::{self, Node};

/// Compares index and store of every dataset by digest, and the invariants of every record. Needs the directory for itself.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Rebuild the indexes from the store first.
    #[arg(long)]
    rebuild: bool,
}

impl Check {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let data = DataDir::open(&context.data, Wanted::Any)?;
        let config = node::config(&context.data, context.config.as_deref())?;
        let node = Node::open(&data, config, context.clock_of(&data)?).await?;
        let mut sound = true;
        for database in &node.databases {
            if !self.rebuild {
                database.index_caught_up(600_000).await?;
            }
            let report = database.check(self.rebuild).await?;
            sound &= report.problems.is_empty();
            if context.json {
                println!("{}", serde_json::to_string(&report)?);
                continue;
            }
            for line in &report.datasets {
                let same = if line.store_digest == line.index_digest { "=" } else { "≠" };
                println!(
                    "{}: {} records, {} versions, {} documents, {} {same} {}",
                    line.dataset, line.records, line.versions, line.documents, line.store_digest, line.index_digest
                );
            }
            for problem in &report.problems {
                println!("{}: {problem}", database.database());
            }
        }
        node.close().await;
        Ok(if sound { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }
}
