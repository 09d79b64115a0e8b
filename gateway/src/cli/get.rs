//! `natbase get DATASET ID`.

use std::process::ExitCode;

use axum::http::Method;
use clap::Args;
use foundation::dataset::DatasetName;

use super::Context;
use super::door::{Access, Call, Door, Payload, escaped};

/// Prints one record as JSON.
#[derive(Debug, Args)]
pub(super) struct Get {
    /// The dataset, `geospatial/divisions`.
    dataset: DatasetName,
    /// Record id.
    id: String,
    /// The day on which it is valid. Default: today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    valid_at: Option<String>,
    /// As known at this instant. Default: now.
    #[arg(long, value_name = "TIME")]
    known_at: Option<String>,
    /// Fields wanted, with commas.
    #[arg(long)]
    fields: Option<String>,
    /// Adds the labels of codes.
    #[arg(long, value_parser = ["zh", "en"])]
    labels: Option<String>,
    /// The record's versions in both times.
    #[arg(long, conflicts_with_all = ["valid_at", "fields"])]
    history: bool,
    #[command(flatten)]
    access: Access,
}

impl Get {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let door = Door::open(context, &self.access).await?;
        let parameters = [
            ("valid-at", &self.valid_at),
            ("known-at", &self.known_at),
            ("fields", &self.fields),
            ("labels", &self.labels),
        ];
        let path = format!(
            "/api/v1/datasets/{}/records/{}{}{}",
            self.dataset,
            escaped(&self.id),
            if self.history { "/history" } else { "" },
            query(&parameters)
        );
        let call = Call { method: Method::GET, path, access: &self.access, key: None, payload: Payload::Empty };
        let reply = door.call(call).await;
        door.close().await;
        println!("{:#}", reply?.json()?);
        Ok(ExitCode::SUCCESS)
    }
}

/// The parameters given, as a query.
pub(super) fn query(parameters: &[(&str, &Option<String>)]) -> String {
    let given: Vec<String> = parameters
        .iter()
        .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}={}", escaped(value))))
        .collect();
    if given.is_empty() { String::new() } else { format!("?{}", given.join("&")) }
}
