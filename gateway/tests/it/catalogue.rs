//! The catalogue over HTTP: who sees what, files, demands, what falls away.

use axum::body::Body;
use axum::http::Request;
use foundation::value::Instant;
use gateway::catalogue::{Items, metadata, sheet};
use serde_json::{Value, json};

use crate::sharing::Desk;
use crate::world::{AUTHORITY, NOON, OTHER, POLICE, REGISTRAR, Who, World, read};

const ENTRIES: &str = "/api/v1/catalogue/entries";
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// An entry of the police that breaks no rule.
fn items() -> Value {
    json!({
        "title": "居住证信息", "summary": "居住证的签发与有效期。", "class_code": "101001",
        "classification": "基础信息资源/人口基础信息/居住证", "provider": "公安部门（演示）", "provider_code": POLICE,
        "format": "数据库", "update_cycle": "每日", "data_class": "人口", "data_grade": 3, "sharing": "conditional",
        "sharing_scope": "社会保险经办机构", "sharing_uses": "参保资格核验", "sharing_modes": ["服务接口"],
        "openness": "none", "conditions_of_use": "仅用于申请所列职责", "impact_assessment": "PIA-2026-101",
        "fields": [
            {"name": "permit_number", "title": "居住证号", "type": "text", "grade": 3},
            {"name": "holder", "title": "公民身份号码", "type": "citizen-id", "grade": 3},
        ],
    })
}

fn id(entry: &Value) -> String {
    entry["id"].as_str().expect("an id").to_owned()
}

impl Desk {
    pub(crate) async fn entry(&self, who: &str, id: &str) -> (u16, Value) {
        self.ask(who, "GET", &format!("{ENTRIES}/{id}"), Value::Null).await
    }

    pub(crate) async fn compile(&self, who: &str, id: &str, step: &str, body: Value) -> (u16, Value) {
        self.ask(who, "POST", &format!("{ENTRIES}/{id}:{step}"), body).await
    }

    pub(crate) async fn file(&self, who: &str, query: &str, kind: &str, body: Vec<u8>) -> (u16, Value) {
        let request = Request::builder()
            .method("POST")
            .uri(format!("{ENTRIES}:import{query}"))
            .header("authorization", format!("Bearer {}", self.token(who)))
            .header("content-type", kind);
        read(self.world.send(request.body(Body::from(body)).expect("a request")).await).await
    }

    /// Submits, approves and announces.
    async fn announce(&self, id: &str, from: Value) -> Value {
        let head = format!("!{POLICE}");
        for (who, step, body) in
            [(head.as_str(), "submit", json!({})), (AUTHORITY, "approve", json!({})), (AUTHORITY, "announce", from)]
        {
            let (status, said) = self.compile(who, id, step, body).await;
            assert_eq!(status, 200, "{step}: {said}");
            if step == "announce" {
                return said;
            }
        }
        Value::Null
    }

    /// The headers of the answer to a question about persons.
    async fn told(&self) -> (Option<String>, Option<String>) {
        let request = Request::builder()
            .method("GET")
            .uri("/api/v1/datasets/population/persons/records/one")
            .header("authorization", format!("Bearer {}", self.token(POLICE)));
        let answer = self.world.send(request.body(Body::empty()).expect("a request")).await;
        assert_eq!(answer.status(), 200);
        let header = |name: &str| answer.headers().get(name).map(|v| v.to_str().expect("text").to_owned());
        (header("deprecation"), header("sunset"))
    }
}

