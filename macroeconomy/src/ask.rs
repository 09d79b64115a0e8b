//! Questions only this domain asks: a slice of a series, one value a period.

use std::collections::BTreeMap;

use foundation::dataset::DatasetName;
use foundation::service::{BaseDatabase, ErrorKind, ReadAt, RecordView, Scope, ServiceError, SliceAsk, Times};
use foundation::value::{Day, PartialDate, Period, Value};

use crate::rules::{field, normalised};

/// Most observations read for one slice, vintages counted.
const OBSERVATIONS_MAX: usize = 10_000;

/// A series and the stretch of it wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Indicator code.
    pub indicator: String,
    /// Region code.
    pub region: String,
    /// Dimensions, `age=Y0T4;sex=F` in any order; empty = none.
    pub dimensions: String,
    /// Periods that begin in this one or later.
    pub from: Option<Period>,
    /// Periods that end by the end of this one.
    pub to: Option<Period>,
    /// Only vintages up to this day: the figures as they were published then; `None` = the newest.
    pub published_by: Option<Day>,
}

/// The observations of a series, one a period, in order: the newest vintage published by the day asked for.
///
/// Cost: one range scan of the slice, at most 10,000 observations.
/// # Errors
/// [`ErrorKind::Invalid`] names a dimension that is none; [`ErrorKind::TooHeavy`] when the slice has more observations than
/// are read at once.
pub async fn series(
    database: &dyn BaseDatabase,
    slice: &Slice,
    times: Times,
    scopes: Vec<Scope>,
) -> Result<(Vec<RecordView>, ReadAt), ServiceError> {
    let dataset: DatasetName =
        "macroeconomy/observations".parse().map_err(|e: String| ServiceError::new(ErrorKind::NotFound, e))?;
    let dimensions = normalised(&slice.dimensions).map_err(|e| ServiceError::new(ErrorKind::Invalid, e))?;
    let start = |period: Period| Value::Period(Period::day(period.span().from));
    let ask = SliceAsk {
        dataset,
        series: vec![slice.indicator.clone(), dimensions, slice.region.clone()],
        from: slice.from.map(start),
        to: slice.to.map(|period| Value::Period(Period::day(period.span().to))),
        times,
        limit: OBSERVATIONS_MAX,
        scopes,
    };
    let answer = database.slice(ask).await?;
    if answer.more {
        let message = format!("the slice has more than {OBSERVATIONS_MAX} observations: ask for a shorter one");
        return Err(ServiceError::new(ErrorKind::TooHeavy, message));
    }
    let within = |record: &RecordView| {
        let span = period(record).map(Period::span);
        span.is_some_and(|span| {
            slice.from.is_none_or(|p| p.span().from <= span.from) && slice.to.is_none_or(|p| span.to <= p.span().to)
        })
    };
    let records = answer.records.into_iter().filter(within);
    Ok((latest_vintages(records, slice.published_by), answer.at))
}

/// Of observations of one series, the newest vintage of each period, by period; later vintages than `published_by` are
/// left out. A vintage known to the month counts as published at the month's end.
#[must_use]
pub fn latest_vintages(records: impl IntoIterator<Item = RecordView>, published_by: Option<Day>) -> Vec<RecordView> {
    let mut newest: BTreeMap<Period, (Day, RecordView)> = BTreeMap::new();
    for record in records {
        let (Some(period), Some(vintage)) = (period(&record), vintage(&record)) else { continue };
        let published = vintage.span().to.plus(-1);
        if published_by.is_some_and(|day| published > day) {
            continue;
        }
        match newest.get(&period) {
            Some((known, _)) if *known >= published => {}
            _ => drop(newest.insert(period, (published, record))),
        }
    }
    newest.into_values().map(|(_, record)| record).collect()
}

fn period(record: &RecordView) -> Option<Period> {
    match record.fields.get(field::PERIOD)? {
        Value::Period(period) => Some(*period),
        _ => None,
    }
}

fn vintage(record: &RecordView) -> Option<PartialDate> {
    match record.fields.get(field::VINTAGE)? {
        Value::Date(date) => Some(*date),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::{Fields, Instant, Span};

    use super::*;

    fn observation(period: &str, vintage: &str, value: &str) -> RecordView {
        RecordView {
            dataset: "macroeconomy/observations".parse().expect("a name"),
            dataset_version: 1,
            id: format!("{period}~{vintage}"),
            fields: [
                (field::PERIOD, Period::parse(period).map(Value::Period).expect("a period")),
                (field::VINTAGE, PartialDate::parse(vintage).map(Value::Date).expect("a date")),
                (field::VALUE, Value::Decimal(value.parse().expect("a decimal"))),
            ]
            .into_iter()
            .collect(),
            to_mask: Fields::new(),
            version: 1,
            valid: Span { from: Day::MIN, to: Day::MAX },
            recorded: Span { from: Instant(0), to: Instant(i64::MAX) },
            disputed: Vec::new(),
        }
    }

    #[test]
    fn the_newest_vintage_published_by_the_day_counts() {
        let all = || {
            [("2020", "2021-01-18", "1"), ("2020", "2021-12-17", "2"), ("2019", "2020-01-17", "3")]
                .map(|(p, v, x)| observation(p, v, x))
        };
        let ids = |day: Option<&str>| -> Vec<String> {
            latest_vintages(all(), day.and_then(Day::parse)).into_iter().map(|r| r.id).collect()
        };
        assert_eq!(ids(None), ["2019~2020-01-17", "2020~2021-12-17"]);
        assert_eq!(ids(Some("2021-06-30")), ["2019~2020-01-17", "2020~2021-01-18"]);
        assert_eq!(ids(Some("2020-06-30")), ["2019~2020-01-17"]);
    }
}
