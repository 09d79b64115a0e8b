//! Records, pages, look-ups, histories and claims.

use std::sync::Arc;

use foundation::dataset::{Dataset, DatasetName};
use foundation::record::BatchId;
use foundation::service::{ClaimView, Count, Facet, LookupItem, ReadAt};
use foundation::value::{Fields, Instant, Value, json};

use super::super::mask::{PageItem, RecordShown};
use super::json::{Group, array, object, text};
use crate::catalogue::Labels;

/// `{dataset, dataset_version, id, fields, version, masked, disputed, …}`.
pub(super) fn record(out: &mut Vec<u8>, record: &RecordShown, at: Option<ReadAt>, labels: Option<&Labels>) {
    let mut o = object(out);
    let view = &record.view;
    o.shown("dataset", &record.dataset.name);
    o.plain("dataset_version", view.dataset_version);
    o.text("id", &view.id);
    json::write_json(&view.fields, &record.dataset, o.member("fields"));
    if let Some(labels) = labels {
        write_labels(&mut o, &record.dataset, &view.fields, labels);
    }
    version(&mut o, view.version);
    o.day("valid_from", view.valid.from);
    o.day("valid_to", view.valid.to);
    o.instant("recorded_from", view.recorded.from);
    o.instant("recorded_to", view.recorded.to);
    names(o.member("masked"), &record.dataset, &record.masked);
    names(o.member("disputed"), &record.dataset, &view.disputed);
    if let Some(at) = at {
        times(&mut o, at);
    }
}

/// The number of a version; null where a caller sees a part of the record and its other versions are not put together.
fn version(o: &mut Group<'_>, number: u32) {
    if number == 0 { o.plain("version", "null") } else { o.plain("version", number) }
}

/// The counts beside a page of hits.
#[derive(Clone, Copy)]
pub(super) struct Facets<'a> {
    pub(super) by_field: &'a [(Arc<Dataset>, Facet)],
    pub(super) by_dataset: Option<&'a [(DatasetName, Count)]>,
}

/// A page of hits.
pub(super) fn page(
    out: &mut Vec<u8>,
    items: &[PageItem],
    total: Count,
    facets: Facets<'_>,
    next: Option<&str>,
    at: ReadAt,
    labels: Option<&Labels>,
) {
    let mut o = object(out);
    {
        let mut list = array(o.member("items"));
        for item in items {
            hit(list.item(), item, labels);
        }
    }
    o.value("total", &total);
    if !facets.by_field.is_empty() || facets.by_dataset.is_some() {
        let mut list = array(o.member("facets"));
        if let Some(counted) = facets.by_dataset {
            let mut f = object(list.item());
            f.text("field", "dataset");
            let mut counts = array(f.member("counts"));
            for (name, count) in counted {
                let mut c = object(counts.item());
                c.shown("value", name);
                c.value("count", count);
            }
        }
        for (dataset, facet) in facets.by_field {
            let Some(field) = dataset.field_by_number(facet.field) else { continue };
            let mut f = object(list.item());
            f.shown("dataset", &dataset.name);
            f.text("field", &field.name);
            let mut counts = array(f.member("counts"));
            for (value, count) in &facet.counts {
                let mut c = object(counts.item());
                c.text("value", value);
                if let Some(label) = labels.and_then(|l| l.of(field, value)) {
                    c.text("label", label);
                }
                c.value("count", count);
            }
        }
    }
    match next {
        Some(next) => o.text("next", next),
        None => o.plain("next", "null"),
    }
    times(&mut o, at);
}

fn hit(out: &mut Vec<u8>, item: &PageItem, labels: Option<&Labels>) {
    let view = &item.record.view;
    let mut o = object(out);
    o.shown("database", item.record.dataset.name.database());
    o.text("dataset", item.record.dataset.name.table());
    o.text("id", &view.id);
    o.plain("score", item.hit.position.score);
    if let Some(metres) = item.hit.distance {
        o.plain("distance", format_args!("{metres:.1}"));
    }
    o.text("title", &item.hit.title);
    o.text("snippet", &item.hit.snippet);
    // The geometry stands among the fields and once more as the hit's own: its bytes are copied.
    let mut drawn = None;
    json::write_json_noting(&view.fields, &item.record.dataset, o.member("fields"), |value, bytes| {
        if let (Value::Geometry(shape), Some(own)) = (value, &item.hit.geometry)
            && drawn.is_none()
            && shape == own
        {
            drawn = Some(bytes);
        }
    });
    if let Some(labels) = labels {
        write_labels(&mut o, &item.record.dataset, &view.fields, labels);
    }
    o.plain("dataset_version", view.dataset_version);
    version(&mut o, view.version);
    o.day("valid_from", view.valid.from);
    o.day("valid_to", view.valid.to);
    names(o.member("masked"), &item.record.dataset, &item.record.masked);
    names(o.member("disputed"), &item.record.dataset, &view.disputed);
    match &item.hit.geometry {
        Some(_) if let Some(bytes) = drawn => o.member("geometry").extend_from_within(bytes),
        Some(shape) => shape.write_geojson(o.member("geometry")),
        None => o.plain("geometry", "null"),
    }
}