#[tokio::test]
async fn a_draft_is_its_departments_and_the_authoritys_alone() {
    let desk = Desk::new();
    let (status, entry) = desk.ask(POLICE, "POST", ENTRIES, json!({"items": items()})).await;
    assert_eq!((status, entry["state"].as_str()), (200, Some("draft")), "{entry}");
    assert_eq!(entry["draft"]["problems"], json!([]));
    let id = id(&entry);
    let absent = desk.entry(OTHER, "C-0000000000000000").await;
    for (who, status) in [(POLICE, 200), (AUTHORITY, 200), (OTHER, 404), (REGISTRAR, 404)] {
        let (got, answer) = desk.entry(who, &id).await;
        assert_eq!(got, status, "{who}");
        if status == 404 {
            assert_eq!(answer["detail"], absent.1["detail"], "in the same words");
        }
        let (got, _) = desk.ask(who, "GET", &format!("{ENTRIES}/{id}/metadata"), Value::Null).await;
        assert_eq!(got, 404, "nothing is announced, {who}");
        let (_, all) = desk.ask(who, "GET", &format!("{ENTRIES}?state=draft&limit=1000"), Value::Null).await;
        assert_eq!(all["items"].as_array().map(Vec::len), Some(usize::from(status == 200)), "{who}");
        let (got, _) = desk.compile(who, &id, "withdraw", json!({"reason": "x", "days": 3})).await;
        assert_eq!(
            got,
            if who == POLICE {
                422
            } else if status == 200 {
                403
            } else {
                404
            },
            "{who}"
        );
    }
    assert_eq!(desk.world.ask(Who::Public, "GET", &format!("{ENTRIES}/{id}"), "").await.0, 404);
    let announced = desk.announce(&id, json!({})).await;
    assert_eq!((announced["state"].as_str(), announced["code"].as_str()), (Some("announced"), Some("101001/000007")));
    for who in [POLICE, AUTHORITY, OTHER, REGISTRAR] {
        let (status, answer) = desk.entry(who, &id).await;
        assert_eq!((status, answer["items"]["title"].as_str()), (200, Some("居住证信息")), "{who}");
        let inside = who == POLICE || who == AUTHORITY;
        assert_eq!((answer["events"].is_array(), answer["clocks"].is_array()), (inside, inside), "{who}");
    }
    // Nothing in it is open: not there for the public, alone or in the list.
    assert_eq!(desk.world.ask(Who::Public, "GET", &format!("{ENTRIES}/{id}"), "").await.0, 404);
    let (_, all) = desk.world.ask(Who::Public, "GET", &format!("{ENTRIES}?limit=1000"), "").await;
    assert!(all["items"].as_array().is_some_and(|list| list.len() > 3 && list.iter().all(|e| e["id"] != *id)));
    // What is being changed is not seen from outside.
    let mut next = items();
    next["title"] = json!("居住证信息（新）");
    desk.compile(POLICE, &id, "amend", json!({"items": next, "reason": "职责调整"})).await;
    let (_, seen) = desk.entry(OTHER, &id).await;
    assert_eq!((seen["state"].as_str(), seen["items"]["title"].as_str()), (Some("announced"), Some("居住证信息")));
    assert!(seen["draft"].is_null() && seen["holders"].is_null());
}

#[tokio::test]
async fn definitions_are_announced_entries_and_open_ones_are_public() {
    let desk = Desk::new();
    let (status, works) = desk.world.ask(Who::Public, "GET", &format!("{ENTRIES}/culture:works"), "").await;
    assert_eq!(
        (status, works["state"].as_str(), works["code"].as_str()),
        (200, Some("announced"), Some("304001/000001"))
    );
    assert!(works["items"]["fields"].as_array().is_some_and(|fields| fields.len() > 3));
    assert_eq!(desk.world.ask(Who::Public, "GET", &format!("{ENTRIES}/population:persons"), "").await.0, 404);
    assert_eq!(desk.entry(OTHER, "population:persons").await.0, 200);
    assert_eq!(desk.entry(OTHER, "population:nobody").await.0, 404);
    let mut seen = Vec::new();
    let mut path = format!("{ENTRIES}?limit=7");
    loop {
        let (status, page) = desk.ask(OTHER, "GET", &path, Value::Null).await;
        assert_eq!(status, 200, "{page}");
        seen.extend(page["items"].as_array().expect("items").iter().map(id));
        let Some(next) = page["next"].as_str() else { break };
        path = format!("{ENTRIES}?limit=7&cursor={next}");
    }
    // Those not published yet are not there yet.
    let datasets = desk.world.app.catalogue.datasets();
    let published = datasets.iter().filter(|d| d.published.as_str() <= "2026-11-23");
    let mut all: Vec<String> = published.map(|d| d.name.to_string().replace('/', ":")).collect();
    all.sort();
    assert_eq!(seen, all);
}

