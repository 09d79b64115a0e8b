//! Counts over protected data: what is given, to whom, and an attacker who shall learn nobody's attribute from it.

mod attacker;
mod faults;
mod people;

use foundation::service::BaseDatabase;
use std::collections::BTreeSet;
use std::sync::Arc;

use attacker::{Loot, attack, figures, is, trackers};
use foundation::value::{Day, Instant};
use people::{Dice, EARLIER, LATER, Nation, division_codes, population};
use serde_json::Value;

use crate::world::{Who, World};

/// People attacked, drawn at random.
const TARGETS: usize = 1_000;
/// How much better the attacker's guesses may be than those from exact marginals.
const ADVANTAGE_MAX: f64 = 0.03;

/// How often a question is repeated in other words: with `NATBASE_ATTACK=full`, up to 10^4 questions in all.
fn repeats(at_least: usize) -> usize {
    if std::env::var("NATBASE_ATTACK").as_deref() == Ok("full") { 1_600 } else { at_least }
}

/// What the loot is worth on 1,000 people: sure and right, sure and wrong, guesses right, plain guesses right, singled out.
struct Worth {
    right: usize,
    wrong: usize,
    guessed: f64,
    plain: f64,
    singled_out: usize,
}

fn worth(nation: &Nation, loot: &Loot) -> Worth {
    let mut dice = Dice(7);
    let mut targets = BTreeSet::new();
    while targets.len() < TARGETS {
        targets.insert(dice.below(nation.people.len()));
    }
    let truth = |person: usize, wanted: usize| is(&nation.people[person], wanted);
    let on_targets = loot.claims.iter().filter(|claim| targets.contains(&claim.person));
    let (right, wrong): (Vec<_>, Vec<_>) = on_targets.partition(|c| truth(c.person, c.wanted) == c.holds);
    let persons = |claims: Vec<&attacker::Claim>| claims.iter().map(|c| c.person).collect::<BTreeSet<_>>().len();
    let share = |guesses: &[[bool; 2]]| {
        let hits =
            targets.iter().flat_map(|t| [0, 1].map(|w| usize::from(guesses[*t][w] == truth(*t, w)))).sum::<usize>();
        hits as f64 / (2 * TARGETS) as f64
    };
    Worth {
        right: persons(right),
        wrong: persons(wrong),
        guessed: share(&loot.guesses),
        plain: share(&loot.plain_guesses),
        singled_out: loot.singled_out.iter().filter(|person| targets.contains(person)).count(),
    }
}

/// Guesses right, and plain guesses right, of everybody whom a difference would single out.
fn guessed_among(nation: &Nation, loot: &Loot) -> (f64, f64) {
    let share = |guesses: &[[bool; 2]]| {
        let right = |person: &usize| {
            [0, 1].into_iter().filter(|w| guesses[*person][*w] == is(&nation.people[*person], *w)).count()
        };
        loot.singled_out.iter().map(right).sum::<usize>() as f64 / (2 * loot.singled_out.len()) as f64
    };
    (share(&loot.guesses), share(&loot.plain_guesses))
}

