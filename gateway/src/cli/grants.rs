//! `natbase grants import FILE`.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use axum::http::Method;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::door::{Access, Call, Door, Payload};
use super::{Context, sign_in};

/// Grants that were reviewed elsewhere.
#[derive(Debug, Args)]
pub(super) struct GrantsCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Take in the grants of a file (`[[grant]]`, TOML): each becomes a case of sharing, in force for its period. All of
    /// them or none; the same file again changes nothing. For an authority for sharing.
    Import {
        /// The file.
        file: PathBuf,
        /// Where the review of these grants lies. Default: the file's name.
        #[arg(long, value_name = "TEXT")]
        evidence: Option<String>,
        /// Without a token: act for this authority, by its credit code, with this node's key.
        #[arg(long, value_name = "CODE")]
        authority: Option<String>,
        #[command(flatten)]
        access: Access,
    },
}

impl GrantsCommand {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let Act::Import { file, evidence, authority, access } = self.act;
        let shown = file.display().to_string();
        let grants = std::fs::read_to_string(&file).with_context(|| format!("{shown} cannot be read"))?;
        let evidence = evidence.unwrap_or_else(|| {
            file.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned())
        });
        let door = Door::open(context, &access).await?;
        let access = match &authority {
            Some(code) => {
                door.signed(context, &access, |node, access| sign_in::authority(node, access, code.clone()))?
            }
            None => access,
        };
        let call = Call {
            method: Method::POST,
            path: "/api/v1/sharing/grants:import".to_owned(),
            access: &access,
            key: None,
            payload: Payload::Json(json!({ "grants": grants, "evidence": evidence })),
        };
        let reply = door.call(call).await;
        door.close().await;
        let taken = reply?.json().with_context(|| shown)?;
        if context.json {
            println!("{taken}");
        } else {
            let count = |name: &str| taken.get(name).and_then(Value::as_u64).unwrap_or_default();
            println!("{} imported, {} unchanged", count("imported"), count("unchanged"));
        }
        Ok(ExitCode::SUCCESS)
    }
}