#[tokio::test]
async fn what_was_announced_stays_readable_in_both_times() {
    let desk = Desk::new();
    let (_, entry) = desk.ask(POLICE, "POST", ENTRIES, json!({"items": items()})).await;
    let id = id(&entry);
    desk.announce(&id, json!({})).await;
    let mut next = items();
    next["title"] = json!("居住证信息（新）");
    desk.world.clock.set(Instant(NOON.0 + 3 * 86_400_000_000));
    desk.compile(POLICE, &id, "amend", json!({"items": next, "reason": "职责调整"})).await;
    desk.announce(&id, json!({"from": "2026-12-10"})).await;
    let title = |query: &'static str| {
        let path = format!("{ENTRIES}/{id}{query}");
        let desk = &desk;
        async move { desk.ask(OTHER, "GET", &path, Value::Null).await.1["items"]["title"].clone() }
    };
    assert_eq!(title("").await, "居住证信息");
    assert_eq!(title("?valid-at=2026-12-10").await, "居住证信息（新）");
    assert_eq!(title("?valid-at=2026-12-10&known-at=2026-11-24").await, "居住证信息");
    assert_eq!(desk.ask(OTHER, "GET", &format!("{ENTRIES}/{id}?known-at=2026-11-22"), Value::Null).await.0, 404);
}

#[tokio::test]
async fn an_entry_comes_as_workbook_definition_or_metadata_and_goes_out_again() {
    let desk = Desk::new();
    let written: Items = serde_json::from_value(items()).expect("items");
    let book = sheet::template(Some(&written)).expect("written");
    let (status, entry) = desk.file(POLICE, "", XLSX, book.clone()).await;
    assert_eq!((status, &entry["draft"]["items"]["title"]), (200, &json!("居住证信息")), "{entry}");
    // Another field is called what one of `population/persons` is.
    let overlap = &entry["draft"]["overlaps"][0];
    assert_eq!(
        (&overlap["field"], &overlap["entry"], &overlap["there"], &overlap["by"]),
        (&json!("holder"), &json!("population:persons"), &json!("citizen_id"), &json!("title")),
        "{}",
        entry["draft"]["overlaps"]
    );
    let id = id(&entry);
    let (status, _) = desk.file(POLICE, &format!("?entry={id}"), XLSX, book.clone()).await;
    assert_eq!(status, 200, "a revision");
    assert_eq!(desk.file(OTHER, "", XLSX, book.clone()).await.0, 403, "not a provider");
    assert_eq!(desk.file(REGISTRAR, "", XLSX, book).await.0, 422, "of another department");
    desk.announce(&id, json!({})).await;
    let path = format!("{ENTRIES}/{id}/metadata");
    let (status, text) = desk.ask(OTHER, "GET", &path, Value::Null).await;
    let text = text.as_str().expect("XML").to_owned();
    let there = metadata::read(text.as_bytes()).expect("metadata");
    assert_eq!((status, there.code.as_str(), &there.items), (200, "101001/000007", &written));
    assert_eq!(there.published.map(|day| day.to_string()).as_deref(), Some("2026-11-23"));
    let (status, again) = desk.file(POLICE, "", "application/xml", text.into_bytes()).await;
    let again: Items = serde_json::from_value(again["draft"]["items"].clone()).expect("items");
    assert_eq!((status, again), (200, written));
    let definition = include_bytes!("../../../population/datasets/persons.toml").to_vec();
    let (status, refused) = desk.file(POLICE, "", "application/toml", definition.clone()).await;
    assert_eq!((status, refused["member"].as_str()), (422, Some("dataset")), "it has an entry: {refused}");
    let query = "?entry=population:persons&reason=x";
    let (status, persons) = desk.file(POLICE, query, "application/toml", definition).await;
    assert_eq!((status, &persons["draft"]["items"]["title"]), (200, &json!("自然人基本信息")), "{persons}");
    assert_eq!(persons["draft"]["falling_away"], json!([]));
    for (kind, body, code) in [
        ("application/toml", &b"name = 1"[..], "invalid_body"),
        ("application/xml", b"<metadata><colour/></metadata>", "invalid_body"),
        (XLSX, b"PK", "invalid_body"),
        ("text/csv", b"a", "unsupported_media_type"),
    ] {
        let (_, refused) = desk.file(POLICE, "", kind, body.to_vec()).await;
        assert_eq!(refused["code"], code, "{refused}");
    }
    assert_eq!(desk.file(POLICE, "", "application/xml", vec![b' '; 2 << 20]).await.1["code"], "body_too_large");
}

