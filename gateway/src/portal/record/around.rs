//! What stands around a record: names of the records it points to, its edges, its place on the map, its series.

use std::collections::BTreeMap;

use foundation::dataset::{Dataset, DatasetName};
use foundation::service::Edge;
use foundation::value::json::to_json;
use foundation::value::{Day, Value};
use serde_json::Value as Json;

use super::super::page::Visit;
use super::super::show::{FieldShown, Shower};
use super::super::{address, map, words};
use super::{LinkShown, drawn, sketch};
use crate::ask::{Ask, RecordRequest, SearchRequest, Shown, Wanted};
use crate::flow::{Content, RecordShown};

/// Records named by title on one page.
const NAMED_MAX: usize = 8;
/// Edges shown.
const EDGES_MAX: usize = 30;
/// Points of a series.
const SERIES_MAX: usize = 200;

/// Puts titles in place of ids where a field points to a record that the visitor may see.
pub(super) async fn name_targets(visit: &Visit, fields: &mut [FieldShown]) {
    for field in fields.iter_mut().filter(|f| f.href.is_some() && !f.masked).take(NAMED_MAX) {
        let target = field.href.as_deref().and_then(|href| href.strip_prefix("/datasets/")).unwrap_or_default();
        let dataset = target.split("/records/").next().and_then(|name| name.parse::<DatasetName>().ok());
        if let Some(title) = match dataset {
            Some(dataset) => title_of(visit, &dataset, &field.text).await,
            None => None,
        } {
            field.code = std::mem::replace(&mut field.text, title);
        }
    }
}

/// The title of a record, if the visitor may see it.
async fn title_of(visit: &Visit, name: &DatasetName, id: &str) -> Option<String> {
    let dataset = &visit.app.catalogue.get(name)?.dataset;
    let request =
        RecordRequest { dataset: name.clone(), id: id.to_owned(), times: visit.times().ok()?, shown: Shown::default() };
    let masked = visit.ask(Ask::Get(request)).await.ok()?;
    let Content::Record(record, at) = masked.content() else { return None };
    let shower = Shower { catalogue: &visit.app.catalogue, dataset, language: visit.language, day: at.valid_at };
    Some(shower.title(&record.view)).filter(|title| title != id)
}

/// The record's edges, both ways.
pub(super) async fn links(visit: &Visit, request: &RecordRequest) -> Vec<LinkShown> {
    let Ok(masked) = visit.ask(Ask::Links(request.clone())).await else { return Vec::new() };
    let Content::Links(answer) = masked.content() else { return Vec::new() };
    let mut shown = Vec::new();
    for (at, edge) in answer.edges.iter().take(EDGES_MAX).enumerate() {
        let own = edge.from_dataset == request.dataset && edge.from_id == request.id;
        // Edges that leave the record stand among its fields already.
        if own {
            continue;
        }
        let title = if at < NAMED_MAX { title_of(visit, &edge.from_dataset, &edge.from_id).await } else { None };
        shown.push(LinkShown {
            label: label(visit, edge),
            href: address::record(&edge.from_dataset.to_string(), &edge.from_id, &[("lang", visit.lang())]),
            text: title.unwrap_or_else(|| edge.from_id.clone()),
            valid: super::since(visit, edge.valid),
        });
    }
    shown
}

fn label(visit: &Visit, edge: &Edge) -> String {
    let Some(facts) = visit.app.catalogue.get(&edge.from_dataset) else { return edge.field.clone() };
    let field = facts.dataset.field(&edge.field).map(|f| words::title(&f.title, visit.language));
    let dataset = words::title(&facts.dataset.title, visit.language);
    format!("{dataset} · {}", field.unwrap_or_else(|| edge.field.clone()))
}

