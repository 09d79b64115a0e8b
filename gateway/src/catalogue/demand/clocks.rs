//! The clocks of a demand, and what is the matter with it.

use foundation::value::Day;

use super::super::clocks::start;
use super::{Demand, DemandVerb};
use crate::sharing::Calendar;
use crate::sharing::clocks::{Alert, Clock};
use crate::sharing::limits::{LimitedStep, Limits, division_of};

impl Demand {
    /// Its clocks: the authority's answer where local rules limit it, and the source's entry (art 17: ten working days from
    /// the change of its duties).
    #[must_use]
    pub fn clocks(&self, calendar: &Calendar, limits: &Limits) -> Vec<Clock> {
        let mut clocks: Vec<Clock> = Vec::new();
        for event in &self.events {
            let day = event.day();
            if let Some(clock) = clocks.last_mut().filter(|clock| clock.met.is_none()) {
                clock.met = Some(day);
            }
            let (step, of) = match (event.verb, &event.source) {
                (DemandVerb::Ask, _) => (LimitedStep::AnswerDemand, self.requester.as_str()),
                (DemandVerb::NameSource, Some(source)) => (LimitedStep::UpdateCatalogue, source.as_str()),
                // A draft given up stops no clock: it runs on from the day on which the source was named.
                (DemandVerb::Undraft, _) => {
                    let again = clocks.last().cloned().map(|clock| Clock { met: None, ..clock });
                    clocks.extend(again);
                    continue;
                }
                _ => continue,
            };
            clocks.extend(start(step, division_of(of), day, calendar, limits));
        }
        clocks
    }

    /// What is the matter with it on `today`.
    #[must_use]
    pub fn alerts(&self, calendar: &Calendar, limits: &Limits, today: Day) -> Vec<Alert> {
        let late = self.clocks(calendar, limits).into_iter().filter(|clock| clock.is_overdue(today));
        late.map(|clock| {
            let answer = clock.step == LimitedStep::AnswerDemand;
            let what = match (answer, clock.met) {
                (true, None) => "a demand is not answered in time",
                (true, Some(_)) => "a demand was answered late",
                (false, None) => "the entry demanded is not drafted in time",
                (false, Some(_)) => "the entry demanded was drafted late",
            };
            let source = self.source.as_deref().unwrap_or_default();
            Alert {
                case: self.id.clone(),
                who: if answer { "authority".to_owned() } else { source.to_owned() },
                what,
                law: clock.law,
                liability: if answer { "41" } else { "39" },
                since: Day(clock.due.day.0 + 1),
                provisional: clock.due.provisional,
            }
        })
        .collect()
    }
}
