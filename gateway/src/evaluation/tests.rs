//! Schemes told as cases; documents at random, recomputed and tampered with.

use std::collections::BTreeMap;

use foundation::value::{Day, Instant};
use proptest::prelude::*;
use serde_json::{Value, json};

use super::document::{self, Document};
use super::exact::decimal;
use super::facts::{CaseFact, ClockFact, Facts, ImportFact, StretchFact, UseFact};
use super::objection::{
    Objection, ObjectionError, ObjectionEvent, ObjectionHand, ObjectionSaid, ObjectionStep, may_file,
};
use super::period::EvaluationPeriod;
use super::points::Points;
use super::recompute::recompute;
use super::scheme::Schemes;
use super::score;
use crate::sharing::Calendar;
use crate::sharing::case::Actor;

const GIVES: &str = "11100000PDY00001X7";
const OTHER: &str = "11140702PDY0000287";
const WATCHES: &str = "11100000PDY00003X1";

fn day(text: &str) -> Day {
    Day::parse(text).expect("a date")
}

fn quarter() -> EvaluationPeriod {
    EvaluationPeriod::parse("2026-Q3").expect("a period")
}

/// A scheme of one indicator, with lines put in place of others.
fn scheme(changes: &[(&str, &str)]) -> String {
    let mut text = String::from(
        "[[scheme]]\nfrom = \"2026-01-01\"\ntitle = \"t\"\nlaw = \"38\"\nobjection-working-days = 5\nanswer-working-days = 3\n\n\
         [[scheme.indicator]]\nid = \"a\"\ntitle = \"t\"\nweight = 100\nformula = \"clocks_met / clocks_due\"\npoints = [[0, 0], [1, 100]]\n",
    );
    for (before, after) in changes {
        assert!(text.contains(before), "{before}");
        text = text.replace(before, after);
    }
    text
}

#[test]
fn a_broken_scheme_names_its_line_and_rule() {
    assert!(Schemes::built_in().is_ok());
    for (before, after, line, rule) in [
        ("2026-01-01", "soon", 1, "`from` is not a date"),
        ("law = \"38\"", "law = \" \"", 1, "`law` is empty"),
        ("weight = 100", "weight = 99", 1, "the weights add up to 99"),
        ("weight = 100", "weight = 0", 8, "`weight` of `a`"),
        ("id = \"a\"", "id = \"A b\"", 8, "`id` is not"),
        ("clocks_due\"", "clocks_dew\"", 8, "`formula` of `a`: character 14: there is no measure `clocks_dew`"),
        ("[[0, 0], [1, 100]]", "[[0, 0]]", 8, "are not 2 to 50 corners"),
        ("[[0, 0], [1, 100]]", "[[0, 0], [0, 100]]", 8, "values do not rise at 0"),
        ("[[0, 0], [1, 100]]", "[[0, 0], [1, 100.5]]", 8, "100.5 is not 0 to 100"),
        ("[[0, 0], [1, 100]]", "[[0, 0], [inf, 100]]", 8, "inf is out of bounds"),
        ("title = \"t\"\nweight", "colour = 1\nweight", 10, "unknown field"),
        ("law = \"38\"", "law = \"38\"\njurisdiction = \"x\"", 1, "`jurisdiction` is not"),
    ] {
        let error = Schemes::parse(&scheme(&[(before, after)]), "x").expect_err("broken").to_string();
        assert!(error.starts_with(&format!("x, line {line}: ")) && error.contains(rule), "{after}: {error}");
    }
    let twice = format!("{}\n{}", scheme(&[]), scheme(&[]));
    assert!(Schemes::parse(&twice, "x").expect_err("twice").to_string().starts_with("x, line 15: another scheme"));
}

#[test]
fn the_nearest_jurisdiction_and_the_newest_scheme_in_force_win() {
    let local = |from: &str, title: &str| {
        let law = "law = \"38\"\njurisdiction = \"1407\"";
        scheme(&[
            ("2026-01-01", from),
            ("law = \"38\"", law),
            ("title = \"t\"\nlaw", &format!("title = \"{title}\"\nlaw")),
        ])
    };
    let text = [scheme(&[]), local("2026-02-01", "b"), local("2027-01-01", "c")].join("\n");
    let schemes = Schemes::parse(&text, "x").expect("sound schemes");
    let title = |division: &str, on: &str| schemes.of(division, day(on)).map(|s| s.title.clone());
    assert_eq!(title("140702", "2025-12-31"), None);
    assert_eq!(title("140702", "2026-01-31").as_deref(), Some("t"));
    assert_eq!(title("140702", "2026-02-01").as_deref(), Some("b"));
    assert_eq!(title("140702", "2027-06-01").as_deref(), Some("c"));
    assert_eq!(title("510100", "2027-06-01").as_deref(), Some("t"));
}

