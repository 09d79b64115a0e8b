//! Sandboxes: given at once, answered from synthetic rows alone, and of no use for anything that is real.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use foundation::dataset::{CodeLists, Database, Dataset, DatasetName};
use foundation::record::BatchId;
use foundation::service::*;
use foundation::value::Instant;
use gateway::config::Config;
use gateway::token::{Role, Subject};
use serde_json::{Value, json};

use crate::base::Table;
use crate::world::{NOON, OTHER, Who, World, read};

/// A base database of whose records nothing may be asked.
struct Sealed(Arc<dyn BaseDatabase>);

macro_rules! sealed {
    ($($name:ident($($ask:ty),*) -> $answer:ty;)*) => {
        #[async_trait]
        impl BaseDatabase for Sealed {
            fn database(&self) -> Database {
                self.0.database()
            }
            fn datasets(&self) -> Vec<Arc<Dataset>> {
                self.0.datasets()
            }
            fn code_lists(&self) -> &CodeLists {
                self.0.code_lists()
            }
            async fn health(&self) -> Health {
                self.0.health().await
            }
            async fn shutdown(&self) {}
            $(async fn $name(&self, $(_: $ask),*) -> Result<$answer, ServiceError> {
                panic!(concat!("the real `", stringify!($name), "` was asked"))
            })*
        }
    };
}

sealed! {
    get(GetAsk) -> GetAnswer;
    lookup(LookupAsk) -> LookupAnswer;
    slice(SliceAsk) -> SliceAnswer;
    history(RecordAsk) -> HistoryAnswer;
    claims(RecordAsk) -> ClaimsAnswer;
    links(LinksAsk) -> LinksAnswer;
    tile(TileAsk) -> TileAnswer;
    search(SearchAsk) -> SearchAnswer;
    statistics(StatisticsAsk) -> StatisticsAnswer;
    changes(ChangesAsk) -> ChangesAnswer;
    erase(EraseAsk) -> EraseAnswer;
    erase_rest() -> u64;
    bound(BoundAsk) -> Vec<(DatasetName, String)>;
    erased(ErasedAsk) -> Vec<ErasedView>;
    import_begin(ImportBegin) -> BatchId;
    import_rows(ImportRows) -> ImportProgress;
    import_finish(ImportFinish) -> ImportReport;
    import_report(BatchId) -> Option<ImportReport>;
    import_rejected(BatchId, u64, usize) -> Vec<RejectedRow>;
    withdraw(BatchId) -> ImportReport;
    index_caught_up(u64) -> bool;
    check(bool) -> CheckReport;
    define(Dataset) -> Defined;
}

fn world() -> World {
    let databases =
        [population::domain(), legal_entity::domain(), macroeconomy::domain(), culture::domain(), geospatial::domain()];
    let sealed = databases.into_iter().map(|domain| {
        let real: Arc<dyn BaseDatabase> = Arc::new(Sealed(Table::serve(domain.expect("definitions"))));
        real
    });
    World::over(sealed.collect(), Config::default(), "")
}

/// A question under a sandbox: status, whether the header says so, body.
async fn under(world: &World, who: Who, id: &str, method: &str, path: &str, body: Value) -> (u16, bool, Value) {
    let request =
        world.request(who, method, path).header("natbase-grant", id).header("content-type", "application/json");
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let response = world.send(request.body(Body::from(text)).expect("a request")).await;
    let marked = response.headers().get("natbase-sandbox").is_some_and(|v| v == "true");
    let (status, body) = read(response).await;
    (status, marked, body)
}

async fn given(world: &World, who: Who, body: Value) -> (u16, Value) {
    let request = world
        .request(who, "POST", "/api/v1/sharing/sandbox")
        .header("natbase-officer", "007")
        .header("content-type", "application/json");
    read(world.send(request.body(Body::from(body.to_string())).expect("a request")).await).await
}

async fn of_persons(world: &World) -> String {
    let wanted = json!({"dataset": "population/persons", "fields": ["citizen_id", "name", "sex", "birth_date"], "masked": ["domicile_address"]});
    let (status, sandbox) = given(world, Who::Department, wanted).await;
    assert_eq!(status, 200, "{sandbox}");
    sandbox["id"].as_str().expect("an id").to_owned()
}

