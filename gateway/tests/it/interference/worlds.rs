//! Two worlds and who asks them.

use std::sync::Arc;

use axum::body::Body;
use axum::http::Request;
use foundation::service::BaseDatabase;
use foundation::testkit::load::{Loaded, open};
use foundation::value::citizen_id::check_digit;
use foundation::write::source::Format;
use gateway::config::Config;
use gateway::token::{Role, Subject};
use serde_json::{Value, json};

use super::questions::Question;
use crate::world::{NOON, OTHER, Who, World};

/// Both grants are for part of the rows and part of the fields.
const GRANTS: &str = r#"
[[grant]]
id = "G-PERSONS"
department = "11100000PDY0000999"
dataset = "population/persons"
acts = ["get", "lookup", "verify", "find_persons"]
fields = ["citizen_id", "name", "birth_date", "domicile_division"]
masked = ["domicile_address", "former_name"]
rows = "domicile_division LIKE '51%'"
purpose = "p"
ground = "g"
from = "2026-01-01"
to = "2027-01-01"
rows-per-day-max = 100000000

[[grant]]
id = "G-OWNERS"
department = "11100000PDY0000999"
dataset = "legal-entity/beneficial-owners"
acts = ["get", "lookup", "search", "list", "history", "claims", "links", "statistics", "changes"]
fields = ["credit_code", "name", "basis", "since"]
rows = "country = 'CHN'"
purpose = "p"
ground = "g"
from = "2026-01-01"
to = "2027-01-01"
rows-per-day-max = 100000000
"#;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asker {
    Public,
    Department,
    OfPersons,
    OfOwners,
}

pub(crate) const ASKERS: [Asker; 4] = [Asker::Public, Asker::Department, Asker::OfPersons, Asker::OfOwners];

impl Asker {
    pub(crate) fn request(self, world: &World, question: &Question) -> Request<Body> {
        let mut request = Request::builder().method(question.method).uri(&question.path);
        if self != Self::Public {
            let subject = Subject {
                subject: "asker".to_owned(),
                department: Some(OTHER.to_owned()),
                roles: vec![Role::Department],
                officer: None,
                record: None,
                company: None,
            };
            let token = world.issuer.issue(&world.app.config.tokens, &subject, NOON.0 / 1_000_000, 3_600);
            request = request.header("authorization", format!("Bearer {token}"));
            request = request.header("natbase-case", "C-1").header("natbase-officer", "007");
        }
        match self {
            Self::OfPersons => request = request.header("natbase-grant", "G-PERSONS"),
            Self::OfOwners => request = request.header("natbase-grant", "G-OWNERS"),
            Self::Public | Self::Department => {}
        }
        if question.method == "POST" {
            request = request.header("content-type", "application/json");
        }
        request.body(Body::from(question.body.clone())).expect("a request")
    }
}

/// Two worlds that differ in what none of the askers may see.
pub(crate) struct Pair {
    pub(crate) worlds: [World; 2],
    /// Ids of records by dataset: in both, in the first alone, in the second alone.
    pub(crate) ids: Vec<(String, String)>,
    /// Words that stand somewhere, hidden or not.
    pub(crate) words: Vec<String>,
    _loaded: Vec<Loaded>,
}

pub(crate) fn number(body: &str) -> String {
    format!("{body}{}", check_digit(body))
}

/// People: those of 51 differ in fields that are hidden or alike when masked; those of 11 differ altogether.
fn persons(side: usize) -> String {
    let mut out = String::from(
        "citizen_id,name,former_name,sex,ethnic_group,birth_date,domicile_division,domicile_address,life_status,death_date\n",
    );
    for n in 0..40 {
        let sex = 2 - (n % 2);
        let id = number(&format!("51010219{:02}0615{:03}", 50 + n, 100 + n));
        let (former, ethnic, status, death, street) = match (side, n % 3) {
            (0, 0) => ("王大明", "01", "1", "", "青羊路1号"),
            (1, 0) => ("王小光", "11", "2", "2020-05-06", "武侯大道88号"),
            _ => ("王大明", "01", "1", "", "人民路2号"),
        };
        out += &format!(
            "{id},李一{n},{former},{sex},{ethnic},19{:02}-06-15,510102,四川省成都市锦江区{street},{status},{death}\n",
            50 + n
        );
    }
    for n in 0..(20 + 15 * side) {
        let sex = 2 - (n % 2);
        let id = number(&format!("11010119{:02}0101{:03}", 40 + n, 300 + n + 100 * side));
        let name = ["赵秘密", "钱隐藏"][side];
        out += &format!("{id},{name}{n},,{sex},01,19{:02}-01-01,110101,北京市东城区长安街{n}号,1,\n", 40 + n);
    }
    out
}

