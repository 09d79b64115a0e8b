//! `natbase datasets`.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use foundation::dataset::{CodeLists, Dataset};
use foundation::record::registry::{self, Step};
use serde_json::json;

use super::data_dir::{DataDir, Wanted};
use super::{Context, definitions, node};

/// Lists the datasets and what the next start would do with their definitions: nothing, take changes, or refuse them.
/// Changes nothing. Needs the directory for itself.
#[derive(Debug, Args)]
pub(super) struct Datasets {}

/// A dataset as it would be opened.
struct Line {
    name: String,
    version: u32,
    word: &'static str,
    details: Vec<String>,
}

impl Datasets {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let data = DataDir::open(&context.data, Wanted::Any)?;
        let config = node::config(&context.data, context.config.as_deref())?;
        let domains = definitions::domains(&context.data)?;
        let stores = node::stores(&data, &config, &domains, context.clock_of(&data)?)?;
        let lists = CodeLists::standard()?;
        let mut lines = Vec::new();
        for domain in &domains {
            let name = domain.database.as_str();
            let store = stores.store(name).with_context(|| format!("no store `{name}`"))?;
            let (steps, left) = registry::plan(&store, &domain.datasets, &lists)
                .await
                .with_context(|| format!("base database `{name}`"))?;
            lines.extend(domain.datasets.iter().zip(steps).map(|(dataset, (_, step))| line(dataset, step)));
            lines.extend(left.into_iter().map(|name| Line {
                name: name.to_string(),
                version: 0,
                word: "left",
                details: vec!["no longer defined: its records stay and are not served".to_owned()],
            }));
        }
        for Line { name, version, word, details } in &lines {
            if context.json {
                println!("{}", json!({"dataset": name, "version": version, "step": word, "details": details}));
            } else {
                println!("{word:<8} {name} version {version}");
                for detail in details {
                    println!("         {detail}");
                }
            }
        }
        let refused = lines.iter().any(|line| line.word == "refused");
        Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }
}

fn line(dataset: &Arc<Dataset>, step: Step) -> Line {
    let (word, details) = match step {
        Step::New => ("new", Vec::new()),
        Step::Same => ("same", Vec::new()),
        Step::Changed(since, changes) => {
            let mut details = vec![format!("since version {since}:")];
            details.extend(changes.iter().map(ToString::to_string));
            if changes.iter().any(foundation::dataset::Change::rebuilds) {
                details
                    .push("its search index is made anew in the background; the one there serves meanwhile".to_owned());
            }
            ("changed", details)
        }
        Step::Refused(reason) => ("refused", vec![reason]),
    };
    Line { name: dataset.name.to_string(), version: dataset.version, word, details }
}
