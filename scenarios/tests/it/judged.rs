//! The judged queries: how good the answers are may not fall.

use std::process::Command;
use std::time::Duration;

use crate::house::root;
use crate::program::{Server, run, said};

#[test]
fn answers_to_judged_queries_stay_as_good() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("data").to_string_lossy().into_owned();
    let arguments = ["demo", "--sample-only", "--data", &place, "--listen", "127.0.0.1:0"];
    let mut command = Command::new(crate::program::binary());
    let server = Server::start_with(command.args(arguments), Duration::from_secs(300));
    crate::tour::sample_indexed(&server);
    for (dataset, records) in [("macroeconomy/indicators", 29), ("legal-entity/enterprises", 300)] {
        crate::tour::indexed(&server, dataset, records);
    }
    let file = root().join("scenarios/judged.tsv").to_string_lossy().into_owned();
    let url = server.url("");
    let output = run(&["judge", &file, "--server", &url, "--json", "--below", "0.5"]);
    let words = said(&output);
    assert!(output.status.success(), "{words}");
    let last = words.lines().find(|line| line.starts_with('{')).unwrap();
    let figures: serde_json::Value = serde_json::from_str(last).unwrap();
    assert!(figures["queries"].as_u64().unwrap() >= 300, "{figures}");
    assert!(figures["ndcg"].as_f64().unwrap() > 0.98 && figures["recall"].as_f64().unwrap() > 0.99, "{words}");
    server.stop();
}
