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
use foundation::write::source::Format;

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
    a_code_of_an_earlier_year_leads_to_todays(&here).await;
    addresses_and_names_are_located(&here).await;
}

async fn a_code_of_an_earlier_year_leads_to_todays(here: &Loaded) {
    for (code, from, expected) in [
        ("110103", Some("2009-06-01"), vec!["崇文区", "东城区"]),
        ("110103", None, vec!["崇文区", "东城区"]),
        ("110221", Some("1990-01-01"), vec!["昌平县", "昌平区"]),
        ("510104", None, vec!["锦江区"]),
        ("999999", None, vec![]),
    ] {
        let from = from.map(|day| Day::parse(day).expect("a day"));
        let scopes = here.everything("divisions");
        let steps = geospatial::ask::successors(here.database.as_ref(), code, from, today(), &scopes).await;
        let names: Vec<_> =
            steps.expect("an answer").into_iter().filter_map(|step| step.fields.get(3).cloned()).collect();
        assert_eq!(names, expected.into_iter().map(|n| Value::Text(n.into())).collect::<Vec<_>>(), "{code} {from:?}");
    }
}

async fn addresses_and_names_are_located(here: &Loaded) {
    let rows = "address_id,division,province,city,county,road,door,location\n\
         a-1,510104,四川省,成都市,锦江区,红星路,93号,POINT(104.0801 30.6602)\n\
         a-2,510104,四川省,成都市,锦江区,红星路,95号,POINT(104.0802 30.6603)\n";
    let report = here.bytes("addresses", rows.as_bytes().to_vec(), Format::Csv, "addresses").await;
    assert_eq!(report.problems, []);
    let permits = geospatial::ask::geocode::Permits {
        divisions: here.everything("divisions"),
        addresses: here.everything("addresses"),
        places: here.everything("places"),
    };
    for (text, level, id, score) in [
        ("四川省成都市锦江区", "county", "mca~510104", 1.0),
        ("成都市锦江区", "county", "mca~510104", 1.0),
        ("锦江", "county", "mca~510104", 1.0),
        ("四川省成都市锦江区红星路９５号", "door", "a-2", 1.0),
        ("成都 红星路93号", "door", "a-1", 1.0),
        ("四川省", "province", "mca~510000", 1.0),
        ("四川省成都市锦江区无此路1号", "county", "mca~510104", 0.64),
    ] {
        let (_, located) = geospatial::ask::geocode::geocode(here.database.as_ref(), text, today(), &permits)
            .await
            .expect("an answer");
        let located = located.unwrap_or_else(|| panic!("{text} is not found"));
        assert_eq!((located.level, located.id.as_str()), (level, id), "{text}: {located:?}");
        assert!((located.score - score).abs() < 0.02, "{text}: {located:?}");
        let (lon, lat) = located.at;
        assert!((97.0..110.0).contains(&lon) && (26.0..35.0).contains(&lat), "{text}: {located:?}");
    }
    let (parts, located) =
        geospatial::ask::geocode::geocode(here.database.as_ref(), "，。", today(), &permits).await.expect("an answer");
    assert!(parts.is_empty() && located.is_none());
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
