//! Landing page and conformance declaration.

use foundation::filter::Function;
use serde_json::{Value, json};

use super::{Asked, HTML, JSON, OPENAPI, link};
use crate::app::App;

/// What is kept, by requirements class.
const CONFORMS: &[&str] = &[
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/landing-page",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-common-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/collections",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-common-2/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/queryables-query-parameters",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/filter",
    "http://www.opengis.net/spec/ogcapi-features-3/1.0/conf/features-filter",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-text",
    "http://www.opengis.net/spec/cql2/1.0/conf/cql2-json",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-cql2",
    "http://www.opengis.net/spec/cql2/1.0/conf/advanced-comparison-operators",
    "http://www.opengis.net/spec/cql2/1.0/conf/case-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/basic-spatial-functions-plus",
    "http://www.opengis.net/spec/cql2/1.0/conf/spatial-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/temporal-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/accent-insensitive-comparison",
    "http://www.opengis.net/spec/cql2/1.0/conf/property-property",
    "http://www.opengis.net/spec/cql2/1.0/conf/arithmetic",
    "http://www.opengis.net/spec/cql2/1.0/conf/array-functions",
    "http://www.opengis.net/spec/cql2/1.0/conf/functions",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-collection",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/record-core-query-parameters",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/json",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/html",
    "http://www.opengis.net/spec/ogcapi-records-1/1.0/conf/oas30",
];

pub(super) fn landing(app: &App, asked: &Asked) -> Value {
    let mut links = asked.own_links(JSON);
    let html = HTML.split(';').next().unwrap_or_default();
    for (rel, kind, path, title) in [
        ("service-desc", OPENAPI, "/api", "the API's definition"),
        ("service-doc", html, "/api?f=html", "the API's definition as a page"),
        ("conformance", JSON, "/conformance", "conformance classes"),
        ("data", JSON, "/collections", "the collections"),
        ("http://www.opengis.net/def/rel/ogc/1.0/functions", JSON, "/functions", "functions of filters"),
        (
            "http://www.opengis.net/def/rel/ogc/1.0/tiling-schemes",
            JSON,
            "/tileMatrixSets",
            "how the world is cut into tiles",
        ),
        ("http://www.opengis.net/def/rel/ogc/1.0/conformance", JSON, "/conformance", "conformance classes"),
        ("http://www.opengis.net/def/rel/ogc/1.0/data", JSON, "/collections", "the collections"),
    ] {
        links.push(link(rel, kind, &asked.under(path), title));
    }
    let note = if app.demo { " 模拟数据: population and legal entities are synthetic." } else { "" };
    json!({
        "title": "natbase",
        "description": format!("National base databases as features (OGC API).{note}"),
        "links": links,
    })
}

pub(super) fn conformance(asked: &Asked) -> Value {
    json!({"conformsTo": CONFORMS, "links": asked.own_links(JSON)})
}

/// The functions that filters can use beside those of CQL2.
pub(super) fn functions(asked: &Asked) -> Value {
    let functions = Function::ALL.iter().map(|known| {
        let takes: Vec<Value> = known.takes.iter().map(|kind| json!({"type": [kind.name()]})).collect();
        json!({"name": known.name, "description": known.about, "arguments": takes, "returns": [known.gives.name()]})
    });
    json!({"functions": functions.collect::<Vec<_>>(), "links": asked.own_links(JSON)})
}
