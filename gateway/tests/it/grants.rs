//! Grants that were reviewed elsewhere: each becomes a case, and from then on the case alone says whether it stands.

use foundation::value::Instant;
use serde_json::{Value, json};

use crate::sharing::Desk;
use crate::world::{AUTHORITY, GRANTS, NOON, OTHER, POLICE, REGISTRAR};

const ROUTE: &str = "/api/v1/sharing/grants:import";

fn file(text: &str) -> Value {
    json!({"grants": text, "evidence": "会议纪要〔2026〕3号"})
}

/// A grant on persons for a department that provides nothing.
fn grant(id: &str, more: &str) -> String {
    format!(
        "[[grant]]\nid = \"{id}\"\ndepartment = \"{OTHER}\"\ndataset = \"population/persons\"\nfields = [\"citizen_id\", \"name\"]\n\
         purpose = \"办理社会保险登记\"\nground = \"社会保险法第五十八条\"\nfrom = \"2026-01-01\"\nto = \"2027-06-01\"\n{more}\n"
    )
}

#[tokio::test]
async fn a_grant_taken_in_is_a_case_like_any_other() {
    let desk = Desk::new();
    let text = grant("MZ.2026-7", "");
    for who in [OTHER, POLICE, &format!("!{POLICE}")] {
        assert_eq!(desk.ask(who, "POST", ROUTE, file(&text)).await.0, 403, "{who}");
    }
    let (status, taken) = desk.ask(AUTHORITY, "POST", ROUTE, file(&text)).await;
    assert_eq!((status, taken), (200, json!({"imported": 1, "unchanged": 0, "cases": ["MZ.2026-7"]})));
    assert_eq!(desk.use_it("MZ.2026-7").await.0, 200);
    let path = "/api/v1/sharing/requests/MZ.2026-7";
    for (who, status) in [(OTHER, 200), (POLICE, 200), (AUTHORITY, 200), (REGISTRAR, 404)] {
        assert_eq!(desk.ask(who, "GET", path, Value::Null).await.0, status, "{who}");
    }
    let (_, case) = desk.ask(OTHER, "GET", path, Value::Null).await;
    let first = &case["events"][0];
    assert_eq!(
        (&case["state"], &case["requester"], &case["provider"]),
        (&json!("active"), &json!(OTHER), &json!(POLICE))
    );
    assert_eq!(
        (&first["step"], &first["department"], &first["officer"]),
        (&json!("import"), &json!(AUTHORITY), &json!("007"))
    );
    assert_eq!(first["evidence"], "会议纪要〔2026〕3号");
    assert_eq!(first["digest"].as_str().map(str::len), Some(64), "{first}");
    assert_eq!(case["alerts"], json!([]));
    // Misuse, suspension, dispute, the end: as of a case that was asked for.
    let because = || json!({"reason": "超范围使用", "evidence": "审计第 12 号"});
    for (who, step, state, works) in [
        (POLICE, "report_misuse", "active", true),
        (POLICE, "suspend", "suspended", false),
        (OTHER, "dispute", "suspended", false),
        (OTHER, "escalate", "suspended", false),
    ] {
        let (status, case) = desk.step(who, "MZ.2026-7", step, because()).await;
        assert_eq!((status, case["state"].as_str()), (200, Some(state)), "{step}: {case}");
        assert_eq!(desk.use_it("MZ.2026-7").await.0 == 200, works, "{step}");
    }
    let decided = json!({"outcome": "overturn", "reason": "证据不足"});
    assert_eq!(desk.step(AUTHORITY, "MZ.2026-7", "decide", decided).await.0, 200);
    assert_eq!(desk.use_it("MZ.2026-7").await.0, 200);
    desk.world.clock.set(Instant(NOON.0 + 300 * 86_400_000_000));
    assert_eq!(desk.use_it("MZ.2026-7").await.1["code"], "grant_refused");
    let (_, case) = desk.step(OTHER, "MZ.2026-7", "dispose", because()).await;
    assert_eq!(case["state"], "disposed", "{case}");
}

