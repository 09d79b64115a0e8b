//! The table of steps: a walk at random against a second telling of it, clocks, what the rules refuse.

use foundation::dataset::{Openness, Sharing};
use foundation::value::{Day, FieldType, Instant};
use proptest::prelude::*;

use super::check::violations;
use super::items::{Item, Items, Place};
use super::step::{By, RULES};
use super::take::{Frame, StepError, judge, judge_draft};
use super::{Entry, Event, Said, State, Verb, clocks, notice};
use crate::sharing::take::Hand;
use crate::sharing::{Actor, Calendar, Limits};

const GIVES: &str = "11100000PDY00001X7";
const OTHER: &str = "11100000PDY0000287";
const WATCHES: &str = "11100000PDY00003X1";

pub(super) fn field(name: &str, grade: u8) -> Item {
    Item {
        name: name.into(),
        title: format!("项 {name}"),
        kind: FieldType::Text,
        length: Some(20),
        code_list: String::new(),
        standard: String::new(),
        grade,
        sharing: None,
        sharing_condition: String::new(),
        openness: None,
    }
}

/// An entry that breaks no rule.
pub(super) fn sound() -> Items {
    Items {
        dataset: "population/persons".into(),
        title: "居住证信息".into(),
        summary: "居住证的签发与有效期。".into(),
        class_code: "101009".into(),
        classification: "基础信息资源/人口基础信息/居住证".into(),
        provider: "公安部门（演示）".into(),
        provider_code: GIVES.into(),
        format: "数据库".into(),
        update_cycle: "每日".into(),
        data_class: "人口".into(),
        data_grade: Some(3),
        sharing: Some(Sharing::Conditional),
        sharing_scope: "社会保险经办机构".into(),
        sharing_uses: "参保资格核验".into(),
        sharing_modes: vec!["服务接口".into()],
        openness: Some(Openness::None),
        conditions_of_use: "仅用于申请所列职责".into(),
        impact_assessment: "PIA-2026-101".into(),
        fields: vec![field("permit_number", 3), field("valid_to", 2)],
        ..Items::default()
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a date")
}

/// Noon in the country.
fn noon(day: Day) -> Instant {
    Instant::parse(&format!("{day}T04:00:00Z")).expect("an instant")
}

fn actor(who: &str) -> Actor {
    let subject = if who.starts_with('!') { "head" } else { "writer" };
    let department = who.trim_start_matches('!').to_owned();
    Actor { subject: subject.into(), department, officer: "007".into() }
}

fn hand(who: &str) -> Hand<'_> {
    let department = who.trim_start_matches('!');
    Hand {
        company: "",
        subject: if who.starts_with('!') { "head" } else { "writer" },
        department,
        uses: department != WATCHES,
        owns: department != WATCHES,
        signatory: who.starts_with('!'),
        authority: department == WATCHES,
    }
}

struct Play {
    entry: Entry,
    today: Day,
    calendar: Calendar,
    limits: Limits,
    holders: Vec<String>,
}

impl Play {
    fn new(today: &str, items: Items) -> Self {
        let today = day(today);
        let said = Said { items: Some(Box::new(items)), ..Said::default() };
        let first = Event { at_us: noon(today).0, by: actor(GIVES), verb: Verb::Draft, said };
        Self {
            entry: Entry::begin("C-1", first).expect("a first event"),
            today,
            calendar: Calendar::built_in().expect("notices"),
            limits: Limits::built_in().expect("limits"),
            holders: Vec::new(),
        }
    }

    fn judged(&self, who: &str, verb: Verb, said: &Said) -> Result<(), StepError> {
        let frame = Frame { today: self.today, calendar: &self.calendar, limits: &self.limits, holders: &self.holders };
        judge(&self.entry, verb, said, hand(who), frame)
    }

