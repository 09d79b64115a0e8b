//! Vital events change persons: in time, when corrected, when taken back.

use foundation::dataset::Dataset;
use foundation::service::{
    BaseDatabase, ErrorKind, ImportBegin, ImportMode, ImportReport, LookupAsk, LookupItem, RecordAsk, RecordView, Times,
};
use foundation::testkit::load::{Loaded, open};
use foundation::value::{Day, Value};
use foundation::write::source::Format;
use proptest::prelude::*;

use super::number;

const HEADER: &str = "event_id,event_kind,event_date,citizen_id,other_citizen_id,second_citizen_id,division,address,\
                      name_before,name_after,number_after,number_case,_op";

async fn here() -> Loaded {
    open(population::domain().expect("definitions load"), true).await
}

/// Imports events; a row is its cells in the order of [`HEADER`], those left out at the end empty.
async fn events(here: &Loaded, key: &str, rows: &[&str]) -> ImportReport {
    let columns = HEADER.matches(',').count();
    let full = rows.iter().map(|row| format!("{row}{}\n", ",".repeat(columns - row.matches(',').count())));
    let csv = format!("{HEADER}\n{}", full.collect::<String>());
    here.bytes("vital-events", csv.into_bytes(), Format::Csv, key).await
}

async fn find(here: &Loaded, citizen_id: &str, day: &str) -> Option<RecordView> {
    let ask = LookupAsk {
        dataset: here.dataset("persons").name.clone(),
        keys: vec![vec![("citizen_id".to_owned(), citizen_id.to_owned())]],
        times: Times { valid_at: Day::parse(day).expect("a day"), known_at: None },
        scopes: here.everything("persons"),
    };
    match here.database.lookup(ask).await.expect("an answer").items.remove(0) {
        LookupItem::Found(record) => Some(*record),
        LookupItem::NotFound => None,
        LookupItem::Refused { message, .. } => panic!("{message}"),
    }
}

fn shown(dataset: &Dataset, record: &RecordView, field: &str) -> String {
    let number = dataset.field(field).expect(field).number;
    match record.fields.get(number) {
        None => "?".to_owned(),
        Some(Value::Null) => "-".to_owned(),
        Some(Value::Text(text) | Value::Code(text) | Value::Link(text)) => text.clone(),
        Some(Value::Date(date)) => date.to_string(),
        Some(Value::Party(party)) => party.link.clone().unwrap_or_default(),
        Some(other) => format!("{other:?}"),
    }
}

