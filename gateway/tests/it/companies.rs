//! Companies: an account, a request for what is opened conditionally, its answer, use, misuse and end; and what is never theirs.

use std::sync::Arc;

use axum::http::Request;
use foundation::dataset::{Dataset, Sharing};
use gateway::audit::Entry;
use gateway::config::Config;
use gateway::token::{Role, Subject};
use serde_json::{Value, json};

use crate::base::{CLOSED_ON, CLOSES, COMPANY, DEREGISTERED, IN_LIQUIDATION, REVOKED, RIVAL, Table, UNREGISTERED};
use crate::house::{House, Person, Signed};
use crate::world::{AUTHORITY, OTHER, POLICE};

/// Provider of `geospatial/addresses`, which is opened conditionally.
const GIVES: &str = "11100000PDY000060J";
const ADDRESSES: &str = "/api/v1/datasets/geospatial/addresses";
const REQUESTS: &str = "/api/v1/sharing/requests";
const OFFICER: &str = "007";

struct Place {
    house: House,
    two: [(Person, Signed); 2],
}

impl Place {
    async fn new() -> Self {
        let mut people = population::domain().expect("definitions");
        let secret = people.datasets.iter_mut().find(|d| d.name.to_string() == SECRET).expect("a dataset");
        let mut hidden = Dataset::clone(secret);
        hidden.sharing = Sharing::None;
        hidden.fields.iter_mut().for_each(|field| field.sharing = None);
        *secret = Arc::new(hidden);
        let databases = vec![
            Table::serve(legal_entity::domain().expect("definitions")),
            Table::serve(people),
            Table::serve(geospatial::domain().expect("definitions")),
        ];
        let mut house = House::over(databases, Config::default(), "", "");
        let two = house.two().await;
        Self { house, two }
    }

    /// Somebody of a company who may sign for it, or with `clerk` not; he has signed in.
    async fn of(&mut self, name: &str, company: &str, roles: &[&str]) -> (Person, String) {
        let body = json!({"kind": "person", "name": name, "company": company, "roles": roles, "officer": OFFICER});
        let (_, initial) = self.house.open(&self.two, body).await;
        let person = self.house.settle(name, &initial).await;
        let signed = self.house.sign_in(&person).await;
        (person, signed.access)
    }

    /// A token of a department's officer, with `!` of its head, or of an authority.
    fn token(&self, who: &str) -> String {
        let department = who.trim_start_matches('!');
        let mut roles = match department {
            AUTHORITY => vec![Role::Authority],
            _ => vec![Role::Department, Role::Owner],
        };
        if who.starts_with('!') {
            roles.push(Role::Signatory);
        }
        self.forged(&Subject {
            subject: who.to_owned(),
            department: Some(department.to_owned()),
            roles,
            officer: Some(OFFICER.to_owned()),
            ..Subject::default()
        })
    }

    /// A token of the departments' issuer.
    fn forged(&self, subject: &Subject) -> String {
        self.house.issuer.issue(&self.house.app.config.tokens, subject, self.house.now_s(), 3_600)
    }

    async fn step(&self, token: &str, case: &str, step: &str, body: Value) -> (u16, Value) {
        self.house.ask(token, "POST", &format!("{REQUESTS}/{case}:{step}"), body).await
    }

    async fn must(&self, token: &str, case: &str, step: &str, body: Value) -> Value {
        let (status, said) = self.step(token, case, step, body).await;
        assert_eq!(status, 200, "{step}: {said}");
        said
    }

    async fn see(&self, token: &str, case: &str) -> (u16, Value) {
        self.house.ask(token, "GET", &format!("{REQUESTS}/{case}"), Value::Null).await
    }

    async fn listed(&self, token: &str) -> usize {
        let (status, said) = self.house.ask(token, "GET", REQUESTS, Value::Null).await;
        assert_eq!(status, 200, "{said}");
        said["items"].as_array().map_or(0, Vec::len)
    }

    /// A question under a grant, with officer and business case.
    async fn under(&self, token: &str, grant: &str, path: &str) -> (u16, Value) {
        let request = Request::builder().method("GET").uri(path).header("authorization", format!("Bearer {token}"));
        let request = request.header("natbase-grant", grant).header("natbase-officer", OFFICER);
        self.house.send(request.header("natbase-case", "C-1").body("".into()).expect("a request")).await
    }

