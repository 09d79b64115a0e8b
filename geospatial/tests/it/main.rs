//! The geospatial database over the committed sample.
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

use foundation::service::{BaseDatabase, GetAsk, Times};
use foundation::testkit::load::{Loaded, open, sample, today};
use foundation::value::{Day, Value};

async fn loaded() -> Loaded {
    let here = open(geospatial::domain().expect("definitions load"), false).await;
    for (table, file) in [
        ("divisions", "divisions.ndjson"),
        ("divisions", "divisions-former.ndjson"),
        ("divisions", "countries.ndjson"),
        ("places", "boundary-lines.ndjson"),
        ("places", "places.ndjson"),
    ] {
        let report = here.file(table, &sample(file)).await;
        assert_eq!(report.problems, [], "{file}");
        assert!(report.progress.accepted > 0, "{file}");
    }
    here
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sample_answers() {
    let here = loaded().await;
    the_division_of_a_point(&here).await;
    a_former_division_is_read_as_of_its_day(&here).await;
}

async fn the_division_of_a_point(here: &Loaded) {
    let scopes = here.everything("divisions");
    let hits = geospatial::ask::division_of_point(here.database.as_ref(), 104.08, 30.65, today(), scopes).await;
    let ids: Vec<String> = hits.expect("an answer").into_iter().map(|hit| hit.record.id).collect();
    assert_eq!(ids, ["mca~510000", "mca~510100", "mca~510104"]);
}

async fn a_former_division_is_read_as_of_its_day(here: &Loaded) {
    for (day, expected) in [("2009-06-01", Some("崇文区")), ("2026-11-23", None)] {
        let times = Times { valid_at: Day::parse(day).expect("a day"), known_at: None };
        let scopes = here.everything("divisions");
        let ask = GetAsk { dataset: here.dataset("divisions").name.clone(), id: "mca~110103".into(), times, scopes };
        let record = here.database.get(ask).await.expect("an answer").record;
        let name = record.as_ref().and_then(|r| r.fields.get(3));
        assert_eq!(name, expected.map(|n| Value::Text(n.into())).as_ref(), "{day}");
    }
}
