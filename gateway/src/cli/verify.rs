//! `natbase verify NUMBER --name NAME`.

use std::process::ExitCode;

use axum::http::Method;
use clap::Args;
use foundation::dataset::DatasetName;
use serde_json::{Map, Value, json};

use super::door::{Access, Call, Door, Payload};
use super::{Context, definitions};

/// Verifies a claim about a person and prints the answer with its signed receipt.
///
/// The number is read from standard input where it is `-`, so that it stands in no shell history.
#[derive(Debug, Args)]
pub(super) struct Verify {
    /// Citizen number, or `-`.
    number: String,
    /// Name.
    #[arg(long)]
    name: String,
    /// Sex.
    #[arg(long)]
    sex: Option<String>,
    /// Birth date.
    #[arg(long)]
    birth_date: Option<String>,
    /// Act as the department that provides the register, with this node's key.
    #[arg(long, conflicts_with = "token")]
    as_owner: bool,
    #[command(flatten)]
    access: Access,
}

impl Verify {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let mut number = self.number.clone();
        if number == "-" {
            number.clear();
            std::io::stdin().read_line(&mut number)?;
        }
        let door = Door::open(context, &self.access).await?;
        let persons: DatasetName = "population/persons".parse().map_err(anyhow::Error::msg)?;
        let access = if self.as_owner {
            door.as_provider(context, &self.access, &*definitions::dataset(&context.data, &persons)?)?
        } else {
            self.access.clone()
        };
        let mut item = Map::new();
        item.insert("number".into(), Value::from(number.trim()));
        item.insert("name".into(), Value::from(self.name.as_str()));
        for (name, value) in [("sex", &self.sex), ("birth_date", &self.birth_date)] {
            if let Some(value) = value {
                item.insert(name.into(), Value::from(value.as_str()));
            }
        }
        let call = Call {
            method: Method::POST,
            path: "/api/v1/population/verify".into(),
            access: &access,
            key: None,
            payload: Payload::Json(json!({ "items": [item] })),
        };
        let reply = door.call(call).await;
        door.close().await;
        println!("{:#}", reply?.json()?);
        Ok(ExitCode::SUCCESS)
    }
}