    /// A case begun, signed and submitted by `token`, who may sign.
    async fn submitted(&self, token: &str) -> String {
        let (status, case) = self.house.ask(token, "POST", REQUESTS, wanted()).await;
        assert_eq!(status, 200, "{case}");
        let id = case["id"].as_str().expect("an id").to_owned();
        self.must(token, &id, "sign", json!({})).await;
        self.must(token, &id, "submit", json!({})).await;
        id
    }

    /// The same, consented to and delivered.
    async fn granted(&self, token: &str) -> String {
        let id = self.submitted(token).await;
        self.must(&self.token(&format!("!{GIVES}")), &id, "consent", json!({"reason": "到期删除"})).await;
        self.must(&self.token(GIVES), &id, "deliver", json!({})).await;
        id
    }
}

/// What a company asks for.
fn wanted() -> Value {
    json!({
        "dataset": "geospatial/addresses", "fields": ["address_id", "full"], "masked": ["road"],
        "purpose": "物流配送路径优化", "ground": "目录开放条件：按申请开放", "from": "2026-11-01", "to": "2027-11-01",
        "rows_per_day_max": 1000, "commitment": "只用于本公司配送，不转交第三方；数据存放于境内专用服务器",
    })
}

const ALL: &[&str] = &["company", "signatory"];

#[tokio::test]
async fn an_account_is_that_of_a_company_that_is_registered_and_in_being() {
    let mut place = Place::new().await;
    let admin = place.two[0].1.access.clone();
    let body = |more: Value| {
        let mut body = json!({"kind": "person", "name": "yang.guo", "company": COMPANY, "roles": ["company"]});
        body.as_object_mut().expect("a body").extend(more.as_object().expect("members").clone());
        body
    };
    for (more, part) in [
        (json!({"company": "91350100M000100Y44"}), "check character"),
        (json!({"company": "9135"}), "18 characters"),
        (json!({"company": UNREGISTERED}), "no company of this credit code is registered"),
        (json!({"company": DEREGISTERED}), "deregistered (注销)"),
        (json!({"company": REVOKED}), "revoked (吊销)"),
        (json!({"company": IN_LIQUIDATION}), "liquidation (清算)"),
        (json!({"company": COMPANY.to_lowercase()}), "capitals"),
        (json!({"department": OTHER}), "for no department"),
        (json!({"roles": ["public"]}), "goes with the role company"),
        (json!({"roles": ["company", "department"], "department": OTHER}), "for no department"),
        (json!({"roles": ["company", "security"]}), "may not be held with another role"),
        (json!({"roles": ["department"], "department": OTHER}), "goes with the role company"),
        (json!({"kind": "key", "level": 3, "to": "2027-01-01"}), "bound to a department"),
        (json!({"kind": "program", "level": 2, "jwks": place.house.issuer.jwks()}), "level 3"),
    ] {
        let (status, said) = place.house.ask(&admin, "POST", "/api/v1/accounts", body(more.clone())).await;
        let detail = said["detail"].as_str().unwrap_or_default();
        assert!(status == 422 && detail.contains(part), "{more}: {status} {said}");
    }
    let mut without = body(json!({}));
    without.as_object_mut().expect("a body").remove("company");
    assert_eq!(place.house.ask(&admin, "POST", "/api/v1/accounts", without).await.0, 422);
    // Two people open it; it stays that company's.
    let (_, taken) = place.house.ask(&admin, "POST", "/api/v1/accounts", body(json!({"name": "guo.jing"}))).await;
    assert_eq!(taken["proposal"]["state"], "open", "{taken}");
    assert_eq!(taken["proposal"]["account"]["company"], COMPANY);
    let (_, token) = place.of("yang.guo", COMPANY, &["company"]).await;
    let path = "/api/v1/accounts/person:yang.guo:change_rights";
    let other = json!({"roles": ["department"], "department": OTHER});
    assert_eq!(place.house.ask(&admin, "POST", path, other).await.0, 422);
    assert_eq!(place.house.ask(&token, "GET", REQUESTS, Value::Null).await.0, 200);
}

