//! One pass over the documents of a query: total, best hits, facets.

use std::collections::{BinaryHeap, HashMap};
use std::ops::Bound;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use moka::sync::Cache;
use tantivy::columnar::{Column as Values, StrColumn};
use tantivy::index::SegmentId;
use tantivy::query::{EnableScoring, Query};
use tantivy::{DocId, Searcher, SegmentReader, f64_to_u64, i64_to_u64};

use super::IndexError;
use super::mapping::{KEY_LENGTH, KEY_WORDS, Mapping, PARTITION, Scalar, VERSION, day_of_column};
use super::statistics::Statistics;
use crate::record::RecordKey;
use crate::service::{SortKey, SortTuple, SortValue};
use crate::value::FieldType;

/// Most sort fields of an ask.
pub(super) const SORT_FIELDS_MAX: usize = 3;

/// Where a document lies: which searcher of the view (0 `current`, 1 `closed`), which segment, which document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Address {
    pub(super) searcher: u8,
    pub(super) segment: u32,
    pub(super) doc: DocId,
}

/// A hit: where it stands in the order, and what to read it by.
#[derive(Debug, Clone)]
pub(super) struct Ranked {
    pub(super) tuple: SortTuple,
    pub(super) key: RecordKey,
    pub(super) version: u32,
}

/// What a pass found.
#[derive(Debug, Default)]
pub(super) struct Passed {
    pub(super) total: u64,
    /// The best, in order; one more than asked for shows that there are more.
    pub(super) hits: Vec<Ranked>,
    /// By facet in the order asked: value → documents.
    pub(super) facets: Vec<HashMap<String, u64>>,
}

/// What a pass is to find.
pub(super) struct Plan<'a> {
    pub(super) mapping: &'a Mapping,
    /// Dataset number, the first two bytes of every key.
    pub(super) number: u16,
    /// By score first (with a question and no sort).
    pub(super) by_score: bool,
    pub(super) sort: &'a [SortKey],
    pub(super) after: Option<&'a SortTuple>,
    /// Hits wanted.
    pub(super) limit: usize,
    pub(super) facets: &'a [u16],
}

/// The documents to pass over.
pub(super) enum Source<'a> {
    /// All that a query finds.
    Query(&'a dyn Query, &'a Statistics),
    /// These, with their scores; sorted.
    Listed(&'a [(Address, u32)]),
}

/// Passes over the documents of `searchers` (`current`, then perhaps `closed`).
pub(super) fn pass(plan: &Plan<'_>, searchers: &[&Searcher], source: &Source<'_>) -> Result<Passed, IndexError> {
    let mut passed = Passed { facets: vec![HashMap::new(); plan.facets.len()], ..Passed::default() };
    for (searcher, number) in searchers.iter().zip(0_u8..) {
        run(plan, searcher, number, source, &mut passed).map_err(IndexError::engine("searching"))?;
    }
    passed.hits.sort_by(|a, b| order(plan, &a.tuple, &b.tuple));
    passed.hits.truncate(plan.limit + 1);
    Ok(passed)
}

/// Whether `a` stands before `b`.
pub(super) fn order(plan: &Plan<'_>, a: &SortTuple, b: &SortTuple) -> std::cmp::Ordering {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let mut by = b.score.cmp(&a.score);
    for (key, (x, y)) in plan.sort.iter().zip(a.values.iter().zip(&b.values)) {
        by = by.then_with(|| match (x, y) {
            (None, None) => Equal,
            (None, Some(_)) => Greater,
            (Some(_), None) => Less,
            (Some(x), Some(y)) => {
                let by = x.partial_cmp(y).unwrap_or(Equal);
                if key.descending { by.reverse() } else { by }
            }
        });
    }
    by.then_with(|| a.id.cmp(&b.id))
}

