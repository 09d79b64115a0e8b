//! kill -9 at random moments during imports, with readers: no acknowledged row is lost, the same commands again give the
//! same end state, and index = store.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime};

use serde_json::{Value as Json, json};

use crate::program::{Server, run, said};

/// Kills, and the time in which they must have happened.
const KILLS: u32 = 40;
const PATIENCE: Duration = Duration::from_secs(230);
/// Imports of the whole run, and rows of each.
const IMPORTS: u64 = 200;
const ROWS: u64 = 250;

/// Numbers from a seed (xorshift), so that a failed run can be had again.
pub(crate) struct Dice(u64);

impl Dice {
    /// From the clock, or from `NATBASE_SEED`; says which.
    pub(crate) fn new() -> Self {
        let clock = SystemTime::UNIX_EPOCH.elapsed().unwrap().as_micros();
        let seed = std::env::var("NATBASE_SEED").map_or(u64::try_from(clock).unwrap(), |s| s.parse().unwrap());
        println!("seed {seed} (NATBASE_SEED={seed} has this run again)");
        Self(seed | 1)
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }
}

/// NDJSON rows of works; `edition` makes the titles differ from another edition's.
pub(crate) fn rows(numbers: Range<u64>, edition: u64) -> String {
    numbers.fold(String::new(), |mut all, n| {
        let dynasty = if n.is_multiple_of(2) { "tang" } else { "song" };
        let _ = writeln!(
            all,
            r#"{{"work_id":"kill-{n:06}","title":"第{n}首（第{edition}版）","author":"无名","dynasty":"{dynasty}","genre":"shi","lines":["春眠不觉晓，处处闻啼鸟。","夜来风雨声，花落知多少。"]}}"#
        );
        all
    })
}

/// The rows of an import: its own, and a second edition of a tenth of those of the import before.
fn rows_of(import: u64) -> String {
    let first = import * ROWS;
    let mut all = rows(first..first + ROWS, 1);
    if import > 0 {
        all += &rows(first - ROWS..first - ROWS + ROWS / 10, 2);
    }
    all
}

/// A token of the department that provides culture/works.
pub(crate) fn owner(data: &str) -> String {
    owner_of(data, "11100000PDY000044W")
}

/// A token of a department for the datasets that it provides.
pub(crate) fn owner_of(data: &str, department: &str) -> String {
    let roles = ["--role", "department", "--role", "owner", "--officer", "1"];
    let output = run(&[&["token", "--data", data, "--department", department][..], &roles].concat());
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

pub(crate) fn agent() -> ureq::Agent {
    let timeout = Some(Duration::from_secs(30));
    ureq::Agent::config_builder().http_status_as_error(false).timeout_global(timeout).build().into()
}

/// One import; `None` if no whole answer came.
pub(crate) fn import(address: &str, token: &str, key: &str, day: &str, rows: &str) -> Option<(u16, Json)> {
    let url = format!("http://{address}/api/v1/datasets/culture/works/records:import?as-of={day}");
    let request = agent().post(url).header("Authorization", format!("Bearer {token}"));
    let request = request.header("Content-Type", "application/x-ndjson").header("Idempotency-Key", key);
    let mut answer = request.send(rows).ok()?;
    Some((answer.status().as_u16(), answer.body_mut().read_json().ok()?))
}

fn import_number(address: &str, token: &str, number: u64) -> Option<(u16, Json)> {
    let day = format!("2026-{:02}-{:02}", 1 + number / 28, 1 + number % 28);
    import(address, token, &format!("import-{number}"), &day, &rows_of(number))
}

/// How many of the works numbered so are found, by look-up.
pub(crate) fn found(address: &str, numbers: &[u64]) -> usize {
    let url = format!("http://{address}/api/v1/datasets/culture/works/records:lookup");
    let mut found = 0;
    for part in numbers.chunks(1_000) {
        let keys: Vec<Json> = part.iter().map(|n| json!({"work_id": format!("kill-{n:06}")})).collect();
        let mut answer = agent().post(&url).send_json(json!({"keys": keys, "fields": "work_id"})).unwrap();
        let body: Json = answer.body_mut().with_config().limit(64 << 20).read_json().unwrap();
        let items = body["items"].as_array().unwrap_or_else(|| panic!("look-up: {body}"));
        found += items.iter().filter(|item| item["status"] == "found").count();
    }
    found
}

/// All works, by id: fields alone, so that two runs can be compared.
pub(crate) fn state(server: &Server) -> BTreeMap<String, Json> {
    let address = &server.address;
    let mut all = BTreeMap::new();
    let mut next: Option<String> = None;
    loop {
        let mut request = agent().get(format!("http://{address}/api/v1/datasets/culture/works/records"));
        request = request.query("limit", "1000").query("sort", "work_id");
        if let Some(cursor) = &next {
            request = request.query("cursor", cursor);
        }
        let mut answer = request.call().unwrap();
        let body: Json = answer.body_mut().with_config().limit(64 << 20).read_json().unwrap();
        for item in body["items"].as_array().unwrap_or_else(|| panic!("list: {body}\n{}", server.log().join("\n"))) {
            all.insert(item["id"].as_str().unwrap().to_owned(), item["fields"].clone());
        }
        next = body["next"].as_str().map(str::to_owned);
        if next.is_none() {
            return all;
        }
    }
}

pub(crate) fn serve(data: &str) -> Server {
    Server::start(&["serve", "--data", data, "--listen", "127.0.0.1:0"])
}

#[test]
fn no_acknowledged_row_is_lost_to_kills() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let mut dice = Dice::new();
    let started = Instant::now();
    let acknowledged = Arc::new(AtomicU64::new(0));
    let reads = Arc::new(AtomicU64::new(0));
    let mut kills = 0;
    let mut token = None;
    while kills < KILLS && started.elapsed() < PATIENCE {
        let server = serve(&data);
        let token = token.get_or_insert_with(|| owner(&data)).clone();
        let known = acknowledged.load(Ordering::SeqCst);
        check_acknowledged(&server.address, known, &mut dice);
        let over = Arc::new(AtomicBool::new(false));
        let workers = [
            importer(server.address.clone(), token, Arc::clone(&acknowledged), Arc::clone(&over)),
            reader(server.address.clone(), Arc::clone(&reads), Arc::clone(&over)),
            reader(server.address.clone(), Arc::clone(&reads), Arc::clone(&over)),
        ];
        std::thread::sleep(Duration::from_millis(20 + dice.below(600)));
        server.kill();
        over.store(true, Ordering::SeqCst);
        for worker in workers {
            worker.join().unwrap();
        }
        kills += 1;
    }
    println!(
        "{kills} kills in {} s, {} imports acknowledged before the last, {} reads",
        started.elapsed().as_secs(),
        acknowledged.load(Ordering::SeqCst),
        reads.load(Ordering::SeqCst)
    );
    assert!(kills >= KILLS / 2, "only {kills} kills in {} s", PATIENCE.as_secs());
    let imports = IMPORTS.min(acknowledged.load(Ordering::SeqCst) + 5);
    let killed = finish(&data, imports);
    let calm = folder.path().join("calm").to_string_lossy().into_owned();
    let calm = finish(&calm, imports);
    assert_eq!(killed.len(), calm.len());
    for (id, fields) in &calm {
        assert_eq!(killed.get(id), Some(fields), "{id} differs from a run without kills");
    }
}

