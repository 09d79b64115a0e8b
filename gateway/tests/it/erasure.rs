//! What two people decide is erased, once; master keys follow each other while everything goes on.

use std::sync::Arc;

use arc_swap::ArcSwap;
use foundation::clock::FixedClock;
use foundation::dataset::Database;
use foundation::store::{Keys, Ring, Store as _, Suite, memory::MemoryStore};
use foundation::testkit::load::{Loaded, open_sealed};
use gateway::app::App;
use gateway::erasing;
use gateway::master_keys::{self, MasterKeys};
use serde_json::{Value, json};

use crate::house::{House, Person, Signed};
use crate::world::NOON;

const ONE: &str = "895404196808221573";
const TWO: &str = "89230719710630461X";
const APPROVALS: &str = "/api/v1/approvals";

/// A house over persons and their documents, sealed, with two security administrators.
struct Archive {
    house: House,
    loaded: Loaded,
    rows: Arc<MemoryStore>,
    two: [(Person, Signed); 2],
}

impl Archive {
    async fn new() -> Self {
        let clock = Arc::new(FixedClock::at(NOON));
        let outside = tempfile::tempdir().expect("a directory");
        let file = outside.path().join("ring.toml");
        let ring = master_keys::open(&file, Suite::Aes256Gcm, false).expect("a ring");
        let ring = Arc::new(ArcSwap::from_pointee(ring));
        let kept = Arc::new(MemoryStore::new(clock.clone()));
        let keys = Arc::new(Keys::new(kept, Arc::clone(&ring), Suite::Aes256Gcm));
        let rows = Arc::new(MemoryStore::new(clock));
        let domain = population::domain().expect("definitions");
        let loaded = open_sealed(domain, true, rows.clone(), Arc::clone(&keys)).await;
        let master = MasterKeys::new(file, ring, vec![(Database::Population, keys)]);
        let mut house = House::sealed(vec![Arc::clone(&loaded.database) as _], Arc::new(master), outside);
        let persons = format!("citizen_id,name\n{ONE},杨勇\n{TWO},郭臣程\n");
        let documents = format!(
            "document_kind,document_number,citizen_id,name\npassport,E12345678,{ONE},YANG YONG\npassport,E87654321,{TWO},GUO\n"
        );
        for (table, text) in [("persons", persons), ("documents", documents)] {
            let report = loaded.bytes(table, text.into_bytes(), foundation::write::source::Format::Csv, table).await;
            assert_eq!((report.progress.accepted, report.problems), (2, vec![]), "{table}");
        }
        let two = house.two().await;
        Self { house, loaded, rows, two }
    }

    fn app(&self) -> &App {
        &self.house.app
    }

    async fn id(&self, table: &str, of: &str) -> Option<String> {
        use foundation::service::{BaseDatabase as _, SearchAsk};
        let name = self.loaded.dataset(table).name.clone();
        let ask = SearchAsk::of(name, foundation::testkit::load::today(), self.loaded.everything(table), 10);
        let found = self.loaded.database.search(ask).await.expect("an answer");
        let number = self.loaded.dataset(table).field("citizen_id").map(|field| field.number).expect("a number");
        let is = |hit: &&foundation::service::Hit| {
            hit.record.fields.get(number) == Some(&foundation::value::Value::Code(of.into()))
        };
        found.hits.iter().find(is).map(|hit| hit.record.id.clone())
    }

    async fn propose(&self, body: Value) -> (u16, Value) {
        self.house.ask(&self.two[0].1.access, "POST", APPROVALS, body).await
    }

    async fn see(&self, path: &str) -> Value {
        let (status, said) = self.house.ask(&self.two[1].1.access, "GET", path, Value::Null).await;
        assert_eq!(status, 200, "{said}");
        said
    }

