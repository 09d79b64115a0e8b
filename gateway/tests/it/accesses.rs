//! Who looked at one's own record, over HTTP: shown to oneself alone, proved, later or never where a rule says so.

use axum::http::Request;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use gateway::accesses::{Checked, check_answer};
use gateway::audit::{Entry, Part, RecordPart, check};
use gateway::token::{Role, Subject};
use serde_json::{Value, json};
use transparency::{Checkpoint, Hash};

use crate::base::{FORMER, HOME, NOBODY, TWO};
use crate::house::{House, Person, RULES, Signed};
use crate::world::{OTHER, POLICE};

const MINE: &str = "/api/v1/me/accesses";
const NUMBER: &str = "11010519491231002X";
const GRANTS: &str = r#"
[[grant]]
id = "G-1"
department = "11100000PDY0000999"
dataset = "population/persons"
fields = ["name", "sex"]
masked = ["domicile_address"]
purpose = "办理社会保险登记"
ground = "社会保险法第五十八条"
from = "2026-01-01"
to = "2028-01-01"

[[grant]]
id = "G-2"
department = "11100000PDY0000999"
dataset = "population/persons"
fields = ["name"]
purpose = "侦查"
ground = "刑事诉讼法第五十四条"
from = "2026-01-01"
to = "2028-01-01"

[[grant]]
id = "G-3"
department = "11100000PDY0000999"
dataset = "population/persons"
fields = ["name"]
purpose = "人身安全保护令核查"
ground = "反家庭暴力法第三十五条"
from = "2026-01-01"
to = "2028-01-01"
"#;
const TEN_DAYS: &str = r#"
sealed = "whole-log"
officer = false

[[rule]]
tell = "after"
days = 10
ground = "刑事诉讼法"
from = "2026-01-01"
law = "a"

[[rule]]
tell = "never"
purpose = "人身安全保护令"
from = "2026-01-01"
law = "b"
"#;

/// A house with a citizen who has signed in, and one more.
struct Place {
    house: House,
    two: [(Person, Signed); 2],
    person: Person,
    token: String,
    other: String,
}

impl Place {
    async fn new(rules: &str) -> Self {
        Self::with(GRANTS, rules).await
    }

    async fn with(grants: &str, rules: &str) -> Self {
        let mut house = House::with(grants, rules);
        let two = house.two().await;
        let (person, token) = open(&mut house, &two, "du.fu", NUMBER).await;
        let (_, other) = open(&mut house, &two, "li.bai", TWO).await;
        Self { house, two, person, token, other }
    }

    /// What the citizen is told.
    async fn mine(&self, query: &str) -> Value {
        let (status, said) = self.house.ask(&self.token, "GET", &format!("{MINE}{query}"), Value::Null).await;
        assert_eq!(status, 200, "{said}");
        said
    }

    async fn sign_in(&mut self) {
        let person = self.person.clone();
        self.token = self.house.sign_in(&person).await.access;
    }

    /// A department asks about persons under a grant.
    async fn department(&self, grant: &str, method: &str, path: &str, body: Value) -> Value {
        let mut request = self.by(OTHER, &[Role::Department], method, path);
        request =
            request.header("natbase-grant", grant).header("natbase-case", "C-77").header("natbase-officer", "0417");
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let (status, said) = self.house.send(request.body(text.into()).expect("a request")).await;
        assert_eq!(status, 200, "{said}");
        said
    }

    async fn look(&self, grant: &str, record: &str) {
        let path = format!("/api/v1/datasets/population/persons/records/{record}");
        self.department(grant, "GET", &path, Value::Null).await;
    }

    fn by(&self, department: &str, roles: &[Role], method: &str, path: &str) -> axum::http::request::Builder {
        let subject = Subject {
            subject: "officer-of-it".into(),
            department: Some(department.to_owned()),
            roles: roles.to_vec(),
            ..Subject::default()
        };
        let token = self.house.issuer.issue(&self.house.app.config.tokens, &subject, self.house.now_s(), 600);
        Request::builder().method(method).uri(path).header("authorization", format!("Bearer {token}"))
    }
}

async fn open(house: &mut House, two: &[(Person, Signed); 2], name: &str, number: &str) -> (Person, String) {
    let body = json!({"kind": "citizen", "name": name, "id_type": "citizen_id", "number": number});
    let (id, initial) = house.open(two, body).await;
    assert_eq!(id, format!("citizen:{name}"));
    let person = house.settle(name, &initial).await;
    let token = house.sign_in(&person).await.access;
    (person, token)
}

