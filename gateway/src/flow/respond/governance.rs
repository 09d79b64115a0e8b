//! Links, figures, changes, batches, verification, ownership, audit entries.

use foundation::service::{ChangesAnswer, ImportReport, LinksAnswer, ReadAt, RejectedRow, RowProblem};

use legal_entity::ask::Ownership;

use super::json::{array, object, text};
use super::records::times;
use crate::audit::Entry;
use crate::flow::LogProof;
use crate::http::{batch_text, hex};
use crate::token::{Role, Roles};

/// Edges both ways.
pub(super) fn links(out: &mut Vec<u8>, links: &LinksAnswer) {
    let mut o = object(out);
    {
        let mut list = array(o.member("items"));
        for edge in &links.edges {
            let mut e = object(list.item());
            e.shown("from_dataset", &edge.from_dataset);
            e.text("from_id", &edge.from_id);
            e.text("field", &edge.field);
            e.shown("to_dataset", &edge.to_dataset);
            e.text("to_id", &edge.to_id);
            e.day("valid_from", edge.valid.from);
            e.day("valid_to", edge.valid.to);
        }
    }
    o.plain("more", links.more);
    times(&mut o, links.at);
}

/// `{items: [{kind, id, at}], next, more}`.
pub(super) fn changes(out: &mut Vec<u8>, answer: &ChangesAnswer, position: &str) {
    let mut o = object(out);
    {
        let mut list = array(o.member("items"));
        for change in &answer.changes {
            let mut c = object(list.item());
            c.value("kind", &change.kind);
            c.text("id", &change.id);
            c.instant("at", change.at);
        }
    }
    o.text("next", position);
    o.plain("more", answer.more);
}

/// A batch's report.
pub(super) fn import(out: &mut Vec<u8>, report: &ImportReport) {
    let mut o = object(out);
    o.shown("batch", batch_text(report.batch));
    o.shown("dataset", &report.dataset);
    o.text("source", &report.source);
    o.value("state", &report.state);
    o.plain("accepted", report.progress.accepted);
    o.plain("changed", report.progress.changed);
    o.plain("unchanged", report.progress.unchanged);
    o.plain("rejected", report.progress.rejected);
    o.plain("last_line", report.progress.last_line);
    o.plain("ended", report.ended);
    problems(o.member("problems"), &report.problems);
    problems(o.member("warnings"), &report.warnings);
    if let Some(why) = &report.cut_off {
        o.text("cut_off", why);
    }
}

fn problems(out: &mut Vec<u8>, problems: &[RowProblem]) {
    let mut list = array(out);
    for problem in problems {
        let mut p = object(list.item());
        p.plain("line", problem.line);
        p.text("field", &problem.field);
        p.text("rule", &problem.rule);
        p.text("message", &problem.message);
    }
}

/// Refused rows as CSV, each as it came plus line, field, rule and message, ready to be mended and sent again.
pub(super) fn rejected(out: &mut Vec<u8>, header: Option<&str>, rows: &[RejectedRow]) {
    // Writing to memory does not fail.
    let _ = foundation::write::source::rejected::write(out, header, rows, true);
}

/// `{items: [{index, result}], receipt}`.
pub(super) fn verified(out: &mut Vec<u8>, verdicts: &[&'static str], at: ReadAt, receipt: &serde_json::Value) {
    let mut o = object(out);
    {
        let mut list = array(o.member("items"));
        for (index, verdict) in verdicts.iter().enumerate() {
            let mut i = object(list.item());
            i.plain("index", index);
            i.text("result", verdict);
        }
    }
    o.value("receipt", receipt);
    times(&mut o, at);
}

/// Parties and shareholdings around an enterprise.
pub(super) fn ownership(out: &mut Vec<u8>, graph: &Ownership, at: ReadAt) {
    let mut o = object(out);
    {
        let mut nodes = array(o.member("nodes"));
        graph.nodes.iter().for_each(|node| drop(serde_json::to_writer(nodes.item(), node)));
    }
    {
        let mut edges = array(o.member("edges"));
        for edge in &graph.edges {
            let mut e = object(edges.item());
            e.text("record", &edge.record);
            e.text("holder", &edge.holder);
            if let Some(person) = &edge.person {
                e.text("person", person);
            }
            e.text("target", &edge.target);
            e.value("ratio", &edge.ratio);
            e.value("subscribed", &edge.subscribed);
            e.value("paid", &edge.paid);
            e.day("valid_from", edge.valid.from);
            e.day("valid_to", edge.valid.to);
        }
    }
    {
        let mut controllers = array(o.member("controllers"));
        graph.controllers.iter().for_each(|one| drop(serde_json::to_writer(controllers.item(), one)));
    }
    o.plain("truncated", graph.truncated);
    o.plain("circular", graph.circular);
    times(&mut o, at);
}

/// Audit entries, newest first; `next` is the number to ask before.
pub(super) fn audit(out: &mut Vec<u8>, entries: &[(u64, Entry)]) {
    let mut o = object(out);
    {
        let mut list = array(o.member("items"));
        for (number, entry) in entries {
            one_entry(list.item(), *number, entry);
        }
    }
    match entries.last() {
        Some((number, _)) if *number > 0 => o.plain("next", number),
        _ => o.plain("next", "null"),
    }
}

fn one_entry(out: &mut Vec<u8>, number: u64, entry: &Entry) {
    let mut e = object(out);
    e.plain("number", number);
    e.instant("opened", entry.opened);
    e.instant("closed", entry.closed);
    e.shown("request", hex(&entry.request));
    e.text("subject", &entry.subject);
    let roles = Roles::from_bits(entry.roles);
    e.text_if(if roles.has(Role::Company) { "company" } else { "department" }, &entry.department);
    e.text("roles", &roles.to_string());
    e.text_if("officer", &entry.officer);
    e.text_if("grant", &entry.grant);
    e.text_if("case", &entry.case);
    e.text_if("purpose", &entry.purpose);
    e.text_if("ground", &entry.ground);
    e.text("act", crate::ask::Act::from_number(entry.act).as_str());
    e.text("route", &entry.route);
    e.text_if("dataset", &entry.dataset);
    e.plain("status", entry.status);
    e.text_if("code", &entry.code);
    e.text_if("cause", &entry.cause);
    e.plain("rows", entry.rows);
    {
        let mut ids = array(e.member("records"));
        entry.records.iter().for_each(|id| text(ids.item(), id));
    }
    e.value("fields", &entry.fields);
    e.value("masked", &entry.masked);
    e.value("policies", &entry.policies);
    e.shown("policy_version", format_args!("{:016x}", entry.policy_version));
    if let Some(question) = &entry.question {
        e.shown("question", hex(question));
    }
    if let Some(day) = entry.valid_at {
        e.day("valid_at", day);
    }
    if let Some(at) = entry.known_at {
        e.instant("known_at", at);
    }
}

/// A signed state of the log and what proves it; `natbase audit check` reads the same document.
pub(super) fn log_proof(out: &mut Vec<u8>, proof: &LogProof) {
    drop(serde_json::to_writer(out, &proof.to_json()));
}
