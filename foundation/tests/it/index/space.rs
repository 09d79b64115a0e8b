//! Space: boxes, relations and circles equal what is found by looking at every record.

use foundation::filter::{Filter, Spatial};
use foundation::index::Index;
use foundation::service::{CountKind, Near, SearchAsk, TileAsk};
use foundation::value::{Fields, Shape, Value};
use geo::{Contains, Intersects, Rect, Relate};
use proptest::prelude::*;

use super::house::*;

fn shape() -> impl Strategy<Value = Shape> {
    let place = || (-1800_i32..1800, -890_i32..890).prop_map(|(x, y)| (f64::from(x) / 10.0, f64::from(y) / 10.0));
    prop_oneof![
        4 => place().prop_map(|(x, y)| Shape::point(x, y).unwrap()),
        1 => (place(), 1_u32..60, 1_u32..60).prop_map(|((x, y), w, h)| {
            let (east, north) = ((x + f64::from(w) / 10.0).min(180.0), (y + f64::from(h) / 10.0).min(90.0));
            Shape::rectangle(x.min(179.0), y.min(89.0), east.max(179.5_f64.min(x + 0.5)), north).unwrap()
        }),
        1 => (place(), 5_u32..90).prop_map(|((x, y), r)| {
            let (x, y, r) = (x.clamp(-170.0, 170.0), y.clamp(-80.0, 80.0), f64::from(r) / 10.0);
            let text = format!("POLYGON(({} {}, {} {}, {} {}, {} {}))", x - r, y - r, x + r, y - r, x, y + r, x - r, y - r);
            Shape::from_wkt(&text, 100).unwrap()
        }),
    ]
}

#[derive(Debug, Clone)]
enum Asked {
    Box([f64; 4]),
    Relation(Spatial, Shape),
    Near(Near),
}

fn asked() -> impl Strategy<Value = Asked> {
    let lon = || (-1800_i32..=1800).prop_map(|x| f64::from(x) / 10.0);
    let lat = || (-900_i32..=900).prop_map(|x| f64::from(x) / 10.0);
    let op = prop_oneof![
        Just(Spatial::Intersects),
        Just(Spatial::Within),
        Just(Spatial::Disjoint),
        Just(Spatial::Contains),
        Just(Spatial::Overlaps),
        Just(Spatial::Touches),
    ];
    prop_oneof![
        2 => (lon(), lat(), lon(), lat()).prop_map(|(w, s, e, n)| Asked::Box([w, s.min(n), e, s.max(n)])),
        2 => (op, shape()).prop_map(|(op, shape)| Asked::Relation(op, shape)),
        1 => (lon(), lat(), 0_u32..2_000).prop_map(|(lon, lat, km)| Asked::Near(Near { lon, lat, metres: f64::from(km) * 1_000.0 })),
    ]
}

fn holds(asked: &Asked, shape: &Shape) -> bool {
    let geometry = shape.to_geo();
    match asked {
        Asked::Box([w, s, e, n]) => {
            let boxes = if w > e { vec![(*w, 180.0), (-180.0, *e)] } else { vec![(*w, *e)] };
            boxes.iter().any(|(w, e)| geometry.intersects(&Rect::new((*w, *s), (*e, *n))))
        }
        Asked::Relation(Spatial::Intersects, other) => geometry.intersects(&other.to_geo()),
        Asked::Relation(Spatial::Within, other) => other.to_geo().contains(&geometry),
        Asked::Relation(Spatial::Disjoint, other) => !geometry.intersects(&other.to_geo()),
        Asked::Relation(op, other) => {
            let matrix = geometry.relate(&other.to_geo());
            match op {
                Spatial::Contains => matrix.is_contains(),
                Spatial::Overlaps => matrix.is_overlaps(),
                _ => matrix.is_touches(),
            }
        }
        Asked::Near(near) => {
            use geo::{Distance, Geodesic, Point};
            let centre = Point::new(near.lon, near.lat);
            // Points only: what lies between the corners of an area is tested in the index's own tests.
            shape.as_point().is_some_and(|(x, y)| Geodesic.distance(centre, Point::new(x, y)) <= near.metres)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]
    #[test]
    fn what_is_found_is_what_looking_at_every_record_finds(
        shapes in proptest::collection::vec(shape(), 60..200),
        moved in proptest::collection::vec((0_u32..60, shape()), 0..30),
        asks in proptest::collection::vec(asked(), 25),
    ) {
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let dir = tempfile::tempdir().unwrap();
            let mut house = House::new();
            let index = house.index(dir.path()).await;
            let with = |n: u32, shape: &Shape| -> Fields {
                let mut fields = thing(&n.to_string(), "名", "文");
                fields.set(PLACE, Value::Geometry(shape.clone()));
                fields
            };
            let mut all: Vec<Option<Shape>> = Vec::new();
            for chunk in shapes.chunks(40) {
                let first = u32::try_from(all.len()).unwrap();
                let rows: Vec<_> = chunk.iter().zip(first..).map(|(s, n)| (n, Some(with(n, s)), always())).collect();
                house.write(&rows).await;
                all.extend(chunk.iter().cloned().map(Some));
                caught_up(&index).await;
            }
            for (n, shape) in &moved {
                // Every third one loses its geometry instead.
                let fields = if n % 3 == 0 { thing(&n.to_string(), "名", "文") } else { with(*n, shape) };
                house.write(&[(*n, Some(fields), always())]).await;
                all[*n as usize] = (n % 3 != 0).then(|| shape.clone());
            }
            caught_up(&index).await;
            for asked in &asks {
                let mut ask = SearchAsk { limit: 1_000, ..ask() };
                match asked {
                    Asked::Box(bbox) => ask.bbox = Some(*bbox),
                    Asked::Relation(op, shape) => {
                        ask.filter = Some(Filter::Spatial { field: PLACE, op: *op, shape: shape.clone() });
                    }
                    Asked::Near(near) => ask.near = Some(*near),
                }
                if matches!(asked, Asked::Near(_)) {
                    nearest_in_pages(&index, &ask).await;
                }
                let answer = index.search(ask).await.unwrap();
                let points_only = matches!(asked, Asked::Near(_));
                let mut found: Vec<String> = answer
                    .hits
                    .iter()
                    .filter(|hit| !points_only || hit.geometry.as_ref().is_some_and(|g| g.as_point().is_some()))
                    .map(|hit| hit.record.id.clone())
                    .collect();
                found.sort();
                let mut expected: Vec<String> = all
                    .iter()
                    .enumerate()
                    .filter(|(_, shape)| shape.as_ref().is_some_and(|shape| holds(asked, shape)))
                    .map(|(n, _)| format!("r{n}"))
                    .collect();
                expected.sort();
                assert_eq!(found, expected, "{asked:?}");
            }
            index.shutdown().await;
        });
    }
}

