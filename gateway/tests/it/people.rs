//! Guards of data on persons: what verification tells, budgets of distinct persons, alarms.

use std::sync::Arc;

use axum::body::Body;
use foundation::service::BaseDatabase;
use foundation::testkit::load::{Loaded, open};
use foundation::value::citizen_id::check_digit;
use foundation::write::source::Format;
use gateway::config::Config;
use gateway::token::{Role, Subject};
use serde_json::{Value, json};

use crate::world::{NOON, OTHER, Who, World, read};

const GRANTS: &str = r#"
[[grant]]
id = "G-FEW"
department = "11100000PDY0000999"
dataset = "population/persons"
acts = ["get", "lookup", "verify"]
fields = ["name", "birth_date", "life_status", "domicile_division"]
purpose = "p"
ground = "g"
from = "2026-01-01"
to = "2027-01-01"
persons-per-day-max = 5

[[grant]]
id = "G-TELLS"
department = "11100000PDY0000999"
dataset = "population/persons"
fields = ["name", "birth_date", "life_status", "domicile_division"]
purpose = "p"
ground = "g"
from = "2026-01-01"
to = "2027-01-01"
rows-per-answer-max = 10000
tells-not-found = true

[[grant]]
id = "G-FINDS"
department = "11100000PDY0000999"
dataset = "population/persons"
acts = ["find_persons"]
fields = ["name", "birth_date", "life_status"]
masked = ["domicile_division", "citizen_id"]
rows = "life_status = '1'"
purpose = "p"
ground = "g"
from = "2026-01-01"
to = "2027-01-01"
"#;

fn number(n: usize) -> String {
    let body = format!("895101{}0615{:03}", 1950 + n / 400, 101 + 2 * (n % 400));
    format!("{body}{}", check_digit(&body))
}

/// Thirty persons of a demonstration: men, born in 1950, every other one deceased.
async fn persons() -> Loaded {
    let here = open(population::domain().expect("definitions"), true).await;
    let mut csv = String::from("citizen_id,name,sex,birth_date,domicile_division,life_status\n");
    for n in 0..30 {
        csv += &format!("{},李一{n},1,1950-06-15,510102,{}\n", number(n), 1 + n % 2);
    }
    let report = here.bytes("persons", csv.into_bytes(), Format::Csv, "persons").await;
    assert_eq!(report.progress.accepted, 30, "{:?}", report.problems);
    here
}

async fn companies() -> Loaded {
    let here = open(legal_entity::domain().expect("definitions"), true).await;
    let csv = "credit_code,name,legal_representative_name\n91350100M000100Y43,福州一号公司,李一0\n".to_owned();
    let report = here.bytes("enterprises", csv.into_bytes(), Format::Csv, "enterprises").await;
    assert_eq!(report.progress.accepted, 1, "{:?}", report.problems);
    here
}

fn world(loaded: &[&Loaded], config: Config) -> World {
    let databases = loaded.iter().map(|one| Arc::clone(&one.database) as Arc<dyn BaseDatabase>).collect();
    World::over(databases, config, GRANTS)
}

async fn post(world: &World, grant: &str, path: &str, body: Value) -> (u16, Value) {
    let subject = Subject {
        subject: "asker".to_owned(),
        department: Some(OTHER.to_owned()),
        roles: vec![Role::Department],
        officer: None,
        record: None,
        company: None,
    };
    let token = world.issuer.issue(&world.app.config.tokens, &subject, NOON.0 / 1_000_000, 3_600);
    let request = axum::http::Request::builder().method("POST").uri(path);
    let request = request.header("authorization", format!("Bearer {token}")).header("content-type", "application/json");
    let request = request.header("natbase-case", "C-1").header("natbase-officer", "007").header("natbase-grant", grant);
    read(world.send(request.body(Body::from(body.to_string())).expect("a request")).await).await
}

async fn verify(world: &World, grant: &str, items: Value) -> (u16, Value) {
    post(world, grant, "/api/v1/population/verify", json!({ "items": items })).await
}

async fn lookup(world: &World, grant: &str, who: std::ops::Range<usize>) -> (u16, Value) {
    let keys: Vec<Value> = who.map(|n| json!({"citizen_id": number(n)})).collect();
    post(world, grant, "/api/v1/datasets/population/persons/records:lookup", json!({ "keys": keys })).await
}

