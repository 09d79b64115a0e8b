//! The OGC API's routes: requests read into the same asks as everything else; `crate::ogc` gives the answers their form.

use foundation::dataset::DatasetName;
use foundation::value::{Day, Instant};

use super::params::{FILTER_LANGS, Input};
use super::routes::{Body, Form, Param, ParamKind as K, Route, param};
use crate::ask::{Ask, AskTimes, Grid, LEVEL_MAX, RecordRequest, SearchRequest, Shown, TileRequest, Wanted};
use crate::ogc::crs::Crs;
use crate::ogc::{Page, collection_name};
use crate::problem::{Code, Problem};

/// Route ids that the API's definition treats apart.
pub(crate) const ITEMS: &str = "ogcItems";
/// As [`ITEMS`].
pub(crate) const ITEM: &str = "ogcItem";
/// As [`ITEMS`].
pub(crate) const RECORDS_ID: &str = "ogcRecords";
/// As [`ITEMS`].
pub(crate) const RECORD_ID: &str = "ogcRecord";
/// Values of `f`.
pub(crate) const PLAIN: &[&str] = &["json", "html"];
const DATETIME: &str = "must be a date or RFC 3339 instant, or two with `/` between, open as `..`";
/// Most features a page.
const LIMIT_MAX: usize = 1_000;

const F: Param = param("f", K::OneOf(PLAIN), "form of the answer; default by `Accept`");
const CRS: Param = param("crs", K::Text, "coordinates of the answer in this system; default CRS84");
const PAGE: &[Param] = &[F];
const ONE: &[Param] = &[F, CRS];
const MANY: &[Param] = &[
    param("limit", K::Integer, "most features, 1 to 1,000; more is taken for 1,000; default 100"),
    param("offset", K::Integer, "features passed over, at most 10,000; further on go by `next`"),
    param("bbox", K::List, "west,south,east,north in `bbox-crs`; west above east crosses the antimeridian"),
    param("bbox-crs", K::Text, "system of `bbox`; default CRS84"),
    CRS,
    param("datetime", K::Text, "a day or instant: features valid then; an interval: valid on its day nearest to today"),
    param("filter", K::Text, "CQL2"),
    param("filter-lang", K::OneOf(FILTER_LANGS), "language of `filter`"),
    param("filter-crs", K::Text, "system of geometries in `filter`; default CRS84"),
    param("cursor", K::Text, "where the page before ended; in its `next` link"),
    F,
];

const RECORDS: &[Param] = &[
    param("q", K::Text, "words of title and description; terms with a comma between are alternatives"),
    param("ids", K::List, "ids of records"),
    param("externalIds", K::List, "codes of the catalogue"),
    param("type", K::Text, "kind of resource: dataset"),
    param("bbox", K::List, "west,south,east,north; records of datasets tell no place"),
    param("datetime", K::Text, "a day, instant or interval; records of datasets tell no time"),
    param("limit", K::Integer, "most records, 1 to 1,000; more is taken for 1,000; default 100"),
    param("offset", K::Integer, "records passed over"),
    F,
];

const TILE: &[Param] = &[
    param("datetime", K::Day, "features valid on this day; default today"),
    param("filter", K::Text, "CQL2"),
    param("filter-lang", K::OneOf(FILTER_LANGS), "language of `filter`"),
];

macro_rules! ogc {
    ($($path:literal $id:expr, $summary:literal, $params:expr, $open:literal, $page:expr, $read:path;)*) => {
        /// Every route of the OGC API.
        pub(crate) const ROUTES: &[Route] = &[$(Route {
            method: "GET",
            path: concat!("/ogc", $path),
            label: concat!("GET /ogc", $path),
            id: $id,
            summary: $summary,
            params: $params,
            open: $open,
            body: Body::None,
            answer: "",
            form: Form::Ogc($page),
            read: $read,
        },)*];
    };
}

