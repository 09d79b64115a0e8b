//! A vector tile, drawn: geometries in its own units, simplified, cut at its edges (Mapbox Vector Tile 2.1).

use std::collections::HashSet;

use foundation::dataset::Dataset;
use foundation::service::TileAnswer;
use foundation::value::Shape;
use geo::orient::{Direction, Orient as _};
use geo::{Coord, Geometry, LineString, Polygon, Simplify as _};
use mvt::{GeomEncoder, GeomType, Layer, Tile};
use pointy::BBox;

use crate::ask::TileRequest;
use crate::problem::{Code, Problem};

/// Units of a tile's side.
const EXTENT: u32 = 4_096;
/// Units around a tile that belong to it, so that lines and symbols meet at its edges.
const MARGIN: f64 = 64.0;
/// Units that a line may be moved by when it is simplified: less than half a pixel of a tile shown at 512.
const TOLERANCE: f64 = 3.0;

/// The part of a tile that lies around it.
pub(crate) const MARGIN_PART: f64 = MARGIN / 4_096.0;

/// Writes a tile.
///
/// # Errors
/// [`Problem`] 500 if the encoder refuses a geometry.
pub(super) fn encode(dataset: &Dataset, request: &TileRequest, answer: &TileAnswer) -> Result<Vec<u8>, Problem> {
    let broken = |e: mvt::Error| Problem::new(Code::Internal, "the tile was not made").because(e.to_string());
    if answer.features.is_empty() {
        return Ok(Vec::new());
    }
    let mut tile = Tile::new(EXTENT);
    let mut layer = tile.create_layer(dataset.name.table());
    for feature in &answer.features {
        for part in parts(&feature.shape, request) {
            let Some(drawn) = part.encoded().map_err(broken)? else { continue };
            layer = with_names(layer, drawn, dataset, &feature.names);
        }
    }
    tile.add_layer(layer).map_err(broken)?;
    tile.to_bytes().map_err(broken)
}

fn with_names(layer: Layer, drawn: mvt::GeomData, dataset: &Dataset, names: &[(u16, String)]) -> Layer {
    let mut feature = layer.into_feature(drawn);
    for (number, text) in names {
        if let Some(field) = dataset.field_by_number(*number) {
            feature.add_tag_string(&field.name, text);
        }
    }
    feature.into_layer()
}

/// Geometries of one kind, in units of the tile.
enum Part {
    Points(Vec<(f64, f64)>),
    Lines(Vec<LineString>),
    Areas(Vec<Polygon>),
}

fn parts(shape: &Shape, request: &TileRequest) -> Vec<Part> {
    let unit = |lon: f64, lat: f64| {
        let (x, y) = request.grid.place(request.level, lon, lat);
        ((x - f64::from(request.column)) * f64::from(EXTENT), (y - f64::from(request.row)) * f64::from(EXTENT))
    };
    if let Some((lon, lat)) = shape.as_point() {
        return vec![Part::Points(vec![unit(lon, lat)])];
    }
    let mut all = Vec::new();
    gather(shape.to_geo(), &unit, &mut all);
    all
}

fn gather(geometry: Geometry, unit: &impl Fn(f64, f64) -> (f64, f64), all: &mut Vec<Part>) {
    let line = |line: &LineString| LineString::from(line.coords().map(|c| unit(c.x, c.y)).collect::<Vec<_>>());
    // The format wants exterior rings of positive area in the tile's own coordinates, holes of negative.
    let area = |polygon: &Polygon| {
        let whole = Polygon::new(line(polygon.exterior()), polygon.interiors().iter().map(line).collect());
        whole.simplify(TOLERANCE).orient(Direction::Default)
    };
    match geometry {
        Geometry::Point(point) => all.push(Part::Points(vec![unit(point.x(), point.y())])),
        Geometry::MultiPoint(points) => {
            all.push(Part::Points(points.iter().map(|point| unit(point.x(), point.y())).collect()));
        }
        Geometry::LineString(one) => all.push(Part::Lines(vec![line(&one).simplify(TOLERANCE)])),
        Geometry::MultiLineString(many) => {
            all.push(Part::Lines(many.iter().map(|one| line(one).simplify(TOLERANCE)).collect()));
        }
        Geometry::Polygon(one) => all.push(Part::Areas(vec![area(&one)])),
        Geometry::MultiPolygon(many) => all.push(Part::Areas(many.iter().map(area).collect())),
        Geometry::GeometryCollection(many) => many.into_iter().for_each(|one| gather(one, unit, all)),
        _ => {}
    }
}

/// The box of a tile with its margin.
const BOX: (f64, f64) = (-MARGIN, 4_096.0 + MARGIN);

/// Whether a line or ring reaches into the tile and has so many points of its own there as it needs.
fn is_drawn(line: &LineString, points: usize) -> bool {
    let reaches = |values: &dyn Fn(&Coord) -> f64| {
        let all = || line.coords().map(values);
        all().fold(f64::INFINITY, f64::min) < BOX.1 && all().fold(f64::NEG_INFINITY, f64::max) > BOX.0
    };
    #[expect(clippy::cast_possible_truncation, reason = "units of a tile near it; far away they saturate")]
    let distinct: HashSet<(i32, i32)> = line.coords().map(|c| (c.x.round() as i32, c.y.round() as i32)).collect();
    distinct.len() >= points && reaches(&|c| c.x) && reaches(&|c| c.y)
}

