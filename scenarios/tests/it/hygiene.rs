//! Log hygiene (A12): canaries go through every path that the description names, as queries, bodies, tokens, files; none of
//! them may be found afterwards in a log, a metric, an error's text, a temporary file or the audit log.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value as Json, json};

use crate::house::root;
use crate::program::{Server, binary, run, said};

const POLICE: &str = "11100000PDY00001X7";

/// Fifty texts that occur nowhere else: names, numbers with a sound check digit, tokens, passwords.
fn canaries() -> Vec<String> {
    let mut all: Vec<String> = (0..20).map(|n| format!("Kanarienvogel-{n:02}-7f3a9c{n:02}")).collect();
    all.extend((0..15_u64).map(|n| number(&format!("990000{}{:03}", 19_500_101 + n, 401 + n))));
    all.extend((0..10).map(|n| format!("eyJhbGciOiJFZERTQSJ9.kanarie{n:02}.c2lnbmF0dXJl{n:02}")));
    all.extend((0..5).map(|n| format!("金丝雀{}号鹓鶵{n}", ["甲", "乙", "丙", "丁", "戊"][n])));
    all
}

/// GB 11643: the seventeen digits with their check character.
fn number(digits: &str) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", &"10X98765432"[(sum % 11) as usize..=(sum % 11) as usize])
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") })
        .collect()
}

/// A sound value for what a path names, so that the question goes on to where values are read.
fn part(name: &str) -> &'static str {
    match name {
        "database" => "population",
        "dataset" => "persons",
        "collection" => "population:persons",
        "period" => "2026-Q3",
        "step" => "sign",
        "batch" | "proposal" | "z" | "x" | "y" | "zoom" => "1",
        _ => "one",
    }
}

struct Walk {
    server: Server,
    tokens: Vec<Option<String>>,
    canaries: Vec<String>,
    next: usize,
    asked: usize,
    /// Texts that came back with an error.
    errors: Vec<String>,
}

impl Walk {
    fn canary(&mut self) -> String {
        self.next += 1;
        self.canaries[self.next % self.canaries.len()].clone()
    }

    fn send(&mut self, method: &str, path: &str, body: Option<(&str, &str)>) {
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(20)))
            .build()
            .new_agent();
        let mut tokens = self.tokens.clone();
        tokens.push(Some(self.canary()));
        for token in tokens {
            let url = self.server.url(path);
            let bearer = token.map(|token| format!("Bearer {token}"));
            let sent = match (&body, method) {
                (Some((kind, text)), _) => {
                    let mut request = agent.post(&url).header("content-type", *kind);
                    if let Some(bearer) = &bearer {
                        request = request.header("authorization", bearer);
                    }
                    request.send(*text)
                }
                (None, "POST") => agent.post(&url).send_empty(),
                (None, _) => {
                    let mut request = if method == "DELETE" { agent.delete(&url) } else { agent.get(&url) };
                    if let Some(bearer) = &bearer {
                        request = request.header("authorization", bearer);
                    }
                    request.call()
                }
            };
            self.asked += 1;
            let Ok(mut answer) = sent else { continue };
            if answer.status().as_u16() >= 400 {
                self.errors.push(answer.body_mut().read_to_string().unwrap_or_default());
            }
        }
    }

    /// A question of every operation: a canary in each parameter alone, and in each member of the body.
    fn operation(&mut self, path: &str, method: &str, described: &Json) {
        let mut whole = path.to_owned();
        for parameter in described["parameters"].as_array().into_iter().flatten().filter(|p| p["in"] == "path") {
            let name = parameter["name"].as_str().unwrap();
            whole = whole.replace(&format!("{{{name}}}"), part(name));
        }
        let queries: Vec<String> = described["parameters"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|p| p["in"] == "query")
            .map(|p| p["name"].as_str().unwrap().to_owned())
            .collect();
        let content = &described["requestBody"]["content"];
        if let Some(schema) = content["application/json"]["schema"].as_object() {
            let members: Vec<String> = schema
                .get("properties")
                .and_then(Json::as_object)
                .map(|p| p.keys().cloned().collect())
                .unwrap_or_default();
            for member in &members {
                let canary = self.canary();
                for value in [json!(canary), json!([canary]), json!([{"citizen_id": canary}]), json!({"title": canary})]
                {
                    self.send("POST", &whole, Some(("application/json", &json!({member.as_str(): value}).to_string())));
                }
            }
            let all: serde_json::Map<String, Json> =
                members.into_iter().map(|member| (member, Json::String(self.canary()))).collect();
            self.send("POST", &whole, Some(("application/json", &Json::Object(all).to_string())));
            let broken = format!("{{\"{}", self.canary());
            self.send("POST", &whole, Some(("application/json", &broken)));
        } else if content["application/x-www-form-urlencoded"].is_object() {
            let form = format!("grant_type=client_credentials&client_assertion={}", escaped(&self.canary()));
            self.send("POST", &whole, Some(("application/x-www-form-urlencoded", &form)));
        } else {
            for kind in content.as_object().into_iter().flatten().map(|(kind, _)| kind.clone()).collect::<Vec<_>>() {
                let rows = format!("citizen_id,name\n{},{}\n{}\n", self.canary(), self.canary(), self.canary());
                self.send("POST", &whole, Some((&kind, &rows)));
            }
        }
        for name in queries {
            let canary = self.canary();
            for text in [canary.clone(), format!("name='{canary}'"), format!("name:{canary}")] {
                let path = format!("{whole}?{name}={}", escaped(&text));
                if method == "get" {
                    self.send("GET", &path, None);
                }
            }
        }
        let canary = self.canary();
        self.send(&method.to_uppercase(), &format!("{whole}?{}=1", escaped(&canary)), None);
    }
}