/// `{items: [{index, status, record | problem}]}`.
pub(super) fn lookup(
    out: &mut Vec<u8>,
    items: &[Result<RecordShown, LookupItem>],
    at: ReadAt,
    labels: Option<&Labels>,
) {
    let mut o = object(out);
    {
        let mut list = array(o.member("items"));
        for (index, item) in items.iter().enumerate() {
            let mut i = object(list.item());
            i.plain("index", index);
            match item {
                Ok(found) => {
                    i.text("status", "found");
                    record(i.member("record"), found, None, labels);
                }
                Err(LookupItem::Refused { field, rule, message }) => {
                    i.text("status", "refused");
                    let mut p = object(i.member("problem"));
                    p.text("field", field);
                    p.text("rule", rule);
                    p.text("message", message);
                }
                Err(_) => i.text("status", "not_found"),
            }
        }
    }
    times(&mut o, at);
}

/// All versions, oldest recorded first.
pub(super) fn history(out: &mut Vec<u8>, versions: &[RecordShown], known_at: Instant, labels: Option<&Labels>) {
    let mut o = object(out);
    {
        let mut list = array(o.member("items"));
        for version in versions {
            record(list.item(), version, None, labels);
        }
    }
    o.instant("known_at", known_at);
}

/// Who says what.
pub(super) fn claims(out: &mut Vec<u8>, dataset: &Dataset, claims: &[(ClaimView, Vec<u16>)], known_at: Instant) {
    let mut o = object(out);
    {
        let mut list = array(o.member("items"));
        for (claim, masked) in claims {
            let mut c = object(list.item());
            c.plain("number", claim.number);
            c.text("source", &claim.source);
            if let Some(table) = &claim.by_event {
                c.text("by_event", table);
            }
            if claim.batch != BatchId(0) {
                c.shown("batch", crate::http::batch_text(claim.batch));
            }
            c.day("valid_from", claim.valid.from);
            c.day("valid_to", claim.valid.to);
            c.instant("recorded_from", claim.recorded.from);
            c.instant("recorded_to", claim.recorded.to);
            if let Some(at) = claim.source_time {
                c.instant("source_time", at);
            }
            json::write_json(&claim.fields, dataset, c.member("fields"));
            names(c.member("masked"), dataset, masked);
            names(c.member("wins"), dataset, &claim.wins);
        }
    }
    o.instant("known_at", known_at);
}

/// Records in the order given: the divisions that a point lies in, the observations of a series.
pub(super) fn several(out: &mut Vec<u8>, all: &[RecordShown], at: ReadAt, labels: Option<&Labels>) {
    let mut o = object(out);
    {
        let mut list = array(o.member("items"));
        for one in all {
            record(list.item(), one, None, labels);
        }
    }
    times(&mut o, at);
}

/// `valid_at` and `known_at`.
pub(super) fn times(o: &mut Group<'_>, at: ReadAt) {
    o.day("valid_at", at.valid_at);
    o.instant("known_at", at.known_at);
}

fn names(out: &mut Vec<u8>, dataset: &Dataset, numbers: &[u16]) {
    let mut list = array(out);
    for field in numbers.iter().filter_map(|n| dataset.field_by_number(*n)) {
        text(list.item(), &field.name);
    }
}

/// `labels`: field name → label of its code, for codes whose list is known.
fn write_labels(o: &mut Group<'_>, dataset: &Dataset, fields: &Fields, labels: &Labels) {
    let mut out = object(o.member("labels"));
    for (number, value) in fields.iter() {
        let Some(field) = dataset.field_by_number(number) else { continue };
        match value {
            Value::Code(code) => {
                if let Some(label) = labels.of(field, code) {
                    out.text(&field.name, label);
                }
            }
            Value::List(codes) if field.code_list.is_some() => {
                let mut all = array(out.member(&field.name));
                for code in codes {
                    let label = if let Value::Code(code) = code { labels.of(field, code) } else { None };
                    text(all.item(), label.unwrap_or_default());
                }
            }
            _ => {}
        }
    }
}
