//! `natbase withdraw DATASET BATCH`.

use std::process::ExitCode;

use axum::http::Method;
use clap::Args;
use foundation::dataset::DatasetName;

use super::door::{Access, Call, Door, Payload, escaped};
use super::{Context, definitions};

/// Takes a batch back: its claims end as of now in recorded time, and what it displaced stands again.
#[derive(Debug, Args)]
pub(super) struct Withdraw {
    /// The dataset it went into.
    dataset: DatasetName,
    /// The batch, as its report names it (`b` and 16 hex digits).
    batch: String,
    #[command(flatten)]
    access: Access,
}

impl Withdraw {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        let dataset = definitions::dataset(&context.data, &self.dataset)?;
        let door = Door::open(context, &self.access).await?;
        let access = door.as_provider(context, &self.access, &dataset)?;
        let path = format!("/api/v1/imports/{}:withdraw", escaped(&self.batch));
        let call = Call { method: Method::POST, path, access: &access, key: None, payload: Payload::Empty };
        let reply = door.call(call).await;
        door.close().await;
        println!("{:#}", reply?.json()?);
        Ok(ExitCode::SUCCESS)
    }
}