    fn take(&mut self, who: &str, verb: Verb, said: Said) -> Result<State, String> {
        self.judged(who, verb, &said).map_err(|error| error.to_string())?;
        let at_us = noon(self.today).0 + i64::try_from(self.entry.events.len()).expect("few");
        self.entry.put(Event { at_us, by: actor(who), verb, said });
        Ok(self.entry.state)
    }

    fn until(&mut self, steps: &[(&str, Verb)]) {
        for (who, verb) in steps {
            self.take(who, *verb, Said::default()).expect("a step");
        }
    }

    fn announced(today: &str) -> Self {
        let mut play = Self::new(today, sound());
        play.until(&[(&head(), Verb::Submit), (WATCHES, Verb::Approve), (WATCHES, Verb::Announce)]);
        play
    }

    fn clock(&self) -> (&'static str, String, bool, bool) {
        let all = clocks::of(&self.entry, &self.calendar, &self.limits);
        let clock = all.last().expect("a clock");
        (clock.step.as_str(), clock.due.day.to_string(), clock.met.is_some(), clock.is_overdue(self.today))
    }

    fn alerts(&self) -> Vec<&'static str> {
        let found = clocks::alerts(&self.entry, &self.calendar, &self.limits, self.today, self.holders.len());
        found.into_iter().map(|alert| alert.what).collect()
    }
}

fn head() -> String {
    format!("!{GIVES}")
}

fn because() -> Said {
    Said { reason: Some("因".into()), evidence: Some("证".into()), ..Said::default() }
}

fn change(items: Items) -> Said {
    Said { items: Some(Box::new(items)), reason: Some("因".into()), ..Said::default() }
}

#[test]
fn an_entry_runs_its_course_and_its_update_over_a_holiday() {
    let mut play = Play::new("2025-09-22", sound());
    assert!(play.take(GIVES, Verb::Submit, Said::default()).expect_err("no head").contains("provider's head"));
    play.until(&[(&head(), Verb::Submit)]);
    assert!(clocks::of(&play.entry, &play.calendar, &play.limits).is_empty(), "no limit is set for a first review");
    assert!(play.take(WATCHES, Verb::Return, Said::default()).is_err(), "no reason");
    play.take(WATCHES, Verb::Return, because()).expect("sent back");
    assert!(play.take(&head(), Verb::Submit, Said::default()).expect_err("not revised").contains("revised"));
    play.take(GIVES, Verb::Revise, Said { items: Some(Box::new(sound())), ..Said::default() }).expect("revised");
    play.until(&[(&head(), Verb::Submit), (WATCHES, Verb::Approve), (WATCHES, Verb::Announce)]);
    assert_eq!(play.entry.state, State::Announced);
    // A change of duties on 26 September: ten working days over the national holiday, and five more.
    play.today = day("2025-09-28");
    let since = Said { from: Some("2025-09-26".into()), ..because() };
    assert_eq!(play.take(GIVES, Verb::ChangeDuty, since), Ok(State::Announced));
    assert_eq!(play.clock(), ("update-catalogue", "2025-10-16".into(), false, false));
    let five = Said { days: Some(5), ..because() };
    assert!(play.take(GIVES, Verb::AskExtension, Said { days: Some(6), ..because() }).is_err());
    play.take(GIVES, Verb::AskExtension, five.clone()).expect("asked");
    assert_eq!(play.alerts(), ["an extension waits for consent"]);
    assert!(play.take(GIVES, Verb::Extend, Said::default()).is_err(), "not the provider's own consent");
    play.take(WATCHES, Verb::Extend, Said::default()).expect("consented");
    assert_eq!(play.clock().1, "2025-10-23");
    assert!(play.take(GIVES, Verb::AskExtension, five).is_err(), "once");
    play.today = day("2025-10-24");
    assert_eq!(play.alerts(), ["the entry is not brought up to date in time"]);
    play.take(GIVES, Verb::Amend, change(sound())).expect("amended");
    play.until(&[(&head(), Verb::Submit)]);
    assert_eq!(play.clock(), ("publish-catalogue", "2025-10-28".into(), false, false));
    play.today = day("2025-10-29");
    assert!(play.alerts().contains(&"the entry is not reviewed and announced in time"));
    play.until(&[(WATCHES, Verb::Approve), (WATCHES, Verb::Announce)]);
    assert!(play.alerts().contains(&"the entry was reviewed late"));
    assert_eq!(play.entry.versions.len(), 2);
}

