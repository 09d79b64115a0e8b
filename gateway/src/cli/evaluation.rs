//! `natbase evaluation report`, `export`, `recompute`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use axum::http::Method;
use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::door::{Access, Call, Door, Payload, Reply};
use super::{Context, sign_in};
use crate::evaluation::document::Document;
use crate::evaluation::measures::Measure;
use crate::evaluation::{EvaluationPeriod, recompute};

/// Performance evaluation of departments.
#[derive(Debug, Args)]
pub(super) struct Evaluation {
    #[command(subcommand)]
    act: Act,
}

#[derive(Debug, Subcommand)]
enum Act {
    /// Write a year's report as a workbook: scores, indicators, formulas, what was contested.
    Report {
        /// The year.
        #[arg(long)]
        year: String,
        /// Where to. Default: evaluation-YEAR.xlsx.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        asked: Asked,
    },
    /// Write what the scores of a period are made of: evaluation.json, measures.csv, indicators.csv, scheme.toml.
    Export {
        /// A year, half-year, quarter or month: 2026, 2026-S1, 2026-Q4, 2026-11.
        #[arg(long)]
        period: String,
        /// The directory for the files; made if it is not there.
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
        #[command(flatten)]
        asked: Asked,
    },
    /// Work an exported evaluation.json out anew, offline, and say where it differs.
    Recompute {
        /// The file.
        file: PathBuf,
    },
}

/// As whom to ask.
#[derive(Debug, Clone, Args)]
struct Asked {
    /// Without a token: act for this authority, by its credit code, with this node's key.
    #[arg(long, value_name = "CODE")]
    authority: Option<String>,
    #[command(flatten)]
    access: Access,
}

impl Evaluation {
    pub(super) async fn run(self, context: &Context) -> anyhow::Result<ExitCode> {
        match self.act {
            Act::Report { year, out, asked } => {
                if year.len() != 4 || EvaluationPeriod::parse(&year).is_none() {
                    bail!("--year takes a year such as 2026");
                }
                let reply = ask(context, &asked, &format!("/api/v1/evaluation/{year}/report.xlsx")).await?;
                if reply.status != 200 {
                    reply.json()?;
                }
                let file = out.unwrap_or_else(|| PathBuf::from(format!("evaluation-{year}.xlsx")));
                write(&file, &reply.body)?;
                eprintln!("{}", file.display());
                Ok(ExitCode::SUCCESS)
            }
            Act::Export { period, out, asked } => {
                let period =
                    EvaluationPeriod::parse(&period).context("--period takes 2026, 2026-S1, 2026-Q4, 2026-11")?;
                let reply = ask(context, &asked, &format!("/api/v1/evaluation/{period}/measures")).await?;
                reply.json()?;
                let document: Document = serde_json::from_slice(&reply.body).context("the answer is no evaluation")?;
                export(&document, &out)?;
                eprintln!("{} departments of {period} under {}", document.departments.len(), out.display());
                Ok(ExitCode::SUCCESS)
            }
            Act::Recompute { file } => again(context, &file),
        }
    }
}

async fn ask(context: &Context, asked: &Asked, path: &str) -> anyhow::Result<Reply> {
    let door = Door::open(context, &asked.access).await?;
    let access = match &asked.authority {
        Some(code) => {
            door.signed(context, &asked.access, |node, access| sign_in::authority(node, access, code.clone()))?
        }
        None => asked.access.clone(),
    };
    let call = Call { method: Method::GET, path: path.to_owned(), access: &access, key: None, payload: Payload::Empty };
    let reply = door.call(call).await;
    door.close().await;
    reply
}

fn write(file: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    std::fs::write(file, bytes).with_context(|| format!("{} cannot be written", file.display()))
}

fn export(document: &Document, directory: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory).with_context(|| format!("{} cannot be made", directory.display()))?;
    write(&directory.join("evaluation.json"), &serde_json::to_vec_pretty(document)?)?;
    write(&directory.join("scheme.toml"), document.policy.text.as_bytes())?;
    // Codes, ids and numbers alone: nothing here needs quotes.
    let mut measures = String::from("period,department,measure,count\n");
    let mut indicators = String::from("period,department,indicator,weight,value,points,corrected_points\n");
    for one in &document.departments {
        for measure in Measure::ALL {
            let count = one.measures.get(*measure);
            writeln!(measures, "{},{},{},{count}", document.period, one.department, measure.name())?;
        }
        for judged in &one.indicators {
            let shown =
                |points: Option<crate::evaluation::points::Points>| points.map(|p| p.to_string()).unwrap_or_default();
            let corrected = judged.corrected.as_ref().map(|correction| correction.points);
            writeln!(
                indicators,
                "{},{},{},{},{},{},{}",
                document.period,
                one.department,
                judged.indicator,
                judged.weight,
                judged.value.as_deref().unwrap_or_default(),
                shown(judged.points),
                shown(corrected)
            )?;
        }
    }
    write(&directory.join("measures.csv"), measures.as_bytes())?;
    write(&directory.join("indicators.csv"), indicators.as_bytes())
}

fn again(context: &Context, file: &Path) -> anyhow::Result<ExitCode> {
    let shown = file.display();
    let bytes = std::fs::read(file).with_context(|| format!("{shown} cannot be read"))?;
    let strict = crate::json::strict(&bytes).map_err(|reason| anyhow::anyhow!("{shown}: {reason}"))?;
    let document: Document = serde_json::from_value(strict).with_context(|| format!("{shown} is no evaluation"))?;
    let differences = recompute::recompute(&document).with_context(|| shown.to_string())?;
    if context.json {
        let told: Value = json!({
            "period": document.period, "departments": document.departments.len(), "equal": differences.is_empty(),
            "differences": differences,
        });
        println!("{told}");
    } else if differences.is_empty() {
        println!("equal: {} departments of {}", document.departments.len(), document.period);
    } else {
        for difference in &differences {
            println!("{difference}");
        }
    }
    Ok(if differences.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