#[tokio::test]
async fn what_breaks_a_rule_is_told_with_its_place_and_unknown_members_are_refused() {
    let desk = Desk::new();
    let mut broken = items();
    broken["sharing"] = json!("none");
    broken["fields"][1]["grade"] = json!(4);
    let (_, entry) = desk.ask(POLICE, "POST", ENTRIES, json!({"items": broken})).await;
    let places: Vec<_> =
        entry["draft"]["problems"].as_array().expect("problems").iter().map(|p| p["place"].clone()).collect();
    assert_eq!(places, ["sharing_ground", "data_grade"], "{entry}");
    let (status, refused) = desk.compile(&format!("!{POLICE}"), &id(&entry), "submit", json!({})).await;
    assert_eq!((status, refused["code"].as_str()), (422, Some("unprocessable")));
    let detail = refused["detail"].as_str().expect("a detail");
    assert!(detail.contains("arts 14, 15") && detail.contains("`data_grade`"), "{detail}");
    let mut unknown = items();
    unknown["colour"] = json!("red");
    let (status, refused) = desk.ask(POLICE, "POST", ENTRIES, json!({"items": unknown})).await;
    assert_eq!((status, refused["code"].as_str()), (400, Some("invalid_parameter")));
    assert!(refused["detail"].as_str().is_some_and(|d| d.contains("colour")), "{refused}");
}