#[tokio::test]
async fn no_other_issuer_speaks_for_a_company() {
    let place = Place::new().await;
    let subject = |subject: &str, roles: &[Role], company: Option<&str>, department: Option<&str>| Subject {
        subject: subject.to_owned(),
        roles: roles.to_vec(),
        company: company.map(str::to_owned),
        department: department.map(str::to_owned),
        ..Subject::default()
    };
    for (name, roles, company, department) in [
        ("zhao", &[Role::Company][..], Some(COMPANY), None),
        ("zhao", &[Role::Company], None, None),
        ("zhao", &[], Some(COMPANY), None),
        ("zhao", &[Role::Department], Some(COMPANY), Some(OTHER)),
        ("zhao", &[Role::Company, Role::Department], Some(COMPANY), Some(OTHER)),
        ("person:yang.guo", &[Role::Company], Some(COMPANY), None),
    ] {
        let token = place.forged(&subject(name, roles, company, department));
        let (status, _) = place.house.ask(&token, "GET", REQUESTS, Value::Null).await;
        assert_eq!(status, 401, "{name} {roles:?} {company:?} {department:?}");
    }
}

#[tokio::test]
async fn a_request_of_a_company_goes_from_its_draft_to_its_disposal() {
    let mut place = Place::new().await;
    let (_, signs) = place.of("yang.guo", COMPANY, ALL).await;
    let (person, clerk) = place.of("guo.jing", COMPANY, &["company"]).await;
    let (gives, heads, watches) = (place.token(GIVES), place.token(&format!("!{GIVES}")), place.token(AUTHORITY));
    let mut body = wanted();
    body["to"] = json!("2026-11-26");
    let (status, case) = place.house.ask(&clerk, "POST", REQUESTS, body).await;
    assert_eq!(
        (status, case["kind"].as_str(), case["state"].as_str()),
        (200, Some("opening"), Some("draft")),
        "{case}"
    );
    assert_eq!(case["asked"]["acts"], json!(["get", "lookup", "search", "list", "series"]));
    let id = case["id"].as_str().expect("an id").to_owned();
    assert_eq!(place.see(&gives, &id).await.0, 404, "a draft is the company's alone");
    assert_eq!(place.see(&watches, &id).await.0, 404);
    assert_eq!(place.step(&clerk, &id, "sign", json!({})).await.0, 403, "not a signatory");
    place.must(&signs, &id, "sign", json!({})).await;
    let case = place.must(&clerk, &id, "submit", json!({})).await;
    let clock = &case["clocks"][0];
    assert_eq!((clock["step"].as_str(), clock["working_days"].as_u64()), (Some("answer-opening"), Some(10)), "{case}");
    // What is missing is said once; the provider answers, with less than was asked for.
    place.must(&gives, &id, "need_more", json!({"reason": "请说明存放地点"})).await;
    place.must(&clerk, &id, "supplement", json!({"evidence": "补充说明 1 号"})).await;
    assert_eq!(place.step(&gives, &id, "need_more", json!({"reason": "再问"})).await.0, 422);
    let path = format!("{ADDRESSES}/records/one");
    assert_eq!(place.under(&signs, &id, &path).await.1["code"], "grant_refused", "not given yet");
    assert_eq!(place.step(&heads, &id, "consent", json!({"fields": ["address_id", "full", "city"]})).await.0, 422);
    place.must(&heads, &id, "consent", json!({"reason": "到期删除", "rows_per_day_max": 10})).await;
    place.must(&gives, &id, "deliver", json!({})).await;
    let (status, record) = place.under(&clerk, &id, &path).await;
    assert_eq!(status, 200, "{record}");
    // Of a road there is no part that could be shown: masked, it is hidden.
    let fields: Vec<&str> = record["fields"].as_object().expect("fields").keys().map(String::as_str).collect();
    assert_eq!((fields, &record["masked"]), (vec!["address_id", "full"], &json!(["road"])));
    // Nothing is given without grant, officer and case.
    let (status, said) = place.house.ask(&clerk, "GET", &path, Value::Null).await;
    assert_eq!((status, said["code"].as_str()), (403, Some("grant_required")), "{said}");
    logged(&place, &id).await;
    // Misuse.
    assert_eq!(place.step(&gives, &id, "suspend", json!({"reason": "超范围"})).await.0, 422, "not without cause");
    place.must(&watches, &id, "report_misuse", json!({"evidence": "抽查 3 号"})).await;
    place.must(&gives, &id, "suspend", json!({"reason": "转交第三方"})).await;
    assert_eq!(place.under(&clerk, &id, &path).await.1["code"], "grant_refused", "at once");
    let (_, alerts) = place.house.ask(&clerk, "GET", "/api/v1/sharing/alerts", Value::Null).await;
    assert_eq!((&alerts["items"][0]["who"], alerts["items"].as_array().map(Vec::len)), (&json!(COMPANY), Some(1)));
    assert!(alerts["items"][0].get("liability_article").is_none(), "the decree sets none for companies");
    place.must(&clerk, &id, "rectify", json!({"evidence": "整改报告"})).await;
    place.must(&gives, &id, "resume", json!({})).await;
    assert_eq!(place.under(&clerk, &id, &path).await.0, 200);
    // The period ends; what was received is disposed of, and attested.
    place.house.pass(4 * 86_400);
    let clerk = place.house.sign_in(&person).await.access;
    assert_eq!(place.under(&clerk, &id, &path).await.1["code"], "grant_refused", "over");
    let disposed = place.must(&clerk, &id, "dispose", json!({"evidence": "销毁证明 1 号"})).await;
    assert_eq!(disposed["state"], "disposed");
    let steps: Vec<_> = disposed["events"].as_array().expect("events").iter().map(|e| e["step"].clone()).collect();
    assert_eq!(steps.len(), 12, "{steps:?}");
    assert_eq!(disposed["events"][0]["company"], COMPANY);
    assert_eq!(disposed["events"][6]["department"], GIVES, "{disposed}");
}

