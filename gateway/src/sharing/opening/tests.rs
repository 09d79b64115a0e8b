//! What a company may ask for, and what it gets of it.

use std::sync::Arc;

use foundation::dataset::{Dataset, DatasetName, Disclosure, Openness};
use foundation::value::{Day, Instant};

use super::{ACTS, asked_of, is_opened, leads_to_data, opens};
use crate::policy::Terms;
use crate::sharing::calendar::Calendar;
use crate::sharing::case::{Actor, Case, Event, Kind};
use crate::sharing::clocks;
use crate::sharing::limits::Limits;
use crate::sharing::step::{Outcome, Said, State, Verb};
use crate::sharing::take::{Frame, Hand, StepError, judge};

const COMPANY: &str = "91350100M000100Y43";
const GIVES: &str = "11100000PDY000060J";
const WATCHES: &str = "11100000PDY00003X1";

fn of(domain: foundation::service::Domain, table: &str) -> Dataset {
    let found = domain.datasets.into_iter().find(|d| d.name.table() == table).expect("a dataset");
    Arc::unwrap_or_clone(found)
}

fn addresses() -> Dataset {
    of(geospatial::domain().expect("definitions"), "addresses")
}

fn terms() -> Terms {
    Terms {
        dataset: "geospatial/addresses".into(),
        acts: ACTS.map(str::to_owned).to_vec(),
        fields: vec!["address_id".into(), "full".into()],
        masked: vec!["door".into()],
        rows: "division LIKE '51%'".into(),
        purpose: "物流配送路径优化".into(),
        ground: "目录开放条件".into(),
        from: "2026-01-05".into(),
        to: "2027-01-05".into(),
        cases_required: false,
        rows_per_answer_max: 100,
        rows_per_day_max: 1_000,
        persons_per_day_max: None,
        tells_not_found: false,
        commitment: "只用于本公司配送，不转交第三方；数据存放于境内专用服务器".into(),
    }
}

#[test]
fn what_is_opened_conditionally_may_be_asked_for_and_nothing_else() {
    let addresses = addresses();
    assert_eq!(asked_of(&addresses, COMPANY, &terms()), Ok(()));
    let refused = |dataset: &Dataset, terms: &Terms, part: &str| {
        let said = asked_of(dataset, COMPANY, terms).expect_err(part).to_string();
        assert!(said.contains(part), "`{part}` was expected: {said}");
    };
    for (change, part) in [
        (Terms { fields: vec!["full".into(), "room".into()], ..terms() }, "`room` is not opened"),
        (Terms { masked: vec!["unit".into()], ..terms() }, "`unit` is not opened"),
        (Terms { rows: "room = '1'".into(), ..terms() }, "`room` is not opened"),
        (Terms { rows: "NOT (division LIKE '51%' AND unit IS NULL)".into(), ..terms() }, "`unit` is not opened"),
        (Terms { fields: Vec::new(), masked: Vec::new(), ..terms() }, "both empty"),
        (Terms { acts: vec!["get".into(), "verify".into()], ..terms() }, "`acts`"),
        (Terms { acts: vec!["claims".into()], ..terms() }, "`acts`"),
        (Terms { acts: Vec::new(), ..terms() }, "`acts`"),
        (Terms { commitment: " ".into(), ..terms() }, "`commitment`"),
        (Terms { commitment: "诺".repeat(1_334), ..terms() }, "`commitment`"),
        (Terms { tells_not_found: true, ..terms() }, "about persons"),
        (Terms { persons_per_day_max: Some(1), ..terms() }, "about persons"),
        (Terms { purpose: String::new(), ..terms() }, "`purpose`"),
        (Terms { to: "2026-01-05".into(), ..terms() }, "`to`"),
    ] {
        refused(&addresses, &change, part);
    }
    assert!(asked_of(&addresses, GIVES, &terms()).is_err(), "who provides it");
    // What anybody may read takes no request; beside what is conditional it may be named.
    let enterprises = of(legal_entity::domain().expect("definitions"), "enterprises");
    let open = Terms { dataset: enterprises.name.to_string(), fields: vec!["name".into()], ..terms() };
    let open = Terms { masked: Vec::new(), rows: String::new(), ..open };
    refused(&enterprises, &open, "open to anybody");
    refused(&enterprises, &Terms { fields: vec!["legal_representative".into()], ..open }, "not opened");
}

