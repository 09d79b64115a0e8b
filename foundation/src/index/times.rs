//! Versions valid on a day and known at an instant, as queries.
//!
//! Columns without a value mean "open". Which documents of a segment hold on a day is kept as a bitset, so that the many
//! searches of "today" do not read the columns again; a segment that holds as a whole costs nothing.

use std::sync::Arc;

use moka::sync::Cache;
use tantivy::columnar::Column as Values;
use tantivy::index::SegmentId;
use tantivy::query::{
    AllScorer, BitSetDocSet, ConstScorer, EmptyScorer, EnableScoring, Explanation, Query, Scorer, Weight,
};
use tantivy::{BitSet, DocId, Score, SegmentReader};

use super::mapping::{RECORDED_FROM, RECORDED_TO, VALID_FROM, VALID_TO};
use crate::value::{Day, Instant};

/// Most memory of the kept bitsets of a dataset, bytes.
const KEPT_BYTES: u64 = 8 << 20;

/// Which documents of a segment.
#[derive(Clone)]
enum Held {
    All,
    None,
    Some(Arc<BitSet>),
}

/// Bitsets by segment and day.
#[derive(Clone)]
pub(super) struct Days(Cache<(SegmentId, i64), Held>);

impl Default for Days {
    fn default() -> Self {
        let weigh = |_: &(SegmentId, i64), held: &Held| match held {
            Held::All | Held::None => 64,
            Held::Some(bits) => bits.max_value() / 8 + 64,
        };
        Self(Cache::builder().weigher(weigh).max_capacity(KEPT_BYTES).build())
    }
}

/// The versions that hold at both times.
#[derive(Clone)]
pub(super) struct At {
    days: Days,
    day: Day,
    /// For reads of the past: known at this instant.
    known: Option<Instant>,
}

impl std::fmt::Debug for At {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "At({}, {:?})", self.day, self.known)
    }
}

impl At {
    /// Versions valid on `day`; with `known`, those recorded by then and not closed by then.
    pub(super) fn new(days: Days, day: Day, known: Option<Instant>) -> Self {
        Self { days, day, known }
    }

    /// Whether every document of a segment holds.
    pub(super) fn holds_all(&self, reader: &SegmentReader) -> tantivy::Result<bool> {
        Ok(matches!(self.held(reader)?, Held::All))
    }

    fn held(&self, reader: &SegmentReader) -> tantivy::Result<Held> {
        if let Some(known) = self.known {
            return self.read(reader, Some(known));
        }
        let place = (reader.segment_id(), self.day.0);
        if let Some(held) = self.days.0.get(&place) {
            return Ok(held);
        }
        let held = self.read(reader, None)?;
        self.days.0.insert(place, held.clone());
        Ok(held)
    }

    fn read(&self, reader: &SegmentReader, known: Option<Instant>) -> tantivy::Result<Held> {
        let column = |name| reader.fast_fields().column_opt::<i64>(name);
        let mut bounds: Vec<(Values<i64>, Bound)> = Vec::new();
        let day = self.day.0;
        if let Some(values) = column(VALID_FROM)?.filter(|v| v.max_value() > day) {
            bounds.push((values, Bound::AtMost(day)));
        }
        if let Some(values) = column(VALID_TO)?.filter(|v| v.min_value() <= day) {
            bounds.push((values, Bound::Above(day)));
        }
        if let Some(known) = known {
            if let Some(values) = column(RECORDED_FROM)?.filter(|v| v.max_value() > known.0) {
                bounds.push((values, Bound::AtMost(known.0)));
            }
            if let Some(values) = column(RECORDED_TO)?.filter(|v| v.min_value() <= known.0) {
                bounds.push((values, Bound::Above(known.0)));
            }
        }
        if bounds.is_empty() {
            return Ok(Held::All);
        }
        let documents = reader.max_doc();
        let mut bits = BitSet::with_max_value(documents);
        for doc in 0..documents {
            if bounds.iter().all(|(values, bound)| bound.holds(values.first(doc))) {
                bits.insert(doc);
            }
        }
        Ok(if bits.len() == 0 { Held::None } else { Held::Some(Arc::new(bits)) })
    }
}

#[derive(Clone, Copy)]
enum Bound {
    AtMost(i64),
    Above(i64),
}

impl Bound {
    fn holds(self, value: Option<i64>) -> bool {
        match (self, value) {
            (_, None) => true,
            (Self::AtMost(limit), Some(value)) => value <= limit,
            (Self::Above(limit), Some(value)) => value > limit,
        }
    }
}

impl Query for At {
    fn weight(&self, _scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.clone()))
    }
}

impl Weight for At {
    fn scorer(&self, reader: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(match self.held(reader)? {
            Held::All => Box::new(AllScorer::new(reader.max_doc())),
            Held::None => Box::new(EmptyScorer),
            Held::Some(bits) => Box::new(ConstScorer::new(BitSetDocSet::from((*bits).clone()), boost)),
        })
    }
    fn explain(&self, _reader: &SegmentReader, _doc: DocId) -> tantivy::Result<Explanation> {
        Ok(Explanation::new("holds at the times asked for", 1.0))
    }
}
