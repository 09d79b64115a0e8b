//! Catalogue entries and code lists.

use std::sync::Arc;

use foundation::dataset::{CodeList, Dataset, Field, IdKind, Tabulation};
use foundation::value::Day;

use super::json::{Group, array, object, text};
use crate::flow::Explanation;

/// All entries, without fields.
pub(super) fn entries(out: &mut Vec<u8>, datasets: &[Arc<Dataset>]) {
    let mut o = object(out);
    let mut list = array(o.member("items"));
    for dataset in datasets {
        let mut d = object(list.item());
        core(&mut d, dataset);
    }
}

/// One entry, with fields: the 13 core metadata and those of Decree 809.
pub(super) fn entry(out: &mut Vec<u8>, dataset: &Dataset) {
    let mut o = object(out);
    core(&mut o, dataset);
    o.text("sharing_condition", &dataset.sharing_condition);
    o.value("sharing_modes", &dataset.sharing_modes);
    o.text("openness_condition", &dataset.openness_condition);
    o.text("conditions_of_use", &dataset.conditions_of_use);
    o.text("impact_assessment", &dataset.impact_assessment);
    o.value("related", &dataset.related);
    o.value("zone", &dataset.zone);
    o.value("units", &dataset.units);
    o.value("disclosure", &dataset.disclosure);
    if let Some(rule) = &dataset.statistics {
        statistics(&mut o, rule);
    }
    o.text(
        "id_kind",
        match dataset.id {
            IdKind::Keyed => "keyed",
            IdKind::Readable => "readable",
        },
    );
    o.value("natural_key", &dataset.natural_key);
    o.value("authority", &dataset.authority);
    let mut fields = array(o.member("fields"));
    for item in &dataset.fields {
        field(fields.item(), dataset, item);
    }
}

/// How counts are given to others than the owner.
fn statistics(o: &mut Group<'_>, rule: &Tabulation) {
    let mut s = object(o.member("statistics"));
    s.text("method", rule.method.as_str());
    s.plain("minimum", rule.minimum);
    s.plain("noise_max", rule.noise);
    s.value("by", &rule.by);
    s.value("reference", &rule.reference);
    s.value("open_to", &rule.open_to);
}

fn core(o: &mut Group<'_>, dataset: &Dataset) {
    o.shown("name", &dataset.name);
    o.shown("database", dataset.name.database());
    o.text("dataset", dataset.name.table());
    o.plain("version", dataset.version);
    o.value("title", &dataset.title);
    o.value("summary", &dataset.summary);
    o.text("resource_code", &dataset.resource_code);
    o.text("classification", &dataset.classification);
    o.text("provider", &dataset.provider);
    o.text("provider_code", &dataset.provider_code);
    o.text("format", &dataset.format);
    o.text("update_cycle", &dataset.update_cycle);
    o.text("published", &dataset.published);
    o.value("sharing", &dataset.sharing);
    o.value("openness", &dataset.openness);
    o.text("licence", &dataset.licence);
    o.text("attribution", &dataset.attribution);
    o.text_if("map_approval", &dataset.map_approval);
    o.text_if("embargo", dataset.embargo.as_deref().unwrap_or_default());
}

fn field(out: &mut Vec<u8>, dataset: &Dataset, field: &Field) {
    let mut f = object(out);
    f.plain("number", field.number);
    f.text("name", &field.name);
    f.value("title", &field.title);
    f.value("type", &field.kind);
    f.plain("list", field.list);
    f.plain("required", field.required);
    for (name, value) in [("code_list", &field.code_list), ("target", &field.target), ("unit", &field.unit)] {
        if let Some(value) = value {
            f.text(name, value);
        }
    }
    f.plain("grade", field.grade);
    f.value("sharing", &field.sharing.unwrap_or(dataset.sharing));
    f.value("openness", &field.openness.unwrap_or(dataset.openness));
    f.value("search", &field.search);
    f.plain("sortable", field.sortable);
    f.plain("facet", field.facet);
    if let Some(instead) = &field.deprecated {
        f.value("deprecated", instead);
    }
}

/// A code list; with a day, only the codes valid then.
pub(super) fn code_list(out: &mut Vec<u8>, list: &CodeList, day: Option<Day>) {
    let mut o = object(out);
    o.text("id", &list.id);
    o.value("title", &list.title);
    o.text("source", &list.source);
    o.day("reaches_back_to", list.reaches_back_to);
    let mut items = array(o.member("items"));
    for code in list.iter().filter(|c| day.is_none_or(|d| c.valid.contains(d))) {
        let mut c = object(items.item());
        c.text("code", &code.code);
        c.value("label", &code.label);
        if let Some(parent) = &code.parent {
            c.text("parent", parent);
        }
        c.day("valid_from", code.valid.from);
        c.day("valid_to", code.valid.to);
        if !code.successors.is_empty() {
            let mut all = array(c.member("successors"));
            code.successors.iter().for_each(|s| text(all.item(), s));
        }
    }
}

/// Why an act is permitted, or not.
pub(super) fn explanation(out: &mut Vec<u8>, explanation: &Explanation) {
    let mut o = object(out);
    o.shown("dataset", &explanation.dataset.name);
    o.text("act", explanation.act.as_str());
    o.plain("permitted", explanation.permitted);
    o.text_if("detail", explanation.detail);
    {
        let mut list = array(o.member("policies"));
        for (policy, law) in &explanation.policies {
            let mut p = object(list.item());
            p.text("policy", policy);
            p.text("law", law);
        }
    }
    o.text_if("grant", explanation.grant.as_deref().unwrap_or_default());
    o.text("counts", if explanation.counts { "exact" } else { "withheld" });
    let mut list = array(o.member("fields"));
    for (name, seen) in &explanation.fields {
        let mut f = object(list.item());
        f.text("field", name);
        f.text("seen", seen.as_str());
    }
}
