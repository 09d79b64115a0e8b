//! Corrections (校核): who uses data says that a value is wrong, the provider checks and answers (Decree 809 art 26).
//!
//! A [`Correction`] is the events that made it; [`book`] keeps them. What is believed to be right is for the two parties'
//! eyes alone.

pub mod book;
mod step;

use foundation::value::{Day, Instant};
use serde::{Deserialize, Serialize};

use super::calendar::Calendar;
use super::case::Actor;
use super::clocks::{Alert, Clock};
use super::limits::{LimitedStep, Limits, division_of};

pub use step::{CorrectionRule, CorrectionSaid, CorrectionState, CorrectionStep, RULES};

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CorrectionEvent {
    /// When, microseconds UTC.
    pub at_us: i64,
    /// By whom.
    pub by: Actor,
    /// Which.
    pub step: CorrectionStep,
    /// With what.
    #[serde(default)]
    pub said: CorrectionSaid,
}

impl CorrectionEvent {
    /// When.
    #[must_use]
    pub fn at(&self) -> Instant {
        Instant(self.at_us)
    }
    /// The calendar day.
    #[must_use]
    pub fn day(&self) -> Day {
        self.at().day()
    }
}

/// Which value is wrong, and what is believed instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Doubt {
    /// `database/dataset`.
    pub dataset: String,
    /// Record id.
    pub record: String,
    /// Field.
    pub field: String,
    /// What is believed to be right. May be personal.
    pub believed: String,
    /// The department whose data it is.
    pub provider: String,
}

/// A correction as its events have left it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// Its id.
    pub id: String,
    /// Who asks: credit code.
    pub requester: String,
    /// What about.
    pub doubt: Doubt,
    /// Where it stands.
    pub state: CorrectionState,
    /// Whether the provider has said what it needs: it may once.
    pub asked_more: bool,
    /// What happened, in order.
    pub events: Vec<CorrectionEvent>,
}

/// Why a step may not be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[expect(missing_docs, reason = "each variant's text names its fields")]
pub enum CorrectionError {
    /// It is somebody else's.
    #[error("`{step}` is the step of the {whose} (Decree 809 art 26)")]
    NotYours { step: &'static str, whose: &'static str },
    /// It does not follow on where the correction stands.
    #[error("`{step}` does not follow on a correction that is {state}")]
    NotNow { step: &'static str, state: &'static str },
    /// It lacks something.
    #[error("`{step}` needs `{member}` (Decree 809 art 26)")]
    Missing { step: &'static str, member: &'static str },
    /// What is missing is said once.
    #[error("what is missing is said once, all of it; it was said already (Decree 809 art 26)")]
    Twice,
}

/// Who wants to take a step.
#[derive(Debug, Clone, Copy)]
pub struct CorrectionHand<'a> {
    /// Credit code.
    pub department: &'a str,
    /// Whether he acts for a department that uses data.
    pub uses: bool,
    /// Whether he acts for the data that his department provides.
    pub owns: bool,
}

/// Judges what is said with a step.
///
/// # Errors
/// [`CorrectionError::Missing`].
pub fn with_what(step: CorrectionStep, said: &CorrectionSaid) -> Result<(), CorrectionError> {
    let rule = step.rule();
    let sound = |text: &Option<String>| text.as_ref().is_some_and(|t| !t.trim().is_empty());
    for (needed, there, member) in
        [(rule.reason, sound(&said.reason), "reason"), (rule.evidence, sound(&said.evidence), "evidence")]
    {
        if needed && !there {
            return Err(CorrectionError::Missing { step: rule.name, member });
        }
    }
    Ok(())
}

impl Correction {
    /// The correction that a first event begins; `None` if it is no first event.
    #[must_use]
    pub fn begin(id: &str, doubt: Doubt, first: CorrectionEvent) -> Option<Self> {
        (first.step == CorrectionStep::File).then(|| Self {
            id: id.to_owned(),
            requester: first.by.department.clone(),
            doubt,
            state: CorrectionState::Filed,
            asked_more: false,
            events: vec![first],
        })
    }