/// The log says who (company and account), case and ground, and the auditor reads it so.
async fn logged(place: &Place, id: &str) {
    let used = |entry: &&Entry| entry.grant == id && entry.status == 200 && entry.rows == 1;
    let entries = place.house.entries();
    let entry = entries.iter().find(used).expect("an entry");
    assert_eq!((entry.subject.as_str(), entry.department.as_str()), ("person:guo.jing", COMPANY));
    assert_eq!((entry.case.as_str(), entry.officer.as_str()), ("C-1", OFFICER));
    assert_eq!((entry.ground.as_str(), entry.purpose.as_str()), ("目录开放条件：按申请开放", "物流配送路径优化"));
    assert!(entry.policies.contains(&"a-companys-grant-opens-the-fields-it-names".to_owned()), "{:?}", entry.policies);
    let subject = Subject { subject: "shen".into(), roles: vec![Role::Auditor], ..Subject::default() };
    let path = format!("/api/v1/audit/entries?caller={COMPANY}");
    let (status, said) = place.house.ask(&place.forged(&subject), "GET", &path, Value::Null).await;
    assert_eq!(status, 200, "{said}");
    let items = said["items"].as_array().expect("entries");
    let all = |item: &Value| item["company"] == COMPANY && item.get("department").is_none();
    assert!(!items.is_empty() && items.iter().all(all), "{said}");
}

#[tokio::test]
async fn what_is_not_opened_cannot_be_asked_for_and_what_is_hidden_is_not_there() {
    let mut place = Place::new().await;
    let (_, token) = place.of("yang.guo", COMPANY, ALL).await;
    let with = |more: Value| {
        let mut body = wanted();
        body.as_object_mut().expect("a body").extend(more.as_object().expect("members").clone());
        body
    };
    let plain = |dataset: &str, field: &str| json!({"dataset": dataset, "fields": [field], "masked": []});
    for (more, status, part) in [
        (json!({"fields": ["full", "room"]}), 422, "`room` is not opened"),
        (json!({"masked": ["unit"]}), 422, "`unit` is not opened"),
        (json!({"rows": "room = '1'"}), 422, "`room` is not opened"),
        (json!({"acts": ["verify"]}), 422, "`acts`"),
        (json!({"acts": ["history"]}), 422, "`acts`"),
        (json!({"commitment": ""}), 422, "`commitment`"),
        (json!({"fields": ["nothing"]}), 422, "has no field"),
        (plain("population/persons", "name"), 422, "`name` is not opened"),
        (plain("legal-entity/beneficial-owners", "name"), 422, "`name` is not opened"),
        (plain("legal-entity/enterprises", "name"), 422, "open to anybody"),
        (json!({"colour": "red"}), 400, "colour"),
    ] {
        let (got, said) = place.house.ask(&token, "POST", REQUESTS, with(more.clone())).await;
        let detail = said["detail"].as_str().unwrap_or_default();
        assert!(got == status && detail.contains(part), "{more}: {got} {said}");
    }
    // One that is kept secret, one that is not there, one that cannot be: the same words.
    let mut answers = Vec::new();
    for name in [SECRET, "population/nothing", "no such name"] {
        let (status, said) = place.house.ask(&token, "POST", REQUESTS, with(plain(name, "kind"))).await;
        let detail = said["detail"].as_str().unwrap_or_default().replace(name, "…");
        answers.push((status, said["code"].clone(), detail, said["member"].clone()));
    }
    assert_eq!(answers[0].0, 404);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    // A department may know of it, and a commitment is none of its members.
    let body = with(plain(SECRET, "kind"));
    let (status, said) = place.house.ask(&place.token(OTHER), "POST", REQUESTS, body).await;
    assert_eq!(status, 422, "{said}");
    let (status, said) = place.house.ask(&place.token(OTHER), "POST", REQUESTS, wanted()).await;
    assert!(status == 422 && said["detail"].as_str().is_some_and(|text| text.contains("a company's")), "{said}");
    assert_eq!(place.listed(&token).await, 0, "nothing was begun");
}