const RECORDS: &str = "/api/v1/datasets/population/persons/records";

#[tokio::test]
async fn a_sandbox_is_given_at_once_and_answers_as_a_grant_would_from_rows_of_nobody() {
    let world = world();
    let id = of_persons(&world).await;
    let ask = async |method: &'static str, path: String, body: Value| {
        let (status, marked, answer) = under(&world, Who::Department, &id, method, &path, body).await;
        assert_eq!((status, marked, &answer["synthetic"]), (200, true, &json!(true)), "{path}: {answer}");
        answer
    };
    // All rows, page by page.
    let (mut people, mut path) = (Vec::new(), format!("{RECORDS}?limit=70"));
    loop {
        let page = ask("GET", path, Value::Null).await;
        people.extend(page["items"].as_array().expect("items").clone());
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{RECORDS}?limit=70&cursor={next}");
    }
    assert_eq!(people.len(), gateway::sandbox::ROWS);
    let mut ids: Vec<&str> = people.iter().map(|p| p["id"].as_str().expect("an id")).collect();
    ids.sort_unstable();
    ids.dedup();
    assert!(ids.len() == people.len() && ids.iter().all(|id| id.starts_with("sandbox-")));
    let first = people.iter().find(|p| p["fields"]["domicile_address"].is_string()).expect("an address");
    assert_eq!(first["masked"], json!(["domicile_address"]), "{first}");
    assert!(first["fields"]["life_status"].is_null(), "not asked for: {first}");
    // By id and by key.
    let (record, number) = (first["id"].as_str().expect("an id"), &first["fields"]["citizen_id"]);
    assert!(number.as_str().is_some_and(|number| number.starts_with("899999")), "{number}");
    let one = ask("GET", format!("{RECORDS}/{record}"), Value::Null).await;
    assert_eq!(one["fields"], first["fields"]);
    let keys = json!({"keys": [{"citizen_id": number}, {"citizen_id": "11010519491231002X"}, {"citizen_id": "1"}]});
    let found = ask("POST", format!("{RECORDS}:lookup"), keys).await;
    let statuses: Vec<&Value> = found["items"].as_array().expect("items").iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, ["found", "not_found", "refused"], "{found}");
    assert_eq!(found["items"][0]["record"]["id"], record);
    // Filters, order, words.
    let women =
        ask("POST", format!("{RECORDS}:query"), json!({"filter": "sex = '2'", "sort": ["-birth_date"], "limit": 500}))
            .await;
    let women = women["items"].as_array().expect("items");
    assert!((50..150).contains(&women.len()), "{}", women.len());
    let days: Vec<&str> = women.iter().filter_map(|w| w["fields"]["birth_date"].as_str()).collect();
    assert!(days.is_sorted_by(|a, b| a >= b) && women.iter().all(|w| w["fields"]["sex"] == "2"));
    let name = first["fields"]["name"].clone();
    let body = json!({"q": name, "dataset": ["population/persons"]});
    let hits = ask("POST", "/api/v1/search".to_owned(), body).await;
    assert_eq!((hits["items"].as_array().map(Vec::len), &hits["items"][0]["id"]), (Some(1), &json!(record)), "{hits}");
    // The question itself is judged as ever.
    let (status, _, refused) = under(
        &world,
        Who::Department,
        &id,
        "POST",
        &format!("{RECORDS}:query"),
        json!({"filter": "life_status = '1'"}),
    )
    .await;
    assert_eq!((status, &refused["code"]), (403, &json!("field_not_permitted")));
    let (status, marked, absent) =
        under(&world, Who::Department, &id, "GET", &format!("{RECORDS}/one"), Value::Null).await;
    assert_eq!((status, marked, &absent["code"]), (404, false, &json!("not_found")));
}

