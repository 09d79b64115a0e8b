//! `bench-rows --out DIRECTORY --divisions FILE [--scale 1] [--seed 20260101] [--never-issued 99]`

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;

use bench::{Country, Sink, Sizes, generate};

const USAGE: &str =
    "usage: bench-rows --out DIRECTORY --divisions FILE [--scale 1] [--seed 20260101] [--never-issued DIGITS]";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench-rows: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut options: HashMap<&str, &str> = HashMap::new();
    for pair in arguments.chunks(2) {
        let [name, value] = pair else { return Err(USAGE.into()) };
        let known = ["--out", "--divisions", "--scale", "--seed", "--never-issued"].contains(&name.as_str());
        if !known || options.insert(name, value).is_some() {
            return Err(format!("`{name}` is unknown or given twice; {USAGE}").into());
        }
    }
    let (Some(out), Some(divisions)) = (options.get("--out"), options.get("--divisions")) else {
        return Err(USAGE.into());
    };
    let scale: f64 = options.get("--scale").unwrap_or(&"1").parse()?;
    let seed: u64 = options.get("--seed").unwrap_or(&"20260101").parse()?;
    let country = Country::read(&std::fs::read_to_string(divisions)?, options.get("--never-issued").copied(), seed)?;
    let mut sink = Sink::new(Path::new(out))?;
    generate(&country, Sizes::scaled(scale), seed, &mut sink)?;
    Ok(sink.finish(seed, scale)?)
}
