//! What must hold of a place's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{finding, text};

/// Field numbers of `datasets/places.toml`; a test compares them.
mod field {
    pub(super) const KIND: u16 = 5;
    pub(super) const COUNTRY: u16 = 6;
    pub(super) const DIVISION: u16 = 7;
    pub(super) const LOCATION: u16 = 10;
}

/// Regions that other sources list beside countries: divisions of China here.
const REGIONS: [(&str, &str); 3] = [("TWN", "710000"), ("HKG", "810000"), ("MAC", "820000")];

pub(super) struct Places;

impl RowRules for Places {
    fn table(&self) -> &'static str {
        "places"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        region(row);
        location(row).into_iter().collect()
    }
}

/// 台湾, 香港, 澳门 are divisions 71, 81, 82 of China.
fn region(row: &mut Fields) {
    let Some((_, division)) = REGIONS.into_iter().find(|(code, _)| text(row, field::COUNTRY) == Some(code)) else {
        return;
    };
    row.set(field::COUNTRY, Value::Code("CHN".to_owned()));
    if row.get(field::DIVISION).is_none() {
        row.set(field::DIVISION, Value::Code(division.to_owned()));
    }
}

/// A boundary line is a line; everything has a location.
fn location(row: &Fields) -> Option<Finding> {
    let line = text(row, field::KIND) == Some("boundary_line");
    match row.get(field::LOCATION) {
        Some(Value::Geometry(shape)) if line && (shape.is_areal() || shape.as_point().is_some()) => {
            let message = format!("a boundary line is a line, not a {}", shape.kind());
            Some(finding("location", "boundary_line", message, true))
        }
        Some(Value::Geometry(_)) => None,
        _ => Some(finding("location", "without_location", "the place has no location and shows on no map", false)),
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::Shape;

    use super::super::tests::check;
    use super::*;

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        let domain = crate::domain().expect("definitions load");
        for (name, number) in [
            ("kind", field::KIND),
            ("country", field::COUNTRY),
            ("division", field::DIVISION),
            ("location", field::LOCATION),
        ] {
            assert_eq!(domain.datasets[1].field(name).map(|f| f.number), Some(number), "{name}");
        }
    }

    #[test]
    fn regions_are_divisions_of_china() {
        let point = Value::Geometry(Shape::point(121.5, 25.0).expect("a point"));
        let mut row: Fields =
            [(field::COUNTRY, Value::Code("TWN".into())), (field::LOCATION, point)].into_iter().collect();
        assert_eq!(check(&Places, &mut row), []);
        assert_eq!((text(&row, field::COUNTRY), text(&row, field::DIVISION)), (Some("CHN"), Some("710000")));
    }

    #[test]
    fn a_boundary_line_is_a_line() {
        let shape = |wkt: &str| Value::Geometry(Shape::from_wkt(wkt, 10).expect("a geometry"));
        let mut row: Fields = [(field::KIND, Value::Code("boundary_line".into()))].into_iter().collect();
        assert_eq!(check(&Places, &mut row), [("without_location".to_owned(), false)]);
        row.set(field::LOCATION, shape("POINT (109 15)"));
        assert_eq!(check(&Places, &mut row), [("boundary_line".to_owned(), true)]);
        row.set(field::LOCATION, shape("LINESTRING (109 15, 109 16)"));
        assert_eq!(check(&Places, &mut row), []);
    }
}
