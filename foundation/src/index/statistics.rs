//! The published statistics that scores are made with.
//!
//! Counted over fields that are open to everybody, in every row, and over nothing else; frozen when counted, and kept in the
//! generation: the same question has the same scores whatever segments there are and whatever a caller may not see. A term
//! not in the table counts as found in a fixed number of documents, and where nothing is counted so many are assumed.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::Path;

use bincode::{Decode, Encode};
use tantivy::query::Bm25StatisticsProvider;
use tantivy::schema::{Field as Column, Term};
use tantivy::{Searcher, TantivyError};
use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::IndexError;
use super::mapping::Mapping;

/// Fewest documents that are counted.
const COUNTED_FROM: u64 = 1_000;
/// A term found in fewer documents is not in the table.
const LISTED_FROM: u64 = 16;
/// In how many documents a term counts as found that the table does not list.
const UNLISTED: u64 = 8;
/// What the tables say before anything was counted.
const DOCUMENTS_BEFORE: u64 = 100_000;
/// Tokens of a field for which nothing was counted, a document.
const TOKENS_BEFORE: u64 = 8;

/// A table of document frequencies.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub(super) struct Statistics {
    /// Raised with every count.
    pub(super) version: u32,
    /// Documents counted; 0 = never counted.
    pub(super) documents: u64,
    /// Tokens by engine field; a field not here is not counted.
    tokens: HashMap<u32, u64>,
    /// Documents by hash of engine field and term.
    frequencies: HashMap<u64, u64>,
}

fn place(column: Column, term: &[u8]) -> u64 {
    xxh3_64_with_seed(term, u64::from(column.field_id()))
}

impl Statistics {
    /// Reads the table of a generation; an empty one if none was counted yet. What is no longer public by `mapping` is left
    /// out, and what became public since is counted with the next count.
    pub(super) fn read(dir: &Path, mapping: &Mapping) -> Result<Self, IndexError> {
        let mut table = Self::whole(dir)?;
        let public: HashSet<u32> = mapping.counted().map(Column::field_id).collect();
        table.tokens.retain(|column, _| public.contains(column));
        Ok(table)
    }

    fn whole(dir: &Path) -> Result<Self, IndexError> {
        let path = dir.join("statistics");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(e) => return Err(IndexError::file(&path, "read")(e)),
        };
        bincode::decode_from_slice(&bytes, bincode::config::standard())
            .map(|(table, _)| table)
            .map_err(|e| IndexError::Damaged { reason: format!("the statistics cannot be read: {e}") })
    }

    /// Writes the table beside its generation, whole or not at all.
    pub(super) fn write(&self, dir: &Path) -> Result<(), IndexError> {
        let bytes = bincode::encode_to_vec(self, bincode::config::standard())
            .map_err(|e| IndexError::Damaged { reason: format!("the statistics cannot be written: {e}") })?;
        let (new, path) = (dir.join("statistics.new"), dir.join("statistics"));
        let write = || -> std::io::Result<()> {
            let mut file = fs::File::create(&new)?;
            std::io::Write::write_all(&mut file, &bytes)?;
            file.sync_all()?;
            fs::rename(&new, &path)
        };
        write().map_err(IndexError::file(&path, "written"))
    }

    /// Whether the index has grown or shrunk so much that it should be counted again.
    pub(super) fn is_stale(&self, documents: u64) -> bool {
        documents >= COUNTED_FROM.max(self.documents.saturating_mul(2)) || documents.saturating_mul(4) < self.documents
    }

    /// Counts the public fields of an index. Cost: one pass over their term dictionaries.
    pub(super) fn count(searcher: &Searcher, mapping: &Mapping, version: u32) -> Result<Self, IndexError> {
        let mut table = Self { version, documents: searcher.num_docs().max(1), ..Self::default() };
        // So few are not worth a table, and what they are must not depend on the moment at which they are counted.
        let worth = table.documents >= COUNTED_FROM;
        for column in mapping.counted().filter(|_| worth) {
            table.count_column(searcher, column).map_err(IndexError::engine("counting terms"))?;
        }
        Ok(table)
    }

    fn count_column(&mut self, searcher: &Searcher, column: Column) -> Result<(), TantivyError> {
        let mut found: HashMap<u64, u64> = HashMap::new();
        let mut tokens = 0_u64;
        for segment in searcher.segment_readers() {
            let terms = segment.inverted_index(column)?;
            tokens = tokens.saturating_add(terms.total_num_tokens());
            let mut stream = terms.terms().stream()?;
            while let Some((term, info)) = stream.next() {
                // A term rare in every segment stays out; sums over few segments make up for the rest.
                if u64::from(info.doc_freq) * 8 >= LISTED_FROM {
                    *found.entry(place(column, term)).or_default() += u64::from(info.doc_freq);
                }
            }
        }
        found.retain(|_, documents| *documents >= LISTED_FROM);
        self.frequencies.extend(found);
        self.tokens.insert(column.field_id(), tokens);
        Ok(())
    }

    fn total(&self) -> u64 {
        if self.documents == 0 || self.tokens.is_empty() { DOCUMENTS_BEFORE } else { self.documents.max(UNLISTED) }
    }
}

impl Bm25StatisticsProvider for Statistics {
    fn total_num_tokens(&self, field: Column) -> tantivy::Result<u64> {
        let counted = self.tokens.get(&field.field_id()).copied().unwrap_or(0);
        Ok(if counted == 0 { self.total() * TOKENS_BEFORE } else { counted })
    }
    fn total_num_docs(&self) -> tantivy::Result<u64> {
        Ok(self.total())
    }
    fn doc_freq(&self, term: &Term) -> tantivy::Result<u64> {
        let counted = self.tokens.contains_key(&term.field().field_id());
        let listed = counted.then(|| self.frequencies.get(&place(term.field(), term.serialized_value_bytes())));
        Ok(listed.flatten().copied().unwrap_or(UNLISTED).min(self.total()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unlisted_term_has_a_fixed_frequency_and_none_exceeds_the_total() {
        let column = Column::from_field_id(3);
        let term = Term::from_field_text(column, "静夜");
        let mut table = Statistics { documents: 100, ..Statistics::default() };
        assert_eq!(table.doc_freq(&term).unwrap(), UNLISTED);
        table.frequencies.insert(place(column, "静夜".as_bytes()), 1_000);
        assert_eq!(table.doc_freq(&term).unwrap(), UNLISTED, "a field that is not counted says nothing");
        table.tokens.insert(column.field_id(), 7);
        assert_eq!(table.doc_freq(&term).unwrap(), 100);
        let dir = tempfile::tempdir().unwrap();
        table.write(dir.path()).unwrap();
        assert_eq!(Statistics::whole(dir.path()).unwrap(), table);
    }
}
