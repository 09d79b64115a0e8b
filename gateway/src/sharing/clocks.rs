//! The clocks of a case: what is due when, and whether it was in time. Worked out when asked, never kept: a notice that
//! comes later moves the days that were provisional.

use foundation::value::Day;

use super::calendar::{Calendar, Due};
use super::case::{Case, Extension, Kind};
use super::limits::{Limit, LimitedStep, Limits, division_of};
use super::step::{Outcome, State, Verb};
use super::take::Frame;

/// A clock, running or stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clock {
    /// What must be done.
    pub step: LimitedStep,
    /// The day on which it started.
    pub started: Day,
    /// Working days, with those added.
    pub working_days: u32,
    /// The last day on which it is in time.
    pub due: Due,
    /// The day on which it was done; `None` = not yet.
    pub met: Option<Day>,
    /// The article.
    pub law: String,
}

impl Clock {
    /// Whether it was done too late, or is not done and too late on `today`.
    #[must_use]
    pub fn is_overdue(&self, today: Day) -> bool {
        self.met.unwrap_or(today) > self.due.day
    }
}

/// The limit of a case's answer.
pub(super) fn answer_limit<'a>(case: &Case, frame: &Frame<'a>) -> Option<&'a Limit> {
    let day = case.received.unwrap_or(frame.today);
    frame.limits.of(answer_step(case, frame.limits, day), division_of(&case.provider), day)
}

/// Which limit an answer has whose clock starts on `day`.
fn answer_step(case: &Case, limits: &Limits, day: Day) -> LimitedStep {
    let own = || limits.of(LimitedStep::AnswerReturnFlow, division_of(&case.provider), day);
    match case.kind {
        Kind::ReturnFlow if own().is_some() => LimitedStep::AnswerReturnFlow,
        Kind::ReturnFlow => LimitedStep::AnswerUnconditional,
        Kind::Opening => LimitedStep::AnswerOpening,
        Kind::Request if case.unconditional => LimitedStep::AnswerUnconditional,
        Kind::Request => LimitedStep::AnswerConditional,
    }
}

/// All clocks of a case, in the order in which they started.
#[must_use]
pub fn of(case: &Case, calendar: &Calendar, limits: &Limits) -> Vec<Clock> {
    let division = division_of(&case.provider);
    let mut clocks: Vec<Clock> = Vec::new();
    let start = |step, day: Day, limits: &Limits| {
        limits.of(step, division, day).map(|limit| Clock {
            step,
            started: day,
            working_days: limit.working_days,
            due: calendar.due(day, limit.working_days, limit.counts_first_day),
            met: None,
            law: limit.law.clone(),
        })
    };
    let mut refused = false;
    let standing = case.kind == Kind::ReturnFlow;
    for event in &case.events {
        let day = event.day();
        let reopened = refused;
        refused |= event.verb == Verb::Refuse;
        match event.verb {
            Verb::Submit | Verb::Supplement => clocks.extend(start(answer_step(case, limits, day), day, limits)),
            Verb::Deliver | Verb::Review if standing => {
                meet(&mut clocks, day);
                clocks.extend(start(LimitedStep::ReviewReturnFlow, day, limits));
            }
            // What has ended is not looked at again.
            Verb::Terminate | Verb::Relinquish | Verb::FileChange if standing => meet(&mut clocks, day),
            // What is missing stops the clock; the supplement starts it anew.
            Verb::NeedMore | Verb::Withdraw | Verb::Refuse | Verb::Deliver => meet(&mut clocks, day),
            Verb::Consent => {
                meet(&mut clocks, day);
                let deliver =
                    if case.kind == Kind::Opening { LimitedStep::DeliverOpening } else { LimitedStep::Deliver };
                clocks.extend(start(deliver, day, limits));
            }
            // A refusal that is undone is to be answered anew.
            Verb::Settle | Verb::Decide if reopened && event.said.outcome == Some(Outcome::Overturn) => {
                refused = false;
                clocks.extend(start(answer_step(case, limits, day), day, limits));
            }
            // What was ended and stands again is looked at again.
            Verb::Settle | Verb::Decide
                if standing
                    && event.said.outcome == Some(Outcome::Overturn)
                    && clocks.last().is_some_and(|clock| clock.met.is_some()) =>
            {
                clocks.extend(start(LimitedStep::ReviewReturnFlow, day, limits));
            }
            _ => {}
        }
    }
    if let (Extension::Given(days), Some(clock)) =
        (case.extension, clocks.iter_mut().rfind(|c| c.step == answer_step(case, limits, c.started)))
        && let Some(limit) = limits.of(clock.step, division, clock.started)
    {
        clock.working_days += days;
        clock.due = calendar.due(clock.started, clock.working_days, limit.counts_first_day);
    }
    clocks
}