    /// How many of these bytes lie in the rows beneath the seals.
    async fn readable(&self, text: &str) -> usize {
        let snapshot = self.rows.snapshot(None).await.expect("a view");
        let all = snapshot.scan(vec![1]..vec![0xFF; 1025], foundation::store::Direction::Forward, usize::MAX).await;
        let says = |value: &[u8]| value.windows(text.len()).any(|part| part == text.as_bytes());
        all.expect("rows").iter().filter(|(_, value)| says(value)).count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_erased_when_two_have_decided_and_what_is_his_goes_along() {
    let archive = Archive::new().await;
    let person = archive.id("persons", ONE).await.expect("a person");
    assert_eq!(archive.readable(ONE).await + archive.readable("杨勇").await, 0, "sealed");
    let erase =
        json!({"act": "erase", "dataset": "population/persons", "record": person, "ground": "法院决定 12 号, PIPL 47"});
    for (member, wrong, status) in [
        ("ground", json!(" "), 422),
        ("ground", json!("x".repeat(501)), 400),
        ("dataset", json!("population/nobody"), 404),
        ("dataset", json!("persons"), 400),
        ("fingerprint", json!("00"), 400),
    ] {
        let mut body = erase.clone();
        body[member] = wrong;
        let (got, said) = archive.propose(body).await;
        assert_eq!(got, status, "{member}: {said}");
    }
    let (status, taken) = archive.propose(erase.clone()).await;
    assert_eq!((status, taken["proposal"]["state"].as_str()), (200, Some("open")), "{taken}");
    assert!(erasing::carry_out(archive.app()).await);
    assert!(archive.id("persons", ONE).await.is_some(), "one alone erases nothing");
    let own = format!("{APPROVALS}/{}:approve", taken["proposal"]["number"]);
    let digest = json!({"digest": taken["proposal"]["digest"]});
    assert_eq!(archive.house.ask(&archive.two[0].1.access, "POST", &own, digest).await.0, 403);
    let approved = archive.house.approve(&archive.two[1].1.access, &taken["proposal"]).await;
    assert_eq!(approved["proposal"]["state"], "approved");
    assert!(erasing::carry_out(archive.app()).await);
    for table in ["persons", "documents"] {
        assert_eq!(archive.id(table, ONE).await, None, "{table}");
        assert!(archive.id(table, TWO).await.is_some(), "{table}");
        let left = archive.see(&format!("/api/v1/erasures?dataset=population/{table}")).await;
        let stone = &left["items"][0];
        assert_eq!((left["items"].as_array().map(Vec::len), &stone["done"]), (Some(1), &json!(true)), "{left}");
        assert!(stone["because"].as_str().is_some_and(|text| text.contains("PIPL 47")), "{stone}");
        assert_eq!(stone["with"]["id"].as_str(), (table == "documents").then_some(person.as_str()));
    }
    let proposals = archive.see(APPROVALS).await;
    assert_eq!(proposals["items"][0]["state"], "used", "{proposals}");
    let told: Vec<_> = archive.house.entries().into_iter().filter(|entry| entry.code == "erased").collect();
    assert_eq!((told.len(), told[0].records.len(), told[0].subject.as_str()), (1, 2, "person:wang.he"));
    assert!(erasing::carry_out(archive.app()).await);
    assert_eq!(archive.house.entries().iter().filter(|entry| entry.code == "erased").count(), 1, "once");
    // Neither the person nor what would be his comes back.
    for (table, text) in [
        ("persons", format!("citizen_id,name\n{ONE},杨勇\n")),
        ("documents", format!("document_kind,document_number,citizen_id,name\npassport,E11111111,{ONE},YANG YONG\n")),
    ] {
        let report =
            archive.loaded.bytes(table, text.into_bytes(), foundation::write::source::Format::Csv, "later").await;
        assert_eq!(report.problems.iter().map(|p| p.rule.as_str()).collect::<Vec<_>>(), ["erased"], "{table}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_of_what_is_not_there_is_not_called_one() {
    let archive = Archive::new().await;
    let body =
        json!({"act": "erase", "dataset": "population/persons", "record": "0".repeat(32), "ground": "decision 5"});
    let (_, taken) = archive.propose(body).await;
    archive.house.approve(&archive.two[1].1.access, &taken["proposal"]).await;
    assert!(erasing::carry_out(archive.app()).await);
    let told = archive.house.entries().into_iter().find(|entry| entry.route == "erasure").expect("an entry");
    assert_eq!((told.code.as_str(), told.status, told.rows), ("not_found", 404, 0));
    assert_eq!(archive.see("/api/v1/erasures?dataset=population/persons").await["items"], json!([]));
    assert_eq!(archive.see(APPROVALS).await["items"][0]["state"], "used");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_erasure_that_was_approved_is_carried_out_after_a_restart() {
    let mut archive = Archive::new().await;
    let person = archive.id("persons", TWO).await.expect("a person");
    let (_, taken) = archive
        .propose(json!({"act": "erase", "dataset": "population/persons", "record": person, "ground": "decision 3"}))
        .await;
    archive.house.approve(&archive.two[1].1.access, &taken["proposal"]).await;
    archive.house.restart();
    erasing::go_on(archive.app()).await;
    assert!(erasing::carry_out(archive.app()).await);
    assert_eq!(archive.id("persons", TWO).await, None);
    assert_eq!(archive.see(APPROVALS).await["items"][0]["state"], "used");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_master_key_follows_another_while_records_are_read_and_the_old_one_is_given_up() {
    let mut archive = Archive::new().await;
    let keys = archive.app().master_keys.clone().expect("master keys");
    let state = archive.see("/api/v1/master-keys").await;
    assert_eq!(
        (&state["generations"][0]["in_use"], &state["generations"][0]["keys"]),
        (&json!(true), &json!(4)),
        "{state}"
    );
    let rotate = |fingerprint: &str| json!({"act": "rotate_master_key", "fingerprint": fingerprint});
    assert_eq!(archive.propose(rotate("00")).await.0, 422);
    assert_eq!(archive.propose(rotate(state["generations"][0]["fingerprint"].as_str().expect("one"))).await.0, 200);
    // Another generation is added to the file by hand.
    let mut ring = Ring::parse(&std::fs::read_to_string(keys.file()).expect("read")).expect("a ring");
    let second = ring.add(Suite::Sm4Gcm).expect("added");
    let fingerprint = ring.keys().last().expect("a key").fingerprint();
    let write = |ring: &Ring| {
        std::fs::write(keys.file(), ring.to_toml()).expect("written");
        // Each writing at a time of its own, however fast they follow.
        let later = std::time::UNIX_EPOCH + std::time::Duration::from_hours(500_000 + ring.keys().len() as u64);
        std::fs::File::options().write(true).open(keys.file()).expect("a file").set_modified(later).expect("a time");
    };
    write(&ring);
    assert_eq!(archive.propose(rotate(&fingerprint)).await.0, 422, "the file is not read again yet");
    keys.refresh().await;
    let (status, taken) = archive.propose(rotate(&fingerprint)).await;
    assert_eq!(status, 200, "{taken}");
    assert!(keys.state().await.expect("a state").generations[0].in_use, "one alone changes nothing");
    archive.house.approve(&archive.two[1].1.access, &taken["proposal"]).await;
    // Removed too early, the first generation is kept.
    write(&ring.clone().without(1).expect("removed"));
    keys.refresh().await;
    assert!(keys.problem().is_some_and(|text| text.contains("generation 1 is missing")), "{:?}", keys.problem());
    assert!(archive.id("persons", ONE).await.is_some());
    keys.rotate_if_due().await.expect("rotated");
    let state = archive.see("/api/v1/master-keys").await;
    let wrapped: Vec<_> = state["generations"].as_array().expect("all").iter().map(|g| g["keys"].clone()).collect();
    assert_eq!((wrapped, state["generations"][1]["in_use"].clone()), (vec![json!(0), json!(4)], json!(true)));
    let text = std::fs::read_to_string(keys.file()).expect("read");
    std::fs::write(keys.file(), format!("{text}\n")).expect("written");
    keys.refresh().await;
    assert_eq!(keys.problem(), None);
    assert_eq!(keys.state().await.expect("a state").generations.len(), 1);
    assert!(archive.id("documents", ONE).await.is_some(), "read under generation {second}");
    archive.house.restart();
    assert!(archive.app().master_keys.as_ref().expect("keys").state().await.expect("a state").generations[0].in_use);
}