#[tokio::test]
async fn what_the_file_still_says_is_nothing_against_the_case() {
    let desk = Desk::new();
    assert_eq!(desk.use_it("G-1").await.0, 200, "the file gives it");
    let (status, taken) = desk.ask(AUTHORITY, "POST", ROUTE, file(GRANTS)).await;
    assert_eq!((status, &taken["imported"]), (200, &json!(2)), "{taken}");
    assert_eq!(desk.use_it("G-1").await.0, 200);
    desk.step(POLICE, "G-1", "report_misuse", json!({"evidence": "证"})).await;
    desk.step(POLICE, "G-1", "suspend", json!({"reason": "因"})).await;
    assert_eq!(desk.use_it("G-1").await.1["code"], "grant_refused");
    // The same file again, and the file in the directory read again, change nothing.
    let (status, taken) = desk.ask(AUTHORITY, "POST", ROUTE, file(GRANTS)).await;
    assert_eq!((status, taken), (200, json!({"imported": 0, "unchanged": 2, "cases": []})));
    desk.world.app.refresh(&mut None);
    assert_eq!(desk.use_it("G-1").await.1["code"], "grant_refused");
    let (_, case) = desk.ask(POLICE, "GET", "/api/v1/sharing/requests/G-1", Value::Null).await;
    assert_eq!((&case["state"], case["events"].as_array().map(Vec::len)), (&json!("suspended"), Some(3)), "{case}");
    // One that was over before it was taken in is to be disposed of.
    let (_, over) = desk.ask(OTHER, "GET", "/api/v1/sharing/requests/G-OVER", Value::Null).await;
    assert_eq!(
        (&over["state"], &over["alerts"][0]["what"]),
        (&json!("expired"), &json!("expired and not disposed of"))
    );
}

#[tokio::test]
async fn one_broken_line_and_nothing_is_taken_in() {
    let desk = Desk::new();
    let broken = [
        grant("A-1", ""),
        grant("A-2", "rows = \"nothing = 1\""),
        grant("A-1", ""),
        grant("S-0123456789abcdef", ""),
        grant("A-3", "masked = [\"name\"]"),
        grant("..", ""),
    ];
    let (status, refused) = desk.ask(AUTHORITY, "POST", ROUTE, file(&broken.concat())).await;
    assert_eq!((status, &refused["code"], &refused["member"]), (422, &json!("unprocessable"), &json!("grants")));
    let detail = refused["detail"].as_str().expect("a detail");
    for said in [
        "line 11: `rows`",
        "line 21: grant `A-1` stands twice",
        "line 31: `S-",
        "line 41: field `name`",
        "line 51: `id`",
    ] {
        assert!(detail.contains(said), "{said} in {detail}");
    }
    assert!(!detail.contains("line 1:"), "{detail}");
    assert_eq!(desk.use_it("A-1").await.1["code"], "grant_refused");
    assert_eq!(desk.ask(AUTHORITY, "GET", "/api/v1/sharing/requests/A-1", Value::Null).await.0, 404);
    let (status, refused) = desk.ask(AUTHORITY, "POST", ROUTE, file("[[grant]]\nid = 7\n")).await;
    assert!(status == 422 && refused["detail"].as_str().is_some_and(|d| d.contains("line 2")), "{refused}");
    let (status, refused) = desk.ask(AUTHORITY, "POST", ROUTE, json!({"grants": broken[0]})).await;
    assert_eq!((status, &refused["member"]), (400, &json!("evidence")));
    // Other terms under an id that stands are no import.
    assert_eq!(desk.ask(AUTHORITY, "POST", ROUTE, file(&broken[0])).await.0, 200);
    let wider = broken[0].replace("\"name\"]", "\"name\", \"sex\"]");
    let (status, refused) = desk.ask(AUTHORITY, "POST", ROUTE, file(&wider)).await;
    assert!(status == 422 && refused["detail"].as_str().is_some_and(|d| d.contains("other terms")), "{refused}");
}

/// Another gateway on the same rows: the case stands as it was left, whatever its directory's file says.
#[tokio::test]
async fn what_was_taken_in_is_kept() {
    let desk = Desk::new();
    desk.ask(AUTHORITY, "POST", ROUTE, file(&[grant("B-1", ""), grant("B-2", "")].concat())).await;
    desk.step(OTHER, "B-2", "relinquish", json!({})).await;
    let (grants, imported) = {
        let held = desk.world.app.catalogue.held();
        desk.world.app.desk.grants(|name| held.get(name).map(|f| f.dataset.as_ref())).await.expect("read")
    };
    assert_eq!(grants.iter().map(|g| g.id.as_str()).collect::<Vec<_>>(), ["B-1"]);
    assert_eq!(imported.into_iter().collect::<Vec<_>>(), ["B-1", "B-2"]);
}
