//! The macroeconomy database over the committed sample.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::format_collect,
    clippy::format_push_string,
    clippy::items_after_statements,
    reason = "a test stops at the first thing that is not as it should be"
)]

mod suite;

use foundation::testkit::load::{open, sample, today};
use foundation::value::{Day, Period, Value};
use foundation::write::source::Format;
use macroeconomy::ask::{Slice, series};

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_answers() {
    let here = open(macroeconomy::domain().expect("definitions load"), false).await;
    for (table, file) in [
        ("indicators", "indicators.csv"),
        ("observations", "observations-pwt.csv"),
        ("observations", "observations-wdi.csv"),
    ] {
        let report = here.file(table, &sample(file)).await;
        assert_eq!(report.problems, [], "{file}");
    }
    let slice = whole("PWT.POP", "");
    let found = series(here.database.as_ref(), &slice, today(), here.everything("observations")).await;
    let (records, _) = found.expect("an answer");
    assert_eq!(records.len(), 66, "1952 to 2017");
    assert_eq!(records.last().map(|r| r.id.as_str()), Some("PWT.POP~_T~CHN~2017~2019-04-15"));
}

/// A series of China from its beginning to its end.
fn whole(indicator: &str, dimensions: &str) -> Slice {
    let (indicator, dimensions) = (indicator.to_owned(), dimensions.to_owned());
    Slice { indicator, region: "CHN".into(), dimensions, from: None, to: None, published_by: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slice_holds_what_looking_at_every_observation_finds() {
    let here = open(macroeconomy::domain().expect("definitions load"), false).await;
    let periods = ["2019", "2020-Q1", "2020", "2020-01", "2020-01/2020-02", "2020-12", "2021-W01", "2021", "2020-Q4"];
    let vintages = ["2022-01-15", "2022-06-15", "2023-01-15"];
    let mut csv = "indicator,dimensions,region,period,vintage,value\n".to_owned();
    // Value: ten times the period's place, plus the vintage's.
    for (place, period) in periods.iter().enumerate() {
        for (later, vintage) in vintages.iter().enumerate().filter(|(later, _)| (place + later) % 4 != 0) {
            csv.push_str(&format!("X,sex=F,CHN,{period},{vintage},{}\n", place * 10 + later));
            csv.push_str(&format!("X,,CHN,{period},{vintage},{}\nX,sex=F,USA,{period},{vintage},7\n", 1000 + place));
        }
    }
    let report = here.bytes("observations", csv.into_bytes(), Format::Csv, "series").await;
    assert_eq!(report.progress.rejected, 0, "{:?}", report.problems);
    for from in [None, Some("2020"), Some("2020-02"), Some("2020-12")] {
        for to in [None, Some("2020"), Some("2020-02")] {
            for by in [None, Some("2022-06-30")] {
                let period = |text: &str| Period::parse(text).expect("a period");
                let day = |text: &str| Day::parse(text).expect("a day");
                let slice = Slice {
                    from: from.map(period),
                    to: to.map(period),
                    published_by: by.map(day),
                    ..whole("X", "sex=F")
                };
                let scopes = here.everything("observations");
                let found = series(here.database.as_ref(), &slice, today(), scopes).await.expect("an answer").0;
                let found: Vec<String> = found.iter().map(|r| shown(r.fields.get(6))).collect();
                let mut expected: Vec<(Period, String)> = Vec::new();
                for (place, text) in periods.iter().enumerate() {
                    let wanted = period(text);
                    let inside = from.is_none_or(|f| period(f).span().from <= wanted.span().from)
                        && to.is_none_or(|t| wanted.span().to <= period(t).span().to);
                    let newest = (0..3_usize)
                        .rev()
                        .find(|later| (place + later) % 4 != 0 && by.is_none_or(|by| day(vintages[*later]) <= day(by)));
                    if let Some(later) = newest.filter(|_| inside) {
                        expected.push((wanted, (place * 10 + later).to_string()));
                    }
                }
                expected.sort();
                let expected: Vec<String> = expected.into_iter().map(|(_, value)| value).collect();
                assert_eq!(found, expected, "from {from:?} to {to:?} by {by:?}");
            }
        }
    }
}

fn shown(value: Option<&Value>) -> String {
    match value {
        Some(Value::Decimal(number)) => number.to_string(),
        other => format!("{other:?}"),
    }
}
