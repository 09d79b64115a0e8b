//! Grouped figures: counts, exact sums, means, extremes.

use std::collections::BTreeMap;
use std::sync::Arc;

use tantivy::columnar::{Column as Values, StrColumn};
use tantivy::query::EnableScoring;
use tantivy::schema::Term;
use tantivy::{DocId, SegmentReader};

use super::feed::blocking;
use super::generation::{Generation, View};
use super::mapping::{Mapped, Mapping, Scalar};
use super::pass::{Address, Keys, Source};
use super::query::{Matched, Wanted, find, read_at, searchers};
use super::{DatasetIndex, IndexError};
use crate::service::{Count, Group, Measure, ReadAt, RecordKeys, Scope, SortValue, StatisticsAnswer, StatisticsAsk};
use crate::store::Store;
use crate::value::{Decimal, FieldType};

/// Most fields to group by.
const GROUP_FIELDS_MAX: usize = 3;
/// Most groups of an answer.
const GROUPS_MAX: usize = 10_000;
/// Most groups of an answer with record keys: it is summed up before anybody sees it.
const CELLS_MAX: usize = 200_000;
/// Most measures of an ask.
const MEASURES_MAX: usize = 10;
/// Digits after the point of a mean.
const MEAN_SCALE: u8 = 12;

/// Answers a statistics ask.
///
/// # Errors
/// As a search; also [`IndexError::TooHeavy`] for too many groups or a sum that does not fit into 38 digits.
pub(super) async fn statistics(
    index: &Arc<DatasetIndex>,
    store: &Arc<dyn Store>,
    ask: StatisticsAsk,
) -> Result<StatisticsAnswer, IndexError> {
    let generation = index.ready()?;
    check(index, &generation, &ask)?;
    let view = generation.view();
    let at = read_at(index, &view, ask.times)?;
    if !ask.counts_allowed {
        // Which groups there are is itself a count.
        return Ok(StatisticsAnswer { groups: Vec::new(), at });
    }
    let wanted = Wanted {
        question: None,
        names_only: false,
        filter: ask.filter.as_ref(),
        bbox: None,
        within: None,
        near: None,
        scopes: &ask.scopes,
    };
    let matched = find(index, store, &generation, &view, at, &wanted).await?;
    let (group_by, measures, keys) = (ask.group_by.clone(), ask.measures.clone(), ask.record_keys.clone());
    let number = index.number;
    let groups = blocking(move || {
        let mapping = &generation.mapping;
        for measure in &measures {
            if let Some(field) = measured(measure)
                && holds_rounded(mapping, &view, field)?
            {
                return Err(IndexError::TooHeavy(
                    "a value has more than 15 digits: figures over this field are not made from the index".to_owned(),
                ));
            }
        }
        let keys = keys.as_ref().map(|keys| (number, keys));
        gather(mapping, &view, at, &matched, (&group_by, &measures), keys)
    })
    .await?;
    let groups = groups.into_iter().map(|(key, tally)| figure(index, &ask, key, &tally)).collect();
    Ok(StatisticsAnswer { groups, at })
}

fn measured(measure: &Measure) -> Option<u16> {
    match measure {
        Measure::Count => None,
        Measure::Sum(field) | Measure::Average(field) | Measure::Min(field) | Measure::Max(field) => Some(*field),
    }
}

fn holds_rounded(mapping: &Mapping, view: &View, field: u16) -> Result<bool, IndexError> {
    let term = Term::from_field_u64(mapping.system.rounded, u64::from(field));
    let found = |searcher: &tantivy::Searcher| searcher.doc_freq(&term).map_err(IndexError::engine("reading terms"));
    Ok(found(&view.current)? + found(&view.closed)? > 0)
}

