//! Questions only this domain asks: a slice of a series, one value a period.

use std::collections::BTreeMap;

use foundation::dataset::DatasetName;
use foundation::filter::{Comparison, Filter};
use foundation::service::{BaseDatabase, ErrorKind, RecordView, Scope, SearchAsk, ServiceError, SortKey, Times};
use foundation::value::{Day, PartialDate, Period, Value};

use crate::rules::field;

/// Most observations read for one slice, vintages counted.
const OBSERVATIONS_MAX: usize = 1_000;

/// A series and the stretch of it wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slice {
    /// Indicator code.
    pub indicator: String,
    /// Region code.
    pub region: String,
    /// Only vintages up to this day: the figures as they were published then; `None` = the newest.
    pub published_by: Option<Day>,
}

/// The observations of a series, one a period: the newest vintage published by the day asked for.
///
/// Cost: one index search of the series, at most 1,000 observations.
/// # Errors
/// [`ErrorKind::TooHeavy`] when the series has more observations than can be read at once; errors of the search.
pub async fn series(
    database: &dyn BaseDatabase,
    slice: &Slice,
    times: Times,
    scopes: Vec<Scope>,
) -> Result<Vec<RecordView>, ServiceError> {
    let dataset: DatasetName =
        "macroeconomy/observations".parse().map_err(|e: String| ServiceError::new(ErrorKind::NotFound, e))?;
    let equal =
        |field, text: &str| Filter::Compare { field, op: Comparison::Equal, value: Value::Text(text.to_owned()) };
    let answer = database
        .search(SearchAsk {
            dataset,
            q: None,
            filter: Some(Filter::And(vec![
                equal(field::INDICATOR, &slice.indicator),
                equal(field::REGION, &slice.region),
            ])),
            bbox: None,
            within: None,
            near: None,
            sort: vec![SortKey { field: field::PERIOD, descending: false }],
            facets: Vec::new(),
            fields: None,
            times,
            limit: OBSERVATIONS_MAX,
            after: None,
            scopes,
            counts_allowed: true,
        })
        .await?;
    if answer.more {
        let message = format!("the series has more than {OBSERVATIONS_MAX} observations: ask for them page by page");
        return Err(ServiceError::new(ErrorKind::TooHeavy, message));
    }
    Ok(latest_vintages(answer.hits.into_iter().map(|hit| hit.record), slice.published_by))
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