/// Owners: those of CHN differ in what is hidden; those of other countries differ altogether.
fn owners(side: usize) -> String {
    let mut out = String::from("credit_code,document_number,name,country,basis,percent,since\n");
    for n in 0..30 {
        let percent = [30, 60][side] + n % 3;
        let id = number(&format!("51010219{:02}0615{:03}", 50 + n, 100 + n));
        out += &format!("91350100M000100Y43,{id},李一{n},CHN,1,{percent},2020-01-{:02}\n", 1 + n % 28);
    }
    for n in 0..(10 + 12 * side) {
        let name = ["甲外人", "乙异邦"][side];
        let (country, basis) = [("USA", 2), ("FRA", 3)][side];
        out += &format!(
            "91440300MA5DLQQW0F,E{:08},{name}{n},{country},{basis},40,202{side}-02-03\n",
            100 + n + 1_000 * side
        );
    }
    out
}

/// Later: in one world hidden fields of rows that are seen change, from a day on; in the other, rows that are not seen.
fn owners_later(side: usize) -> String {
    let mut out = String::from("credit_code,document_number,name,country,basis,percent,since,_valid_from\n");
    for n in 0..5 {
        if side == 0 {
            let id = number(&format!("51010219{:02}0615{:03}", 50 + n, 100 + n));
            out +=
                &format!("91350100M000100Y43,{id},李一{n},CHN,1,9{n},2020-01-{:02},2024-0{}-01\n", 1 + n % 28, n + 1);
        } else {
            let number = 1_100 + n;
            out += &format!("91440300MA5DLQQW0F,E{number:08},乙异邦{n},FRA,3,9{n},2021-02-03,2024-01-01\n");
        }
    }
    out
}