fn check(index: &DatasetIndex, generation: &Generation, ask: &StatisticsAsk) -> Result<(), IndexError> {
    let name =
        |field: u16| index.dataset.field_by_number(field).map_or_else(|| format!("#{field}"), |f| f.name.clone());
    let readable = |field: u16| {
        !ask.scopes.is_empty() && ask.scopes.iter().all(|s: &Scope| s.readable.binary_search(&field).is_ok())
    };
    if ask.group_by.len() > GROUP_FIELDS_MAX || ask.measures.len() > MEASURES_MAX {
        return Err(IndexError::Invalid(format!(
            "at most {GROUP_FIELDS_MAX} fields to group by and {MEASURES_MAX} measures"
        )));
    }
    for field in &ask.group_by {
        if !readable(*field) || !index.can(generation, *field, |f| f.facet)? {
            return Err(IndexError::Invalid(format!("`group-by`: `{}` cannot be counted by", name(*field))));
        }
    }
    for field in ask.measures.iter().filter_map(measured) {
        let number =
            |f: &Mapped| matches!(f.kind, FieldType::Integer | FieldType::Decimal | FieldType::Measure) && !f.list;
        if !readable(field) || !index.can(generation, field, number)? {
            return Err(IndexError::Invalid(format!("`measure`: `{}` is not a number to compute with", name(field))));
        }
    }
    Ok(())
}

/// What is gathered of a group.
#[derive(Debug, Clone, Default)]
struct Tally {
    records: u64,
    key_sum: u64,
    figures: Vec<Figures>,
}

/// What is gathered of a measure in a group.
#[derive(Debug, Clone, Default)]
struct Figures {
    values: u64,
    sum: Option<Decimal>,
    smallest: Option<Decimal>,
    largest: Option<Decimal>,
}

impl Figures {
    fn take(&mut self, value: Decimal) -> Result<(), IndexError> {
        self.values += 1;
        self.sum = Some(match self.sum {
            None => value,
            Some(sum) => sum
                .checked_add(value)
                .map_err(|_| IndexError::TooHeavy("the sum does not fit into 38 digits".to_owned()))?,
        });
        if self.smallest.is_none_or(|smallest| value < smallest) {
            self.smallest = Some(value);
        }
        if self.largest.is_none_or(|largest| value > largest) {
            self.largest = Some(value);
        }
        Ok(())
    }

    fn merge(&mut self, other: &Self) -> Result<(), IndexError> {
        let values = self.values + other.values;
        for value in [other.smallest, other.largest].into_iter().flatten() {
            let sum = self.sum;
            self.take(value)?;
            self.sum = sum;
        }
        self.values = values;
        self.sum = match (self.sum, other.sum) {
            (Some(a), Some(b)) => Some(
                a.checked_add(b).map_err(|_| IndexError::TooHeavy("the sum does not fit into 38 digits".to_owned()))?,
            ),
            (a, b) => a.or(b),
        };
        Ok(())
    }
}

type Groups = BTreeMap<Vec<Option<String>>, Tally>;

fn gather(
    mapping: &Mapping,
    view: &View,
    at: ReadAt,
    matched: &Matched,
    (group_by, measures): (&[u16], &[Measure]),
    keys: Option<(u16, &RecordKeys)>,
) -> Result<Groups, IndexError> {
    let mut groups = Groups::new();
    for (searcher, number) in searchers(view, &at).iter().zip(0_u8..) {
        let source = matched.source(view);
        let weight = match &source {
            Source::Query(query, _) => Some(
                query
                    .weight(EnableScoring::disabled_from_searcher(searcher))
                    .map_err(IndexError::engine("reading a query"))?,
            ),
            Source::Listed(_) => None,
        };
        for (reader, segment) in searcher.segment_readers().iter().zip(0_u32..) {
            let columns = Columns::open(mapping, reader, (group_by, measures), keys)
                .map_err(IndexError::engine("reading columns"))?;
            let mut tallies: BTreeMap<Vec<Option<u64>>, Tally> = BTreeMap::new();
            let mut failed = None;
            let alive = reader.alive_bitset();
            let mut take = |doc: DocId| {
                if failed.is_none()
                    && let Err(error) = columns.take(doc, &mut tallies)
                {
                    failed = Some(error);
                }
            };
            match (&weight, &source) {
                (Some(weight), _) => weight
                    .for_each_no_score(reader, &mut |docs| {
                        docs.iter().filter(|doc| alive.is_none_or(|a| a.is_alive(**doc))).for_each(|doc| take(*doc));
                    })
                    .map_err(IndexError::engine("searching"))?,
                (None, Source::Listed(listed)) => listed
                    .iter()
                    .filter(|(a, _): &&(Address, u32)| (a.searcher, a.segment) == (number, segment))
                    .for_each(|(a, _)| take(a.doc)),
                (None, Source::Query(..)) => {}
            }
            if let Some(error) = failed {
                return Err(error);
            }
            columns.merge(tallies, &mut groups)?;
        }
    }
    Ok(groups)
}