fn bytes(value: &Value) -> Vec<u8> {
    BASE64.decode(value.as_str().expect("a text")).expect("base 64")
}

fn hash(value: &Value) -> Hash {
    bytes(value).try_into().expect("a hash")
}

fn hashes(value: &Value) -> Vec<Hash> {
    value.as_array().expect("a list").iter().map(hash).collect()
}

/// Checks an access as its person can, offline; gives what the entry says.
fn proved(answer: &Value, item: &Value) -> Entry {
    let key = answer["key"].as_str().expect("a key").parse().expect("a key");
    let state = Checkpoint::open(answer["checkpoint"].as_str().expect("a text"), &[key]).expect("a checkpoint");
    let proof = &item["proof"];
    let (leaf, number) = (bytes(&proof["leaf"]), item["number"].as_u64().expect("a number"));
    state.check_inclusion(number, &state.suite().leaf_hash(&leaf), &hashes(&proof["path"])).expect("in the log");
    let shown = Part { salt: hash(&proof["shown"]["salt"]), bytes: bytes(&proof["shown"]["bytes"]) };
    let record = RecordPart {
        salt: hash(&proof["record"]["salt"]),
        index: proof["record"]["index"].as_u64().expect("a place"),
        size: proof["record"]["size"].as_u64().expect("a size"),
        path: hashes(&proof["record"]["path"]),
    };
    let id = proof["record"]["id"].as_str().expect("an id");
    check(state.suite(), &leaf, &shown, None, (id, &record)).expect("the entry's");
    assert!(check(state.suite(), &leaf, &shown, None, ("three", &record)).is_err());
    let mut other = shown.clone();
    other.bytes[20] ^= 1;
    assert!(check(state.suite(), &leaf, &other, None, (id, &record)).is_err());
    Entry::read_shown(&shown.bytes).expect("a part")
}

/// An answer without what is drawn at random: proofs, the checkpoint, its key.
fn told(mut answer: Value) -> Value {
    for item in answer["items"].as_array_mut().expect("items") {
        item.as_object_mut().expect("an item").remove("proof");
    }
    for member in ["checkpoint", "key"] {
        answer.as_object_mut().expect("an answer").remove(member);
    }
    answer
}

