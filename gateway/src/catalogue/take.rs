//! May this step be taken, now, by this caller? One function; it changes nothing.

use foundation::value::Day;

use super::check::{Violation, violations};
use super::entry::Entry;
use super::items::Items;
use super::step::{By, Need, Rule, Said, State, Verb};
use crate::sharing::Calendar;
use crate::sharing::case::Extension;
use crate::sharing::limits::{LimitedStep, Limits, division_of};
use crate::sharing::take::Hand;

/// Most violations told at once.
const VIOLATIONS_TOLD_MAX: usize = 50;

/// Why a step may not be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum StepError {
    /// It is somebody else's.
    #[error("`{step}` is the step of the {whose} (Decree 809 art {law})")]
    NotYours { step: &'static str, whose: &'static str, law: &'static str },
    /// It does not follow on where the entry stands.
    #[error("`{step}` does not follow on an entry that is {state}")]
    NotNow { step: &'static str, state: &'static str },
    /// It lacks something.
    #[error("`{step}` needs `{member}` (Decree 809 art {law})")]
    Missing { step: &'static str, member: &'static str, law: &'static str },
    /// A rule of the decree forbids it.
    #[error("{rule} (Decree 809 art {law})")]
    Rule { rule: String, law: &'static str },
    /// Items that break rules.
    #[error("{}", told(.0))]
    Items(Vec<Violation>),
}

fn told(violations: &[Violation]) -> String {
    let mut text: Vec<String> = violations.iter().take(VIOLATIONS_TOLD_MAX).map(ToString::to_string).collect();
    if violations.len() > VIOLATIONS_TOLD_MAX {
        text.push(format!("and {} more", violations.len() - VIOLATIONS_TOLD_MAX));
    }
    text.join("; ")
}

/// What judging needs to know.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    /// The day.
    pub today: Day,
    /// Working days.
    pub calendar: &'a Calendar,
    /// Limits.
    pub limits: &'a Limits,
    /// Cases of sharing that are in force and name a field that falls away.
    pub holders: &'a [String],
}

/// Judges a step on an entry that there is.
///
/// # Errors
/// [`StepError`], the first rule that is broken, in the order: whose, when, with what, on which items.
pub fn judge(entry: &Entry, verb: Verb, said: &Said, hand: Hand<'_>, frame: Frame<'_>) -> Result<(), StepError> {
    let rule = verb.rule();
    whose(&entry.provider, rule, hand)?;
    if !rule.from.contains(&entry.state) {
        return Err(StepError::NotNow { step: rule.name, state: entry.state.as_str() });
    }
    with_what(rule, said)?;
    particular(entry, verb, said, hand, frame)
}

/// Judges the beginning of an entry.
///
/// # Errors
/// [`StepError`].
pub fn judge_draft(said: &Said, hand: Hand<'_>) -> Result<(), StepError> {
    let rule = Verb::Draft.rule();
    whose(hand.department, rule, hand)?;
    with_what(rule, said)?;
    said.items.as_deref().map_or(Ok(()), |items| provided(items, hand.department))
}

fn whose(provider: &str, rule: &Rule, hand: Hand<'_>) -> Result<(), StepError> {
    let owner = hand.owns && hand.department == provider;
    let (yours, whose) = match (rule.by, rule.signed) {
        (By::Provider, true) => (owner && hand.signatory, "provider's head"),
        (By::Provider, false) => (owner, "provider"),
        (By::Authority, _) => (hand.authority, "authority for sharing"),
        (By::Either, _) => (owner || hand.authority, "provider or the authority for sharing"),
    };
    if yours { Ok(()) } else { Err(StepError::NotYours { step: rule.name, whose, law: rule.law }) }
}

fn with_what(rule: &Rule, said: &Said) -> Result<(), StepError> {
    let sound = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
    for need in rule.needs {
        let (there, member) = match need {
            Need::Items => (said.items.is_some(), "items"),
            Need::Change => (said.items.is_some() || said.ends, "items"),
            Need::Reason => (sound(&said.reason), "reason"),
            Need::Evidence => (sound(&said.evidence), "evidence"),
            Need::Days => (said.days.is_some(), "days"),
            Need::From => (said.from.is_some(), "from"),
        };
        if !there {
            return Err(StepError::Missing { step: rule.name, member, law: rule.law });
        }
    }
    let takes_items = matches!(rule.verb, Verb::Draft | Verb::Revise | Verb::Amend);
    let stray = [
        (said.items.is_some() && !takes_items, "items"),
        (said.ends && rule.verb != Verb::Amend, "ends"),
        (said.from.is_some() && !matches!(rule.verb, Verb::Announce | Verb::ChangeDuty), "from"),
        (said.demand.is_some() && rule.verb != Verb::Draft, "demand"),
        (said.days.is_some() && rule.verb != Verb::AskExtension, "days"),
    ];
    match stray.into_iter().find(|(stray, _)| *stray) {
        Some((_, member)) => {
            let reason = format!("`{}` takes no `{member}`", rule.name);
            Err(StepError::Rule { rule: reason, law: rule.law })
        }
        None => Ok(()),
    }
}

fn particular(entry: &Entry, verb: Verb, said: &Said, hand: Hand<'_>, frame: Frame<'_>) -> Result<(), StepError> {
    let law = verb.rule().law;
    let refuse = |text: &str| Err(StepError::Rule { rule: text.to_owned(), law });
    match verb {
        Verb::Amend if said.ends && said.items.is_some() => refuse("an entry is changed or ended, not both"),
        Verb::Revise | Verb::Amend => {
            if let Some(items) = said.items.as_deref() {
                provided(items, &entry.provider)?;
                same_dataset(entry, items)?;
            }
            Ok(())
        }
        Verb::Submit => submit(entry, hand),
        Verb::Announce => announce(said, frame),
        Verb::Serve if entry.definition_on(frame.today).is_none() => {
            refuse("what holds today was not announced as a definition: nothing says how it is kept")
        }
        Verb::ChangeDuty if entry.versions.is_empty() => {
            refuse("an entry that is not announced has nothing to bring up to date")
        }
        Verb::ChangeDuty => match said.from.as_deref().and_then(Day::parse) {
            Some(day) if day <= frame.today => Ok(()),
            _ => refuse("`from` is the day of the change, today or before"),
        },
        Verb::AskExtension => extension(entry, said, frame),
        Verb::Extend | Verb::DenyExtension
            if !entry.duty.is_some_and(|duty| matches!(duty.extension, Extension::Asked(_))) =>
        {
            refuse("no extension is asked for")
        }
        _ => Ok(()),
    }
}

/// An entry is its provider's own: nobody catalogues the data of another department.
fn provided(items: &Items, department: &str) -> Result<(), StepError> {
    if items.provider_code == department {
        return Ok(());
    }
    let rule = "`provider_code` is not the code of the department that writes the entry".to_owned();
    Err(StepError::Rule { rule, law: "13" })
}

fn same_dataset(entry: &Entry, items: &Items) -> Result<(), StepError> {
    let before = entry.last_announced().and_then(|version| version.items.as_deref()).map(|items| &items.dataset);
    match before {
        Some(before) if !before.is_empty() && *before != items.dataset => {
            let rule = format!("the entry is about `{before}`; another dataset is another entry");
            Err(StepError::Rule { rule, law: "17" })
        }
        _ => Ok(()),
    }
}

fn submit(entry: &Entry, hand: Hand<'_>) -> Result<(), StepError> {
    let Some(working) = &entry.working else {
        return Err(StepError::NotNow { step: "submit", state: entry.state.as_str() });
    };
    if entry.state == State::Returned && entry.events.last().is_some_and(|last| last.verb == Verb::Return) {
        let rule = "what was sent back is revised before it is submitted again".to_owned();
        return Err(StepError::Rule { rule, law: "16" });
    }
    if working.writer == hand.subject {
        let rule = "who wrote the entry may not approve it too".to_owned();
        return Err(StepError::Rule { rule, law: "13" });
    }
    let broken = working.items.as_deref().map(violations).unwrap_or_default();
    if broken.is_empty() { Ok(()) } else { Err(StepError::Items(broken)) }
}

fn announce(said: &Said, frame: Frame<'_>) -> Result<(), StepError> {
    let from = said.from.as_deref().map(Day::parse);
    if let Some(None) = from {
        return Err(StepError::Rule { rule: "`from` is not a date YYYY-MM-DD".to_owned(), law: "16" });
    }
    if from.flatten().is_some_and(|from| from < frame.today) {
        let rule = "an announcement holds from today or later: what held before stays as it was".to_owned();
        return Err(StepError::Rule { rule, law: "16" });
    }
    if let Some(first) = frame.holders.first() {
        let rule = format!(
            "{} grants still name what falls away, such as `{first}`: their holders agree to the change, and it is filed, \
             before it is announced",
            frame.holders.len()
        );
        return Err(StepError::Rule { rule, law: "27" });
    }
    Ok(())
}

fn extension(entry: &Entry, said: &Said, frame: Frame<'_>) -> Result<(), StepError> {
    let refuse = |text: String| Err(StepError::Rule { rule: text, law: "17" });
    let Some(duty) = entry.duty else { return refuse("nothing is to be brought up to date".to_owned()) };
    let limit = frame.limits.of(LimitedStep::UpdateCatalogue, division_of(&entry.provider), duty.since);
    let most = limit.map_or(0, |limit| limit.extension_days);
    match (duty.extension, said.days) {
        (Extension::None, Some(days)) if (1..=most).contains(&days) => Ok(()),
        (Extension::None, _) if most == 0 => refuse("no extension is foreseen here".to_owned()),
        (Extension::None, _) => refuse(format!("an extension is 1 to {most} working days")),
        _ => refuse("an extension is asked for once".to_owned()),
    }
}