fn run(
    plan: &Plan<'_>,
    searcher: &Searcher,
    number: u8,
    source: &Source<'_>,
    passed: &mut Passed,
) -> tantivy::Result<()> {
    let weight = match source {
        Source::Query(query, statistics) => Some(query.weight(if plan.by_score {
            EnableScoring::enabled_from_statistics_provider(*statistics, searcher)
        } else {
            EnableScoring::disabled_from_searcher(searcher)
        })?),
        Source::Listed(_) => None,
    };
    for (reader, segment) in searcher.segment_readers().iter().zip(0_u32..) {
        if reader.num_docs() == 0 {
            continue;
        }
        let mut collector = SegmentPass::open(plan, reader)?;
        let alive = reader.alive_bitset();
        match (&weight, source) {
            (Some(weight), _) if plan.by_score => weight.for_each(reader, &mut |doc, score| {
                if alive.is_none_or(|alive| alive.is_alive(doc)) {
                    // INVARIANT: scores are whole numbers (scoring.rs).
                    #[expect(
                        clippy::cast_possible_truncation,
                        clippy::cast_sign_loss,
                        reason = "a whole number ≥ 0; saturates"
                    )]
                    collector.take(doc, score as u32);
                }
            })?,
            (Some(weight), _) => weight.for_each_no_score(reader, &mut |docs| {
                for doc in docs {
                    if alive.is_none_or(|alive| alive.is_alive(*doc)) {
                        collector.take(*doc, 0);
                    }
                }
            })?,
            (None, Source::Listed(listed)) => {
                let from = listed.partition_point(|(a, _)| (a.searcher, a.segment) < (number, segment));
                for (address, score) in listed.iter().skip(from) {
                    if (address.searcher, address.segment) != (number, segment) {
                        break;
                    }
                    collector.take(address.doc, if plan.by_score { *score } else { 0 });
                }
            }
            (None, Source::Query(..)) => {}
        }
        collector.finish(passed)?;
    }
    Ok(())
}

/// Every document of a query with its score, at most `documents_max`; `None` if there are more.
pub(super) fn listed(
    query: &dyn Query,
    statistics: &Statistics,
    searchers: &[&Searcher],
    by_score: bool,
    documents_max: usize,
) -> Result<Option<Vec<(Address, u32)>>, IndexError> {
    let mut all = Vec::new();
    let mut gather = || -> tantivy::Result<()> {
        for (searcher, number) in searchers.iter().zip(0_u8..) {
            let weight = query.weight(if by_score {
                EnableScoring::enabled_from_statistics_provider(statistics, searcher)
            } else {
                EnableScoring::disabled_from_searcher(searcher)
            })?;
            for (reader, segment) in searcher.segment_readers().iter().zip(0_u32..) {
                let alive = reader.alive_bitset();
                weight.for_each(reader, &mut |doc, score| {
                    if all.len() <= documents_max && alive.is_none_or(|alive| alive.is_alive(doc)) {
                        #[expect(
                            clippy::cast_possible_truncation,
                            clippy::cast_sign_loss,
                            reason = "a whole number ≥ 0; saturates"
                        )]
                        let score = if by_score { score as u32 } else { 0 };
                        all.push((Address { searcher: number, segment, doc }, score));
                    }
                })?;
            }
        }
        Ok(())
    };
    gather().map_err(IndexError::engine("searching"))?;
    Ok((all.len() <= documents_max).then_some(all))
}

/// Columns kept open, by segment: ids are random, so one table serves the process. What was merged away is let go after a while.
static OPEN: LazyLock<Cache<SegmentId, Arc<Keys>>> =
    LazyLock::new(|| Cache::builder().max_capacity(OPEN_MAX).time_to_idle(OPEN_FOR).build());
/// Most segments whose columns are kept open.
const OPEN_MAX: u64 = 4_096;
/// How long those of a segment that nobody asks are kept.
const OPEN_FOR: Duration = Duration::from_mins(5);

/// The columns that say which record and version a document is.
pub(super) struct Keys {
    number: u16,
    partition: Values<u64>,
    words: Vec<Values<u64>>,
    length: Option<Values<u64>>,
    version: Values<u64>,
}