enum Number {
    Whole(Values<i64>),
    Decimal(Values<f64>),
    None,
}

struct Columns<'a> {
    keys: Vec<Option<StrColumn>>,
    numbers: Vec<Number>,
    records: Option<(Arc<Keys>, &'a RecordKeys)>,
}

impl<'a> Columns<'a> {
    fn open(
        mapping: &Mapping,
        reader: &SegmentReader,
        (group_by, measures): (&[u16], &[Measure]),
        record_keys: Option<(u16, &'a RecordKeys)>,
    ) -> tantivy::Result<Self> {
        let fast = reader.fast_fields();
        let keys = group_by.iter().map(|field| match mapping.field(*field).and_then(|m| m.strings.as_ref()) {
            Some((name, _)) => fast.str(name),
            None => Ok(None),
        });
        let numbers = measures.iter().map(|measure| {
            let scalar = measured(measure).and_then(|field| mapping.field(field)).and_then(|m| m.scalar.as_ref());
            Ok(match scalar {
                Some(Scalar::Integer(name, _)) => fast.column_opt::<i64>(name)?.map_or(Number::None, Number::Whole),
                Some(Scalar::Number(name, _)) => fast.column_opt::<f64>(name)?.map_or(Number::None, Number::Decimal),
                _ => Number::None,
            })
        });
        let records =
            record_keys.map(|(number, keys)| Keys::of(number, mapping, reader).map(|columns| (columns, keys)));
        Ok(Self {
            keys: keys.collect::<tantivy::Result<_>>()?,
            numbers: numbers.collect::<tantivy::Result<_>>()?,
            records: records.transpose()?,
        })
    }

    /// The key of the document's record; its dataset's number is no part of it, for that is the data directory's own.
    fn record_key(&self, doc: DocId) -> u64 {
        let Some((columns, keys)) = &self.records else { return 0 };
        columns.key(doc).as_bytes().get(2..).map_or(0, |record| keys.of(record))
    }

    fn groups_max(&self) -> usize {
        if self.records.is_some() { CELLS_MAX } else { GROUPS_MAX }
    }

    fn take(&self, doc: DocId, tallies: &mut BTreeMap<Vec<Option<u64>>, Tally>) -> Result<(), IndexError> {
        // A list puts its record into the group of each member.
        let mut keys: Vec<Vec<Option<u64>>> = vec![Vec::with_capacity(self.keys.len())];
        for column in &self.keys {
            let ords: Vec<u64> = column.as_ref().map(|c| c.term_ords(doc).collect()).unwrap_or_default();
            let ords: Vec<Option<u64>> =
                if ords.is_empty() { vec![None] } else { ords.into_iter().map(Some).collect() };
            keys = keys
                .into_iter()
                .flat_map(|key| ords.iter().map(move |ord| key.iter().copied().chain([*ord]).collect::<Vec<_>>()))
                .collect();
        }
        let record_key = self.record_key(doc);
        for key in keys {
            let tally = tallies
                .entry(key)
                .or_insert_with(|| Tally { figures: vec![Figures::default(); self.numbers.len()], ..Tally::default() });
            tally.records += 1;
            tally.key_sum = tally.key_sum.wrapping_add(record_key);
            for (number, figures) in self.numbers.iter().zip(&mut tally.figures) {
                let value = match number {
                    Number::Whole(values) => values.first(doc).map(Decimal::from),
                    Number::Decimal(values) => values.first(doc).and_then(decimal),
                    Number::None => None,
                };
                if let Some(value) = value {
                    figures.take(value)?;
                }
            }
        }
        if tallies.len() > self.groups_max() {
            return Err(IndexError::TooHeavy(format!("more than {} groups; narrow the question", self.groups_max())));
        }
        Ok(())
    }

    fn merge(&self, tallies: BTreeMap<Vec<Option<u64>>, Tally>, groups: &mut Groups) -> Result<(), IndexError> {
        for (ords, tally) in tallies {
            let mut key = Vec::with_capacity(ords.len());
            for (ord, column) in ords.iter().zip(&self.keys) {
                let text = match (ord, column) {
                    (Some(ord), Some(column)) => {
                        let mut text = String::new();
                        column
                            .ord_to_str(*ord, &mut text)
                            .map_err(|e| IndexError::engine("reading a column")(e.into()))?;
                        Some(text)
                    }
                    _ => None,
                };
                key.push(text);
            }
            let group = groups
                .entry(key)
                .or_insert_with(|| Tally { figures: vec![Figures::default(); self.numbers.len()], ..Tally::default() });
            group.records += tally.records;
            group.key_sum = group.key_sum.wrapping_add(tally.key_sum);
            for (all, part) in group.figures.iter_mut().zip(&tally.figures) {
                all.merge(part)?;
            }
        }
        if groups.len() > self.groups_max() {
            return Err(IndexError::TooHeavy(format!("more than {} groups; narrow the question", self.groups_max())));
        }
        Ok(())
    }
}

/// The decimal of at most 15 digits that this f64 stands for (see `document::told_by_f64`).
fn decimal(value: f64) -> Option<Decimal> {
    let mut unit = 1.0_f64;
    for scale in 0..=6_u8 {
        let whole = (value * unit).round();
        // A quotient of whole numbers below 2^53 is rounded once: equal means that this is the decimal.
        if whole.abs() < 1e15 && (whole / unit).to_bits() == value.to_bits() {
            #[expect(clippy::cast_possible_truncation, reason = "a whole number below 10^15")]
            return Decimal::new(i128::from(whole as i64), scale);
        }
        unit *= 10.0;
    }
    format!("{value:e}").parse().ok()
}

fn figure(index: &DatasetIndex, ask: &StatisticsAsk, key: Vec<Option<String>>, tally: &Tally) -> Group {
    let typed = |(text, field): (Option<String>, &u16)| {
        let whole = index.mapping.field(*field).is_some_and(|f| f.kind == FieldType::Integer);
        text.map(|text| match text.parse() {
            Ok(number) if whole => SortValue::Integer(number),
            _ => SortValue::Text(text),
        })
    };
    let figures = ask.measures.iter().zip(&tally.figures).map(|(measure, figures)| match measure {
        Measure::Count => Some(tally.records.to_string()),
        Measure::Sum(_) => figures.sum.map(|sum| sum.normalised().to_string()),
        Measure::Average(_) => figures.sum.and_then(|sum| mean(sum, figures.values)),
        Measure::Min(_) => figures.smallest.map(|value| value.normalised().to_string()),
        Measure::Max(_) => figures.largest.map(|value| value.normalised().to_string()),
    });
    Group {
        figures: figures.collect(),
        key_sum: tally.key_sum,
        count: Count::of(tally.records, ask.counts_allowed),
        key: key.into_iter().zip(&ask.group_by).map(typed).collect(),
    }
}

/// The mean, rounded half away from zero to [`MEAN_SCALE`] digits after the point.
fn mean(sum: Decimal, values: u64) -> Option<String> {
    let sum = sum.normalised();
    let scale = sum.scale().max(MEAN_SCALE);
    let mantissa = sum.mantissa().checked_mul(10_i128.checked_pow(u32::from(scale - sum.scale()))?)?;
    let divisor = i128::from(values);
    let (whole, rest) = (mantissa.checked_div(divisor)?, mantissa.checked_rem(divisor)?);
    let up = rest.unsigned_abs() * 2 >= u128::from(values);
    let rounded = if up { whole.checked_add(mantissa.signum())? } else { whole };
    Some(Decimal::new(rounded, scale)?.normalised().to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mean_is_rounded_once() {
        assert_eq!(mean("10".parse().unwrap(), 4).as_deref(), Some("2.5"));
        assert_eq!(mean("2".parse().unwrap(), 3).as_deref(), Some("0.666666666667"));
        assert_eq!(mean("-1".parse().unwrap(), 3).as_deref(), Some("-0.333333333333"));
    }

    proptest! {
        #[test]
        fn a_decimal_of_fifteen_digits_comes_back_from_its_f64(mantissa in -999_999_999_999_999_i64..=999_999_999_999_999, scale in 0_u8..12) {
            let exact = Decimal::new(i128::from(mantissa), scale).unwrap();
            prop_assert_eq!(decimal(exact.to_f64()), Some(exact));
        }
    }
}
