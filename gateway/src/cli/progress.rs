//! How far long work is: a bar on a terminal, a plain line every few seconds elsewhere; on the error stream.

use std::io::{IsTerminal as _, Read};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Between two plain lines.
const EVERY: Duration = Duration::from_secs(5);

/// Counts the bytes read of a file.
pub(super) struct Progress {
    what: String,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// Starts; `bytes` = size of the whole, if known.
    pub(super) fn start(what: &str, bytes: Option<u64>) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let bar = ProgressBar::new(bytes.unwrap_or(0));
            let style = ProgressStyle::with_template("{msg} [{bar:30}] {bytes}/{total_bytes} {elapsed}, {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> "));
            bar.set_message(what.to_owned());
            bar
        });
        Self { what: what.to_owned(), bar }
    }

    /// A reader that counts.
    pub(super) fn counting(&self, input: Box<dyn Read + Send>, bytes: Option<u64>) -> Box<dyn Read + Send> {
        match &self.bar {
            Some(bar) => Box::new(bar.wrap_read(input)),
            None => Box::new(Plain { input, what: self.what.clone(), bytes, read: 0, told: Instant::now() }),
        }
    }

    /// Ends, and takes the bar away.
    pub(super) fn done(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}

struct Plain {
    input: Box<dyn Read + Send>,
    what: String,
    bytes: Option<u64>,
    read: u64,
    told: Instant,
}

impl Read for Plain {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.input.read(into)?;
        self.read += count as u64;
        if self.told.elapsed() >= EVERY {
            self.told = Instant::now();
            match self.bytes {
                Some(bytes) if bytes > 0 => eprintln!("{}: {} %", self.what, self.read.saturating_mul(100) / bytes),
                _ => eprintln!("{}: {} MB", self.what, self.read / 1_000_000),
            }
        }
        Ok(count)
    }
}

/// Counts things made.
pub(super) struct Count {
    what: &'static str,
    whole: u64,
    bar: Option<ProgressBar>,
    told: Instant,
}

impl Count {
    /// Starts to count up to `whole`; 0 = it is not known.
    pub(super) fn start(what: &'static str, whole: u64) -> Self {
        let bar = std::io::stderr().is_terminal().then(|| {
            let style = ProgressStyle::with_template("{msg} [{bar:30}] {pos}/{len} {elapsed}, {eta} left");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("=> ");
            ProgressBar::new(whole).with_style(style).with_message(what)
        });
        Self { what, whole, bar, told: Instant::now() }
    }

    /// So many by now.
    pub(super) fn at(&mut self, count: u64) {
        match &self.bar {
            Some(bar) => bar.set_position(count),
            None if self.told.elapsed() >= EVERY => {
                self.told = Instant::now();
                match self.whole {
                    0 => eprintln!("{}: {count}", self.what),
                    whole => eprintln!("{}: {count} of {whole}", self.what),
                }
            }
            None => {}
        }
    }

    /// Ends, and takes the bar away.
    pub(super) fn done(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