fn words(answer: &Value) -> Vec<&str> {
    answer["items"].as_array().expect("items").iter().filter_map(|i| i["result"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_answered_yes_or_no() {
    let (people, entities) = (persons().await, companies().await);
    let world = world(&[&people, &entities], Config::default());
    let ask = |n: usize, more: Value| {
        let mut item = json!({"number": number(n), "name": format!("李一{n}")});
        item.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        item
    };
    let company = "91350100M000100Y43";
    let items = json!([
        ask(0, json!({"age_at_least": 18})),
        ask(0, json!({"age_at_least": 100})),
        ask(0, json!({"alive": true})),
        ask(1, json!({"alive": true})),
        ask(0, json!({"registered_in": "510000"})),
        ask(0, json!({"registered_in": "510103"})),
        ask(0, json!({"legal_representative_of": company})),
        ask(2, json!({"legal_representative_of": company})),
        ask(0, json!({"legal_representative_of": "91440300MA5DLQQW0F"})),
        ask(500, json!({"alive": true})),
    ]);
    let (status, answer) = verify(&world, "G-TELLS", items.clone()).await;
    assert_eq!(status, 200, "{answer}");
    let expected =
        ["match", "mismatch", "match", "mismatch", "match", "mismatch", "match", "mismatch", "mismatch", "not_found"];
    assert_eq!(words(&answer), expected);
    let (_, silent) = verify(&world, "G-FEW", items).await;
    assert_eq!(words(&silent)[9], "mismatch", "who may not know reads a mismatch");
    let (status, problem) = verify(&world, "G-FEW", json!([ask(0, json!({"sex": "1"}))])).await;
    assert_eq!(status, 400, "a field that the grant does not name: {problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_is_found_by_name_date_and_division_under_a_grant_for_it() {
    let here = open(population::domain().expect("definitions"), true).await;
    let mut csv = String::from("citizen_id,name,sex,birth_date,domicile_division,life_status\n");
    for n in 0..40 {
        // Twelve namesakes, ten of another name, and the rest, of whom every other one is deceased.
        let (name, status) = match n {
            0..12 => ("王伟", 1),
            12..22 => ("李娜", 1),
            _ => ("张敏", 1 + n % 2),
        };
        csv += &format!("{},{name},1,1950-06-15,510102,{status}\n", number(n));
    }
    let report = here.bytes("persons", csv.into_bytes(), Format::Csv, "persons").await;
    assert_eq!(report.progress.accepted, 40, "{:?}", report.problems);
    assert!(here.database.index_caught_up(20_000).await.expect("an index"));
    let world = world(&[&here], Config::default());
    let find = async |grant: &str, name: &str, born: &str, division: &str| {
        let body = json!({"name": name, "birth_date": born, "division": division});
        post(&world, grant, "/api/v1/population/persons:search", body).await
    };
    let (status, answer) = find("G-FINDS", "李娜", "1950-06-15", "510102").await;
    assert_eq!((status, answer["items"].as_array().map(Vec::len)), (200, Some(10)), "{answer}");
    assert!(answer["items"][0]["fields"]["citizen_id"].as_str().expect("masked").contains('*'));
    let (status, problem) = find("G-FINDS", "王伟", "1950-06-15", "510102").await;
    assert_eq!((status, problem["code"].as_str()), (422, Some("too_heavy")));
    let detail = problem["detail"].as_str().expect("text");
    assert!(!detail.contains("12"), "how many there are is not said: {detail}");
    let (_, answer) = find("G-FINDS", "张敏", "1950-06-15", "510102").await;
    assert_eq!(answer["items"].as_array().map(Vec::len), Some(9), "rows of the grant alone: {answer}");
    for (name, born, division) in
        [("李", "1950-06-15", "510102"), ("李娜", "1950-06-16", "510102"), ("李娜", "1950-06-15", "510000")]
    {
        let (status, answer) = find("G-FINDS", name, born, division).await;
        assert_eq!((status, answer["items"].as_array().map(Vec::len)), (200, Some(0)), "{name} {born} {division}");
    }
    assert_eq!(find("G-FINDS", "李娜", "1950", "510102").await.0, 400, "a year is no date of birth");
    assert_eq!(find("G-TELLS", "李娜", "1950-06-15", "510102").await.0, 403, "a grant must name the act");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_are_verified_at_once_and_no_more() {
    let people = persons().await;
    let world = world(&[&people], Config::default());
    let items = |count: usize| -> Value {
        (0..count).map(|n| json!({"number": number(n % 2_000), "name": format!("李一{n}")})).collect()
    };
    let (status, answer) = verify(&world, "G-TELLS", items(10_000)).await;
    assert_eq!((status, words(&answer).len()), (200, 10_000));
    assert_eq!(words(&answer).iter().filter(|word| **word == "match").count(), 30);
    let (status, _) = verify(&world, "G-TELLS", items(10_001)).await;
    assert_eq!(status, 400);
    let entry = world.entries().remove(1).1;
    assert_eq!((entry.rows, entry.records.len()), (10_000, 150), "who was compared stands in the log");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_tells_of_so_many_persons_a_day_and_a_restart_forgets_none() {
    let people = persons().await;
    let world = world(&[&people], Config::default());
    assert_eq!(lookup(&world, "G-FEW", 0..4).await.0, 200);
    assert_eq!(lookup(&world, "G-FEW", 1..4).await.0, 200, "the same persons again");
    let (status, problem) = lookup(&world, "G-FEW", 3..7).await;
    assert_eq!((status, problem["code"].as_str()), (429, Some("ceiling_reached")), "{problem}");
    assert_eq!(lookup(&world, "G-FEW", 4..5).await.0, 200, "what was refused is not counted");
    let one = json!([{"number": number(9), "name": "李一9"}]);
    assert_eq!(verify(&world, "G-FEW", one.clone()).await.0, 429, "verifying tells of a person too");
    assert_eq!(verify(&world, "G-TELLS", one.clone()).await.0, 200, "another grant has a budget of its own");
    let again = world.again();
    assert_eq!(lookup(&again, "G-FEW", 0..5).await.0, 200);
    assert_eq!(verify(&again, "G-FEW", one).await.0, 429, "the log tells who was counted");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_department_has_a_budget_over_all_its_grants() {
    let people = persons().await;
    let mut config = Config::default();
    config.people.persons_per_day_max = 8;
    let world = world(&[&people], config);
    assert_eq!(lookup(&world, "G-FEW", 0..5).await.0, 200);
    assert_eq!(lookup(&world, "G-TELLS", 3..8).await.0, 200);
    let (status, problem) = lookup(&world, "G-TELLS", 8..9).await;
    assert_eq!((status, problem["member"].as_str()), (429, Some("Authorization")), "{problem}");
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_numbers_raises_an_alarm_and_is_stopped() {
    let people = persons().await;
    let mut config = Config::default();
    config.people.misses_per_minute_max = 300;
    let world = world(&[&people], config);
    let mut given = 0;
    for round in 0..100 {
        let (status, _) = lookup(&world, "G-TELLS", 100 + round * 100..200 + round * 100).await;
        given += usize::from(status == 200);
        assert!([200, 429].contains(&status));
    }
    println!("10,000 guesses: {} were answered", given * 100);
    assert_eq!(given, 4, "the alarm's request is answered, those after it are not");
    let alarms: Vec<_> = world.entries().into_iter().filter(|(_, e)| e.code == "alarm-enumeration").collect();
    assert_eq!(alarms.len(), 1);
    assert_eq!((alarms[0].1.department.as_str(), alarms[0].1.subject.as_str()), (OTHER, "asker"));
    let (_, page) =
        world.ask(Who::Auditor, "GET", "/api/v1/audit/entries?dataset=population/persons&limit=1000", "").await;
    assert!(page.to_string().contains("alarm-enumeration"), "auditors see it");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_given_a_canary_raises_an_alarm() {
    let people = persons().await;
    let scout = world(&[&people], Config::default());
    let (_, answer) = lookup(&scout, "G-TELLS", 7..8).await;
    let id = answer["items"][0]["record"]["id"].as_str().expect("an id").to_owned();
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("canaries");
    std::fs::write(&file, format!("population/persons {id}\n")).expect("written");
    let mut config = Config::default();
    config.people.canaries = Some(file);
    let world = world(&[&people], config);
    let alarms = |world: &World| world.entries().iter().filter(|(_, e)| e.code == "alarm-canary").count();
    assert_eq!(lookup(&world, "G-TELLS", 0..7).await.0, 200);
    assert_eq!(alarms(&world), 0);
    assert_eq!(lookup(&world, "G-TELLS", 5..9).await.0, 200, "the caller notices nothing");
    assert_eq!(alarms(&world), 1);
    assert_eq!(verify(&world, "G-TELLS", json!([{"number": number(7), "name": "x"}])).await.0, 200);
    assert_eq!(alarms(&world), 2);
}