#[test]
fn nobody_approves_what_he_wrote_and_nobody_catalogues_for_another() {
    let play = Play::new("2025-09-22", sound());
    let own = Hand { signatory: true, ..hand(GIVES) };
    let frame = Frame { today: play.today, calendar: &play.calendar, limits: &play.limits, holders: &[] };
    let error = judge(&play.entry, Verb::Submit, &Said::default(), own, frame).expect_err("the writer");
    assert!(error.to_string().contains("may not approve it too"), "{error}");
    let said = Said { items: Some(Box::new(sound())), ..Said::default() };
    let error = judge_draft(&said, hand(OTHER)).expect_err("of another department");
    assert!(error.to_string().contains("provider_code"), "{error}");
    assert!(judge_draft(&said, hand(WATCHES)).is_err() && judge_draft(&said, hand(GIVES)).is_ok());
    assert!(play.judged(OTHER, Verb::Revise, &change(sound())).is_err());
}

#[test]
fn every_version_stays_readable_in_both_times() {
    let mut play = Play::announced("2026-01-05");
    let first = noon(day("2026-01-06"));
    play.today = day("2026-03-02");
    let second = Items { title: "居住证（新）".into(), ..sound() };
    play.take(GIVES, Verb::Amend, change(second)).expect("amended");
    play.until(&[(&head(), Verb::Submit), (WATCHES, Verb::Approve)]);
    assert!(play.take(WATCHES, Verb::Announce, Said { from: Some("2026-03-01".into()), ..Said::default() }).is_err());
    play.take(WATCHES, Verb::Announce, Said { from: Some("2026-04-01".into()), ..Said::default() }).expect("announced");
    let now = noon(day("2026-05-01"));
    let title = |valid: &str, known: Instant| {
        play.entry.items_at(day(valid), known).map_or("", |items| items.title.as_str()).to_owned()
    };
    assert_eq!(title("2026-01-04", now), "");
    assert_eq!(title("2026-03-31", now), "居住证信息");
    assert_eq!(title("2026-04-01", now), "居住证（新）");
    assert_eq!(title("2026-04-01", first), "居住证信息", "as it was known before");
    assert_eq!(title("2026-04-01", noon(day("2026-01-04"))), "", "before anything was announced");
}

#[test]
fn what_falls_away_waits_for_its_holders_and_is_told_beforehand() {
    let mut play = Play::announced("2026-01-05");
    let fewer = Items { fields: vec![field("permit_number", 3)], ..sound() };
    play.take(GIVES, Verb::Amend, change(fewer)).expect("amended");
    assert_eq!(play.entry.falling_away(), ["valid_to"]);
    assert_eq!(notice::of(&play.entry).and_then(|(_, n)| n.sunset), None, "nothing is approved yet");
    play.until(&[(&head(), Verb::Submit), (WATCHES, Verb::Approve)]);
    let (dataset, told) = notice::of(&play.entry).expect("a notice");
    assert_eq!((dataset.to_string().as_str(), told.sunset), ("population/persons", None));
    play.holders = vec!["S-1".into()];
    let error = play.take(WATCHES, Verb::Announce, Said::default()).expect_err("a holder has not agreed");
    assert!(error.contains("`S-1`") && error.contains("art 27"), "{error}");
    assert_eq!(play.alerts(), ["holders of grants have not agreed to what falls away"]);
    play.holders.clear();
    play.take(WATCHES, Verb::Announce, Said { from: Some("2026-02-01".into()), ..Said::default() }).expect("announced");
    assert_eq!(notice::of(&play.entry).and_then(|(_, n)| n.sunset), Some(day("2026-02-01")));
    assert_eq!(notice::of(&Play::announced("2026-01-05").entry), None);
}

