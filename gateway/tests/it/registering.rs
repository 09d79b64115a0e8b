//! A dataset from draft to serving, and its next version, while the gateway runs.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use foundation::dataset::Dataset;
use foundation::service::BaseDatabase;
use foundation::testkit::load::{Loaded, open};
use gateway::config::Config;
use serde_json::{Value, json};

use crate::sharing::Desk;
use crate::world::{AUTHORITY, OTHER, Who, World, read};

const LIBRARY: &str = "11100000PDY000044W";
const ENTRIES: &str = "/api/v1/catalogue/entries";
const STELES: &str = "/api/v1/datasets/culture/steles";

/// A desk over a base database of culture with its index.
struct Hall {
    desk: Desk,
    loaded: Loaded,
}

impl Hall {
    async fn new() -> Self {
        let loaded = open(culture::domain().expect("definitions"), true).await;
        let databases: Vec<Arc<dyn BaseDatabase>> = vec![Arc::clone(&loaded.database) as _];
        Self { desk: Desk { world: World::over(databases, Config::default(), "") }, loaded }
    }

    /// Drafts a definition, as a new entry or a change of one; gives the entry.
    async fn draft(&self, query: &str, definition: &str) -> Value {
        let (status, entry) = self.desk.file(LIBRARY, query, "application/toml", definition.as_bytes().to_vec()).await;
        assert_eq!((status, &entry["draft"]["problems"]), (200, &json!([])), "{entry}");
        entry
    }

    async fn announce(&self, id: &str) {
        let head = format!("!{LIBRARY}");
        for (who, step) in [(head.as_str(), "submit"), (AUTHORITY, "approve"), (AUTHORITY, "announce")] {
            let (status, said) = self.desk.compile(who, id, step, json!({})).await;
            assert_eq!(status, 200, "{step}: {said}");
        }
    }

    async fn serve(&self, who: &str, id: &str) -> (u16, Value) {
        self.desk.compile(who, id, "serve", json!({})).await
    }

    async fn import(&self, key: &str, csv: &str) -> Value {
        let request = Request::builder()
            .method("POST")
            .uri(format!("{STELES}/records:import"))
            .header("authorization", format!("Bearer {}", self.desk.token(LIBRARY)))
            .header("idempotency-key", key)
            .header("content-type", "text/csv");
        let (status, report) =
            read(self.desk.world.send(request.body(Body::from(csv.to_owned())).expect("a request")).await).await;
        assert_eq!(status, 200, "{report}");
        assert!(self.loaded.database.index_caught_up(60_000).await.expect("an index"));
        report
    }

    async fn public(&self, path: &str) -> (u16, Value) {
        self.desk.world.ask(Who::Public, "GET", path, "").await
    }

    fn kept(&self) -> Option<Dataset> {
        let file = self.desk.world.dir.path().join("datasets/culture/steles.toml");
        let text = std::fs::read_to_string(file).ok()?;
        Some(Dataset::from_toml(&text, "kept").expect("a definition"))
    }
}

/// Inscriptions on stone: a definition that no program brings.
fn steles(version: u32, more: &str) -> String {
    format!(
        r#"
name = "culture/steles"
version = {version}
title = {{ zh = "碑刻", en = "Steles" }}
summary = {{ zh = "碑刻的名称与所在。", en = "Inscriptions on stone." }}
resource-code = "304002/000000"
classification = "部门信息资源/文化/石刻/碑刻"
provider = "文化和旅游部门（演示）"
provider-code = "{LIBRARY}"
format = "数据库"
update-cycle = "每年"
published = "2020-01-01"
sharing = "unconditional"
sharing-modes = ["服务接口"]
openness = "unconditional"
conditions-of-use = "注明来源"
impact-assessment = "PIA-2026-201"
zone = "public"
units = "none"
disclosure = "open"
id = "readable"
natural-key = ["number"]
authority = ["{LIBRARY}"]
title-fields = ["title"]

[[field]]
number = 1
name = "number"
title = {{ zh = "编号", en = "Number" }}
type = "text"
grade = 1
required = true
max-length = 40
search = "exact"

[[field]]
number = 2
name = "title"
title = {{ zh = "碑名", en = "Title" }}
type = "text"
grade = 1
required = true
max-length = 200
search = "name"
{more}"#
    )
}

