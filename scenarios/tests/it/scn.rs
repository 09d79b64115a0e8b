//! The scenarios: `.scn` files against one served program with the sample loaded.

mod format;

use std::collections::BTreeMap;
use std::path::PathBuf;

use format::Step;
use serde_json::Value as Json;

use crate::house::root;
use crate::program::Server;

/// Asks what a step asks; gives status and body.
pub(crate) fn ask(server: &Server, step: &Step, known: &BTreeMap<String, String>) -> (u16, String) {
    let fill =
        |text: &str| known.iter().fold(text.to_owned(), |t, (name, value)| t.replace(&format!("{{{name}}}"), value));
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(std::time::Duration::from_secs(60)))
        .build()
        .into();
    let mut request =
        ureq::http::Request::builder().method(step.method.as_str()).uri(server.url(&encoded(&fill(&step.path))));
    if let Some(caller) = &step.caller {
        let token = known.get(&format!("token:{caller}")).unwrap_or_else(|| panic!("no caller `{caller}`"));
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let mut body = fill(step.body.trim_end());
    if let Some(file) = body.strip_prefix('@') {
        body = std::fs::read_to_string(root().join("scenarios").join(file)).unwrap();
    }
    if !body.is_empty() && !step.headers.iter().any(|(n, _)| n.eq_ignore_ascii_case("content-type")) {
        request = request.header("Content-Type", "application/json");
    }
    for (name, value) in &step.headers {
        request = request.header(name, fill(value));
    }
    let mut answer = agent.run(request.body(body).unwrap()).unwrap_or_else(|e| panic!("{}: {e}", step.title));
    (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap_or_default())
}

/// Percent-encodes what may not stand in a request line; what is encoded already stays.
fn encoded(path: &str) -> String {
    use std::fmt::Write as _;
    path.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

/// Runs a file's steps in order and gives what is not as expected; with `BLESS` set, rewrites its expected JSON instead.
pub(crate) fn play(file: &str, server: &Server, known: &mut BTreeMap<String, String>) -> Vec<String> {
    let path: PathBuf = root().join("scenarios").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let bless = std::env::var_os("BLESS").is_some();
    let mut faults = Vec::new();
    let mut moved = 0_isize;
    for step in format::parse(&text, file) {
        let (status, body) = ask(server, &step, known);
        let json: Json = serde_json::from_str(&body).unwrap_or(Json::Null);
        for (name, pointer) in &step.saves {
            match json.pointer(pointer) {
                Some(value) => {
                    known.insert(name.clone(), value.as_str().map_or_else(|| value.to_string(), str::to_owned));
                }
                None => faults.push(format!("{file}:{}: {}: nothing at {pointer} to save", step.line, step.title)),
            }
        }
        let mut fault = (status != step.status).then(|| format!("status {status}, expected {}", step.status));
        fault = fault.or_else(|| step.holds.iter().find(|p| !body.contains(*p)).map(|p| format!("`{p}` is missing")));
        fault = fault.or_else(|| step.lacks.iter().find(|p| body.contains(*p)).map(|p| format!("`{p}` is there")));
        if let Some(expected) = &step.expected {
            if bless && status == step.status {
                let fresh = written(&format::blessed(expected, &json));
                let (from, to) = step.expected_lines;
                let (from, to) = (from.saturating_add_signed(moved), to.saturating_add_signed(moved));
                moved += isize::try_from(fresh.len()).unwrap() - isize::try_from(to - from).unwrap();
                lines.splice(from..to, fresh);
            } else {
                fault = fault.or_else(|| format::differs(expected, &json, ""));
            }
        }
        if let Some(fault) = fault {
            faults.push(format!("{file}:{}: {}: {fault}\n    {body:.1200}", step.line, step.title));
        }
    }
    if bless {
        std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    }
    faults
}

/// JSON as it stands in a `.scn` file: on one line if it is short.
fn written(json: &Json) -> Vec<String> {
    let line = json.to_string();
    if line.chars().count() <= 110 {
        return vec![line];
    }
    serde_json::to_string_pretty(json).unwrap().lines().map(str::to_owned).collect()
}