/// Neither shared nor open: announced to departments alone.
const SECRET: &str = "population/vital-events";

#[tokio::test]
async fn a_company_sees_its_own_cases_and_nobody_elses() {
    let mut place = Place::new().await;
    let (_, own) = place.of("yang.guo", COMPANY, ALL).await;
    let (_, rival) = place.of("mei.chao", RIVAL, ALL).await;
    let id = place.granted(&own).await;
    // A department of the very code of the company is another body, and so is the rival.
    let namesake = place.token(COMPANY);
    let absent = place.see(&rival, "S-0000000000000000").await;
    for (name, token) in [("rival", &rival), ("namesake", &namesake), ("other", &place.token(OTHER))] {
        let hidden = place.see(token, &id).await;
        assert_eq!((hidden.0, &hidden.1["detail"]), (404, &absent.1["detail"]), "{name}");
        assert_eq!(place.listed(token).await, 0, "{name}");
        for step in ["withdraw", "record_use", "relinquish", "dispute"] {
            let (status, said) = place.step(token, &id, step, json!({"evidence": "x", "reason": "x"})).await;
            assert_eq!((status, &said["detail"]), (404, &absent.1["detail"]), "{name} {step}");
        }
        let (status, said) = place.under(token, &id, &format!("{ADDRESSES}/records/one")).await;
        assert_eq!((status, said["code"].as_str()), (403, Some("grant_refused")), "{name}: {said}");
    }
    for (name, token, listed) in
        [("own", own.clone(), 1), ("gives", place.token(GIVES), 1), ("authority", place.token(AUTHORITY), 1)]
    {
        assert_eq!((place.see(&token, &id).await.0, place.listed(&token).await), (200, listed), "{name}");
    }
    // A department's case and grant are no company's.
    let body = json!({
        "dataset": "population/persons", "fields": ["name"], "purpose": "x", "ground": "y",
        "from": "2026-11-01", "to": "2027-11-01",
    });
    let (status, case) = place.house.ask(&place.token(OTHER), "POST", REQUESTS, body).await;
    assert_eq!(status, 200, "{case}");
    let theirs = case["id"].as_str().expect("an id").to_owned();
    for (who, step) in [
        (format!("!{OTHER}"), "sign"),
        (OTHER.to_owned(), "submit"),
        (format!("!{POLICE}"), "consent"),
        (POLICE.to_owned(), "deliver"),
    ] {
        place.must(&place.token(&who), &theirs, step, json!({})).await;
    }
    assert_eq!(place.see(&own, &theirs).await.1["detail"], absent.1["detail"]);
    let (status, said) = place.under(&own, &theirs, "/api/v1/datasets/population/persons/records/one").await;
    assert_eq!((status, said["code"].as_str()), (403, Some("forbidden")), "{said}");
    // It takes its own back while nothing is answered.
    let taken_back = place.submitted(&own).await;
    assert_eq!(place.must(&own, &taken_back, "withdraw", json!({})).await["state"], "withdrawn");
}