/// Whatever a definition says of openness: what is a person's, protected or of a high grade is not a company's.
#[test]
fn persons_and_what_is_protected_are_never_opened() {
    let mut persons = of(population::domain().expect("definitions"), "persons");
    persons.openness = Openness::Conditional;
    for field in &mut persons.fields {
        field.openness = None;
        field.grade = 1;
    }
    assert!(!opens(&persons));
    persons.disclosure = Disclosure::Open;
    assert!(persons.fields.iter().all(|field| !is_opened(&persons, field)));
    let mut addresses = addresses();
    assert!(opens(&addresses));
    for field in &mut addresses.fields {
        field.openness = None;
    }
    let opened = |dataset: &Dataset, name: &str| is_opened(dataset, dataset.field(name).expect("a field"));
    assert!(opened(&addresses, "full") && !opened(&addresses, "room"), "room is of grade 3");
    addresses.disclosure = Disclosure::Protected;
    assert!(!opens(&addresses));
    let mut enterprises = of(legal_entity::domain().expect("definitions"), "enterprises");
    let boss = enterprises.fields.iter_mut().find(|f| f.name == "legal_representative").expect("a field");
    (boss.openness, boss.grade) = (Some(Openness::Conditional), 1);
    assert!(!opened(&enterprises, "legal_representative"), "a link to a person");
}

struct Play {
    case: Case,
    dataset: Dataset,
    today: Day,
    calendar: Calendar,
    limits: Limits,
}

impl Play {
    fn new() -> Self {
        let today = Day::parse("2026-01-05").expect("a date");
        let by = Actor { subject: "person:writer".into(), department: COMPANY.into(), officer: "1".into() };
        let said = Said { terms: Some(terms()), ..Said::default() };
        let first = Event { at_us: noon(today).0, by, verb: Verb::Draft, said };
        Self {
            case: Case::begin("S-1", GIVES, false, first).expect("a first event").of(Kind::Opening),
            dataset: addresses(),
            today,
            calendar: Calendar::built_in().expect("notices"),
            limits: Limits::built_in().expect("limits"),
        }
    }

    /// Takes a step as the company, its signatory (`!`), a department or an authority.
    fn take(&mut self, who: &str, verb: Verb, said: Said) -> Result<State, StepError> {
        let code = who.trim_start_matches('!');
        let of_company = code == COMPANY;
        let hand = Hand {
            subject: "person:writer",
            department: if of_company { "" } else { code },
            company: if of_company { code } else { "" },
            uses: !of_company && code != WATCHES,
            owns: code == GIVES,
            signatory: who.starts_with('!'),
            authority: code == WATCHES,
        };
        let known = |name: &DatasetName| (*name == self.dataset.name).then_some(&self.dataset);
        let frame = Frame { today: self.today, calendar: &self.calendar, limits: &self.limits, dataset: &known };
        judge(&self.case, verb, &said, hand, &frame)?;
        let by = Actor { subject: "person:writer".into(), department: code.into(), officer: "1".into() };
        self.case.put(Event { at_us: noon(self.today).0, by, verb, said });
        Ok(self.case.state_on(self.today))
    }

    fn until(&mut self, steps: &[(&str, Verb)]) {
        for (who, verb) in steps {
            let said = Said { reason: Some("因".into()), evidence: Some("证".into()), ..Said::default() };
            self.take(who, *verb, said).expect("a step");
        }
    }
}

