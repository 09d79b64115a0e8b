//! An attacker who knows where everybody lives and lived, and of which ethnic group he is, and wants to know sex and marital
//! status. He has a grant for figures, and uses all the ways that were thought of.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use serde_json::Value;

use super::faults::WORDS;
use super::people::{DIVISIONS, EARLIER, LATER, Nation, Person, division_codes};

/// What he wants to know: field, and the category of which he asks.
const WANTED: [(&str, &str); 2] = [("sex", "2"), ("marital_status", "20")];
/// A claim is made for sure if a wrong one would be as rare as this many standard errors.
const SURE: f64 = 2.0;
/// Variance and bound of the noise, as every answer tells them.
const VARIANCE: f64 = 5.0;
const BOUND: f64 = 10.0;

/// What he says of somebody.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Claim {
    pub(super) person: usize,
    pub(super) wanted: usize,
    /// Whether the person is of the category.
    pub(super) holds: bool,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Loot {
    pub(super) questions: usize,
    /// Said for sure.
    pub(super) claims: Vec<Claim>,
    /// Best guesses, for every person and every wish.
    pub(super) guesses: Vec<[bool; 2]>,
    /// Guesses of one who has only the marginals of the division, exact.
    pub(super) plain_guesses: Vec<[bool; 2]>,
    /// People whom a difference of cells would single out.
    pub(super) singled_out: Vec<usize>,
    /// Cells whose answers to repeated questions were not all the same.
    pub(super) unsteady: usize,
}

/// Answers to repeated questions on a cell.
#[derive(Debug, Clone, Copy, Default)]
struct Heard {
    number: f64,
    sum: f64,
    squares: f64,
}

impl Heard {
    fn mean(&self) -> f64 {
        self.sum / self.number
    }
    fn spread(&self) -> f64 {
        (self.squares / self.number - self.mean().powi(2)).max(0.0)
    }
    /// The variance of the mean, and how far it can be off. Answers that never change are one answer.
    fn trust(&self) -> (f64, f64) {
        if self.spread() > 0.01 { (VARIANCE / self.number, f64::INFINITY) } else { (VARIANCE, BOUND) }
    }
}

type Table = BTreeMap<Vec<String>, Heard>;

/// Asks the same in other words.
fn words(field: &str, category: &str, wording: usize) -> String {
    let condition = format!("{field}%20%3D%20'{category}'");
    // Ten bits of the wording are ten ways to join, then spaces.
    let mut text = condition.clone();
    for bit in 0..10 {
        text += if wording >> bit & 1 == 0 { "%20AND%20" } else { "%20and%20" };
        text += &condition;
    }
    text + &"%20".repeat(wording >> 10)
}

async fn listen(nation: &Nation, by: &[&str], wanted: (&str, &str), day: &str, times: usize) -> (Table, usize) {
    let mut table = Table::new();
    for wording in 0..times {
        let filter = words(wanted.0, wanted.1, wording);
        let question = format!("group-by={}&filter={filter}&valid-at={day}", by.join(","));
        WORDS.store(wording as u64 + 1, Ordering::SeqCst);
        let (status, answer) = nation.ask("G-FIGURES", &question).await;
        assert_eq!(status, 200, "{answer}");
        for item in answer["items"].as_array().expect("items") {
            let key = by.iter().map(|name| item["group"][name].as_str().unwrap_or_default().to_owned()).collect();
            let figure = item["count"]["value"].as_f64().expect("a figure");
            let heard: &mut Heard = table.entry(key).or_default();
            heard.number += 1.0;
            heard.sum += figure;
            heard.squares += figure * figure;
        }
    }
    (table, times)
}

/// One category of one person, from cells that are added and taken away.
struct Difference {
    estimate: f64,
    variance: f64,
    bound: f64,
}

fn difference(parts: &[(Option<&Heard>, f64)]) -> Option<Difference> {
    let mut all = Difference { estimate: 0.0, variance: 0.0, bound: 0.0 };
    for (heard, sign) in parts {
        let heard = (*heard)?;
        let (variance, bound) = heard.trust();
        all.estimate += sign * heard.mean();
        all.variance += variance;
        all.bound += bound;
    }
    Some(all)
}

impl Difference {
    /// Whether the person is of the category, if that is sure.
    fn sure(&self) -> Option<bool> {
        if self.estimate - self.bound > 0.0 {
            return Some(true);
        }
        if self.estimate + self.bound < 1.0 {
            return Some(false);
        }
        let error = self.variance.sqrt();
        let (to_none, to_one) = (self.estimate.abs(), (self.estimate - 1.0).abs());
        if error > 0.5 / SURE {
            return None;
        }
        if to_one < to_none { Some(true) } else { Some(false) }
    }

    /// How much likelier it makes that he is.
    fn log_odds(&self) -> f64 {
        (self.estimate - 0.5) / self.variance
    }
}

/// Part of a division that is of a category, exactly: what anybody may guess by.
fn part(people: &[Person], division: usize, wanted: usize) -> f64 {
    let inside: Vec<&Person> = people.iter().filter(|p| p.division == division).collect();
    inside.iter().filter(|p| is(p, wanted)).count() as f64 / inside.len() as f64
}