#[tokio::test]
async fn a_demand_is_answered_drafted_in_time_and_met() {
    let desk = Desk::new();
    let demands = "/api/v1/catalogue/demands";
    let wish = json!({"title": "居住证信息", "fields": ["居住证号", "公民身份号码"], "purpose": "参保", "ground": "社会保险法"});
    let (status, demand) = desk.ask(OTHER, "POST", demands, wish.clone()).await;
    assert_eq!((status, demand["state"].as_str()), (200, Some("asked")), "{demand}");
    assert!(demand["perhaps"].as_array().is_some_and(|p| p.iter().any(|p| p["entry"] == "population:persons")));
    let path = format!("{demands}/{}", id(&demand));
    assert_eq!(desk.ask(REGISTRAR, "GET", &path, Value::Null).await.0, 200, "all departments see it");
    assert_eq!(desk.world.ask(Who::Public, "GET", demands, "").await.0, 403);
    let name = json!({"source": POLICE});
    assert_eq!(desk.ask(OTHER, "POST", &format!("{path}:name_source"), name.clone()).await.0, 403);
    assert_eq!(desk.ask(AUTHORITY, "POST", &format!("{path}:reject"), json!({})).await.1["member"], "reason");
    let early = desk.ask(POLICE, "POST", ENTRIES, json!({"items": items(), "demand": id(&demand)})).await;
    assert_eq!(early.0, 403, "no source is named: {}", early.1);
    let (status, named) = desk.ask(AUTHORITY, "POST", &format!("{path}:name_source"), name).await;
    assert_eq!((status, named["clocks"][0]["due"].as_str()), (200, Some("2026-12-07")), "{named}");
    desk.world.clock.set(Instant(NOON.0 + 15 * 86_400_000_000));
    let alerts = |who: &'static str| {
        let desk = &desk;
        async move { desk.ask(who, "GET", "/api/v1/catalogue/alerts", Value::Null).await.1["items"].clone() }
    };
    let late = alerts(POLICE).await;
    assert_eq!(
        (&late[0]["what"], &late[0]["who"]),
        (&json!("the entry demanded is not drafted in time"), &json!(POLICE))
    );
    assert_eq!((alerts(REGISTRAR).await, alerts(AUTHORITY).await == late), (json!([]), true));
    let (status, entry) = desk.ask(POLICE, "POST", ENTRIES, json!({"items": items(), "demand": id(&demand)})).await;
    assert_eq!(status, 200, "{entry}");
    assert_eq!(desk.ask(OTHER, "GET", &path, Value::Null).await.1["state"], "drafted");
    let twice = desk.ask(POLICE, "POST", ENTRIES, json!({"items": items(), "demand": id(&demand)})).await;
    assert_eq!(twice.0, 409, "{}", twice.1);
    desk.compile(POLICE, &id(&entry), "withdraw", json!({"reason": "误"})).await;
    let (_, again) = desk.ask(OTHER, "GET", &path, Value::Null).await;
    assert_eq!((again["state"].as_str(), &again["clocks"][1]["met"]), (Some("named"), &Value::Null), "{again}");
    let (_, entry) = desk.ask(POLICE, "POST", ENTRIES, json!({"items": items(), "demand": id(&demand)})).await;
    desk.announce(&id(&entry), json!({})).await;
    let (_, met) = desk.ask(OTHER, "GET", &path, Value::Null).await;
    assert_eq!(met["state"], "met");
    let (_, second) = desk.ask(OTHER, "POST", demands, wish).await;
    let path = format!("{demands}/{}", id(&second));
    let (status, rejected) = desk.ask(AUTHORITY, "POST", &format!("{path}:reject"), json!({"reason": "已有"})).await;
    assert_eq!((status, rejected["state"].as_str()), (200, Some("rejected")));
    let (_, list) = desk.ask(REGISTRAR, "GET", demands, Value::Null).await;
    let ids: Vec<_> = list["items"].as_array().expect("items").iter().map(id).collect();
    assert_eq!(ids, [id(&second), id(&demand)], "newest first");
}