impl Keys {
    /// The columns of a segment, from those kept open: opening them reads the description of every block, which costs more
    /// than a small search does.
    pub(super) fn of(number: u16, mapping: &Mapping, reader: &SegmentReader) -> tantivy::Result<Arc<Self>> {
        if let Some(kept) = OPEN.get(&reader.segment_id()) {
            return Ok(kept);
        }
        let keys = Arc::new(Self::open(number, mapping, reader)?);
        OPEN.insert(reader.segment_id(), Arc::clone(&keys));
        Ok(keys)
    }

    fn open(number: u16, mapping: &Mapping, reader: &SegmentReader) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        Ok(Self {
            number,
            partition: fast.u64(PARTITION)?,
            words: KEY_WORDS
                .iter()
                .take(mapping.system.key_words.len())
                .map(|name| {
                    Ok(fast.column_opt::<u64>(name)?.unwrap_or_else(|| Values::build_empty_column(reader.max_doc())))
                })
                .collect::<tantivy::Result<_>>()?,
            length: if mapping.system.key_length.is_some() { Some(fast.u64(KEY_LENGTH)?) } else { None },
            version: fast.u64(VERSION)?,
        })
    }

    /// The record's key.
    pub(super) fn key(&self, doc: DocId) -> RecordKey {
        let mut bytes = Vec::with_capacity(40);
        bytes.extend_from_slice(&self.number.to_be_bytes());
        let partition = self.partition.first(doc).unwrap_or(0);
        bytes.extend_from_slice(&u16::try_from(partition).unwrap_or(0).to_be_bytes());
        for column in &self.words {
            bytes.extend_from_slice(&column.first(doc).unwrap_or(0).to_be_bytes());
        }
        if let Some(length) = self.length.as_ref().and_then(|column| column.first(doc)) {
            bytes.truncate(4 + usize::try_from(length).unwrap_or(0));
        }
        RecordKey::from_bytes(bytes)
    }

    /// The version's number in its record.
    pub(super) fn version(&self, doc: DocId) -> u32 {
        u32::try_from(self.version.first(doc).unwrap_or(0)).unwrap_or(0)
    }

    /// The first part of the key's order: the partition.
    fn first(&self, doc: DocId) -> u64 {
        self.partition.first(doc).unwrap_or(0)
    }

    /// Orders documents as their keys do.
    fn tie(&self, doc: DocId) -> [u64; 5] {
        let mut tie = [0; 5];
        let words = std::iter::once(&self.partition).chain(&self.words);
        tie.iter_mut().zip(words).for_each(|(to, column)| *to = column.first(doc).unwrap_or(0));
        tie
    }
}

/// The key as the last tie of a position: hexadecimal, in the order of the bytes.
pub(super) fn position_id(key: &RecordKey) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or('0');
    key.as_bytes().iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A column to sort by; larger numbers stand later, no value last.
enum Sorted {
    Whole(Values<i64>),
    Number(Values<f64>),
    Text(StrColumn),
    Missing,
}

impl Sorted {
    fn open(mapping: &Mapping, field: u16, reader: &SegmentReader) -> tantivy::Result<Self> {
        let Some(mapped) = mapping.field(field) else { return Ok(Self::Missing) };
        let fast = reader.fast_fields();
        Ok(match (&mapped.scalar, &mapped.strings) {
            (Some(Scalar::Integer(name, _) | Scalar::Stretch { from: (name, _), .. }), _) => {
                fast.column_opt::<i64>(name)?.map_or(Self::Missing, Self::Whole)
            }
            (Some(Scalar::Number(name, _)), _) => fast.column_opt::<f64>(name)?.map_or(Self::Missing, Self::Number),
            (None, Some((name, _))) => fast.str(name)?.map_or(Self::Missing, Self::Text),
            (None, None) => Self::Missing,
        })
    }

    fn rank(&self, doc: DocId, descending: bool) -> u64 {
        let value = match self {
            Self::Whole(values) => values.first(doc).map(i64_to_u64),
            Self::Number(values) => values.first(doc).map(f64_to_u64),
            // Odd numbers, so that a cursor's text can stand between two of the dictionary.
            Self::Text(values) => values.ords().first(doc).map(|ord| ord * 2 + 1),
            Self::Missing => None,
        };
        value.map_or(u64::MAX, |value| if descending { !value } else { value })
    }

