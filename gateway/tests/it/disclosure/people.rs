//! A population drawn at random, loaded into a base database, with a gateway over it.

use std::sync::Arc;

use axum::body::Body;
use foundation::service::BaseDatabase;
use foundation::testkit::load::{Loaded, open};
use foundation::value::Instant;
use foundation::value::citizen_id::check_digit;
use foundation::write::source::Format;
use gateway::config::Config;
use gateway::token::{Role, Subject};
use serde_json::Value;

use crate::world::{OTHER, World};

/// A day after two reference days, and after everything was recorded.
const NOW: &str = "2028-03-01T04:00:00Z";
/// The reference days.
pub(super) const EARLIER: &str = "2027-01-01";
pub(super) const LATER: &str = "2028-01-01";

const GRANTS: &str = r#"
[[grant]]
id = "G-FIGURES"
department = "11100000PDY0000999"
dataset = "population/persons"
acts = ["statistics", "get"]
fields = ["sex", "ethnic_group", "domicile_division", "marital_status", "birth_division"]
purpose = "人口统计"
ground = "统计法第二十条"
from = "2026-01-01"
to = "2030-01-01"
rows-per-day-max = 1000000000

[[grant]]
id = "G-FEW"
department = "11100000PDY0000999"
dataset = "population/persons"
acts = ["statistics"]
fields = ["sex"]
purpose = "人口统计"
ground = "统计法第二十条"
from = "2026-01-01"
to = "2030-01-01"

[[grant]]
id = "G-ROWS"
department = "11100000PDY0000999"
dataset = "population/persons"
acts = ["statistics"]
fields = ["sex", "domicile_division"]
rows = "domicile_division LIKE '44%'"
purpose = "人口统计"
ground = "统计法第二十条"
from = "2026-01-01"
to = "2030-01-01"

[[grant]]
id = "G-EVENTS"
department = "11100000PDY0000999"
dataset = "population/households"
acts = ["statistics"]
fields = ["household_kind"]
purpose = "人口统计"
ground = "统计法第二十条"
from = "2026-01-01"
to = "2030-01-01"
"#;

/// Random numbers that are the same in every run (splitmix64).
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % bound as u64).expect("below the bound")
    }
}

/// Somebody, as he is.
#[derive(Debug, Clone)]
pub(super) struct Person {
    pub(super) division: usize,
    /// Where he was on the earlier reference day.
    pub(super) division_before: usize,
    pub(super) ethnic_group: String,
    pub(super) sex: &'static str,
    pub(super) marital_status: &'static str,
}

/// Divisions; the first is large, and one of its people moved into each of the others between the reference days.
pub(super) const DIVISIONS: usize = 40;
const PEOPLE_A_DIVISION: usize = 150;
const PEOPLE_OF_THE_FIRST: usize = 600;

/// Codes of divisions that are and always were.
pub(super) fn division_codes() -> Vec<String> {
    let list = include_str!("../../../../foundation/code-lists/division.csv");
    let codes =
        list.lines().map(|line| line.split(',').collect::<Vec<_>>()).filter_map(|parts| match parts.as_slice() {
            [code, _, _, _, _, "", "", ..] if code.len() == 6 && !code.ends_with("00") => Some((*code).to_owned()),
            _ => None,
        });
    codes.take(DIVISIONS).collect()
}

/// Two large groups a division, and one person of a group of his own; statuses are drawn alike everywhere.
pub(super) fn population() -> Vec<Person> {
    let mut dice = Dice(0xD15C);
    let mut people = Vec::new();
    for division in 0..DIVISIONS {
        let size = if division == 0 { PEOPLE_OF_THE_FIRST } else { PEOPLE_A_DIVISION };
        for n in 0..size {
            let ethnic_group = match (n, dice.below(5)) {
                (0, _) => format!("{:02}", 12 + division % 40),
                (_, 0..3) => "01".to_owned(),
                _ => "11".to_owned(),
            };
            people.push(Person {
                division,
                division_before: if n == 1 { 0 } else { division },
                ethnic_group,
                sex: ["1", "2"][dice.below(2)],
                marital_status: ["20", "20", "20", "20", "20", "10", "10", "10", "30", "40"][dice.below(10)],
            });
        }
    }
    people
}

