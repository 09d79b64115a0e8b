//! Non-interference (A3): two worlds that differ in nothing but what a caller may not see answer him alike, byte for byte,
//! whatever he asks. And the planted leaks that prove that this test bites.

mod leaks;
mod questions;
mod worlds;

use std::collections::BTreeSet;

use serde_json::Value;

use questions::{Question, Questions};
use worlds::{ASKERS, Asker, Pair};

use crate::world::World;

/// Questions in a run.
const QUESTIONS: usize = 6_000;
/// Questions that a planted leak is given to show in.
const QUESTIONS_FOR_A_LEAK: usize = 3_000;

/// What a caller can tell of an answer: status, headers, body. What is drawn at random is left out, its length is not.
async fn heard(pair: &Pair, side: usize, asker: Asker, question: &Question) -> (u16, Vec<String>, String) {
    let world = &pair.worlds[side];
    let response = world.send(asker.request(world, question)).await;
    let status = response.status().as_u16();
    let mut headers: Vec<String> = response
        .headers()
        .iter()
        .filter(|(name, _)| *name != "natbase-request-id" && *name != "location")
        .map(|(name, value)| match name.as_str() {
            "link" => format!("link of {} bytes", value.len()),
            name => format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())),
        })
        .collect();
    headers.sort();
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 24).await.expect("a body");
    let body = match serde_json::from_slice::<Value>(&bytes) {
        Ok(job) if question.route == "export" && status == 202 => delivered(world, asker, &job).await,
        Ok(mut json) => {
            blind(&mut json);
            json.to_string()
        }
        Err(_) => bytes.iter().map(|b| format!("{b:02x}")).collect(),
    };
    (status, headers, body)
}

/// What a job came to: how it ended and its file, which is deleted.
async fn delivered(world: &World, asker: Asker, job: &Value) -> String {
    let id = job["id"].as_str().expect("an id");
    let ask = async |method: &'static str, path: String| {
        let question = Question { route: "job", method, path, body: String::new() };
        let response = world.send(asker.request(world, &question)).await;
        let status = response.status().as_u16();
        (status, axum::body::to_bytes(response.into_body(), 1 << 24).await.expect("a body"))
    };
    let mut ended = Value::Null;
    for _ in 0..2_000 {
        let (_, body) = ask("GET", format!("/api/v1/jobs/{id}")).await;
        ended = serde_json::from_slice(&body).expect("a job");
        if ended["state"] != "queued" && ended["state"] != "running" {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    let (status, file) = ask("GET", format!("/api/v1/jobs/{id}/file")).await;
    let (gone, _) = ask("DELETE", format!("/api/v1/jobs/{id}")).await;
    assert_eq!(gone, 200);
    for member in ["id", "file", "file_name"] {
        ended.as_object_mut().expect("a job").remove(member);
    }
    format!("{ended} {status} {}", String::from_utf8_lossy(&file))
}

/// Takes out what is drawn at random: request ids, cursors (by their length), signatures over them.
fn blind(json: &mut Value) {
    match json {
        Value::Object(members) => {
            for (name, value) in members.iter_mut() {
                match (name.as_str(), value.as_str().map(str::len)) {
                    ("instance" | "request" | "signature", Some(length)) => *value = Value::from(length),
                    ("next" | "cursor", Some(length)) => *value = Value::from(format!("{length} bytes")),
                    ("href", Some(length)) if value.as_str().is_some_and(|t| t.contains("cursor=")) => {
                        *value = Value::from(format!("{length} bytes"));
                    }
                    _ => blind(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(blind),
        _ => {}
    }
}

/// Asks both worlds; the first difference, if any.
async fn first_difference(
    pair: &Pair,
    seed: u64,
    count: usize,
) -> (Option<String>, BTreeSet<&'static str>, [usize; 2]) {
    let mut questions = Questions::new(seed, pair);
    let (mut asked, mut outcomes) = (BTreeSet::new(), [0, 0]);
    for number in 0..count {
        let asker = ASKERS[number % ASKERS.len()];
        let question = questions.next(asker);
        asked.insert(question.route);
        let one = heard(pair, 0, asker, &question).await;
        let two = heard(pair, 1, asker, &question).await;
        outcomes[usize::from(one.0 == 200)] += 1;
        if one != two {
            let what = format!("{asker:?} asks {question:?}\n{one:?}\n{two:?}");
            return (Some(what), asked, outcomes);
        }
    }
    (None, asked, outcomes)
}

#[tokio::test(flavor = "multi_thread")]
async fn worlds_that_differ_in_what_is_hidden_answer_alike() {
    let pair = Pair::new(|database| database).await;
    pair.differ().await;
    let seed = 0xA3;
    let (difference, asked, [refused, answered]) = first_difference(&pair, seed, QUESTIONS).await;
    println!("non-interference: seed {seed:#x}, {QUESTIONS} questions, {answered} answered, {refused} refused");
    if let Some(difference) = difference {
        panic!("the answers differ:\n{difference}");
    }
    assert!(answered > QUESTIONS / 3, "too few questions are answered to tell anything: {answered}");
    // Every route that answers with data is among them; those left out read no data of others.
    let silent = [
        "import",
        "importReport",
        "rejected",
        "withdraw",
        "sharingCases",
        "sharingBegin",
        "sharingCase",
        "sharingStep",
        "sharingAlerts",
        "workingDays",
        "calendarNotice",
        "grantsImport",
        "returnFlowBegin",
        // It gives synthetic rows.
        "sandbox",
        "corrections",
        "correctionFile",
        "correction",
        "correctionStep",
        "evaluation",
        "evaluationMeasures",
        "evaluationReport",
        "evaluationObjections",
        "evaluationObject",
        "evaluationStep",
        "signIn",
        "signInRefresh",
        "changePassword",
        "secondFactorEnrol",
        "secondFactorConfirm",
        "signOut",
        "accounts",
        "accountOpen",
        "accountChange",
        "approvals",
        "masterKeys",
        "erasures",
        "approvalPropose",
        "approvalJudge",
        "oauthToken",
        "oauthMetadata",
        // Entries and demands hold no records.
        "entries",
        "entryBegin",
        "entryFile",
        "entry",
        "entryStep",
        "entryMetadata",
        "entryAlerts",
        "demands",
        "demandAsk",
        "demand",
        "demandStep",
        // One's own jobs; what stands in a file is compared where it is asked for.
        "jobs",
        "job",
        "jobFile",
        "jobCancel",
        // Of two worlds of its own: `accesses.rs`.
        "myAccesses",
        "auditEntries",
        "auditCheckpoint",
        "auditInclusion",
        "auditConsistency",
    ];
    for (_, id, _) in gateway::http::route_list() {
        assert!(asked.contains(id) || silent.contains(&id), "route `{id}` is asked nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn planted_leaks_are_found() {
    for leak in leaks::ALL {
        let pair = Pair::new(|database| leak.plant(database)).await;
        let (difference, ..) = first_difference(&pair, 0xA3, QUESTIONS_FOR_A_LEAK).await;
        assert!(difference.is_some(), "the leak {leak:?} was not found in {QUESTIONS_FOR_A_LEAK} questions");
        println!("non-interference: planted leak {leak:?} found");
    }
}
