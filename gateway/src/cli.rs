//! The commands of `natbase`; one file each.
//!
//! `serve` and `demo` hold a data directory; the other commands go through the server that holds it (`door.rs`), or open
//! it themselves when nobody does, and take the same path: HTTP request, policy, audit.

mod account;
mod audit;
mod calendar;
mod catalogue;
mod check;
mod data_dir;
mod datasets;
mod definitions;
mod demo;
mod digest;
mod door;
mod evaluation;
mod export;
mod get;
mod grants;
mod import;
mod judge;
mod keys;
mod node;
mod policies;
mod progress;
mod receipt;
mod seals;
mod search;
mod serve;
mod sign_in;
mod synth;
mod token;
mod verify;
mod withdraw;

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{Parser, Subcommand};
use foundation::clock::{Clock, RehearsalClock, SystemClock};

/// Five national base databases behind one gateway: store, search and query under access control.
#[derive(Debug, Parser)]
#[command(name = "natbase", version, about)]
struct Cli {
    /// Everything kept lies under this directory.
    #[arg(long, global = true, default_value = "data", value_name = "DIR")]
    data: PathBuf,
    /// Configuration file.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Answer in JSON where a machine may read.
    #[arg(long, global = true)]
    json: bool,
    /// Rehearse at another time: the file holds an instant (RFC 3339), from which time passes. Demonstrations only.
    #[arg(long, global = true, value_name = "FILE")]
    clock: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the data directory.
    Serve(serve::Serve),
    /// Serve a demonstration: the sample first, then what `make data` has fetched.
    Demo(demo::Demo),
    /// Import files into a dataset.
    Import(import::Import),
    /// Write a dataset's records as NDJSON.
    Export(export::Export),
    /// One record.
    Get(get::Get),
    /// Search all base databases.
    Search(search::Search),
    /// Tell how good the answers to judged queries are.
    Judge(judge::Judge),
    /// Verify a claim about a person: match, mismatch or unavailable.
    Verify(verify::Verify),
    /// Make a synthetic nation: persons, families, events, enterprises, series (模拟数据).
    Synth(synth::Synth),
    /// Make a token signed with this node's issuer key.
    Token(token::Token),
    /// List the datasets and what the next start would do with their definitions.
    Datasets(datasets::Datasets),
    /// Prove that index and store agree, record by record.
    Check(check::Check),
    /// The audit log.
    Audit(audit::Audit),
    /// The master keys that personal records are sealed under.
    Keys(keys::KeysCommand),
    /// Receipts of answers, checked offline.
    Receipt(receipt::ReceiptCommand),
    /// Accounts of people.
    Account(account::AccountCommand),
    /// Take an import batch back.
    Withdraw(withdraw::Withdraw),
    /// Working days and the notices of holidays.
    Calendar(calendar::Calendar),
    /// Grants that were reviewed elsewhere.
    Grants(grants::GrantsCommand),
    /// Performance evaluation of departments (绩效评价).
    Evaluation(evaluation::Evaluation),
    /// Policies and grants on disk, and those in force.
    Policies(policies::Policies),
    /// Compiling the catalogue.
    Catalogue(catalogue::Catalogue),
}

/// What every command knows.
#[derive(Clone)]
struct Context {
    data: PathBuf,
    config: Option<PathBuf>,
    json: bool,
    clock: Arc<dyn Clock>,
    /// Whether the clock is not the system's.
    rehearses: bool,
}

impl Context {
    /// The clock for a data directory: another than the system's is for demonstrations alone.
    fn clock_of(&self, data: &data_dir::DataDir) -> anyhow::Result<Arc<dyn Clock>> {
        if self.rehearses && !data.demo() {
            anyhow::bail!("--clock is for demonstrations: {} holds real data", data.path().display());
        }
        Ok(Arc::clone(&self.clock))
    }
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    let cli = Cli::parse();
    let clock: Arc<dyn Clock> = match cli.clock.as_deref().map(RehearsalClock::open) {
        None => Arc::new(SystemClock),
        Some(Ok(clock)) => Arc::new(clock),
        Some(Err(error)) => {
            eprintln!("natbase: --clock: {error}");
            return ExitCode::FAILURE;
        }
    };
    let rehearses = cli.clock.is_some();
    let context = Context { data: cli.data, config: cli.config, json: cli.json, clock, rehearses };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("natbase: the runtime does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(dispatch(&context, cli.command)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("natbase: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn dispatch(context: &Context, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Serve(serve) => serve.run(context).await,
        Command::Demo(demo) => demo.run(context).await,
        Command::Import(import) => import.run(context).await,
        Command::Export(export) => export.run(context).await,
        Command::Get(get) => get.run(context).await,
        Command::Search(search) => search.run(context).await,
        Command::Judge(judge) => judge.run(context).await,
        Command::Verify(verify) => verify.run(context).await,
        Command::Synth(synth) => synth.run(),
        Command::Token(token) => token.run(context),
        Command::Datasets(datasets) => datasets.run(context).await,
        Command::Check(check) => check.run(context).await,
        Command::Audit(audit) => audit.run(context),
        Command::Keys(keys) => keys.run(context),
        Command::Receipt(receipt) => receipt.run(),
        Command::Account(account) => account.run(context).await,
        Command::Withdraw(withdraw) => withdraw.run(context).await,
        Command::Calendar(calendar) => calendar.run(context).await,
        Command::Grants(grants) => grants.run(context).await,
        Command::Evaluation(evaluation) => evaluation.run(context).await,
        Command::Policies(policies) => policies.run(context),
        Command::Catalogue(catalogue) => catalogue.run(context).await,
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_commands_are_well_formed() {
        super::Cli::command().debug_assert();
    }
}
