//! Return flow (Decree 809 art 24): a department of an area gets its own rows back, whole, and no others.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use foundation::service::BaseDatabase;
use foundation::testkit::load::{Loaded, open};
use foundation::value::citizen_id::check_digit;
use foundation::write::source::Format;
use gateway::config::Config;
use gateway::token::{Role, Subject};
use serde_json::{Value, json};

use crate::base::Table;
use crate::world::{AUTHORITY, OTHER, POLICE, World, read};

/// The police of Chengdu (510100).
const CHENGDU: &str = "11510100PDY0000112";

/// People of Chengdu, of another city of the province, and of Beijing.
fn people() -> String {
    let mut out = String::from("citizen_id,name,sex,ethnic_group,birth_date,domicile_division,life_status\n");
    for (n, division) in ["510104", "510104", "510107", "510704", "110105", "510182"].into_iter().enumerate() {
        let body = format!("{division}1975061{n}10{n}");
        let sex = 2 - (n % 2);
        out += &format!("{body}{},王一{n},{sex},01,1975-06-1{n},{division},1\n", check_digit(&body));
    }
    out
}

struct Flow {
    world: World,
    _people: Loaded,
}

impl Flow {
    async fn new() -> Self {
        let real = open(population::domain().expect("definitions"), false).await;
        let report = real.bytes("persons", people().into_bytes(), Format::Csv, "people").await;
        assert_eq!(report.progress.rejected, 0, "{:?}", report.problems.first());
        let databases = vec![
            Arc::clone(&real.database) as Arc<dyn BaseDatabase>,
            Table::serve(legal_entity::domain().expect("definitions")),
            Table::serve(macroeconomy::domain().expect("definitions")),
            Table::serve(culture::domain().expect("definitions")),
            Table::serve(geospatial::domain().expect("definitions")),
        ];
        Self { world: World::over(databases, Config::default(), ""), _people: real }
    }

    /// A question of a department's officer, or with `!` of its head; under a grant, if one is named.
    async fn ask(&self, who: &str, grant: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let department = who.trim_start_matches('!');
        let mut roles = match department {
            AUTHORITY => vec![Role::Authority],
            POLICE => vec![Role::Department, Role::Owner],
            _ => vec![Role::Department],
        };
        if who.starts_with('!') {
            roles.push(Role::Signatory);
        }
        let (subject, officer) = (who.to_owned(), Some("007".to_owned()));
        let subject =
            Subject { subject, department: Some(department.to_owned()), roles, officer, record: None, company: None };
        let now_s = self.world.app.clock.now().0 / 1_000_000;
        let token = self.world.issuer.issue(&self.world.app.config.tokens, &subject, now_s, 3_600);
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json");
        if !grant.is_empty() {
            request = request.header("natbase-grant", grant).header("natbase-officer", "007");
        }
        let text = if body.is_null() { String::new() } else { body.to_string() };
        read(self.world.send(request.body(Body::from(text)).expect("a request")).await).await
    }

    async fn begin(&self, who: &str, dataset: &str) -> (u16, Value) {
        let body = json!({"dataset": dataset, "purpose": "本市人口数据回流"});
        self.ask(who, "", "POST", "/api/v1/sharing/return-flows", body).await
    }

    async fn step(&self, who: &str, case: &str, step: &str, body: Value) -> (u16, Value) {
        self.ask(who, "", "POST", &format!("/api/v1/sharing/requests/{case}:{step}"), body).await
    }

    /// A case that is signed and submitted.
    async fn submitted(&self) -> String {
        let (status, case) = self.begin(CHENGDU, "population/persons").await;
        assert_eq!(status, 200, "{case}");
        let id = case["id"].as_str().expect("an id").to_owned();
        for (who, step) in [(format!("!{CHENGDU}"), "sign"), (CHENGDU.to_owned(), "submit")] {
            let (status, said) = self.step(&who, &id, step, json!({})).await;
            assert_eq!(status, 200, "{step}: {said}");
        }
        id
    }
}

