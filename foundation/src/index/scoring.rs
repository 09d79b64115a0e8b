//! Scores as whole numbers.
//!
//! The engine adds f32 scores in an order that depends on segments. Every leaf is rounded to a whole number below 2^24
//! here, so that sums are exact in any order: the same document has the same score wherever it lies.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::query::{EnableScoring, Explanation, Query, Scorer, Weight};
use tantivy::schema::Field as Column;
use tantivy::{DocId, DocSet, Score, SegmentReader};

/// Steps of a score a unit of BM25.
const STEPS: Score = 64.0;
/// What a whole match is worth: more than any sum of words.
pub(super) const WHOLE: Score = 1_048_576.0;
/// The most one leaf can give.
const LEAF_MAX: Score = 65_536.0;

/// A query whose scores are multiplied and rounded.
#[derive(Debug)]
pub(super) struct Rounded {
    inner: Box<dyn Query>,
    factor: Score,
}

impl Rounded {
    /// Scores of `inner` times `weight`.
    pub(super) fn boxed(inner: Box<dyn Query>, weight: u8) -> Box<dyn Query> {
        Box::new(Self { inner, factor: Score::from(weight) * STEPS })
    }
}

impl Clone for Rounded {
    fn clone(&self) -> Self {
        Self { inner: self.inner.box_clone(), factor: self.factor }
    }
}

impl Query for Rounded {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = self.inner.weight(scoring)?;
        Ok(if scoring.is_scoring_enabled() { Box::new(RoundedWeight { inner, factor: self.factor }) } else { inner })
    }
}

struct RoundedWeight {
    inner: Box<dyn Weight>,
    factor: Score,
}

impl Weight for RoundedWeight {
    fn scorer(&self, reader: &SegmentReader, _boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let inner = self.inner.scorer(reader, 1.0)?;
        Ok(Box::new(RoundedScorer { inner, factor: self.factor }))
    }
    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.inner.explain(reader, doc)
    }
    fn count(&self, reader: &SegmentReader) -> tantivy::Result<u32> {
        self.inner.count(reader)
    }
}

struct RoundedScorer {
    inner: Box<dyn Scorer>,
    factor: Score,
}

impl Scorer for RoundedScorer {
    fn score(&mut self) -> Score {
        (self.inner.score() * self.factor).round().clamp(1.0, LEAF_MAX)
    }
}

impl DocSet for RoundedScorer {
    fn advance(&mut self) -> DocId {
        self.inner.advance()
    }
    fn seek(&mut self, target: DocId) -> DocId {
        self.inner.seek(target)
    }
    fn doc(&self) -> DocId {
        self.inner.doc()
    }
    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }
    fn cost(&self) -> u64 {
        self.inner.cost()
    }
}

/// A query that keeps the documents whose field holds exactly so many tokens: with all terms of a name found, the
/// document's name *is* that name.
#[derive(Debug)]
pub(super) struct OfLength {
    inner: Box<dyn Query>,
    column: Column,
    tokens: u32,
}

impl OfLength {
    /// Documents of `inner` with `tokens` tokens in `column`.
    pub(super) fn boxed(inner: Box<dyn Query>, column: Column, tokens: u32) -> Box<dyn Query> {
        Box::new(Self { inner, column, tokens })
    }
}

impl Clone for OfLength {
    fn clone(&self) -> Self {
        Self { inner: self.inner.box_clone(), column: self.column, tokens: self.tokens }
    }
}

impl Query for OfLength {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        let inner = self.inner.weight(scoring)?;
        Ok(Box::new(OfLengthWeight { inner, column: self.column, norm: FieldNormReader::fieldnorm_to_id(self.tokens) }))
    }
}

struct OfLengthWeight {
    inner: Box<dyn Weight>,
    column: Column,
    norm: u8,
}

impl Weight for OfLengthWeight {
    fn scorer(&self, reader: &SegmentReader, _boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        let mut scorer = OfLengthScorer {
            inner: self.inner.scorer(reader, 1.0)?,
            norms: reader.get_fieldnorms_reader(self.column)?,
            norm: self.norm,
        };
        scorer.settle();
        Ok(Box::new(scorer))
    }
    fn explain(&self, reader: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        self.inner.explain(reader, doc)
    }
}

struct OfLengthScorer {
    inner: Box<dyn Scorer>,
    norms: FieldNormReader,
    norm: u8,
}

impl OfLengthScorer {
    fn settle(&mut self) -> DocId {
        let mut doc = self.inner.doc();
        while doc != tantivy::TERMINATED && self.norms.fieldnorm_id(doc) != self.norm {
            doc = self.inner.advance();
        }
        doc
    }
}

impl Scorer for OfLengthScorer {
    fn score(&mut self) -> Score {
        self.inner.score()
    }
}

impl DocSet for OfLengthScorer {
    fn advance(&mut self) -> DocId {
        self.inner.advance();
        self.settle()
    }
    fn seek(&mut self, target: DocId) -> DocId {
        self.inner.seek(target);
        self.settle()
    }
    fn doc(&self) -> DocId {
        self.inner.doc()
    }
    fn size_hint(&self) -> u32 {
        self.inner.size_hint()
    }
}