fn noon(day: Day) -> Instant {
    Instant::parse(&format!("{day}T04:00:00Z")).expect("an instant")
}

#[test]
fn a_company_goes_through_the_steps_and_gets_a_grant_of_its_own() {
    let (signs, heads) = (format!("!{COMPANY}"), format!("!{GIVES}"));
    let mut play = Play::new();
    assert!(play.take(COMPANY, Verb::Sign, Said::default()).is_err(), "only who may sign for it");
    // Who wrote it may sign it: one person may be all that a company has.
    play.until(&[(&signs, Verb::Sign), (COMPANY, Verb::Submit)]);
    let clock = clocks::of(&play.case, &play.calendar, &play.limits).pop().expect("a clock");
    assert_eq!(
        (clock.step.as_str(), clock.working_days, clock.due.day.to_string().as_str()),
        ("answer-opening", 10, "2026-01-19")
    );
    play.until(&[(GIVES, Verb::NeedMore), (COMPANY, Verb::Supplement)]);
    assert!(play.take(GIVES, Verb::NeedMore, Said { reason: Some("又".into()), ..Said::default() }).is_err(), "once");
    let wider = Terms { fields: vec!["address_id".into(), "full".into(), "road".into()], ..terms() };
    let consent = |terms| Said { terms: Some(terms), ..Said::default() };
    assert!(play.take(&heads, Verb::Consent, consent(wider)).is_err(), "more than was asked for");
    let other = Terms { commitment: "另一承诺".into(), ..terms() };
    assert!(play.take(&heads, Verb::Consent, consent(other)).is_err(), "another commitment than was given");
    play.take(&heads, Verb::Consent, consent(Terms { fields: vec!["address_id".into()], ..terms() })).expect("less");
    assert!(play.case.grant(|_| Some(&play.dataset)).is_none(), "not delivered yet");
    play.until(&[(GIVES, Verb::Deliver)]);
    let grant = play.case.grant(|_| Some(&play.dataset)).expect("a grant").expect("a sound one");
    assert!(grant.company && grant.department == COMPANY && grant.fields.len() == 1);
    play.until(&[(WATCHES, Verb::ReportMisuse), (GIVES, Verb::Suspend)]);
    assert!(play.case.grant(|_| Some(&play.dataset)).is_none());
    let alerts = clocks::alerts(&play.case, &play.calendar, &play.limits, play.today);
    assert!(alerts.iter().any(|a| a.who == COMPANY && a.liability.is_empty()), "{alerts:?}");
    play.until(&[
        (COMPANY, Verb::Rectify),
        (GIVES, Verb::Resume),
        (COMPANY, Verb::Relinquish),
        (COMPANY, Verb::Dispose),
    ]);
    assert_eq!(play.case.state, State::Disposed);
}

#[test]
fn a_refusal_is_disputed_and_undone() {
    let (signs, heads) = (format!("!{COMPANY}"), format!("!{GIVES}"));
    let mut play = Play::new();
    play.until(&[(&signs, Verb::Sign), (COMPANY, Verb::Submit)]);
    assert!(play.take(&heads, Verb::Refuse, Said::default()).is_err(), "with reasons");
    play.until(&[(&heads, Verb::Refuse), (COMPANY, Verb::Dispute)]);
    let ends = |outcome| Said { outcome: Some(outcome), reason: Some("因".into()), ..Said::default() };
    assert!(play.take(GIVES, Verb::Settle, ends(Outcome::Uphold)).is_err(), "only who disputes gives in");
    assert!(play.take(COMPANY, Verb::Settle, ends(Outcome::Overturn)).is_err(), "only who refused undoes it");
    play.until(&[(COMPANY, Verb::Escalate)]);
    assert_eq!(play.take(WATCHES, Verb::Decide, ends(Outcome::Overturn)), Ok(State::Submitted));
    let clocks = clocks::of(&play.case, &play.calendar, &play.limits);
    assert_eq!(clocks.iter().map(|clock| clock.step.as_str()).collect::<Vec<_>>(), ["answer-opening"; 2]);
}

