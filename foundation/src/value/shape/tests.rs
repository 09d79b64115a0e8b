use super::*;
use proptest::prelude::*;
use serde_json::json;

fn wkt(text: &str) -> Result<Shape, ShapeError> {
    Shape::from_wkt(text, POINTS_MAX_QUERY)
}

fn refused(text: &str, word: &str) {
    let error = wkt(text).expect_err(text).to_string();
    assert!(error.contains(word), "{text}: {error}");
}

const ALL: [&str; 7] = [
    "POINT(104.06 30.67)",
    "LINESTRING(0 0,1 1,2 0)",
    "POLYGON((0 0,4 0,4 4,0 4,0 0),(1 1,1 2,2 2,2 1,1 1))",
    "MULTIPOINT((0 0),(1 1))",
    "MULTILINESTRING((0 0,1 1),(2 2,3 3))",
    "MULTIPOLYGON(((0 0,1 0,1 1,0 0)),((5 5,6 5,6 6,5 5)))",
    "GEOMETRYCOLLECTION(POINT(1 2),POLYGON((0 0,1 0,1 1,0 0)))",
];

#[test]
fn every_type_survives_wkt_wkb_and_geojson() {
    for text in ALL {
        let shape = wkt(text).expect(text);
        assert_eq!(wkt(&shape.to_wkt()), Ok(shape.clone()), "{text}");
        assert_eq!(Shape::from_wkb(shape.wkb(), POINTS_MAX_QUERY), Ok(shape.clone()), "{text}");
        assert_eq!(Shape::from_geojson(&shape.to_geojson(), POINTS_MAX_QUERY), Ok(shape.clone()), "{text}");
        assert_eq!(Shape::from_geo(&shape.to_geo(), POINTS_MAX_QUERY), Ok(shape), "{text}");
    }
}

#[test]
fn the_kept_bytes_are_those_of_the_wkb_crate() {
    for text in ALL {
        let shape = wkt(text).expect(text);
        let mut theirs = Vec::new();
        let options = ::wkb::writer::WriteOptions { endianness: ::wkb::Endianness::LittleEndian };
        ::wkb::writer::write_geometry(&mut theirs, &shape.to_geo(), &options).expect("written");
        assert_eq!(shape.wkb(), theirs, "{text}");
    }
}

#[test]
fn boxes_counts_and_kinds() {
    let shape = wkt(ALL[2]).expect("a polygon");
    assert_eq!((shape.bounding_box(), shape.points(), shape.kind()), ([0.0, 0.0, 4.0, 4.0], 10, "Polygon"));
    assert!(shape.is_areal() && wkt(ALL[6]).expect("a collection").is_areal());
    assert!(!wkt(ALL[1]).expect("a line").is_areal());
    assert_eq!(wkt(ALL[0]).expect("a point").as_point(), Some((104.06, 30.67)));
    assert_eq!(Shape::point(104.06, 30.67).map(|p| p.points()), Ok(1));
}

#[test]
fn other_writings_are_read() {
    assert!(wkt("SRID=4490;POINT(1 2)").is_ok());
    assert!(wkt("POINT Z(1 2 3)").is_ok());
    let ewkb = [&[0, 0xa0, 0, 0, 1, 0, 0, 0x11, 0x8a][..], &[1.0_f64, 2.0, 3.0].map(f64::to_be_bytes).concat()];
    assert_eq!(Shape::from_wkb(&ewkb.concat(), 1), Shape::point(1.0, 2.0));
    let feature = json!({"type": "Feature", "properties": {}, "geometry": {"type": "Point", "coordinates": [1, 2, 3]}});
    assert_eq!(Shape::from_geojson(&feature, 1), Shape::point(1.0, 2.0));
}

