//! OGC API: the datasets with a geometry as feature collections, over the same asks, policies and audit as everything else.
//!
//! Parts 1 (core, GeoJSON, HTML, OpenAPI 3.0), 2 (CRS) and 3 (queryables, filter) of OGC API – Features. Reading a request into
//! an [`Ask`](crate::ask::Ask) is `http/ogc.rs`; here answers get their form: one [`Page`] a resource.

mod api;
mod collections;
pub(crate) mod crs;
mod html;
mod items;
mod landing;
mod queryables;
pub(crate) mod records;
pub(crate) mod tiles;

pub(crate) use collections::collection_name;

use axum::http::HeaderMap;
use axum::http::header::LINK;
use axum::http::request::Parts;
use foundation::dataset::{Dataset, Field};
use foundation::value::FieldType;
use serde_json::{Value, json};

use crate::app::App;
use crate::ask::Grid;
use crate::flow::{Content, Masked, Rendered};
use crate::portal::address;
use crate::problem::{Code, Problem};

/// Where the OGC resources begin.
pub(crate) const ROOT: &str = "/ogc";
/// Content types.
const JSON: &str = "application/json";
const GEOJSON: &str = "application/geo+json";
const SCHEMA: &str = "application/schema+json";
const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";
const HTML: &str = "text/html; charset=utf-8";

/// A resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    Landing,
    Api,
    Conformance,
    Collections,
    Collection,
    Queryables,
    Items,
    Item,
    Grids,
    Grid(Grid),
    TileSets,
    TileSet(Grid),
    Tile,
    TileJson,
    Functions,
    Catalogue,
    CatalogueQueryables,
    Records,
    Record,
}

/// What a request says of the form of its answer.
pub(crate) struct Asked {
    /// `https://host`, as the client sees it.
    base: String,
    path: String,
    /// Names and values, decoded.
    pub(crate) query: Vec<(String, String)>,
    html: bool,
}

impl Asked {
    /// Reads address, query and wished media type of a request.
    pub(crate) fn of(parts: &Parts) -> Self {
        let header = |name: &str| text(&parts.headers, name);
        let host = header("x-forwarded-host").or_else(|| header("host")).unwrap_or("localhost");
        let scheme = header("x-forwarded-proto").filter(|s| *s == "https").unwrap_or("http");
        let sound = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']');
        let host: String = host.chars().filter(|c| sound(*c)).collect();
        let query = address::pairs(parts.uri.query().unwrap_or_default());
        let wished = query.iter().find(|(name, _)| name == "f").map(|(_, value)| value.as_str());
        let html = match wished {
            Some(wished) => wished == "html",
            None => header("accept").is_some_and(prefers_html),
        };
        Self {
            base: format!("{scheme}://{host}"),
            path: parts.uri.path().trim_end_matches('/').to_owned(),
            query,
            html,
        }
    }

    /// An address under the OGC root.
    fn under(&self, path: &str) -> String {
        format!("{}{ROOT}{path}", self.base)
    }

    /// This resource with other values of some parameters; `None` takes one out.
    fn with(&self, changed: &[(&str, Option<&str>)]) -> String {
        let kept = self.query.iter().filter(|(name, _)| !changed.iter().any(|(n, _)| n == name));
        let kept = kept.map(|(name, value)| (name.as_str(), value.as_str()));
        let added = changed.iter().filter_map(|(name, value)| Some((*name, (*value)?)));
        let query = address::query(&kept.chain(added).collect::<Vec<_>>());
        format!("{}{}{query}", self.base, self.path)
    }

    /// Links to this resource and to its other form. `json` is the media type of its JSON form.
    fn own_links(&self, json: &str) -> Vec<Value> {
        let form = |html: bool| {
            let (kind, f) = if html { ("text/html", "html") } else { (json, "json") };
            let rel = if html == self.html { "self" } else { "alternate" };
            let href = if html == self.html { self.with(&[]) } else { self.with(&[("f", Some(f))]) };
            let title = if html { "this page as HTML" } else { "this document as JSON" };
            link(rel, kind, &href, title)
        };
        vec![form(false), form(true)]
    }

    fn value(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, value)| n == name && !value.is_empty()).map(|(_, value)| value.as_str())
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

/// Whether HTML stands before any JSON in an `Accept` header.
fn prefers_html(accept: &str) -> bool {
    let html = accept.find("text/html");
    let json = [accept.find("json"), accept.find("*/*").filter(|_| html.is_none())].into_iter().flatten().min();
    html.is_some_and(|html| json.is_none_or(|json| html < json))
}

fn link(rel: &str, kind: &str, href: &str, title: &str) -> Value {
    json!({"rel": rel, "type": kind, "href": href, "title": title})
}

