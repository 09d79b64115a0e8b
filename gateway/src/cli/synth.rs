//! `natbase synth`: synthetic persons, enterprises and shareholdings (模拟数据), the same for the same seed.
//!
//! Citizen numbers and credit codes carry divisions that GB/T 2260 has never issued: `89`, then the first four digits of a
//! real division, as in `895101…`. Data directories that are not marked `demo` refuse them. Check digits are right, birth
//! dates and sex agree with the number, children carry a parent's surname; nobody described exists.
//! Rows are written as they are made; kept in memory are the numbers used (16 bytes a person) and the last 2,000 people
//! and 500 enterprises, of whom representatives and shareholders are drawn.

mod companies;
mod people;
mod places;
mod random;
mod words;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use companies::Companies;
use people::People;
use places::Places;
use random::Random;

/// Makes persons.csv, enterprises.csv and shareholdings.csv.
#[derive(Debug, Args)]
pub(super) struct Synth {
    /// The same seed gives the same files.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many persons.
    #[arg(long, default_value_t = 1_000)]
    persons: u64,
    /// How many enterprises. Default: one for every eight persons.
    #[arg(long)]
    enterprises: Option<u64>,
    /// Folder to write into.
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Synth {
    pub(super) fn run(self) -> anyhow::Result<ExitCode> {
        let enterprises = self.enterprises.unwrap_or(self.persons / 8);
        std::fs::create_dir_all(&self.out).with_context(|| format!("{} cannot be made", self.out.display()))?;
        let made = generate(self.seed, self.persons, enterprises, |name| file(&self.out, name))?;
        println!(
            "{} persons, {} enterprises, {} shareholdings in {} (模拟数据)",
            self.persons,
            enterprises,
            made,
            self.out.display()
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn file(folder: &Path, name: &str) -> anyhow::Result<Box<dyn Write>> {
    let path = folder.join(name);
    let file = std::fs::File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    Ok(Box::new(BufWriter::new(file)))
}

/// Writes the three files to what `open` gives; tells how many shareholdings there are.
fn generate(
    seed: u64,
    persons: u64,
    enterprises: u64,
    mut open: impl FnMut(&str) -> anyhow::Result<Box<dyn Write>>,
) -> anyhow::Result<u64> {
    let places = Places::load()?;
    let mut people = People::new(&places, Random::new(seed));
    let mut out = open("persons.csv")?;
    writeln!(out, "{}", people::HEADER)?;
    let mut left = persons;
    while left > 0 {
        for person in people.household().into_iter().take(usize::try_from(left).unwrap_or(usize::MAX)) {
            writeln!(out, "{}", person.row())?;
            people.remember(person);
            left -= 1;
        }
    }
    out.flush()?;
    let mut companies = Companies::new(&places, Random::new(seed ^ 0x00C0_FFEE), people.known());
    let (mut out, mut shares) = (open("enterprises.csv")?, open("shareholdings.csv")?);
    writeln!(out, "{}", companies::HEADER)?;
    writeln!(shares, "{}", companies::SHARES_HEADER)?;
    let mut held = 0;
    for _ in 0..enterprises {
        let (row, holders) = companies.make();
        writeln!(out, "{row}")?;
        for holder in holders {
            writeln!(shares, "{holder}")?;
            held += 1;
        }
    }
    out.flush()?;
    shares.flush()?;
    Ok(held)
}

/// A CSV row of cells.
fn csv(cells: &[&str]) -> String {
    let quoted = |cell: &&str| {
        if cell.contains([',', '"', '\n']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { (*cell).to_owned() }
    };
    cells.iter().map(quoted).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests;
