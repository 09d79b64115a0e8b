//! A first load by the built program, killed again and again: nothing of it is seen before it ends, it goes on where it
//! was, and what there is at the end is what an ordinary import leaves.

use std::time::Duration;

use serde_json::Value as Json;

use crate::kill::{Dice, agent, found, owner, rows, serve, state};
use crate::program::{run, said};

const ROWS: u64 = 40_000;
const KILLS: u32 = 8;

fn send(address: &str, token: &str, query: &str, body: &str) -> Option<(u16, Json)> {
    let url = format!("http://{address}/api/v1/datasets/culture/works/records:import?as-of=2026-01-01{query}");
    let request = agent().post(url).header("Authorization", format!("Bearer {token}"));
    let request = request.header("Content-Type", "application/x-ndjson").header("Idempotency-Key", "first");
    let mut answer = request.config().timeout_global(Some(Duration::from_secs(120))).build().send(body).ok()?;
    Some((answer.status().as_u16(), answer.body_mut().read_json().ok()?))
}

#[test]
fn a_first_load_that_is_killed_goes_on_and_ends_like_an_ordinary_import() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data").to_string_lossy().into_owned();
    let mut dice = Dice::new();
    let body = rows(0..ROWS, 1);
    let (mut broken_off, mut done) = (0, None);
    for _ in 0..KILLS {
        let server = serve(&data);
        let token = owner(&data);
        let seen = found(&server.address, &[0, ROWS / 2, ROWS - 1]);
        assert_eq!(seen, if done.is_some() { 3 } else { 0 }, "a first load is seen whole or not at all");
        let (address, copy) = (server.address.clone(), body.clone());
        let sender = std::thread::spawn(move || send(&address, &token, "&first-load=true", &copy));
        std::thread::sleep(Duration::from_millis(50 + dice.below(1_500)));
        server.kill();
        match sender.join().unwrap() {
            Some((200, report)) => done = Some(report),
            _ => broken_off += 1,
        }
    }
    let server = serve(&data);
    let token = owner(&data);
    let (status, report) = send(&server.address, &token, "&first-load=true", &body).expect("an answer");
    assert_eq!((status, &report["state"], &report["rejected"]), (200, &"complete".into(), &0.into()), "{report}");
    assert_eq!((&report["accepted"], &report["changed"]), (&ROWS.into(), &ROWS.into()), "{report}");
    if let Some(done) = done {
        assert_eq!(report, done, "what was acknowledged stays");
    }
    println!("{broken_off} of {KILLS} uploads were broken off");
    let loads = std::path::Path::new(&data).join("loads/culture");
    assert!(std::fs::read_dir(loads).unwrap().next().is_none(), "files of the load are left");
    let (status, refused) = send(&server.address, &token, "&first-load=true&mode=snapshot", &body).expect("an answer");
    assert!(status >= 400, "{status} {refused}");

    let calm = folder.path().join("calm").to_string_lossy().into_owned();
    let ordinary = serve(&calm);
    let (status, report) = send(&ordinary.address, &owner(&calm), "", &body).expect("an answer");
    assert_eq!((status, &report["accepted"]), (200, &ROWS.into()), "{report}");
    let until = std::time::Instant::now() + Duration::from_secs(120);
    let wanted = usize::try_from(ROWS).unwrap();
    let whole = |server| loop {
        let all = state(server);
        assert!(all.len() == wanted || std::time::Instant::now() < until, "{} rows in the index", all.len());
        if all.len() == wanted {
            return all;
        }
        std::thread::sleep(Duration::from_millis(300));
    };
    assert_eq!(whole(&server), whole(&ordinary));
    server.stop();
    ordinary.stop();
    let output = run(&["check", "--data", &data]);
    assert!(output.status.success(), "natbase check: {}", said(&output));
}