    /// The rank a value has, or would have, in this segment.
    fn rank_of(&self, value: Option<&SortValue>, descending: bool) -> tantivy::Result<u64> {
        let rank = match (self, value) {
            (_, None) => return Ok(u64::MAX),
            (Self::Whole(_), Some(SortValue::Integer(whole))) => i64_to_u64(*whole),
            (Self::Number(_), Some(SortValue::Number(number))) => f64_to_u64(*number),
            (Self::Text(values), Some(SortValue::Text(text))) => {
                let dictionary = values.dictionary();
                if let Some(ord) = dictionary.term_ord(text.as_bytes())? {
                    ord * 2 + 1
                } else {
                    // A text after the whole dictionary has no ordinal: the engine answers with the largest number.
                    let end = dictionary.num_terms() as u64;
                    match dictionary.term_bounds_to_ord(Bound::Included(text.as_bytes()), Bound::Unbounded)?.0 {
                        Bound::Included(ord) => ord.min(end) * 2,
                        Bound::Excluded(ord) => ord.min(end) * 2 + 2,
                        Bound::Unbounded => 0,
                    }
                }
            }
            // A segment without values, or a cursor of another type: after everything with a value.
            _ => return Ok(u64::MAX - 1),
        };
        Ok(if descending { !rank } else { rank })
    }

    fn value(&self, doc: DocId, days: bool) -> tantivy::Result<Option<SortValue>> {
        Ok(match self {
            Self::Whole(values) => {
                values.first(doc).map(|value| SortValue::Integer(if days { day_of_column(value).0 } else { value }))
            }
            Self::Number(values) => values.first(doc).map(SortValue::Number),
            Self::Text(values) => match values.ords().first(doc) {
                Some(ord) => {
                    let mut text = String::new();
                    values.ord_to_str(ord, &mut text)?;
                    Some(SortValue::Text(text))
                }
                None => None,
            },
            Self::Missing => None,
        })
    }
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    rank: [u64; SORT_FIELDS_MAX + 1],
    tie: [u64; 5],
    doc: DocId,
}

struct SegmentPass<'a> {
    plan: &'a Plan<'a>,
    keys: Arc<Keys>,
    sorted: Vec<Sorted>,
    after: Option<([u64; SORT_FIELDS_MAX + 1], [u64; 5])>,
    total: u64,
    /// The best so far, the worst on top.
    best: BinaryHeap<Entry>,
    facets: Vec<(Option<StrColumn>, Vec<u64>)>,
}

impl<'a> SegmentPass<'a> {
    fn open(plan: &'a Plan<'a>, reader: &SegmentReader) -> tantivy::Result<Self> {
        let sorted = plan
            .sort
            .iter()
            .map(|key| Sorted::open(plan.mapping, key.field, reader))
            .collect::<tantivy::Result<Vec<_>>>()?;
        let after = plan.after.map(|after| after_of(plan, &sorted, after)).transpose()?;
        let facets = plan.facets.iter().map(|field| {
            let column = match plan.mapping.field(*field).and_then(|mapped| mapped.strings.as_ref()) {
                Some((name, _)) => reader.fast_fields().str(name)?,
                None => None,
            };
            let counts = vec![0; column.as_ref().map_or(0, |c| c.num_terms())];
            Ok((column, counts))
        });
        Ok(Self {
            plan,
            keys: Keys::of(plan.number, plan.mapping, reader)?,
            facets: facets.collect::<tantivy::Result<_>>()?,
            sorted,
            after,
            total: 0,
            best: BinaryHeap::with_capacity(plan.limit + 2),
        })
    }