#[tokio::test]
async fn a_company_does_nothing_else_here() {
    let mut place = Place::new().await;
    let (_, token) = place.of("yang.guo", COMPANY, ALL).await;
    let id = place.granted(&token).await;
    let persons = "/api/v1/datasets/population/persons";
    let found = json!({"name": "杜甫", "birth_date": "1949-12-31", "division": "110105"});
    let claim = json!({"items": [{"id_type": "citizen_id", "number": "11010519491231002X", "name": "杜甫"}]});
    let wrong =
        json!({"dataset": "geospatial/addresses", "record": "one", "field": "full", "believed": "x", "evidence": "y"});
    for (method, path, body) in [
        ("POST", "/api/v1/population/verify", claim),
        ("POST", "/api/v1/population/persons:search", found),
        ("POST", &format!("{persons}/records:lookup"), json!({"keys": [{"citizen_id": "11010519491231002X"}]})),
        ("GET", &format!("{persons}/records/one"), Value::Null),
        ("GET", &format!("{ADDRESSES}/records/one/claims"), Value::Null),
        ("GET", &format!("{ADDRESSES}/records/one/history"), Value::Null),
        ("POST", &format!("{ADDRESSES}/records:export"), json!({"purpose": "x"})),
        ("GET", "/api/v1/jobs", Value::Null),
        ("GET", "/api/v1/audit/entries", Value::Null),
        ("GET", "/api/v1/accounts", Value::Null),
        ("GET", "/api/v1/me/accesses", Value::Null),
        ("GET", "/api/v1/evaluation/2026-Q3", Value::Null),
        ("GET", "/api/v1/catalogue/demands", Value::Null),
        ("POST", "/api/v1/sharing/corrections", wrong),
        ("POST", "/api/v1/sharing/sandbox", json!({"dataset": "geospatial/addresses"})),
        ("POST", "/api/v1/sharing/return-flows", json!({"dataset": "population/persons", "purpose": "x"})),
        ("POST", "/api/v1/sharing/grants:import", json!({"grants": "x", "evidence": "y"})),
        ("POST", "/api/v1/sharing/calendar", json!({"notice": "date,kind,name"})),
    ] {
        let request = Request::builder().method(method).uri(path).header("content-type", "application/json");
        let request = request.header("authorization", format!("Bearer {token}")).header("natbase-grant", &id);
        let request = request.header("natbase-case", "C-1").header("natbase-officer", OFFICER);
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (status, said) = place.house.send(request.body(text.into()).expect("a request")).await;
        assert_eq!(status, 403, "{method} {path}: {said}");
    }
    // What is anybody's is a company's too.
    let open = "/api/v1/datasets/legal-entity/enterprises/records/one";
    assert_eq!(place.house.ask(&token, "GET", open, Value::Null).await.0, 200);
    let none = place.house.ask(&token, "GET", "/api/v1/sharing/corrections", Value::Null).await;
    assert_eq!((none.0, none.1["items"].as_array().map(Vec::len)), (200, Some(0)), "it has none");
}

#[tokio::test]
async fn a_company_that_is_closed_is_given_nothing_from_then_on() {
    let mut place = Place::new().await;
    let (person, token) = place.of("yang.guo", CLOSES, ALL).await;
    let active = place.granted(&token).await;
    let waiting = place.submitted(&token).await;
    let consented = place.submitted(&token).await;
    place.must(&place.token(&format!("!{GIVES}")), &consented, "consent", json!({})).await;
    let path = format!("{ADDRESSES}/records/one");
    assert_eq!(place.under(&token, &active, &path).await.0, 200);
    place.house.pass(3 * 86_400);
    assert!(place.house.app.clock.today() >= CLOSED_ON);
    let token = place.house.sign_in(&person).await.access;
    let (status, said) = place.under(&token, &active, &path).await;
    assert_eq!((status, said["code"].as_str()), (403, Some("grant_refused")), "{said}");
    assert!(said["detail"].as_str().is_some_and(|text| text.contains("注销")), "{said}");
    let heads = place.token(&format!("!{GIVES}"));
    for (token, case, step) in [(&heads, &waiting, "consent"), (&place.token(GIVES), &consented, "deliver")] {
        let (status, said) = place.step(token, case, step, json!({})).await;
        let why = said["detail"].as_str().unwrap_or_default();
        assert!(status == 422 && why.contains("deregistered (注销)"), "{step}: {said}");
    }
    let (status, said) = place.house.ask(&token, "POST", REQUESTS, wanted()).await;
    assert!(status == 422 && said["detail"].as_str().is_some_and(|text| text.contains("注销")), "{said}");
    // It is refused with reasons, and gives up and disposes of what it has.
    place.must(&heads, &waiting, "refuse", json!({"reason": "申请企业已注销"})).await;
    place.must(&token, &active, "relinquish", json!({})).await;
    assert_eq!(place.must(&token, &active, "dispose", json!({"evidence": "销毁证明"})).await["state"], "disposed");
}

