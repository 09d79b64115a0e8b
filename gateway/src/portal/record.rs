//! A record's page: fields, both times, history, edges, a small map, a series.

mod around;
mod history;

use askama::Template;
use axum::response::Response;
use foundation::value::json::to_json;
use foundation::value::{Day, FieldType, Instant, Span};
use serde_json::Value as Json;

use super::page::{Page, Visit, html};
use super::show::{FieldShown, Shower};
use super::{address, chart, map, words};
use crate::ask::{Ask, RecordRequest, Shown};
use crate::flow::{Content, RecordShown};
use crate::problem::{Code, Problem};

#[derive(Template)]
#[template(path = "record.html")]
struct RecordPage {
    page: Page,
    view: View,
}

/// An edge on the page.
pub(super) struct LinkShown {
    pub(super) label: String,
    pub(super) href: String,
    pub(super) text: String,
    pub(super) valid: String,
}

/// A version in the history.
pub(super) struct VersionShown {
    pub(super) number: u32,
    pub(super) valid: String,
    pub(super) recorded: String,
    /// Whether it is the one that the page shows.
    pub(super) shown: bool,
    pub(super) current: bool,
    pub(super) href: String,
    pub(super) changed: String,
}

struct View {
    database: &'static str,
    dataset: String,
    dataset_href: String,
    name: String,
    id: String,
    title: String,
    synthetic: bool,
    masked: bool,
    disputed: bool,
    note: Option<String>,
    fields: Vec<FieldShown>,
    links: Vec<LinkShown>,
    versions: Vec<VersionShown>,
    map: Option<String>,
    map_note: String,
    chart: Option<String>,
    chart_note: String,
    valid: String,
    recorded: String,
    version: String,
    valid_at: String,
    known_at: String,
}

/// One record.
pub(super) async fn one(visit: Visit, database: &str, table: &str, id: &str) -> Response {
    match view(&visit, database, table, id).await {
        Ok((view, attributions)) => {
            let mut page = visit.page(&view.title, "search");
            page.attributions = attributions;
            html(&RecordPage { page, view }, visit.t())
        }
        Err(problem) => visit.problem(&problem),
    }
}

async fn view(visit: &Visit, database: &str, table: &str, id: &str) -> Result<(View, Vec<String>), Problem> {
    visit.only(&["valid-at", "known-at"])?;
    let dataset = visit.dataset(database, table)?;
    let request = RecordRequest {
        dataset: dataset.name.clone(),
        id: id.to_owned(),
        times: visit.times()?,
        shown: Shown::default(),
    };
    let masked = visit.ask(Ask::Get(request.clone())).await?;
    let Content::Record(record, at) = masked.content() else {
        return Err(Problem::new(Code::NotFound, "there is no such record"));
    };
    let shower =
        Shower { catalogue: &visit.app.catalogue, dataset: &dataset, language: visit.language, day: at.valid_at };
    let mut fields = shower.all(record);
    let geometry = largest_geometry(record);
    fields.retain(|f| geometry.is_none() || dataset.field(&f.name).is_none_or(|d| d.kind != FieldType::Geometry));
    around::name_targets(visit, &mut fields).await;
    let (drawn, map_note) = match &geometry {
        Some(shape) => around::map(visit, shape, &shower.title(&record.view), &dataset).await,
        None => (None, String::new()),
    };
    let versions = history::versions(visit, &request, &shower, *at).await;
    let (version, valid, recorded) = own_version(visit, record, &versions);
    let (chart, chart_note) = around::series(visit, record, at.valid_at).await;
    let view = View {
        database: words::database(dataset.name.database(), visit.language),
        dataset: words::title(&dataset.title, visit.language),
        dataset_href: address::dataset(&dataset.name, visit.language),
        name: dataset.name.to_string(),
        id: id.to_owned(),
        title: shower.title(&record.view),
        synthetic: visit.is_synthetic(&dataset),
        masked: !record.masked.is_empty(),
        disputed: !record.view.disputed.is_empty(),
        note: visit
            .one("known-at")
            .or_else(|| visit.one("valid-at"))
            .map(|_| past_note(visit, at.valid_at, at.known_at)),
        links: around::links(visit, &request).await,
        versions,
        fields,
        map: drawn,
        map_note,
        chart,
        chart_note,
        valid,
        recorded,
        version,
        valid_at: visit.one("valid-at").unwrap_or_default().to_owned(),
        known_at: visit.one("known-at").unwrap_or_default().to_owned(),
    };
    let attributions = visit.attributions([dataset.as_ref()].into_iter());
    Ok((view, attributions))
}

/// Number, valid and recorded time of the version shown. Of a record seen in part they stand in the history alone.
fn own_version(visit: &Visit, record: &RecordShown, versions: &[VersionShown]) -> (String, String, String) {
    let view = &record.view;
    if view.version > 0 {
        return (view.version.to_string(), span_of_days(visit, view.valid), span_of_instants(visit, view.recorded));
    }
    let dash = || "–".to_owned();
    versions
        .iter()
        .find(|version| version.shown)
        .map_or_else(|| (dash(), dash(), dash()), |v| (v.number.to_string(), v.valid.clone(), v.recorded.clone()))
}

/// The geometry to draw: an outline before a line, a line before a point.
fn largest_geometry(record: &RecordShown) -> Option<Json> {
    let fields = record.dataset.fields.iter().filter(|f| f.kind == FieldType::Geometry);
    let shapes = fields.filter_map(|f| record.view.fields.get(f.number)).map(to_json).filter(Json::is_object);
    shapes.max_by_key(|shape| match shape.get("type").and_then(Json::as_str) {
        Some("Polygon" | "MultiPolygon") => 3,
        Some("LineString" | "MultiLineString") => 2,
        _ => 1,
    })
}

fn past_note(visit: &Visit, valid_at: Day, known_at: Instant) -> String {
    match visit.language {
        crate::ask::Language::Zh => format!("所示为 {valid_at} 有效、截至 {} 所知的版本。", minute(known_at)),
        crate::ask::Language::En => format!("As valid on {valid_at} and known on {}.", minute(known_at)),
    }
}

/// `from – to` in words; both ends may be open.
pub(super) fn span_of_days(visit: &Visit, span: Span<Day>) -> String {
    let t = visit.t();
    let from = if span.from == Day::MIN { t.open_start.to_owned() } else { span.from.to_string() };
    let to = if span.to == Day::MAX { t.until_now.to_owned() } else { span.to.to_string() };
    format!("{from} – {to}")
}

/// A hit's validity: nothing if it has always held.
pub(super) fn since(visit: &Visit, span: Span<Day>) -> String {
    if span.from == Day::MIN && span.to == Day::MAX { String::new() } else { span_of_days(visit, span) }
}

/// Recorded time in words, to the minute.
pub(super) fn span_of_instants(visit: &Visit, span: Span<Instant>) -> String {
    let to = if span.to == Instant::MAX { visit.t().until_now.to_owned() } else { minute(span.to) };
    format!("{} – {to}", minute(span.from))
}

/// `2026-11-23 20:15` in UTC.
fn minute(at: Instant) -> String {
    let text = at.to_string();
    match (text.get(..10), text.get(11..16)) {
        (Some(day), Some(time)) => format!("{day} {time}Z"),
        _ => text,
    }
}

/// Draws a series if there is one.
pub(super) fn drawn(points: &[(String, f64)], label: &str) -> Option<String> {
    chart::draw(points, label)
}

/// Draws a geometry.
pub(super) fn sketch(shape: &Json, around: Option<&Json>, label: &str) -> Option<String> {
    map::draw(shape, around, label)
}
