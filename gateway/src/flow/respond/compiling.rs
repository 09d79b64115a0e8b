//! Entries of the catalogue, demands, alerts.

use super::json::{Group, array, object};
use super::sharing::{going_on, one_alert, one_clock};
use crate::catalogue::Event;
use crate::catalogue::metadata::{self, Metadata};
use crate::catalogue::overlap::Overlap;
use crate::catalogue::step::RULES;
use crate::flow::execute::{CompilingAnswer, DemandShown, EntryShown, Inside, shown_state};
use crate::sharing::case::Extension;
use crate::sharing::clocks::{Alert, Clock};

/// An answer of the desk; gives the position to go on from.
pub(super) fn answer(out: &mut Vec<u8>, answer: &CompilingAnswer) -> Option<String> {
    match answer {
        CompilingAnswer::Entry(seen) => entry(out, seen, true),
        CompilingAnswer::Metadata(seen) => out.extend_from_slice(as_metadata(seen).as_bytes()),
        CompilingAnswer::Entries(entries, next) => {
            let mut o = object(out);
            {
                let mut list = array(o.member("items"));
                for seen in entries {
                    entry(list.item(), seen, false);
                }
            }
            return going_on(&mut o, next.as_ref());
        }
        CompilingAnswer::Alerts(alerts, more) => {
            let mut o = object(out);
            put_alerts(&mut o, "items", alerts);
            o.plain("more", more);
        }
        CompilingAnswer::Demand(shown) => demand(out, shown, true),
        CompilingAnswer::Demands(demands, next) => {
            let mut o = object(out);
            {
                let mut list = array(o.member("items"));
                for shown in demands {
                    demand(list.item(), shown, false);
                }
            }
            return going_on(&mut o, next.as_ref());
        }
    }
    None
}

/// An entry as metadata of GB/T 21063.3.
fn as_metadata(seen: &EntryShown) -> String {
    let items = seen.version.as_ref().and_then(|version| version.items.as_deref());
    let metadata = Metadata {
        code: seen.entry.code.clone().unwrap_or_default(),
        published: seen.version.as_ref().map(|version| version.recorded.day()),
        items: items.cloned().unwrap_or_default(),
    };
    metadata::write(&metadata)
}

fn entry(out: &mut Vec<u8>, seen: &EntryShown, whole: bool) {
    let entry = &seen.entry;
    let items = seen.version.as_ref().and_then(|version| version.items.as_deref());
    let written = seen.inside.as_ref().and(entry.working.as_ref()).and_then(|working| working.items.as_deref());
    let mut o = object(out);
    o.text("id", &entry.id);
    o.text("state", shown_state(seen).as_str());
    match &entry.code {
        Some(code) => o.text("code", code),
        None => o.plain("code", "null"),
    }
    o.text("provider", &entry.provider);
    if let Some(any) = items.or(written) {
        o.text("title", &any.title);
        o.text("source_department", any.source());
        o.value("sharing", &any.sharing);
        o.value("openness", &any.openness);
    }
    o.day("valid_at", seen.valid_at);
    o.instant("known_at", seen.known_at);
    if let Some(version) = &seen.version {
        o.day("published", version.recorded.day());
        o.day("valid_from", version.from);
        o.instant("recorded_from", version.recorded);
    }
    if whole {
        if let Some(items) = items {
            o.value("items", items);
        }
        let mut list = array(o.member("versions"));
        for version in entry.versions.iter().filter(|version| version.recorded <= seen.known_at) {
            let mut v = object(list.item());
            v.day("valid_from", version.from);
            v.instant("recorded_from", version.recorded);
            v.plain("ends", version.items.is_none());
        }
    }
    if let Some(inside) = &seen.inside {
        for_insiders(&mut o, seen, inside, whole);
    }
}