#[test]
fn points_lie_on_straight_lines_between_corners() {
    let text = scheme(&[("[[0, 0], [1, 100]]", "[[-20, 100], [0.1, 80], [20, 0]]")]);
    let schemes = Schemes::parse(&text, "x").expect("sound");
    let indicator = &schemes.of("", day("2026-07-01")).expect("a scheme").indicators[0];
    for (value, points) in
        [("-30", "100.00"), ("-20", "100.00"), ("-9.95", "90.00"), ("0.1", "80.00"), ("10.05", "40.00"), ("99", "0.00")]
    {
        let got = indicator.points(decimal(value).expect("a number")).expect("points");
        assert_eq!(got.to_string(), points, "at {value}");
    }
}

#[test]
fn an_indicator_with_nothing_to_judge_leaves_its_weight_to_the_others() {
    let schemes = Schemes::built_in().expect("sound");
    let scheme = schemes.of("", quarter().from()).expect("a scheme");
    let mut facts = Facts::default();
    let judged = score::judge(scheme, &facts.measures()).expect("worked out");
    assert_eq!((score::total(&judged), score::corrected_total(&judged)), (None, None));
    facts.clocks.push(clock("S-1", "2026-07-20", Some("2026-07-20")));
    facts.clocks.push(clock("S-2", "2026-07-20", Some("2026-07-21")));
    facts.refusals.push(CaseFact { case: "S-3".into(), day: day("2026-08-01") });
    let judged = score::judge(scheme, &facts.measures()).expect("worked out");
    let told: Vec<_> = judged.iter().map(|j| j.points.map(|p| p.to_string())).collect();
    // Half in time is below the lowest corner; no refusal was undone: (30 × 0 + 10 × 100) / 40.
    assert_eq!(told, [Some("0.00".into()), None, None, Some("100.00".into()), None, None]);
    assert_eq!(score::total(&judged).map(|p| p.to_string()).as_deref(), Some("25.00"));
}

fn clock(case: &str, due: &str, met: Option<&str>) -> ClockFact {
    ClockFact {
        case: case.into(),
        step: "answer-conditional".into(),
        started: day("2026-07-01"),
        due: day(due),
        met: met.map(day),
        provisional: false,
    }
}

#[test]
fn equal_scores_share_a_place() {
    let points = |text: &str| Points::parse(text);
    let ranks = score::ranks(&[points("80"), None, points("90.5"), points("80"), points("10")]);
    assert_eq!(ranks, [Some(2), None, Some(1), Some(2), Some(4)]);
}

fn event(step: ObjectionStep, department: &str, said: ObjectionSaid) -> ObjectionEvent {
    let by = Actor { subject: "x".into(), department: department.into(), officer: "007".into() };
    ObjectionEvent { at_us: Instant::end_of(day("2026-10-01")).0, by, step, said }
}

#[test]
fn a_score_is_objected_to_once_after_the_period_and_in_time() {
    let schemes = Schemes::parse(&scheme(&[]), "x").expect("sound");
    let scheme = schemes.of("", quarter().from()).expect("a scheme");
    let calendar = Calendar::built_in().expect("notices");
    let hand = ObjectionHand { department: GIVES, uses: true, authority: false };
    let points = Points::parse("40").expect("points");
    let mut filed =
        Objection::begin("O-1", quarter(), "a", points, event(ObjectionStep::File, GIVES, ObjectionSaid::default()))
            .expect("a first event");
    let may = |already: &[Objection], today: &str| {
        may_file(hand, "a", (quarter(), scheme), already, (&calendar, day(today))).map_err(|e| e.to_string())
    };
    assert!(may(&[], "2026-09-30").expect_err("early").contains("is not over"));
    assert_eq!(may(&[], "2026-10-01"), Ok(()));
    // Five working days after 30 September: off 1 to 7 October, worked on Saturday 10 October.
    assert_eq!(may(&[], "2026-10-13"), Ok(()), "{:?}", calendar.due(day("2026-09-30"), 5, false));
    assert!(may(&[], "2026-10-14").expect_err("late").contains("up to 2026-10-13"));
    assert!(may(std::slice::from_ref(&filed), "2026-10-08").expect_err("twice").contains("filed already"));
    let said = ObjectionSaid { reason: Some("因".into()), ..ObjectionSaid::default() };
    let authority = ObjectionHand { department: WATCHES, uses: false, authority: true };
    assert!(matches!(filed.judge(ObjectionStep::Uphold, &said, hand), Err(ObjectionError::NotYours { .. })));
    let own = ObjectionHand { department: GIVES, uses: true, authority: true };
    assert!(matches!(filed.judge(ObjectionStep::Uphold, &said, own), Err(ObjectionError::Rule { .. })));
    let missing = filed.judge(ObjectionStep::Change, &said, authority);
    assert_eq!(missing, Err(ObjectionError::Missing { step: "change", member: "ground" }));
    let same = ObjectionSaid { ground: Some("据".into()), points: Some(points), ..said.clone() };
    assert!(matches!(filed.judge(ObjectionStep::Change, &same, authority), Err(ObjectionError::Rule { .. })));
    let extra = ObjectionSaid { points: Some(points), ..said.clone() };
    assert!(matches!(filed.judge(ObjectionStep::Uphold, &extra, authority), Err(ObjectionError::Superfluous { .. })));
    assert_eq!(filed.judge(ObjectionStep::Uphold, &said, authority), Ok(()));
    let mut withdrawn = filed.clone();
    withdrawn.put(event(ObjectionStep::Withdraw, GIVES, ObjectionSaid::default()));
    assert_eq!(may(&[withdrawn], "2026-10-08"), Ok(()), "what was taken back may be filed again");
    filed.put(event(ObjectionStep::Uphold, WATCHES, said.clone()));
    assert!(matches!(filed.judge(ObjectionStep::Uphold, &said, authority), Err(ObjectionError::NotNow { .. })));
    assert!(may(&[filed], "2026-10-08").expect_err("answered").contains("objected to once"));
}

