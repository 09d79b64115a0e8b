//! May this step be taken, now, by this caller? One function; it changes nothing.

use foundation::dataset::{Dataset, DatasetName, Sharing};
use foundation::value::Day;

use super::calendar::Calendar;
use super::case::{Case, Extension, Kind};
use super::clocks;
use super::limits::Limits;
use super::opening;
use super::return_flow;
use super::step::{By, Need, Outcome, Rule, Said, State, Verb};
use crate::policy::Terms;

/// Why a step may not be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum StepError {
    /// It is somebody else's.
    #[error("`{step}` is the step of the {whose} (Decree 809 art {law})")]
    NotYours { step: &'static str, whose: &'static str, law: &'static str },
    /// It does not follow on where the case stands.
    #[error("`{step}` does not follow on a case that is {state}")]
    NotNow { step: &'static str, state: &'static str },
    /// It lacks something.
    #[error("`{step}` needs `{member}` (Decree 809 art {law})")]
    Missing { step: &'static str, member: &'static str, law: &'static str },
    /// A rule of the decree forbids it.
    #[error("{rule} (Decree 809 art {law})")]
    Rule { rule: String, law: &'static str },
    /// A company asks for what is not opened to it.
    #[error("{rule} (2017 catalogue guide, 开放属性)")]
    Opened { rule: String },
    /// The terms are not sound.
    #[error("{reason}")]
    Terms { reason: String },
}

/// Who wants to take a step.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "they are the roles that a caller may hold together")]
pub struct Hand<'a> {
    /// The token's subject.
    pub subject: &'a str,
    /// Credit code of his department; empty = none.
    pub department: &'a str,
    /// Credit code of his company; empty = none. Who acts for a company acts for no department.
    pub company: &'a str,
    /// Whether he acts for a department that uses data.
    pub uses: bool,
    /// Whether he acts for the data that his department provides.
    pub owns: bool,
    /// Whether he is the head of his department's office for sharing.
    pub signatory: bool,
    /// Whether he acts for an authority for sharing.
    pub authority: bool,
}

impl Hand<'_> {
    /// Whether he acts for who asks in a case.
    fn asks(&self, case: &Case) -> bool {
        match case.kind {
            Kind::Opening => !self.company.is_empty() && self.company == case.requester,
            Kind::Request | Kind::ReturnFlow => self.uses && self.department == case.requester,
        }
    }
    /// Credit code of the body he acts for.
    fn body(&self) -> &str {
        if self.company.is_empty() { self.department } else { self.company }
    }
}

/// What judging needs to know.
pub struct Frame<'a> {
    /// The day.
    pub today: Day,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Limits.
    pub limits: &'a Limits,
    /// The datasets there are.
    pub dataset: &'a (dyn Fn(&DatasetName) -> Option<&'a Dataset> + Sync),
}

/// Judges a step.
///
/// # Errors
/// [`StepError`], the first rule that is broken, in the order: whose, when, with what, on which terms.
pub fn judge(case: &Case, verb: Verb, said: &Said, hand: Hand<'_>, frame: &Frame<'_>) -> Result<(), StepError> {
    let rule = verb.rule();
    whose(case, rule, hand)?;
    when(case, rule, frame.today)?;
    with_what(rule, said)?;
    particular(case, verb, said, hand, frame)
}

fn whose(case: &Case, rule: &Rule, hand: Hand<'_>) -> Result<(), StepError> {
    let requester = hand.asks(case);
    let provider = hand.owns && hand.department == case.provider;
    let (yours, whose) = match (rule.by, rule.signed) {
        (By::Requester, true) if case.kind == Kind::Opening => (requester && hand.signatory, "company's signatory"),
        (By::Requester, true) => (requester && hand.signatory, "head of the requester's office for sharing"),
        (By::Requester, false) => (requester, "requester"),
        (By::Provider, true) => (provider && hand.signatory, "head of the provider's office for sharing"),
        (By::Provider, false) => (provider, "provider"),
        (By::Party, _) => (requester || provider, "requester or the provider"),
        (By::Authority, _) => (hand.authority, "authority for sharing"),
        (By::Overseer, _) => (provider || hand.authority, "provider or the authority for sharing"),
    };
    if yours { Ok(()) } else { Err(StepError::NotYours { step: rule.name, whose, law: rule.law }) }
}

fn when(case: &Case, rule: &Rule, today: Day) -> Result<(), StepError> {
    let state = case.state_on(today);
    if rule.from.contains(&state) { Ok(()) } else { Err(StepError::NotNow { step: rule.name, state: state.as_str() }) }
}

fn with_what(rule: &Rule, said: &Said) -> Result<(), StepError> {
    let sound = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
    for need in rule.needs {
        let (there, member) = match need {
            Need::Reason => (sound(&said.reason), "reason"),
            Need::Evidence => (sound(&said.evidence), "evidence"),
            Need::Days => (said.days.is_some(), "days"),
            Need::Outcome => (said.outcome.is_some(), "outcome"),
        };
        if !there {
            return Err(StepError::Missing { step: rule.name, member, law: rule.law });
        }
    }
    Ok(())
}

