//! Two people: walks at random over the register, held against a plain record of who did what; permissions of others.

use std::cell::Cell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::account::{Account, Kind, Proof, is_above_readers};
use super::measure::Measure;
use super::proposal::{Deed, Event, PROPOSAL_US, State};
use super::register::{Register, RegisterError};
use crate::token::{Role, Roles};

const DEPARTMENT: &str = "11100000PDY0000999";

fn person(name: &str, roles: &[Role]) -> Account {
    let department = roles.contains(&Role::Department).then(|| DEPARTMENT.to_owned());
    Account {
        kind: Kind::Person,
        name: name.to_owned(),
        department,
        roles: roles.iter().copied().collect(),
        officer: None,
        level: None,
        ends_us: None,
        record: None,
        company: None,
        proof: Proof::Initial { hash: "h".into() },
    }
}

fn founded() -> Register {
    let mut register = Register::default();
    for name in ["admin.a", "admin.b"] {
        let deed = register.found(person(name, &[Role::Security])).expect("founded");
        register.apply(&Event { at_us: 0, by: "command".into(), deed }).expect("applied");
    }
    register
}

const ROLES: [&[Role]; 6] = [
    &[Role::Department],
    &[Role::Department, Role::Owner],
    &[Role::Department, Role::Signatory],
    &[Role::Security],
    &[Role::Administrator],
    &[Role::Auditor],
];

/// Who tries: the two founders, an account that may come to be an administrator, and one outside.
const HANDS: [&str; 4] = ["person:admin.a", "person:admin.b", "person:one.0", "zhao"];

#[derive(Debug, Clone)]
enum Try {
    Open(usize, usize),
    Rights(usize, usize),
    Disable(usize),
    Enable(usize),
    Reset(usize),
    Rotate,
    Approve(usize, bool),
    Reject(usize),
    Wait(i64),
}

fn tries() -> impl Strategy<Value = (usize, Try)> {
    let one = prop_oneof![
        4 => (0..3_usize, 0..ROLES.len()).prop_map(|(n, r)| Try::Open(n, r)),
        3 => (0..5_usize, 0..ROLES.len()).prop_map(|(n, r)| Try::Rights(n, r)),
        1 => (0..5_usize).prop_map(Try::Disable),
        2 => (0..5_usize).prop_map(Try::Enable),
        2 => (0..5_usize).prop_map(Try::Reset),
        1 => Just(Try::Rotate),
        14 => (0..3_usize, prop::bool::weighted(0.9)).prop_map(|(n, sound)| Try::Approve(n, sound)),
        1 => (0..4_usize).prop_map(Try::Reject),
        1 => (0..80_i64).prop_map(Try::Wait),
    ];
    (prop_oneof![5 => Just(0_usize), 5 => Just(1_usize), 2 => Just(2_usize), 1 => Just(3_usize)], one)
}

fn id(number: usize) -> String {
    match number {
        0..3 => format!("person:one.{number}"),
        3 => HANDS[0].to_owned(),
        _ => HANDS[1].to_owned(),
    }
}

/// Whoever tries what, when: an account gets more than a reader's rights by two different people alone, who were
/// security administrators when they acted, within 72 hours; and the register folds to the same from its events.
#[test]
fn more_than_a_readers_rights_take_two_people() {
    let walks = 1_500;
    let mut runner = TestRunner::new(ProptestConfig::with_cases(walks));
    let (approved, refused) = (Cell::new(0), Cell::new(0));
    let walk = prop::collection::vec(tries(), 10..80);
    let outcome = runner.run(&walk, |walk| {
        let (more, less) = hold(walk)?;
        approved.set(approved.get() + more);
        refused.set(refused.get() + less);
        Ok(())
    });
    outcome.expect("every walk holds");
    println!("two people: {walks} walks, {} approvals, {} attempts refused", approved.get(), refused.get());
    assert!(approved.get() > 500 && refused.get() > 5_000, "the walks do too little");
}

