//! The clocks of an entry, worked out when asked: the update after a change of law or duty, and the review of it (art 17).

use foundation::value::Day;

use super::entry::{Entry, Event};
use super::step::Verb;
use crate::sharing::Calendar;
use crate::sharing::case::Extension;
use crate::sharing::clocks::{Alert, Clock};
use crate::sharing::limits::{LimitedStep, Limits, division_of};

/// A clock of `step` for a body of `division`, if a limit is set.
pub(super) fn start(
    step: LimitedStep,
    division: &str,
    day: Day,
    calendar: &Calendar,
    limits: &Limits,
) -> Option<Clock> {
    limits.of(step, division, day).map(|limit| Clock {
        step,
        started: day,
        working_days: limit.working_days,
        due: calendar.due(day, limit.working_days, limit.counts_first_day),
        met: None,
        law: limit.law.clone(),
    })
}

/// All clocks of an entry, in the order in which they started.
#[must_use]
pub fn of(entry: &Entry, calendar: &Calendar, limits: &Limits) -> Vec<Clock> {
    let division = division_of(&entry.provider);
    let mut clocks: Vec<Clock> = Vec::new();
    let mut announced = entry.adopted.is_some();
    let mut asked = 0;
    for event in &entry.events {
        let day = event.day();
        let begin = |step, since| start(step, division, since, calendar, limits);
        match event.verb {
            Verb::ChangeDuty => {
                meet(&mut clocks, LimitedStep::UpdateCatalogue, day);
                let since = event.said.from.as_deref().and_then(Day::parse).unwrap_or(day);
                clocks.extend(begin(LimitedStep::UpdateCatalogue, since));
            }
            Verb::AskExtension => asked = event.said.days.unwrap_or(0),
            Verb::Extend => lengthen(&mut clocks, asked, division, calendar, limits),
            Verb::Submit => {
                meet(&mut clocks, LimitedStep::UpdateCatalogue, day);
                // The decree limits the review of updates; of a first review it says nothing.
                let step = if announced { LimitedStep::PublishCatalogue } else { LimitedStep::ReviewCatalogue };
                clocks.extend(begin(step, day));
            }
            Verb::Announce | Verb::Return | Verb::Withdraw => {
                announced |= event.verb == Verb::Announce;
                meet(&mut clocks, LimitedStep::PublishCatalogue, day);
                meet(&mut clocks, LimitedStep::ReviewCatalogue, day);
            }
            _ => {}
        }
    }
    clocks
}

fn running(clocks: &mut [Clock], step: LimitedStep) -> Option<&mut Clock> {
    clocks.iter_mut().rfind(|clock| clock.step == step && clock.met.is_none())
}

fn meet(clocks: &mut [Clock], step: LimitedStep, day: Day) {
    if let Some(clock) = running(clocks, step) {
        clock.met = Some(day);
    }
}

fn lengthen(clocks: &mut [Clock], days: u32, division: &str, calendar: &Calendar, limits: &Limits) {
    if let Some(clock) = running(clocks, LimitedStep::UpdateCatalogue)
        && let Some(limit) = limits.of(clock.step, division, clock.started)
    {
        clock.working_days += days;
        clock.due = calendar.due(clock.started, clock.working_days, limit.counts_first_day);
    }
}

/// What is the matter with an entry on `today`; `holders` = cases that still name what falls away.
#[must_use]
pub fn alerts(entry: &Entry, calendar: &Calendar, limits: &Limits, today: Day, holders: usize) -> Vec<Alert> {
    let mut found = Vec::new();
    let alert = |who: &str, what, law: &str, liability, since, provisional| Alert {
        case: entry.id.clone(),
        who: who.to_owned(),
        what,
        law: law.to_owned(),
        liability,
        since,
        provisional,
    };
    for clock in of(entry, calendar, limits).iter().filter(|clock| clock.is_overdue(today)) {
        let review = clock.step != LimitedStep::UpdateCatalogue;
        let what = match (review, clock.met) {
            (false, None) => "the entry is not brought up to date in time",
            (false, Some(_)) => "the entry was brought up to date late",
            (true, None) => "the entry is not reviewed and announced in time",
            (true, Some(_)) => "the entry was reviewed late",
        };
        let (who, liability) = if review { ("authority", "41") } else { (entry.provider.as_str(), "39") };
        found.push(alert(who, what, &clock.law, liability, Day(clock.due.day.0 + 1), clock.due.provisional));
    }
    let last = |verb: Verb| entry.events.iter().rfind(|event| event.verb == verb).map(Event::day);
    let asked = entry.duty.is_some_and(|duty| matches!(duty.extension, Extension::Asked(_)));
    if let (true, Some(since)) = (asked, last(Verb::AskExtension)) {
        found.push(alert("authority", "an extension waits for consent", "17", "41", since, false));
    }
    let approved = entry.working.as_ref().and_then(|working| working.approved);
    if let (true, Some(at)) = (holders > 0, approved) {
        found.push(alert(
            &entry.provider,
            "holders of grants have not agreed to what falls away",
            "27",
            "39",
            at.day(),
            false,
        ));
    }
    found
}
