//! `natbase synth`: a synthetic nation (模拟数据), the same for the same seed. What it is made of stands in the crate
//! `nation`; here it gets real divisions to live in and files to be written to.

mod places;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;
use nation::{Made, Order};

use super::progress::Count;

/// Makes a synthetic nation: persons by three sources, households, residences, vital events, enterprises with holders,
/// officers and events, provincial series; `manifest.json` says what goes where, `truth.csv` which errors were planted.
#[derive(Debug, Args)]
pub(super) struct Synth {
    /// The same seed gives the same files.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many persons, those who died included.
    #[arg(long, default_value_t = 1_000)]
    persons: u64,
    /// How many enterprises. Default: three for every ten persons.
    #[arg(long)]
    enterprises: Option<u64>,
    /// Folder to write into.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Synth {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let made = write(self.seed, self.persons, self.enterprises, &self.out)?;
        for (file, rows) in &made.files {
            println!("{rows:>10} rows  {file}");
        }
        println!("{:>10} errors planted, told in truth.csv; {} (模拟数据)", made.errors, self.out.display());
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes a nation into a folder.
pub(super) fn write(seed: u64, persons: u64, enterprises: Option<u64>, folder: &Path) -> anyhow::Result<Made> {
    let enterprises = enterprises.unwrap_or(persons * 3 / 10);
    let order = Order { seed, persons, enterprises, places: places::load()? };
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let mut open = |name: &str| -> std::io::Result<Box<dyn Write>> {
        Ok(Box::new(BufWriter::new(std::fs::File::create(folder.join(name))?)))
    };
    let mut progress = Count::start("synthetic persons", persons);
    let made = nation::make(&order, &mut open, &mut |persons| progress.at(persons))?;
    progress.done();
    Ok(made)
}
