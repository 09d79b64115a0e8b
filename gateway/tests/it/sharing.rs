//! Sharing over HTTP: the grant follows the case at once, and nobody sees a case that is not his.

use foundation::value::Instant;
use gateway::token::{Role, Subject};
use serde_json::{Value, json};

use crate::world::{AUTHORITY, NOON, OTHER, POLICE, REGISTRAR, World, read};

/// A caller of the desk: department, and `!` before it for the head of its office.
pub(crate) struct Desk {
    pub(crate) world: World,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self { world: World::new() }
    }

    /// A token of a department's officer, or with `!` of its head.
    pub(crate) fn token(&self, who: &str) -> String {
        let department = who.trim_start_matches('!');
        let mut roles = match department {
            AUTHORITY => vec![Role::Authority],
            OTHER => vec![Role::Department],
            _ => vec![Role::Department, Role::Owner],
        };
        if who.starts_with('!') {
            roles.push(Role::Signatory);
        }
        let subject = Subject {
            subject: who.to_owned(),
            department: Some(department.to_owned()),
            roles,
            officer: Some("007".to_owned()),
            record: None,
            company: None,
        };
        let now_s = self.world.app.clock.now().0 / 1_000_000;
        self.world.issuer.issue(&self.world.app.config.tokens, &subject, now_s, 3_600)
    }

    pub(crate) async fn ask(&self, who: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token(who)))
            .header("content-type", "application/json");
        let text = if body.is_null() { String::new() } else { body.to_string() };
        read(self.world.send(request.body(text.into()).expect("a request")).await).await
    }

    pub(crate) async fn step(&self, who: &str, case: &str, step: &str, body: Value) -> (u16, Value) {
        self.ask(who, "POST", &format!("/api/v1/sharing/requests/{case}:{step}"), body).await
    }

    pub(crate) async fn begin(&self, dataset: &str, fields: &[&str]) -> (u16, Value) {
        let body = json!({
            "dataset": dataset, "fields": fields, "purpose": "办理社会保险登记", "ground": "社会保险法第五十八条",
            "from": "2026-11-01", "to": "2027-11-01",
        });
        self.ask(OTHER, "POST", "/api/v1/sharing/requests", body).await
    }

    /// A look-up of a person under the case as grant.
    pub(crate) async fn use_it(&self, grant: &str) -> (u16, Value) {
        let body = r#"{"keys":[{"citizen_id":"11010519491231002X"}]}"#;
        let subject = Subject {
            subject: "clerk".to_owned(),
            department: Some(OTHER.to_owned()),
            roles: vec![Role::Department],
            officer: Some("007".to_owned()),
            record: None,
            company: None,
        };
        let now_s = self.world.app.clock.now().0 / 1_000_000;
        let token = self.world.issuer.issue(&self.world.app.config.tokens, &subject, now_s, 3_600);
        let request = axum::http::Request::builder()
            .method("POST")
            .uri("/api/v1/datasets/population/persons/records:lookup")
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
            .header("natbase-grant", grant)
            .header("natbase-officer", "007")
            .header("natbase-case", "C-1");
        read(self.world.send(request.body(body.into()).expect("a request")).await).await
    }
}

#[tokio::test]
async fn a_grant_is_there_when_the_case_is_active_and_gone_when_it_is_suspended() {
    let desk = Desk::new();
    let (head_asks, head_gives) = (format!("!{OTHER}"), format!("!{POLICE}"));
    let (status, case) = desk.begin("population/persons", &["citizen_id", "name"]).await;
    assert_eq!((status, case["state"].as_str()), (200, Some("draft")), "{case}");
    let id = case["id"].as_str().expect("an id").to_owned();
    assert_eq!(desk.use_it(&id).await.0, 403);
    assert_eq!(desk.step(POLICE, &id, "consent", json!({})).await.0, 404, "a draft is the requester's alone");
    for (who, step) in [(head_asks.as_str(), "sign"), (OTHER, "submit"), (&head_gives, "consent")] {
        let (status, said) = desk.step(who, &id, step, json!({"reason": "用后销毁"})).await;
        assert_eq!(status, 200, "{step}: {said}");
    }
    let (_, refused) = desk.use_it(&id).await;
    assert_eq!(refused["code"], "grant_refused");
    desk.step(POLICE, &id, "deliver", json!({})).await;
    let (status, found) = desk.use_it(&id).await;
    assert_eq!(status, 200, "{found}");
    let fields = found["items"][0]["record"]["fields"].as_object().expect("fields");
    assert_eq!(fields.keys().map(String::as_str).collect::<Vec<_>>(), ["citizen_id", "name"]);
    desk.step(AUTHORITY, &id, "report_misuse", json!({"evidence": "审计第 12 号"})).await;
    let (status, case) = desk.step(POLICE, &id, "suspend", json!({"reason": "超范围使用"})).await;
    assert_eq!((status, case["state"].as_str()), (200, Some("suspended")));
    assert_eq!(desk.use_it(&id).await.1["code"], "grant_refused", "at once");
    desk.step(OTHER, &id, "rectify", json!({"evidence": "整改报告"})).await;
    desk.step(POLICE, &id, "resume", json!({})).await;
    assert_eq!(desk.use_it(&id).await.0, 200);
    // Another gateway on the same rows gives the same grant.
    let (_, whole) = desk.ask(POLICE, "GET", &format!("/api/v1/sharing/requests/{id}"), Value::Null).await;
    assert_eq!(whole["events"].as_array().map(Vec::len), Some(9), "{whole}");
    // The period ends.
    desk.world.clock.set(Instant(NOON.0 + 400 * 86_400_000_000));
    assert_eq!(desk.use_it(&id).await.1["code"], "grant_refused");
}