/// What a person's fields say on a day: `?` for silence, `-` for "there is none".
async fn says(here: &Loaded, citizen_id: &str, day: &str, fields: &[&str]) -> Vec<String> {
    let Some(record) = find(here, citizen_id, day).await else { return vec!["nobody".to_owned()] };
    fields.iter().map(|field| shown(&here.dataset("persons"), &record, field)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_life_is_told_by_its_events() {
    let here = here().await;
    let (child, mother) = (number("89510119900101001"), number("89510119630305002"));
    let (spouse, corrected) = (number("89510119910203002"), number("89510119900101003"));
    let rows = [
        format!("e1,birth,1990-01-01,{child},{mother},,510104,,,王小"),
        format!("e2,name_change,2008-06-01,{child},,,,,王小,王大"),
        format!("e3,marriage,2015-05-20,{child},{spouse}"),
        format!("e4,move_in,2016-03-01,{child},,,330106,西湖区模拟路1号"),
        format!("e5,number_change,2018-01-10,{child},,,,,,,{corrected},wrong"),
        format!("e6,divorce,2019-09-09,{corrected},{spouse}"),
        format!("e7,emigration,2022-02-02,{corrected}"),
        format!("e8,death,2025-07-01,{corrected}"),
    ];
    let report = events(&here, "life", &rows.each_ref().map(String::as_str)).await;
    assert_eq!((report.progress.accepted, report.progress.rejected), (8, 0), "{:?}", report.problems);

    let fields = ["name", "marital_status", "domicile_division", "life_status", "death_date"];
    for (who, day, expected) in [
        (&child, "1989-12-31", "nobody"),
        (&child, "1990-01-01", "王小 ? ? ? ?"),
        (&child, "2008-06-01", "王大 ? ? ? ?"),
        (&child, "2015-05-20", "王大 20 ? ? ?"),
        (&child, "2016-03-01", "王大 20 330106 ? ?"),
        (&child, "2018-01-09", "王大 20 330106 ? ?"),
        (&child, "2018-01-10", "- 20 330106 6 ?"),
        (&corrected, "2018-01-09", "nobody"),
        (&corrected, "2018-01-10", "王大 20 330106 ? ?"),
        (&corrected, "2019-09-09", "王大 40 330106 ? ?"),
        (&corrected, "2022-02-02", "王大 40 330106 5 ?"),
        (&corrected, "2025-07-01", "王大 40 330106 2 2025-07-01"),
    ] {
        assert_eq!(says(&here, who, day, &fields).await.join(" "), expected, "{day}");
    }
    // Both ways: the spouse's record and the numbers' records point at each other by id.
    let id = |record: Option<RecordView>| record.expect("a record").id;
    let (old, new) = (id(find(&here, &child, "2018-02-01").await), id(find(&here, &corrected, "2018-02-01").await));
    assert_eq!(says(&here, &child, "2018-02-01", &["replaced_by"]).await, std::slice::from_ref(&new));
    assert_eq!(says(&here, &corrected, "2018-02-01", &["replaces"]).await, std::slice::from_ref(&old));
    assert_eq!(says(&here, &spouse, "2015-06-01", &["marital_status", "spouse"]).await, ["20".to_owned(), old]);
    assert_eq!(says(&here, &spouse, "2019-10-01", &["marital_status", "spouse"]).await, ["40", "-"]);
    // Who says it: the register, by an event.
    let ask = RecordAsk {
        dataset: here.dataset("persons").name.clone(),
        id: new,
        known_at: None,
        scopes: here.everything("persons"),
    };
    let claims = here.database.claims(ask).await.expect("claims").claims;
    assert!(claims.iter().all(|c| c.source == "11100000PDY00001X7"), "{claims:?}");
    assert!(claims.iter().all(|c| c.by_event.as_deref() == Some("vital-events")), "{claims:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_and_the_register_complete_each_other() {
    let here = here().await;
    let person = number("89510119900101001");
    let csv = format!("citizen_id,name,domicile_division,life_status\n{person},王小,510104,1\n");
    here.bytes("persons", csv.into_bytes(), Format::Csv, "register").await;
    // The later move is told first.
    let later = events(&here, "later", &[&format!("m2,move_in,2020-01-01,{person},,,330106")]).await;
    events(&here, "earlier", &[&format!("m1,move_in,2010-01-01,{person},,,310101")]).await;
    let domicile = ["name", "domicile_division", "life_status"];
    for (day, division) in [("2009-12-31", "510104"), ("2010-01-01", "310101"), ("2020-01-01", "330106")] {
        assert_eq!(says(&here, &person, day, &domicile).await, ["王小", division, "1"], "{day}");
    }
    let disputed = find(&here, &person, "2021-01-01").await.expect("a record").disputed;
    assert!(disputed.is_empty(), "a department does not contradict itself: {disputed:?}");

    // Corrected: it happened a year later. Taken back: it never happened.
    events(&here, "corrected", &[&format!("m1,move_in,2011-01-01,{person},,,310101")]).await;
    assert_eq!(says(&here, &person, "2010-06-01", &["domicile_division"]).await, ["510104"]);
    events(&here, "retracted", &[&format!("m1,move_in,2011-01-01,{person},,,310101,,,,,,retract")]).await;
    assert_eq!(says(&here, &person, "2015-01-01", &["domicile_division"]).await, ["510104"]);
    let withdrawn = here.database.withdraw(later.batch).await.expect("withdrawn");
    assert_eq!(withdrawn.ended, 1, "the event");
    assert_eq!(says(&here, &person, "2021-01-01", &domicile).await, ["王小", "510104", "1"]);
    assert!(here.database.index_caught_up(30_000).await.expect("an index"));
    let check = here.database.check(false).await.expect("a check");
    assert!(check.problems.is_empty(), "{check:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_in_the_name_of_an_event() {
    let here = here().await;
    let begin = ImportBegin {
        dataset: here.dataset("persons").name.clone(),
        source: "11100000PDY00001X7#vital-events/e1".to_owned(),
        mode: ImportMode::Delta,
        as_of: None,
        key: "forged".to_owned(),
        actor: "test".to_owned(),
        dry_run: false,
        first_load: false,
    };
    let refused = here.database.import_begin(begin).await.expect_err("refused");
    assert_eq!(refused.kind, ErrorKind::Invalid, "{refused:?}");
}

/// An event of three persons: number of the event, person, kind, variant (another day, another value).
type Told = (u8, u8, u8, u8);

/// A row of batch `at`: no batch says what another one said, for a row that says nothing new leaves no trace of its batch.
fn row(at: usize, (event, person, kind, variant): Told) -> String {
    let who = number(&format!("8951011990010100{}", 1 + 2 * (person % 3)));
    let other = number("89510119910203002");
    let later = i64::try_from(at).expect("few batches") * 3 + i64::from(variant);
    let day = Day(11_000 + 40 * i64::from(event) + later);
    match kind % 4 {
        0 => format!("e{event},name_change,{day},{who},,,,,,王{event}{variant}"),
        1 => format!("e{event},marriage,{day},{who},{other}"),
        2 => format!("e{event},move_in,{day},{who},,,33010{}", 2 + 3 * (variant % 2)),
        _ => format!("e{event},death,{day},{who}"),
    }
}

/// Everything the three persons and the other say, on a day after each event.
async fn picture(here: &Loaded) -> Vec<String> {
    let mut all = Vec::new();
    let names: Vec<String> = here.dataset("persons").fields.iter().map(|f| f.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let numbers = ["89510119900101001", "89510119900101003", "89510119900101005", "89510119910203002"];
    for who in numbers.map(number) {
        for event in 0..7_i64 {
            let day = Day(11_000 + 40 * event - 1).to_string();
            all.push(says(here, &who, &day, &names).await.join(" "));
        }
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, max_shrink_iters: 40, ..ProptestConfig::default() })]
    /// Withdrawing batches of events leaves the persons as if those batches had never come.
    #[test]
    fn what_stands_is_what_the_standing_events_mean(
        batches in prop::collection::vec(
            (prop::collection::vec((0..6_u8, 0..3_u8, 0..4_u8, 0..3_u8), 1..4), any::<bool>()),
            1..6,
        ),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (all, standing) = (here().await, here().await);
            let mut taken_back = Vec::new();
            for (at, (told, withdrawn)) in batches.iter().enumerate() {
                let rows: Vec<String> = told.iter().map(|told| row(at, *told)).collect();
                let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
                let key = format!("batch {at}");
                let report = events(&all, &key, &rows).await;
                assert_eq!(report.progress.rejected, 0, "{:?}", report.problems);
                if *withdrawn {
                    taken_back.push(report.batch);
                } else {
                    events(&standing, &key, &rows).await;
                }
            }
            for batch in taken_back {
                all.database.withdraw(batch).await.expect("withdrawn");
            }
            assert_eq!(picture(&all).await, picture(&standing).await);
        });
    }
}