    /// Puts an event on. Whether it may happen was judged before it was kept.
    pub fn put(&mut self, event: CorrectionEvent) {
        self.state = match event.step {
            CorrectionStep::File | CorrectionStep::Supplement => CorrectionState::Filed,
            CorrectionStep::NeedMore => CorrectionState::Incomplete,
            CorrectionStep::Correct => CorrectionState::Corrected,
            CorrectionStep::NotWrong => CorrectionState::NotWrong,
            CorrectionStep::Withdraw => CorrectionState::Withdrawn,
        };
        self.asked_more |= event.step == CorrectionStep::NeedMore;
        self.events.push(event);
    }

    /// Judges a step other than the first: whose, when, with what.
    ///
    /// # Errors
    /// [`CorrectionError`].
    pub fn judge(
        &self,
        step: CorrectionStep,
        said: &CorrectionSaid,
        hand: CorrectionHand<'_>,
    ) -> Result<(), CorrectionError> {
        let rule = step.rule();
        let (yours, whose) = if rule.by_provider {
            (hand.owns && hand.department == self.doubt.provider, "provider")
        } else {
            (hand.uses && hand.department == self.requester, "requester")
        };
        if !yours {
            return Err(CorrectionError::NotYours { step: rule.name, whose });
        }
        if !rule.from.contains(&self.state) {
            return Err(CorrectionError::NotNow { step: rule.name, state: self.state.as_str() });
        }
        if step == CorrectionStep::NeedMore && self.asked_more {
            return Err(CorrectionError::Twice);
        }
        with_what(step, said)
    }

    /// The clocks of the check, in the order in which they started: none where no law sets one.
    #[must_use]
    pub fn clocks(&self, calendar: &Calendar, limits: &Limits) -> Vec<Clock> {
        let division = division_of(&self.doubt.provider);
        let mut clocks: Vec<Clock> = Vec::new();
        for event in &self.events {
            let day = event.day();
            match event.step {
                CorrectionStep::File | CorrectionStep::Supplement => {
                    clocks.extend(limits.of(LimitedStep::Correct, division, day).map(|limit| Clock {
                        step: LimitedStep::Correct,
                        started: day,
                        working_days: limit.working_days,
                        due: calendar.due(day, limit.working_days, limit.counts_first_day),
                        met: None,
                        law: limit.law.clone(),
                    }));
                }
                _ => {
                    if let Some(clock) = clocks.last_mut().filter(|clock| clock.met.is_none()) {
                        clock.met = Some(day);
                    }
                }
            }
        }
        clocks
    }

    /// What is the matter on `today`: clocks that were not kept, each with its article.
    #[must_use]
    pub fn alerts(&self, calendar: &Calendar, limits: &Limits, today: Day) -> Vec<Alert> {
        let clocks = self.clocks(calendar, limits).into_iter().filter(|clock| clock.is_overdue(today));
        clocks
            .map(|clock| Alert {
                case: self.id.clone(),
                who: self.doubt.provider.clone(),
                what: if clock.met.is_some() {
                    "a correction was answered late"
                } else {
                    "a correction is not answered in time"
                },
                law: clock.law,
                liability: "39",
                since: clock.due.day.plus(1),
                provisional: clock.due.provisional,
            })
            .collect()
    }

    /// The day on which the last clock started, and that on which the provider answered for good.
    #[must_use]
    pub fn answered(&self) -> Option<(Day, Day)> {
        let answered = matches!(self.state, CorrectionState::Corrected | CorrectionState::NotWrong);
        let received =
            |event: &&CorrectionEvent| matches!(event.step, CorrectionStep::File | CorrectionStep::Supplement);
        let from = self.events.iter().rfind(received)?.day();
        self.events.last().filter(|_| answered).map(|event| (from, event.day()))
    }
}
