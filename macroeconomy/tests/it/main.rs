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
    let slice = Slice { indicator: "PWT.POP".into(), region: "CHN".into(), published_by: None };
    let found = series(here.database.as_ref(), &slice, today(), here.everything("observations")).await;
    let records = found.expect("an answer");
    assert_eq!(records.len(), 66, "1952 to 2017");
    assert_eq!(records.last().map(|r| r.id.as_str()), Some("PWT.POP~CHN~2017~2019-04-15"));
}
