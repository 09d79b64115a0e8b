//! The rules of the table, told as cases; and a walk at random against what must always hold.

use std::sync::Arc;

use foundation::dataset::{Dataset, DatasetName};
use foundation::value::{Day, Instant};

use super::calendar::Calendar;
use super::case::{Actor, Case, Event};
use super::clocks;
use super::limits::Limits;
use super::step::{Outcome, RULES, Said, State, Verb};
use super::take::{Frame, Hand, StepError, judge};
use crate::policy::Terms;

const ASKS: &str = "11100000PDY0000999";
const GIVES: &str = "11100000PDY00001X7";
const OTHER: &str = "11100000PDY0000287";
const WATCHES: &str = "11100000PDY00003X1";
const RULES_: &str = "11100000PDY00004X0";

fn persons() -> Arc<Dataset> {
    let domain = population::domain().expect("definitions");
    domain.datasets.into_iter().find(|d| d.name.table() == "persons").expect("persons")
}

pub(super) fn terms() -> Terms {
    Terms {
        dataset: "population/persons".into(),
        acts: Vec::new(),
        fields: vec!["citizen_id".into(), "name".into()],
        masked: vec!["domicile_address".into()],
        rows: "domicile_division LIKE '51%'".into(),
        purpose: "办理社会保险登记".into(),
        ground: "社会保险法第五十八条".into(),
        from: "2025-10-01".into(),
        to: "2026-10-01".into(),
        cases_required: true,
        rows_per_answer_max: 100,
        rows_per_day_max: 1_000,
        persons_per_day_max: None,
        tells_not_found: false,
        commitment: String::new(),
    }
}

fn day(text: &str) -> Day {
    Day::parse(text).expect("a date")
}

/// Noon in the country.
fn noon(day: Day) -> Instant {
    Instant::parse(&format!("{day}T04:00:00Z")).expect("an instant")
}

struct Play {
    case: Case,
    today: Day,
    calendar: Calendar,
    limits: Limits,
    persons: Arc<Dataset>,
}

impl Play {
    fn new(today: &str) -> Self {
        let today = day(today);
        let by = Actor { subject: "writer".into(), department: ASKS.into(), officer: "007".into() };
        let said = Said { terms: Some(terms()), ..Said::default() };
        let first = Event { at_us: noon(today).0, by, verb: Verb::Draft, said };
        Self {
            case: Case::begin("S-1", GIVES, false, first).expect("a first event"),
            today,
            calendar: Calendar::built_in().expect("notices"),
            limits: Limits::built_in().expect("limits"),
            persons: persons(),
        }
    }

    /// Takes a step as `who` (a department; `!` before it = the head of its office); gives what is said of it.
    fn take(&mut self, who: &str, verb: Verb, said: Said) -> Result<State, String> {
        let department = who.trim_start_matches('!');
        let subject = if who.starts_with('!') { "head" } else { "writer" };
        let hand = Hand {
            subject,
            department,
            company: "",
            uses: ![WATCHES, RULES_].contains(&department),
            owns: department == GIVES,
            signatory: who.starts_with('!'),
            authority: [WATCHES, RULES_].contains(&department),
        };
        let known = |name: &DatasetName| (*name == self.persons.name).then_some(&*self.persons);
        let frame = Frame { today: self.today, calendar: &self.calendar, limits: &self.limits, dataset: &known };
        judge(&self.case, verb, &said, hand, &frame).map_err(|e| e.to_string())?;
        let by = Actor { subject: subject.into(), department: department.into(), officer: "007".into() };
        self.case.put(Event { at_us: noon(self.today).0, by, verb, said });
        Ok(self.case.state_on(self.today))
    }

    /// The clock that started last: what is due, whether provisional, whether overdue today.
    fn clock(&self) -> (String, bool, bool) {
        let clocks = clocks::of(&self.case, &self.calendar, &self.limits);
        let clock = clocks.last().expect("a clock");
        (clock.due.day.to_string(), clock.due.provisional, clock.is_overdue(self.today))
    }

