//! Evaluation over HTTP: walked cases on a set clock become facts, measures, points; objections and their answers; what the
//! server says, anybody recomputes.

use foundation::value::{Day, Instant};
use gateway::config::Config;
use gateway::evaluation::Document;
use gateway::evaluation::recompute::recompute;
use gateway::sharing::Calendar;
use gateway::token::{Role, Subject};
use serde_json::{Value, json};

use crate::world::{AUTHORITY, OTHER, POLICE, REGISTRAR, World, read};

/// Who acts for every department.
pub(crate) const OFFICER: &str = "Officer-Zhang";

/// A world whose clock stands where it is put.
pub(crate) struct Stage {
    pub(crate) world: World,
}

pub(crate) fn day(text: &str) -> Day {
    Day::parse(text).expect("a date")
}

impl Stage {
    pub(crate) fn at(today: &str) -> Self {
        let stage = Self { world: World::with(Config::default()) };
        stage.set(day(today));
        stage
    }

    pub(crate) fn set(&self, day: Day) {
        self.world.clock.set(Instant::parse(&format!("{day}T04:00:00Z")).expect("an instant"));
    }

    pub(crate) fn request(&self, who: &str, method: &str, path: &str) -> axum::http::request::Builder {
        let department = who.trim_start_matches('!');
        let mut roles = match department {
            AUTHORITY => vec![Role::Authority],
            OTHER => vec![Role::Department],
            _ => vec![Role::Department, Role::Owner],
        };
        if who.starts_with('!') {
            roles.push(Role::Signatory);
        }
        let subject = Subject {
            subject: who.to_owned(),
            department: Some(department.to_owned()),
            roles,
            officer: Some(OFFICER.to_owned()),
            record: None,
            company: None,
        };
        let now_s = self.world.app.clock.now().0 / 1_000_000;
        let token = self.world.issuer.issue(&self.world.app.config.tokens, &subject, now_s, 3_600);
        axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {token}"))
            .header("content-type", "application/json")
    }

    pub(crate) async fn ask(&self, who: &str, method: &str, path: &str, body: Value) -> (u16, Value) {
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let request = self.request(who, method, path).body(text.into()).expect("a request");
        read(self.world.send(request).await).await
    }