#[test]
fn each_rule_is_broken_alone_and_named_with_its_place() {
    type Break = fn(&mut Items);
    assert_eq!(violations(&sound()), []);
    let none = |i: &mut Items| i.sharing = Some(Sharing::None);
    let cases: [(Break, Place); 26] = [
        (|i| i.title.clear(), Place::Item("title")),
        (|i| i.summary = " ".into(), Place::Item("summary")),
        (|i| i.provider.clear(), Place::Item("provider")),
        (|i| i.provider_code = "11100000PDY00001X8".into(), Place::Item("provider_code")),
        (|i| i.source_department = "x".into(), Place::Item("source_department")),
        (|i| i.format.clear(), Place::Item("format")),
        (|i| i.update_cycle = "sometimes".into(), Place::Item("update_cycle")),
        (|i| i.data_class.clear(), Place::Item("data_class")),
        (|i| i.data_grade = None, Place::Item("data_grade")),
        (|i| i.data_grade = Some(2), Place::Item("data_grade")),
        (|i| i.class_code = "10100".into(), Place::Item("class_code")),
        (|i| i.class_code = "901001".into(), Place::Item("class_code")),
        (|i| i.classification = "部门信息资源/公安/户政".into(), Place::Item("classification")),
        (|i| i.sharing = None, Place::Item("sharing")),
        (|i| i.sharing_scope.clear(), Place::Item("sharing_scope")),
        (|i| i.sharing_uses.clear(), Place::Item("sharing_uses")),
        (none, Place::Item("sharing_ground")),
        (|i| i.sharing_modes = vec!["电话".into()], Place::Item("sharing_modes")),
        (|i| i.openness = Some(Openness::Conditional), Place::Item("openness_condition")),
        (|i| i.conditions_of_use.clear(), Place::Item("conditions_of_use")),
        (|i| i.impact_assessment.clear(), Place::Item("impact_assessment")),
        (|i| i.related = vec!["101".into()], Place::Item("related")),
        (|i| i.fields[1].name = "permit_number".into(), Place::Field(1, "name")),
        (|i| i.fields[0].title.clear(), Place::Field(0, "title")),
        (|i| i.fields[1].sharing = Some(Sharing::None), Place::Field(1, "sharing_condition")),
        (|i| i.fields[0].openness = Some(Openness::Unconditional), Place::Field(0, "openness")),
    ];
    for (at, (change, place)) in cases.into_iter().enumerate() {
        let mut items = sound();
        change(&mut items);
        let found: Vec<Place> = violations(&items).iter().map(|violation| violation.place).collect();
        assert_eq!(found, [place], "case {at}");
    }
    let mut grounded = sound();
    none(&mut grounded);
    for (ground, stands) in [
        ("反恐怖主义法第五十二条", true),
        ("国务院关于实施某事项的决定", true),
        ("反恐怖主义法", false),
        ("本部门规定第三条", false),
        ("", false),
    ] {
        grounded.sharing_ground = ground.into();
        assert_eq!(violations(&grounded).is_empty(), stands, "{ground}");
    }
}

/// The table told a second time: the state after a step, where the step may be taken.
fn after(entry: &Entry, verb: Verb, ends: bool) -> Option<State> {
    use State as S;
    let standing = if entry.versions.is_empty() { S::Withdrawn } else { S::Announced };
    let ending = entry.working.as_ref().is_some_and(|working| working.items.is_none());
    match (entry.state, verb) {
        (S::Draft | S::Returned, Verb::Revise) | (S::Announced, Verb::Amend) if !ends || verb == Verb::Amend => {
            Some(S::Draft)
        }
        (S::Draft | S::Returned, Verb::Submit) => Some(S::Submitted),
        (S::Draft | S::Submitted | S::Returned | S::Approved, Verb::Withdraw) => Some(standing),
        (S::Submitted, Verb::Return) => Some(S::Returned),
        (S::Submitted, Verb::Approve) => Some(S::Approved),
        (S::Approved, Verb::Announce) if ending => Some(S::Ended),
        (S::Approved, Verb::Announce) => Some(S::Announced),
        (
            S::Announced | S::Draft | S::Returned,
            Verb::ChangeDuty | Verb::AskExtension | Verb::Extend | Verb::DenyExtension,
        ) => Some(entry.state),
        _ => None,
    }
}

