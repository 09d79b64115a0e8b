//! A request for data from its submission to grant, use, misuse, suspension and appeal, on a clock that is set: over the
//! national holiday of 2025, and past the last notice of holidays.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use crate::house::root;
use crate::program::{Server, binary, run, said};

const ASKS: &str = "11100000PDY000060J";
const GIVES: &str = "11100000PDY00001X7";
const WATCHES: &str = "11100000PDY0000955";
const GOVERNS: &str = "11100000PDY000087A";

/// A demonstration on a clock that is set.
pub(crate) struct Stage {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) server: Option<Server>,
}

impl Stage {
    pub(crate) fn at(instant: &str) -> Self {
        let mut stage = Self { dir: tempfile::tempdir().unwrap(), server: None };
        stage.set(instant);
        stage.start();
        stage
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn clock(&self) -> PathBuf {
        self.dir.path().join("clock")
    }

    pub(crate) fn set(&self, instant: &str) {
        std::fs::write(self.clock(), instant).unwrap();
    }

    pub(crate) fn start(&mut self) {
        let mut command = std::process::Command::new(binary());
        command.current_dir(root()).args(["demo", "--sample-only", "--listen", "127.0.0.1:0", "--data"]);
        command.arg(self.data()).arg("--clock").arg(self.clock());
        self.server = Some(Server::start_with(&mut command, Duration::from_secs(120)));
    }

    pub(crate) fn server(&self) -> &Server {
        self.server.as_ref().unwrap()
    }

    /// Runs a command of the program on the stage's directory and clock.
    pub(crate) fn natbase(&self, arguments: &[&str]) -> (bool, String) {
        let (data, clock) = (self.data(), self.clock());
        let mut all = arguments.to_vec();
        all.extend(["--data", data.to_str().unwrap(), "--clock", clock.to_str().unwrap()]);
        let output = run(&all);
        (output.status.success(), said(&output))
    }

    /// A token for who acts: a department, `!` before it for the head of its office.
    fn token(&self, who: &str) -> String {
        let department = who.trim_start_matches('!');
        let mut arguments = vec!["token", "--subject", who, "--department", department, "--officer", "007"];
        arguments.extend(match department {
            WATCHES | GOVERNS => vec!["--role", "authority"],
            GIVES => vec!["--role", "department", "--role", "owner"],
            _ => vec!["--role", "department"],
        });
        if who.starts_with('!') {
            arguments.extend(["--role", "signatory"]);
        }
        let (good, token) = self.natbase(&arguments);
        assert!(good, "{token}");
        token.trim().to_owned()
    }

    fn ask(&self, who: &str, path: &str, body: Option<Value>, grant: Option<&str>) -> (u16, Value) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let bearer = format!("Bearer {}", self.token(who));
        let mut answer = match body {
            None => agent.get(self.server().url(path)).header("authorization", bearer).call(),
            Some(body) => {
                let mut request = agent.post(self.server().url(path)).header("authorization", bearer);
                request = request.header("content-type", "application/json").header("natbase-officer", "007");
                if let Some(grant) = grant {
                    request = request.header("natbase-grant", grant).header("natbase-case", "C-1");
                }
                request.send(body.to_string())
            }
        }
        .unwrap();
        (answer.status().as_u16(), answer.body_mut().read_json().unwrap())
    }

    fn begin(&self, from: &str, to: &str) -> String {
        let body = json!({
            "dataset": "population/persons", "fields": ["citizen_id", "name"], "masked": ["domicile_address"],
            "purpose": "社会救助对象核对", "ground": "社会救助暂行办法第五十八条", "from": from, "to": to,
            "rows_per_day_max": 3,
        });
        let (status, case) = self.ask(ASKS, "/api/v1/sharing/requests", Some(body), None);
        assert_eq!(status, 200, "{case}");
        case["id"].as_str().unwrap().to_owned()
    }

    fn step(&self, who: &str, case: &str, step: &str, body: Value) -> Value {
        let (status, answer) = self.ask(who, &format!("/api/v1/sharing/requests/{case}:{step}"), Some(body), None);
        assert_eq!(status, 200, "{who} {step}: {answer}");
        answer
    }

