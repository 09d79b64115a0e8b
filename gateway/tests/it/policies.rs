//! Policies and grants on disk come into force when two people have approved exactly them, and not by lying there.

use std::path::Path;

use foundation::service::BaseDatabase;
use gateway::accounts::{Intent, Measure, State};
use gateway::config::Config;
use gateway::policy::{KEPT, Places};
use gateway::token::{Role, Subject};
use serde_json::{Value, json};

use crate::base::Table;
use crate::house::{House, Person, Signed};
use crate::world::OTHER;

const GRANTS: &str = r#"
[[grant]]
id = "G-OWNERS"
department = "11100000PDY0000999"
dataset = "legal-entity/beneficial-owners"
acts = ["get", "list"]
fields = ["name"]
purpose = "p"
ground = "g"
from = "2026-01-01"
to = "2027-01-01"
"#;
/// Forbids everybody's reading.
const FORBID: &str =
    "@id(\"nothing-today\") @law(\"test\")\nforbid (principal, action == Action::\"get\", resource is Dataset);\n";
/// A policy that does not hold the schema, on its second line.
const BROKEN: &str = "\n@id(\"x\") @law(\"y\")\npermit (principal, action, resource) when { resource.colour == 1 };\n";

struct Yard {
    house: House,
    two: [(Person, Signed); 2],
}

fn databases() -> Vec<std::sync::Arc<dyn BaseDatabase>> {
    vec![
        Table::serve(legal_entity::domain().expect("definitions")),
        Table::serve(population::domain().expect("definitions")),
    ]
}

fn places(dir: &Path) -> Places {
    Places { directory: Some(dir.join("rules")), grants: dir.join("grants.toml") }
}

impl Yard {
    async fn new() -> Self {
        let mut config = Config::default();
        config.policy.two_people = true;
        config.policy.directory = Some("rules".into());
        let mut house = House::over(databases(), config, GRANTS, "");
        std::fs::create_dir(house.dir.path().join("rules")).expect("made");
        let built_in = concat!(env!("CARGO_MANIFEST_DIR"), "/policies");
        for item in std::fs::read_dir(built_in).expect("policies") {
            let path = item.expect("a file").path();
            if path.extension().is_some_and(|ending| ending == "cedar") {
                let to = house.dir.path().join("rules").join(path.file_name().expect("a name"));
                std::fs::copy(&path, to).expect("copied");
            }
        }
        let two = house.two().await;
        Self { house, two }
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.house.dir.path().join("rules").join(name), text).expect("written");
    }

    fn digest(&self) -> String {
        places(self.house.dir.path()).read().expect("readable").digest()
    }

    /// A second of the keeper's.
    async fn look(&self) {
        self.house.app.refresh(&mut None);
        self.house.app.adopt_policies().await;
    }

    async fn propose(&self, digest: &str) -> (u16, Value) {
        let body = json!({"act": "change_policies", "digest": digest});
        self.house.ask(&self.two[0].1.access, "POST", "/api/v1/approvals", body).await
    }

    /// How a record is read under the grant of the file, and what health says besides.
    async fn seen(&self) -> (u16, Value) {
        let subject = Subject {
            subject: "clerk".to_owned(),
            department: Some(OTHER.to_owned()),
            roles: vec![Role::Department],
            ..Subject::default()
        };
        let token = self.house.issuer.issue(&self.house.app.config.tokens, &subject, self.house.now_s(), 3_600);
        let request = axum::http::Request::get("/api/v1/datasets/legal-entity/beneficial-owners/records/one")
            .header("authorization", format!("Bearer {token}"))
            .header("natbase-grant", "G-OWNERS")
            .header("natbase-case", "C-1")
            .header("natbase-officer", "007");
        let (status, _) = self.house.send(request.body("".into()).expect("a request")).await;
        let (_, health) = self.house.ask("", "GET", "/health/ready", Value::Null).await;
        (status, health["notes"].clone())
    }
}