    fn alerts(&self) -> Vec<&'static str> {
        clocks::alerts(&self.case, &self.calendar, &self.limits, self.today).into_iter().map(|a| a.what).collect()
    }

    fn until(&mut self, steps: &[(&str, Verb)]) {
        for (who, verb) in steps {
            self.take(who, *verb, said()).expect("a step");
        }
    }

    fn gives(&self) -> bool {
        self.case.grant(|_| Some(&*self.persons)).is_some()
    }
}

fn said() -> Said {
    Said { reason: Some("因".into()), evidence: Some("证".into()), ..Said::default() }
}

fn head(of: &str) -> String {
    format!("!{of}")
}

#[test]
fn a_request_runs_its_legal_course_over_a_holiday() {
    let mut play = Play::new("2025-09-25");
    assert!(play.take(ASKS, Verb::Submit, said()).is_err(), "not signed off");
    assert_eq!(
        play.take(ASKS, Verb::Sign, said()).expect_err("no head"),
        "`sign` is the step of the head of the requester's office for sharing (Decree 809 art 20)"
    );
    play.until(&[(&head(ASKS), Verb::Sign)]);
    play.today = day("2025-09-26");
    play.until(&[(ASKS, Verb::Submit)]);
    assert_eq!(play.clock(), ("2025-10-16".into(), false, false), "ten working days over the national holiday");
    let extra = Said { days: Some(10), ..said() };
    assert!(play.take(GIVES, Verb::AskExtension, Said { days: Some(11), ..said() }).is_err());
    play.take(GIVES, Verb::AskExtension, extra.clone()).expect("asked");
    assert_eq!(play.alerts(), ["an extension waits for consent"]);
    assert!(play.take(GIVES, Verb::Extend, said()).is_err(), "not the provider's own consent");
    play.take(WATCHES, Verb::Extend, said()).expect("consented");
    assert_eq!(play.clock().0, "2025-10-30");
    assert!(play.take(GIVES, Verb::AskExtension, extra).is_err(), "once");
    play.today = day("2025-10-31");
    assert_eq!(play.clock(), ("2025-10-30".into(), false, true));
    assert_eq!(play.alerts(), ["not answered in time"]);
    assert!(play.take(GIVES, Verb::Consent, said()).is_err(), "an answer is signed off");
    play.take(&head(GIVES), Verb::Consent, said()).expect("consented");
    assert_eq!(play.alerts(), ["answered late"]);
    assert!(!play.gives(), "nothing is given before delivery");
    assert_eq!(play.take(GIVES, Verb::Deliver, said()), Ok(State::Active));
    assert!(play.gives());
    play.today = day("2026-10-01");
    assert_eq!(play.case.state_on(play.today), State::Expired);
    assert!(play.alerts().contains(&"expired and not disposed of"));
    assert_eq!(play.take(ASKS, Verb::Dispose, said()), Ok(State::Disposed));
    assert!(!play.gives());
}

#[test]
fn who_only_uses_data_takes_no_step_for_the_provider() {
    let mut play = Play::new("2025-09-25");
    play.until(&[(&head(ASKS), Verb::Sign), (ASKS, Verb::Submit)]);
    let clerk = Hand {
        subject: "clerk",
        department: GIVES,
        company: "",
        uses: true,
        owns: false,
        signatory: true,
        authority: false,
    };
    let frame = Frame { today: play.today, calendar: &play.calendar, limits: &play.limits, dataset: &|_| None };
    for verb in [Verb::Consent, Verb::Refuse, Verb::NeedMore] {
        let outcome = judge(&play.case, verb, &said(), clerk, &frame);
        assert!(matches!(outcome, Err(StepError::NotYours { .. })), "{verb:?}: {outcome:?}");
    }
}