#[test]
fn what_is_wrong_is_named() {
    refused("POINT(181 0)", "(181, 0)");
    refused("POINT(30.6 104.1)", "latitude");
    refused("SRID=3857;POINT(1 2)", "SRID");
    refused("POINT EMPTY", "empty");
    refused("MULTIPOLYGON EMPTY", "empty");
    refused("POLYGON((0 0,1 0,1 1))", "(0, 0) is not closed");
    refused("POLYGON((0 0,1 0,0 0))", "four points");
    refused("POLYGON((0 0,2 2,2 0,0 2,0 0))", "crosses itself at (1, 1)");
    refused("POLYGON((0 0,4 0,2 0,2 2,0 0))", "runs back over itself");
    refused("POLYGON((0 0,4 0,4 4,2 0,0 4,0 0))", "touches itself at (2, 0)");
    refused("POLYGON((0 0,1 0,1 1,0 0),(5 5,6 5,6 6,5 5))", "hole at (5, 5)");
    refused("POLYGON((0 0,9 0,9 9,0 9,0 0),(1 1,8 1,8 8,1 8,1 1),(2 2,3 2,3 3,2 2))", "inside another hole");
    refused("MULTIPOLYGON(((0 0,9 0,9 9,0 9,0 0)),((1 1,2 1,2 2,1 1)))", "overlaps another part");
    refused("MULTIPOLYGON(((0 0,2 0,2 2,0 2,0 0)),((1 1,3 1,3 3,1 3,1 1)))", "of another part");
    refused("LINESTRING(1 1,1 1)", "two different points");
    refused("CIRCLE(1 1)", "WKT");
    let deep = format!("{}POINT(1 1){}", "GEOMETRYCOLLECTION(".repeat(5_000), ")".repeat(5_000));
    assert!(wkt(&deep).is_err());
    let too_many = Shape::from_wkt("MULTIPOINT((0 0),(1 1))", 1);
    assert_eq!(too_many, Err(ShapeError::TooManyPoints { points: 2, points_max: 1 }));
    let gcj = json!({"type": "Point", "coordinates": [1, 2], "crs": {"properties": {"name": "GCJ-02"}}});
    assert!(Shape::from_geojson(&gcj, 1).expect_err("refused").to_string().contains("GCJ-02"));
    for wrong in [json!(1), json!({}), json!({"type": "Point"}), json!({"type": "Polygon", "coordinates": [[1]]})] {
        assert!(Shape::from_geojson(&wrong, 9).is_err(), "{wrong}");
    }
}

#[test]
fn touching_in_points_is_allowed() {
    assert!(wkt("POLYGON((0 0,4 0,4 4,0 4,0 0),(0 2,2 1,2 3,0 2))").is_ok());
    assert!(wkt("MULTIPOLYGON(((0 0,1 0,1 1,0 1,0 0)),((1 1,2 1,2 2,1 2,1 1)))").is_ok());
    assert!(wkt("POLYGON((0 0,0 0,1 0,1 1,1 1,0 0))").is_ok());
}

#[test]
fn a_long_boundary_is_checked_quickly() {
    let ring: Vec<Coord> = (0..=100_000_u32)
        .map(|n| f64::from(n % 100_000) * std::f64::consts::TAU / 100_000.0)
        .map(|angle| Coord { x: 100.0 + 10.0 * angle.cos(), y: 30.0 + 10.0 * angle.sin() })
        .collect();
    let polygon = geo::Polygon::new(geo::LineString(ring), vec![]);
    assert!(Shape::from_geo(&polygon.into(), POINTS_MAX_IMPORT).is_ok());
}

proptest! {
    #[test]
    fn any_bytes_give_a_shape_or_an_error(bytes in prop::collection::vec(any::<u8>(), 0..80), text in ".{0,60}") {
        let _ = Shape::from_wkb(&bytes, 1_000);
        let _ = Shape::from_text(&text, 1_000);
    }
}

#[test]
fn areas_that_cross_themselves_are_repaired_when_asked_to() {
    let bowtie = "POLYGON((0 0,4 4,4 0,0 4,0 0))";
    assert!(matches!(Shape::from_wkt(bowtie, 100), Err(ShapeError::Invalid { .. })));
    let repaired = Shape::repaired(bowtie, 100).expect("two triangles");
    assert_eq!(repaired.kind(), "MultiPolygon");
    let area = |wkt: &str| geo::Area::unsigned_area(&Shape::repaired(wkt, 100).expect(wkt).to_geo());
    assert!((area(bowtie) - 8.0).abs() < 1e-6);
    // A hole that reaches out of its ring, and what is valid already.
    assert!((area("POLYGON((0 0,4 0,4 4,0 4,0 0),(2 2,6 2,6 3,2 3,2 2))") - 16.0).abs() < 1e-6);
    assert!((area("POLYGON((0 0,4 0,4 4,0 4,0 0))") - 16.0).abs() < 1e-6);
    assert!(matches!(Shape::repaired("POLYGON((0 0,400 4,4 0,0 4,0 0))", 100), Err(ShapeError::OutOfRange { .. })));
    assert!(Shape::repaired("POLYGON((0 0,1 1,0 0,1 1,0 0))", 100).is_err());
}

#[test]
fn coordinates_are_read_to_the_last_unit() {
    for lon in ["104.060606060606060606", "104.06060606060605", "0.1", "-179.99999999999997", "1.7976931348623157e2"] {
        let json = format!(r#"{{"type":"Point","coordinates":[{lon},30.67]}}"#);
        let read = Shape::from_text(&json, 10).expect(lon);
        let exact = Shape::point(lon.parse().expect("a number"), 30.67).expect(lon);
        assert_eq!(read, exact, "{lon}");
        let mut written = Vec::new();
        read.write_geojson(&mut written);
        assert_eq!(Shape::from_text(std::str::from_utf8(&written).expect("text"), 10).expect(lon), exact, "{lon}");
    }
}