/// Enterprises: open, but for who their legal representative is.
fn enterprises(side: usize) -> String {
    let mut out = String::from(
        "credit_code,name,kind,status,legal_representative,registered_capital,established,division,location\n",
    );
    let codes = ["91350100M000100Y43", "914403001922038216", "91330100799655058B", "91440300MA5DLQQW0F"];
    for (n, code) in codes.iter().enumerate() {
        let id = number(&format!("5101021950061510{}", [0, 2][side]));
        let party =
            format!(r#"{{"name":"李一","document":{{"kind":"citizen-id","number":"{id}"}}}}"#).replace('"', "\"\"");
        out += &format!(
            "{code},福州第{n}纺织有限公司,91,1,\"{party}\",{}00,20{:02}-03-04,350102,POINT (119.3{n} 26.08)\n",
            n + 1,
            10 + n
        );
    }
    out
}

/// Sites: the public place is a cell; the exact place and the zones differ within it.
fn sites(side: usize) -> String {
    let mut out = String::new();
    for n in 0..12 {
        let off = [0.001, 0.007][side];
        let (lon, lat) = (100.0 + f64::from(n), 30.0);
        let place = json!({"type": "Point", "coordinates": [lon + off, lat + off]});
        let ring = [[lon, lat], [lon + off, lat], [lon + off, lat + off], [lon, lat]];
        let zone = json!({"type": "Polygon", "coordinates": [ring]});
        let cell = [[lon, lat], [lon + 0.01, lat], [lon + 0.01, lat + 0.01], [lon, lat + 0.01], [lon, lat]];
        let row = json!({
            "site_id": format!("S{n:03}"), "name": format!("古墓{n}"), "location": place, "protected_area": zone,
            "sensitive": true, "area": {"type": "Polygon", "coordinates": [cell]},
        });
        out += &format!("{row}\n");
    }
    out
}

impl Pair {
    /// Makes both; `over` is put over every base database.
    pub(crate) async fn new(over: impl Fn(Arc<dyn BaseDatabase>) -> Arc<dyn BaseDatabase>) -> Self {
        let mut loaded = Vec::new();
        let mut worlds = Vec::new();
        let keys = tempfile::tempdir().expect("a directory");
        for side in [0, 1] {
            let people = open(population::domain().expect("definitions"), false).await;
            let entities = open(legal_entity::domain().expect("definitions"), false).await;
            let heritage = open(culture::domain().expect("definitions"), false).await;
            let places = open(geospatial::domain().expect("definitions"), false).await;
            let figures = open(macroeconomy::domain().expect("definitions"), false).await;
            let sets = [
                (&people, "persons", persons(side), Format::Csv),
                (&entities, "enterprises", enterprises(side), Format::Csv),
                (&entities, "beneficial-owners", owners(side), Format::Csv),
                (&heritage, "sites", sites(side), Format::Ndjson),
                (&entities, "beneficial-owners", owners_later(side), Format::Csv),
            ];
            for (number, (base, table, text, format)) in sets.into_iter().enumerate() {
                let report = base.bytes(table, text.into_bytes(), format, &format!("{table} {number}")).await;
                assert_eq!(report.progress.rejected, 0, "{table}: {:?}", report.problems.first());
            }
            let all = [people, entities, figures, heritage, places];
            let served = all.iter().map(|l| over(Arc::clone(&l.database) as Arc<dyn BaseDatabase>)).collect();
            if side == 1 {
                // One node in two worlds: the same keys.
                loaded.extend(all);
                worlds.push(World::over_with_keys(served, config(), GRANTS, keys.path()));
            } else {
                loaded.extend(all);
                let world = World::over(served, config(), GRANTS);
                copy(&world.dir.path().join("keys"), keys.path());
                worlds.push(world);
            }
        }
        let worlds: [World; 2] = worlds.try_into().unwrap_or_else(|_| panic!("two worlds"));
        let (mut ids, mut words) =
            (Vec::new(), vec!["李一".to_owned(), "王大明".into(), "赵秘密".into(), "青羊路".into()]);
        for (side, world) in worlds.iter().enumerate() {
            for (dataset, who) in OWNED {
                let path = format!("/api/v1/datasets/{dataset}/records:query");
                let (status, page) = world.ask(who, "POST", &path, r#"{"limit":1000}"#).await;
                assert_eq!(status, 200, "{page}");
                for item in page["items"].as_array().expect("items") {
                    let id = (dataset.to_owned(), item["id"].as_str().expect("an id").to_owned());
                    if side == 0 || !ids.contains(&id) {
                        ids.push(id);
                    }
                    if let Some(name) = item["fields"]["name"].as_str() {
                        words.push(name.to_owned());
                    }
                }
            }
        }
        words.sort();
        words.dedup();
        Self { worlds, ids, words, _loaded: loaded }
    }

    /// Asserts that the worlds do differ, as their owners see.
    pub(crate) async fn differ(&self) {
        for (dataset, who) in OWNED {
            let path = format!("/api/v1/datasets/{dataset}/records:query");
            let mut seen = Vec::new();
            for world in &self.worlds {
                let (_, page) = world.ask(who, "POST", &path, r#"{"limit":1000}"#).await;
                seen.push(page["items"].clone());
            }
            assert_ne!(seen[0], seen[1], "{dataset} does not differ");
            assert_ne!(seen[0], Value::Null);
        }
    }
}

/// Every file that is asked for is kept to the end.
fn config() -> Config {
    let mut config = Config::default();
    config.export.kept_max = 10_000;
    config
}

/// Datasets with rows, and who owns them.
const OWNED: [(&str, Who); 4] = [
    ("population/persons", Who::Police),
    ("legal-entity/enterprises", Who::Registrar),
    ("legal-entity/beneficial-owners", Who::Registrar),
    ("culture/sites", Who::Culture),
];

fn copy(from: &std::path::Path, to: &std::path::Path) {
    for item in std::fs::read_dir(from).expect("keys") {
        let path = item.expect("a key").path();
        std::fs::copy(&path, to.join(path.file_name().expect("a name"))).expect("copied");
    }
}