const RECORDS: &str = "/api/v1/datasets/population/persons/records";

#[tokio::test(flavor = "multi_thread")]
async fn an_area_gets_its_own_rows_whole_and_follows_their_changes() {
    let flow = Flow::new().await;
    let id = flow.submitted().await;
    let path = format!("/api/v1/sharing/requests/{id}");
    let (_, case) = flow.ask(POLICE, "", "GET", &path, Value::Null).await;
    assert_eq!((&case["kind"], &case["state"]), (&json!("return_flow"), &json!("submitted")), "{case}");
    assert_eq!(case["asked"]["rows"], "domicile_division LIKE '5101%'");
    assert_eq!(case["clocks"][0]["step"], "answer-unconditional");
    assert_eq!(case["clocks"][0]["working_days"], 1);
    let (status, case) = flow.step(&format!("!{POLICE}"), &id, "consent", json!({})).await;
    assert_eq!((status, case["state"].as_str()), (200, Some("active")), "{case}");
    // Its own rows, every field that is shared at all.
    let (status, page) = flow.ask(CHENGDU, &id, "POST", &format!("{RECORDS}:query"), json!({"limit": 1_000})).await;
    assert_eq!(status, 200, "{page}");
    let mut divisions: Vec<&str> = page["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter_map(|i| i["fields"]["domicile_division"].as_str())
        .collect();
    divisions.sort_unstable();
    assert_eq!(divisions, ["510104", "510104", "510107", "510182"]);
    let fields = page["items"][0]["fields"].as_object().expect("fields");
    assert!(
        ["citizen_id", "name", "sex", "ethnic_group", "birth_date", "life_status"]
            .iter()
            .all(|f| fields.contains_key(*f))
    );
    let of = |n: usize| {
        let division = ["510104", "510104", "510107", "510704", "110105", "510182"][n];
        let body = format!("{division}1975061{n}10{n}");
        json!({"citizen_id": format!("{body}{}", check_digit(&body))})
    };
    let keys = json!({"keys": [of(0), of(3), of(4)]});
    let (_, found) = flow.ask(CHENGDU, &id, "POST", &format!("{RECORDS}:lookup"), keys).await;
    let statuses: Vec<&Value> = found["items"].as_array().expect("items").iter().map(|item| &item["status"]).collect();
    assert_eq!(statuses, ["found", "not_found", "not_found"], "{found}");
    let (status, changes) =
        flow.ask(CHENGDU, &id, "GET", "/api/v1/datasets/population/persons/changes", Value::Null).await;
    assert_eq!((status, changes["items"].as_array().map(Vec::len)), (200, Some(4)), "{changes}");
    // An ordinary grant never lists people; nor does this one open anything else.
    for path in ["/api/v1/datasets/population/persons/statistics", "/api/v1/datasets/population/documents/records"] {
        assert_eq!(flow.ask(CHENGDU, &id, "GET", path, Value::Null).await.0, 403, "{path}");
    }
    assert_eq!(flow.ask(OTHER, &id, "POST", &format!("{RECORDS}:query"), json!({})).await.1["code"], "forbidden");
    // It stands for good, and is looked at again.
    assert_eq!(
        (&case["given"]["to"], &case["clocks"][2]["step"]),
        (&json!("9999-12-31"), &json!("review-return-flow"))
    );
    let due = case["clocks"][2]["due"].as_str().expect("a day").to_owned();
    flow.world.clock.set(foundation::value::Instant(crate::world::NOON.0 + 420 * 86_400_000_000));
    let (_, late) = flow.ask(CHENGDU, "", "GET", &path, Value::Null).await;
    assert_eq!(
        (&late["state"], &late["alerts"][0]["what"]),
        (&json!("active"), &json!("not reviewed in time")),
        "{due}"
    );
    let (status, reviewed) = flow.step(CHENGDU, &id, "review", json!({"evidence": "复核记录 3"})).await;
    assert_eq!((status, &reviewed["alerts"]), (200, &json!([])), "{reviewed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_narrows_or_refuses_it_without_a_ground() {
    let flow = Flow::new().await;
    let id = flow.submitted().await;
    let head = format!("!{POLICE}");
    for (who, step, body, status, code) in [
        (POLICE, "need_more", json!({"reason": "缺"}), 422, "unprocessable"),
        (POLICE, "ask_extension", json!({"reason": "忙", "days": 5}), 422, "unprocessable"),
        (&head, "consent", json!({"fields": ["name"]}), 422, "unprocessable"),
        (&head, "consent", json!({"rows_per_day_max": 10}), 422, "unprocessable"),
        (&head, "refuse", json!({"reason": "不便"}), 400, "missing_parameter"),
    ] {
        let (answered, refused) = flow.step(who, &id, step, body).await;
        assert_eq!((answered, refused["code"].as_str()), (status, Some(code)), "{step}: {refused}");
        assert!(refused["detail"].as_str().is_some_and(|d| d.contains("Decree 809 art")), "{refused}");
    }
    // With a ground it can be refused, and that disputed.
    let ground = json!({"reason": "法律禁止", "evidence": "某法第十条"});
    assert_eq!(flow.step(&head, &id, "refuse", ground).await.1["state"], "refused");
    let (status, disputed) = flow.step(CHENGDU, &id, "dispute", json!({"reason": "该条不适用"})).await;
    assert_eq!(status, 200, "{disputed}");
    let (status, undone) = flow.step(POLICE, &id, "settle", json!({"outcome": "overturn"})).await;
    assert_eq!((status, undone["state"].as_str()), (200, Some("submitted")), "{undone}");
    flow.step(&head, &id, "consent", json!({})).await;
    // What has begun is not narrowed either; it can be ended by agreement.
    let narrower = json!({"reason": "因", "fields": ["name"]});
    assert_eq!(flow.step(POLICE, &id, "propose_change", narrower).await.0, 422);
    assert_eq!(flow.step(POLICE, &id, "propose_change", json!({"reason": "因"})).await.0, 200);
    assert_eq!(flow.step(CHENGDU, &id, "agree_change", json!({})).await.0, 200);
    assert_eq!(flow.step(AUTHORITY, &id, "file_change", json!({})).await.1["state"], "ended");
    assert_eq!(flow.ask(CHENGDU, &id, "POST", &format!("{RECORDS}:query"), json!({})).await.1["code"], "forbidden");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_goes_down_to_an_area_alone() {
    let flow = Flow::new().await;
    for (who, dataset, status, word) in [
        (OTHER, "population/persons", 422, "names none"),
        (CHENGDU, "macroeconomy/indicators", 422, "of which area"),
        (CHENGDU, "population/nobody", 404, "no dataset"),
        (AUTHORITY, "population/persons", 403, "department"),
    ] {
        let (answered, refused) = flow.begin(who, dataset).await;
        assert_eq!(answered, status, "{who} {dataset}: {refused}");
        assert!(refused["detail"].as_str().is_some_and(|d| d.contains(word)), "{refused}");
    }
    let (status, case) = flow.begin(CHENGDU, "legal-entity/enterprises").await;
    assert_eq!((status, &case["asked"]["rows"]), (200, &json!("division LIKE '5101%'")), "{case}");
    // `review` is of what stands without end.
    let (_, asked) = flow
        .ask(
            CHENGDU,
            "",
            "POST",
            "/api/v1/sharing/requests",
            json!({"dataset": "legal-entity/enterprises", "fields": ["name"], "purpose": "p", "ground": "g", "from": "2026-01-01", "to": "2027-12-01"}),
        )
        .await;
    let id = asked["id"].as_str().expect("an id").to_owned();
    assert_eq!(asked["kind"], "request");
    flow.step(&format!("!{CHENGDU}"), &id, "sign", json!({})).await;
    assert_eq!(flow.step(CHENGDU, &id, "submit", json!({})).await.1["state"], "active");
    assert_eq!(flow.step(CHENGDU, &id, "review", json!({"evidence": "x"})).await.0, 422);
}
