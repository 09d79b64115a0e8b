//! Where rows go: a CSV file natbase imports and a COPY text file for PostgreSQL, side by side.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use xxhash_rust::xxh3::Xxh3;

/// A file that could not be written.
#[derive(Debug)]
pub struct SinkError {
    path: PathBuf,
    source: io::Error,
}
impl std::fmt::Display for SinkError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.source)
    }
}
impl std::error::Error for SinkError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(&self.source)
    }
}

/// The directory everything is written to: `import/*.csv`, `copy/*.tsv`, `queries/*.txt`, `rows.json`.
#[derive(Debug)]
pub struct Sink {
    directory: PathBuf,
    written: BTreeMap<String, Value>,
}

impl Sink {
    /// Writes under `directory`, which is made.
    ///
    /// # Errors
    /// [`SinkError`] if it cannot be made.
    pub fn new(directory: &Path) -> Result<Self, SinkError> {
        for part in ["import", "copy", "queries"] {
            let path = directory.join(part);
            fs::create_dir_all(&path).map_err(|source| SinkError { path, source })?;
        }
        Ok(Self { directory: directory.to_owned(), written: BTreeMap::new() })
    }
    /// A file under the directory.
    pub(crate) fn open(&self, name: &str) -> Result<Output, SinkError> {
        let path = self.directory.join(name);
        let file = File::create(&path).map_err(|source| SinkError { path: path.clone(), source })?;
        Ok(Output {
            name: name.to_owned(),
            path,
            file: BufWriter::with_capacity(1 << 20, file),
            digest: Xxh3::new(),
            lines: 0,
        })
    }
    /// Ends a file and notes its lines and digest.
    pub(crate) fn close(&mut self, mut output: Output) -> Result<(), SinkError> {
        output.file.flush().map_err(|source| SinkError { path: output.path.clone(), source })?;
        let digest = format!("{:016x}", output.digest.digest());
        self.written.insert(output.name, json!({"lines": output.lines, "xxh3": digest}));
        Ok(())
    }
    /// Writes `rows.json`: seed, scale and the digest of every file, so that a run can say what it measured.
    ///
    /// # Errors
    /// [`SinkError`] if it cannot be written.
    pub fn finish(self, seed: u64, scale: f64) -> Result<(), SinkError> {
        let path = self.directory.join("rows.json");
        let text = json!({"seed": seed, "scale": scale, "files": self.written}).to_string();
        fs::write(&path, text).map_err(|source| SinkError { path, source })
    }
}

/// A record referred to by its number, as natbase reads it; empty if there is none.
pub(crate) fn party(number: &str) -> String {
    if number.is_empty() { String::new() } else { format!("{{\"id\":\"{number}\"}}") }
}

/// An open file.
pub(crate) struct Output {
    name: String,
    path: PathBuf,
    file: BufWriter<File>,
    digest: Xxh3,
    lines: u64,
}

impl Output {
    /// A line as it is.
    pub(crate) fn line(&mut self, line: &str) -> Result<(), SinkError> {
        self.digest.update(line.as_bytes());
        self.digest.update(b"\n");
        self.lines += 1;
        let written = self.file.write_all(line.as_bytes()).and_then(|()| self.file.write_all(b"\n"));
        written.map_err(|source| SinkError { path: self.path.clone(), source })
    }
    /// A CSV row; cells with a comma or a quote are quoted.
    pub(crate) fn csv(&mut self, cells: &[&str]) -> Result<(), SinkError> {
        let mut line = String::with_capacity(256);
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                line.push(',');
            }
            if cell.contains([',', '"']) {
                line.push('"');
                line.push_str(&cell.replace('"', "\"\""));
                line.push('"');
            } else {
                line.push_str(cell);
            }
        }
        self.line(&line)
    }
    /// A COPY row; an empty cell is NULL. No cell holds a tab, a newline or a backslash.
    pub(crate) fn copy(&mut self, cells: &[&str]) -> Result<(), SinkError> {
        let mut line = String::with_capacity(256);
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                line.push('\t');
            }
            line.push_str(if cell.is_empty() { "\\N" } else { cell });
        }
        self.line(&line)
    }
}
