//! A CSV file being written, row by row, without an allocation a row.

use std::io::Write;

use super::{NationError, Open};

/// Bytes gathered before they are written.
const GATHERED: usize = 1 << 16;

/// A CSV file.
pub(crate) struct Csv {
    file: String,
    out: Box<dyn Write>,
    line: Vec<u8>,
    first: bool,
    rows: u64,
}

impl Csv {
    /// Opens a file and writes its header.
    pub(crate) fn open(open: &mut Open<'_>, file: &str, header: &str) -> Result<Self, NationError> {
        let out = open(file).map_err(|source| NationError::Write { file: file.to_owned(), source })?;
        let mut line = Vec::with_capacity(GATHERED + 1024);
        line.extend_from_slice(header.as_bytes());
        line.push(b'\n');
        Ok(Self { file: file.to_owned(), out, line, first: true, rows: 0 })
    }

    /// A cell of the row being written.
    pub(crate) fn cell(&mut self, text: &str) -> &mut Self {
        if !self.first {
            self.line.push(b',');
        }
        self.first = false;
        if text.bytes().any(|b| matches!(b, b',' | b'"' | b'\n')) {
            self.line.push(b'"');
            for byte in text.bytes() {
                if byte == b'"' {
                    self.line.push(b'"');
                }
                self.line.push(byte);
            }
            self.line.push(b'"');
        } else {
            self.line.extend_from_slice(text.as_bytes());
        }
        self
    }

    /// Ends the row.
    pub(crate) fn end(&mut self) -> Result<(), NationError> {
        self.line.push(b'\n');
        self.first = true;
        self.rows += 1;
        if self.line.len() >= GATHERED { self.write() } else { Ok(()) }
    }

    fn write(&mut self) -> Result<(), NationError> {
        let written = self.out.write_all(&self.line);
        self.line.clear();
        written.map_err(|source| NationError::Write { file: self.file.clone(), source })
    }

    /// Writes what is left; gives the file's name and its rows.
    pub(crate) fn close(mut self) -> Result<(String, u64), NationError> {
        self.write()?;
        self.out.flush().map_err(|source| NationError::Write { file: self.file.clone(), source })?;
        Ok((self.file, self.rows))
    }
}