/// The record's geometry as a drawing; a point is set in the outline of the division it lies in.
pub(super) async fn map(visit: &Visit, shape: &Json, label: &str, dataset: &Dataset) -> (Option<String>, String) {
    let mut note: Vec<String> = Vec::new();
    let mut outline = None;
    if let Some((lon, lat)) = map::point(shape) {
        note.push(format!("{lon:.4}°, {lat:.4}°"));
        if let Some((name, area)) = division(visit, lon, lat).await {
            note.push(format!("{}{name}", visit.t().outline_of));
            outline = Some(area);
        }
    }
    note.push("CGCS2000".to_owned());
    let divisions = DIVISIONS.parse().ok().and_then(|name| visit.app.catalogue.get(&name));
    let approval = match &outline {
        Some(_) => divisions.as_ref().map(|facts| &facts.dataset.map_approval),
        None => Some(&dataset.map_approval),
    };
    note.extend(approval.filter(|a| !a.is_empty()).cloned());
    (sketch(shape, outline.as_ref(), label), note.join(" · "))
}

const DIVISIONS: &str = "geospatial/divisions";

/// Name and outline of the division that a point lies in.
async fn division(visit: &Visit, lon: f64, lat: f64) -> Option<(String, Json)> {
    let masked = visit.ask(Ask::DivisionAt { lon, lat, times: visit.times().ok()? }).await.ok()?;
    let Content::Records(records, at) = masked.content() else { return None };
    // The smallest comes last.
    let (record, outline) = records.iter().rev().find_map(|record| {
        let outline = super::largest_geometry(record).filter(|shape| map::point(shape).is_none())?;
        Some((record, outline))
    })?;
    let shower = Shower {
        catalogue: &visit.app.catalogue,
        dataset: &record.dataset,
        language: visit.language,
        day: at.valid_at,
    };
    Some((shower.title(&record.view), outline))
}

/// The series that an observation belongs to, or an indicator's series of the whole country.
pub(super) async fn series(visit: &Visit, record: &RecordShown, day: Day) -> (Option<String>, String) {
    let text = |name: &str| {
        let value = record.dataset.field(name).and_then(|f| record.view.fields.get(f.number));
        match value {
            Some(Value::Text(text) | Value::Code(text) | Value::Link(text)) => Some(text.clone()),
            _ => None,
        }
    };
    let key = match record.dataset.name.to_string().as_str() {
        "macroeconomy/observations" => text("indicator").zip(text("region")),
        "macroeconomy/indicators" => text("code").map(|code| (code, "CHN".to_owned())),
        _ => None,
    };
    let Some((indicator, region)) = key else { return (None, String::new()) };
    let Some(points) = observations(visit, &indicator, &region).await else { return (None, String::new()) };
    let shower = Shower { catalogue: &visit.app.catalogue, dataset: &record.dataset, language: visit.language, day };
    let label = shower.title(&record.view);
    (drawn(&points, &label), format!("{indicator} · {region}"))
}

/// `(period, value)` of a series, each period in its newest vintage.
async fn observations(visit: &Visit, indicator: &str, region: &str) -> Option<Vec<(String, f64)>> {
    let quoted = |text: &str| text.replace('\'', "''");
    let mut request = SearchRequest::text("");
    request.wanted = Wanted::Datasets(vec!["macroeconomy/observations".parse().ok()?]);
    request.filter = Some(format!("indicator = '{}' AND region = '{}'", quoted(indicator), quoted(region)));
    request.sort = vec![("period".to_owned(), false), ("vintage".to_owned(), false)];
    request.times = visit.times().ok()?;
    request.limit = SERIES_MAX;
    let masked = visit.ask(Ask::List(Box::new(request))).await.ok()?;
    let Content::Page { items, .. } = masked.content() else { return None };
    let mut points: BTreeMap<String, f64> = BTreeMap::new();
    for item in items {
        let field = |name: &str| {
            let number = item.record.dataset.field(name)?.number;
            item.record.view.fields.get(number)
        };
        if let (Some(period), Some(Value::Decimal(value))) = (field("period"), field("value")) {
            let period = to_json(period);
            points.insert(period.as_str().unwrap_or_default().to_owned(), value.to_f64());
        }
    }
    Some(points.into_iter().collect())
}
