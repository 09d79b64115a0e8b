//! The `.scn` format.
//!
//! ```text
//! # a comment
//! = What this step shows
//! POST /api/v1/datasets/population/persons/records:lookup?labels=en
//! as owner
//! Natbase-Case: 2026-0001
//! {"keys": [{"citizen_id": "{number}"}]}
//! -> 200
//! {"items": [{"status": "found", "record": {"id": "<any>"}}]}
//! ~ a part of the answer's text
//! !~ a part that the answer must not hold
//! save id /items/0/record/id
//! ```
//! A step is a request and what is expected of the answer. `as NAME` puts a token, `{name}` a saved value. The body is
//! what stands between the headers and `->`; `@file` sends a file of `scenarios/`. The expected JSON is a part of the
//! answer: objects may hold more members, arrays more items at their end; `"<any>"` stands for any value.

use serde_json::Value as Json;

/// One request and what is expected.
#[derive(Debug, Clone, Default)]
pub(crate) struct Step {
    pub(crate) title: String,
    pub(crate) line: usize,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) caller: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) status: u16,
    pub(crate) expected: Option<Json>,
    /// Lines of the file that the expected JSON stands on, `[from, to)`, counted from 0.
    pub(crate) expected_lines: (usize, usize),
    pub(crate) holds: Vec<String>,
    pub(crate) lacks: Vec<String>,
    pub(crate) saves: Vec<(String, String)>,
}

const METHODS: [&str; 5] = ["GET", "POST", "PUT", "DELETE", "HEAD"];

/// Reads a file's steps; panics with the line that cannot be read.
pub(crate) fn parse(text: &str, file: &str) -> Vec<Step> {
    let lines: Vec<&str> = text.lines().collect();
    let mut steps: Vec<Step> = Vec::new();
    let mut answered = false;
    let mut at = 0;
    while at < lines.len() {
        let line = lines[at];
        at += 1;
        if let Some(title) = line.strip_prefix("= ") {
            steps.push(Step { title: title.to_owned(), line: at, ..Step::default() });
            answered = false;
            continue;
        }
        if line.starts_with('#') || line.trim().is_empty() {
            continue;
        }
        let step = steps.last_mut().unwrap_or_else(|| panic!("{file}:{at}: a step begins with `= `"));
        if let Some(status) = line.strip_prefix("-> ") {
            step.status = status.trim().parse().unwrap_or_else(|_| panic!("{file}:{at}: not a status"));
            answered = true;
        } else if !answered {
            request(step, line);
        } else if let Some(part) = line.strip_prefix("~ ") {
            step.holds.push(part.to_owned());
        } else if let Some(part) = line.strip_prefix("!~ ") {
            step.lacks.push(part.to_owned());
        } else if let Some(save) = line.strip_prefix("save ") {
            let (name, pointer) = save.split_once(' ').unwrap_or_else(|| panic!("{file}:{at}: save NAME POINTER"));
            step.saves.push((name.to_owned(), pointer.to_owned()));
        } else {
            let from = at - 1;
            while at < lines.len() && lines[at].starts_with([' ', '}', ']']) {
                at += 1;
            }
            let json = lines[from..at].join("\n");
            step.expected =
                Some(serde_json::from_str(&json).unwrap_or_else(|e| panic!("{file}:{}: {e}: {json}", from + 1)));
            step.expected_lines = (from, at);
        }
    }
    steps
}

fn request(step: &mut Step, line: &str) {
    let first = line.split(' ').next().unwrap_or_default();
    if step.method.is_empty() && METHODS.contains(&first) {
        step.method = first.to_owned();
        step.path = line[first.len()..].trim().to_owned();
    } else if let Some(caller) = line.strip_prefix("as ").filter(|_| step.body.is_empty()) {
        step.caller = Some(caller.trim().to_owned());
    } else if let Some((name, value)) = line.split_once(": ").filter(|(n, _)| step.body.is_empty() && is_header(n)) {
        step.headers.push((name.to_owned(), value.trim().to_owned()));
    } else {
        step.body.push_str(line);
        step.body.push('\n');
    }
}

fn is_header(name: &str) -> bool {
    name.chars().next().is_some_and(|c| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// Where `actual` is not as `expected` says, if anywhere: a path and both values.
pub(crate) fn differs(expected: &Json, actual: &Json, path: &str) -> Option<String> {
    match (expected, actual) {
        (Json::String(any), actual) if any == "<any>" => actual.is_null().then(|| format!("{path}: nothing there")),
        (Json::Object(wanted), Json::Object(found)) => wanted.iter().find_map(|(name, value)| {
            let at = format!("{path}/{name}");
            found.get(name).map_or_else(|| Some(format!("{at}: missing")), |there| differs(value, there, &at))
        }),
        (Json::Array(wanted), Json::Array(found)) => {
            if wanted.is_empty() && !found.is_empty() {
                return Some(format!("{path}: expected none, found {}", found.len()));
            }
            wanted.iter().enumerate().find_map(|(n, value)| {
                let at = format!("{path}/{n}");
                found.get(n).map_or_else(|| Some(format!("{at}: missing")), |there| differs(value, there, &at))
            })
        }
        (wanted, found) if wanted == found => None,
        (wanted, found) => Some(format!("{path}: expected {wanted}, found {found}")),
    }
}

/// `expected` with the values of `actual` at the same places; `"<any>"` stays, what is missing stays.
pub(crate) fn blessed(expected: &Json, actual: &Json) -> Json {
    match (expected, actual) {
        (Json::String(any), _) if any == "<any>" => expected.clone(),
        (Json::Object(wanted), Json::Object(found)) => Json::Object(
            wanted
                .iter()
                .map(|(name, value)| {
                    (name.clone(), found.get(name).map_or(value.clone(), |there| blessed(value, there)))
                })
                .collect(),
        ),
        (Json::Array(wanted), Json::Array(found)) if !wanted.is_empty() => Json::Array(
            wanted.iter().enumerate().map(|(n, v)| found.get(n).map_or(v.clone(), |there| blessed(v, there))).collect(),
        ),
        (_, found) => found.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_read() {
        let text = "# c\n= Look up\nPOST /x?a=b\nas owner\nNatbase-Case: 1\n{\"keys\": []}\n-> 200\n{\"items\": [\n  {\"a\": 1}\n]}\n~ part\nsave id /items/0/a\n";
        let steps = parse(text, "t.scn");
        assert_eq!(steps.len(), 1);
        let step = &steps[0];
        assert_eq!((step.method.as_str(), step.path.as_str(), step.status), ("POST", "/x?a=b", 200));
        assert_eq!(step.headers, [("Natbase-Case".to_owned(), "1".to_owned())]);
        assert_eq!(step.expected_lines, (7, 10));
        assert_eq!(step.saves, [("id".to_owned(), "/items/0/a".to_owned())]);
    }

    #[test]
    fn an_answer_may_hold_more_than_is_expected() {
        let expected = serde_json::json!({"items": [{"id": "<any>", "n": 1}]});
        let actual = serde_json::json!({"items": [{"id": "x", "n": 1, "more": 2}, {}], "next": null});
        assert_eq!(differs(&expected, &actual, ""), None);
        let other = serde_json::json!({"items": [{"id": "x", "n": 2}]});
        assert_eq!(differs(&expected, &other, "").unwrap(), "/items/0/n: expected 1, found 2");
        assert_eq!(blessed(&expected, &other), serde_json::json!({"items": [{"id": "<any>", "n": 2}]}));
    }
}
