//! The new enemy (A9): a right is taken away while an answer is being read, then something secret is written. Nobody whose
//! right is gone reads it, in whatever order the two come between his decision and his answer.

use std::sync::Arc;

use gateway::config::Config;
use serde_json::{Value, json};

use crate::base::{Gate, Table};
use crate::sharing::Desk;
use crate::world::{AUTHORITY, OTHER, POLICE, World, read};

const SECRET: &str = "写于收回之后";

/// What happens between the decision and the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Between {
    /// The grant is suspended, then the secret is written.
    Revoked,
    /// Somebody else's right changes, then it is written.
    Another,
    /// It is written, and nothing else happens.
    Nothing,
}

struct Yard {
    desk: Desk,
    gate: Arc<Gate>,
    grant: String,
}

impl Yard {
    async fn new() -> Self {
        let gate = Gate::new("写于收回之前");
        let databases = vec![Table::behind(population::domain().expect("definitions"), Some(Arc::clone(&gate)))];
        let desk = Desk { world: World::over(databases, Config::default(), "") };
        let grant = granted(&desk).await;
        Self { desk, gate, grant }
    }

    /// Asks; what happens between comes while the base database is being read.
    async fn ask(&self, method: &str, path: &str, body: &Value, between: Between) -> (u16, Value) {
        "写于收回之前".clone_into(&mut self.gate.text.lock().expect("whole"));
        let request = axum::http::Request::builder()
            .method(method)
            .uri(path)
            .header("authorization", format!("Bearer {}", self.desk.token(OTHER)))
            .header("content-type", "application/json")
            .header("natbase-grant", &self.grant)
            .header("natbase-case", "C-1")
            .header("natbase-officer", "007");
        let text = if body.is_null() { String::new() } else { body.to_string() };
        let mut asked = std::pin::pin!(self.desk.world.send(request.body(text.into()).expect("a request")));
        tokio::select! {
            answer = &mut asked => panic!("answered without reading: {:?}", read(answer).await),
            entered = self.gate.entered.acquire() => entered.expect("open").forget(),
        }
        match between {
            Between::Revoked => self.suspend().await,
            Between::Another => drop(granted(&self.desk).await),
            Between::Nothing => {}
        }
        SECRET.clone_into(&mut self.gate.text.lock().expect("whole"));
        self.gate.go.add_permits(1);
        read(asked.await).await
    }

    async fn suspend(&self) {
        self.desk.step(AUTHORITY, &self.grant, "report_misuse", json!({"evidence": "审计第 12 号"})).await;
        let (status, case) = self.desk.step(POLICE, &self.grant, "suspend", json!({"reason": "超范围使用"})).await;
        assert_eq!((status, case["state"].as_str()), (200, Some("suspended")), "{case}");
    }

    async fn resume(&self) {
        self.desk.step(OTHER, &self.grant, "rectify", json!({"evidence": "整改报告"})).await;
        let (status, case) = self.desk.step(POLICE, &self.grant, "resume", json!({})).await;
        assert_eq!((status, case["state"].as_str()), (200, Some("active")), "{case}");
    }
}

/// An active case of sharing on persons.
async fn granted(desk: &Desk) -> String {
    let body = json!({
        "dataset": "population/persons", "fields": ["citizen_id", "name"], "acts": ["lookup", "get"],
        "purpose": "办理社会保险登记", "ground": "社会保险法第五十八条", "from": "2026-11-01", "to": "2027-11-01",
    });
    let (_, case) = desk.ask(OTHER, "POST", "/api/v1/sharing/requests", body).await;
    let id = case["id"].as_str().expect("an id").to_owned();
    let steps = [
        (format!("!{OTHER}"), "sign"),
        (OTHER.into(), "submit"),
        (format!("!{POLICE}"), "consent"),
        (POLICE.into(), "deliver"),
    ];
    for (who, step) in steps {
        let (status, said) = desk.step(&who, &id, step, json!({"reason": "用后销毁"})).await;
        assert_eq!(status, 200, "{step}: {said}");
    }
    id
}

#[tokio::test]
async fn whoever_lost_his_right_while_he_was_answered_reads_nothing_written_after_that() {
    let yard = Yard::new().await;
    let persons = "/api/v1/datasets/population/persons";
    let lookup = json!({"keys": [{"citizen_id": "11010519491231002X"}]});
    let questions =
        [("POST", format!("{persons}/records:lookup"), lookup), ("GET", format!("{persons}/records/one"), Value::Null)];
    let mut told = 0;
    for round in 0..30 {
        for (method, path, body) in &questions {
            let (status, answer) = yard.ask(method, path, body, Between::Nothing).await;
            assert_eq!(status, 200, "{path}: {answer}");
            assert!(answer.to_string().contains(SECRET), "the gate does what it should: {answer}");
            let (status, answer) = yard.ask(method, path, body, Between::Revoked).await;
            assert_eq!((status, answer["code"].as_str()), (503, Some("unavailable")), "{round} {path}: {answer}");
            told += usize::from(answer.to_string().contains(SECRET));
            yard.resume().await;
        }
    }
    println!(
        "A9: {} answers whose right was taken away while they were read; {told} told what was written after",
        30 * questions.len()
    );
    assert_eq!(told, 0);
    // What is taken from others, or given to them, holds nobody up.
    let (method, path, body) = &questions[0];
    let (status, answer) = yard.ask(method, path, body, Between::Another).await;
    assert_eq!(status, 200, "{answer}");
}