ogc! {
    "" "ogcLanding", "Landing page", PAGE, false, Page::Landing, catalogue;
    "/api" "ogcApi", "This definition", PAGE, false, Page::Api, catalogue;
    "/conformance" "ogcConformance", "Conformance classes", PAGE, false, Page::Conformance, catalogue;
    "/collections" "ogcCollections", "The collections", PAGE, false, Page::Collections, catalogue;
    "/collections/{collection}" "ogcCollection", "A collection", PAGE, false, Page::Collection, entry;
    "/collections/{collection}/queryables" "ogcQueryables", "What features can be asked by", PAGE, false, Page::Queryables, entry;
    "/functions" "ogcFunctions", "Functions of filters", PAGE, false, Page::Functions, catalogue;
    "/collections/catalogue" "ogcCatalogue", "The catalogue as a collection", PAGE, false, Page::Catalogue, catalogue;
    "/collections/catalogue/queryables" "ogcCatalogueQueryables", "What records can be asked by", PAGE, false, Page::CatalogueQueryables, catalogue;
    "/collections/catalogue/items" RECORDS_ID, "Records", RECORDS, false, Page::Records, records;
    "/collections/catalogue/items/{id}" RECORD_ID, "A record", PAGE, false, Page::Record, record;
    "/collections/{collection}/items" ITEMS, "Features", MANY, true, Page::Items, items;
    "/tileMatrixSets" "ogcGrids", "How the world is cut into tiles", PAGE, false, Page::Grids, catalogue;
    "/tileMatrixSets/WebMercatorQuad" "ogcGridWebMercator", "The grid of Web Mercator", PAGE, false, Page::Grid(Grid::WebMercatorQuad), catalogue;
    "/tileMatrixSets/CGCS2000Quad" "ogcGridCgcs2000", "The grid of CGCS2000", PAGE, false, Page::Grid(Grid::Cgcs2000Quad), catalogue;
    "/collections/{collection}/tiles" "ogcTileSets", "Sets of vector tiles", PAGE, false, Page::TileSets, entry;
    "/collections/{collection}/tiles/WebMercatorQuad" "ogcTileSetWebMercator", "Tiles in Web Mercator", PAGE, false, Page::TileSet(Grid::WebMercatorQuad), entry;
    "/collections/{collection}/tiles/CGCS2000Quad" "ogcTileSetCgcs2000", "Tiles in CGCS2000", PAGE, false, Page::TileSet(Grid::Cgcs2000Quad), entry;
    "/collections/{collection}/tiles/WebMercatorQuad/{matrix}/{row}/{column}" "ogcTileWebMercator", "A vector tile", TILE, false, Page::Tile, mercator;
    "/collections/{collection}/tiles/CGCS2000Quad/{matrix}/{row}/{column}" "ogcTileCgcs2000", "A vector tile", TILE, false, Page::Tile, cgcs2000;
    "/collections/{collection}/xyz/{matrix}/{column}/{row}" "ogcTileXyz", "A vector tile as slippy maps ask for it", TILE, false, Page::Tile, slippy;
    "/collections/{collection}/tilejson" "ogcTileJson", "TileJSON", PAGE, false, Page::TileJson, entry;
    "/collections/{collection}/items/{id}" ITEM, "A feature", ONE, false, Page::Item, item;
}

/// Where a tile lies in its grid; a path that names none is not found.
fn tile(input: &Input<'_>, grid: Grid, row: &str, column: &str) -> Result<Ask, Problem> {
    let absent = || Problem::new(Code::NotFound, "there is no such tile");
    let level = input.part("matrix").parse().ok().filter(|level| *level <= LEVEL_MAX).ok_or_else(absent)?;
    let (columns, rows) = grid.size(level);
    let place = |text: &str, most: u32| text.parse().ok().filter(|n| *n < most).ok_or_else(absent);
    let params = &input.params;
    Ok(Ask::Tile(Box::new(TileRequest {
        dataset: dataset(input)?,
        grid,
        level,
        row: place(row, rows)?,
        column: place(column, columns)?,
        filter: params.filter()?,
        times: AskTimes { valid_at: params.read("datetime", "must be a date", Day::parse)?, known_at: None },
    })))
}

fn mercator(input: &mut Input<'_>) -> Result<Ask, Problem> {
    tile(input, Grid::WebMercatorQuad, input.part("row"), input.part("column"))
}

fn cgcs2000(input: &mut Input<'_>) -> Result<Ask, Problem> {
    tile(input, Grid::Cgcs2000Quad, input.part("row"), input.part("column"))
}

/// As slippy maps ask: column before row, and perhaps `.pbf` behind.
fn slippy(input: &mut Input<'_>) -> Result<Ask, Problem> {
    let row = input.part("row").trim_end_matches(".pbf").trim_end_matches(".mvt");
    tile(input, Grid::WebMercatorQuad, row, input.part("column"))
}

fn form(input: &Input<'_>) -> Result<(), Problem> {
    input.params.read("f", "must be json or html", |f| PLAIN.contains(&f).then_some(())).map(|_| ())
}

fn crs(input: &Input<'_>, name: &str) -> Result<Crs, Problem> {
    let read = input.params.read(name, "is not a system of this collection's `crs`", Crs::at)?;
    Ok(read.unwrap_or(Crs::Crs84))
}

fn dataset(input: &Input<'_>) -> Result<DatasetName, Problem> {
    collection_name(input.part("collection"))
}

