//! Corrections over HTTP: on values that the caller sees alone, answered on a clock, seen by their parties.

use serde_json::{Value, json};

use crate::evaluation::{OFFICER, Stage, day};
use crate::world::{AUTHORITY, OTHER, POLICE, REGISTRAR, read};

const PATH: &str = "/api/v1/sharing/corrections";
/// What is believed: personal, and in no log.
const BELIEVED: &str = "杜子美";

/// Says that a value of persons is wrong, under a grant or none.
async fn file(stage: &Stage, record: &str, field: &str, grant: Option<&str>) -> (u16, Value) {
    let body = json!({
        "dataset": "population/persons", "record": record, "field": field, "believed": BELIEVED,
        "evidence": "户口簿复印件 2026-17",
    });
    let mut request =
        stage.request(OTHER, "POST", PATH).header("natbase-officer", OFFICER).header("natbase-case", "C-1");
    if let Some(grant) = grant {
        request = request.header("natbase-grant", grant);
    }
    read(stage.world.send(request.body(body.to_string().into()).expect("a request")).await).await
}

#[tokio::test]
async fn a_value_is_doubted_by_those_alone_who_see_it() {
    let stage = Stage::at("2026-07-01");
    for (record, field, grant, status, code) in [
        ("one", "name", None, 403, "grant_required"),
        ("one", "name", Some("G-NONE"), 403, "grant_refused"),
        ("one", "domicile_address", Some("G-1"), 403, "field_not_permitted"),
        ("one", "death_date", Some("G-1"), 403, "field_not_permitted"),
        ("one", "colour", Some("G-1"), 400, "unknown_field"),
        ("none", "name", Some("G-1"), 404, "not_found"),
    ] {
        let (got, said) = file(&stage, record, field, grant).await;
        assert_eq!((got, said["code"].as_str()), (status, Some(code)), "{record} {field}: {said}");
        assert!(!said.to_string().contains(BELIEVED));
    }
    // A record that is not there, and one that is not to be seen, read as when they are asked for.
    let (_, said) = file(&stage, "none", "name", Some("G-1")).await;
    let request = stage.request(OTHER, "GET", "/api/v1/datasets/population/persons/records/none");
    let request =
        request.header("natbase-grant", "G-1").header("natbase-officer", OFFICER).header("natbase-case", "C-1");
    let (_, asked) = read(stage.world.send(request.body("".into()).expect("a request")).await).await;
    assert_eq!(said["detail"], asked["detail"]);
    let (_, none) = stage.ask(OTHER, "GET", PATH, Value::Null).await;
    assert_eq!(none["items"], json!([]), "what was refused is not kept");
    for (body, member) in [
        (json!({"dataset": "population/persons", "record": "one", "field": "name", "believed": "x"}), "evidence"),
        (json!({"dataset": "population/persons", "record": "one", "field": "name", "evidence": "x"}), "believed"),
        (json!({"dataset": "persons", "record": "one", "field": "name", "believed": "x", "evidence": "x"}), "dataset"),
        (json!({"colour": 1}), "colour"),
    ] {
        let (status, said) = stage.ask(OTHER, "POST", PATH, body).await;
        assert_eq!((status, said["member"].as_str()), (400, Some(member)), "{said}");
    }
    assert_eq!(stage.ask(AUTHORITY, "POST", PATH, json!({"colour": 1})).await.0, 400);
}

