//! Corrections.

use super::json::{array, object};
use super::sharing::{going_on, one_alert, one_clock};
use crate::flow::execute::{CorrectionAnswer, CorrectionShown};
use crate::sharing::correction::{CorrectionEvent, RULES};

/// An answer about corrections; gives the position to go on from.
pub(super) fn answer(out: &mut Vec<u8>, answer: &CorrectionAnswer) -> Option<String> {
    match answer {
        CorrectionAnswer::One(shown) => {
            one(out, shown);
            None
        }
        CorrectionAnswer::All(all, next) => {
            let mut o = object(out);
            {
                let mut list = array(o.member("items"));
                for shown in all {
                    one(list.item(), shown);
                }
            }
            going_on(&mut o, next.as_ref())
        }
    }
}

fn one(out: &mut Vec<u8>, shown: &CorrectionShown) {
    let correction = &shown.correction;
    let mut o = object(out);
    o.text("id", &correction.id);
    o.text("state", correction.state.as_str());
    o.text("requester", &correction.requester);
    o.text("provider", &correction.doubt.provider);
    o.text("dataset", &correction.doubt.dataset);
    o.text("record", &correction.doubt.record);
    o.text("field", &correction.doubt.field);
    if shown.party {
        o.text("believed", &correction.doubt.believed);
    }
    {
        let mut list = array(o.member("clocks"));
        shown.clocks.iter().for_each(|clock| one_clock(list.item(), clock));
    }
    {
        let mut list = array(o.member("alerts"));
        shown.alerts.iter().for_each(|alert| one_alert(list.item(), alert));
    }
    {
        let mut list = array(o.member("events"));
        correction.events.iter().for_each(|event| one_event(list.item(), event, shown.party));
    }
    let mut list = array(o.member("steps"));
    for rule in RULES.iter().filter(|rule| rule.from.contains(&correction.state)) {
        let mut step = object(list.item());
        step.text("step", rule.name);
        step.text("about", rule.about);
    }
}

/// What the parties write to each other may name people: it is for them alone.
fn one_event(out: &mut Vec<u8>, event: &CorrectionEvent, party: bool) {
    let mut e = object(out);
    e.instant("at", event.at());
    e.text("step", event.step.rule().name);
    e.text("department", &event.by.department);
    e.text("officer", &event.by.officer);
    if party {
        e.text_if("reason", event.said.reason.as_deref().unwrap_or_default());
        e.text_if("evidence", event.said.evidence.as_deref().unwrap_or_default());
    }
}