fn some_day() -> impl Strategy<Value = Day> + Clone {
    let (from, to) = (quarter().from().0, quarter().to().0);
    (from..to).prop_map(Day)
}

fn some_facts() -> impl Strategy<Value = Facts> {
    let clock = (0_u32..40, some_day(), prop::option::of(-20_i64..20)).prop_map(|(n, due, late)| ClockFact {
        case: format!("S-{n}"),
        step: "deliver".into(),
        started: due.plus(-30),
        due,
        met: late.map(|days| due.plus(days)),
        provisional: n % 2 == 0,
    });
    let stretch = (0_u32..40, some_day(), 0_u32..60).prop_map(|(n, to, working_days)| StretchFact {
        case: format!("S-{n}"),
        from: to.plus(-90),
        to,
        working_days,
    });
    let fact = (0_u32..40, some_day()).prop_map(|(n, day)| CaseFact { case: format!("S-{n}"), day });
    let import = (0_u32..40, 0_u64..100_000, 0_u64..1_000).prop_map(|(n, taken, rejected)| ImportFact {
        batch: format!("b{n:016x}"),
        dataset: "culture/works".into(),
        rows: taken + rejected,
        rejected,
        findings: taken.min(7),
    });
    let used = (0_u32..5, 1_u64..1_000).prop_map(|(n, answers)| UseFact { dataset: format!("culture/d{n}"), answers });
    let many = 0..6_usize;
    (
        prop::collection::vec(clock, many.clone()),
        (prop::collection::vec(stretch.clone(), many.clone()), prop::collection::vec(stretch, many.clone())),
        (prop::collection::vec(fact.clone(), many.clone()), prop::collection::vec(fact, many.clone())),
        (prop::collection::vec(import.clone(), many.clone()), prop::collection::vec(import, many.clone())),
        prop::collection::vec("culture/[a-e]", many.clone()),
        prop::collection::vec(used, many),
    )
        .prop_map(|(clocks, (deliveries, corrections), (refusals, undone), (imports, before), granted, used)| {
            let mut facts = Facts {
                clocks,
                deliveries,
                corrections,
                refusals,
                refusals_overturned: undone,
                imports,
                imports_before: before,
                datasets_granted: granted,
                used,
            };
            facts.arrange();
            facts
        })
}

fn some_document() -> impl Strategy<Value = Document> {
    let corrected = prop::option::of((0_usize..6, 0_u16..=10_000));
    (some_facts(), some_facts(), corrected).prop_map(|(one, two, corrected)| {
        let schemes = Schemes::built_in().expect("sound");
        let facts: BTreeMap<String, Facts> = [(GIVES.to_owned(), one), (OTHER.to_owned(), two)].into();
        let scheme = schemes.of("", quarter().from()).expect("a scheme");
        let objections: Vec<Objection> = corrected
            .into_iter()
            .map(|(at, hundredths)| {
                let points = Points::parse(&format!("{}.{:02}", hundredths / 100, hundredths % 100)).expect("points");
                let first = event(ObjectionStep::File, GIVES, ObjectionSaid::default());
                let id = &scheme.indicators[at].id;
                let mut objection = Objection::begin("O-1", quarter(), id, points, first).expect("a first event");
                let said = ObjectionSaid { points: Some(points), ..ObjectionSaid::default() };
                objection.put(event(ObjectionStep::Change, WATCHES, said));
                objection
            })
            .collect();
        document::make(quarter(), &schemes, facts, &objections, Instant(0), day("2026-12-01")).expect("worked out")
    })
}