#[tokio::test]
async fn a_changed_file_has_no_effect_before_two_people_have_approved_it() {
    let mut yard = Yard::new().await;
    let differs = json!(["policies on disk differ from those in force"]);
    yard.look().await;
    assert_eq!(yard.seen().await, (403, differs.clone()), "nothing was approved: no grant of the file");
    let (_, metrics) = yard.house.ask("", "GET", "/metrics", Value::Null).await;
    assert!(metrics.as_str().is_some_and(|text| text.contains("natbase_policies_differ 1")), "{metrics}");
    let digest = yard.digest();
    let (status, said) = yard.propose(&digest.replace(['0', '1'], "2")).await;
    assert_eq!((status, said["code"].as_str()), (422, Some("unprocessable")), "another digest: {said}");
    assert_eq!(yard.propose("x").await.0, 422);
    let (status, taken) = yard.propose(&digest).await;
    assert_eq!((status, taken["proposal"]["policies"].as_str()), (200, Some(digest.as_str())), "{taken}");
    yard.look().await;
    assert_eq!(yard.seen().await, (403, differs.clone()), "one person");
    let path = format!("/api/v1/approvals/{}:approve", taken["proposal"]["number"]);
    let body = json!({"digest": taken["proposal"]["digest"]});
    assert_eq!(yard.house.ask(&yard.two[0].1.access, "POST", &path, body).await.0, 403, "his own proposal");
    yard.look().await;
    assert_eq!(yard.seen().await, (403, differs.clone()));
    yard.house.approve(&yard.two[1].1.access, &taken["proposal"]).await;
    assert_eq!(yard.seen().await, (200, json!([])), "two people");
    let before = yard.house.app.policy_version();
    yard.house.restart();
    assert_eq!(yard.seen().await, (200, json!([])));

    // A rule more on disk.
    yard.write("99-today.cedar", FORBID);
    for again in [false, true] {
        if again {
            yard.house.restart();
        }
        yard.look().await;
        assert_eq!(yard.seen().await, (200, differs.clone()), "after a restart: {again}");
    }
    assert_eq!(yard.house.app.policy_version(), before, "what decides is what was approved");
    // An approval of something else.
    yard.write("99-today.cedar", &FORBID.replace("nothing-today", "other"));
    let other = yard.digest();
    let (_, taken) = yard.propose(&other).await;
    yard.write("99-today.cedar", FORBID);
    yard.house.approve(&yard.two[1].1.access, &taken["proposal"]).await;
    yard.look().await;
    assert_eq!(yard.seen().await, (200, differs.clone()), "what was approved does not lie there");
    let (_, taken) = yard.propose(&yard.digest()).await;
    yard.house.approve(&yard.two[1].1.access, &taken["proposal"]).await;
    assert_eq!(yard.seen().await, (403, json!([])));
    assert_ne!(yard.house.app.policy_version(), before);

    // An approval is good once: what was in force before takes two people again.
    std::fs::remove_file(yard.house.dir.path().join("rules").join("99-today.cedar")).expect("removed");
    assert_eq!(yard.digest(), digest);
    yard.look().await;
    assert_eq!(yard.seen().await, (403, differs));

    // The log says who proposed, who approved, and when it came into force.
    let entries = yard.house.entries();
    let of = |route: &str| {
        let all = entries.iter().rev().filter(|entry| entry.route == route && entry.status == 200);
        all.map(|entry| (entry.subject.clone(), entry.records.clone())).collect::<Vec<_>>()
    };
    let shown = (String::from("person:li.shan"), vec![digest.clone()]);
    assert_eq!(of("POST /api/v1/approvals")[0], shown);
    assert_eq!(of("POST /api/v1/approvals/{proposal}")[0], ("person:wang.he".into(), vec![digest.clone()]));
    let came: Vec<_> = of("policies come into force").into_iter().map(|(_, records)| records[0].clone()).collect();
    assert_eq!((came.len(), &came[0]), (2, &digest), "{came:?}");
}

#[tokio::test]
async fn policies_that_cannot_be_used_are_refused_with_their_place() {
    let mut yard = Yard::new().await;
    yard.write("99-today.cedar", BROKEN);
    let (status, said) = yard.propose(&yard.digest()).await;
    let detail = said["detail"].as_str().unwrap_or_default();
    assert!(status == 422 && detail.contains("99-today.cedar, line 2"), "{said}");
    // Two people who approve it all the same, past the check of the route.
    let digest = yard.digest();
    let measure = Measure::ChangePolicies { digest };
    let now = yard.house.app.clock.now();
    let submit = Intent::Submit(measure.clone());
    yard.house.app.roster.act("person:li.shan", submit, now).await.expect("proposed");
    let (_, listed) = yard.house.ask(&yard.two[1].1.access, "GET", "/api/v1/approvals?open=true", Value::Null).await;
    let proposal = listed["items"][0].clone();
    let version = yard.house.app.policy_version();
    yard.house.approve(&yard.two[1].1.access, &proposal).await;
    yard.look().await;
    assert_eq!(yard.seen().await, (403, json!(["policies on disk cannot be used; those in force stay"])));
    assert_eq!(yard.house.app.policy_version(), version);
    let number = proposal["number"].as_u64().expect("a number");
    let state = yard.house.app.roster.read(|register| register.proposal(number).map(|p| p.state(now.0)));
    assert_eq!(state, Some(State::Approved), "not used up");
    // Where policies take nobody, nobody approves them.
    let mut plain = House::new();
    let two = plain.two().await;
    let body = json!({"act": "change_policies", "digest": "0".repeat(64)});
    assert_eq!(plain.ask(&two[0].1.access, "POST", "/api/v1/approvals", body).await.0, 422);
    yard.house.restart();
    assert_eq!(yard.house.app.policy_version(), version);
}

#[tokio::test]
async fn what_is_in_force_is_the_approved_copy_or_the_start_stops() {
    let mut yard = Yard::new().await;
    let (_, taken) = yard.propose(&yard.digest()).await;
    yard.house.approve(&yard.two[1].1.access, &taken["proposal"]).await;
    let kept = yard.house.dir.path().join(KEPT);
    let sound = std::fs::read(&kept).expect("a copy");
    // The copy is gone, or another's: those on disk are the approved ones and heal it.
    for broken in [Vec::new(), b"{\"policies\":{}}".to_vec()] {
        std::fs::write(&kept, broken).expect("written");
        yard.house.restart();
        assert_eq!(std::fs::read(&kept).expect("a copy"), sound);
    }
    // Both were changed: nothing says what is in force.
    yard.write("99-today.cedar", FORBID);
    let changed = places(yard.house.dir.path()).read().expect("readable");
    std::fs::write(&kept, serde_json::to_vec(&changed).expect("JSON")).expect("written");
    let why = yard.house.start_again().expect_err("a start");
    assert!(why.contains(KEPT) && why.contains("policies in force"), "{why}");
    std::fs::write(&kept, &sound).expect("written");
    yard.house.restart();
    assert_eq!(yard.seen().await.0, 200);
    // A stop between the copy and its place.
    std::fs::rename(&kept, kept.with_extension("next")).expect("renamed");
    yard.house.restart();
    assert_eq!(yard.seen().await.0, 200);
}
