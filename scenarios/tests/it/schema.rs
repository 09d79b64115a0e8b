//! A dataset's next version beside its records: taken, served while its index is made anew, or refused with the reason.

use std::path::Path;
use std::time::Duration;

use serde_json::Value as Json;

use crate::house::root;
use crate::kill::{import, owner, rows};
use crate::program::{Server, run, said};

const FIELD: &str = r#"
[[field]]
number = 1000
name = "shelf"
title = { zh = "架号", en = "Shelf" }
type = "text"
max-length = 40
grade = 1
search = "exact"
facet = true
sortable = true
"#;

/// The program's definition of the works in its next version, with a field more and one deprecated.
pub(crate) fn next_version(built_in: &str) -> String {
    let line = built_in.lines().find(|line| line.starts_with("version = ")).unwrap();
    let version: u32 = line.trim_start_matches("version = ").parse().unwrap();
    let later = built_in.replacen(line, &format!("version = {}", version + 1), 1);
    let dynasty = "name = \"dynasty\"\n";
    assert!(later.contains(dynasty));
    let deprecated = format!("{dynasty}deprecated = {{ zh = \"改用 架号\", en = \"Use `shelf`.\" }}\n");
    later.replacen(dynasty, &deprecated, 1) + FIELD
}

fn get(server: &Server, path: &str) -> Json {
    let mut answer = ureq::get(server.url(path)).call().unwrap();
    answer.body_mut().read_json().unwrap()
}

/// Asks until it is so: the index follows the store by about a second.
pub(crate) fn until(server: &Server, path: &str, so: impl Fn(&Json) -> bool) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let mut last = Json::Null;
    for _ in 0..300 {
        last = agent.get(server.url(path)).call().unwrap().body_mut().read_json().unwrap();
        if so(&last) {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{path}: {last}");
}

/// Waits until every index is made.
pub(crate) fn ready(server: &Server) {
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    for _ in 0..300 {
        if agent.get(server.url("/health/ready")).call().unwrap().status().as_u16() == 200 {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("it does not become ready");
}

fn datasets(data: &str) -> (bool, String) {
    let output = run(&["datasets", "--data", data]);
    (output.status.success(), said(&output))
}

fn refused(data: &str, parts: &[&str]) {
    let output = run(&["serve", "--data", data, "--listen", "127.0.0.1:0"]);
    let words = said(&output);
    assert!(!output.status.success(), "it started: {words}");
    for part in parts {
        assert!(words.contains(part), "`{part}` is missing in: {words}");
    }
}

#[test]
fn a_dataset_gets_its_next_version_beside_its_records() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let place = data.to_string_lossy().into_owned();
    let serve = || Server::start(&["serve", "--data", &place, "--listen", "127.0.0.1:0"]);
    let records = "/api/v1/datasets/culture/works/records";

    let server = serve();
    ready(&server);
    let token = owner(&place);
    let (status, report) = import(&server.address, &token, "first", "2026-01-01", &rows(0..400, 1)).unwrap();
    assert_eq!((status, &report["accepted"]), (200, &Json::from(400)));
    until(&server, records, |page| page["total"]["value"] == 400);
    server.stop();

    let built_in = std::fs::read_to_string(root().join("culture/datasets/works.toml")).unwrap();
    let file = data.join("datasets/culture/works.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    let write = |path: &Path, text: &str| std::fs::write(path, text).unwrap();
    write(&file, &next_version(&built_in));
    let (sound, words) = datasets(&place);
    assert!(sound && words.contains("changed  culture/works"), "{words}");
    for part in ["field `shelf` is new", "field `dynasty` is deprecated", "made anew in the background"] {
        assert!(words.contains(part), "`{part}` is missing in: {words}");
    }

    // It is ready at once, and finds what it found before. What is asked by the new field before it is indexed is 503.
    let server = serve().expect_log("is being built");
    assert_eq!(ureq::get(server.url("/health/ready")).call().unwrap().status().as_u16(), 200);
    assert_eq!(get(&server, records)["total"]["value"], 400);
    let shelved = rows(400..410, 1).replace("\"author\"", "\"shelf\":\"A1\",\"author\"");
    let (status, report) = import(&server.address, &token, "second", "2026-01-02", &shelved).unwrap();
    assert_eq!((status, &report["accepted"]), (200, &Json::from(10)), "{report}");
    assert_eq!(report["warnings"][0]["rule"], "deprecated", "{report}");
    until(&server, &format!("{records}?filter=shelf%3D%27A1%27&facets=shelf"), |page| page["total"]["value"] == 10);
    let old = get(&server, &format!("{records}/kill-000007"));
    assert_eq!((&old["fields"]["dynasty"], &old["fields"]["shelf"]), (&Json::from("song"), &Json::Null));
    let described = get(&server, "/openapi.json").to_string();
    assert!(described.contains("\"deprecated\":true") && described.contains("\"shelf\""));
    server.stop();

    // What records do not survive is refused, with file and reason; nothing is lost by it.
    write(&file, &next_version(&built_in).replace("name = \"shelf\"", "name = \"place\""));
    let (sound, words) = datasets(&place);
    assert!(!sound && words.contains("refused") && words.contains("field `shelf`"), "{words}");
    refused(&place, &["culture/works", "`name` of field `shelf`"]);
    std::fs::remove_file(&file).unwrap();
    refused(&place, &["culture/works", "is older than"]);
    write(&file, &next_version(&built_in));
    let (sound, words) = datasets(&place);
    assert!(sound && words.contains("same     culture/works"), "{words}");
    let server = serve();
    assert_eq!(get(&server, records)["total"]["value"], 410);
    server.stop();
    let output = run(&["check", "--data", &place]);
    assert!(output.status.success(), "{}", said(&output));
}
