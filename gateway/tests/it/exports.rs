//! Records as files: two people for what is not open, a right that ends a job, ceilings, restarts, others' jobs.

use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, Request};
use gateway::ask::Act;
use gateway::config::Config;
use gateway::token::{Role, Subject};
use serde_json::{Value, json};

use crate::base::{Gate, Table};
use crate::house::{House, Person, Signed};
use crate::world::{AUTHORITY, OTHER, POLICE, REGISTRAR};

const OWNERS: &str = "legal-entity/beneficial-owners";
const ENTERPRISES: &str = "legal-entity/enterprises";

const GRANTS: &str = r#"
[[grant]]
id = "G-OWNERS"
department = "11100000PDY0000999"
dataset = "legal-entity/beneficial-owners"
acts = ["list", "get"]
fields = ["credit_code", "name", "basis"]
masked = ["document_number"]
purpose = "反洗钱核查"
ground = "反洗钱法"
from = "2026-01-01"
to = "2027-01-01"

[[grant]]
id = "G-FEW"
department = "11100000PDY0000999"
dataset = "legal-entity/beneficial-owners"
acts = ["list"]
fields = ["credit_code"]
purpose = "抽查"
ground = "反洗钱法"
from = "2026-01-01"
to = "2027-01-01"
rows-per-answer-max = 2
rows-per-day-max = 3
"#;

type Two = [(Person, Signed); 2];

/// Asks as an officer of a department, under a grant if one is named.
async fn raw(
    house: &House,
    who: &str,
    grant: &str,
    ask: (&str, &str, Value),
    range: &str,
) -> (u16, HeaderMap, Vec<u8>) {
    let (department, name) = who.split_once(' ').unwrap_or((who, "clerk"));
    let roles = match department {
        POLICE | REGISTRAR => vec![Role::Department, Role::Owner],
        AUTHORITY => vec![Role::Authority],
        _ => vec![Role::Department],
    };
    let subject =
        Subject { subject: name.to_owned(), department: Some(department.to_owned()), roles, ..Subject::default() };
    let token = house.issuer.issue(&house.app.config.tokens, &subject, house.now_s(), 3_600);
    let (method, path, body) = ask;
    let mut request = Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", format!("Bearer {token}"))
        .header("content-type", "application/json")
        .header("natbase-case", "C-1")
        .header("natbase-officer", "007");
    if !grant.is_empty() {
        request = request.header("natbase-grant", grant);
    }
    if !range.is_empty() {
        request = request.header("range", range);
    }
    let text = if body.is_null() { String::new() } else { body.to_string() };
    let response = house.raw(request.body(text.into()).expect("a request")).await;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 24).await;
    (status, headers, bytes.map(|b| b.to_vec()).unwrap_or_default())
}

