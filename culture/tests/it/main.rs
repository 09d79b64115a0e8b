//! The culture database over the committed sample.
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

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_answers() {
    let here = open(culture::domain().expect("definitions load"), false).await;
    for file in ["works-shijing.ndjson", "works-tang.ndjson", "works-songci.ndjson"] {
        let report = here.file("works", &sample(file)).await;
        assert_eq!(report.problems, [], "{file}");
    }
    let tang = culture::ask::years("tang").expect("a dynasty");
    let scopes = here.everything("works");
    let found = culture::ask::of_era(here.database.as_ref(), Some("静夜思".into()), &tang, 10, today(), scopes).await;
    let titles: Vec<String> = found.expect("an answer").hits.into_iter().map(|hit| hit.title).collect();
    assert!(titles.iter().any(|t| t == "靜夜思"), "{titles:?}");
}