/// The portal's pages are the company's too: what is opened to it is offered, and the case shows its steps.
#[tokio::test]
async fn a_company_asks_by_the_pages_of_the_portal() {
    let mut place = Place::new().await;
    let (_, token) = place.of("yang.guo", COMPANY, ALL).await;
    let browse = async |path: &str, form: Option<&str>| {
        let request = Request::builder().uri(path).header("cookie", format!("natbase-token={token}"));
        let request = match form {
            Some(_) => request.method("POST").header("content-type", "application/x-www-form-urlencoded"),
            None => request.method("GET"),
        };
        let response =
            place.house.raw(request.body(form.unwrap_or_default().to_owned().into()).expect("a request")).await;
        let to = response.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 20).await.expect("a body");
        (status, to, String::from_utf8_lossy(&bytes).into_owned())
    };
    let (_, _, dataset) = browse("/datasets/geospatial/addresses?lang=en", None).await;
    assert!(dataset.contains("/sharing/new?dataset=geospatial%2Faddresses"), "{dataset}");
    let (_, _, open) = browse("/datasets/legal-entity/enterprises?lang=en", None).await;
    assert!(!open.contains("/sharing/new"), "open to anybody");
    let (status, _, form) = browse("/sharing/new?dataset=geospatial%2Faddresses&lang=en", None).await;
    assert!(status == 200 && form.contains("name=\"commitment\"") && form.contains("name=\"f.full\""), "{form}");
    assert!(!form.contains("name=\"f.room\"") && !form.contains("persons-per-day-max"), "{form}");
    let begun = "dataset=geospatial%2Faddresses&f.full=fields&f.door=masked&acts=&rows=&purpose=x&ground=y\
                 &from=2026-11-01&to=2027-11-01&rows-per-day-max=10&commitment=z";
    let (status, to, said) = browse("/sharing/new?lang=en", Some(begun)).await;
    assert!(status == 303 && to.starts_with("/sharing/S-"), "{status} {said}");
    let (status, _, case) = browse(&to, None).await;
    assert!(status == 200 && case.contains(COMPANY) && case.contains("value=\"sign\""), "{case}");
    let (_, _, cases) = browse("/sharing?lang=en", None).await;
    assert!(cases.contains(to.split('?').next().unwrap_or_default()), "{cases}");
}

/// The evaluation is one of sharing between departments (Decree 809 art 38): what companies ask for and use is not in it.
#[tokio::test]
async fn what_a_company_is_given_is_in_no_evaluation() {
    let mut place = Place::new().await;
    let (_, token) = place.of("yang.guo", COMPANY, ALL).await;
    let id = place.granted(&token).await;
    assert_eq!(place.under(&token, &id, &format!("{ADDRESSES}/records/one")).await.0, 200);
    let path = "/api/v1/evaluation/2026-Q4/measures";
    let (status, said) = place.house.ask(&place.token(AUTHORITY), "GET", path, Value::Null).await;
    assert_eq!(status, 200, "{said}");
    let text = said.to_string();
    assert!(text.contains(GIVES) && !text.contains(COMPANY) && !text.contains(&id), "{text}");
}

/// Cases, grants and accounts of companies are there again after a restart.
#[tokio::test]
async fn what_a_company_was_given_is_there_after_a_restart() {
    let mut place = Place::new().await;
    let (_, token) = place.of("yang.guo", COMPANY, ALL).await;
    let id = place.granted(&token).await;
    place.house.restart();
    let (status, said) = place.under(&token, &id, &format!("{ADDRESSES}/records/one")).await;
    assert_eq!(status, 200, "{said}");
    let (_, case) = place.see(&token, &id).await;
    assert_eq!((&case["kind"], &case["requester"]), (&json!("opening"), &json!(COMPANY)));
    let namesake = place.under(&place.token(COMPANY), &id, &format!("{ADDRESSES}/records/one")).await;
    assert_eq!(namesake.1["code"], "grant_refused");
}