/// A step somebody tries: which step (often one that could follow), who, what is said, how many days later, whether a
/// holder still stands in the way.
type Try = (usize, bool, usize, u8, i64, bool);

fn tries() -> impl Strategy<Value = Vec<Try>> {
    let one = (0_usize..1_000, prop::bool::weighted(0.8), 0_usize..4, 0_u8..6, 0_i64..4, prop::bool::weighted(0.2));
    prop::collection::vec(one, 1..60)
}

fn words(kind: u8, verb: Verb, today: Day) -> Said {
    let takes_items = matches!(verb, Verb::Revise | Verb::Amend);
    let mut items = sound();
    match kind {
        0 => items.title.clear(),
        1 => items.fields.truncate(1),
        _ => {}
    }
    let ends = kind == 2 && verb == Verb::Amend;
    let from = match verb {
        Verb::ChangeDuty => Some(today),
        Verb::Announce if kind == 3 => Some(today.plus(10)),
        Verb::Announce if kind == 4 => Some(today.plus(-1)),
        _ => None,
    };
    Said {
        items: (takes_items && !ends).then(|| Box::new(items)),
        ends,
        days: (verb == Verb::AskExtension).then_some(5),
        from: from.map(|day| day.to_string()),
        ..because()
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    /// Whatever anybody tries in whatever order: the steps taken are those of the table, told twice; what was announced
    /// is sound and never changes; and the events put together again make the same entry.
    #[test]
    fn no_order_of_steps_leaves_the_table(all in tries()) {
        let mut play = Play::new("2025-09-22", sound());
        let hands = [GIVES.to_owned(), head(), WATCHES.to_owned(), OTHER.to_owned()];
        for (pick, fitting, who, kind, days, holder) in all {
            play.today = play.today.plus(days);
            play.holders = if holder { vec!["S-1".into()] } else { Vec::new() };
            let state = play.entry.state;
            let could: Vec<Verb> = RULES
                .iter()
                .filter(|rule| rule.verb != Verb::Draft && (!fitting || rule.from.contains(&state)))
                .map(|rule| rule.verb)
                .collect();
            let Some(verb) = could.get(pick % could.len().max(1)).copied() else { break };
            let who = &hands[who];
            let said = words(kind, verb, play.today);
            let expected = after(&play.entry, verb, said.ends);
            let before = play.entry.clone();
            if let Ok(state) = play.take(who, verb, said) {
                    prop_assert_eq!(Some(state), expected);
                    let rule = verb.rule();
                    prop_assert!(who.as_str() != OTHER, "a stranger took {:?}", verb);
                    prop_assert!(!rule.signed || who.starts_with('!'), "{:?} unsigned", verb);
                    prop_assert!(rule.by != By::Authority || who == WATCHES, "{:?} without the authority", verb);
                    prop_assert!(verb != Verb::Announce || !holder, "announced over a holder");
                    let stood = play.entry.versions.get(..before.versions.len());
                    prop_assert_eq!(stood, Some(before.versions.as_slice()));
            } else {
                prop_assert_eq!(&play.entry, &before);
            }
            for version in &play.entry.versions {
                prop_assert!(version.items.as_deref().is_none_or(|items| violations(items).is_empty()));
                prop_assert!(version.from >= version.recorded.day());
            }
        }
        let mut again = Entry::begin("C-1", play.entry.events[0].clone()).expect("a first event");
        for event in &play.entry.events[1..] {
            again.put(event.clone());
        }
        prop_assert_eq!(again, play.entry);
    }
}