#[tokio::test]
async fn a_person_sees_who_looked_at_his_record_and_can_prove_it() {
    let mut place = Place::new("").await;
    assert_eq!(place.mine("").await["items"], json!([]));
    place.look("G-1", "one").await;
    place.look("G-1", "two").await;
    let body = json!({"keys": [{"citizen_id": NUMBER}, {"citizen_id": TWO}]});
    place.department("G-1", "POST", "/api/v1/datasets/population/persons/records:lookup", body).await;
    // The provider, whose claims and batches are of persons too.
    let owner = [Role::Department, Role::Owner];
    for path in ["claims", "links", "history"] {
        let path = format!("/api/v1/datasets/population/persons/records/one/{path}");
        let request = place.by(POLICE, &owner, "GET", &path).body("".into()).expect("a request");
        assert_eq!(place.house.send(request).await.0, 200);
    }
    let path = "/api/v1/datasets/population/persons/records:import";
    let request = place.by(POLICE, &owner, "POST", path).header("content-type", "application/x-ndjson");
    let request = request.body("{}\n".into()).expect("a request");
    let (status, said) = place.house.send(request).await;
    assert_eq!(status, 200, "{said}");

    let answer = place.mine("").await;
    let items = answer["items"].as_array().expect("items");
    let acts: Vec<&str> = items.iter().map(|item| item["act"].as_str().expect("an act")).collect();
    assert_eq!(acts, ["import", "history", "links", "claims", "lookup", "get"], "{answer}");
    for item in items {
        let entry = proved(&answer, item);
        assert_eq!(
            (entry.department.as_str(), entry.grant.as_str()),
            (item["department"].as_str().expect("a department"), item["grant"].as_str().unwrap_or_default(),)
        );
        assert_eq!((item["at"].as_str(), entry.status), (Some(entry.closed.to_string().as_str()), 200));
        assert!(entry.records.is_empty() && entry.subject.is_empty());
    }
    let key: transparency::VerifyingKey = answer["key"].as_str().expect("a key").parse().expect("a key");
    let keys = [key];
    assert_eq!(check_answer(&answer, &keys).expect("whole"), Checked { accesses: 6, opened: 6 });
    // Whatever of it is changed, it is not believed any more.
    for (member, value) in [
        ("at", json!("2026-01-01T00:00:00Z")),
        ("act", json!("verify")),
        ("department", json!(POLICE)),
        ("purpose", json!("x")),
        ("ground", json!("x")),
        ("grant", json!("G-2")),
        ("officer", json!("1")),
        ("batch", json!("b0000000000000007")),
        ("number", json!(0)),
        ("number", json!(1_000_000)),
        ("proof", items[4]["proof"].clone()),
    ] {
        let mut changed = answer.clone();
        changed["items"][5][member] = value;
        assert!(check_answer(&changed, &keys).is_err(), "{member}");
    }
    let changed = json!({
        "checkpoint": answer["checkpoint"], "items": answer["items"], "record": "two", "beside": answer["beside"],
    });
    assert!(check_answer(&changed, &keys).is_err());
    let get = &items[5];
    for (member, value) in [
        ("department", json!(OTHER)),
        ("purpose", json!("办理社会保险登记")),
        ("ground", json!("社会保险法第五十八条")),
        ("grant", json!("G-1")),
        ("dataset", json!("population/persons")),
        ("fields", json!(["name", "sex"])),
        ("masked", json!(["domicile_address"])),
    ] {
        assert_eq!(get[member], value, "{get}");
    }
    assert_eq!((&items[0]["batch"], &items[0]["department"]), (&json!("b0000000000000007"), &json!(POLICE)));
    // Neither officer, nor case, nor who else was in it.
    let text = answer.to_string();
    for hidden in ["0417", "C-77", "officer-of-it", "\"two\"", NUMBER, TWO] {
        assert!(!text.contains(hidden), "{hidden} stands in {text}");
    }
    for item in items {
        let proof = &item["proof"];
        for part in [&proof["leaf"], &proof["shown"]["bytes"]] {
            let part = String::from_utf8_lossy(&bytes(part)).into_owned();
            assert!(["0417", "C-77", "officer-of-it", "two"].iter().all(|hidden| !part.contains(hidden)));
        }
    }
    // The other sees his own.
    let (_, others) = place.house.ask(&place.other, "GET", MINE, Value::Null).await;
    let acts: Vec<&str> = others["items"].as_array().expect("items").iter().filter_map(|i| i["act"].as_str()).collect();
    assert_eq!((acts, &others["record"]), (vec!["import", "lookup", "get"], &json!("two")));

    // Reading is entered, and is no access; his number stands nowhere.
    let entries = place.house.entries();
    let own = entries.iter().find(|e| e.route == format!("GET {MINE}") && e.subject == "citizen:du.fu").expect("one");
    assert_eq!((own.status, own.rows, own.records.len(), own.act), (200, 6, 0, 33));
    assert!(entries.iter().all(|entry| !format!("{entry:?}").contains(NUMBER)));

    // After a restart: the same.
    let before = told(answer);
    place.house.restart();
    assert_eq!(told(place.mine("").await), before);
}

#[tokio::test]
async fn what_goes_with_a_record_is_in_the_list_too() {
    let residences = r#"
[[grant]]
id = "G-4"
department = "11100000PDY0000999"
dataset = "population/residences"
fields = ["residence_kind"]
purpose = "办理居住证"
ground = "居住证暂行条例第九条"
from = "2026-01-01"
to = "2028-01-01"
"#;
    let mut place = Place::with(&[GRANTS, residences].concat(), "").await;
    place.look("G-1", FORMER).await;
    let home = format!("/api/v1/datasets/population/residences/records/{HOME}");
    place.department("G-4", "GET", &home, Value::Null).await;
    let answer = place.mine("").await;
    let items = answer["items"].as_array().expect("items");
    let told: Vec<_> = items.iter().map(|item| (&item["dataset"], &item["of"], &item["fields"])).collect();
    let (lived, was) = (json!("population/residences"), json!("population/persons"));
    assert_eq!(
        told,
        [(&lived, &json!(HOME), &json!(["residence_kind"])), (&was, &json!(FORMER), &json!(["name", "sex"]))],
        "{answer}"
    );
    let beside = json!([{"dataset": was, "id": FORMER}, {"dataset": lived, "id": HOME}]);
    assert_eq!(answer["beside"], beside);
    let key: transparency::VerifyingKey = answer["key"].as_str().expect("a key").parse().expect("a key");
    assert_eq!(check_answer(&answer, std::slice::from_ref(&key)).expect("whole").opened, items.len());
    for (member, value) in [("of", json!("one")), ("of", json!(FORMER)), ("of", Value::Null)] {
        let mut changed = answer.clone();
        changed["items"][0][member] = value.clone();
        assert!(check_answer(&changed, std::slice::from_ref(&key)).is_err(), "{member} {value}");
    }
    // Who says that a record was his before, and is not said so by that record, is not told of it.
    let (_, others) = place.house.ask(&place.other, "GET", MINE, Value::Null).await;
    assert_eq!((&others["items"], &others["beside"]), (&json!([]), &json!([])), "{others}");
    place.house.restart();
    assert_eq!(told_of(&place.mine("").await), told_of(&answer));
}