async fn attacked(
    name: &str,
    over: impl Fn(Arc<dyn BaseDatabase>) -> Arc<dyn BaseDatabase>,
    times: usize,
) -> (Worth, Loot, Nation) {
    let nation = Nation::new(over).await;
    let loot = attack(&nation, times).await;
    let worth = worth(&nation, &loot);
    println!(
        "attack, {name}: {} people, {} questions, {TARGETS} targets of whom {} can be singled out by differences: \
         {} recovered for sure ({} claimed wrongly); guesses right {:.3}, from marginals alone {:.3}; unsteady cells {}",
        nation.people.len(),
        loot.questions,
        worth.singled_out,
        worth.right,
        worth.wrong,
        worth.guessed,
        worth.plain,
        loot.unsteady,
    );
    (worth, loot, nation)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_attacker_recovers_nobody_and_with_a_planted_fault_he_does() {
    let (worth, loot, nation) = attacked("no fault", |database| database, repeats(60)).await;
    assert!(loot.questions <= 10_000 && worth.singled_out >= 10, "{}", worth.singled_out);
    assert!(loot.claims.is_empty(), "{:?}", loot.claims.first());
    assert_eq!(loot.unsteady, 0, "other words brought other figures");
    let (among, plain) = guessed_among(&nation, &loot);
    println!(
        "attack: of all {} who can be singled out, guesses right {among:.3}, from marginals alone {plain:.3}",
        loot.singled_out.len()
    );
    assert!(worth.guessed - worth.plain <= ADVANTAGE_MAX, "{} {}", worth.guessed, worth.plain);
    let mut refused = 0;
    for question in trackers() {
        let (status, answer) = nation.ask("G-FIGURES", &question).await;
        assert!((400..500).contains(&status), "{question}: {status} {answer}");
        refused += 1;
    }
    println!("attack: {refused} of {refused} questions that could describe few are refused");
    drop(nation);
    for fault in faults::ALL {
        let (worth, loot, _) = attacked(
            &format!("{fault:?}"),
            |database| fault.plant(database),
            repeats(if fault == faults::Fault::NoMinimum { 10 } else { 260 }),
        )
        .await;
        assert!(worth.right * 2 >= worth.singled_out, "{fault:?}: {} of {}", worth.right, worth.singled_out);
        assert!(!loot.claims.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_are_told_as_what_they_are_and_to_whom_they_belong() {
    let nation = Nation::new(|database| database).await;
    let by_division = "group-by=domicile_division,sex";
    let (status, answer) = nation.ask("G-FIGURES", by_division).await;
    assert_eq!(status, 200, "{answer}");
    let told = serde_json::json!({"method": "cell-key", "unit": "person", "minimum": 10, "noise_max": 10, "noise_variance": 5.0});
    assert_eq!((&answer["exact"], &answer["disclosure"]), (&Value::Bool(false), &told));
    assert_eq!(
        (&answer["valid_at"], &answer["items"][0]["count"]["kind"]),
        (&"2028-01-01".into(), &"perturbed".into())
    );
    assert!(figures(&answer).len() > 70 && figures(&answer).iter().all(|figure| *figure >= 10));
    // Each is near its count, and few are it.
    let codes = division_codes();
    let (mut exact, mut squares, mut number) = (0, 0, 0);
    for item in answer["items"].as_array().expect("items") {
        let inside = nation.people.iter().filter(|p| {
            item["group"]["domicile_division"] == codes[p.division].as_str() && item["group"]["sex"] == p.sex
        });
        let off = item["count"]["value"].as_i64().expect("a figure") - i64::try_from(inside.count()).expect("few");
        assert!(off.abs() <= 10, "{item}");
        (exact, squares, number) = (exact + i64::from(off == 0), squares + off * off, number + 1);
    }
    println!(
        "figures: {number} cells, {exact} exact by chance, mean square error {:.2}",
        squares as f64 / f64::from(number)
    );
    assert!(exact * 2 < number.into() && squares > 2 * i64::from(number));
    // Another order, a filter instead of a group, the day in full: the same figures.
    let (_, turned) = nation.ask("G-FIGURES", "group-by=sex,domicile_division&valid-at=2028-01-01").await;
    let sorted = |answer: &Value| {
        let mut all = figures(answer);
        all.sort_unstable();
        all
    };
    assert_eq!(sorted(&answer), sorted(&turned));
    let (_, filtered) =
        nation.ask("G-FIGURES", &format!("group-by=sex&filter=domicile_division%3D'{}'", codes[3])).await;
    let of_it: Vec<u64> = answer["items"]
        .as_array()
        .expect("items")
        .iter()
        .filter(|i| i["group"]["domicile_division"] == codes[3].as_str())
        .map(|i| i["count"]["value"].as_u64().expect("a figure"))
        .collect();
    assert_eq!(figures(&filtered), of_it);
    assert!(!of_it.is_empty());
    // Fields, rows, datasets beyond the grant; and nobody without one.
    let (status, few) = nation.ask("G-FEW", by_division).await;
    assert_eq!((status, &few["code"]), (403, &"field_not_permitted".into()));
    assert_eq!(nation.ask("G-FEW", "group-by=sex").await.0, 200);
    let (status, rows) = nation.ask("G-ROWS", by_division).await;
    assert_eq!((status, &rows["code"]), (403, &"forbidden".into()), "{rows}");
    let (status, other) =
        nation.get("G-EVENTS", "/api/v1/datasets/population/households/statistics?group-by=household_kind").await;
    assert_eq!(status, 403, "{other}");
    let path = format!("/api/v1/datasets/population/persons/statistics?{by_division}");
    assert_eq!(nation.world.ask(Who::Public, "GET", &path, "").await.0, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_release_stays_what_it_was_when_people_change() {
    let nation = Nation::new(|database| database).await;
    let question = "group-by=domicile_division,sex";
    let (_, first) = nation.ask("G-FIGURES", question).await;
    nation.change_one().await;
    let (status, second) = nation.ask("G-FIGURES", question).await;
    assert_eq!(status, 200, "{second}");
    assert_eq!(first, second);
    assert_eq!(
        World::new().ask(Who::Granted, "GET", "/api/v1/datasets/population/persons/statistics", "").await.0,
        403
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn figures_do_not_move_with_fields_outside_the_grant() {
    let one = Nation::new(|database| database).await;
    let mut people = population();
    for person in &mut people {
        person.marital_status = if person.marital_status == "20" { "40" } else { "20" };
        person.ethnic_group = "02".to_owned();
    }
    let two = Nation::of(people, |database| database, Some(&one.world.dir.path().join("keys"))).await;
    // How many commits the same rows take is not the same every time: both releases are of one instant after them all.
    let loaded = Instant::parse("2026-11-23T00:00:01Z").expect("an instant");
    let persons = "population/persons".parse().expect("a name");
    for nation in [&one, &two] {
        for day in [EARLIER, LATER] {
            let day = Day::parse(day).expect("a day");
            nation.world.app.releases.release(&persons, day, loaded).await.expect("released");
        }
    }
    for question in
        ["", "group-by=sex", "filter=sex%3D'1'", "group-by=sex&valid-at=2027-01-01", "group-by=marital_status"]
    {
        assert_eq!(one.ask("G-FEW", question).await.0, two.ask("G-FEW", question).await.0);
    }
    let (first, second) = (one.ask("G-FEW", "group-by=sex").await, two.ask("G-FEW", "group-by=sex").await);
    assert_eq!(first, second);
    assert_eq!(figures(&first.1).len(), 2);
    // Other worlds they are, as whoever may see the fields is told.
    let seen = "group-by=marital_status";
    assert_ne!(one.ask("G-FIGURES", seen).await.1["items"], two.ask("G-FIGURES", seen).await.1["items"]);
}