#[tokio::test]
async fn a_field_falls_away_by_agreement_and_filing_and_is_told_beforehand() {
    let desk = Desk::new();
    let (head_asks, head_gives) = (format!("!{OTHER}"), format!("!{POLICE}"));
    let (_, case) = desk.begin("population/persons", &["citizen_id", "former_name"]).await;
    let case = id(&case);
    for (who, step) in [(head_asks.as_str(), "sign"), (OTHER, "submit"), (&head_gives, "consent"), (POLICE, "deliver")]
    {
        assert_eq!(desk.step(who, &case, step, json!({})).await.0, 200, "{step}");
    }
    let (_, entry) = desk.entry(POLICE, "population:persons").await;
    let mut fewer = entry["items"].clone();
    let fields = fewer["fields"].as_array_mut().expect("fields");
    fields.retain(|field| field["name"] != "former_name");
    let change = json!({"items": fewer, "reason": "户籍登记不再采集"});
    let (status, amended) = desk.compile(POLICE, "population:persons", "amend", change).await;
    assert_eq!((status, &amended["draft"]["falling_away"]), (200, &json!(["former_name"])), "{amended}");
    assert_eq!((&amended["holders"], desk.told().await), (&json!([case]), (None, None)));
    assert_eq!(desk.compile(&head_gives, "population:persons", "submit", json!({})).await.0, 200);
    assert_eq!(desk.compile(AUTHORITY, "population:persons", "approve", json!({})).await.0, 200);
    assert_eq!(desk.told().await, (Some("@1795406400".into()), None));
    // The holder is asked, and until he has agreed and it is filed nothing is announced.
    let (_, asked) = desk.ask(OTHER, "GET", &format!("/api/v1/sharing/requests/{case}"), Value::Null).await;
    let proposed = asked["events"].as_array().and_then(|events| events.last()).expect("an event").clone();
    assert_eq!((&proposed["step"], &proposed["terms"]["fields"]), (&json!("propose_change"), &json!(["citizen_id"])));
    let from = json!({"from": "2027-01-01"});
    let (status, refused) = desk.compile(AUTHORITY, "population:persons", "announce", from.clone()).await;
    assert_eq!(status, 422);
    assert!(refused["detail"].as_str().is_some_and(|d| d.contains(&case) && d.contains("art 27")), "{refused}");
    assert_eq!(desk.step(OTHER, &case, "agree_change", json!({})).await.0, 200);
    assert_eq!(desk.compile(AUTHORITY, "population:persons", "announce", from.clone()).await.0, 422, "not filed");
    assert_eq!(desk.step(AUTHORITY, &case, "file_change", json!({})).await.0, 200);
    assert_eq!(desk.compile(AUTHORITY, "population:persons", "announce", from).await.0, 200);
    let told = (Some("@1795406400".to_owned()), Some("Thu, 31 Dec 2026 16:00:00 GMT".to_owned()));
    assert_eq!(desk.told().await, told);
    let has = |entry: &Value| {
        entry["items"]["fields"].as_array().is_some_and(|f| f.iter().any(|f| f["name"] == "former_name"))
    };
    let (_, now) = desk.entry(OTHER, "population:persons").await;
    let (_, then) = desk.entry(OTHER, "population:persons?valid-at=2027-01-01").await;
    assert_eq!((has(&now), has(&then)), (true, false));
    // A gateway opened on the same rows tells the same.
    let again = gateway::catalogue::Register::new(desk.world.store.clone());
    let kept = again.entry("population:persons").await.expect("read").expect("kept");
    assert_eq!(kept.versions.len(), 2);
    desk.world.clock.set(Instant::parse("2027-01-01T04:00:00Z").expect("an instant"));
    assert_eq!(desk.told().await, (None, None), "the day has come");
}

#[tokio::test(flavor = "multi_thread")]
async fn codes_are_given_once_whoever_announces_at_the_same_moment() {
    let desk = Desk::new();
    let mut ids = Vec::new();
    for _ in 0..12 {
        let (_, entry) = desk.ask(POLICE, "POST", ENTRIES, json!({"items": items()})).await;
        ids.push(id(&entry));
    }
    let all = futures::future::join_all(ids.iter().map(|id| desk.announce(id, json!({})))).await;
    let mut codes: Vec<String> = all.iter().map(|e| e["code"].as_str().expect("a code").to_owned()).collect();
    codes.sort();
    let expected: Vec<String> = (7..19).map(|n| format!("101001/{n:06}")).collect();
    assert_eq!(codes, expected);
}

#[tokio::test]
async fn steps_of_nobody_are_refused() {
    let world = World::new();
    for who in [Who::Public, Who::Auditor, Who::Administrator] {
        let body = json!({"items": items()}).to_string();
        let (status, answer) = world.ask(who, "POST", ENTRIES, &body).await;
        assert_eq!((status, answer["code"].as_str()), (403, Some("forbidden")), "{who:?}");
    }
}