    fn case(&self, case: &str) -> Value {
        self.ask(GIVES, &format!("/api/v1/sharing/requests/{case}"), None, None).1
    }

    /// Looks a person of the sample up under the grant: the status and the problem's code.
    fn look_up(&self, grant: &str) -> (u16, String) {
        let sample = std::fs::read_to_string(root().join("sample/persons.csv")).unwrap();
        let number = sample.lines().nth(1).unwrap().split(',').next().unwrap();
        let body = json!({"keys": [{"citizen_id": number}]});
        let path = "/api/v1/datasets/population/persons/records:lookup";
        let (status, answer) = self.ask(ASKS, path, Some(body), Some(grant));
        if status == 200 {
            assert_eq!(answer["items"][0]["status"], "found", "{answer}");
            let record = &answer["items"][0]["record"];
            assert_eq!(record["masked"], json!(["domicile_address"]));
            assert!(record["fields"]["birth_date"].is_null(), "not of the grant: {record}");
        }
        (status, answer["code"].as_str().unwrap_or_default().to_owned())
    }
}

fn clock_of(case: &Value, at: usize) -> (&str, bool) {
    let clock = &case["clocks"][at];
    (clock["due"].as_str().unwrap(), clock["provisional"].as_bool().unwrap())
}

fn notice(file: &Path) {
    let days = (1..=3).map(|day| format!("2027-01-0{day},holiday,元旦"));
    let festival = (5..=12).map(|day| format!("2027-02-{day:02},holiday,春节"));
    let lines: Vec<String> = std::iter::once("date,kind,name".to_owned()).chain(days).chain(festival).collect();
    std::fs::write(file, lines.join("\n")).unwrap();
}