fn meet(clocks: &mut [Clock], day: Day) {
    if let Some(clock) = clocks.last_mut().filter(|clock| clock.met.is_none()) {
        clock.met = Some(day);
    }
}

/// Something that ought to be looked at, with the article that says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// The case.
    pub case: String,
    /// Credit code of the body that is behind; `authority` for an authority, which a case does not name beforehand.
    pub who: String,
    /// What is the matter.
    pub what: &'static str,
    /// Article of the duty.
    pub law: String,
    /// Article of the liability (39 providers, 40 requesters, 41 authorities); empty of an opening, on which the decree is silent.
    pub liability: &'static str,
    /// Since when.
    pub since: Day,
    /// Whether the day may yet move.
    pub provisional: bool,
}

/// What is the matter with a case on `today`.
#[must_use]
pub fn alerts(case: &Case, calendar: &Calendar, limits: &Limits, today: Day) -> Vec<Alert> {
    let mut found = Vec::new();
    let alert = |who: &str, what, law: &str, liability, since, provisional| Alert {
        case: case.id.clone(),
        who: who.to_owned(),
        what,
        law: law.to_owned(),
        liability: if case.kind == Kind::Opening { "" } else { liability },
        since,
        provisional,
    };
    for clock in of(case, calendar, limits).iter().filter(|clock| clock.is_overdue(today)) {
        let what = match (clock.step, clock.met) {
            (LimitedStep::ReviewReturnFlow, None) => "not reviewed in time",
            // Late and done: nothing waits for it.
            (LimitedStep::ReviewReturnFlow, Some(_)) => continue,
            (LimitedStep::Deliver | LimitedStep::DeliverOpening, None) => "not delivered in time",
            (LimitedStep::Deliver | LimitedStep::DeliverOpening, Some(_)) => "delivered late",
            (_, None) => "not answered in time",
            (_, Some(_)) => "answered late",
        };
        let since = Day(clock.due.day.0 + 1);
        found.push(alert(&case.provider, what, &clock.law, "39", since, clock.due.provisional));
    }
    let last = |verb: Verb| case.events.iter().rfind(|e| e.verb == verb).map(super::case::Event::day);
    let state = case.state_on(today);
    if let (true, Some(since)) = (case.misuse, last(Verb::ReportMisuse)) {
        found.push(alert(&case.requester, "use beyond the grant was reported", "25", "40", since, false));
    }
    if let (State::Expired, Some(period)) = (state, case.given.as_ref().and_then(|t| t.period().ok())) {
        found.push(alert(&case.requester, "expired and not disposed of", "27", "40", period.to, false));
    }
    if let (State::Terminated | State::Ended, Some(last)) = (state, case.events.last()) {
        found.push(alert(&case.requester, "ended and not disposed of", "27", "40", last.day(), false));
    }
    let waits = [
        (
            matches!(case.extension, Extension::Asked(_)),
            "an extension waits for consent",
            "21",
            last(Verb::AskExtension),
        ),
        (
            state == State::Active && case.change.as_ref().is_some_and(|c| c.agreed),
            "an agreed change waits to be filed",
            "27",
            last(Verb::AgreeChange),
        ),
        (
            case.dispute.as_ref().is_some_and(|d| d.level > 1),
            "a dispute waits for a decision",
            "28",
            case.dispute.as_ref().map(|d| d.since),
        ),
    ];
    for (waiting, what, law, since) in waits {
        if let (true, Some(since)) = (waiting, since) {
            found.push(alert("authority", what, law, "41", since, false));
        }
    }
    found
}