/// An error says to who wrote it which name it does not know; it repeats no value.
fn names_what_was_misspelt(error: &str) -> bool {
    // A page keeps what was typed in its own form.
    let Ok(error) = serde_json::from_str::<Json>(error) else { return error.starts_with("<!") };
    let names = matches!(error["code"].as_str(), Some("unknown_parameter" | "unknown_field"))
        || error["error"] == "invalid_request";
    names || matches!(error["member"].as_str(), Some("database" | "dataset"))
}

/// Every file under a folder.
fn files(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, found);
        } else if let Ok(bytes) = std::fs::read(&path) {
            found.push((path.display().to_string(), bytes));
        }
    }
}

#[test]
fn nothing_that_is_asked_stands_in_logs_metrics_errors_or_temporary_files() {
    let folder = tempfile::tempdir().unwrap();
    let (data, scratch) = (folder.path().join("data"), folder.path().join("scratch"));
    std::fs::create_dir(&scratch).unwrap();
    let mut command = std::process::Command::new(binary());
    command.current_dir(root()).args(["demo", "--sample-only", "--listen", "127.0.0.1:0", "--data"]).arg(&data);
    command.env("TMPDIR", &scratch).env("RUST_LOG", "info");
    let server = Server::start_with(&mut command, Duration::from_secs(120));
    let place = data.to_string_lossy().into_owned();
    let token = |roles: &[&str]| {
        let mut arguments = vec!["token", "--data", &place, "--department", POLICE, "--officer", "007"];
        for role in roles {
            arguments.extend(["--role", role]);
        }
        let output = run(&arguments);
        assert!(output.status.success(), "{}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    };
    let tokens = vec![None, Some(token(&["department", "owner"]))];
    let described: Json = ureq::get(server.url("/openapi.json"))
        .call()
        .unwrap()
        .body_mut()
        .with_config()
        .limit(16 << 20)
        .read_json()
        .unwrap();
    let mut walk = Walk { server, tokens, canaries: canaries(), next: 0, asked: 0, errors: Vec::new() };
    for (path, methods) in described["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            walk.operation(path, method, operation);
        }
    }
    for path in ["/search?q=", "/sign-in?next=", "/ogc/collections/population:persons/items?name=", "/nowhere/"] {
        let canary = escaped(&walk.canary());
        walk.send("GET", &format!("{path}{canary}"), None);
    }
    let metrics = ureq::get(walk.server.url("/metrics")).call().unwrap().body_mut().read_to_string().unwrap();
    let log = walk.server.log();
    let mut places =
        vec![("metrics".to_owned(), metrics.into_bytes()), ("log".to_owned(), log.join("\n").into_bytes())];
    let errors = walk.errors.len();
    let told = std::mem::take(&mut walk.errors).into_iter().filter(|text| !names_what_was_misspelt(text));
    places.extend(told.map(|text| ("an error".to_owned(), text.into_bytes())));
    files(&scratch, &mut places);
    files(&data.join("audit"), &mut places);
    let mut hits = Vec::new();
    for (place, bytes) in &places {
        let text = String::from_utf8_lossy(bytes);
        for canary in &walk.canaries {
            for form in [canary.clone(), escaped(canary)] {
                if let Some(at) = text.find(&form) {
                    let from = text[..at].char_indices().rev().nth(80).map_or(0, |(from, _)| from);
                    let around: String = text[from..].chars().take(200).collect();
                    hits.push(format!("{place}: …{}", around.replace(&form, "«»")));
                }
            }
        }
    }
    hits.sort();
    hits.dedup_by_key(|hit| hit.split("\"instance\"").next().unwrap_or_default().to_owned());
    println!(
        "A12: {} requests with {} canaries, {errors} errors, {} places looked through, {} hits",
        walk.asked,
        walk.canaries.len(),
        places.len(),
        hits.len()
    );
    assert!(walk.asked > 500 && errors > 300);
    assert!(hits.is_empty(), "{}", hits.iter().take(100).cloned().collect::<Vec<_>>().join("\n"));
}