#[test]
fn what_is_missing_is_said_once_and_the_clock_starts_anew() {
    let mut play = Play::new("2026-02-09");
    play.until(&[(&head(ASKS), Verb::Sign), (ASKS, Verb::Submit), (GIVES, Verb::NeedMore)]);
    play.today = day("2026-02-13");
    let more = Said { terms: Some(Terms { fields: vec!["birth_date".into()], ..terms() }), ..said() };
    let unsigned = play.take(ASKS, Verb::Supplement, more).expect_err("other terms than those signed off");
    assert!(unsigned.contains("art 20"), "{unsigned}");
    play.until(&[(ASKS, Verb::Supplement)]);
    assert_eq!(play.clock().0, "2026-03-05", "ten working days over the spring festival");
    let again = play.take(GIVES, Verb::NeedMore, said()).expect_err("once");
    assert!(again.contains("art 21"), "{again}");
    let bare = play.take(&head(GIVES), Verb::Refuse, Said::default()).expect_err("no reason");
    assert_eq!(bare, "`refuse` needs `reason` (Decree 809 art 21)");
    assert_eq!(play.take(&head(GIVES), Verb::Refuse, said()), Ok(State::Refused));
}

#[test]
fn consent_may_narrow_and_never_widen() {
    let narrower: [fn(&mut Terms); 4] = [
        |t| t.fields = vec!["name".into()],
        |t| t.to = "2026-01-01".into(),
        |t| t.rows = "(domicile_division LIKE '51%') AND (birth_date > DATE('2000-01-01'))".into(),
        |t| t.masked = vec!["domicile_address".into(), "name".into()],
    ];
    let wider: [fn(&mut Terms); 11] = [
        |t| t.fields.push("birth_date".into()),
        |t| t.fields.push(t.masked.remove(0)),
        |t| t.to = "2027-01-01".into(),
        |t| t.from = "2025-01-01".into(),
        |t| t.rows = String::new(),
        |t| t.rows = "(domicile_division LIKE '51%') AND (sex = '1') OR (sex = '2')".into(),
        |t| t.acts = vec!["history".into()],
        |t| t.rows_per_day_max = 1_001,
        |t| t.persons_per_day_max = Some(1_001),
        |t| t.tells_not_found = true,
        |t| t.purpose = "别的".into(),
    ];
    let outcome = |change: fn(&mut Terms)| {
        let mut play = Play::new("2025-09-25");
        play.until(&[(&head(ASKS), Verb::Sign), (ASKS, Verb::Submit)]);
        let mut given = terms();
        change(&mut given);
        given.fields.retain(|f| !given.masked.contains(f));
        play.take(&head(GIVES), Verb::Consent, Said { terms: Some(given), ..said() })
    };
    for (at, change) in narrower.into_iter().enumerate() {
        assert_eq!(outcome(change), Ok(State::Delivering), "narrower {at}");
    }
    for (at, change) in wider.into_iter().enumerate() {
        let error = outcome(change).expect_err(&format!("wider {at}"));
        assert!(error.contains("art 25"), "wider {at}: {error}");
    }
}

#[test]
fn misuse_suspends_and_a_dispute_goes_up_three_steps() {
    let mut play = Play::new("2025-10-09");
    play.until(&[
        (&head(ASKS), Verb::Sign),
        (ASKS, Verb::Submit),
        (&head(GIVES), Verb::Consent),
        (GIVES, Verb::Deliver),
    ]);
    let causeless = play.take(GIVES, Verb::Suspend, said()).expect_err("no cause");
    assert!(causeless.contains("without cause"), "{causeless}");
    assert!(play.take(GIVES, Verb::Terminate, said()).is_err());
    play.until(&[(WATCHES, Verb::ReportMisuse), (GIVES, Verb::Suspend)]);
    assert!(!play.gives());
    assert!(play.take(GIVES, Verb::Resume, said()).is_err(), "not put right yet");
    let decide = |outcome| Said { outcome: Some(outcome), ..said() };
    play.until(&[(ASKS, Verb::Dispute)]);
    assert!(play.take(WATCHES, Verb::Decide, decide(Outcome::Overturn)).is_err(), "they still negotiate");
    assert!(play.take(ASKS, Verb::Settle, decide(Outcome::Overturn)).is_err(), "only the provider undoes");
    assert!(play.take(OTHER, Verb::Escalate, said()).is_err(), "no party");
    play.until(&[(ASKS, Verb::Escalate)]);
    assert!(play.take(ASKS, Verb::Escalate, said()).is_err(), "the authority has not decided");
    play.take(WATCHES, Verb::Decide, decide(Outcome::Uphold)).expect("decided");
    assert!(!play.gives());
    play.until(&[(ASKS, Verb::Escalate)]);
    assert!(play.take(WATCHES, Verb::Decide, decide(Outcome::Uphold)).is_err(), "not the same instance again");
    assert_eq!(play.take(RULES_, Verb::Decide, decide(Outcome::Overturn)), Ok(State::Active));
    assert!(play.gives() && play.case.dispute.is_none());
}