fn particular(case: &Case, verb: Verb, said: &Said, hand: Hand<'_>, frame: &Frame<'_>) -> Result<(), StepError> {
    let law = verb.rule().law;
    let refuse = |text: &str| Err(StepError::Rule { rule: text.to_owned(), law });
    let terms = said.terms.as_ref();
    match case.kind {
        Kind::Request => {}
        Kind::ReturnFlow => return_flow::judge(case, verb, said)?,
        Kind::Opening => opening::judge(case, verb, said, frame)?,
    }
    match verb {
        Verb::Review if case.kind != Kind::ReturnFlow => refuse("what ends by a day is not reviewed"),
        Verb::Revise => match terms {
            Some(terms) => asked(case, terms, frame),
            None => Err(StepError::Missing { step: "revise", member: "terms", law }),
        },
        // What was signed off may not become something else without being signed off again (art 20).
        Verb::Supplement if terms.is_some() && !hand.signatory => {
            let whose = "head of the requester's office for sharing, for it changes the terms";
            Err(StepError::NotYours { step: "supplement", whose, law: "20" })
        }
        Verb::Supplement => terms.map_or(Ok(()), |terms| asked(case, terms, frame)),
        // Nobody asks two people of a company: who may sign for it may have written what he signs.
        Verb::Sign if case.kind == Kind::Opening => Ok(()),
        Verb::Sign if case.events.first().is_some_and(|first| first.by.subject == hand.subject) => {
            refuse("who wrote the request may not sign it off too")
        }
        Verb::NeedMore if case.asked_more => refuse("what is missing is said once, all of it; it was said already"),
        Verb::AskExtension => {
            let most = clocks::answer_limit(case, frame).map_or(0, |limit| limit.extension_days);
            match (case.extension, said.days) {
                (Extension::None, Some(days)) if (1..=most).contains(&days) => Ok(()),
                (Extension::None, _) if most == 0 => refuse("no extension is foreseen here"),
                (Extension::None, _) => refuse(&format!("an extension is 1 to {most} working days")),
                _ => refuse("an extension is asked for once"),
            }
        }
        Verb::Extend | Verb::DenyExtension if !matches!(case.extension, Extension::Asked(_)) => {
            refuse("no extension is asked for")
        }
        Verb::Consent => terms.map_or(Ok(()), |given| no_wider(&case.asked, given, frame)),
        Verb::Suspend | Verb::Terminate if !case.misuse => {
            refuse("a service is not suspended or ended without cause: report the misuse first, or propose a change")
        }
        Verb::Resume if !case.rectified => refuse("the requester has not reported that things are put right"),
        Verb::ProposeChange => match (&case.given, terms) {
            (Some(given), Some(terms)) => no_wider(given, terms, frame),
            _ => Ok(()),
        },
        Verb::AgreeChange if case.change.as_ref().is_none_or(|c| c.agreed) => refuse("no change is proposed"),
        Verb::FileChange if case.change.as_ref().is_none_or(|c| !c.agreed) => {
            refuse("there is no change that the requester has agreed to")
        }
        Verb::Dispute if case.dispute.is_some() => refuse("a dispute is in progress"),
        Verb::Dispute if case.state_on(frame.today) == State::Active && case.change.is_none() && !case.misuse => {
            refuse("there is nothing to dispute: no change is proposed and no misuse reported")
        }
        Verb::Settle | Verb::Escalate | Verb::Decide => dispute(case, verb, said, hand),
        _ => Ok(()),
    }
}

fn dispute(case: &Case, verb: Verb, said: &Said, hand: Hand<'_>) -> Result<(), StepError> {
    let refuse = |text: &str| Err(StepError::Rule { rule: text.to_owned(), law: "28" });
    let Some(dispute) = &case.dispute else { return refuse("there is no dispute") };
    let by_disputer = dispute.by == hand.body();
    match (verb, said.outcome, dispute.level) {
        (Verb::Settle, Some(Outcome::Uphold), _) if !by_disputer => refuse("only who disputes can give in"),
        (Verb::Settle, Some(Outcome::Overturn), _) if hand.body() != case.provider => {
            refuse("only the provider can undo what it did")
        }
        (Verb::Escalate, _, 3) => refuse("the government of the authority is the last instance"),
        (Verb::Escalate, _, 2) if case.decided_by.is_none() => refuse("the authority has not decided yet"),
        (Verb::Decide, _, 1) => refuse("the two still negotiate: neither has brought it to the authority"),
        (Verb::Decide, _, 2) if case.decided_by.is_some() => {
            refuse("the authority has decided; the next instance is its government")
        }
        (Verb::Decide, _, 3) if case.decided_by.as_deref() == Some(hand.body()) => {
            refuse("who decided before may not decide again")
        }
        _ => Ok(()),
    }
}

