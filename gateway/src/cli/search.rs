//! `natbase search WORDS`.

use std::process::ExitCode;

use axum::http::Method;
use clap::Args;
use serde_json::{Map, Value};

use super::Context;
use super::door::{Access, Call, Door, Payload};

/// Searches all base databases; a line a hit, or the answer as it came with `--json`.
#[derive(Debug, Args)]
pub(super) struct Search {
    /// What to search for.
    q: Option<String>,
    /// Base databases, with commas.
    #[arg(long)]
    database: Option<String>,
    /// Datasets, with commas.
    #[arg(long)]
    dataset: Option<String>,
    /// CQL2 text.
    #[arg(long)]
    filter: Option<String>,
    /// west,south,east,north.
    #[arg(long, allow_hyphen_values = true)]
    bbox: Option<String>,
    /// longitude,latitude,metres.
    #[arg(long, allow_hyphen_values = true)]
    near: Option<String>,
    /// Fields to count by value, with commas.
    #[arg(long)]
    facets: Option<String>,
    /// The day on which records are valid. Default: today.
    #[arg(long, value_name = "YYYY-MM-DD")]
    valid_at: Option<String>,
    /// Most hits.
    #[arg(long, default_value_t = 20)]
    limit: u32,
    #[command(flatten)]
    access: Access,
}

impl Search {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let door = Door::open(context, &self.access).await?;
        let mut body = Map::new();
        let given = [
            ("q", &self.q),
            ("database", &self.database),
            ("dataset", &self.dataset),
            ("filter", &self.filter),
            ("bbox", &self.bbox),
            ("near", &self.near),
            ("facets", &self.facets),
            ("valid-at", &self.valid_at),
        ];
        for (name, value) in given {
            if let Some(value) = value {
                body.insert(name.replace('-', "_"), Value::from(value.as_str()));
            }
        }
        body.insert("limit".into(), Value::from(self.limit));
        let call = Call {
            method: Method::POST,
            path: "/api/v1/search".into(),
            access: &self.access,
            key: None,
            payload: Payload::Json(Value::Object(body)),
        };
        let reply = door.call(call).await;
        door.close().await;
        let answer = reply?.json()?;
        if context.json {
            println!("{answer}");
        } else {
            tell(&answer);
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn tell(answer: &Value) {
    let text = |item: &Value, name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    for item in answer.get("items").and_then(Value::as_array).into_iter().flatten() {
        println!("{}/{}  {}  {}", text(item, "database"), text(item, "dataset"), text(item, "id"), text(item, "title"));
    }
    match answer.pointer("/total/value").and_then(Value::as_u64) {
        Some(total) => println!("{total} in all"),
        None => println!("how many in all is withheld"),
    }
}