#[test]
fn a_service_changes_by_agreement_and_filing_only() {
    let mut play = Play::new("2025-10-09");
    play.until(&[
        (&head(ASKS), Verb::Sign),
        (ASKS, Verb::Submit),
        (&head(GIVES), Verb::Consent),
        (GIVES, Verb::Deliver),
    ]);
    assert!(play.take(ASKS, Verb::AgreeChange, said()).is_err());
    let fewer = Terms { fields: vec!["name".into()], ..terms() };
    play.take(GIVES, Verb::ProposeChange, Said { terms: Some(fewer), ..said() }).expect("proposed");
    assert!(play.take(WATCHES, Verb::FileChange, said()).is_err(), "not agreed");
    play.until(&[(ASKS, Verb::AgreeChange)]);
    assert_eq!(play.alerts(), ["an agreed change waits to be filed"]);
    assert_eq!(play.take(WATCHES, Verb::FileChange, said()), Ok(State::Active));
    assert_eq!(play.case.given.as_ref().map(|t| t.fields.len()), Some(1));
    play.until(&[(GIVES, Verb::ProposeChange), (ASKS, Verb::AgreeChange)]);
    assert_eq!(play.take(WATCHES, Verb::FileChange, said()), Ok(State::Ended));
    assert_eq!(play.alerts(), ["ended and not disposed of"]);
}

/// Whatever anybody tries in whatever order: a grant is given while the case is active and not otherwise, a step is taken
/// by those alone whose it is, and the events put together again make the same case.
#[test]
fn no_order_of_steps_gives_a_grant_that_the_table_does_not() {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).expect("small")
    };
    let heads = [head(ASKS), head(GIVES)];
    let hands = [ASKS, GIVES, OTHER, WATCHES, RULES_, &heads[0], &heads[1]];
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..1_500 {
        let mut play = Play::new("2025-09-25");
        for _ in 0..120 {
            play.today = Day(play.today.0 + i64::try_from(random(3)).expect("small"));
            // Mostly what could follow, so that the walk gets far; sometimes anything.
            let state = play.case.state_on(play.today);
            let fitting: Vec<_> = RULES.iter().filter(|r| r.from.contains(&state)).map(|r| r.verb).collect();
            let verb = match random(5) {
                0 => RULES[1 + random(RULES.len() - 1)].verb,
                _ if fitting.is_empty() => break,
                _ => fitting[random(fitting.len())],
            };
            let who = hands[random(hands.len())];
            let before = play.case.clone();
            let words = Said {
                days: Some(5),
                outcome: Some(if random(2) == 0 { Outcome::Uphold } else { Outcome::Overturn }),
                terms: (verb == Verb::Revise).then(terms),
                ..said()
            };
            if play.take(who, verb, words).is_ok() {
                taken += 1;
                assert!(verb.rule().from.contains(&before.state_on(play.today)), "{verb:?}");
                assert!(who != OTHER, "a stranger took {verb:?}");
                assert!(!verb.rule().signed || who.starts_with('!'), "{verb:?} unsigned");
            } else {
                refused += 1;
                assert_eq!(play.case, before);
            }
            assert_eq!(play.gives(), play.case.state == State::Active);
        }
        let mut again = Case::begin("S-1", GIVES, false, play.case.events[0].clone()).expect("a first event");
        for event in &play.case.events[1..] {
            again.put(event.clone());
        }
        assert_eq!(again, play.case);
    }
    println!("sharing at random: {taken} steps taken, {refused} refused");
    assert!(taken > 2_000, "{taken}");
}
