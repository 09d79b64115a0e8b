//! Conditional opening against the built program: a company of the sample gets an account on the data directory, asks for
//! addresses, is granted them, uses them, and is given nothing from the day on which it is deregistered.

use serde_json::{Value, json};

use crate::sharing::Stage;

/// In being in the sample.
const COMPANY: &str = "91891504MA0000023W";
/// Deregistered in the sample.
const DEREGISTERED: &str = "91895307MA0000015L";
const GIVES: &str = "11100000PDY000060J";
const REGISTRAR: &str = "11100000PDY0000287";
const PASSWORD: &str = "Lotus-Pond-1932";
/// 2026-11-23T01:00:00Z.
const NOW_S: u64 = 1_795_395_600;

fn send(stage: &Stage, token: &str, path: &str, kind: &str, grant: &str, body: String) -> (u16, Value) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut request = agent.post(stage.server().url(path)).header("content-type", kind);
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    if !grant.is_empty() {
        request = request.header("natbase-grant", grant).header("natbase-case", "C-1").header("natbase-officer", "007");
    }
    let mut answer = request.send(body).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

fn post(stage: &Stage, token: &str, path: &str, body: &Value) -> Value {
    let (status, said) = send(stage, token, path, "application/json", "", body.to_string());
    assert_eq!(status, 200, "{path}: {said}");
    said
}

/// A token of a department, with `!` of its head.
fn department(stage: &Stage, who: &str) -> String {
    let code = who.trim_start_matches('!');
    let mut arguments = vec!["token", "--subject", who, "--department", code, "--officer", "007"];
    arguments.extend(["--role", "department", "--role", "owner"]);
    if who.starts_with('!') {
        arguments.extend(["--role", "signatory"]);
    }
    let (good, token) = stage.natbase(&arguments);
    assert!(good, "{token}");
    token.trim().to_owned()
}

fn import(stage: &Stage, source: &str, dataset: &str, rows: &str) {
    let path = format!("/api/v1/datasets/{dataset}/records:import");
    let (status, report) = send(stage, &department(stage, source), &path, "text/csv", "", rows.to_owned());
    assert_eq!((status, report["rejected"].as_u64()), (200, Some(0)), "{dataset}: {report}");
}

/// From the initial password to the first sign-in; gives recovery codes.
fn settle(stage: &Stage, initial: &str) -> Vec<String> {
    let name = "yang.guo";
    let body = json!({"name": name, "password": initial, "new_password": PASSWORD});
    post(stage, "", "/api/v1/sign-in:change-password", &body);
    let drawn = post(stage, "", "/api/v1/sign-in:enrol", &json!({"name": name, "password": PASSWORD}));
    let secret = totp_rs::Secret::try_from_base32(drawn["seed"].as_str().unwrap()).unwrap();
    let code = totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(NOW_S).to_string();
    let body = json!({"name": name, "password": PASSWORD, "new_code": code});
    let given = post(stage, "", "/api/v1/sign-in:confirm", &body);
    serde_json::from_value(given["recovery_codes"].clone()).unwrap()
}

fn sign_in(stage: &Stage, codes: &mut Vec<String>) -> String {
    let body = json!({"name": "yang.guo", "password": PASSWORD, "code": codes.pop()});
    post(stage, "", "/api/v1/sign-in", &body)["access_token"].as_str().unwrap().to_owned()
}

fn look_up(stage: &Stage, token: &str, grant: &str) -> (u16, Value) {
    let body = json!({"keys": [{"address_id": "A-1"}]}).to_string();
    send(stage, token, "/api/v1/datasets/geospatial/addresses/records:lookup", "application/json", grant, body)
}

#[test]
fn a_company_asks_is_given_and_is_closed() {
    let mut stage = Stage::at("2026-11-23T01:00:00Z");
    let rows = "address_id,division,province,city,county,road,door,unit,room\n\
                A-1,510104,四川省,成都市,锦江区,红星路,1号,2单元,301室\n";
    import(&stage, GIVES, "geospatial/addresses", rows);
    stage.server.take().unwrap().stop();
    let add = |stage: &Stage, code: &str| {
        stage.natbase(&["account", "add", "yang.guo", "--company", code, "--signatory", "--officer", "007"])
    };
    let (good, said) = add(&stage, DEREGISTERED);
    assert!(!good && said.contains("deregistered (注销)"), "{said}");
    let (good, said) = add(&stage, "91891504MA00000230");
    assert!(!good && said.contains("check character"), "{said}");
    let (good, said) = add(&stage, COMPANY);
    assert!(good, "{said}");
    let initial = said.lines().find_map(|line| line.strip_prefix("initial password: ")).unwrap().to_owned();
    stage.start();

    let mut codes = settle(&stage, &initial);
    let token = sign_in(&stage, &mut codes);
    assert_eq!(look_up(&stage, &token, "").1["code"], "grant_required");
    let body = json!({
        "dataset": "geospatial/addresses", "fields": ["address_id", "full"], "masked": ["door"], "purpose": "物流配送",
        "ground": "目录开放条件：按申请开放", "from": "2026-11-23", "to": "2027-11-23", "cases_required": false,
        "commitment": "只用于本公司配送，不转交第三方",
    });
    let case = post(&stage, &token, "/api/v1/sharing/requests", &body);
    let id = case["id"].as_str().unwrap().to_owned();
    let step = |stage: &Stage, token: &str, step: &str| {
        post(stage, token, &format!("/api/v1/sharing/requests/{id}:{step}"), &json!({"reason": "到期删除"}))
    };
    step(&stage, &token, "sign");
    step(&stage, &token, "submit");
    step(&stage, &department(&stage, &format!("!{GIVES}")), "consent");
    step(&stage, &department(&stage, GIVES), "deliver");
    let (status, found) = look_up(&stage, &token, &id);
    let record = &found["items"][0]["record"];
    assert_eq!((status, &record["masked"]), (200, &json!(["door"])), "{found}");
    assert_eq!(record["fields"]["full"], "四川省成都市锦江区红星路1号");
    assert!(record["fields"]["room"].is_null() && record["fields"]["road"].is_null(), "{record}");

    // Killed and started again: account, session, case and grant are on disk.
    stage.server.take().unwrap().kill();
    stage.start();
    assert_eq!(look_up(&stage, &token, &id).0, 200);

    // Deregistered from the next day on.
    let rows =
        format!("credit_code,name,kind,status,_valid_from\n{COMPANY},赤峰欣源酒店管理股份有限公司,92,4,2026-11-24\n");
    import(&stage, REGISTRAR, "legal-entity/enterprises", &rows);
    assert_eq!(look_up(&stage, &token, &id).0, 200, "not yet");
    stage.set("2026-11-24T01:00:00Z");
    let token = sign_in(&stage, &mut codes);
    let (status, said) = look_up(&stage, &token, &id);
    assert_eq!((status, said["code"].as_str()), (403, Some("grant_refused")), "{said}");
    assert!(said["detail"].as_str().unwrap().contains("注销"), "{said}");
    let (status, said) = send(&stage, &token, "/api/v1/sharing/requests", "application/json", "", body.to_string());
    assert_eq!(status, 422, "{said}");
    // It gives up what it has.
    assert_eq!(step(&stage, &token, "relinquish")["state"], "ended");
    stage.server.take().unwrap().stop();
}