#[test]
fn a_request_is_made_granted_misused_suspended_and_appealed() {
    let mut stage = Stage::at("2025-09-25T01:00:00Z");
    let (head_asks, head_gives) = (format!("!{ASKS}"), format!("!{GIVES}"));
    let case = stage.begin("2025-10-01", "2027-10-01");
    stage.step(&head_asks, &case, "sign", json!({}));
    stage.set("2025-09-26T01:00:00Z");
    stage.step(ASKS, &case, "submit", json!({}));
    // Ten working days: off 1 to 8 October, worked on Sunday 28 September and Saturday 11 October.
    assert_eq!(clock_of(&stage.case(&case), 0), ("2025-10-16", false));
    assert_eq!(stage.look_up(&case), (403, "grant_refused".into()), "nothing before the answer");

    stage.set("2025-10-20T01:00:00Z");
    let (_, alerts) = stage.ask(WATCHES, "/api/v1/sharing/alerts", None, None);
    let alert = &alerts["items"][0];
    assert_eq!((&alert["what"], &alert["who"]), (&json!("not answered in time"), &json!(GIVES)), "{alerts}");
    assert_eq!((&alert["liability_article"], &alert["since"]), (&json!("39"), &json!("2025-10-17")));
    assert!(alert["article"].as_str().unwrap().contains("第二十一条"));
    stage.step(&head_gives, &case, "consent", json!({"reason": "核对完成后销毁"}));
    stage.set("2025-10-21T01:00:00Z");
    stage.step(GIVES, &case, "deliver", json!({}));
    assert_eq!(stage.look_up(&case), (200, String::new()));

    // Misuse: more than was granted. The ceiling stops it, the log shows it, the provider suspends.
    assert_eq!((stage.look_up(&case).0, stage.look_up(&case).0), (200, 200));
    assert_eq!(stage.look_up(&case), (429, "ceiling_reached".into()));
    stage.set("2025-10-22T01:00:00Z");
    assert_eq!(stage.look_up(&case).0, 200, "a new day");
    stage.step(WATCHES, &case, "report_misuse", json!({"evidence": "审计日志：一日内超过 3 行"}));
    let suspended = stage.step(GIVES, &case, "suspend", json!({"reason": "超范围使用"}));
    assert_eq!(suspended["state"], "suspended");
    assert_eq!(stage.look_up(&case), (403, "grant_refused".into()), "at once");

    // The appeal: negotiation, the authority, its government.
    stage.set("2025-11-03T01:00:00Z");
    stage.step(ASKS, &case, "dispute", json!({"reason": "系统重试造成"}));
    stage.step(ASKS, &case, "escalate", json!({"reason": "协商不成"}));
    stage.step(WATCHES, &case, "decide", json!({"outcome": "uphold", "reason": "事实清楚"}));
    stage.step(ASKS, &case, "escalate", json!({"reason": "不服"}));
    let decided = stage.step(GOVERNS, &case, "decide", json!({"outcome": "overturn", "reason": "不属超范围"}));
    assert_eq!(decided["state"], "active");
    assert_eq!(stage.look_up(&case), (200, String::new()));

    // Killed and started again: cases and grants are on disk.
    stage.server.take().unwrap().kill();
    stage.start();
    assert_eq!(stage.look_up(&case), (200, String::new()));

    // Past the last notice: the day is provisional until the notice comes.
    stage.set("2026-12-29T01:00:00Z");
    let second = stage.begin("2027-01-01", "2028-01-01");
    stage.step(&head_asks, &second, "sign", json!({}));
    stage.step(ASKS, &second, "submit", json!({}));
    assert_eq!(clock_of(&stage.case(&second), 0), ("2027-01-12", true));
    let file = stage.dir.path().join("2027.csv");
    notice(&file);
    let (good, said) = stage.natbase(&["calendar", "import", file.to_str().unwrap()]);
    assert!(good, "{said}");
    assert_eq!(clock_of(&stage.case(&second), 0), ("2027-01-13", false));

    // The period ends; disposal is attested.
    stage.set("2027-10-01T01:00:00Z");
    assert_eq!(stage.look_up(&case), (403, "grant_refused".into()));
    let expired = stage.case(&case);
    assert_eq!(expired["state"], "expired");
    assert!(expired["alerts"].to_string().contains("not disposed of"));
    let disposed = stage.step(ASKS, &case, "dispose", json!({"evidence": "销毁证明 2027-88"}));
    assert_eq!(disposed["state"], "disposed");

    // The evaluation of the quarter is exported, recomputed by whoever has it, and falsified in vain.
    let out = stage.dir.path().join("q4");
    let (good, said) = stage.natbase(&[
        "evaluation",
        "export",
        "--period",
        "2025-Q4",
        "--authority",
        WATCHES,
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(good, "{said}");
    let file = out.join("evaluation.json");
    let (good, said) = stage.natbase(&["evaluation", "recompute", file.to_str().unwrap()]);
    assert!(good && said.contains("equal"), "{said}");
    let measures = std::fs::read_to_string(out.join("measures.csv")).unwrap();
    for line in [format!("2025-Q4,{GIVES},clocks_due,2"), format!("2025-Q4,{GIVES},clocks_met,1")] {
        assert!(measures.contains(&line), "{line}: {measures}");
    }
    assert!(measures.contains(&format!("2025-Q4,{ASKS},datasets_used,1")), "{measures}");
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(text.contains("\"clocks_met\": 1"));
    std::fs::write(&file, text.replace("\"clocks_met\": 1", "\"clocks_met\": 2")).unwrap();
    let (good, said) = stage.natbase(&["evaluation", "recompute", file.to_str().unwrap()]);
    assert!(!good && said.contains(&format!("{GIVES}: clocks_met: the document says 2, worked out is 1")), "{said}");
    let report = stage.dir.path().join("2026.xlsx");
    let (good, said) = stage.natbase(&[
        "evaluation",
        "report",
        "--year",
        "2026",
        "--authority",
        WATCHES,
        "--out",
        report.to_str().unwrap(),
    ]);
    assert!(good, "{said}");
    assert!(std::fs::read(&report).unwrap().starts_with(b"PK"));

    // What was done can be proved: the log is whole and agrees with its checkpoints, those of before the kill too.
    stage.server.take().unwrap().stop();
    let (good, said) = stage.natbase(&["audit", "verify", "--json"]);
    assert!(good, "{said}");
    let report: Value = serde_json::from_str(&said).unwrap();
    assert!(report["checkpoints"].as_u64() >= Some(1), "{report}");
}
