//! The manifest: which file goes into which dataset, in which order, from whom.

use std::fmt::Write as _;

use super::{NationError, Open};

/// A file of the nation.
struct Entry {
    dataset: &'static str,
    file: String,
    source: &'static str,
    rows: u64,
    title: &'static str,
}

/// The files so far; kept in the order in which they import cleanly.
#[derive(Default)]
pub(crate) struct Manifest(Vec<Entry>);

impl Manifest {
    /// Notes a closed file.
    pub(crate) fn add(
        &mut self,
        dataset: &'static str,
        title: &'static str,
        source: &'static str,
        (file, rows): (String, u64),
    ) {
        self.0.push(Entry { dataset, file, source, rows, title });
    }

    /// Writes `manifest.json`; gives file names and rows.
    pub(crate) fn write(self, open: &mut Open<'_>) -> Result<Vec<(String, u64)>, NationError> {
        let failed = |source| NationError::Write { file: "manifest.json".to_owned(), source };
        let mut text = "{\n \"files\": [".to_owned();
        for (at, Entry { dataset, file, source, rows, title }) in self.0.iter().enumerate() {
            let comma = if at == 0 { "" } else { "," };
            let _ = write!(
                text,
                "{comma}\n  {{\"dataset\": \"{dataset}\", \"file\": \"{file}\", \"source\": \"{source}\", \
                 \"rows\": {rows}, \"title\": \"{title}\"}}"
            );
        }
        text.push_str("\n ]\n}\n");
        let mut out = open("manifest.json").map_err(failed)?;
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(failed)?;
        Ok(self.0.into_iter().map(|entry| (entry.file, entry.rows)).collect())
    }
}
