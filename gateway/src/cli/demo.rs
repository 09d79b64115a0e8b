//! `natbase demo`: a marked directory, the sample, a server with sign-ins, then the rest behind it.

mod figures;
mod grants;
mod sets;
mod sign_ins;

pub(super) use sets::Sample;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use figures::Figures;

use super::Context;
use super::data_dir::{DataDir, Wanted};
use super::door::Door;
use super::node::{self, Node};
use super::serve::{ended, listen, log_to_stderr};

/// Serves a demonstration (模拟数据): loads the sample, prints the address and sample sign-ins, then loads what
/// `scripts/data/prepare.py` has prepared, fetching it first if need be.
#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Address and port; port 0 takes a free one.
    #[arg(long, value_name = "HOST:PORT", default_value = "127.0.0.1:8080")]
    listen: String,
    /// Also the largest sets: all Song poems, all villages, and a synthetic nation.
    #[arg(long, conflicts_with = "sample_only")]
    full: bool,
    /// With `--full`: persons of the synthetic nation; three enterprises for every ten.
    #[arg(long, default_value_t = 1_000_000, requires = "full")]
    persons: u64,
    /// With `--load-only`: writes what it took, as Markdown.
    #[arg(long, value_name = "FILE", requires = "load_only")]
    figures: Option<PathBuf>,
    /// The sample and nothing else.
    #[arg(long)]
    sample_only: bool,
    /// Where the prepared sets lie.
    #[arg(long, value_name = "DIR", default_value = ".cache/data/import")]
    prepared: PathBuf,
    /// Load and end, without serving.
    #[arg(long)]
    load_only: bool,
}

impl Demo {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        log_to_stderr();
        let data = DataDir::open(&context.data, Wanted::Demo)?;
        let mut config = node::config(&context.data, context.config.as_deref())?;
        config.http.address.clone_from(&self.listen);
        grants::write(&data, &config)?;
        let node = Node::open(&data, config, context.clock_of(&data)?).await?;
        let app = Arc::clone(&node.app);
        let people = sign_ins::make(&node, &data)?;
        // Who only loads needs no address.
        let listener = if self.load_only { None } else { Some(listen(&node).await?) };
        let door = Arc::new(Door::Local(Box::new(node)));
        let mut figures = Figures::start();
        sets::sample(&door, &data, context, &mut figures).await?;
        let nation = self.full.then_some(self.persons);
        let Some(listener) = listener else {
            if !self.sample_only {
                sets::prepared(&door, &data, context, &self.prepared, nation, &mut figures).await?;
            }
            if let Ok(door) = Arc::try_unwrap(door) {
                door.close().await;
            }
            figures.tell(data.path(), self.figures.as_deref())?;
            return Ok(ExitCode::SUCCESS);
        };
        let address = listener.local_addr()?.to_string();
        let served = data.served_at(&address)?;
        println!("natbase serves {} at http://{address} (模拟数据)", data.path().display());
        people.print(&address);
        let rest = (!self.sample_only).then(|| {
            let (door, prepared) = (Arc::clone(&door), self.prepared.clone());
            let (data, context) = (data.path().to_owned(), Context { json: false, ..context.clone() });
            tokio::spawn(async move {
                let data = DataDir::open(&data, Wanted::Demo)?;
                sets::prepared(&door, &data, &context, &prepared, nation, &mut figures).await?;
                figures.tell(data.path(), None)
            })
        });
        let reporter = rest.map(|rest| {
            tokio::spawn(async move {
                match rest.await {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => eprintln!("natbase: the rest is not loaded: {error:#}"),
                    Err(error) => eprintln!("natbase: the rest is not loaded: {error}"),
                }
            })
        });
        let outcome = crate::http::serve(app, listener, ended()).await;
        if let Some(reporter) = reporter {
            reporter.abort();
        }
        drop(served);
        outcome?;
        Ok(ExitCode::SUCCESS)
    }
}