/// With a field that is shared otherwise, and with whom.
fn guarded(version: u32) -> String {
    let condition = "sharing-condition = \"文物管理部门；安全检查\"\nsharing-modes";
    steles(version, KEEPER).replacen("sharing-modes", condition, 1)
}

const KEEPER: &str = r#"
[[field]]
number = 3
name = "keeper"
title = { zh = "保管人", en = "Keeper" }
type = "text"
grade = 3
sharing = "conditional"
openness = "none"
max-length = 40
search = "exact"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_dataset_goes_from_draft_to_serving_without_a_restart() {
    let hall = Hall::new().await;
    let entry = hall.draft("", &steles(1, "")).await;
    let id = entry["id"].as_str().expect("an id").to_owned();
    assert!(
        entry["draft"]["definition"].as_str().is_some_and(|text| text.contains("culture/steles")),
        "for the authority to read"
    );
    let (status, refused) = hall.serve(LIBRARY, &id).await;
    assert_eq!((status, refused["code"].as_str()), (409, Some("conflict")), "nothing is announced: {refused}");
    hall.announce(&id).await;
    assert_eq!(hall.public(STELES).await.0, 404, "announced is not served");
    for (who, status) in [(OTHER, 403), (AUTHORITY, 403)] {
        assert_eq!(hall.serve(who, &id).await.0, status, "{who}");
    }
    assert!(hall.kept().is_none());
    let (status, served) = hall.serve(LIBRARY, &id).await;
    assert_eq!((status, served["served_since"].is_string()), (200, true), "{served}");
    let kept = hall.kept().expect("a definition");
    assert_eq!((Some(kept.resource_code.as_str()), kept.published.as_str()), (served["code"].as_str(), "2026-11-23"));
    let report = hall.import("a", "number,title\nS-1,曹全碑\nS-2,张迁碑\n").await;
    assert_eq!((report["accepted"].as_u64(), report["rejected"].as_u64()), (Some(2), Some(0)), "{report}");
    let (status, found) = hall.public("/api/v1/search?q=%E6%9B%B9%E5%85%A8%E7%A2%91").await;
    assert_eq!((status, found["items"][0]["dataset"].as_str()), (200, Some("steles")), "{found}");
    assert_eq!(hall.public(&format!("{STELES}/records/S-2")).await.1["fields"]["title"], "张迁碑");
    let (_, document) = hall.public("/openapi.json").await;
    assert!(document.to_string().contains("Steles"), "the description names it");
    // One entry, by either name, and once in the list.
    let (status, by_name) = hall.desk.entry(OTHER, "culture:steles").await;
    assert_eq!((status, by_name["id"].as_str()), (200, Some(id.as_str())));
    let (_, all) = hall.desk.ask(OTHER, "GET", &format!("{ENTRIES}?limit=1000"), Value::Null).await;
    let titled = all["items"].as_array().expect("entries").iter().filter(|entry| entry["title"] == "碑刻").count();
    assert_eq!(titled, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_later_version_is_served_and_its_closed_field_stays_closed() {
    let hall = Hall::new().await;
    let id = hall.draft("", &steles(1, "")).await["id"].as_str().expect("an id").to_owned();
    hall.announce(&id).await;
    assert_eq!(hall.serve(LIBRARY, &id).await.0, 200);
    hall.import("a", "number,title\nS-1,曹全碑\n").await;
    let query = format!("?entry={id}&reason=x");
    let narrower =
        steles(2, "").replace("name = \"title\"\n", "name = \"heading\"\n").replace("[\"title\"]", "[\"heading\"]");
    let (status, refused) = hall.desk.file(LIBRARY, &query, "application/toml", narrower.into_bytes()).await;
    assert_eq!((status, refused["member"].as_str()), (422, Some("definition")), "{refused}");
    let later = guarded(2);
    hall.draft(&query, &later).await;
    hall.announce(&id).await;
    assert_eq!(hall.serve(LIBRARY, &id).await.0, 200);
    assert_eq!(hall.kept().map(|kept| kept.version), Some(2));
    let report = hall.import("b", "number,title,keeper\nS-1,曹全碑,王守碑\nS-3,史晨碑,李守碑\n").await;
    assert_eq!(report["rejected"], 0, "{report}");
    let (_, seen) = hall.public(&format!("{STELES}/records/S-3")).await;
    assert_eq!((&seen["fields"]["title"], &seen["fields"]["keeper"]), (&json!("史晨碑"), &Value::Null), "{seen}");
    let (_, found) = hall.public("/api/v1/search?q=%E6%9D%8E%E5%AE%88%E7%A2%91&dataset=culture/steles").await;
    assert_eq!(found["items"], json!([]), "not found by what is hidden");
    let own = hall.desk.ask(LIBRARY, "GET", &format!("{STELES}/records/S-3"), Value::Null).await.1;
    assert_eq!(own["fields"]["keeper"], "李守碑", "{own}");
    // What is closed is closed with the next question, whatever was decided a moment ago.
    let closed = guarded(3);
    let closed = closed.replacen("openness = \"unconditional\"", "openness = \"none\"", 1);
    hall.draft(&query, &closed.replacen("zone = \"public\"", "zone = \"extranet\"", 1)).await;
    hall.announce(&id).await;
    assert_eq!(hall.public(&format!("{STELES}/records/S-3")).await.0, 200);
    assert_eq!(hall.serve(LIBRARY, &id).await.0, 200);
    assert_eq!(hall.public(&format!("{STELES}/records/S-3")).await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_served_is_refused_and_leaves_everything_as_it_was() {
    let hall = Hall::new().await;
    let listed = "\n[[field]]\nnumber = 3\nname = \"script\"\ntitle = { zh = \"书体\", en = \"Script\" }\ntype = \"code\"\ncode-list = \"no-such-list\"\ngrade = 1\n";
    let id = hall.draft("", &steles(1, listed)).await["id"].as_str().expect("an id").to_owned();
    hall.announce(&id).await;
    let (status, refused) = hall.serve(LIBRARY, &id).await;
    assert_eq!(status, 422, "{refused}");
    assert!(refused["detail"].as_str().is_some_and(|text| text.contains("no-such-list")), "{refused}");
    assert!(hall.kept().is_none(), "the definition is not kept");
    assert_eq!(hall.public(STELES).await.0, 404);
    // An entry written by form says nothing of how its data is kept.
    let (_, entry) = hall.desk.entry(LIBRARY, &id).await;
    let mut items = entry["items"].clone();
    items["dataset"] = json!("");
    let (_, form) = hall.desk.ask(LIBRARY, "POST", ENTRIES, json!({"items": items})).await;
    let form = form["id"].as_str().expect("an id").to_owned();
    hall.announce(&form).await;
    let (status, refused) = hall.serve(LIBRARY, &form).await;
    assert_eq!(status, 422, "{refused}");
    // Of two entries that name a dataset, the first to be served has it.
    let (one, two) = (hall.draft("", &steles(1, "")).await, hall.draft("", &steles(1, "")).await);
    let ids = [one, two].map(|entry| entry["id"].as_str().expect("an id").to_owned());
    for id in &ids {
        hall.announce(id).await;
    }
    assert_eq!(hall.serve(LIBRARY, &ids[1]).await.0, 200);
    let (status, refused) = hall.serve(LIBRARY, &ids[0]).await;
    assert_eq!((status, refused["member"].as_str()), (422, Some("dataset")), "{refused}");
    // The program's own fields are numbered below those of a data directory.
    let works = include_str!("../../../culture/datasets/works.toml");
    let version =
        hall.desk.world.app.catalogue.datasets().iter().find(|d| d.name.table() == "works").map_or(1, |d| d.version);
    let later = works.replacen(&format!("version = {version}"), &format!("version = {}", version + 1), 1);
    let more = KEEPER.replace("number = 3", "number = 900");
    let body = format!("{later}{more}").into_bytes();
    let (status, refused) = hall.desk.file(LIBRARY, "?entry=culture:works&reason=x", "application/toml", body).await;
    assert_eq!(status, 422, "{refused}");
    assert!(refused["detail"].as_str().is_some_and(|text| text.contains("from 1000")), "{refused}");
}
