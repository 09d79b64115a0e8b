//! `natbase serve`.

use std::io::IsTerminal as _;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use tokio::net::TcpListener;
use tracing_subscriber::EnvFilter;

use super::Context;
use super::data_dir::{DataDir, Wanted};
use super::node::{self, Node};

/// Serves the data directory until it is told to end (Ctrl-C, SIGTERM).
#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port; port 0 takes a free one. Default: the configuration's, 127.0.0.1:8080.
    #[arg(long, value_name = "HOST:PORT")]
    listen: Option<String>,
}

impl Serve {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        log_to_stderr();
        let data = DataDir::open(&context.data, Wanted::Any)?;
        let mut config = node::config(&context.data, context.config.as_deref())?;
        if let Some(listen) = self.listen {
            config.http.address = listen;
        }
        let node = Node::open(&data, config, context.clock_of(&data)?).await?;
        let listener = listen(&node).await?;
        let address = listener.local_addr()?.to_string();
        let served = data.served_at(&address)?;
        println!(
            "natbase serves {} at http://{address}{}",
            data.path().display(),
            if data.demo() { " (模拟数据)" } else { "" }
        );
        let outcome = crate::http::serve(std::sync::Arc::clone(&node.app), listener, ended()).await;
        drop(served);
        outcome?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Binds the configured address.
pub(super) async fn listen(node: &Node) -> anyhow::Result<TcpListener> {
    let address = &node.app.config.http.address;
    TcpListener::bind(address).await.with_context(|| format!("{address} cannot be listened on"))
}

/// Comes when the process is told to end.
pub(super) async fn ended() {
    let interrupted = tokio::signal::ctrl_c();
    let terminated = async {
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => drop(signal.recv().await),
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! { _ = interrupted => {}, () = terminated => {} }
}

/// Logs to standard error: text on a terminal, JSON elsewhere; `NATBASE_LOG` chooses levels.
pub(super) fn log_to_stderr() {
    let filter = EnvFilter::try_from_env("NATBASE_LOG").unwrap_or_else(|_| EnvFilter::new("info,tantivy=warn"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let started = if std::io::stderr().is_terminal() { log.try_init() } else { log.json().try_init() };
    if let Err(error) = started {
        eprintln!("natbase: no log: {error}");
    }
}
