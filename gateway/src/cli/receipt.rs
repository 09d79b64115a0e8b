//! `natbase receipt check`: what was answered on a day, checked offline.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use clap::{Args, Subcommand};
use serde_json::Value;

use crate::http::receipt;

/// Receipts of answers.
#[derive(Debug, Args)]
pub(super) struct ReceiptCommand {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Check that a receipt was signed by the node's key, and that it is over this answer (and question).
    Check(Check),
    /// Check the receipt of a verification: the JSON answer, or its member `receipt`.
    Verified(Verified),
}

#[derive(Debug, Args)]
struct Check {
    /// File with the `Natbase-Receipt` header of the answer.
    receipt: PathBuf,
    /// The node's public key: `keys/node.pub` of its data directory, handed over by another way.
    #[arg(long)]
    key: PathBuf,
    /// File with the answer's body, byte for byte.
    #[arg(long)]
    answer: PathBuf,
    /// The salt that was sent; with it the question is checked too.
    #[arg(long, requires = "path")]
    salt: Option<String>,
    /// Method of the question.
    #[arg(long, default_value = "GET")]
    method: String,
    /// Path and query of the question, as sent.
    #[arg(long)]
    path: Option<String>,
    /// File with the question's body, byte for byte.
    #[arg(long)]
    body: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Verified {
    /// File with the answer of a verification.
    answer: PathBuf,
    /// The node's public key: `keys/node.pub` of its data directory, handed over by another way.
    #[arg(long)]
    key: PathBuf,
}

fn read(file: &PathBuf) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| file.display().to_string())
}

fn key(file: &PathBuf) -> anyhow::Result<Vec<u8>> {
    let text = String::from_utf8(read(file)?).context("the key is not text")?;
    URL_SAFE_NO_PAD.decode(text.trim()).context("the key is not base64url")
}

impl Verified {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let answer: Value = serde_json::from_slice(&read(&self.answer)?).context("the answer is not JSON")?;
        let receipt = answer.get("receipt").unwrap_or(&answer);
        anyhow::ensure!(crate::flow::holds(receipt, &key(&self.key)?), "the signature does not hold under this key");
        let signed = receipt.pointer("/body/results");
        let said: Option<Value> = answer
            .get("items")
            .and_then(Value::as_array)
            .map(|items| items.iter().map(|item| item.get("result").cloned().unwrap_or_default()).collect());
        anyhow::ensure!(said.is_none() || said.as_ref() == signed, "the receipt is over other results");
        println!("{:#}", receipt.get("body").unwrap_or(&Value::Null));
        Ok(ExitCode::SUCCESS)
    }
}

impl ReceiptCommand {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        match self.act {
            Act::Check(check) => check.run(),
            Act::Verified(verified) => verified.run(),
        }
    }
}

impl Check {
    fn run(&self) -> anyhow::Result<ExitCode> {
        let (check, key) = (self, key(&self.key)?);
        let text = String::from_utf8(read(&check.receipt)?).context("the receipt is not text")?;
        let receipt = receipt::open(&text, &key)?;
        anyhow::ensure!(receipt::hash(&read(&check.answer)?) == receipt.answer, "the receipt is over another answer");
        if let (Some(salt), Some(path)) = (&check.salt, &check.path) {
            let body = check.body.as_ref().map(read).transpose()?.unwrap_or_default();
            let asked = receipt::asked(salt, &check.method, path, &body);
            anyhow::ensure!(asked == receipt.asked, "the receipt is over another question");
        } else {
            println!("the question was not checked: --salt and --path are not given");
        }
        println!("{}", serde_json::to_string_pretty(&receipt)?);
        Ok(ExitCode::SUCCESS)
    }
}
