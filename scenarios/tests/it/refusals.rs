//! A broken file stops the program before it serves: file, line and reason are said.

use std::path::Path;

use crate::house::root;
use crate::program::{run, said};

/// Writes `name` into a fresh data directory, starts the program, and expects it to end at once with `parts` in its words.
fn refused(name: &str, text: &str, arguments: &[&str], parts: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let file = data.join(name);
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, text).unwrap();
    ends(&data, arguments, parts);
}

fn ends(data: &Path, arguments: &[&str], parts: &[&str]) {
    let data = data.to_string_lossy();
    let mut all = vec!["serve", "--data", &data, "--listen", "127.0.0.1:0"];
    all.extend(arguments);
    let output = run(&all);
    let words = said(&output);
    assert!(!output.status.success(), "it started: {words}");
    for part in parts {
        assert!(words.contains(part), "`{part}` is missing in: {words}");
    }
}

#[test]
fn a_broken_configuration_is_named() {
    refused(
        "natbase.toml",
        "[http]\naddress = \"127.0.0.1:0\"\ncolour = \"red\"\n",
        &[],
        &["natbase.toml", "line 3", "colour"],
    );
    refused("natbase.toml", "[http\n", &[], &["natbase.toml", "line 1"]);
}

#[test]
fn a_broken_grant_is_named() {
    let good = std::fs::read_to_string(root().join("scenarios/fixtures/grants.toml")).unwrap();
    refused("grants.toml", &good.replace("population/persons", "population/nobody"), &[], &["grants.toml", "nobody"]);
    refused(
        "grants.toml",
        &good.replace("\"life_status\"", "\"shoe_size\""),
        &[],
        &["grants.toml", "line", "shoe_size"],
    );
    refused("grants.toml", &good.replace("id = ", "name = "), &[], &["grants.toml", "line"]);
}

#[test]
fn a_broken_policy_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let policies = data.join("policies");
    std::fs::create_dir_all(&policies).unwrap();
    for entry in std::fs::read_dir(root().join("gateway/policies")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, policies.join(path.file_name().unwrap())).unwrap();
    }
    std::fs::write(data.join("natbase.toml"), "[policy]\ndirectory = \"policies\"\n").unwrap();
    std::fs::write(policies.join("99-own.cedar"), "permit (\n  principal,\n  action = Action::\"get\",\n").unwrap();
    ends(&data, &[], &["99-own.cedar", "line"]);
}

#[test]
fn a_broken_key_set_is_named() {
    refused("jwks.json", "{\"keys\": [{\"kty\": \"OKP\"", &[], &["jwks.json"]);
}

#[test]
fn a_second_process_and_a_foreign_marker_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = data.to_string_lossy().into_owned();
    let first = crate::program::Server::start(&["serve", "--data", &path, "--listen", "127.0.0.1:0"]);
    ends(&data, &[], &["another process"]);
    first.stop();
    let output = run(&["demo", "--sample-only", "--load-only", "--data", &path]);
    assert!(!output.status.success() && said(&output).contains("real data"), "{}", said(&output));
}

#[test]
fn a_cut_off_body_keeps_what_was_committed_and_says_up_to_where() {
    use std::io::{Read, Write};
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let path = data.to_string_lossy().into_owned();
    let server =
        crate::program::Server::start(&["serve", "--data", &path, "--listen", "127.0.0.1:0"]).expect_log("cut");
    let token = crate::kill::owner(&path);
    let rows = crate::kill::rows(0..1_500, 1);
    let half = rows.lines().take(1_200).fold(String::new(), |all, line| all + line + "\n");
    let mut stream = std::net::TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
    write!(
        stream,
        "POST /api/v1/datasets/culture/works/records:import?as-of=2026-01-01 HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
         Content-Type: application/x-ndjson\r\nIdempotency-Key: cut\r\nContent-Length: {}\r\n\r\n{half}",
        server.address,
        rows.len()
    )
    .unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    // The same import whole: rows that were committed are unchanged, the rest is new.
    let (status, body) = crate::kill::import(&server.address, &token, "cut", "2026-01-01", &rows).unwrap();
    assert_eq!(status, 200, "{body}");
    assert_eq!((body["accepted"].as_u64(), body["rejected"].as_u64()), (Some(1_500), Some(0)), "{body}");
    drop(server);
    let output = run(&["check", "--data", &path]);
    assert!(output.status.success(), "{}", said(&output));
}