/// Links as the header of their name (RFC 8288).
fn link_header(links: &[Value]) -> String {
    let text = |link: &Value, name: &str| link.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let told = links.iter().map(|link| {
        format!("<{}>; rel=\"{}\"; type=\"{}\"", text(link, "href"), text(link, "rel"), text(link, "type"))
    });
    told.collect::<Vec<_>>().join(", ")
}

/// The link to what a collection's features can be asked by.
fn queryables_link(asked: &Asked, collection: &str) -> Value {
    let href = asked.under(&format!("{collection}/queryables"));
    link("http://www.opengis.net/def/rel/ogc/1.0/queryables", SCHEMA, &href, "what can be asked by")
}

/// The geometries of a dataset's features: the first that a record has is its own.
pub(crate) fn geometries(dataset: &Dataset) -> impl Iterator<Item = &Field> {
    dataset.fields.iter().filter(|field| field.kind == FieldType::Geometry)
}

/// Whether the caller may see a dataset as a collection: a geometry is readable.
fn is_collection(masked: &Masked, dataset: &Dataset) -> bool {
    geometries(dataset).any(|field| masked.reads(&dataset.name, field.number))
}

/// Fields that the caller may ask features by in a URL.
fn queryable<'a>(masked: &'a Masked, dataset: &'a Dataset) -> impl Iterator<Item = &'a Field> {
    let askable = |field: &&Field| {
        !field.is_personal() && !matches!(field.kind, FieldType::Media | FieldType::Party | FieldType::Measure)
    };
    dataset.fields.iter().filter(askable).filter(|field| masked.reads(&dataset.name, field.number))
}

/// Writes an answer as a resource.
///
/// # Errors
/// [`Problem`]: 404 where the dataset is no collection for this caller.
pub(crate) fn render(app: &App, page: Page, masked: &Masked, asked: &Asked) -> Result<Rendered, Problem> {
    let seen = |dataset: &Dataset| is_collection(masked, dataset);
    let (kind, value) = match (page, masked.content()) {
        (Page::Items, Content::Page { items, total, next, .. }) if masked.dataset().is_some_and(seen) => {
            return items::page(masked, asked, items, *total, next.as_deref(), app.clock.now());
        }
        (Page::Item, Content::Record(record, _)) if seen(&record.dataset) => return items::one(masked, asked, record),
        (Page::Tile, Content::Tile(dataset, tile)) => {
            let body = tiles::drawn(app, dataset, tile)?;
            return Ok(Rendered { content_type: tiles::MVT, body, next: None, headers: Vec::new() });
        }
        (Page::Grids, _) => (JSON, tiles::grids(asked)),
        (Page::Grid(grid), _) => (JSON, tiles::grid(grid)),
        (Page::TileSets, Content::CatalogueEntry(dataset)) if seen(dataset) => (JSON, tiles::sets(asked, dataset)),
        (Page::TileSet(grid), Content::CatalogueEntry(dataset)) if seen(dataset) => {
            (JSON, tiles::set(asked, dataset, grid))
        }
        (Page::TileJson, Content::CatalogueEntry(dataset)) if seen(dataset) => {
            (JSON, tiles::tilejson(masked, asked, dataset))
        }
        (Page::Functions, _) => (JSON, landing::functions(asked)),
        (Page::Catalogue, _) => (JSON, records::collection(asked)),
        (Page::CatalogueQueryables, _) => (SCHEMA, records::queryables(asked)),
        (Page::Records, Content::Catalogue(datasets)) => {
            (GEOJSON, records::page(masked, asked, datasets, &app.clock.now().to_string()))
        }
        (Page::Record, Content::CatalogueEntry(dataset)) => (GEOJSON, records::one(masked, asked, dataset)),
        (Page::Landing, _) => (JSON, landing::landing(app, asked)),
        (Page::Conformance, _) => (JSON, landing::conformance(asked)),
        (Page::Api, Content::Catalogue(datasets)) => (OPENAPI, api::document(masked, datasets)),
        (Page::Collections, Content::Catalogue(datasets)) => (JSON, collections::list(masked, asked, datasets)),
        (Page::Collection, Content::CatalogueEntry(dataset)) if seen(dataset) => {
            (JSON, collections::single(asked, dataset))
        }
        (Page::Queryables, Content::CatalogueEntry(dataset)) if seen(dataset) => {
            (SCHEMA, queryables::schema(masked, asked, dataset))
        }
        _ => return Err(Problem::new(Code::NotFound, "there is no such collection")),
    };
    let links = value.get("links").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let headers = if links.is_empty() { Vec::new() } else { vec![(LINK, link_header(links))] };
    let mut rendered = Rendered { content_type: kind, body: Vec::new(), next: None, headers };
    if asked.html {
        rendered.content_type = HTML;
        rendered.body = html::page(&value)?;
    } else {
        rendered.body = value.to_string().into_bytes();
    }
    Ok(rendered)
}