/// Which records an answer tells of.
fn told_of(answer: &Value) -> Vec<String> {
    answer["items"].as_array().expect("items").iter().map(|item| item["of"].to_string()).collect()
}

#[tokio::test]
async fn a_citizen_can_do_what_the_public_can_and_nothing_else() {
    let mut place = Place::new("").await;
    for (method, path, body) in [
        ("GET", "/api/v1/datasets/population/persons/records/one", Value::Null),
        ("GET", "/api/v1/datasets/population/persons/records/one/history", Value::Null),
        ("POST", "/api/v1/datasets/population/persons/records:lookup", json!({"keys": [{"citizen_id": NUMBER}]})),
        ("GET", "/api/v1/audit/entries", Value::Null),
        ("GET", "/api/v1/audit/inclusion?entry=0", Value::Null),
        ("GET", "/api/v1/accounts", Value::Null),
        ("GET", "/api/v1/sharing/requests", Value::Null),
    ] {
        let (status, said) = place.house.ask(&place.token, method, path, body).await;
        assert_eq!((status, said["code"].as_str()), (403, Some("forbidden")), "{path}");
    }
    let open = "/api/v1/datasets/legal-entity/enterprises/records/one";
    assert_eq!(place.house.ask(&place.token, "GET", open, Value::Null).await.0, 200);
    // Nobody else has accesses of his own; no other issuer speaks for a citizen.
    for (department, roles) in [(OTHER, vec![Role::Department]), (POLICE, vec![Role::Department, Role::Owner])] {
        let request = place.by(department, &roles, "GET", MINE).body("".into()).expect("a request");
        assert_eq!(place.house.send(request).await.0, 403);
    }
    assert_eq!(place.house.ask("", "GET", MINE, Value::Null).await.0, 403);
    assert_eq!(place.house.ask(&place.two[0].1.access, "GET", MINE, Value::Null).await.0, 403);
    for (subject, roles, record) in [
        ("zhao", vec![Role::Citizen], Some("one")),
        ("zhao", vec![Role::Citizen], None),
        ("zhao", vec![], Some("one")),
        ("zhao", vec![Role::Citizen, Role::Auditor], Some("one")),
        ("citizen:du.fu", vec![Role::Citizen], Some("one")),
    ] {
        let subject = Subject {
            subject: subject.into(),
            roles: roles.clone(),
            record: record.map(str::to_owned),
            ..Subject::default()
        };
        let forged = place.house.issuer.issue(&place.house.app.config.tokens, &subject, place.house.now_s(), 600);
        assert_eq!(place.house.ask(&forged, "GET", MINE, Value::Null).await.0, 401, "{roles:?} {record:?}");
    }
    // Accounts: a citizen's has one record, one role and a name of its own.
    let admin = place.two[0].1.access.clone();
    let id = json!({"id_type": "citizen_id", "number": NUMBER});
    for (mut body, status, member) in [
        (json!({"kind": "citizen", "name": "wang.wei"}), 400, Some("id-type")),
        (json!({"kind": "citizen", "name": "wang.wei", "id_type": "citizen_id"}), 400, Some("number")),
        (
            json!({"kind": "citizen", "name": "wang.wei", "id_type": "citizen_id", "number": NOBODY}),
            404,
            Some("number"),
        ),
        (json!({"kind": "citizen", "name": "wang.wei", "id_type": "passport", "number": "x"}), 422, Some("id_type")),
        (json!({"kind": "person", "name": "wang.wei", "roles": ["citizen"]}), 422, None),
        (json!({"kind": "citizen", "name": "wang.wei", "roles": ["department"], "department": OTHER}), 422, None),
        (json!({"kind": "citizen", "name": "wang.wei", "department": OTHER}), 422, None),
        (json!({"kind": "person", "name": "du.fu", "roles": ["public"]}), 409, None),
        (json!({"kind": "citizen", "name": "wang.he"}), 409, None),
        (json!({"kind": "person", "name": "wang.wei", "roles": ["public"], "number": NUMBER}), 422, Some("number")),
    ] {
        if status != 400 && body["kind"] == "citizen" && body.get("number").is_none() {
            let members = body.as_object_mut().expect("a body");
            members.extend(id.as_object().expect("a document").clone());
        }
        let (got, said) = place.house.ask(&admin, "POST", "/api/v1/accounts", body.clone()).await;
        assert_eq!((got, said["member"].as_str().filter(|_| member.is_some())), (status, member), "{body} {said}");
        assert!(!said.to_string().contains(NUMBER) && !said.to_string().contains(NOBODY), "{said}");
    }
    let rights = json!({"roles": ["department"], "department": OTHER});
    let (status, _) = place.house.ask(&admin, "POST", "/api/v1/accounts/citizen:du.fu:change_rights", rights).await;
    assert_eq!(status, 422);
    let (_, listed) = place.house.ask(&admin, "GET", "/api/v1/accounts?kind=citizen", Value::Null).await;
    assert_eq!(listed["items"][0]["id"], "citizen:du.fu");
    assert!(!listed.to_string().contains("\"one\""), "whose record it is is not shown: {listed}");
    // Disabled: no more.
    place.house.change(&place.two, "citizen:du.fu", "disable", json!({})).await;
    assert_eq!(place.house.ask(&place.token, "GET", MINE, Value::Null).await.0, 401);
    for entry in place.house.entries() {
        let text = format!("{entry:?}");
        assert!(!text.contains(NUMBER) && !text.contains(NOBODY), "{text}");
    }
    place.house.restart();
    assert_eq!(place.house.ask(&place.token, "GET", MINE, Value::Null).await.0, 401);
}