fn catalogue(input: &mut Input<'_>) -> Result<Ask, Problem> {
    form(input)?;
    Ok(Ask::Catalogue)
}

/// The catalogue's records; what narrows them is read again where they are written.
fn records(input: &mut Input<'_>) -> Result<Ask, Problem> {
    form(input)?;
    let whole = |text: &str| text.parse::<usize>().ok();
    input.params.read("limit", "must be a whole number from 1", |text| whole(text).filter(|n| *n >= 1))?;
    input.params.read("offset", "must be a whole number from 0", whole)?;
    input.params.read("datetime", DATETIME, datetime)?;
    bbox(input)?;
    Ok(Ask::Catalogue)
}

fn record(input: &mut Input<'_>) -> Result<Ask, Problem> {
    form(input)?;
    Ok(Ask::CatalogueEntry(collection_name(input.part("id"))?))
}

fn entry(input: &mut Input<'_>) -> Result<Ask, Problem> {
    form(input)?;
    Ok(Ask::CatalogueEntry(dataset(input)?))
}

fn item(input: &mut Input<'_>) -> Result<Ask, Problem> {
    form(input)?;
    crs(input, "crs")?;
    Ok(Ask::Get(RecordRequest {
        dataset: dataset(input)?,
        id: input.part("id").to_owned(),
        times: AskTimes::default(),
        shown: Shown::default(),
    }))
}

fn items(input: &mut Input<'_>) -> Result<Ask, Problem> {
    form(input)?;
    crs(input, "crs")?;
    let params = &input.params;
    let filter_crs = crs(input, "filter-crs")?;
    let limit =
        params.read("limit", "must be a whole number from 1", |text| text.parse::<usize>().ok().filter(|n| *n >= 1))?;
    let mut request = SearchRequest::text("");
    request.wanted = Wanted::Datasets(vec![dataset(input)?]);
    request.bbox = bbox(input)?;
    request.filter = params.filter_in(filter_crs)?;
    request.nearest = params.read("datetime", DATETIME, datetime)?;
    request.limit = limit.unwrap_or(100).min(LIMIT_MAX);
    let offset = params.read("offset", "must be a whole number from 0", |text| text.parse::<usize>().ok())?;
    request.cursor = params.owned("cursor");
    // A cursor stands behind what was passed over.
    request.skip = if request.cursor.is_some() { 0 } else { offset.unwrap_or(0) };
    request.equal = std::mem::take(&mut input.params.others);
    Ok(Ask::List(Box::new(request)))
}

fn bbox(input: &Input<'_>) -> Result<Option<[f64; 4]>, Problem> {
    let crs = crs(input, "bbox-crs")?;
    let what = "must be west,south,east,north (or with heights between) in the order of `bbox-crs`";
    input.params.read("bbox", what, |text| {
        let all: Vec<f64> = text.split(',').map(|n| n.trim().parse().ok()).collect::<Option<_>>()?;
        let corners = match all.as_slice() {
            [a, b, c, d] | [a, b, _, c, d, _] => [*a, *b, *c, *d],
            _ => return None,
        };
        corners.iter().all(|n| n.is_finite()).then(|| crs.bbox(corners)).flatten()
    })
}

/// When features are to be valid: on a day, or on the day of an interval that is nearest to today.
fn datetime(text: &str) -> Option<[Day; 2]> {
    let day = |text: &str| Day::parse(text).or_else(|| Instant::parse(text).map(Instant::day));
    let Some((from, to)) = text.split_once('/') else { return day(text).map(|day| [day, day]) };
    let end = |text: &str, open: Day| if matches!(text, "" | "..") { Some(open) } else { day(text) };
    let (from, to) = (end(from, Day::MIN)?, end(to, Day::MAX)?);
    (from <= to).then_some([from, to])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_instants_and_intervals_are_read() {
        let day = |text| Day::parse(text).expect(text);
        for (text, expected) in [
            ("2020-01-02", Some([day("2020-01-02"), day("2020-01-02")])),
            ("2020-01-02T03:04:05Z", Some([day("2020-01-02"), day("2020-01-02")])),
            ("2020-01-01/2021-01-01", Some([day("2020-01-01"), day("2021-01-01")])),
            ("../2021-01-01", Some([Day::MIN, day("2021-01-01")])),
            ("2020-01-01/", Some([day("2020-01-01"), Day::MAX])),
            ("../..", Some([Day::MIN, Day::MAX])),
            ("2021-01-01/2020-01-01", None),
            ("yesterday", None),
            ("2020-01-01/soon", None),
        ] {
            assert_eq!(datetime(text), expected, "{text}");
        }
    }
}
