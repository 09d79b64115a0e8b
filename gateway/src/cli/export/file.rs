//! A file that the server makes: asked for, waited for, fetched, checked.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, bail};
use aws_lc_rs::digest::{Context, SHA256};
use axum::http::Method;
use serde_json::{Value, json};

use super::Export;
use crate::cli::door::{Access, Call, Door, Payload};
use crate::cli::progress::Count;
use crate::cli::{Context as Command, definitions};

/// Milliseconds between two looks, and at most.
const LOOK_MS: u64 = 100;
const LOOK_MS_MAX: u64 = 2_000;

impl Export {
    pub(super) async fn as_file(&self, context: &Command, format: &str, out: &Path) -> anyhow::Result<ExitCode> {
        let door = Door::open(context, &self.access).await?;
        let outcome = async {
            let access = match (self.public, self.access.bearer()) {
                (true, _) => bail!("a file is made for an account: the public reads page by page, without --format"),
                (false, Some(_)) => self.access.clone(),
                (false, None) => {
                    let dataset = definitions::dataset(&context.data, &self.dataset)?;
                    door.as_provider(context, &self.access, &dataset)?
                }
            };
            let job = self.ask(&door, &access, format).await?;
            let id = text(&job, "id");
            let done = wait(&door, &access, job).await?;
            fetch(&door, &access, &id, &done, out).await?;
            anyhow::Ok(done)
        };
        let outcome = outcome.await;
        door.close().await;
        let done = outcome?;
        if context.json {
            println!("{done}");
        } else {
            let (rows, bytes) = (number(&done, "rows"), number(&done, "bytes"));
            eprintln!("{rows} records of {}, {bytes} bytes, SHA-256 {}", self.dataset, text(&done, "sha256"));
        }
        Ok(ExitCode::SUCCESS)
    }

    async fn ask(&self, door: &Door, access: &Access, format: &str) -> anyhow::Result<Value> {
        let mut body = json!({ "format": format });
        let given = [
            ("filter", &self.filter),
            ("fields", &self.fields),
            ("purpose", &self.purpose),
            ("valid_at", &self.valid_at),
            ("known_at", &self.known_at),
        ];
        if let Some(members) = body.as_object_mut() {
            let said = given.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.clone()?.into())));
            members.extend(said);
        }
        let path = format!("/api/v1/datasets/{}/records:export", self.dataset);
        let call = Call { method: Method::POST, path, access, key: None, payload: Payload::Json(body) };
        door.call(call).await?.json()
    }
}

/// Waits until the job has ended; gives it as it is then.
async fn wait(door: &Door, access: &Access, mut job: Value) -> anyhow::Result<Value> {
    let id = text(&job, "id");
    let mut count = Count::start("records", 0);
    let mut look_ms = LOOK_MS;
    loop {
        match text(&job, "state").as_str() {
            "done" => {
                count.done();
                return Ok(job);
            }
            "queued" | "running" => count.at(number(&job, "rows")),
            ended => {
                count.done();
                bail!("job {id} is {ended}: {} {}", text(&job, "code"), text(&job, "detail"));
            }
        }
        tokio::time::sleep(Duration::from_millis(look_ms)).await;
        look_ms = (look_ms * 2).min(LOOK_MS_MAX);
        let path = format!("/api/v1/jobs/{id}");
        let call = Call { method: Method::GET, path, access, key: None, payload: Payload::Empty };
        job = door.call(call).await?.json()?;
    }
}

/// Fetches the file beside its place, checks length and digest, and only then puts it there.
async fn fetch(door: &Door, access: &Access, id: &str, job: &Value, out: &Path) -> anyhow::Result<()> {
    let part = out.with_extension("part");
    let mut file = File::create(&part).with_context(|| format!("{} cannot be written", part.display()))?;
    let path = format!("/api/v1/jobs/{id}/file");
    let call = Call { method: Method::GET, path, access, key: None, payload: Payload::Empty };
    door.fetch(call, &mut file).await?;
    file.sync_all()?;
    let (bytes, digest) = summed(&part)?;
    if bytes != number(job, "bytes") || digest != text(job, "sha256") {
        let _ = std::fs::remove_file(&part);
        bail!("what came is not the file of job {id}: {bytes} bytes with SHA-256 {digest}");
    }
    std::fs::rename(&part, out).with_context(|| format!("{} cannot be written", out.display()))
}

/// Length and SHA-256 of a file.
fn summed(path: &Path) -> std::io::Result<(u64, String)> {
    let (mut file, mut sum) = (File::open(path)?, Context::new(&SHA256));
    let (mut bytes, mut block) = (0, vec![0_u8; 256 << 10]);
    loop {
        let count = file.read(&mut block)?;
        match block.get(..count) {
            Some(read) if count > 0 => sum.update(read),
            _ => return Ok((bytes, crate::http::hex(sum.finish().as_ref()))),
        }
        bytes += count as u64;
    }
}

fn text(job: &Value, member: &str) -> String {
    job.get(member).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn number(job: &Value, member: &str) -> u64 {
    job.get(member).and_then(Value::as_u64).unwrap_or_default()
}