/// Every place of a document that a figure stands in: what falsifying it must show.
fn figures(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                // Of the facts, only what is counted; names and other days change nothing.
                let counted = ["rows", "rejected", "findings", "working_days", "answers"].contains(&name.as_str());
                let in_facts = path.contains("/facts");
                if !in_facts || counted || member.is_array() || member.is_object() {
                    figures(member, &format!("{path}/{name}"), found);
                }
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate().filter(|(_, item)| item.is_object()) {
                figures(item, &format!("{path}/{at}"), found);
            }
        }
        Value::Number(_) => found.push(path.to_owned()),
        Value::String(_) | Value::Null
            if path.ends_with("value") || path.ends_with("points") || path.ends_with("score") =>
        {
            found.push(path.to_owned());
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_document_recomputes_to_itself(document in some_document()) {
        prop_assert_eq!(recompute(&document), Ok(Vec::new()));
        let text = serde_json::to_string(&document).expect("a text");
        let again: Document = serde_json::from_str(&text).expect("a document");
        prop_assert_eq!(&again, &document);
    }

    #[test]
    fn a_falsified_figure_is_found(document in some_document(), pick in any::<prop::sample::Index>()) {
        let mut value = serde_json::to_value(&document).expect("a value");
        let mut places = Vec::new();
        figures(&value["departments"], "/departments", &mut places);
        let place = pick.get(&places).clone();
        let figure = value.pointer_mut(&place).expect("a place");
        *figure = match figure.clone() {
            Value::Number(n) => json!(n.as_u64().expect("a count") + 1),
            Value::String(text) if place.ends_with("value") => json!(format!("{text}1")),
            Value::String(text) if text == "50.00" => json!("51.00"),
            _ => json!("50.00"),
        };
        let falsified: Document = serde_json::from_value(value).expect("a document");
        let found = recompute(&falsified).expect("recomputed");
        // Corrected points may be moved a little without moving the score by a hundredth; all else shows.
        let rounding = place.ends_with("/corrected/points")
            && falsified.departments.iter().all(|one| score::corrected_total(&one.indicators) == one.corrected_score);
        prop_assert!(!found.is_empty() || rounding, "{} is not found", place);
    }

    #[test]
    fn a_fact_left_out_is_found(document in some_document(), pick in any::<prop::sample::Index>()) {
        let mut falsified = document;
        let facts = &mut falsified.departments[0].facts;
        let lists = [facts.clocks.len(), facts.deliveries.len(), facts.refusals.len(), facts.used.len()];
        let filled: Vec<usize> = (0..lists.len()).filter(|at| lists[*at] > 0).collect();
        prop_assume!(!filled.is_empty());
        match *pick.get(&filled) {
            0 => drop(facts.clocks.pop()),
            1 => drop(facts.deliveries.pop()),
            2 => drop(facts.refusals.pop()),
            _ => drop(facts.used.pop()),
        }
        prop_assert!(!recompute(&falsified).expect("recomputed").is_empty());
    }
}

#[test]
fn other_policy_data_and_stray_facts_are_found() {
    let schemes = Schemes::parse(&scheme(&[]), "x").expect("sound");
    let mut facts = Facts::default();
    facts.clocks.push(clock("S-1", "2026-07-20", None));
    let all: BTreeMap<String, Facts> = [(GIVES.to_owned(), facts)].into();
    let sound = document::make(quarter(), &schemes, all, &[], Instant(0), day("2026-12-01")).expect("worked out");
    let told =
        |document: &Document| recompute(document).expect("recomputed").into_iter().map(|d| d.place).collect::<Vec<_>>();
    assert!(told(&sound).is_empty());
    let mut milder = sound.clone();
    milder.policy.text = scheme(&[("[[0, 0], [1, 100]]", "[[0, 50], [1, 100]]")]);
    assert_eq!(told(&milder), ["policy: sha256".to_owned(), format!("{GIVES}: a: points"), format!("{GIVES}: score")]);
    let mut stray = sound.clone();
    stray.departments[0].facts.clocks[0].due = day("2026-10-02");
    assert_eq!(told(&stray), [format!("{GIVES}: facts")]);
    let mut other = sound;
    other.format = 2;
    assert!(recompute(&other).is_err());
}