impl Part {
    /// The part as far as it lies in the tile; `None` if nothing does.
    fn encoded(&self) -> Result<Option<mvt::GeomData>, mvt::Error> {
        let inside = |(x, y): &(f64, f64)| (BOX.0..=BOX.1).contains(x) && (BOX.0..=BOX.1).contains(y);
        let bbox = || BBox::new([(BOX.0, BOX.0), (BOX.1, BOX.1)]);
        let drawn = match self {
            Self::Points(points) => {
                let mut drawn = GeomEncoder::new(GeomType::Point);
                let here: Vec<&(f64, f64)> = points.iter().filter(|point| inside(point)).collect();
                if here.is_empty() {
                    return Ok(None);
                }
                for (x, y) in here {
                    drawn.add_point(*x, *y)?;
                }
                drawn
            }
            Self::Lines(lines) => {
                let mut drawn = GeomEncoder::new(GeomType::Linestring).bbox(bbox());
                for line in lines.iter().filter(|line| is_drawn(line, 2)) {
                    for c in line.coords() {
                        drawn.add_point(c.x, c.y)?;
                    }
                    drawn.complete_geom()?;
                }
                drawn
            }
            Self::Areas(areas) => {
                let mut drawn = GeomEncoder::new(GeomType::Polygon).bbox(bbox());
                for area in areas.iter().filter(|area| is_drawn(area.exterior(), 3)) {
                    let holes = area.interiors().iter().filter(|hole| is_drawn(hole, 3));
                    for ring in std::iter::once(area.exterior()).chain(holes) {
                        // The ring's first point is not repeated at its end.
                        for c in ring.coords().take(ring.0.len().saturating_sub(1)) {
                            drawn.add_point(c.x, c.y)?;
                        }
                        drawn.complete_geom()?;
                    }
                }
                drawn
            }
        };
        let drawn = drawn.encode()?;
        Ok((!drawn.is_empty()).then_some(drawn))
    }
}

#[cfg(test)]
mod tests {
    use foundation::service::{ReadAt, TileFeature, TileVersion};
    use foundation::value::{Day, Instant};

    use super::*;
    use crate::ask::{AskTimes, Grid};

    fn request(level: u8, row: u32, column: u32) -> TileRequest {
        let dataset = "geospatial/places".parse().expect("a name");
        TileRequest {
            dataset,
            grid: Grid::WebMercatorQuad,
            level,
            row,
            column,
            filter: None,
            times: AskTimes::default(),
        }
    }

    fn drawn(wkt: &str, request: &TileRequest) -> usize {
        let shape = Shape::from_wkt(wkt, 1_000).expect(wkt);
        parts(&shape, request).iter().filter_map(|part| part.encoded().expect("encoded")).map(|data| data.len()).sum()
    }

    #[test]
    fn what_lies_in_the_tile_is_drawn_and_nothing_else() {
        let chengdu = request(5, 13, 25);
        assert_eq!(drawn("POINT(104.066 30.573)", &chengdu), 3);
        assert_eq!(drawn("POINT(0 0)", &chengdu), 0);
        assert!(drawn("POLYGON((104 30,105 30,105 31,104 31,104 30))", &chengdu) > 8);
        assert_eq!(drawn("POLYGON((0 0,1 0,1 1,0 1,0 0))", &chengdu), 0);
        // A ring around the whole tile is drawn along its edges.
        assert!(drawn("POLYGON((90 20,120 20,120 40,90 40,90 20))", &chengdu) > 8);
        // Smaller than a unit, it is nothing.
        assert_eq!(drawn("POLYGON((104 30,104.00001 30,104.00001 30.00001,104 30))", &request(3, 3, 6)), 0);
        assert!(drawn("LINESTRING(100 30,110 30)", &chengdu) > 4);
    }

    #[test]
    fn a_tile_names_its_features_and_an_empty_one_is_empty() {
        let domain = geospatial::domain().expect("definitions load");
        let dataset = domain.datasets.iter().find(|d| d.name.table() == "places").expect("places");
        let name = dataset.field("name").expect("a name").number;
        let at = ReadAt { valid_at: Day(0), known_at: Instant(0) };
        let version = TileVersion { generation: 1, known_at: Instant(0) };
        let shape = Shape::point(104.066, 30.573).expect("a point");
        let features = vec![TileFeature { shape, names: vec![(name, "成都".into())] }];
        let request = request(5, 13, 25);
        let bytes = encode(dataset, &request, &TileAnswer { features, complete: true, version, unchanged: false, at })
            .expect("encoded");
        let held = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(held("places") && held("name") && held("成都"));
        let empty = TileAnswer { features: Vec::new(), complete: true, version, unchanged: false, at };
        assert!(encode(dataset, &request, &empty).expect("encoded").is_empty());
    }
}