    pub(crate) async fn get(&self, who: &str, path: &str) -> Value {
        let (status, answer) = self.ask(who, "GET", path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {answer}");
        answer
    }

    async fn step(&self, who: &str, case: &str, step: &str, body: Value) -> Value {
        let (status, said) = self.ask(who, "POST", &format!("/api/v1/sharing/requests/{case}:{step}"), body).await;
        assert_eq!(status, 200, "{step}: {said}");
        said
    }

    /// A request for persons, submitted today.
    async fn submitted(&self) -> String {
        let body = json!({
            "dataset": "population/persons", "fields": ["citizen_id", "name"], "purpose": "办理社会保险登记",
            "ground": "社会保险法第五十八条", "from": "2026-01-01", "to": "2027-11-01",
        });
        let (status, case) = self.ask(OTHER, "POST", "/api/v1/sharing/requests", body).await;
        assert_eq!(status, 200, "{case}");
        let id = case["id"].as_str().expect("an id").to_owned();
        self.step(&format!("!{OTHER}"), &id, "sign", json!({})).await;
        self.step(OTHER, &id, "submit", json!({})).await;
        id
    }

    /// A look-up under a grant: answered or not.
    async fn use_it(&self, grant: &str) -> u16 {
        let body = r#"{"keys":[{"citizen_id":"11010519491231002X"}]}"#;
        let request = self
            .request(OTHER, "POST", "/api/v1/datasets/population/persons/records:lookup")
            .header("natbase-grant", grant)
            .header("natbase-officer", OFFICER)
            .header("natbase-case", "C-1");
        read(self.world.send(request.body(body.into()).expect("a request")).await).await.0
    }

    pub(crate) async fn document(&self, who: &str, period: &str) -> Document {
        let said = self.get(who, &format!("/api/v1/evaluation/{period}/measures")).await;
        serde_json::from_value(said).expect("a document")
    }

    async fn object(&self, who: &str, indicator: &str) -> (u16, Value) {
        let body = json!({"indicator": indicator, "reason": "节假日系统检修"});
        self.ask(who, "POST", "/api/v1/evaluation/2026-Q3/objections", body).await
    }
}

/// Four cases of the third quarter of 2026: in time, late, refused and undone, one nobody answers. Two answers under a
/// grant, one refused.
async fn quarter() -> Stage {
    let stage = Stage::at("2026-07-01");
    let head = format!("!{POLICE}");
    let (good, late, refused, idle) =
        (stage.submitted().await, stage.submitted().await, stage.submitted().await, stage.submitted().await);
    stage.set(day("2026-07-10"));
    stage.step(&head, &good, "consent", json!({"reason": "用后销毁"})).await;
    stage.step(&head, &refused, "refuse", json!({"reason": "无依据"})).await;
    assert_eq!(stage.use_it(&good).await, 403, "not delivered yet");
    stage.set(day("2026-07-17"));
    stage.step(POLICE, &good, "deliver", json!({})).await;
    stage.step(OTHER, &refused, "dispute", json!({"reason": "有依据"})).await;
    stage.step(POLICE, &refused, "settle", json!({"outcome": "overturn"})).await;
    assert_eq!((stage.use_it(&good).await, stage.use_it(&good).await), (200, 200));
    stage.set(day("2026-08-20"));
    stage.step(&head, &late, "consent", json!({})).await;
    stage.step(&head, &refused, "consent", json!({})).await;
    stage.set(day("2026-09-30"));
    stage.step(POLICE, &late, "deliver", json!({})).await;
    let _ = idle;
    stage
}

#[tokio::test]
async fn what_was_done_becomes_facts_measures_and_points() {
    let stage = quarter().await;
    stage.set(day("2026-10-12"));
    let document = stage.document(AUTHORITY, "2026-Q3").await;
    let of = |code: &str| document.departments.iter().find(|d| d.department == code).expect("a department");
    let police = serde_json::to_value(&of(POLICE).measures).expect("measures");
    // Due 15 July: `good` and `refused` in time, `late` and `idle` not; `refused` anew from 17 July, due 31 July, late;
    // deliveries: `good` in time, `late` due 17 September and late, `refused` due 17 September and not there.
    assert_eq!((&police["clocks_due"], &police["clocks_met"]), (&json!(8), &json!(3)), "{:#?}", of(POLICE).facts);
    // 10 to 17 July: 5 working days; 20 August to 30 September: 29 worked with Sunday the 20th, less Friday the 25th.
    let calendar = Calendar::built_in().expect("notices");
    let days = 5 + calendar.between(day("2026-08-20"), day("2026-09-30"));
    assert_eq!((&police["deliveries"], &police["delivery_days"]), (&json!(2), &json!(days)));
    assert_eq!((&police["refusals"], &police["refusals_overturned"]), (&json!(1), &json!(1)));
    let other = serde_json::to_value(&of(OTHER).measures).expect("measures");
    assert_eq!((&other["datasets_granted"], &other["datasets_used"]), (&json!(1), &json!(1)));
    assert_eq!(other["answers_under_grants"], 2, "a refused question is no answer");
    assert_eq!(recompute(&document), Ok(Vec::new()));
    // Nothing personal, and nobody by name.
    let text = serde_json::to_string(&document).expect("a text");
    for personal in ["11010519491231002X", OFFICER, "杜甫", "officer", "subject", "节假日"] {
        assert!(!text.contains(personal), "{personal}");
    }
    // The period before had nothing to judge; the one that runs is not complete.
    let earlier = stage.get(POLICE, "/api/v1/evaluation/2026-Q2").await;
    assert_eq!((&earlier["items"][0]["score"], &earlier["complete"]), (&Value::Null, &json!(true)));
    assert_eq!(stage.get(POLICE, "/api/v1/evaluation/2026").await["complete"], false);
    for (path, status) in [("2027", 422), ("2025-Q2", 422), ("2026-W01", 400), ("2026-Q3?x=1", 400)] {
        let (got, said) = stage.ask(AUTHORITY, "GET", &format!("/api/v1/evaluation/{path}"), Value::Null).await;
        assert_eq!(got, status, "{path}: {said}");
    }
}

#[tokio::test]
async fn a_department_sees_its_own_scores_and_place_an_authority_all() {
    let stage = quarter().await;
    stage.set(day("2026-10-12"));
    let path = "/api/v1/evaluation/2026-Q3";
    let all = stage.get(AUTHORITY, path).await;
    let items = all["items"].as_array().expect("items");
    assert!(items.len() >= 5, "every provider of a dataset, and who asked: {all}");
    let mut places: Vec<_> = items.iter().filter_map(|i| i["rank"].as_u64()).collect();
    places.sort_unstable();
    assert_eq!(places, [1, 2], "two have something to judge");
    for who in [POLICE, OTHER, REGISTRAR] {
        let own = stage.get(who, path).await;
        let mine = items.iter().find(|i| i["department"] == who).expect("evaluated");
        assert_eq!(own["items"], json!([mine]), "{who}");
        let document = stage.document(who, "2026-Q3").await;
        assert_eq!(document.departments.len(), 1);
        assert_eq!(recompute(&document), Ok(Vec::new()));
    }
}

#[tokio::test]
async fn an_objection_is_answered_and_both_scores_stand() {
    let stage = quarter().await;
    assert_eq!(stage.object(POLICE, "on-time").await.0, 422, "the period is not over");
    stage.set(day("2026-10-12"));
    assert_eq!(stage.object(POLICE, "quality-trend").await.0, 422, "there are no points");
    assert_eq!(stage.object(POLICE, "colour").await.1["member"], "indicator");
    assert_eq!(stage.object(AUTHORITY, "on-time").await.0, 403);
    let (status, filed) = stage.object(POLICE, "on-time").await;
    assert_eq!((status, &filed["standing"], &filed["points"]), (200, &json!("filed"), &json!("0.00")), "{filed}");
    assert_eq!(stage.object(POLICE, "on-time").await.0, 422, "once");
    let before = stage.get(POLICE, "/api/v1/evaluation/2026-Q3").await["items"][0].clone();
    assert!(before.get("corrected_score").is_none());
    let id = filed["id"].as_str().expect("an id");
    let path = |step: &str| format!("/api/v1/evaluation/2026-Q3/objections/{id}:{step}");
    let change = json!({"reason": "属实", "ground": "评价办法第八条", "points": 60});
    // Others' objections are not there, in the same words as none.
    let hidden = stage.ask(REGISTRAR, "POST", &path("withdraw"), json!({})).await;
    let none = stage.ask(POLICE, "POST", &path("withdraw").replace(id, "O-0000000000000000"), json!({})).await;
    assert_eq!((hidden.0, &hidden.1["detail"]), (404, &none.1["detail"]));
    assert_eq!(stage.get(REGISTRAR, "/api/v1/evaluation/2026-Q3/objections").await, json!({"items": []}));
    assert_eq!(stage.ask(POLICE, "POST", &path("change"), change.clone()).await.0, 403);
    let lacking = stage.ask(AUTHORITY, "POST", &path("change"), json!({"reason": "属实", "points": 60})).await;
    assert_eq!((lacking.0, &lacking.1["member"]), (400, &json!("ground")));
    // The clock: ten working days, then overdue.
    stage.set(day("2026-10-27"));
    let late = stage.get(AUTHORITY, "/api/v1/evaluation/2026-Q3/objections").await;
    assert_eq!((&late["items"][0]["due"], &late["items"][0]["overdue"]), (&json!("2026-10-26"), &json!(true)));
    let (status, changed) = stage.ask(AUTHORITY, "POST", &path("change"), change.clone()).await;
    assert_eq!((status, &changed["standing"], &changed["corrected_points"]), (200, &json!("changed"), &json!("60.00")));
    assert_eq!(stage.ask(AUTHORITY, "POST", &path("change"), change).await.0, 409, "answered");
    let after = stage.get(POLICE, "/api/v1/evaluation/2026-Q3").await["items"][0].clone();
    assert_eq!(after["score"], before["score"], "the first score stands");
    // Of 50 to be weighed (on time 30, delivery 10, refusals 10), the first 30 now have 60 points more.
    let score = |value: &Value| value.as_str().and_then(|t| t.parse::<f64>().ok()).expect("a score");
    let rise = score(&after["corrected_score"]) - score(&before["score"]);
    assert!((rise - 36.0).abs() < 0.011, "{before} {after}");
    assert_eq!(after["indicators"][0]["corrected_points"], "60.00");
    let document = stage.document(AUTHORITY, "2026-Q3").await;
    assert_eq!(recompute(&document), Ok(Vec::new()));
    // Another gateway's register on the same store tells the same.
    let entries = stage.world.entries();
    assert!(entries.iter().any(|(_, e)| e.records.iter().any(|r| r == id)), "the log names the objection");
}

#[tokio::test]
async fn the_report_is_a_workbook_of_four_sheets() {
    use calamine::{Data, Reader as _};
    let stage = quarter().await;
    stage.set(day("2026-10-12"));
    stage.object(POLICE, "on-time").await;
    let open = async |who: &str| {
        let request = stage.request(who, "GET", "/api/v1/evaluation/2026-Q3/report.xlsx");
        let response = stage.world.send(request.body(axum::body::Body::empty()).expect("a request")).await;
        assert_eq!(response.headers()["content-type"], gateway::evaluation::workbook::MEDIA_TYPE);
        let bytes = axum::body::to_bytes(response.into_body(), 1 << 24).await.expect("a body");
        calamine::Xlsx::new(std::io::Cursor::new(bytes)).expect("a workbook")
    };
    let mut all = open(AUTHORITY).await;
    assert_eq!(all.sheet_names(), ["scores", "indicators", "formulas", "contested"]);
    let scores = all.worksheet_range("scores").expect("a sheet");
    let told = stage.get(AUTHORITY, "/api/v1/evaluation/2026-Q3").await;
    for (row, item) in scores.rows().skip(1).zip(told["items"].as_array().expect("items")) {
        assert_eq!(row[0], Data::String(item["department"].as_str().expect("a code").to_owned()));
        let score = item["score"].as_str().map_or(Data::Empty, |t| Data::Float(t.parse().expect("a number")));
        assert_eq!(row[1], score, "{item}");
    }
    let formulas = all.worksheet_range("formulas").expect("a sheet");
    assert_eq!(formulas.height(), 1 + 6);
    assert_eq!(all.worksheet_range("contested").expect("a sheet").height(), 2);
    let mut own = open(REGISTRAR).await;
    assert_eq!(own.worksheet_range("scores").expect("a sheet").height(), 2);
    assert_eq!(own.worksheet_range("contested").expect("a sheet").height(), 1, "others' objections are not told");
}

#[tokio::test]
async fn imports_count_once_by_their_batch() {
    let stage = Stage::at("2026-08-03");
    let path = "/api/v1/datasets/legal-entity/enterprises/records:import";
    for _ in 0..3 {
        let request = stage.request(REGISTRAR, "POST", path).header("content-type", "application/x-ndjson");
        let (parts, ()) = request.body(()).expect("a request").into_parts();
        let mut request = axum::http::Request::from_parts(parts, "{}\n".to_owned().into());
        request.headers_mut().insert("content-type", axum::http::HeaderValue::from_static("application/x-ndjson"));
        let (status, said) = read(stage.world.send(request).await).await;
        assert_eq!(status, 200, "{said}");
    }
    stage.set(day("2026-10-12"));
    let document = stage.document(AUTHORITY, "2026-Q3").await;
    let imports: Vec<_> = document.departments.iter().flat_map(|d| &d.facts.imports).collect();
    assert_eq!(imports.len(), 1, "the table serves one batch: {imports:?}");
    assert_eq!(imports[0].batch, "b0000000000000007");
    let next = stage.document(AUTHORITY, "2026-Q4").await;
    let before: Vec<_> = next.departments.iter().flat_map(|d| &d.facts.imports_before).collect();
    assert_eq!(before, imports);
    assert_eq!(recompute(&next), Ok(Vec::new()));
}

/// A small generator: the same walks every time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// Whatever is done with cases: what the server says of a period is what anybody works out of it, and its clocks are those
/// that the cases themselves show.
#[tokio::test]
async fn what_the_server_says_is_what_is_recomputed() {
    let (mut documents, mut clocks) = (0, 0);
    for seed in 1..=6_u64 {
        let mut dice = Dice(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1);
        let stage = Stage::at("2026-01-05");
        let mut today = day("2026-01-05");
        let mut cases = Vec::new();
        let verbs = [
            "need_more",
            "supplement",
            "ask_extension",
            "extend",
            "consent",
            "refuse",
            "deliver",
            "dispute",
            "settle",
            "withdraw",
        ];
        for _ in 0..90 {
            if cases.len() < 8 && dice.below(4) == 0 {
                cases.push(stage.submitted().await);
            }
            today = today.plus(i64::try_from(dice.below(6)).expect("small"));
            stage.set(today);
            let Some(case) = cases.get(usize::try_from(dice.below(8)).expect("small")) else { continue };
            let verb = verbs[usize::try_from(dice.below(10)).expect("small")];
            let who = match verb {
                "consent" | "refuse" => format!("!{POLICE}"),
                "supplement" | "dispute" | "withdraw" => OTHER.to_owned(),
                "extend" => AUTHORITY.to_owned(),
                _ => POLICE.to_owned(),
            };
            let days = if verb == "ask_extension" { json!(5) } else { Value::Null };
            let outcome = if verb == "settle" { json!("overturn") } else { Value::Null };
            let body = json!({"reason": "因", "evidence": "证", "days": days, "outcome": outcome});
            // Most do not follow: they are refused and change nothing.
            stage.ask(&who, "POST", &format!("/api/v1/sharing/requests/{case}:{verb}"), body).await;
            if dice.below(3) == 0 {
                stage.use_it(case).await;
            }
        }
        stage.set(today.plus(200));
        let mut shown = Vec::new();
        for case in &cases {
            shown.push(stage.get(POLICE, &format!("/api/v1/sharing/requests/{case}")).await);
        }
        for period in ["2026", "2026-S1", "2026-Q1", "2026-Q2", "2026-Q3", "2026-03"] {
            let document = stage.document(AUTHORITY, period).await;
            assert_eq!(recompute(&document), Ok(Vec::new()), "seed {seed}, {period}");
            documents += 1;
            let span = gateway::evaluation::EvaluationPeriod::parse(period).expect("a period");
            let mut expected = Vec::new();
            for case in shown.iter().filter(|case| case["state"] != "withdrawn") {
                for clock in case["clocks"].as_array().expect("clocks") {
                    let text = |name: &str| clock[name].as_str().map(str::to_owned);
                    if span.holds(day(&text("due").expect("a day"))) {
                        expected.push((
                            case["id"].as_str().expect("an id").to_owned(),
                            text("started"),
                            text("due"),
                            text("met"),
                        ));
                    }
                }
            }
            let police = document.departments.iter().find(|d| d.department == POLICE).expect("police");
            let withdrawn = |case: &str| shown.iter().any(|c| c["id"] == case && c["state"] == "withdrawn");
            let told = police.facts.clocks.iter().filter(|clock| !withdrawn(&clock.case));
            let mut told: Vec<_> = told
                .map(|c| {
                    (c.case.clone(), Some(c.started.to_string()), Some(c.due.to_string()), c.met.map(|d| d.to_string()))
                })
                .collect();
            expected.sort();
            told.sort();
            assert_eq!(told, expected, "seed {seed}, {period}");
            clocks += told.len();
        }
    }
    println!("evaluation at random: {documents} documents recomputed, {clocks} clocks compared");
    assert!(clocks > 100, "{clocks}");
}
