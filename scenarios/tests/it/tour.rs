//! The scenario files, in order, against one demonstration with the sample loaded.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::house::root;
use crate::program::{Server, run, said};
use crate::scn::play;

/// Departments of the scenarios: names in `as NAME`, with the arguments of `natbase token`.
const CALLERS: [(&str, &[&str]); 7] = [
    ("owner", &["--department", "11100000PDY00001X7", "--role", "department", "--role", "owner", "--officer", "0001"]),
    (
        "registrar",
        &["--department", "11100000PDY0000287", "--role", "department", "--role", "owner", "--officer", "0002"],
    ),
    (
        "statistician",
        &["--department", "11100000PDY0000362", "--role", "department", "--role", "owner", "--officer", "0003"],
    ),
    ("housing", &["--department", "11100000PDY000714H", "--role", "department"]),
    ("other", &["--department", "11100000PDY000722C", "--role", "department"]),
    ("auditor", &["--role", "auditor"]),
    ("administrator", &["--role", "administrator"]),
];

/// Tokens of all callers for a data directory.
pub(crate) fn callers(data: &Path) -> BTreeMap<String, String> {
    let mut known = BTreeMap::new();
    for (name, arguments) in CALLERS {
        let data = data.to_string_lossy();
        let mut all = vec!["token", "--data", &data, "--subject", name];
        all.extend(arguments);
        let output = run(&all);
        assert!(output.status.success(), "{}", said(&output));
        known.insert(format!("token:{name}"), String::from_utf8(output.stdout).unwrap().trim().to_owned());
    }
    known
}

/// What of the sample is searched, and how many records it has.
const INDEXED: [(&str, u64); 4] = [
    ("culture/works", 951),
    ("geospatial/divisions", 3_400),
    ("geospatial/places", 2_608),
    ("macroeconomy/observations", 12_000),
];

/// Waits until what is searched of the sample is there.
pub(crate) fn sample_indexed(server: &Server) {
    for (dataset, records) in INDEXED {
        indexed(server, dataset, records);
    }
}

/// Waits until the index holds so many records of a dataset: it follows the store by about a second.
pub(crate) fn indexed(server: &Server, dataset: &str, records: u64) {
    let url = server.url(&format!("/api/v1/datasets/{dataset}/records?limit=1"));
    for _ in 0..1_800 {
        let body: serde_json::Value = ureq::get(&url).call().unwrap().body_mut().read_json().unwrap();
        if body["total"]["value"].as_u64().unwrap_or_default() >= records {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("{dataset} has not reached the index within three minutes");
}

#[test]
fn the_tour_holds() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    std::fs::create_dir_all(&data).unwrap();
    std::fs::copy(root().join("scenarios/fixtures/grants.toml"), data.join("grants.toml")).unwrap();
    let path = data.to_string_lossy().into_owned();
    let server = Server::start_with(
        std::process::Command::new(crate::program::binary()).args([
            "demo",
            "--sample-only",
            "--data",
            &path,
            "--listen",
            "127.0.0.1:0",
        ]),
        Duration::from_secs(300),
    );
    sample_indexed(&server);
    let mut known = callers(&data);
    let mut faults = Vec::new();
    let files =
        ["search.scn", "space-and-series.scn", "persons.scn", "times.scn", "life.scn", "company.scn", "portal.scn"];
    for file in files {
        faults.extend(play(file, &server, &mut known));
    }
    assert!(faults.is_empty(), "{} steps are not as they should be:\n{}", faults.len(), faults.join("\n"));
    as_a_file(folder.path(), &path, &server, &known["token:other"]);
    server.stop();
    let output = run(&["check", "--data", &path]);
    assert!(output.status.success(), "natbase check: {}", said(&output));
}

/// The works as a file: asked for, waited for, fetched and checked by the command; and nothing of another data directory.
fn as_a_file(folder: &Path, data: &str, server: &Server, token: &str) {
    let out = folder.join("works.ndjson");
    let (url, file) = (server.url(""), out.to_string_lossy().into_owned());
    let arguments =
        ["export", "culture/works", "--format", "ndjson", "--out", &file, "--server", &url, "--token", token, "--json"];
    let output = run(&[&arguments[..], &["--data", data]].concat());
    assert!(output.status.success(), "{}", said(&output));
    let job: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = std::fs::read_to_string(&out).unwrap();
    assert_eq!((job["state"].as_str(), job["rows"].as_u64()), (Some("done"), Some(951)), "{job}");
    assert_eq!(text.lines().count(), 951);
    let ids: std::collections::BTreeSet<String> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids.len(), 951, "every work once");
    let persons = ["export", "population/persons", "--format", "csv", "--out", &file, "--server", &url];
    let output = run(&[&persons[..], &["--token", token, "--data", data]].concat());
    assert!(!output.status.success() && said(&output).contains("403"), "{}", said(&output));
}