/// The truth.
pub(super) fn is(person: &Person, wanted: usize) -> bool {
    [person.sex, person.marital_status][wanted] == WANTED[wanted].1
}

/// Attacks everybody; `times` is how often each question is repeated, in other words.
pub(super) async fn attack(nation: &Nation, times: usize) -> Loot {
    let mut loot = Loot::default();
    let codes = division_codes();
    let people = &nation.people;
    let groups_of = |division: usize| {
        let mut groups: Vec<&str> =
            people.iter().filter(|p| p.division == division).map(|p| p.ethnic_group.as_str()).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    };
    let alone = |p: &Person| {
        people.iter().filter(|o| o.division == p.division && o.ethnic_group == p.ethnic_group).count() == 1
    };
    let moved = |p: &Person| p.division_before != p.division;
    loot.singled_out = people.iter().enumerate().filter(|(_, p)| alone(p) || moved(p)).map(|(n, _)| n).collect();
    let mut odds: Vec<[f64; 2]> = vec![[0.0; 2]; people.len()];
    let prior: Vec<[f64; 2]> =
        (0..DIVISIONS).map(|division| [part(people, division, 0), part(people, division, 1)]).collect();
    for (at, wanted) in WANTED.into_iter().enumerate() {
        let (whole, a) = listen(nation, &["domicile_division"], wanted, LATER, times).await;
        let (before, b) = listen(nation, &["domicile_division"], wanted, EARLIER, times).await;
        let (split, c) = listen(nation, &["domicile_division", "ethnic_group"], wanted, LATER, times).await;
        loot.questions += a + b + c;
        loot.unsteady +=
            [&whole, &before, &split].iter().flat_map(|t| t.values()).filter(|h| h.spread() > 0.01).count();
        for person in loot.singled_out.clone() {
            let p = &people[person];
            let division = codes[p.division].clone();
            let cell = |group: &str| split.get(&vec![division.clone(), group.to_owned()]);
            let mut ways = Vec::new();
            if alone(p) {
                // n less n − 1: the division less its other groups. And the cell of nobody but him, if it is shown.
                let others = groups_of(p.division).into_iter().filter(|group| *group != p.ethnic_group);
                let mut parts = vec![(whole.get(&vec![division.clone()]), 1.0)];
                parts.extend(others.map(|group| (cell(group), -1.0)));
                ways.extend(difference(&parts));
                if cell(&p.ethnic_group).is_some() {
                    loot.claims.push(Claim { person, wanted: at, holds: true });
                }
            }
            if moved(p) {
                // The slice of time in which nobody but him came.
                let now = whole.get(&vec![division.clone()]);
                ways.extend(difference(&[(now, 1.0), (before.get(&vec![division.clone()]), -1.0)]));
            }
            for way in ways {
                odds[person][at] += way.log_odds();
                loot.claims.extend(way.sure().map(|holds| Claim { person, wanted: at, holds }));
            }
        }
    }
    for (person, p) in people.iter().enumerate() {
        let guess = |at: usize, evidence: f64| {
            let part = prior[p.division][at];
            (part / (1.0 - part)).ln() + evidence > 0.0
        };
        loot.guesses.push([guess(0, odds[person][0]), guess(1, odds[person][1])]);
        loot.plain_guesses.push([guess(0, 0.0), guess(1, 0.0)]);
    }
    loot
}

/// Questions that could describe few, and must not be answered.
pub(super) fn trackers() -> Vec<String> {
    let filters = [
        "sex='1' OR sex='2'",
        "NOT sex='1'",
        "sex<>'1'",
        "sex IN ('1','2')",
        "domicile_division LIKE '44%'",
        "domicile_division >= '440103'",
        "birth_division='440103'",
        "name='张1'",
        "citizen_id='51010219400101101X'",
        "birth_date < DATE('1950-01-01')",
        "domicile_address LIKE '%1%'",
        "1=1",
    ];
    let escape = |text: &str| text.bytes().map(|b| format!("%{b:02X}")).collect::<String>();
    let mut all: Vec<String> = filters.iter().map(|filter| format!("group-by=sex&filter={}", escape(filter))).collect();
    all.extend(
        [
            "group-by=birth_division",
            "group-by=domicile_division,birth_division",
            "group-by=domicile_division,ethnic_group,sex,marital_status",
            "group-by=domicile_division,ethnic_group,sex&filter=marital_status%3D'20'",
            "group-by=sex&valid-at=2027-06-02",
            "group-by=sex&valid-at=2028-03-01",
            "group-by=sex&valid-at=2029-01-01",
            "group-by=sex&known-at=2028-01-01T00:00:00Z",
            "group-by=sex&measure=sum(citizen_id)",
            "group-by=sex&measure=max(sex)",
            "group-by=name",
        ]
        .map(str::to_owned),
    );
    all
}

/// The figures of an answer.
pub(super) fn figures(answer: &Value) -> Vec<u64> {
    answer["items"].as_array().expect("items").iter().map(|i| i["count"]["value"].as_u64().expect("a figure")).collect()
}
