//! Collections: one a dataset with a geometry that the caller may see.

use std::fmt::Write as _;
use std::sync::Arc;

use foundation::dataset::{Dataset, DatasetName};
use serde_json::{Value, json};

use super::{Asked, GEOJSON, HTML, JSON, crs, is_collection, link, queryables_link};
use crate::flow::Masked;
use crate::problem::{Code, Problem};

/// A collection's id: base database and table with a colon between, one part of a path.
pub(super) fn id(name: &DatasetName) -> String {
    format!("{}:{}", name.database(), name.table())
}

/// The dataset that a collection's id names.
pub(crate) fn collection_name(id: &str) -> Result<DatasetName, Problem> {
    let absent = || Problem::new(Code::NotFound, "there is no such collection");
    id.replacen(':', "/", 1).parse().map_err(|_| absent())
}

pub(super) fn list(masked: &Masked, asked: &Asked, datasets: &[Arc<Dataset>]) -> Value {
    let features = datasets.iter().filter(|dataset| is_collection(masked, dataset));
    let mut shown: Vec<Value> = features.map(|dataset| entry(asked, dataset)).collect();
    let mut catalogue = super::records::collection(asked);
    if let Some(links) = catalogue.get_mut("links").and_then(Value::as_array_mut) {
        // Its own address, not this page's.
        links.retain(|link| link.get("rel").is_none_or(|rel| rel != "self" && rel != "alternate"));
        let place = format!("/collections/{}", super::records::ID);
        links.insert(0, link("self", JSON, &asked.under(&place), "Catalogue"));
    }
    shown.push(catalogue);
    json!({"links": asked.own_links(JSON), "collections": shown, "crs": crs::ALL.map(crs::Crs::uri)})
}

pub(super) fn single(asked: &Asked, dataset: &Dataset) -> Value {
    let mut value = entry(asked, dataset);
    if let Some(links) = value.get_mut("links").and_then(Value::as_array_mut) {
        links.retain(|link| link.get("rel").is_none_or(|rel| rel != "self" && rel != "alternate"));
        links.splice(0..0, asked.own_links(JSON));
    }
    value
}

fn entry(asked: &Asked, dataset: &Dataset) -> Value {
    let id = id(&dataset.name);
    let place = format!("/collections/{id}");
    let html = HTML.split(';').next().unwrap_or_default();
    let mut links = vec![
        link("self", JSON, &asked.under(&place), &dataset.title.en),
        link("alternate", html, &asked.under(&format!("{place}?f=html")), &dataset.title.en),
        link("items", GEOJSON, &asked.under(&format!("{place}/items")), "features as GeoJSON"),
        link("items", html, &asked.under(&format!("{place}/items?f=html")), "features as a page"),
    ];
    links.push(queryables_link(asked, &place));
    let tiles = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
    links.push(link(tiles, JSON, &asked.under(&format!("{place}/tiles")), "vector tiles"));
    links.push(link("tilejson", JSON, &asked.under(&format!("{place}/tilejson")), "vector tiles as TileJSON"));
    json!({
        "id": id,
        "title": format!("{} {}", dataset.title.zh, dataset.title.en),
        "description": description(dataset),
        "attribution": dataset.attribution,
        "itemType": "feature",
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]], "crs": crs::Crs::Crs84.uri()},
            "temporal": {
                "interval": [[null, null]],
                "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian",
            },
        },
        "crs": crs::ALL.map(crs::Crs::uri),
        "storageCrs": crs::Crs::Crs84.uri(),
        "links": links,
    })
}

fn description(dataset: &Dataset) -> String {
    let mut text = format!("{} {}", dataset.summary.zh, dataset.summary.en);
    for (what, value) in [("Licence", &dataset.licence), ("审图号", &dataset.map_approval)] {
        if !value.is_empty() {
            let _ = write!(text, " {what}: {value}.");
        }
    }
    text.trim().to_owned()
}