/// Runs every import to its end, again where it was done before; checks; gives the state.
fn finish(data: &str, imports: u64) -> BTreeMap<String, Json> {
    let server = serve(data);
    let token = owner(data);
    for number in 0..imports {
        let (status, body) = import_number(&server.address, &token, number).expect("an answer");
        assert!(status == 200 && body["rejected"] == 0, "import {number}: {status} {body}");
    }
    let until = Instant::now() + Duration::from_secs(60);
    let wanted = usize::try_from(imports * ROWS).unwrap();
    let mut all = state(&server);
    while all.len() < wanted && Instant::now() < until {
        std::thread::sleep(Duration::from_millis(200));
        all = state(&server);
    }
    assert_eq!(all.len(), wanted, "rows in the index");
    server.stop();
    let output = run(&["check", "--data", data]);
    assert!(output.status.success(), "natbase check: {}", said(&output));
    all
}

/// Every row of a few acknowledged imports is there, and the newest always.
fn check_acknowledged(address: &str, imports: u64, dice: &mut Dice) {
    let Some(newest) = imports.checked_sub(1) else { return };
    let mut chosen = vec![newest, dice.below(imports), dice.below(imports)];
    chosen.dedup();
    let numbers: Vec<u64> = chosen.iter().flat_map(|i| i * ROWS..(i + 1) * ROWS).collect();
    assert_eq!(found(address, &numbers), numbers.len(), "acknowledged rows are lost (imports {chosen:?})");
}

type Worker = std::thread::JoinHandle<()>;

/// Sends imports in their order until it is over; counts those that were answered.
fn importer(address: String, token: String, acknowledged: Arc<AtomicU64>, over: Arc<AtomicBool>) -> Worker {
    std::thread::spawn(move || {
        while !over.load(Ordering::SeqCst) {
            let number = acknowledged.load(Ordering::SeqCst);
            if number >= IMPORTS {
                std::thread::sleep(Duration::from_millis(20));
                continue;
            }
            if let Some((200, body)) = import_number(&address, &token, number) {
                assert_eq!(body["rejected"], 0, "{body}");
                acknowledged.store(number + 1, Ordering::SeqCst);
            }
        }
    })
}

/// Searches and looks up until it is over: an answer, if one comes, is whole and good.
fn reader(address: String, reads: Arc<AtomicU64>, over: Arc<AtomicBool>) -> Worker {
    let faults = Mutex::new(Vec::new());
    std::thread::spawn(move || {
        while !over.load(Ordering::SeqCst) {
            let url = format!("http://{address}/api/v1/search?q=%E6%97%A0%E5%90%8D&dataset=culture/works&limit=5");
            if let Ok(mut answer) = agent().get(url).call() {
                let status = answer.status().as_u16();
                match answer.body_mut().read_json::<Json>() {
                    Ok(body) if status != 200 && status != 503 => faults.lock().unwrap().push(body.to_string()),
                    Ok(_) => drop(reads.fetch_add(1, Ordering::SeqCst)),
                    Err(_) => {}
                }
            }
        }
        let faults = faults.into_inner().unwrap();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    })
}
