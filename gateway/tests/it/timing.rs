//! Whether time tells what an answer does not (A4): a record that is there and hidden beside one that is not there.
//! Run by `make measure`; nothing is asserted of time.

use std::time::Instant as Stopwatch;

use axum::body::Body;
use foundation::testkit::load::{Loaded, open};
use foundation::write::source::Format;
use gateway::config::Config;
use gateway::token::{Role, Subject};

use crate::world::{NOON, OTHER, POLICE, World, read};

const GRANTS: &str = r#"
[[grant]]
id = "G-HERE"
department = "11100000PDY0000999"
dataset = "population/persons"
acts = ["get", "lookup"]
fields = ["name", "sex", "domicile_division"]
rows = "domicile_division LIKE '44%'"
purpose = "社会救助对象核对"
ground = "社会救助暂行办法第五十八条"
from = "2026-01-01"
to = "2030-01-01"
rows-per-day-max = 1000000000
persons-per-day-max = 1000000000
"#;

const PERSONS: &str = "citizen_id,name,sex,ethnic_group,birth_date,domicile_division,life_status\n\
    895404196808221573,张三,1,01,1968-08-22,110105,1\n";
const PERSONS_PATH: &str = "/api/v1/datasets/population/persons";

struct Clerk {
    world: World,
    token: String,
    _loaded: Loaded,
}

impl Clerk {
    async fn new() -> (Self, String) {
        let loaded = open(population::domain().expect("definitions"), true).await;
        let report = loaded.bytes("persons", PERSONS.as_bytes().to_vec(), Format::Csv, "one").await;
        assert_eq!(report.progress.accepted, 1, "{:?}", report.problems);
        let mut config = Config::default();
        config.people.misses_per_minute_max = u32::MAX;
        let world = World::over(vec![loaded.database.clone() as _], config, GRANTS);
        let token = |department: &str, roles: Vec<Role>| {
            let department = Some(department.to_owned());
            let subject = Subject {
                subject: "clerk".to_owned(),
                department,
                roles,
                officer: Some("007".to_owned()),
                record: None,
                company: None,
            };
            world.issuer.issue(&world.app.config.tokens, &subject, NOON.0 / 1_000_000, 86_400)
        };
        let (own, clerk) = (token(POLICE, vec![Role::Department, Role::Owner]), token(OTHER, vec![Role::Department]));
        let here = Self { world, token: own, _loaded: loaded };
        let (_, found) = here.ask("POST", &format!("{PERSONS_PATH}/records:lookup"), &key("895404196808221573")).await;
        let id = found["items"][0]["record"]["id"].as_str().unwrap_or_else(|| panic!("{found}")).to_owned();
        (Self { token: clerk, ..here }, id)
    }

    async fn ask(&self, method: &str, path: &str, body: &str) -> (u16, serde_json::Value) {
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("content-type", "application/json")
            .header("natbase-grant", "G-HERE")
            .header("natbase-case", "C-1")
            .header("natbase-officer", "007");
        read(self.world.send(request.body(Body::from(body.to_owned())).expect("a request")).await).await
    }

    /// Microseconds of so many answers to both questions, in turns.
    async fn pairs(&self, count: usize, one: &(&str, String, String), other: &(&str, String, String)) -> [Vec<f64>; 2] {
        let mut times = [Vec::with_capacity(count), Vec::with_capacity(count)];
        for turn in 0..count + 200 {
            let order = if turn % 2 == 0 { [0, 1] } else { [1, 0] };
            for at in order {
                let (method, path, body) = if at == 0 { one } else { other };
                let begun = Stopwatch::now();
                let (status, answer) = self.ask(method, path, body).await;
                let took = begun.elapsed().as_secs_f64() * 1e6;
                assert!(status == 404 || answer["items"][0]["status"] == "not_found", "{answer}");
                if turn >= 200 {
                    times[at].push(took);
                }
            }
        }
        times
    }
}

fn key(number: &str) -> String {
    serde_json::json!({"keys": [{"citizen_id": number}]}).to_string()
}

/// Without the slowest twentieth, which the disk and other processes make.
fn trimmed(mut times: Vec<f64>) -> Vec<f64> {
    times.sort_by(f64::total_cmp);
    times.truncate(times.len() * 19 / 20);
    times
}

fn moments(times: &[f64]) -> (f64, f64) {
    let n = times.len() as f64;
    let mean = times.iter().sum::<f64>() / n;
    (mean, times.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / (n - 1.0))
}

#[tokio::test]
#[ignore = "a measurement: make measure"]
async fn times_of_hidden_and_absent() {
    let count: usize = std::env::var("NATBASE_PAIRS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000);
    let (clerk, hidden) = Clerk::new().await;
    let absent: String = hidden.chars().map(|c| if c == 'a' { 'b' } else { 'a' }).collect();
    let lookup = format!("{PERSONS_PATH}/records:lookup");
    let questions = [
        (
            "record by id",
            ("GET", format!("{PERSONS_PATH}/records/{hidden}"), String::new()),
            ("GET", format!("{PERSONS_PATH}/records/{absent}"), String::new()),
        ),
        ("look-up", ("POST", lookup.clone(), key("895404196808221573")), ("POST", lookup, key("440524188001010014"))),
    ];
    for (what, one, other) in questions {
        let [there, none] = clerk.pairs(count, &one, &other).await.map(trimmed);
        let ((mean_a, var_a), (mean_b, var_b)) = (moments(&there), moments(&none));
        let t = (mean_a - mean_b) / (var_a / there.len() as f64 + var_b / none.len() as f64).sqrt();
        let (median_a, median_b) = (there[there.len() / 2], none[none.len() / 2]);
        println!(
            "A4 {what}: hidden {median_a:.1} us, absent {median_b:.1} us (medians of {count} pairs), \
             gap {:+.1} us ({:+.2} %), Welch t {t:+.2}",
            median_a - median_b,
            100.0 * (median_a - median_b) / median_b
        );
    }
}
