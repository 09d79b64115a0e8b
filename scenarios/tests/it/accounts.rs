//! The first administrators of a data directory, and that what they did survives a kill.

use std::path::Path;

use serde_json::{Value, json};

use crate::program::{Server, run, said};

fn add(data: &Path, name: &str, role: &str) -> (bool, String) {
    let output = run(&["account", "add", name, "--role", role, "--data", data.to_str().unwrap()]);
    (output.status.success(), said(&output))
}

fn post(server: &Server, path: &str, body: &Value) -> (u16, Value) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let request = agent.post(server.url(path)).header("content-type", "application/json");
    let mut answer = request.send(body.to_string()).unwrap();
    (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
}

#[test]
fn two_administrators_are_made_on_the_directory_and_a_kill_forgets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let data = dir.path().join("data");
    let (good, text) = add(&data, "li.shan", "auditor");
    assert!(!good && text.contains("only security administrators"), "{text}");
    let (good, text) = add(&data, "li.shan", "security-administrator");
    assert!(good, "{text}");
    let initial = text.lines().find_map(|line| line.strip_prefix("initial password: ")).unwrap().to_owned();
    assert!(add(&data, "wang.he", "security-administrator").0);
    let (good, text) = add(&data, "third", "security-administrator");
    assert!(!good && text.contains("two security administrators"), "{text}");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data", data.to_str().unwrap()];
    let server = Server::start(&serve);
    let (good, text) = add(&data, "third", "security-administrator");
    assert!(!good && text.contains("another process"), "{text}");
    let body = json!({"name": "li.shan", "password": initial, "new_password": "Lotus-Pond-1932"});
    assert_eq!(post(&server, "/api/v1/sign-in:change-password", &body).0, 200);
    let wrong = json!({"name": "wang.he", "password": "Wrong-Pond-1932"});
    for _ in 0..5 {
        assert_eq!(post(&server, "/api/v1/sign-in", &wrong).0, 401);
    }
    server.kill();
    let server = Server::start(&serve);
    assert_eq!(post(&server, "/api/v1/sign-in", &wrong).0, 429, "locked, after a kill");
    assert_eq!(post(&server, "/api/v1/sign-in:change-password", &body).0, 401, "the initial password is gone");
    let body = json!({"name": "li.shan", "password": "Lotus-Pond-1932"});
    let (status, said) = post(&server, "/api/v1/sign-in", &body);
    assert_eq!((status, said["member"].as_str()), (403, Some("code")), "{said}");
    assert_eq!(post(&server, "/api/v1/sign-in:enrol", &body).0, 200);
    server.stop();
}
