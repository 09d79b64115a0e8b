//! `natbase calendar import FILE`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use axum::http::Method;
use clap::{Args, Subcommand};
use serde_json::json;

use super::Context;
use super::door::{Access, Call, Door, Payload};

/// Working days and the notices of holidays.
#[derive(Debug, Args)]
pub(super) struct Calendar {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Take in a year's notice: CSV `date,kind,name`, kind `holiday` or `workday`. Days due are worked out anew.
    Import {
        /// The notice.
        file: PathBuf,
        #[command(flatten)]
        access: Access,
    },
}

impl Calendar {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let Act::Import { file, access } = self.act;
        let notice = std::fs::read_to_string(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        let door = Door::open(context, &access).await?;
        let access = door.as_administrator(context, &access)?;
        let call = Call {
            method: Method::POST,
            path: "/api/v1/sharing/calendar".to_owned(),
            access: &access,
            key: None,
            payload: Payload::Json(json!({ "notice": notice })),
        };
        let reply = door.call(call).await;
        door.close().await;
        println!("{:#}", reply?.json()?);
        Ok(ExitCode::SUCCESS)
    }
}