/// Walks, and holds every step against a plain record; gives how many approvals and refusals there were.
#[expect(clippy::too_many_lines, reason = "one arm a thing that can be tried")]
fn hold(walk: Vec<(usize, Try)>) -> Result<(u32, u32), TestCaseError> {
    let (mut approvals, mut refusals) = (0, 0);
    let mut register = founded();
    let mut events: Vec<Event> = Vec::new();
    let mut now_us = 1_000_000_i64;
    // The plain record: proposals with who and when; what each account's last two people gave it.
    let mut proposed: BTreeMap<u64, (String, i64)> = BTreeMap::new();
    let mut given: BTreeMap<String, (Roles, bool)> = BTreeMap::new();
    for name in ["person:admin.a", "person:admin.b"] {
        given.insert(name.into(), ([Role::Security].into_iter().collect(), true));
    }
    for (hand, one) in walk {
        let by = HANDS[hand];
        let wanted = match one {
            Try::Wait(hours) => {
                now_us += hours * 3_600_000_000;
                continue;
            }
            Try::Open(n, r) => Ok(Measure::Open { account: Box::new(person(&format!("one.{n}"), ROLES[r])) }),
            Try::Rights(n, r) => Ok(Measure::ChangeRights {
                account: id(n),
                department: ROLES[r].contains(&Role::Department).then(|| DEPARTMENT.to_owned()),
                roles: ROLES[r].iter().copied().collect(),
            }),
            Try::Disable(n) => Ok(Measure::Disable { account: id(n) }),
            Try::Enable(n) => Ok(Measure::Enable { account: id(n) }),
            Try::Reset(n) => Ok(Measure::Reset { account: id(n), hash: format!("r{now_us}") }),
            Try::Rotate => Ok(Measure::RotateSigningKey),
            Try::Approve(back, sound) => Err((back, Some(sound))),
            Try::Reject(back) => Err((back, None)),
        };
        now_us += 1;
        let before = register.clone();
        let outcome: Result<Deed, RegisterError> = match &wanted {
            Ok(measure) => register.submit(by, measure.clone(), now_us),
            Err((back, sound)) => {
                let number = register.proposals().nth(*back).map_or(99, |p| p.number);
                let measure = register.proposal(number).map(|p| p.measure.clone());
                let digest = measure.as_ref().map(|m| m.digest(number)).unwrap_or_default();
                match sound {
                    Some(sound) => {
                        let second = measure.filter(Measure::gives_a_secret).map(|_| "s".to_owned());
                        let digest = if *sound { digest } else { format!("{digest}0") };
                        let outcome = register.approve(by, number, &digest, second, now_us);
                        if !sound {
                            prop_assert!(outcome.is_err());
                        }
                        outcome
                    }
                    None => register.reject(by, number, now_us),
                }
            }
        };
        let Ok(deed) = outcome else {
            refusals += 1;
            prop_assert_eq!(&before, &register);
            continue;
        };
        let acts =
            |name: &str| before.account(name).is_some_and(|h| !h.disabled && h.account.roles.has(Role::Security));
        let done = match &deed {
            Deed::Proposed { number, .. } => {
                prop_assert!(acts(by), "only a security administrator proposes");
                proposed.insert(*number, (by.to_owned(), now_us));
                None
            }
            Deed::Approved { number, .. } => {
                approvals += 1;
                let (who, when) = &proposed[number];
                prop_assert!(who != by && acts(by), "the second is another security administrator");
                prop_assert!(acts(who), "and the first still is one");
                prop_assert!(now_us - when < PROPOSAL_US, "in time");
                before.proposal(*number).map(|p| (p.measure.clone(), true))
            }
            Deed::Done { measure } => {
                prop_assert!(acts(by), "accounts are changed by security administrators");
                Some((measure.clone(), false))
            }
            _ => None,
        };
        if let Some((measure, two)) = done {
            match &measure {
                Measure::Open { account } => {
                    given.insert(account.id(), (account.roles, two));
                }
                Measure::ChangeRights { account, roles, .. } => {
                    given.insert(account.clone(), (*roles, two));
                }
                Measure::Reset { account, .. } | Measure::Enable { account } => {
                    prop_assert!(two || !is_above_readers(given[account].0), "a way into an account with rights");
                }
                Measure::RotateSigningKey => prop_assert!(two),
                _ => {}
            }
        }
        let event = Event { at_us: now_us, by: by.to_owned(), deed };
        register.apply(&event).expect("what was judged applies");
        events.push(event);
        for (account, (roles, two)) in &given {
            let held = register.account(account).expect("an account");
            prop_assert_eq!(held.account.roles, *roles);
            prop_assert!(*two || !is_above_readers(*roles), "{} has rights that one person gave", account);
            let alone = Role::ADMINISTRATORS.into_iter().filter(|r| roles.has(*r)).count();
            prop_assert!(alone == 0 || roles.iter().count() == 1, "an administrator holds one role");
        }
    }
    let mut again = founded();
    for event in &events {
        let text = serde_json::to_string(event).expect("written");
        again.apply(&serde_json::from_str(&text).expect("read")).expect("applied");
    }
    prop_assert_eq!(again, register);
    Ok((approvals, refusals))
}

