//! Cases, alerts, working days.

use super::json::{Group, array, object};
use crate::flow::execute::{CaseShown, SharingAnswer};
use crate::policy::Terms;
use crate::sharing::case::{Event, Extension, Kind};
use crate::sharing::clocks::{Alert, Clock};
use crate::sharing::step::RULES;

/// An answer of the desk; gives the position to go on from.
pub(super) fn answer(out: &mut Vec<u8>, answer: &SharingAnswer) -> Option<String> {
    match answer {
        SharingAnswer::Case(case) => one(out, case, true),
        SharingAnswer::Cases(cases, next) => {
            let mut o = object(out);
            {
                let mut list = array(o.member("items"));
                for case in cases {
                    one(list.item(), case, false);
                }
            }
            return going_on(&mut o, next.as_ref());
        }
        SharingAnswer::Alerts(alerts, next) => {
            let mut o = object(out);
            {
                let mut list = array(o.member("items"));
                for alert in alerts {
                    one_alert(list.item(), alert);
                }
            }
            return going_on(&mut o, next.as_ref());
        }
        SharingAnswer::Due(due) => {
            let mut o = object(out);
            o.day("due", due.day);
            o.plain("provisional", due.provisional);
        }
        SharingAnswer::Sandbox(sandbox) => {
            let mut o = object(out);
            o.text("id", &sandbox.id);
            o.text("dataset", &sandbox.terms.dataset);
            o.value("fields", &sandbox.terms.fields);
            o.value("masked", &sandbox.terms.masked);
            o.text("from", &sandbox.terms.from);
            o.text("to", &sandbox.terms.to);
            o.plain("rows_per_day_max", sandbox.terms.rows_per_day_max);
            o.plain("synthetic", true);
        }
        SharingAnswer::TakenIn { imported, unchanged } => {
            let mut o = object(out);
            o.plain("imported", imported.len());
            o.plain("unchanged", unchanged);
            o.value("cases", imported);
        }
        SharingAnswer::Years(years) => {
            let mut o = object(out);
            o.value("years", years);
        }
    }
    None
}

/// `next`: the position to go on from.
pub(super) fn going_on(o: &mut Group<'_>, next: Option<&String>) -> Option<String> {
    match next {
        Some(next) => o.text("next", next),
        None => o.plain("next", "null"),
    }
    next.cloned()
}

fn one(out: &mut Vec<u8>, shown: &CaseShown, whole: bool) {
    let case = &shown.case;
    let mut o = object(out);
    o.text("id", &case.id);
    o.text("kind", case.kind.as_str());
    o.text("state", shown.state.as_str());
    o.text("requester", &case.requester);
    o.text("provider", &case.provider);
    o.text("sharing", if case.unconditional { "unconditional" } else { "conditional" });
    terms(&mut o, "asked", &case.asked);
    if let Some(given) = &case.given {
        terms(&mut o, "given", given);
    }
    o.text_if("disposal", case.disposal.as_deref().unwrap_or_default());
    if let Extension::Asked(days) | Extension::Given(days) = case.extension {
        o.plain("extension_days", days);
        o.plain("extension_given", matches!(case.extension, Extension::Given(_)));
    }
    if let Some(dispute) = &case.dispute {
        o.plain("dispute_level", dispute.level);
    }
    o.plain("misuse", case.misuse);
    {
        let mut list = array(o.member("clocks"));
        shown.clocks.iter().for_each(|clock| one_clock(list.item(), clock));
    }
    {
        let mut list = array(o.member("alerts"));
        shown.alerts.iter().for_each(|alert| one_alert(list.item(), alert));
    }
    if !whole {
        return;
    }
    {
        let mut list = array(o.member("events"));
        // Of a case that a company began, its own steps are the company's; nobody else there has its code.
        let company = (case.kind == Kind::Opening).then_some(case.requester.as_str());
        case.events.iter().for_each(|event| one_event(list.item(), event, company));
    }
    let mut list = array(o.member("steps"));
    for rule in RULES.iter().filter(|rule| rule.from.contains(&shown.state)) {
        let mut step = object(list.item());
        step.text("step", rule.name);
        step.text("article", rule.law);
        step.text("about", rule.about);
    }
}

fn terms(o: &mut Group<'_>, name: &str, terms: &Terms) {
    let mut t = object(o.member(name));
    t.text("dataset", &terms.dataset);
    t.value("acts", &terms.acts);
    t.value("fields", &terms.fields);
    t.value("masked", &terms.masked);
    t.text_if("rows", &terms.rows);
    t.text("purpose", &terms.purpose);
    t.text("ground", &terms.ground);
    t.text("from", &terms.from);
    t.text("to", &terms.to);
    t.plain("cases_required", terms.cases_required);
    t.plain("rows_per_answer_max", terms.rows_per_answer_max);
    t.plain("rows_per_day_max", terms.rows_per_day_max);
    if let Some(most) = terms.persons_per_day_max {
        t.plain("persons_per_day_max", most);
    }
    t.plain("tells_not_found", terms.tells_not_found);
    t.text_if("commitment", &terms.commitment);
}

pub(super) fn one_clock(out: &mut Vec<u8>, clock: &Clock) {
    let mut c = object(out);
    c.text("step", clock.step.as_str());
    c.day("started", clock.started);
    c.plain("working_days", clock.working_days);
    c.day("due", clock.due.day);
    c.plain("provisional", clock.due.provisional);
    match clock.met {
        Some(day) => c.day("met", day),
        None => c.plain("met", "null"),
    }
    c.text("article", &clock.law);
}

pub(super) fn one_alert(out: &mut Vec<u8>, alert: &Alert) {
    let mut a = object(out);
    a.text("case", &alert.case);
    a.text("who", &alert.who);
    a.text("what", alert.what);
    a.text("article", &alert.law);
    a.text_if("liability_article", alert.liability);
    a.day("since", alert.since);
    a.plain("provisional", alert.provisional);
}

fn one_event(out: &mut Vec<u8>, event: &Event, company: Option<&str>) {
    let mut e = object(out);
    e.instant("at", event.at());
    e.text("step", event.verb.rule().name);
    e.text("article", event.verb.rule().law);
    let of_company = company == Some(event.by.department.as_str());
    e.text(if of_company { "company" } else { "department" }, &event.by.department);
    e.text("officer", &event.by.officer);
    e.text_if("reason", event.said.reason.as_deref().unwrap_or_default());
    e.text_if("evidence", event.said.evidence.as_deref().unwrap_or_default());
    e.text_if("digest", event.said.digest.as_deref().unwrap_or_default());
    if let Some(days) = event.said.days {
        e.plain("days", days);
    }
    if let Some(outcome) = &event.said.outcome {
        e.value("outcome", outcome);
    }
    if let Some(given) = &event.said.terms {
        terms(&mut e, "terms", given);
    }
}