/// Judges the terms of a request: sound, of the dataset that the case is about, and of nothing that is not shared.
///
/// # Errors
/// [`StepError`].
pub fn asked_of(dataset: &Dataset, requester: &str, terms: &Terms) -> Result<(), StepError> {
    let known = |name: &DatasetName| (*name == dataset.name).then_some(dataset);
    terms.grant("draft", requester, known).map_err(|reason| StepError::Terms { reason })?;
    for name in terms.fields.iter().chain(&terms.masked) {
        let Some(field) = dataset.field(name) else { continue };
        if field.sharing.unwrap_or(dataset.sharing) == Sharing::None {
            let rule = format!("`{name}` is not shared (不予共享)");
            return Err(StepError::Rule { rule, law: "14, 15" });
        }
    }
    if !terms.commitment.is_empty() {
        return Err(StepError::Terms { reason: "`commitment` is a company's".to_owned() });
    }
    not_empty(terms)
}

/// Whether terms name a field at all.
pub(super) fn not_empty(terms: &Terms) -> Result<(), StepError> {
    if terms.fields.is_empty() && terms.masked.is_empty() {
        return Err(StepError::Terms { reason: "`fields` and `masked` are both empty".to_owned() });
    }
    Ok(())
}

/// Whether all that is asked for is shared unconditionally.
#[must_use]
pub fn is_unconditional(dataset: &Dataset, terms: &Terms) -> bool {
    terms.fields.iter().chain(&terms.masked).all(|name| {
        let field = dataset.field(name);
        field.is_some_and(|f| f.sharing.unwrap_or(dataset.sharing) == Sharing::Unconditional)
    })
}

fn asked(case: &Case, terms: &Terms, frame: &Frame<'_>) -> Result<(), StepError> {
    if terms.dataset != case.asked.dataset {
        let reason = format!("the case is about `{}`; another dataset is another request", case.asked.dataset);
        return Err(StepError::Terms { reason });
    }
    let name: DatasetName = terms.dataset.parse().map_err(|reason| StepError::Terms { reason })?;
    let absent = || StepError::Terms { reason: format!("there is no dataset `{name}`") };
    let dataset = (frame.dataset)(&name).ok_or_else(absent)?;
    match case.kind {
        Kind::Opening => opening::asked_of(dataset, &case.requester, terms),
        Kind::Request | Kind::ReturnFlow => asked_of(dataset, &case.requester, terms),
    }
}

/// Whether `given` is `asked` or less: what goes beyond needs a new request and a new consent (art 25).
fn no_wider(asked: &Terms, given: &Terms, frame: &Frame<'_>) -> Result<(), StepError> {
    let name: DatasetName = given.dataset.parse().map_err(|reason| StepError::Terms { reason })?;
    let absent = || StepError::Terms { reason: format!("there is no dataset `{name}`") };
    let dataset = (frame.dataset)(&name).ok_or_else(absent)?;
    let known = |n: &DatasetName| (*n == name).then_some(dataset);
    let check = |terms: &Terms| terms.grant("draft", "000000000000000000", known);
    let (was, is) = (check(asked), check(given));
    let (was, is) = match (was, is) {
        (Ok(was), Ok(is)) => (was, is),
        (Err(reason), _) | (_, Err(reason)) => return Err(StepError::Terms { reason }),
    };
    let within = |few: &[u16], many: &[u16]| few.iter().all(|n| many.contains(n));
    let seen: Vec<u16> = was.fields.iter().chain(&was.masked).copied().collect();
    let wider = [
        ("dataset", is.dataset != was.dataset),
        ("fields", !within(&is.fields, &was.fields)),
        ("masked", !within(&is.masked, &seen)),
        ("acts", is.acts.iter().any(|act| !was.acts.contains(act))),
        ("from", is.period.from < was.period.from),
        ("to", is.period.to > was.period.to),
        ("rows", was.rows.is_some() && !narrows(&asked.rows, &given.rows)),
        ("rows_per_answer_max", is.rows_per_answer_max > was.rows_per_answer_max),
        ("rows_per_day_max", is.rows_per_day_max > was.rows_per_day_max),
        ("persons_per_day_max", is.persons_per_day_max > was.persons_per_day_max),
        ("tells_not_found", is.tells_not_found && !was.tells_not_found),
        ("cases_required", was.cases_required && !is.cases_required),
        ("purpose", is.purpose != was.purpose),
        ("ground", is.ground != was.ground),
        ("commitment", given.commitment != asked.commitment),
    ];
    match wider.into_iter().find(|(_, wider)| *wider) {
        None => Ok(()),
        Some((member, _)) => {
            let rule = format!("`{member}` goes beyond what was asked for or given; that takes a new request");
            Err(StepError::Rule { rule, law: "25" })
        }
    }
}

/// Whether a row filter is the one before, or the one before with more conditions joined by AND.
fn narrows(before: &str, after: &str) -> bool {
    let (before, after) = (before.trim(), after.trim());
    before == after || after.strip_prefix(&format!("({before}) AND (")).is_some_and(closes)
}

/// Whether `rest` is one expression and the parenthesis that closes it.
fn closes(rest: &str) -> bool {
    let (mut depth, mut quoted) = (1_i32, false);
    for (at, c) in rest.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1 == rest.len();
        }
    }
    false
}