fn number(n: usize, sex: &str) -> String {
    let body = format!("890102{:04}{:02}{:02}10{sex}", 1940 + n % 60, 1 + n / 60 % 12, 1 + n / 720 % 28);
    format!("{body}{}", check_digit(&body))
}

/// Two files: everybody as he was, and those who moved.
fn files(people: &[Person]) -> [String; 2] {
    let codes = division_codes();
    let head = "citizen_id,name,sex,ethnic_group,birth_date,domicile_division,life_status,marital_status,_valid_from\n";
    let mut files = [String::from(head), String::from(head)];
    for (n, person) in people.iter().enumerate() {
        let born = format!("{:04}-{:02}-{:02}", 1940 + n % 60, 1 + n / 60 % 12, 1 + n / 720 % 28);
        let mut line = |file: usize, division: usize, from: &str| {
            files[file] += &format!(
                "{},张{n},{},{},{born},{},1,{},{from}\n",
                number(n, person.sex),
                person.sex,
                person.ethnic_group,
                codes[division],
                person.marital_status
            );
        };
        line(0, person.division_before, "2000-01-01");
        if person.division != person.division_before {
            line(1, person.division, "2027-06-01");
        }
    }
    files
}

/// The population behind a gateway.
pub(super) struct Nation {
    pub(super) world: World,
    pub(super) people: Vec<Person>,
    token: String,
    loaded: Loaded,
}

impl Nation {
    /// Loads the population; `over` is put over the base database.
    pub(super) async fn new(over: impl Fn(Arc<dyn BaseDatabase>) -> Arc<dyn BaseDatabase>) -> Self {
        Self::of(population(), over, None).await
    }

    /// Loads other people, with the node's keys of a directory.
    pub(super) async fn of(
        people: Vec<Person>,
        over: impl Fn(Arc<dyn BaseDatabase>) -> Arc<dyn BaseDatabase>,
        keys: Option<&std::path::Path>,
    ) -> Self {
        let loaded = open(population::domain().expect("definitions"), true).await;
        for (n, file) in files(&people).into_iter().enumerate() {
            let report = loaded.bytes("persons", file.into_bytes(), Format::Csv, &format!("file {n}")).await;
            assert_eq!(report.progress.rejected, 0, "{:?}", report.problems.first());
        }
        let none = tempfile::tempdir().expect("a directory");
        let served = vec![over(Arc::clone(&loaded.database) as _)];
        let world = World::over_with_keys(served, Config::default(), GRANTS, keys.unwrap_or(none.path()));
        let now = Instant::parse(NOW).expect("an instant");
        world.clock.set(now);
        let subject = Subject {
            subject: "statistician".to_owned(),
            department: Some(OTHER.to_owned()),
            roles: vec![Role::Department],
            officer: None,
            record: None,
            company: None,
        };
        let token = world.issuer.issue(&world.app.config.tokens, &subject, now.0 / 1_000_000, 3_600);
        Self { world, people, token, loaded }
    }

    /// One person's marital status and group turn out to have been others all along.
    pub(super) async fn change_one(&self) {
        let person = Person { ethnic_group: "02".to_owned(), marital_status: "40", ..self.people[5].clone() };
        let mut people = self.people.clone();
        people[5] = person;
        let file = files(&people)[0]
            .lines()
            .enumerate()
            .filter(|(n, _)| *n == 0 || *n == 6)
            .map(|(_, l)| format!("{l}\n"))
            .collect::<String>();
        let report = self.loaded.bytes("persons", file.into_bytes(), Format::Csv, "corrected").await;
        assert_eq!((report.progress.rejected, report.progress.changed), (0, 1), "{:?}", report.problems.first());
    }

    /// Asks for figures on persons under a grant.
    pub(super) async fn ask(&self, grant: &str, question: &str) -> (u16, Value) {
        self.get(grant, &format!("/api/v1/datasets/population/persons/statistics?{question}")).await
    }

    /// Gets a path under a grant.
    pub(super) async fn get(&self, grant: &str, path: &str) -> (u16, Value) {
        let request = axum::http::Request::builder()
            .uri(path)
            .header("authorization", format!("Bearer {}", self.token))
            .header("natbase-grant", grant)
            .header("natbase-case", "C-1")
            .header("natbase-officer", "007");
        crate::world::read(self.world.send(request.body(Body::empty()).expect("a request")).await).await
    }
}