fn for_insiders(o: &mut Group<'_>, seen: &EntryShown, inside: &Inside, whole: bool) {
    put_clocks(o, &inside.clocks);
    put_alerts(o, "alerts", &inside.alerts);
    o.value("holders", &inside.holders);
    let entry = &seen.entry;
    if let Some(duty) = &entry.duty {
        o.day("duty_changed", duty.since);
        if let Extension::Asked(days) | Extension::Given(days) = duty.extension {
            o.plain("extension_days", days);
            o.plain("extension_given", matches!(duty.extension, Extension::Given(_)));
        }
    }
    o.text_if("demand", entry.demand.as_deref().unwrap_or_default());
    if let Some(served) = entry.served {
        o.instant("served_since", served);
    }
    if !whole {
        return;
    }
    if let Some(working) = &entry.working {
        let mut w = object(o.member("draft"));
        w.plain("ends", working.items.is_none());
        if let Some(items) = &working.items {
            w.value("items", items);
        }
        w.text_if("definition", working.definition.as_deref().unwrap_or_default());
        w.value("falling_away", &entry.falling_away());
        {
            let mut list = array(w.member("problems"));
            for violation in &inside.violations {
                let mut v = object(list.item());
                v.shown("place", violation.place);
                v.text("rule", &violation.rule);
            }
        }
        let mut list = array(w.member("overlaps"));
        inside.overlaps.iter().for_each(|overlap| one_overlap(list.item(), overlap));
    }
    {
        let mut list = array(o.member("events"));
        entry.events.iter().for_each(|event| one_event(list.item(), event));
    }
    let mut list = array(o.member("steps"));
    for rule in RULES.iter().filter(|rule| rule.from.contains(&entry.state)) {
        let mut step = object(list.item());
        step.text("step", rule.name);
        step.text("article", rule.law);
        step.text("about", rule.about);
    }
}

fn one_overlap(out: &mut Vec<u8>, overlap: &Overlap) {
    let mut o = object(out);
    o.text("field", &overlap.field);
    o.text("entry", &overlap.entry);
    o.text("title", &overlap.title);
    o.text("source_department", &overlap.source);
    o.text("there", &overlap.there);
    o.text("by", overlap.by.as_str());
}

fn one_event(out: &mut Vec<u8>, event: &Event) {
    let mut e = object(out);
    e.instant("at", event.at());
    e.text("step", event.verb.rule().name);
    e.text("article", event.verb.rule().law);
    e.text("department", &event.by.department);
    e.text("officer", &event.by.officer);
    let said = &event.said;
    for (name, value) in [
        ("reason", &said.reason),
        ("evidence", &said.evidence),
        ("demand", &said.demand),
        ("from", &said.from),
        ("code", &said.code),
    ] {
        e.text_if(name, value.as_deref().unwrap_or_default());
    }
    if let Some(days) = said.days {
        e.plain("days", days);
    }
    if said.ends {
        e.plain("ends", true);
    }
    if let Some(items) = &said.items {
        e.value("items", items);
    }
}

fn demand(out: &mut Vec<u8>, shown: &DemandShown, whole: bool) {
    let demand = &shown.demand;
    let mut o = object(out);
    o.text("id", &demand.id);
    o.text("state", demand.state.as_str());
    o.text("requester", &demand.requester);
    o.text("title", &demand.wish.title);
    o.value("fields", &demand.wish.fields);
    o.text("purpose", &demand.wish.purpose);
    o.text("ground", &demand.wish.ground);
    o.text_if("source", demand.source.as_deref().unwrap_or_default());
    put_clocks(&mut o, &shown.clocks);
    put_alerts(&mut o, "alerts", &shown.alerts);
    if !whole {
        return;
    }
    {
        let mut list = array(o.member("perhaps"));
        for (entry, title) in &shown.perhaps {
            let mut p = object(list.item());
            p.text("entry", entry);
            p.text("title", title);
        }
    }
    let mut list = array(o.member("events"));
    for event in &demand.events {
        let mut e = object(list.item());
        e.instant("at", foundation::value::Instant(event.at_us));
        e.text("step", event.verb.as_str());
        e.text("department", &event.by.department);
        e.text("officer", &event.by.officer);
        e.text_if("source", event.source.as_deref().unwrap_or_default());
        e.text_if("reason", event.reason.as_deref().unwrap_or_default());
    }
}

fn put_clocks(o: &mut Group<'_>, clocks: &[Clock]) {
    let mut list = array(o.member("clocks"));
    for clock in clocks {
        one_clock(list.item(), clock);
    }
}

fn put_alerts(o: &mut Group<'_>, name: &str, alerts: &[Alert]) {
    let mut list = array(o.member(name));
    for alert in alerts {
        one_alert(list.item(), alert);
    }
}