#[tokio::test]
async fn a_correction_is_checked_on_a_clock_and_feeds_the_evaluation() {
    let stage = Stage::at("2026-07-01");
    let (status, filed) = file(&stage, "one", "name", Some("G-1")).await;
    assert_eq!(
        (status, &filed["state"], &filed["clocks"][0]["due"]),
        (200, &json!("filed"), &json!("2026-07-15")),
        "{filed}"
    );
    let id = filed["id"].as_str().expect("an id").to_owned();
    let one = format!("{PATH}/{id}");
    let step = async |who: &str, name: &str, body: Value| {
        let (status, said) = stage.ask(who, "POST", &format!("{one}:{name}"), body).await;
        (status, said["state"].as_str().or(said["code"].as_str()).unwrap_or_default().to_owned())
    };
    // The parties see what is believed, the authority that there is something, nobody else anything.
    for (who, believed) in [(OTHER, json!(BELIEVED)), (POLICE, json!(BELIEVED)), (AUTHORITY, Value::Null)] {
        assert_eq!(stage.get(who, &one).await["believed"], believed, "{who}");
        assert_eq!(stage.get(who, PATH).await["items"].as_array().map(Vec::len), Some(1), "{who}");
    }
    let hidden = stage.ask(REGISTRAR, "GET", &one, Value::Null).await;
    let absent = stage.ask(REGISTRAR, "GET", &format!("{PATH}/K-0000000000000000"), Value::Null).await;
    assert_eq!((hidden.0, &hidden.1["detail"]), (404, &absent.1["detail"]));
    assert_eq!(stage.get(REGISTRAR, PATH).await["items"], json!([]));

    let reason = || json!({"reason": "请附派出所证明"});
    assert_eq!(step(REGISTRAR, "need_more", reason()).await.0, 404);
    assert_eq!(step(OTHER, "correct", json!({"evidence": "x"})).await, (403, "forbidden".into()));
    assert_eq!(step(AUTHORITY, "correct", json!({"evidence": "x"})).await, (403, "forbidden".into()));
    stage.set(day("2026-07-10"));
    assert_eq!(step(POLICE, "not_wrong", json!({})).await, (400, "missing_parameter".into()));
    assert_eq!(step(POLICE, "need_more", reason()).await, (200, "incomplete".into()));
    assert_eq!(step(POLICE, "correct", json!({"evidence": "x"})).await, (409, "conflict".into()));
    stage.set(day("2026-07-13"));
    assert_eq!(step(OTHER, "supplement", json!({"evidence": "证明 88"})).await, (200, "filed".into()));
    assert_eq!(step(POLICE, "need_more", reason()).await, (422, "unprocessable".into()), "once");
    // Overdue: an alert that cites the article, for the parties and the authority.
    stage.set(day("2026-07-29"));
    for who in [OTHER, POLICE, AUTHORITY] {
        let alerts = stage.get(who, "/api/v1/sharing/alerts").await;
        let alert = &alerts["items"][0];
        assert_eq!((&alert["case"], &alert["who"]), (&json!(id), &json!(POLICE)), "{alerts}");
        assert_eq!((&alert["since"], &alert["liability_article"]), (&json!("2026-07-28"), &json!("39")));
        assert!(alert["article"].as_str().is_some_and(|law| law.contains("第二十六条")), "{alert}");
        let behind = stage.get(who, &format!("{PATH}?overdue=true")).await;
        assert_eq!(behind["items"][0]["id"], json!(id));
    }
    assert_eq!(stage.get(REGISTRAR, "/api/v1/sharing/alerts").await["items"], json!([]));
    stage.set(day("2026-07-30"));
    assert_eq!(step(POLICE, "correct", json!({"evidence": "批次 b7"})).await, (200, "corrected".into()));
    assert_eq!(step(OTHER, "withdraw", json!({})).await, (409, "conflict".into()));
    let seen = stage.get(OTHER, &one).await;
    let steps: Vec<_> = seen["events"].as_array().expect("events").iter().map(|e| e["step"].clone()).collect();
    assert_eq!(steps, ["file", "need_more", "supplement", "correct"]);

    // Nothing of what was believed or written stands in the log; the record read does, and counts.
    for (_, entry) in stage.world.entries() {
        let text = format!("{entry:?}");
        assert!(!text.contains(BELIEVED) && !text.contains("户口簿") && !text.contains("派出所"), "{text}");
    }
    let entries = stage.world.entries();
    let (_, filing) =
        entries.iter().find(|(_, e)| e.route == format!("POST {PATH}") && e.status == 200).expect("an entry");
    assert_eq!((filing.rows, filing.grant.as_str(), filing.dataset.as_str()), (1, "G-1", "population/persons"));
    assert_eq!(filing.records, [id.as_str(), "one"]);

    stage.set(day("2026-10-12"));
    let document = stage.document(AUTHORITY, "2026-Q3").await;
    assert_eq!(gateway::evaluation::recompute::recompute(&document), Ok(Vec::new()));
    let police = document.departments.iter().find(|d| d.department == POLICE).expect("police");
    let measures = serde_json::to_value(&police.measures).expect("measures");
    assert_eq!((&measures["clocks_due"], &measures["clocks_met"]), (&json!(2), &json!(1)));
    // 13 to 30 July: 13 working days.
    assert_eq!((&measures["corrections"], &measures["correction_days"]), (&json!(1), &json!(13)));
    let judged = police.indicators.iter().find(|j| j.indicator == "correction-days").expect("an indicator");
    assert_eq!(judged.value.as_deref(), Some("13.0000"));
    assert!(!serde_json::to_string(&document).expect("a text").contains(BELIEVED));
}