/// Two worlds that differ in whom two withheld accesses are to: he is told the same, to the byte, until the day comes.
#[tokio::test]
async fn what_is_withheld_leaves_no_mark() {
    let mut worlds = Vec::new();
    for looked_at in ["one", "two"] {
        let place = Place::new(TEN_DAYS).await;
        place.look("G-1", "one").await;
        place.look("G-2", looked_at).await;
        place.look("G-1", "one").await;
        place.look("G-3", looked_at).await;
        place.look("G-2", looked_at).await;
        place.look("G-1", "one").await;
        worlds.push(place);
    }
    let queries =
        ["", "?limit=1", "?limit=2", "?limit=3", "?from=2026-11-23", "?to=2026-11-23", "?limit=2&from=2026-11-01"];
    let mut days = 0;
    for (passed, sealed) in [(0, 0), (1, 3), (9, 3)] {
        for place in &mut worlds {
            place.house.pass((passed - days) * 86_400);
            place.sign_in().await;
        }
        days = passed;
        for query in queries {
            let [one, two] = [&worlds[0], &worlds[1]];
            let (mut one, mut two) = (told(one.mine(query).await), told(two.mine(query).await));
            assert_eq!(one["sealed"]["entries"], sealed, "of the whole log, of days that are over");
            // Cursors are drawn at random; they are there in both, of one length.
            for answer in [&mut one, &mut two] {
                answer["next"] = json!(answer["next"].as_str().map(str::len));
            }
            assert_eq!(one.to_string(), two.to_string(), "day {passed}, {query}");
        }
        // Page after page, to the end.
        let mut pages = Vec::new();
        for place in &worlds {
            let (mut numbers, mut next) = (Vec::new(), String::new());
            loop {
                let answer = place.mine(&format!("?limit=1{next}")).await;
                numbers.extend(answer["items"].as_array().expect("items").iter().map(|item| item["number"].clone()));
                match answer["next"].as_str() {
                    Some(cursor) => next = format!("&cursor={cursor}"),
                    None => break,
                }
            }
            pages.push(numbers);
        }
        assert_eq!((pages[0].len(), &pages[0]), (3, &pages[1]));
    }
    // From the tenth day on the investigation is told; what is never told is not.
    for (place, expected) in worlds.iter_mut().zip([5, 3]) {
        place.house.pass(86_400);
        place.sign_in().await;
        let answer = place.mine("").await;
        assert_eq!(answer["items"].as_array().expect("items").len(), expected, "{answer}");
        assert_eq!(answer["sealed"]["entries"], 1);
        for item in answer["items"].as_array().expect("items") {
            proved(&answer, item);
            assert_ne!(item["grant"], "G-3");
        }
    }
}