#[tokio::test]
async fn places_are_found_by_place_and_codes_bear_labels() {
    let world = world();
    let (status, sandbox) = given(&world, Who::Department, json!({"dataset": "culture/sites"})).await;
    assert_eq!(status, 200, "{sandbox}");
    let id = sandbox["id"].as_str().expect("an id");
    let path = "/api/v1/datasets/culture/sites/records";
    let ask =
        async |query: &str| under(&world, Who::Department, id, "GET", &format!("{path}?{query}"), Value::Null).await;
    let (status, _, all) = ask("limit=1000&labels=zh").await;
    assert_eq!(status, 200, "{all}");
    let all = all["items"].as_array().expect("items").clone();
    let (status, _, west) = ask("limit=1000&bbox=98,25,103,35").await;
    let west = west["items"].as_array().expect("items").len();
    assert!(status == 200 && west > 0 && west < all.len(), "{west} of {}", all.len());
    let (status, _, none) = ask("limit=1000&bbox=10,25,11,35").await;
    assert!(status == 200 && none["items"] == json!([]), "{none}");
    let (status, _, near) = ask("limit=1000&near=100,30,200000").await;
    assert!(status == 200 && near["items"].as_array().is_some_and(|items| items.len() < all.len()), "{near}");
    let (status, _, refused) = ask("near=100,30,200000&sort=distance").await;
    assert_eq!((status, &refused["code"]), (400, &json!("invalid_parameter")), "{refused}");
}

#[tokio::test]
async fn a_sandbox_opens_nothing_else() {
    let world = world();
    let id = of_persons(&world).await;
    let record = format!("{RECORDS}/sandbox-0001");
    for (who, status, code) in [
        (Who::Public, 403, "forbidden"),
        (Who::Police, 403, "grant_refused"),
        (Who::Registrar, 403, "grant_refused"),
        (Who::Auditor, 403, "forbidden"),
        (Who::Administrator, 403, "forbidden"),
        (Who::Authority, 403, "forbidden"),
        (Who::Security, 403, "forbidden"),
    ] {
        let (answered, _, answer) = under(&world, who, &id, "GET", &record, Value::Null).await;
        assert_eq!((answered, answer["code"].as_str()), (status, Some(code)), "{who:?}");
    }
    for (method, path, body, code) in [
        ("GET", format!("{record}/history"), Value::Null, "not_in_sandbox"),
        ("GET", format!("{record}/claims"), Value::Null, "not_in_sandbox"),
        ("GET", format!("{record}/links"), Value::Null, "not_in_sandbox"),
        ("GET", "/api/v1/datasets/population/persons/statistics".into(), Value::Null, "not_in_sandbox"),
        ("GET", "/api/v1/datasets/population/persons/changes".into(), Value::Null, "not_in_sandbox"),
        ("GET", "/api/v1/datasets/population/persons/explanation".into(), Value::Null, "not_in_sandbox"),
        ("GET", "/api/v1/search?q=x".into(), Value::Null, "not_in_sandbox"),
        ("GET", "/api/v1/legal-entity/91350100M000100Y43/ownership".into(), Value::Null, "not_in_sandbox"),
        (
            "POST",
            "/api/v1/population/verify".into(),
            json!({"items": [{"id_type": "citizen_id", "number": "11010519491231002X", "name": "杜甫"}]}),
            "not_in_sandbox",
        ),
        ("GET", "/ogc/collections/population:persons/items".into(), Value::Null, "not_in_sandbox"),
        ("GET", "/ogc/collections/culture:sites/items".into(), Value::Null, "not_in_sandbox"),
        ("GET", "/api/v1/imports/b0000000000000007".into(), Value::Null, "not_in_sandbox"),
        (
            "POST",
            "/api/v1/sharing/corrections".into(),
            json!({"dataset": "population/persons", "record": "sandbox-0001", "field": "name", "believed": "x", "evidence": "y"}),
            "not_in_sandbox",
        ),
        // What anybody may read is not read by way of a sandbox of something else.
        ("GET", "/api/v1/datasets/culture/works/records".into(), Value::Null, "grant_refused"),
        ("GET", "/api/v1/datasets/legal-entity/enterprises/records/one".into(), Value::Null, "grant_refused"),
    ] {
        let (_, _, answer) = under(&world, Who::Department, &id, method, &path, body).await;
        assert_eq!(answer["code"].as_str(), Some(code), "{path}: {answer}");
    }
    // What holds no rows is answered as ever.
    let (status, marked, _) = under(&world, Who::Department, &id, "GET", "/api/v1/datasets", Value::Null).await;
    assert_eq!((status, marked), (200, false));
    for wrong in ["X-0000000000000000", "X-", "x-0000000000000000", "X-000000000000000g"] {
        let (status, _, answer) = under(&world, Who::Department, wrong, "GET", &record, Value::Null).await;
        assert_eq!((status, answer["code"].as_str()), (403, Some("grant_refused")), "{wrong}");
    }
    // It is over by itself.
    world.clock.set(Instant(NOON.0 + 60 * 86_400_000_000));
    let subject = Subject {
        subject: "later".to_owned(),
        department: Some(OTHER.to_owned()),
        roles: vec![Role::Department],
        officer: None,
        record: None,
        company: None,
    };
    let token = world.issuer.issue(&world.app.config.tokens, &subject, world.app.clock.now().0 / 1_000_000, 3_600);
    let request = axum::http::Request::builder()
        .uri(&record)
        .header("authorization", format!("Bearer {token}"))
        .header("natbase-grant", &id)
        .body(Body::empty());
    let (_, answer) = read(world.send(request.expect("a request")).await).await;
    assert_eq!(answer["code"], "grant_refused", "{answer}");
}

