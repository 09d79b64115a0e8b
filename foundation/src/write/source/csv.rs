//! CSV (RFC 4180) with a header line.

use std::io::{self, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::csv::{ReaderBuilder, StringRecord};

use super::encoding::{Declared, Utf8};
use super::header::{Target, cells, targets};
use super::{Mapping, ROW_BYTES_MAX, Rows, SourceError, rejected};
use crate::dataset::Dataset;
use crate::service::SourceRow;

pub(super) fn open(
    input: Box<dyn Read + Send>,
    declared: Declared,
    mapping: &Mapping,
    dataset: &Dataset,
) -> Result<Rows, SourceError> {
    let mut text = Utf8::new(input, declared);
    let mut start = vec![0; 8 * 1024];
    let known = fill(&mut text, &mut start).map_err(|e| broken(0, &e))?;
    start.truncate(known);
    let delimiter = mapping.delimiter.map_or_else(|| guess_delimiter(&start), |d| u8::try_from(d).unwrap_or(b','));
    let since_row = Arc::new(AtomicUsize::new(0));
    let bounded = Bounded { input: io::Cursor::new(start).chain(text), since_row: Arc::clone(&since_row) };
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bounded);
    let mut header = StringRecord::new();
    if !reader.read_record(&mut header).map_err(|e| broken(0, &e))? {
        return Err(SourceError::NoHeader);
    }
    let targets = targets(header.iter(), mapping, dataset)?;
    let rows = CsvRows { reader, since_row, targets, mapping: mapping.clone(), line: 1, ended: false };
    let header = rejected::line(header.iter().map(|c| c.trim_start_matches('\u{feff}')));
    Ok(Rows::new(Some(header), rows))
}

/// The first of comma, tab, semicolon in the first line.
fn guess_delimiter(start: &[u8]) -> u8 {
    let line = start.split(|b| *b == b'\n').next().unwrap_or_default();
    line.iter().copied().find(|b| [b',', b'\t', b';'].contains(b)).unwrap_or(b',')
}

fn fill(input: &mut impl Read, into: &mut [u8]) -> io::Result<usize> {
    let mut known = 0;
    while let Some(rest) = into.get_mut(known..).filter(|rest| !rest.is_empty()) {
        match input.read(rest)? {
            0 => break,
            count => known += count,
        }
    }
    Ok(known)
}

fn broken(after_line: u64, reason: &dyn std::fmt::Display) -> SourceError {
    SourceError::BrokenOff { after_line, reason: reason.to_string() }
}

/// Stops a row that never ends (a quote left open).
struct Bounded<R> {
    input: R,
    since_row: Arc<AtomicUsize>,
}

impl<R: Read> Read for Bounded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.since_row.load(Ordering::Relaxed) > ROW_BYTES_MAX {
            return Err(io::Error::other(format!("a row is longer than {ROW_BYTES_MAX} bytes; is a quote left open?")));
        }
        let count = self.input.read(into)?;
        self.since_row.fetch_add(count, Ordering::Relaxed);
        Ok(count)
    }
}

struct CsvRows<R> {
    reader: ::csv::Reader<Bounded<R>>,
    since_row: Arc<AtomicUsize>,
    targets: Vec<Target>,
    mapping: Mapping,
    line: u64,
    ended: bool,
}

impl<R: Read> Iterator for CsvRows<R> {
    type Item = Result<SourceRow, SourceError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let mut record = StringRecord::new();
        self.since_row.store(0, Ordering::Relaxed);
        match self.reader.read_record(&mut record) {
            Ok(true) => Some(Ok(self.row(&record))),
            Ok(false) => {
                self.ended = true;
                None
            }
            Err(e) => {
                self.ended = true;
                Some(Err(broken(self.line, &e)))
            }
        }
    }
}

impl<R: Read> CsvRows<R> {
    fn row(&mut self, record: &StringRecord) -> SourceRow {
        // The reader counts empty lines before a row to the row; what it stands at afterwards tells where the row starts.
        let breaks = record.as_slice().matches('\n').count() as u64;
        let started = record.position().map_or(self.line + 1, ::csv::Position::line);
        self.line = started.max(self.reader.position().line().saturating_sub(1 + breaks));
        let unreadable = if record.len() != self.targets.len() {
            let message = format!("the row has {} cells, the header {}", record.len(), self.targets.len());
            Some((String::new(), "columns".to_owned(), message))
        } else if record.as_slice().contains('\u{fffd}') {
            let message = "the row holds bytes that are not of the file's encoding".to_owned();
            Some((String::new(), "encoding".to_owned(), message))
        } else {
            None
        };
        let cells = if unreadable.is_some() { Vec::new() } else { cells(&self.targets, record.iter(), &self.mapping) };
        SourceRow { line: self.line, cells, original: rejected::line(record.iter()), unreadable, repaired: Vec::new() }
    }
}
