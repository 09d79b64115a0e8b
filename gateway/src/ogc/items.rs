//! Features: GeoJSON written straight from the fields, or a page.

use axum::http::HeaderName;
use axum::http::header::LINK;
use foundation::dataset::Dataset;
use foundation::service::{Count, CountKind};
use foundation::value::{FieldType, Instant, Shape, Value as FieldValue, json};
use serde_json::{Value, json};

use super::crs::Crs;
use super::{Asked, GEOJSON, HTML, JSON, ROOT, collections, geometries, html, link, link_header, queryables_link};
use crate::flow::{Masked, PageItem, RecordShown, Rendered};
use crate::problem::Problem;

const CONTENT_CRS: HeaderName = HeaderName::from_static("content-crs");

/// The system that the request asks coordinates in.
fn asked_crs(asked: &Asked) -> Crs {
    asked.value("crs").and_then(Crs::at).unwrap_or(Crs::Crs84)
}

/// A page of features.
pub(super) fn page(
    masked: &Masked,
    asked: &Asked,
    items: &[PageItem],
    total: Count,
    next: Option<&str>,
    answered: Instant,
) -> Result<Rendered, Problem> {
    let crs = asked_crs(asked);
    let mut links = asked.own_links(GEOJSON);
    if let Some(next) = next {
        links.push(link("next", GEOJSON, &asked.with(&[("cursor", Some(next))]), "the next page"));
    }
    let collection = asked.path.trim_end_matches("/items").trim_start_matches(ROOT);
    links.push(link("collection", JSON, &asked.under(collection), "the collection"));
    links.push(queryables_link(asked, collection));
    let mut out = Vec::with_capacity(1_024 + items.len() * 512);
    out.extend_from_slice(b"{\"type\":\"FeatureCollection\",\"features\":[");
    for (place, item) in items.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        feature(&mut out, masked, &item.record, item.hit.geometry.as_ref(), crs);
    }
    let mut rest = json!({
        "numberReturned": items.len(),
        "timeStamp": answered.to_string(),
        "links": links,
    });
    if let (CountKind::Exact, Some(total), Some(members)) = (total.kind, total.value, rest.as_object_mut()) {
        members.insert("numberMatched".into(), json!(total));
    }
    out.extend_from_slice(b"],");
    out.extend_from_slice(rest.to_string().get(1..).unwrap_or("}").as_bytes());
    finished(asked, crs, out, &links)
}

/// One feature.
pub(super) fn one(masked: &Masked, asked: &Asked, record: &RecordShown) -> Result<Rendered, Problem> {
    let crs = asked_crs(asked);
    let mut links = asked.own_links(GEOJSON);
    let collection = format!("/collections/{}", collections::id(&record.dataset.name));
    links.push(link("collection", JSON, &asked.under(&collection), "the collection"));
    // As in a page: of what may be read plainly. A masked place stands in the record itself.
    let readable = geometries(&record.dataset).filter(|field| masked.reads(&record.dataset.name, field.number));
    let shape = readable.into_iter().find_map(|field| match record.view.fields.get(field.number) {
        Some(FieldValue::Geometry(shape)) => Some(shape),
        _ => None,
    });
    let mut out = Vec::with_capacity(2_048);
    feature(&mut out, masked, record, shape, crs);
    out.pop();
    out.extend_from_slice(b",\"links\":");
    out.extend_from_slice(json!(links).to_string().as_bytes());
    out.push(b'}');
    finished(asked, crs, out, &links)
}

/// `{type, id, geometry, properties}`: every field that may be read, null where there is no value, so that all features of a
/// collection have one shape.
fn feature(out: &mut Vec<u8>, masked: &Masked, record: &RecordShown, shape: Option<&Shape>, crs: Crs) {
    let dataset: &Dataset = &record.dataset;
    out.extend_from_slice(b"{\"type\":\"Feature\",\"id\":");
    json::write_value(&FieldValue::Text(record.view.id.clone()), out);
    out.extend_from_slice(b",\"geometry\":");
    match shape {
        Some(shape) => crs.write_geojson(shape, out),
        None => out.extend_from_slice(b"null"),
    }
    out.extend_from_slice(b",\"properties\":{");
    let mut first = true;
    for field in dataset.fields.iter().filter(|field| field.kind != FieldType::Geometry) {
        let value = record.view.fields.get(field.number);
        if value.is_none() && !masked.reads(&dataset.name, field.number) {
            continue;
        }
        if !first {
            out.push(b',');
        }
        first = false;
        json::write_value(&FieldValue::Text(field.name.clone()), out);
        out.push(b':');
        match value {
            // A number for clients that know no exact decimals; the record itself has the exact one.
            Some(FieldValue::Decimal(number)) => out.extend_from_slice(json!(number.to_f64()).to_string().as_bytes()),
            Some(value) => json::write_value(value, out),
            None => out.extend_from_slice(b"null"),
        }
    }
    out.extend_from_slice(b"}}");
}

fn finished(asked: &Asked, crs: Crs, body: Vec<u8>, links: &[Value]) -> Result<Rendered, Problem> {
    let headers = vec![(LINK, link_header(links)), (CONTENT_CRS, format!("<{}>", crs.uri()))];
    if !asked.html {
        return Ok(Rendered { content_type: GEOJSON, body, next: None, headers });
    }
    let value: Value = serde_json::from_slice(&body)
        .map_err(|e| Problem::new(crate::problem::Code::Internal, "the page was not made").because(e.to_string()))?;
    Ok(Rendered { content_type: HTML, body: html::page(&value)?, next: None, headers })
}