/// One credit code, two kinds of body: neither takes the other's steps.
#[test]
fn a_department_of_the_companys_code_is_somebody_else() {
    let mut play = Play::new();
    let hand = |department, company, uses| Hand {
        subject: "person:x",
        department,
        company,
        uses,
        owns: uses,
        signatory: true,
        authority: false,
    };
    let known = |name: &DatasetName| (*name == play.dataset.name).then_some(&play.dataset);
    let frame = Frame { today: play.today, calendar: &play.calendar, limits: &play.limits, dataset: &known };
    let take = |case: &Case, hand| judge(case, Verb::Sign, &Said::default(), hand, &frame);
    assert!(matches!(take(&play.case, hand(COMPANY, "", true)), Err(StepError::NotYours { .. })));
    assert!(matches!(take(&play.case, hand("", "914403001922038216", false)), Err(StepError::NotYours { .. })));
    assert_eq!(take(&play.case, hand("", COMPANY, false)), Ok(()));
    play.case.kind = Kind::Request;
    assert!(matches!(take(&play.case, hand("", COMPANY, false)), Err(StepError::NotYours { .. })));
}

/// What was opened when it was asked for and is not any more is neither consented to nor delivered.
#[test]
fn what_is_no_longer_opened_is_not_given() {
    let (signs, heads) = (format!("!{COMPANY}"), format!("!{GIVES}"));
    let mut play = Play::new();
    play.until(&[(&signs, Verb::Sign), (COMPANY, Verb::Submit)]);
    let close = |play: &mut Play, openness| {
        play.dataset.fields.iter_mut().find(|f| f.name == "full").expect("a field").openness = openness;
    };
    close(&mut play, Some(Openness::None));
    assert!(matches!(play.take(&heads, Verb::Consent, Said::default()), Err(StepError::Opened { .. })));
    close(&mut play, None);
    play.until(&[(&heads, Verb::Consent)]);
    close(&mut play, Some(Openness::None));
    assert!(matches!(play.take(GIVES, Verb::Deliver, Said::default()), Err(StepError::Opened { .. })));
}

#[test]
fn what_leads_to_data_needs_a_company_in_being_and_giving_up_does_not() {
    let case = Play::new().case;
    let said = Said::default();
    for verb in [Verb::Submit, Verb::Consent, Verb::Deliver, Verb::Resume, Verb::FileChange] {
        assert!(leads_to_data(&case, verb, &said), "{verb:?}");
    }
    for verb in [Verb::Withdraw, Verb::Relinquish, Verb::Dispose, Verb::RecordUse, Verb::Suspend, Verb::Refuse] {
        assert!(!leads_to_data(&case, verb, &said), "{verb:?}");
    }
    let overturned = Said { outcome: Some(Outcome::Overturn), ..Said::default() };
    assert!(leads_to_data(&case, Verb::Decide, &overturned));
    assert!(!leads_to_data(&case.of(Kind::Request), Verb::Consent, &said));
}

/// Events and openings that were kept before openings were there are read as ever, and a company's as they were written.
#[test]
fn what_was_kept_is_read() {
    let old = r#"{"dataset":"population/persons","purpose":"p","ground":"g","from":"2026-01-01","to":"2027-01-01"}"#;
    let read: Terms = serde_json::from_str(old).expect("terms of before");
    assert!(read.commitment.is_empty());
    let text = serde_json::to_string(&read).expect("a text");
    assert!(!text.contains("commitment"), "{text}");
    let event = Play::new().case.events.remove(0);
    let text = serde_json::to_string(&event).expect("a text");
    assert_eq!(serde_json::from_str::<Event>(&text).expect("an event"), event);
    assert_eq!(serde_json::to_string(&Kind::Opening).expect("a text"), "\"opening\"");
}