#[tokio::test]
async fn what_may_be_asked_for_and_how_often() {
    let world = world();
    let persons = || json!({"dataset": "population/persons"});
    for who in [Who::Public, Who::Auditor, Who::Administrator, Who::Authority, Who::Security] {
        assert_eq!(given(&world, who, persons()).await.0, 403, "{who:?}");
    }
    for (wanted, status, member) in [
        (json!({"dataset": "population/nobody"}), 404, "dataset"),
        (json!({}), 400, "dataset"),
        (json!({"dataset": "population/persons", "rows": "sex = '1'"}), 400, "rows"),
    ] {
        let (answered, refused) = given(&world, Who::Department, wanted.clone()).await;
        assert_eq!((answered, refused["member"].as_str()), (status, Some(member)), "{wanted}: {refused}");
    }
    let (status, refused) =
        given(&world, Who::Department, json!({"dataset": "population/persons", "fields": ["shoe_size"]})).await;
    assert_eq!((status, &refused["code"]), (422, &json!("unprocessable")));
    let (status, refused) =
        given(&world, Who::Department, json!({"dataset": "culture/relics", "fields": ["storage"]})).await;
    assert!(status == 422 && refused["detail"].as_str().is_some_and(|d| d.contains("不予共享")), "{refused}");
    for number in 0..20 {
        let (status, sandbox) = given(&world, Who::Department, persons()).await;
        assert_eq!(status, 200, "{number}: {sandbox}");
        assert_eq!((&sandbox["from"], &sandbox["to"]), (&json!("2026-11-23"), &json!("2026-12-22")));
    }
    assert_eq!(given(&world, Who::Department, persons()).await.1["code"], "ceiling_reached");
    // Another department has its own.
    assert_eq!(given(&world, Who::Police, persons()).await.0, 200);
}

#[tokio::test]
async fn the_log_says_what_was_asked_and_that_nobody_was_looked_at() {
    let world = world();
    let id = of_persons(&world).await;
    under(&world, Who::Department, &id, "GET", &format!("{RECORDS}?limit=7"), Value::Null).await;
    let entries = world.entries();
    let (_, asked) = &entries[0];
    assert_eq!((asked.grant.as_str(), asked.status, asked.rows), (id.as_str(), 200, 7));
    assert!(asked.records.is_empty() && asked.purpose.contains("合成数据"), "{asked:?}");
    let (_, got) = &entries[1];
    assert_eq!((got.dataset.as_str(), &got.records), ("population/persons", &vec![id]));
    // Kept: another start knows it still.
    let again = world.app.desk.sandbox(&asked.grant).await.expect("read").expect("a sandbox");
    assert_eq!(again.by.officer, "007");
}