/// Page by page in the order of distances: the same records as without an order, the nearest first.
async fn nearest_in_pages(index: &Index, ask: &SearchAsk) {
    let all = index.search(ask.clone()).await.unwrap();
    let mut nearest: Vec<(f64, String)> = Vec::new();
    let mut after = None;
    loop {
        let asked = SearchAsk { by_distance: true, limit: 3, after, ..ask.clone() };
        let page = index.search(asked).await.unwrap();
        assert!(page.total.value <= all.total.value, "{:?} {:?}", page.total, all.total);
        assert!(page.total.kind == CountKind::AtLeast || page.total.value == all.total.value);
        nearest.extend(page.hits.iter().map(|hit| (hit.distance.unwrap(), hit.record.id.clone())));
        after = page.hits.last().map(|hit| hit.position.clone());
        if !page.more {
            break;
        }
    }
    assert!(nearest.is_sorted_by(|a, b| a.0 <= b.0), "{nearest:?}");
    let mut found: Vec<String> = nearest.into_iter().map(|(_, id)| id).collect();
    let mut expected: Vec<String> = all.hits.into_iter().map(|hit| hit.record.id).collect();
    found.sort();
    expected.sort();
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tile_is_drawn_anew_only_when_something_changed() {
    let dir = tempfile::tempdir().unwrap();
    let mut house = House::new();
    let at = |n: u32, lon: f64| {
        let mut fields = thing(&n.to_string(), &format!("名{n}"), "文");
        fields.set(PLACE, Value::Geometry(Shape::point(lon, 30.0).unwrap()));
        (n, Some(fields), always())
    };
    house.write(&[at(1, 104.0), at(2, 104.5), at(3, 150.0)]).await;
    let index = house.index(dir.path()).await;
    caught_up(&index).await;
    let tile = |known| TileAsk {
        dataset: ask().dataset,
        bbox: [100.0, 20.0, 110.0, 40.0],
        cell: 0.01,
        filter: None,
        fields: vec![NAME],
        times: ask().times,
        scopes: vec![everything()],
        known,
    };
    let names = |answer: &foundation::service::TileAnswer| {
        let mut names: Vec<String> =
            answer.features.iter().flat_map(|f| f.names.iter().map(|(_, name)| name.clone())).collect();
        names.sort();
        names
    };
    let first = index.tile(tile(None)).await.unwrap();
    assert_eq!(names(&first), ["名1", "名2"]);
    let again = index.tile(tile(Some(first.version))).await.unwrap();
    assert!(again.unchanged && again.features.is_empty() && again.version == first.version);
    house.write(&[at(4, 105.0)]).await;
    caught_up(&index).await;
    let changed = index.tile(tile(Some(first.version))).await.unwrap();
    assert!(!changed.unchanged && changed.version != first.version);
    assert_eq!(names(&changed), ["名1", "名2", "名4"]);
    index.shutdown().await;
}