/// What is changed behind the gateway's back does not fold.
#[test]
fn events_that_do_not_follow_are_refused() {
    let mut register = founded();
    let owner = || Box::new(person("one.0", &[Role::Department, Role::Owner]));
    let event = |by: &str, deed| Event { at_us: 5, by: by.into(), deed };
    let alone = event(HANDS[0], Deed::Done { measure: Measure::Open { account: owner() } });
    assert!(register.clone().apply(&alone).is_err(), "done by one");
    let measure = Measure::Open { account: owner() };
    let proposed = event(HANDS[0], Deed::Proposed { number: 1, measure: measure.clone() });
    register.apply(&proposed).expect("proposed");
    let approved = |by: &str, digest: String| event(by, Deed::Approved { number: 1, digest, second: Some("s".into()) });
    assert!(register.clone().apply(&approved(HANDS[0], measure.digest(1))).is_err(), "by the proposer");
    assert!(register.clone().apply(&approved(HANDS[1], measure.digest(2))).is_err(), "another content");
    assert!(register.clone().apply(&approved("zhao", measure.digest(1))).is_err(), "by somebody outside");
    register.apply(&approved(HANDS[1], measure.digest(1))).expect("approved");
    let third = Deed::Founded { account: Box::new(person("third", &[Role::Security])) };
    assert!(register.apply(&event("command", third)).is_err(), "two are there");
}

/// Erasure, bulk export and policies wait for whoever carries them out, once and for a while.
#[test]
fn an_approved_permission_is_good_for_exactly_that_once_and_in_time() {
    let mut register = founded();
    let erase = |record: &str| Measure::Erase {
        dataset: "population/persons".into(),
        record: record.into(),
        ground: "个人信息保护法第四十七条".into(),
    };
    let export = Measure::ExportInBulk {
        dataset: "culture/works".into(),
        department: "11100000PDY000044W".into(),
        fields: Vec::new(),
        filter: String::new(),
        purpose: "p".into(),
    };
    let policies = Measure::ChangePolicies { digest: "d".repeat(64) };
    let mut number = 0;
    for measure in [erase("one"), export, policies] {
        number += 1;
        let at = 10 * number;
        let proposed = register.submit(HANDS[0], measure.clone(), at).expect("proposed");
        assert!(matches!(proposed, Deed::Proposed { .. }), "{proposed:?}");
        let number = u64::try_from(number).expect("a number");
        register.apply(&Event { at_us: at, by: HANDS[0].into(), deed: proposed }).expect("applied");
        assert_eq!(register.standing(&measure, at), None, "proposed is not approved");
        let approved = register.approve(HANDS[1], number, &measure.digest(number), None, at).expect("approved");
        register.apply(&Event { at_us: at, by: HANDS[1].into(), deed: approved }).expect("applied");
        assert_eq!(register.standing(&erase("two"), at), None, "another record");
        assert_eq!(register.standing(&measure, at + PROPOSAL_US), None, "too late");
        let used = register.standing(&measure, at + PROPOSAL_US - 1).expect("in time");
        register.apply(&Event { at_us: at, by: "x".into(), deed: used }).expect("applied");
        assert_eq!(register.standing(&measure, at), None, "once");
        assert_eq!(register.proposal(number).map(|p| p.state(at)), Some(State::Used));
    }
}