    fn take(&mut self, doc: DocId, score: u32) {
        self.total += 1;
        for (column, counts) in &mut self.facets {
            if let Some(column) = column {
                for ord in column.term_ords(doc) {
                    if let Some(count) = usize::try_from(ord).ok().and_then(|ord| counts.get_mut(ord)) {
                        *count += 1;
                    }
                }
            }
        }
        let mut rank = [0; SORT_FIELDS_MAX + 1];
        let ranks = std::iter::once(u64::from(!score))
            .chain(self.sorted.iter().zip(self.plan.sort).map(|(sorted, key)| sorted.rank(doc, key.descending)));
        rank.iter_mut().zip(ranks).for_each(|(to, from)| *to = from);
        let full = self.best.len() > self.plan.limit;
        if full && self.best.peek().is_some_and(|worst| rank > worst.rank) {
            return;
        }
        if let Some((after, _)) = &self.after
            && rank < *after
        {
            return;
        }
        // Most documents of a list without an order lose by the first part of their key already.
        if full
            && let Some(worst) = self.best.peek()
            && rank == worst.rank
            && Some(&self.keys.first(doc)) > worst.tie.first()
        {
            return;
        }
        let tie = self.keys.tie(doc);
        if let Some((after, after_tie)) = &self.after
            && rank == *after
            && tie <= *after_tie
        {
            return;
        }
        let entry = Entry { rank, tie, doc };
        if full {
            if let Some(mut worst) = self.best.peek_mut()
                && entry < *worst
            {
                *worst = entry;
            }
        } else {
            self.best.push(entry);
        }
    }

    fn finish(self, passed: &mut Passed) -> tantivy::Result<()> {
        passed.total += self.total;
        for ((column, counts), all) in self.facets.into_iter().zip(&mut passed.facets) {
            let Some(column) = column else { continue };
            for (count, ord) in counts.into_iter().zip(0_u64..).filter(|(count, _)| *count > 0) {
                let mut text = String::new();
                column.ord_to_str(ord, &mut text)?;
                *all.entry(text).or_default() += count;
            }
        }
        for entry in self.best {
            let mut values = Vec::with_capacity(self.sorted.len());
            for (sorted, key) in self.sorted.iter().zip(self.plan.sort) {
                let days = self.plan.mapping.field(key.field).is_some_and(|mapped| {
                    matches!(mapped.kind, FieldType::Date | FieldType::Interval | FieldType::Period)
                });
                values.push(sorted.value(entry.doc, days)?);
            }
            let key = self.keys.key(entry.doc);
            let [score, ..] = entry.rank;
            #[expect(clippy::cast_possible_truncation, reason = "the lower half is the score turned round")]
            let score = if self.plan.by_score { !(score as u32) } else { 0 };
            passed.hits.push(Ranked {
                tuple: SortTuple { score, values, id: position_id(&key) },
                version: self.keys.version(entry.doc),
                key,
            });
        }
        Ok(())
    }
}

/// A cursor's position in the terms of one segment.
fn after_of(
    plan: &Plan<'_>,
    sorted: &[Sorted],
    after: &SortTuple,
) -> tantivy::Result<([u64; SORT_FIELDS_MAX + 1], [u64; 5])> {
    let mut rank = [0; SORT_FIELDS_MAX + 1];
    let mut slots = rank.iter_mut();
    if let Some(slot) = slots.next() {
        *slot = u64::from(!if plan.by_score { after.score } else { 0 });
    }
    for ((slot, column), (key, value)) in slots.zip(sorted).zip(plan.sort.iter().zip(&after.values)) {
        let value = match value {
            Some(SortValue::Integer(whole)) if is_days(plan, key.field) => {
                Some(SortValue::Integer(super::mapping::column_day(crate::value::Day(*whole))))
            }
            other => other.clone(),
        };
        *slot = column.rank_of(value.as_ref(), key.descending)?;
    }
    let bytes: Vec<u8> = (0..after.id.len() / 2)
        .filter_map(|at| u8::from_str_radix(after.id.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect();
    let mut tie = [0; 5];
    if let Some((partition, row)) = super::document::key_parts(&RecordKey::from_bytes(bytes)) {
        let words = std::iter::once(u64::from(partition)).chain(super::document::key_words(row));
        tie.iter_mut().zip(words).for_each(|(to, from)| *to = from);
    }
    Ok((rank, tie))
}

fn is_days(plan: &Plan<'_>, field: u16) -> bool {
    plan.mapping
        .field(field)
        .is_some_and(|mapped| matches!(mapped.kind, FieldType::Date | FieldType::Interval | FieldType::Period))
}
