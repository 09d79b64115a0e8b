//! A spatial condition as an index query.

use std::sync::Arc;

use tantivy::query::{EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::{DocId, DocSet, Score, SegmentReader, TERMINATED};

use super::file::SpaceFile;
use super::kept;
use super::test::Test;

/// Documents with a geometry in `field` for which the test holds.
#[derive(Debug, Clone)]
pub(super) struct SpaceQuery {
    field: u16,
    test: Arc<Test>,
}

impl SpaceQuery {
    pub(super) fn new(field: u16, test: Test) -> Self {
        Self { field, test: Arc::new(test) }
    }
}

impl Query for SpaceQuery {
    fn weight(&self, _scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for SpaceQuery {
    fn scorer(&self, reader: &SegmentReader, _boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let file = kept::file(reader)?;
        let mut candidates: Vec<(DocId, u32)> = Vec::new();
        let mut take = |item: u32| {
            if file.field(item as usize) == Some(self.field)
                && let Some(document) = file.document(item as usize)
            {
                candidates.push((document, item));
            }
        };
        match self.test.boxes() {
            Some(boxes) => {
                for bounds in boxes {
                    file.search(*bounds)?.into_iter().for_each(&mut take);
                }
            }
            None => (0..u32::try_from(file.len()).unwrap_or(u32::MAX)).for_each(&mut take),
        }
        if candidates.is_empty() {
            return Ok(Box::new(EmptyScorer));
        }
        candidates.sort_unstable();
        candidates.dedup();
        let mut scorer = SpaceScorer { file, candidates, at: 0, test: Arc::clone(&self.test) };
        scorer.settle();
        Ok(Box::new(scorer))
    }

    fn explain(&self, _reader: &SegmentReader, _doc: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("the geometry meets the condition", 1.0))
    }
}

/// Walks candidates in document order; the exact test is made only where the walk stops.
struct SpaceScorer {
    file: Arc<SpaceFile>,
    candidates: Vec<(DocId, u32)>,
    at: usize,
    test: Arc<Test>,
}

impl SpaceScorer {
    /// Goes to the first candidate at or after `at` that passes.
    fn settle(&mut self) -> DocId {
        while let Some((document, item)) = self.candidates.get(self.at) {
            if self.file.wkb(*item as usize).is_some_and(|wkb| self.test.holds(wkb)) {
                return *document;
            }
            self.at += 1;
        }
        TERMINATED
    }
}

impl DocSet for SpaceScorer {
    fn advance(&mut self) -> DocId {
        let here = self.doc();
        // A document of several geometries is given once.
        while self.candidates.get(self.at).is_some_and(|(document, _)| *document == here) {
            self.at += 1;
        }
        self.settle()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        if self.doc() < target {
            let rest = self.candidates.get(self.at..).unwrap_or_default();
            self.at += rest.partition_point(|(document, _)| *document < target);
            return self.settle();
        }
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.candidates.get(self.at).map_or(TERMINATED, |(document, _)| *document)
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.candidates.len() - self.at).unwrap_or(u32::MAX)
    }

    fn cost(&self) -> u64 {
        // A test costs more than a posting: let terms lead where they are as rare.
        u64::from(self.size_hint()) * 4
    }
}

impl Scorer for SpaceScorer {
    fn score(&mut self) -> Score {
        0.0
    }
}
