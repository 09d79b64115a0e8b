//! The catalogue as a collection of records (OGC API – Records Part 1, 20-004): an entry for every dataset that the caller
//! may see, as the catalogue of the API has it.

use std::sync::Arc;

use foundation::dataset::{Dataset, Openness};
use serde_json::{Value, json};

use super::{Asked, GEOJSON, HTML, JSON, OPENAPI, SCHEMA, collections, crs, is_collection, link};
use crate::flow::Masked;

/// The collection's id.
pub(crate) const ID: &str = "catalogue";
/// Records of a page, unless asked otherwise.
const LIMIT: usize = 100;
/// Most records of a page.
const LIMIT_MAX: usize = 1_000;

/// The collection.
pub(super) fn collection(asked: &Asked) -> Value {
    let place = format!("/collections/{ID}");
    let html = HTML.split(';').next().unwrap_or_default();
    let mut links = asked.own_links(JSON);
    links.push(link("items", GEOJSON, &asked.under(&format!("{place}/items")), "records"));
    links.push(link("items", html, &asked.under(&format!("{place}/items?f=html")), "records as a page"));
    links.push(super::queryables_link(asked, &place));
    json!({
        "id": ID,
        "title": "数据目录 Catalogue",
        "description": "数据资源目录：每个数据资源一条记录。 The catalogue: a record for every dataset.",
        "itemType": "record",
        "extent": {
            "spatial": {"bbox": [[-180, -90, 180, 90]], "crs": crs::Crs::Crs84.uri()},
            "temporal": {"interval": [[null, null]], "trs": "http://www.opengis.net/def/uom/ISO-8601/0/Gregorian"},
        },
        "crs": [crs::Crs::Crs84.uri()],
        "links": links,
    })
}

/// What records can be asked by.
pub(super) fn queryables(asked: &Asked) -> Value {
    let text = |title: &str| json!({"type": "string", "title": title});
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": asked.under(&format!("/collections/{ID}/queryables")),
        "type": "object",
        "title": "Catalogue",
        "properties": {
            "type": text("kind of resource"), "ids": text("ids, by comma"), "q": text("words of title and description"),
            "externalIds": text("codes of the catalogue (资源代码), by comma"),
        },
        "additionalProperties": false,
    })
}

/// A page of records.
pub(super) fn page(masked: &Masked, asked: &Asked, datasets: &[Arc<Dataset>], answered: &str) -> Value {
    let found: Vec<&Arc<Dataset>> = datasets.iter().filter(|dataset| fits(asked, dataset)).collect();
    let number = |name: &str, otherwise: usize| asked.value(name).and_then(|v| v.parse().ok()).unwrap_or(otherwise);
    let (offset, limit) = (number("offset", 0), number("limit", LIMIT).min(LIMIT_MAX));
    let shown: Vec<Value> =
        found.iter().skip(offset).take(limit).map(|dataset| record(masked, asked, dataset)).collect();
    let mut links = asked.own_links(GEOJSON);
    if offset.saturating_add(limit) < found.len() {
        let next = offset.saturating_add(limit).to_string();
        links.push(link("next", GEOJSON, &asked.with(&[("offset", Some(&next))]), "the next page"));
    }
    links.push(link("collection", JSON, &asked.under(&format!("/collections/{ID}")), "the catalogue"));
    links.push(super::queryables_link(asked, &format!("/collections/{ID}")));
    json!({
        "type": "FeatureCollection",
        "features": shown,
        "numberMatched": found.len(),
        "numberReturned": shown.len(),
        "timeStamp": answered,
        "links": links,
    })
}

/// One record.
pub(super) fn one(masked: &Masked, asked: &Asked, dataset: &Dataset) -> Value {
    let mut value = record(masked, asked, dataset);
    if let Some(links) = value.get_mut("links").and_then(Value::as_array_mut) {
        links.retain(|link| link.get("rel").is_none_or(|rel| rel != "self"));
        links.splice(0..0, asked.own_links(GEOJSON));
    }
    value
}

fn fits(asked: &Asked, dataset: &Dataset) -> bool {
    let listed = |name: &str, own: &str| asked.value(name).is_none_or(|wanted| wanted.split(',').any(|one| one == own));
    let title =
        [&dataset.title, &dataset.summary].map(|title| format!("{} {}", title.zh, title.en)).join(" ").to_lowercase();
    // Terms with a comma between are alternatives, words with a blank between belong together.
    let told = asked.value("q").is_none_or(|q| {
        q.split(',').any(|term| term.to_lowercase().split_whitespace().all(|word| title.contains(word)))
    });
    // A record tells no place and no time of its own: none lies in a box or an interval.
    let anywhere = asked.value("bbox").is_none() && asked.value("datetime").is_none();
    told && anywhere
        && listed("ids", &collections::id(&dataset.name))
        && listed("externalIds", &dataset.resource_code)
        && listed("type", "dataset")
}

fn record(masked: &Masked, asked: &Asked, dataset: &Dataset) -> Value {
    let id = collections::id(&dataset.name);
    let mut links = vec![
        link("self", GEOJSON, &asked.under(&format!("/collections/{ID}/items/{id}")), &dataset.title.en),
        link("collection", JSON, &asked.under(&format!("/collections/{ID}")), "the catalogue"),
        link("describedby", JSON, &format!("{}/api/v1/datasets/{}", asked.base, dataset.name), "catalogue entry"),
        link("data", JSON, &format!("{}/api/v1/datasets/{}/records", asked.base, dataset.name), "records"),
        link("service-desc", OPENAPI, &asked.under("/api"), "the API's definition"),
    ];
    if is_collection(masked, dataset) {
        links.push(link("data", JSON, &asked.under(&format!("/collections/{id}")), "features"));
        links.push(link("describedby", SCHEMA, &asked.under(&format!("/collections/{id}/queryables")), "fields"));
    }
    let open = dataset.openness == Openness::Unconditional;
    json!({
        "type": "Feature",
        "id": id,
        "geometry": null,
        "time": null,
        "conformsTo": ["http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core"],
        "properties": {
            "type": "dataset",
            "title": format!("{} {}", dataset.title.zh, dataset.title.en),
            "description": format!("{} {}", dataset.summary.zh, dataset.summary.en),
            "language": {"code": "zh", "name": "中文"},
            "created": dataset.published,
            "updated": dataset.published,
            "keywords": [dataset.name.database().to_string(), dataset.title.zh, dataset.title.en],
            "themes": [{"concepts": dataset.classification.split('/').map(|part| json!({"id": part})).collect::<Vec<_>>(),
                "scheme": "GB/T 21063.4"}],
            "formats": [{"name": "JSON", "mediaType": "application/json"}],
            "contacts": [{"organization": dataset.provider, "identifier": dataset.provider_code, "roles": ["provider"]}],
            "license": if dataset.licence.is_empty() { "other" } else { dataset.licence.as_str() },
            "rights": if open { "open" } else { "restricted" },
            "externalIds": [{"scheme": "资源代码", "value": dataset.resource_code}],
        },
        "links": links,
    })
}