async fn ask(house: &House, who: &str, grant: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
    let (status, _, bytes) = raw(house, who, grant, (method, path, body), "").await;
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

async fn export(house: &House, who: &str, grant: &str, dataset: &str, body: Value) -> (u16, Value) {
    ask(house, who, grant, "POST", &format!("/api/v1/datasets/{dataset}/records:export"), body).await
}

async fn job(house: &House, who: &str, id: &Value) -> (u16, Value) {
    ask(house, who, "", "GET", &format!("/api/v1/jobs/{}", id.as_str().expect("an id")), Value::Null).await
}

/// The job once it has ended.
async fn ended(house: &House, who: &str, begun: &Value) -> Value {
    for _ in 0..4_000 {
        let (status, said) = job(house, who, &begun["id"]).await;
        assert_eq!(status, 200, "{said}");
        if said["state"] != "queued" && said["state"] != "running" {
            return said;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the job does not end: {begun}");
}

async fn file(house: &House, who: &str, job: &Value) -> (u16, String) {
    let path = format!("/api/v1/jobs/{}/file", job["id"].as_str().expect("an id"));
    let (status, _, bytes) = raw(house, who, "", ("GET", &path, Value::Null), "").await;
    (status, String::from_utf8_lossy(&bytes).into_owned())
}

/// Proposes a file; gives the proposal.
async fn propose(house: &House, two: &Two, body: Value) -> Value {
    let mut all = json!({"act": "export_in_bulk", "dataset": OWNERS, "department": OTHER, "purpose": "反洗钱核查"});
    all.as_object_mut().expect("an object").extend(body.as_object().expect("an object").clone());
    let (status, taken) = house.ask(&two[0].1.access, "POST", "/api/v1/approvals", all).await;
    assert_eq!(status, 200, "{taken}");
    taken["proposal"].clone()
}

fn files(house: &House) -> Vec<String> {
    let items = std::fs::read_dir(house.dir.path().join("jobs")).expect("a directory");
    items.map(|item| item.expect("a file").file_name().to_string_lossy().into_owned()).collect()
}

fn hash(bytes: &[u8]) -> String {
    gateway::http::hex(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes).as_ref())
}

#[tokio::test(flavor = "multi_thread")]
async fn open_data_is_one_persons_to_take_in_four_forms() {
    let house = House::with(GRANTS, "");
    let open = json!({"fields": "credit_code,name,location", "filter": "name = '杜甫'"});
    for format in ["csv", "ndjson", "geojson", "xlsx"] {
        let mut body = open.clone();
        body["format"] = json!(format);
        let path = format!("/api/v1/datasets/{ENTERPRISES}/records:export");
        let (status, headers, bytes) = raw(&house, OTHER, "", ("POST", &path, body), "").await;
        let begun: Value = serde_json::from_slice(&bytes).expect("a job");
        assert_eq!(status, 202, "{begun}");
        let at = format!("/api/v1/jobs/{}", begun["id"].as_str().expect("an id"));
        assert_eq!(headers["location"].to_str().ok(), Some(at.as_str()));
        let done = ended(&house, OTHER, &begun).await;
        assert_eq!((done["state"].as_str(), done["rows"].as_u64()), (Some("done"), Some(5)), "{format}: {done}");
        let (status, headers, bytes) = raw(&house, OTHER, "", ("GET", &format!("{at}/file"), Value::Null), "").await;
        assert_eq!(status, 200);
        assert_eq!(done["bytes"].as_u64(), Some(bytes.len() as u64));
        assert_eq!(done["sha256"].as_str(), Some(hash(&bytes).as_str()));
        assert!(headers["content-disposition"].to_str().expect("text").ends_with(&format!(".{format}\"")));
        assert!(headers.contains_key("repr-digest") && headers.contains_key("etag"));
        let text = String::from_utf8_lossy(&bytes);
        match format {
            "csv" => {
                let lines: Vec<&str> = text.lines().collect();
                assert_eq!(lines[0], "_id,_valid_from,_valid_to,credit_code,name,location,_masked");
                assert_eq!(lines.len(), 6);
                assert!(lines[1].starts_with("r1,,,"), "{}", lines[1]);
            }
            "ndjson" => {
                let ids: Vec<Value> =
                    text.lines().map(|line| serde_json::from_str::<Value>(line).expect("JSON")["id"].clone()).collect();
                assert_eq!(ids, ["r1", "r2", "r3", "r4", "r5"]);
            }
            "geojson" => {
                let all: Value = serde_json::from_str(&text).expect("JSON");
                assert_eq!(all["features"].as_array().map(Vec::len), Some(5));
                assert_eq!(all["features"][0]["geometry"]["type"], "Point", "{all}");
            }
            _ => assert!(bytes.starts_with(b"PK"), "a workbook"),
        }
        // A part of it, and what lies beyond.
        let (status, headers, part) =
            raw(&house, OTHER, "", ("GET", &format!("{at}/file"), Value::Null), "bytes=3-9").await;
        assert_eq!((status, part.as_slice()), (206, &bytes[3..10]));
        assert_eq!(headers["content-range"].to_str().ok(), Some(format!("bytes 3-9/{}", bytes.len()).as_str()));
        let (status, _, said) =
            raw(&house, OTHER, "", ("GET", &format!("{at}/file"), Value::Null), "bytes=999999-").await;
        assert_eq!(status, 416, "{}", String::from_utf8_lossy(&said));
    }
    for name in files(&house) {
        let meta = std::fs::metadata(house.dir.path().join("jobs").join(&name)).expect("a file");
        assert_eq!(meta.permissions().mode() & 0o777, 0o600, "{name}");
    }
    let mode = std::fs::metadata(house.dir.path().join("jobs")).expect("a directory").permissions().mode();
    assert_eq!((files(&house).len(), mode & 0o777), (4, 0o700));
    // What is refused before there is a job.
    for (body, wanted) in [
        (json!({"fields": "name", "format": "geojson"}), 422),
        (json!({"fields": "colour"}), 400),
        (json!({"filter": "name ="}), 400),
        (json!({"fields": "name", "limit": 3}), 400),
        (json!({"fields": "name", "format": "pdf"}), 400),
        (json!({"fields": "legal_representative"}), 403),
        (json!({"fields": "name", "filter": "legal_representative IS NOT NULL"}), 403),
    ] {
        let (status, said) = export(&house, OTHER, "", ENTERPRISES, body.clone()).await;
        assert_eq!(status, wanted, "{body}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_open_takes_two_people_once_and_for_the_very_content() {
    let mut house = House::with(GRANTS, "");
    let two = house.two().await;
    let wanted = json!({"filter": "basis = '1'", "fields": "name,credit_code"});
    let refused = async |house: &House, why: &str| {
        let (status, said) = export(house, OTHER, "G-OWNERS", OWNERS, wanted.clone()).await;
        assert_eq!((status, said["code"].as_str()), (403, Some("export_not_approved")), "{why}: {said}");
    };
    refused(&house, "nobody has proposed it").await;
    let proposal = propose(&house, &two, json!({"filter": "basis = '1'", "fields": "credit_code,name"})).await;
    assert_eq!(proposal["fields"], json!(["credit_code", "name"]), "{proposal}");
    refused(&house, "nobody has approved it").await;
    let path = format!("/api/v1/approvals/{}:approve", proposal["number"]);
    let (status, said) = house.ask(&two[0].1.access, "POST", &path, json!({"digest": proposal["digest"]})).await;
    assert_eq!(status, 403, "who proposed it: {said}");
    refused(&house, "approved by who proposed it").await;
    house.approve(&two[1].1.access, &proposal).await;
    // Another filter, other fields, another purpose, another department: each is another file.
    for (who, grant, body) in [
        (OTHER, "G-OWNERS", json!({"filter": "basis = '2'", "fields": "name,credit_code"})),
        (OTHER, "G-OWNERS", json!({"fields": "name,credit_code"})),
        (OTHER, "G-OWNERS", json!({"filter": "basis = '1'"})),
        (OTHER, "G-FEW", json!({"fields": "credit_code"})),
        (REGISTRAR, "", json!({"filter": "basis = '1'", "fields": "name,credit_code", "purpose": "反洗钱核查"})),
    ] {
        let (status, said) = export(&house, who, grant, OWNERS, body).await;
        assert_eq!((status, said["code"].as_str()), (403, Some("export_not_approved")), "{who}: {said}");
    }
    let (status, said) = export(&house, OTHER, "G-OWNERS", OWNERS, json!({"purpose": "x", "fields": "name"})).await;
    assert_eq!((status, said["member"].as_str()), (422, Some("purpose")), "the grant says it: {said}");
    let (status, said) = export(&house, REGISTRAR, "", OWNERS, json!({"fields": "name"})).await;
    assert_eq!((status, said["member"].as_str()), (400, Some("purpose")), "nobody says it: {said}");
    let (status, begun) = export(&house, OTHER, "G-OWNERS", OWNERS, wanted.clone()).await;
    assert_eq!((status, begun["proposal"].as_u64()), (202, proposal["number"].as_u64()), "{begun}");
    assert_eq!(ended(&house, OTHER, &begun).await["state"], "done");
    let (status, text) = file(&house, OTHER, &begun).await;
    assert_eq!((status, text.lines().count()), (200, 6), "{text}");
    refused(&house, "it is used up").await;
    house.restart();
    refused(&house, "it stays used up").await;
    // An approval lapses.
    let proposal = propose(&house, &two, json!({"filter": "basis = '1'", "fields": "credit_code,name"})).await;
    house.approve(&two[1].1.access, &proposal).await;
    house.pass(72 * 3_600);
    refused(&house, "three days have passed").await;
    // What nothing could ever use is not taken in.
    let fresh = house.sign_in(&two[0].0).await;
    for (body, wanted) in [
        (json!({"act": "export_in_bulk", "dataset": "x/y", "department": OTHER, "purpose": "p"}), 422),
        (json!({"act": "export_in_bulk", "dataset": OWNERS, "department": "x", "purpose": "p"}), 422),
        (json!({"act": "export_in_bulk", "dataset": OWNERS, "department": OTHER}), 400),
        (json!({"act": "export_in_bulk", "dataset": OWNERS, "department": OTHER, "purpose": "p", "fields": "x"}), 400),
        (json!({"act": "export_in_bulk", "dataset": OWNERS, "department": OTHER, "purpose": "p", "filter": "x"}), 400),
        (json!({"act": "rotate_signing_key", "dataset": OWNERS}), 400),
        (json!({"act": "x"}), 400),
    ] {
        let (status, said) = house.ask(&fresh.access, "POST", "/api/v1/approvals", body.clone()).await;
        assert_eq!(status, wanted, "{body}: {said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn masks_fields_and_the_log_are_those_of_reading() {
    let mut house = House::with(GRANTS, "");
    let two = house.two().await;
    let proposal = propose(&house, &two, json!({})).await;
    house.approve(&two[1].1.access, &proposal).await;
    let (status, begun) = export(&house, OTHER, "G-OWNERS", OWNERS, json!({})).await;
    assert_eq!(status, 202, "{begun}");
    ended(&house, OTHER, &begun).await;
    let (_, text) = file(&house, OTHER, &begun).await;
    let head = text.lines().next().expect("a head");
    assert_eq!(head, "_id,_valid_from,_valid_to,credit_code,document_number,name,basis,_masked");
    assert!(text.lines().nth(1).is_some_and(|row| row.ends_with(",document_number")), "{text}");
    assert!(!text.contains("11010519491231002X"), "a masked value stands plain: {text}");
    let id = begun["id"].as_str().expect("an id");
    let entries = house.entries();
    let of = |act: Act| entries.iter().filter(|e| e.act == act as u8 && e.status == 200).collect::<Vec<_>>();
    let [start] = of(Act::Export)[..] else { panic!("one start") };
    assert_eq!((start.records.as_slice(), start.dataset.as_str()), (&[id.to_owned()][..], OWNERS));
    let [page] = of(Act::ExportRows)[..] else { panic!("one page") };
    assert_eq!((page.rows, page.grant.as_str(), page.purpose.as_str()), (5, "G-OWNERS", "反洗钱核查"));
    assert_eq!(page.records, ["r1", "r2", "r3", "r4", "r5"]);
    let [given] = of(Act::Delivery)[..] else { panic!("one delivery") };
    assert_eq!((given.rows, given.grant.as_str(), given.fields.len(), given.masked.len()), (5, "G-OWNERS", 3, 1));
    assert_eq!(given.records, [id.to_owned(), hash(text.as_bytes())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_is_there_for_who_asked_for_it_alone() {
    let house = House::with(GRANTS, "");
    let (_, begun) = export(&house, OTHER, "", ENTERPRISES, json!({"fields": "name"})).await;
    ended(&house, OTHER, &begun).await;
    let id = begun["id"].as_str().expect("an id");
    let clerk_elsewhere = format!("{REGISTRAR} clerk");
    let another_clerk = format!("{OTHER} another");
    for who in [clerk_elsewhere.as_str(), another_clerk.as_str()] {
        for (method, path) in [("GET", ""), ("GET", "/file"), ("DELETE", "")] {
            let mut said = Vec::new();
            for id in [id, "J-0000000000000000"] {
                let (status, mut answer) =
                    ask(&house, who, "", method, &format!("/api/v1/jobs/{id}{path}"), Value::Null).await;
                answer["instance"] = Value::Null;
                said.push((status, answer));
            }
            assert_eq!(said[0], said[1], "{who} {method} {path}");
            assert_eq!(said[0].0, 404);
        }
        let (_, listed) = ask(&house, who, "", "GET", "/api/v1/jobs", Value::Null).await;
        assert_eq!(listed["items"], json!([]));
    }
    for who in [AUTHORITY] {
        assert_eq!(job(&house, who, &begun["id"]).await.0, 403);
    }
    let (_, listed) = ask(&house, OTHER, "", "GET", "/api/v1/jobs", Value::Null).await;
    assert_eq!(listed["items"][0]["id"], begun["id"], "{listed}");
    // Ended by who asked for it: the file is gone, the job says so, then it is over.
    let (status, said) = ask(&house, OTHER, "", "DELETE", &format!("/api/v1/jobs/{id}"), Value::Null).await;
    assert_eq!((status, said["state"].as_str()), (200, Some("cancelled")), "{said}");
    let (status, text) = file(&house, OTHER, &begun).await;
    assert!(status == 409 && text.contains("not_ready"), "{text}");
    assert!(files(&house).is_empty());
    house.pass(8 * 86_400);
    house.app.sweep().await;
    assert_eq!(job(&house, OTHER, &begun["id"]).await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_kept_for_its_days_and_over_a_restart() {
    let mut house = House::with(GRANTS, "");
    let (_, begun) = export(&house, OTHER, "", ENTERPRISES, json!({"fields": "name"})).await;
    let done = ended(&house, OTHER, &begun).await;
    std::fs::write(house.dir.path().join("jobs").join("J-1111111111111111.part"), "x").expect("written");
    house.restart();
    assert_eq!(files(&house).len(), 1, "what is nobody's is deleted");
    assert_eq!(job(&house, OTHER, &begun["id"]).await.1, done);
    assert_eq!(file(&house, OTHER, &begun).await.0, 200);
    house.pass(7 * 86_400 - 60);
    house.app.sweep().await;
    assert_eq!(file(&house, OTHER, &begun).await.0, 200);
    house.pass(120);
    house.app.sweep().await;
    assert_eq!((file(&house, OTHER, &begun).await.0, files(&house).len()), (404, 0));
    // A file that is not what was written is not given.
    let (_, begun) = export(&house, OTHER, "", ENTERPRISES, json!({"fields": "name"})).await;
    ended(&house, OTHER, &begun).await;
    let name = files(&house).pop().expect("a file");
    std::fs::write(house.dir.path().join("jobs").join(name), "x").expect("written");
    house.restart();
    let (_, said) = job(&house, OTHER, &begun["id"]).await;
    assert_eq!((said["state"].as_str(), said["code"].as_str()), (Some("failed"), Some("damaged")), "{said}");
}

fn gated() -> (House, Arc<Gate>) {
    let gate = Gate::new("甲");
    let databases = vec![
        Table::behind(legal_entity::domain().expect("definitions"), Some(Arc::clone(&gate))),
        Table::serve(population::domain().expect("definitions")),
    ];
    (House::over(databases, Config::default(), GRANTS, ""), gate)
}

/// Takes every grant away.
fn revoke(house: &House) {
    std::fs::write(house.dir.path().join("grants.toml"), "").expect("written");
    house.app.refresh(&mut None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_right_that_is_taken_away_ends_the_job_and_deletes_the_file() {
    let (mut house, gate) = gated();
    let two = house.two().await;
    // While a page is read.
    let proposal = propose(&house, &two, json!({})).await;
    house.approve(&two[1].1.access, &proposal).await;
    let (status, begun) = export(&house, OTHER, "G-OWNERS", OWNERS, json!({})).await;
    assert_eq!(status, 202, "{begun}");
    gate.entered.acquire().await.expect("open").forget();
    revoke(&house);
    gate.go.add_permits(100);
    let said = ended(&house, OTHER, &begun).await;
    assert_eq!((said["state"].as_str(), said["code"].as_str()), (Some("failed"), Some("rights_changed")), "{said}");
    assert!(files(&house).is_empty());
    // After it: at the next look of the keeper, and at the next download.
    for by_keeper in [true, false] {
        std::fs::write(house.dir.path().join("grants.toml"), GRANTS).expect("written");
        house.app.refresh(&mut None);
        let proposal = propose(&house, &two, json!({})).await;
        house.approve(&two[1].1.access, &proposal).await;
        let (_, begun) = export(&house, OTHER, "G-OWNERS", OWNERS, json!({})).await;
        assert_eq!(ended(&house, OTHER, &begun).await["state"], "done");
        house.app.review_jobs().await;
        assert_eq!((file(&house, OTHER, &begun).await.0, files(&house).len()), (200, 1));
        // Narrower is another right too.
        std::fs::write(house.dir.path().join("grants.toml"), GRANTS.replace("\"name\", ", "")).expect("written");
        house.app.refresh(&mut None);
        if by_keeper {
            house.app.review_jobs().await;
            assert_eq!(job(&house, OTHER, &begun["id"]).await.1["code"], "rights_changed");
        } else {
            let (status, text) = file(&house, OTHER, &begun).await;
            assert!(status == 403 && text.contains("rights_changed"), "{text}");
        }
        assert!(files(&house).is_empty());
    }
    // A rule about something else ends nothing.
    let (_, begun) = export(&house, OTHER, "", ENTERPRISES, json!({"fields": "name"})).await;
    assert_eq!(ended(&house, OTHER, &begun).await["state"], "done");
    revoke(&house);
    house.app.review_jobs().await;
    assert_eq!(file(&house, OTHER, &begun).await.0, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_disabled_gets_no_file() {
    let (mut house, gate) = gated();
    gate.go.add_permits(1_000);
    let two = house.two().await;
    let key = json!({"kind": "key", "name": "night-run", "department": OTHER, "roles": ["department"], "level": 2, "to": "2026-12-31"});
    let (id, key) = house.open(&two, key).await;
    let path = format!("/api/v1/datasets/{ENTERPRISES}/records:export");
    let (status, begun) = house.ask(&key, "POST", &path, json!({"fields": "name"})).await;
    assert_eq!(status, 202, "{begun}");
    let at = format!("/api/v1/jobs/{}", begun["id"].as_str().expect("an id"));
    for _ in 0..1_000 {
        if house.ask(&key, "GET", &at, Value::Null).await.1["state"] == "done" {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    house.app.review_jobs().await;
    assert_eq!(files(&house).len(), 1);
    house.change(&two, &id, "disable", json!({})).await;
    house.app.review_jobs().await;
    assert!(files(&house).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_and_a_cancellation_cut_a_job_off() {
    let (mut house, gate) = gated();
    let (_, cut) = export(&house, OTHER, "", ENTERPRISES, json!({"fields": "name"})).await;
    gate.entered.acquire().await.expect("open").forget();
    let (_, said) = job(&house, OTHER, &cut["id"]).await;
    assert_eq!(said["state"], "running", "{said}");
    assert!(file(&house, OTHER, &cut).await.1.contains("not_ready"));
    house.restart();
    let (_, said) = job(&house, OTHER, &cut["id"]).await;
    assert_eq!((said["state"].as_str(), said["code"].as_str()), (Some("failed"), Some("unavailable")), "{said}");
    assert!(files(&house).is_empty());
    gate.go.add_permits(1);
    let (_, cut) = export(&house, OTHER, "", ENTERPRISES, json!({"fields": "name"})).await;
    gate.entered.acquire().await.expect("open").forget();
    let path = format!("/api/v1/jobs/{}", cut["id"].as_str().expect("an id"));
    let (_, said) = ask(&house, OTHER, "", "DELETE", &path, Value::Null).await;
    assert_eq!(said["state"], "cancelled", "{said}");
    gate.go.add_permits(100);
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(job(&house, OTHER, &cut["id"]).await.1["state"], "cancelled");
    assert!(files(&house).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn ceilings_of_rows_persons_and_jobs_hold_for_files() {
    let mut config = Config::default();
    config.export.kept_max = 3;
    config.people.persons_per_day_max = 4;
    let databases = vec![
        Table::serve(legal_entity::domain().expect("definitions")),
        Table::serve(population::domain().expect("definitions")),
    ];
    let mut house = House::over(databases, config, GRANTS, "");
    let two = house.two().await;
    // Three rows of five: the grant's day is used up, and a restart remembers it.
    let proposal = propose(&house, &two, json!({"purpose": "抽查"})).await;
    house.approve(&two[1].1.access, &proposal).await;
    let (status, begun) = export(&house, OTHER, "G-FEW", OWNERS, json!({})).await;
    assert_eq!(status, 202, "{begun}");
    let said = ended(&house, OTHER, &begun).await;
    assert_eq!((said["state"].as_str(), said["code"].as_str()), (Some("failed"), Some("ceiling_reached")), "{said}");
    assert!(said["rows"].as_u64() == Some(3) && files(&house).is_empty(), "{said}");
    house.restart();
    let (status, said) = export(&house, OTHER, "G-FEW", OWNERS, json!({})).await;
    assert_eq!((status, said["code"].as_str()), (429, Some("ceiling_reached")), "{said}");
    // Five persons where a department may be told of four.
    let grant = return_flow(&house).await;
    let (_, case) = ask(&house, AREA, "", "GET", &format!("/api/v1/sharing/requests/{grant}"), Value::Null).await;
    let purpose = case["asked"]["purpose"].as_str().expect("a purpose");
    let body = json!({"dataset": "population/persons", "department": AREA, "purpose": purpose});
    let proposal = propose(&house, &two, body).await;
    house.approve(&two[1].1.access, &proposal).await;
    let (status, begun) = export(&house, AREA, &grant, "population/persons", json!({})).await;
    assert_eq!(status, 202, "{begun}");
    let said = ended(&house, AREA, &begun).await;
    assert_eq!((said["state"].as_str(), said["code"].as_str()), (Some("failed"), Some("ceiling_reached")), "{said}");
    // Jobs are counted an account.
    for wanted in [202, 202, 429] {
        let (status, said) = export(&house, OTHER, "", ENTERPRISES, json!({"fields": "name"})).await;
        assert_eq!(status, wanted, "{said}");
    }
}

const AREA: &str = "11510100PDY0000112";

/// A return flow of persons to Chengdu, in force.
async fn return_flow(house: &House) -> String {
    let sign = async |department: &str, head: bool, path: &str, body: Value| {
        let mut roles = vec![Role::Department];
        roles.extend((department == POLICE).then_some(Role::Owner));
        roles.extend(head.then_some(Role::Signatory));
        let (subject, officer) = (format!("{department} {head}"), Some("007".to_owned()));
        let subject =
            Subject { subject, department: Some(department.to_owned()), roles, officer, record: None, company: None };
        let token = house.issuer.issue(&house.app.config.tokens, &subject, house.now_s(), 3_600);
        let (status, said) = house.ask(&token, "POST", path, body).await;
        assert_eq!(status, 200, "{path}: {said}");
        said
    };
    let body = json!({"dataset": "population/persons", "purpose": "本市人口数据回流"});
    let case = sign(AREA, false, "/api/v1/sharing/return-flows", body).await;
    let id = case["id"].as_str().expect("an id").to_owned();
    for (department, head, step) in [(AREA, true, "sign"), (AREA, false, "submit"), (POLICE, true, "consent")] {
        sign(department, head, &format!("/api/v1/sharing/requests/{id}:{step}"), json!({})).await;
    }
    id
}