#[tokio::test]
async fn what_is_shared_unconditionally_is_answered_at_once_and_recorded() {
    let desk = Desk::new();
    let (status, case) = desk.begin("legal-entity/enterprises", &["name", "credit_code"]).await;
    assert_eq!((status, case["sharing"].as_str()), (200, Some("unconditional")), "{case}");
    let id = case["id"].as_str().expect("an id");
    desk.step(&format!("!{OTHER}"), id, "sign", json!({})).await;
    let (_, case) = desk.step(OTHER, id, "submit", json!({})).await;
    assert_eq!(case["state"], "active", "{case}");
    let steps: Vec<_> = case["events"].as_array().expect("events").iter().map(|e| e["step"].clone()).collect();
    assert_eq!(steps, ["draft", "sign", "submit", "consent", "deliver"]);
    assert_eq!(case["clocks"][0]["step"], "answer-unconditional");
    assert!(case["clocks"][0]["met"].is_string() && case["alerts"].as_array().is_some_and(Vec::is_empty));
}

#[tokio::test]
async fn nobody_sees_a_case_that_is_not_his() {
    let desk = Desk::new();
    let (_, case) = desk.begin("population/persons", &["name"]).await;
    let id = case["id"].as_str().expect("an id").to_owned();
    let path = format!("/api/v1/sharing/requests/{id}");
    for (who, status) in [(OTHER, 200), (POLICE, 404), (REGISTRAR, 404), (AUTHORITY, 404)] {
        assert_eq!(desk.ask(who, "GET", &path, Value::Null).await.0, status, "a draft, {who}");
    }
    let (_, given_up) = desk.begin("population/persons", &["name"]).await;
    let given_up = given_up["id"].as_str().expect("an id").to_owned();
    assert_eq!(desk.step(OTHER, &given_up, "withdraw", json!({})).await.0, 200);
    for (who, status) in [(OTHER, 200), (POLICE, 404), (AUTHORITY, 404)] {
        let path = format!("/api/v1/sharing/requests/{given_up}");
        assert_eq!(desk.ask(who, "GET", &path, Value::Null).await.0, status, "a draft given up, {who}");
    }
    desk.step(&format!("!{OTHER}"), &id, "sign", json!({})).await;
    desk.step(OTHER, &id, "submit", json!({})).await;
    for (who, status, listed) in [(OTHER, 200, 2), (POLICE, 200, 1), (REGISTRAR, 404, 0), (AUTHORITY, 200, 1)] {
        assert_eq!(desk.ask(who, "GET", &path, Value::Null).await.0, status, "submitted, {who}");
        let (_, all) = desk.ask(who, "GET", "/api/v1/sharing/requests", Value::Null).await;
        assert_eq!(all["items"].as_array().map(Vec::len), Some(listed), "{who}");
    }
    let absent = desk.ask(REGISTRAR, "GET", "/api/v1/sharing/requests/S-0000000000000000", Value::Null).await;
    let hidden = desk.ask(REGISTRAR, "GET", &path, Value::Null).await;
    assert_eq!((absent.0, &absent.1["detail"]), (hidden.0, &hidden.1["detail"]));
}

#[tokio::test]
async fn a_day_due_beyond_the_calendar_moves_when_the_notice_comes() {
    let desk = Desk::new();
    let ask = || desk.ask(OTHER, "GET", "/api/v1/sharing/working-days?from=2026-12-31&days=1", Value::Null);
    assert_eq!(ask().await.1, json!({"due": "2027-01-01", "provisional": true}));
    let mut notice = String::from("date,kind,name\n2027-01-01,holiday,元旦\n2027-01-03,workday,元旦\n");
    for day in 5..=12 {
        notice += &format!("2027-02-{day:02},holiday,春节\n");
    }
    let body = json!({ "notice": notice });
    assert_eq!(desk.ask(OTHER, "POST", "/api/v1/sharing/calendar", body.clone()).await.0, 403);
    let (status, years) = desk.ask(AUTHORITY, "POST", "/api/v1/sharing/calendar", body).await;
    assert_eq!((status, years), (200, json!({"years": [2027]})));
    assert_eq!(ask().await.1, json!({"due": "2027-01-03", "provisional": false}));
}

/// Whatever comes at once: the grant is there exactly when the case, as it is kept, is active.
#[tokio::test(flavor = "multi_thread")]
async fn steps_at_the_same_moment_leave_the_grant_that_the_case_says() {
    let desk = Desk::new();
    let (_, case) = desk.begin("population/persons", &["citizen_id", "name"]).await;
    let id = case["id"].as_str().expect("an id").to_owned();
    let (head_asks, head_gives) = (format!("!{OTHER}"), format!("!{POLICE}"));
    for (who, step) in [(head_asks.as_str(), "sign"), (OTHER, "submit"), (&head_gives, "consent"), (POLICE, "deliver")]
    {
        desk.step(who, &id, step, json!({})).await;
    }
    let said = || json!({"reason": "因", "evidence": "证"});
    for round in 0..30 {
        let steps = [
            (POLICE, "report_misuse"),
            (POLICE, "suspend"),
            (OTHER, "rectify"),
            (POLICE, "resume"),
            (OTHER, "record_use"),
        ];
        let all = steps.map(|(who, step)| desk.step(who, &id, step, said()));
        futures::future::join_all(all).await;
        let (_, case) = desk.ask(POLICE, "GET", &format!("/api/v1/sharing/requests/{id}"), Value::Null).await;
        let active = case["state"] == "active";
        assert_eq!(desk.use_it(&id).await.0 == 200, active, "round {round}: {}", case["state"]);
    }
}