#[tokio::test]
async fn a_page_is_his_own_and_other_rules_hold_from_the_next_start_on() {
    let mut place = Place::new(TEN_DAYS).await;
    for grant in ["G-1", "G-2", "G-1", "G-3", "G-1"] {
        place.look(grant, "one").await;
        place.look(grant, "two").await;
    }
    let first = place.mine("?limit=2").await;
    let cursor = first["next"].as_str().expect("a cursor").to_owned();
    assert_eq!(place.mine(&format!("?limit=2&cursor={cursor}")).await["items"].as_array().map(Vec::len), Some(1));
    for (token, query) in [
        (&place.other, format!("?cursor={cursor}")),
        (&place.token, format!("?from=2026-11-01&cursor={cursor}")),
        (&place.token, "?cursor=x".to_owned()),
    ] {
        let (status, said) = place.house.ask(token, "GET", &format!("{MINE}{query}"), Value::Null).await;
        assert_eq!((status, said["code"].as_str()), (410, Some("cursor_expired")), "{query}");
    }
    for query in ["?limit=0", "?limit=1001", "?from=soon", "?record=two", "?colour=red"] {
        assert_eq!(
            place.house.ask(&place.token, "GET", &format!("{MINE}{query}"), Value::Null).await.0,
            400,
            "{query}"
        );
    }
    // Rules that tell the officer, and withhold nothing but what nobody is told of.
    let rules = TEN_DAYS.replace("officer = false", "officer = true").replace("whole-log", "untold");
    let rules = rules.replace("刑事诉讼法", "监察法");
    std::fs::write(place.house.dir.path().join(RULES), rules).expect("written");
    place.house.restart();
    let answer = place.mine("").await;
    let grants: Vec<&str> =
        answer["items"].as_array().expect("items").iter().filter_map(|i| i["grant"].as_str()).collect();
    assert_eq!(grants, ["G-1", "G-1", "G-2", "G-1"], "the index is made anew");
    assert!(answer.get("sealed").is_none());
    let item = &answer["items"][0];
    let officer = &item["proof"]["officer"];
    let part = Part { salt: hash(&officer["salt"]), bytes: bytes(&officer["bytes"]) };
    assert_eq!((item["officer"].as_str(), part.bytes.get(2..)), (Some("0417"), Some("0417".as_bytes())));
    std::fs::write(place.house.dir.path().join(RULES), "sealed = \"per-person\"\nofficer = true\n").expect("written");
}

#[tokio::test]
async fn the_portal_shows_it_to_its_person_alone() {
    let place = Place::new("").await;
    place.look("G-1", "one").await;
    place.look("G-2", "one").await;
    let page = async |token: &str| {
        let request = Request::get("/accesses?lang=zh").header("cookie", format!("natbase-token={token}"));
        let (status, text) = place.house.send(request.body("".into()).expect("a request")).await;
        (status, text.as_str().expect("a page").to_owned())
    };
    let (status, text) = page(&place.token).await;
    assert_eq!(status, 200, "{text}");
    for shown in ["谁看过我的信息", OTHER, "办理社会保险登记", "社会保险法第五十八条", "姓名", "natbase/audit"]
    {
        assert!(text.contains(shown), "{shown} is not in {text}");
    }
    for hidden in ["侦查", "G-2", "0417", "C-77"] {
        assert!(!text.contains(hidden), "{hidden} is in {text}");
    }
    let (status, text) = page(&place.other).await;
    assert!(status == 200 && text.contains("没有查询记录") && !text.contains(OTHER), "{status} {text}");
    assert_eq!(page(&place.two[0].1.access).await.0, 403);
}
