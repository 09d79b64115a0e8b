//! Vector tiles (OGC API – Tiles Part 1) and TileJSON: what sets there are; `draw.rs` makes a tile.

mod draw;
mod kept;

use foundation::dataset::Dataset;
use serde_json::{Value, json};

use super::{Asked, JSON, collections, link};
use crate::app::App;
use crate::ask::{Grid, LEVEL_MAX, TileRequest};
use crate::flow::{Masked, TileShown};
use crate::problem::Problem;

pub(crate) use draw::MARGIN_PART;
pub(crate) use kept::{Kept, Key, Tiles};

/// Media type of a tile.
pub(super) const MVT: &str = "application/vnd.mapbox-vector-tile";
/// Degrees below which features share a place: a 256th of the tile's width.
pub(crate) fn cell(request: &TileRequest) -> f64 {
    360.0 / f64::from(request.grid.size(request.level).0) / 256.0
}

/// A tile's bytes: those that are kept, or drawn now and kept.
///
/// # Errors
/// [`Problem`] 500 if the encoder refuses a geometry.
pub(super) fn drawn(app: &App, dataset: &Dataset, tile: &TileShown) -> Result<Vec<u8>, Problem> {
    if let Some(kept) = &tile.kept {
        return Ok(kept.body.clone());
    }
    let body = draw::encode(dataset, &tile.request, &tile.answer)?;
    let (rows, fields) = tile.given();
    app.tiles.keep(tile.key, Kept { body: body.clone(), version: tile.answer.version, rows, fields });
    Ok(body)
}

/// `…/tiles`: the sets of tiles of a collection.
pub(super) fn sets(asked: &Asked, dataset: &Dataset) -> Value {
    let all: Vec<Value> = Grid::ALL.into_iter().map(|grid| set(asked, dataset, grid)).collect();
    json!({"links": asked.own_links(JSON), "tilesets": all})
}

/// `…/tiles/{grid}`: one of them.
pub(super) fn set(asked: &Asked, dataset: &Dataset, grid: Grid) -> Value {
    let place = format!("/collections/{}/tiles/{}", collections::id(&dataset.name), grid.as_str());
    let matrix = asked.under(&format!("/tileMatrixSets/{}", grid.as_str()));
    let item = asked.under(&format!("{place}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"));
    json!({
        "title": format!("{} {}", dataset.title.zh, dataset.title.en),
        "dataType": "vector",
        "crs": crs(grid),
        "tileMatrixSetURI": matrix,
        "layers": [{"id": dataset.name.table(), "dataType": "vector"}],
        "links": [
            link("self", JSON, &asked.under(&place), "this set of tiles"),
            link("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", JSON, &matrix, "how the world is cut"),
            {"rel": "item", "type": MVT, "href": item, "templated": true, "title": "a tile"},
        ],
    })
}

fn crs(grid: Grid) -> &'static str {
    match grid {
        Grid::WebMercatorQuad => super::crs::Crs::Epsg3857.uri(),
        Grid::Cgcs2000Quad => super::crs::Crs::Epsg4490.uri(),
    }
}

/// `/tileMatrixSets`.
pub(super) fn grids(asked: &Asked) -> Value {
    let entry = |grid: Grid| {
        let href = asked.under(&format!("/tileMatrixSets/{}", grid.as_str()));
        json!({"id": grid.as_str(), "crs": crs(grid), "links": [link("self", JSON, &href, grid.as_str())]})
    };
    json!({"links": asked.own_links(JSON), "tileMatrixSets": Grid::ALL.map(entry)})
}

/// `/tileMatrixSets/{grid}` (OGC 17-083r4).
pub(super) fn grid(grid: Grid) -> Value {
    // Metres and degrees of a pixel of a tile of 256 at level 0; a pixel is taken for 0.28 mm.
    let (cell, metres, origin) = match grid {
        Grid::WebMercatorQuad => (156_543.033_928_041, 1.0, [-20_037_508.342_789_2, 20_037_508.342_789_2]),
        Grid::Cgcs2000Quad => (0.703_125, 111_319.490_793_273_6, [90.0, -180.0]),
    };
    let matrices: Vec<Value> = (0..=LEVEL_MAX)
        .map(|level| {
            let (columns, rows) = grid.size(level);
            let size = cell / f64::from(1_u32 << level);
            json!({
                "id": level.to_string(), "scaleDenominator": size * metres / 0.000_28, "cellSize": size,
                "pointOfOrigin": origin, "tileWidth": 256, "tileHeight": 256, "matrixWidth": columns, "matrixHeight": rows,
            })
        })
        .collect();
    let axes = if grid == Grid::WebMercatorQuad { ["X", "Y"] } else { ["Lat", "Lon"] };
    json!({"id": grid.as_str(), "title": grid.as_str(), "crs": crs(grid), "orderedAxes": axes, "tileMatrices": matrices})
}

/// TileJSON 3.0, for MapLibre and its kin.
pub(super) fn tilejson(masked: &Masked, asked: &Asked, dataset: &Dataset) -> Value {
    let fields: serde_json::Map<String, Value> =
        named(masked, dataset).map(|field| (field.name.clone(), json!("String"))).collect();
    let place = format!("/collections/{}/xyz/{{z}}/{{x}}/{{y}}.pbf", collections::id(&dataset.name));
    json!({
        "tilejson": "3.0.0",
        "name": format!("{} {}", dataset.title.zh, dataset.title.en),
        "attribution": dataset.attribution,
        "tiles": [asked.under(&place)],
        "minzoom": 0,
        "maxzoom": LEVEL_MAX,
        "bounds": [-180.0, -85.051_129, 180.0, 85.051_129],
        "vector_layers": [{"id": dataset.name.table(), "fields": fields}],
    })
}

/// Fields whose values stand in tiles.
fn named<'a>(masked: &'a Masked, dataset: &'a Dataset) -> impl Iterator<Item = &'a foundation::dataset::Field> {
    in_tiles(dataset).filter(|field| masked.reads(&dataset.name, field.number))
}

/// Fields that have a column of texts: facets, and texts that are sorted by.
pub(crate) fn in_tiles(dataset: &Dataset) -> impl Iterator<Item = &foundation::dataset::Field> {
    use foundation::value::FieldType as T;
    let text = |kind: T| matches!(kind, T::Text | T::Texts | T::Code | T::Division | T::Link);
    dataset.fields.iter().filter(move |field| text(field.kind) && (field.facet || field.sortable))
}
