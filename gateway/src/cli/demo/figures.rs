//! What loading took: rows, time, memory, disk; as a table.

use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use foundation::dataset::DatasetName;

use super::super::data_dir::write_whole;

/// What stands over the tables in a file.
const HEAD: &str = "# What loading everything took\n\nWritten by `natbase demo --full --load-only --figures FILE` \
                    (`make data-figures`). Nothing here was typed in.\n\n";

/// A set that was loaded.
struct Set {
    dataset: String,
    title: String,
    accepted: u64,
    rejected: u64,
    took: Duration,
}

/// The figures of a run.
pub(super) struct Figures {
    started: Instant,
    sets: Vec<Set>,
}

impl Figures {
    /// Starts the clock.
    pub(super) fn start() -> Self {
        Self { started: Instant::now(), sets: Vec::new() }
    }

    /// Notes a set.
    pub(super) fn set(&mut self, dataset: &DatasetName, title: &str, accepted: u64, rejected: u64, took: Duration) {
        let (dataset, title) = (dataset.to_string(), title.to_owned());
        self.sets.push(Set { dataset, title, accepted, rejected, took });
    }

    /// Tells what was loaded by this run, if anything; writes it to `file` too.
    pub(super) fn tell(&self, data: &Path, file: Option<&Path>) -> anyhow::Result<()> {
        if self.sets.is_empty() {
            return Ok(());
        }
        let text = self.markdown(data);
        eprintln!("\n{text}");
        let Some(file) = file else { return Ok(()) };
        write_whole(file, &format!("{HEAD}{text}")).with_context(|| file.display().to_string())
    }

    fn markdown(&self, data: &Path) -> String {
        let mut text = "| dataset | set | rows | rejected | seconds |\n|---|---|---|---|---|\n".to_owned();
        for set in &self.sets {
            let (accepted, rejected) = (grouped(set.accepted), grouped(set.rejected));
            let Set { dataset, title, took, .. } = set;
            let _ = writeln!(text, "| `{dataset}` | {title} | {accepted} | {rejected} | {:.1} |", took.as_secs_f32());
        }
        let rows: u64 = self.sets.iter().map(|s| s.accepted).sum();
        let megabytes = |bytes: u64| format!("{} MB", grouped(bytes / 1_000_000));
        let whole = [
            ("rows", grouped(rows)),
            ("time, settling and index included", format!("{:.0} s", self.started.elapsed().as_secs_f32())),
            ("CPU time", format!("{} s", cpu_seconds().unwrap_or(0))),
            ("most memory at a time", status("VmHWM").map_or_else(String::new, megabytes)),
            ("of the memory at the end: own", status("RssAnon").map_or_else(String::new, megabytes)),
            ("of the memory at the end: files mapped", status("RssFile").map_or_else(String::new, megabytes)),
            ("store on disk", megabytes(size(&data.join("store")))),
            ("index on disk", megabytes(size(&data.join("index")))),
        ];
        text.push_str("\n| whole | |\n|---|---|\n");
        for (what, figure) in whole {
            let _ = writeln!(text, "| {what} | {figure} |");
        }
        text
    }
}

/// `1234567` as `1,234,567`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() + 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// CPU time of this process, user and system, seconds; fields 14 and 15 of `/proc/self/stat`, in hundredths.
fn cpu_seconds() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, after) = stat.rsplit_once(')')?;
    let mut ticks = after.split_whitespace().skip(11).take(2).filter_map(|t| t.parse::<u64>().ok());
    Some((ticks.next()? + ticks.next()?) / 100)
}

/// A figure of `/proc/self/status`, bytes.
fn status(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    line.split_whitespace().nth(1)?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// Bytes of all files under a folder.
fn size(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let bytes = entries.map(|entry| match entry.metadata() {
        Ok(meta) if meta.is_dir() => size(&entry.path()),
        Ok(meta) => meta.len(),
        Err(_) => 0,
    });
    bytes.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_tell_rows_and_sums() {
        let mut figures = Figures::start();
        let name = "culture/works".parse().expect("a name");
        figures.set(&name, "诗", 1_234_567, 8, Duration::from_millis(2_500));
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(folder.path().join("store")).expect("a folder");
        std::fs::write(folder.path().join("store/1"), vec![0; 3_000_000]).expect("a file");
        let text = figures.markdown(folder.path());
        assert!(text.contains("| `culture/works` | 诗 | 1,234,567 | 8 | 2.5 |"), "{text}");
        assert!(text.contains("| store on disk | 3 MB |") && text.contains("| CPU time |"), "{text}");
    }
}
