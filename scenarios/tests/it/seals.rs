//! Personal records at rest: nothing is readable on disk; what two people erased is gone from backups too; a master key
//! follows another.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::house::root;
use crate::kill::owner_of;
use crate::program::{Server, run, said};

const POLICE: &str = "11100000PDY00001X7";
/// Two persons of the sample: number and name.
const ONE: (&str, &str) = ("895404196808221573", "杨勇");
const TWO: (&str, &str) = ("89230719710630461X", "郭臣程");

/// A security administrator who can sign in.
struct Officer {
    name: &'static str,
    password: String,
    recovery: Vec<String>,
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().new_agent()
}

fn post(server: &Server, token: &str, path: &str, body: &Value) -> (u16, Value) {
    let mut request = agent().post(server.url(path)).header("content-type", "application/json");
    if !token.is_empty() {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let mut answer = request.send(body.to_string()).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

fn get(server: &Server, token: &str, path: &str) -> (u16, Value) {
    let request = agent().get(server.url(path)).header("authorization", format!("Bearer {token}"));
    let mut answer = request.call().unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

fn initial_password(data: &str, name: &str) -> String {
    let output = run(&["account", "add", name, "--role", "security-administrator", "--data", data]);
    let text = said(&output);
    assert!(output.status.success(), "{text}");
    text.lines().find_map(|line| line.strip_prefix("initial password: ")).unwrap().to_owned()
}

fn settle(server: &Server, name: &'static str, initial: &str) -> Officer {
    let password = format!("Lotus-Pond-{}", name.len() * 7919);
    let body = json!({"name": name, "password": initial, "new_password": password});
    assert_eq!(post(server, "", "/api/v1/sign-in:change-password", &body).0, 200);
    let (status, drawn) = post(server, "", "/api/v1/sign-in:enrol", &json!({"name": name, "password": password}));
    assert_eq!(status, 200, "{drawn}");
    let secret = totp_rs::Secret::try_from_base32(drawn["seed"].as_str().unwrap()).unwrap();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let code = totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(now).to_string();
    let body = json!({"name": name, "password": password, "new_code": code});
    let (status, given) = post(server, "", "/api/v1/sign-in:confirm", &body);
    assert_eq!(status, 200, "{given}");
    Officer { name, password, recovery: serde_json::from_value(given["recovery_codes"].clone()).unwrap() }
}

fn sign_in(server: &Server, officer: &mut Officer) -> String {
    let code = officer.recovery.pop().unwrap();
    let body = json!({"name": officer.name, "password": officer.password, "code": code});
    let (status, tokens) = post(server, "", "/api/v1/sign-in", &body);
    assert_eq!(status, 200, "{tokens}");
    tokens["access_token"].as_str().unwrap().to_owned()
}

/// Proposed by one, approved by the other.
fn decide(server: &Server, tokens: &[String; 2], body: &Value) -> u64 {
    let (status, taken) = post(server, &tokens[0], "/api/v1/approvals", body);
    assert_eq!(status, 200, "{taken}");
    let number = taken["proposal"]["number"].as_u64().unwrap();
    let path = format!("/api/v1/approvals/{number}:approve");
    let (status, taken) = post(server, &tokens[1], &path, &json!({"digest": taken["proposal"]["digest"]}));
    assert_eq!(status, 200, "{taken}");
    number
}

fn until(what: &str, mut so: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(60);
    while !so() {
        assert!(Instant::now() < patience, "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// The record of a person, looked up by whoever provides it.
fn look_up(server: &Server, owner: &str, number: &str) -> Option<String> {
    let path = "/api/v1/datasets/population/persons/records:lookup";
    let (status, answer) = post(server, owner, path, &json!({"keys": [{"citizen_id": number}]}));
    assert_eq!(status, 200, "{answer}");
    answer["items"][0]["id"].as_str().or_else(|| answer["items"][0]["record"]["id"].as_str()).map(ToOwned::to_owned)
}

/// Files under a directory that hold these bytes.
fn holding(directory: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(holding(&path, text));
        } else if std::fs::read(&path).unwrap().windows(text.len()).any(|part| part == text.as_bytes()) {
            found.push(path);
        }
    }
    found
}

fn copy(from: &Path, to: &Path) {
    let _ = std::fs::remove_dir_all(to);
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let there = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &there);
        } else {
            std::fs::copy(&path, &there).unwrap();
        }
    }
}

#[test]
fn what_two_erased_is_gone_from_disk_and_backup_and_a_master_key_follows_another() {
    let folder = tempfile::tempdir().unwrap();
    let directory = folder.path().join("data");
    let data = directory.to_str().unwrap();
    let master = folder.path().join("data.master-keys.toml");
    let marked = |text: &str| {
        std::fs::create_dir_all(&directory).unwrap();
        std::fs::write(directory.join("natbase.marker"), text).unwrap();
    };
    marked("demo\n");
    let initial = [initial_password(data, "li.shan"), initial_password(data, "wang.he")];
    assert!(master.exists(), "the master keys lie beside the directory");
    let output =
        run(&["import", "population/persons", root().join("sample/persons.csv").to_str().unwrap(), "--data", data]);
    assert!(output.status.success(), "{}", said(&output));
    for text in [ONE.0, ONE.1, TWO.0, TWO.1] {
        for place in ["store", "seals", "audit", "keys"] {
            assert_eq!(holding(&directory.join(place), text), Vec::<PathBuf>::new(), "{text}");
        }
    }
    let backup = folder.path().join("backup");
    copy(&directory.join("store"), &backup);

    // Without its master keys the directory does not open, nor with keys that others may read.
    let away = folder.path().join("away.toml");
    std::fs::rename(&master, &away).unwrap();
    let output = run(&["check", "--data", data]);
    assert!(!output.status.success() && said(&output).contains("data.master-keys.toml"), "{}", said(&output));
    assert!(!master.exists(), "none is made in its place");
    std::fs::rename(&away, &master).unwrap();

    let serve = ["serve", "--data", data, "--listen", "127.0.0.1:0"];
    let server = Server::start(&serve);
    let owner = owner_of(data, POLICE);
    let mut officers = [settle(&server, "li.shan", &initial[0]), settle(&server, "wang.he", &initial[1])];
    let tokens = [sign_in(&server, &mut officers[0]), sign_in(&server, &mut officers[1])];
    let person = look_up(&server, &owner, ONE.0).expect("a person of the sample");
    let erase =
        json!({"act": "erase", "dataset": "population/persons", "record": person, "ground": "decision 1, PIPL 47"});
    let number = decide(&server, &tokens, &erase);
    until("the erasure", || {
        let (_, left) = get(&server, &tokens[1], "/api/v1/erasures?dataset=population/persons");
        left["items"][0]["done"] == true
    });
    until("the permission is used up", || {
        let (_, all) = get(&server, &tokens[1], "/api/v1/approvals");
        all["items"][0]["number"] == number && all["items"][0]["state"] == "used"
    });
    assert_eq!(look_up(&server, &owner, ONE.0), None);
    assert!(look_up(&server, &owner, TWO.0).is_some());

    // Another master key, while the server runs.
    let output = run(&["keys", "add", "--suite", "sm4-gcm", "--data", data, "--json"]);
    assert!(output.status.success(), "{}", said(&output));
    let last = String::from_utf8(output.stdout).unwrap().lines().last().map(ToOwned::to_owned).unwrap();
    let fingerprint = serde_json::from_str::<Value>(&last).unwrap()["fingerprint"].clone();
    until("the file is read again", || {
        let (_, state) = get(&server, &tokens[0], "/api/v1/master-keys");
        state["generations"][1]["fingerprint"] == fingerprint
    });
    decide(&server, &tokens, &json!({"act": "rotate_master_key", "fingerprint": fingerprint}));
    until("everything is wrapped anew", || {
        let (_, state) = get(&server, &tokens[0], "/api/v1/master-keys");
        state["generations"][0]["keys"] == 0 && state["generations"][1]["keys"].as_u64() > Some(0)
    });
    assert!(run(&["keys", "remove", "1", "--data", data]).status.success());
    until("the first is given up", || {
        let (_, state) = get(&server, &tokens[0], "/api/v1/master-keys");
        state["generations"].as_array().map(Vec::len) == Some(1)
    });
    assert!(look_up(&server, &owner, TWO.0).is_some(), "read under the second");
    server.kill();

    // The rows of before come back from the backup: the erased person's do not.
    copy(&backup, &directory.join("store"));
    let _ = std::fs::remove_dir_all(directory.join("index"));
    let server = Server::start(&serve).expect_log("");
    let owner = owner_of(data, POLICE);
    assert_eq!(look_up(&server, &owner, ONE.0), None, "of an erased person a backup says nothing");
    assert!(look_up(&server, &owner, TWO.0).is_some(), "of others everything");
    server.kill();
}
