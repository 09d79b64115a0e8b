//! Scores, what they are made of, objections.

use super::json::{Group, array, object};
use crate::evaluation::objection::ObjectionEvent;
use crate::evaluation::points::Points;
use crate::evaluation::score::Judged;
use crate::evaluation::{Evaluated, Scheme, objection::Standing, workbook};
use crate::flow::execute::{EvaluationAnswer, ObjectionShown, ScoresShown};

/// An answer of evaluation; gives its media type where that is not JSON.
pub(super) fn answer(out: &mut Vec<u8>, answer: &EvaluationAnswer) -> Option<&'static str> {
    match answer {
        EvaluationAnswer::Scores(shown) => scores(out, shown),
        EvaluationAnswer::Measures(document) => drop(serde_json::to_writer(out, document)),
        EvaluationAnswer::Report { bytes, .. } => {
            out.extend_from_slice(bytes);
            return Some(workbook::MEDIA_TYPE);
        }
        EvaluationAnswer::Objections(all) => {
            let mut o = object(out);
            let mut list = array(o.member("items"));
            for shown in all {
                one_objection(list.item(), shown);
            }
        }
        EvaluationAnswer::Objection(shown) => one_objection(out, shown),
    }
    None
}

fn scores(out: &mut Vec<u8>, shown: &ScoresShown) {
    let mut o = object(out);
    o.shown("period", shown.period);
    o.day("from", shown.period.from());
    o.day("to", shown.period.to());
    o.plain("complete", shown.document.complete);
    let mut list = array(o.member("items"));
    for evaluated in &shown.document.departments {
        one(list.item(), shown, evaluated);
    }
}

fn one(out: &mut Vec<u8>, shown: &ScoresShown, evaluated: &Evaluated) {
    let mut o = object(out);
    o.text("department", &evaluated.department);
    points(&mut o, "score", evaluated.score);
    if evaluated.corrected_score.is_some() {
        points(&mut o, "corrected_score", evaluated.corrected_score);
    }
    if let Some((place, of)) = shown.places.get(&evaluated.department) {
        o.plain("rank", place);
        o.plain("of", of);
    }
    let scheme = shown.schemes.get(&evaluated.department);
    if let Some(scheme) = scheme {
        o.text("scheme", &scheme.title);
        o.text("article", &scheme.law);
    }
    let mut list = array(o.member("indicators"));
    evaluated.indicators.iter().for_each(|judged| indicator(list.item(), judged, scheme));
}

fn indicator(out: &mut Vec<u8>, judged: &Judged, scheme: Option<&Scheme>) {
    let mut o = object(out);
    o.text("indicator", &judged.indicator);
    if let Some(indicator) = scheme.and_then(|scheme| scheme.indicator(&judged.indicator)) {
        o.text("title", &indicator.title);
        o.text("formula", &indicator.formula_text);
    }
    o.plain("weight", judged.weight);
    o.value("value", &judged.value);
    points(&mut o, "points", judged.points);
    if let Some(corrected) = &judged.corrected {
        points(&mut o, "corrected_points", Some(corrected.points));
        o.text("objection", &corrected.objection);
    }
}

fn points(o: &mut Group<'_>, name: &str, points: Option<Points>) {
    match points {
        Some(points) => o.shown(name, points),
        None => o.plain(name, "null"),
    }
}

fn one_objection(out: &mut Vec<u8>, shown: &ObjectionShown) {
    let objection = &shown.objection;
    let mut o = object(out);
    o.text("id", &objection.id);
    o.shown("period", objection.period);
    o.text("department", &objection.department);
    o.text("indicator", &objection.indicator);
    points(&mut o, "points", Some(objection.points));
    o.text("standing", objection.standing.as_str());
    if let Standing::Changed(corrected) = objection.standing {
        points(&mut o, "corrected_points", Some(corrected));
    }
    if let Some(due) = shown.due {
        o.day("due", due.day);
        o.plain("provisional", due.provisional);
    }
    match objection.met() {
        Some(day) => o.day("met", day),
        None => o.plain("met", "null"),
    }
    o.plain("overdue", shown.overdue);
    let mut list = array(o.member("events"));
    objection.events.iter().for_each(|event| one_event(list.item(), event));
}

fn one_event(out: &mut Vec<u8>, event: &ObjectionEvent) {
    let mut e = object(out);
    e.instant("at", event.at());
    e.text("step", event.step.rule().name);
    e.text("department", &event.by.department);
    e.text("officer", &event.by.officer);
    e.text_if("reason", event.said.reason.as_deref().unwrap_or_default());
    e.text_if("evidence", event.said.evidence.as_deref().unwrap_or_default());
    e.text_if("ground", event.said.ground.as_deref().unwrap_or_default());
    if let Some(given) = event.said.points {
        points(&mut e, "points", Some(given));
    }
}
