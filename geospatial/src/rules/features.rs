//! What must hold of a geographic feature's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{estate_unit, finding, text};

/// Field numbers of `datasets/features.toml`; a test compares them.
mod field {
    pub(super) const CLASS: u16 = 2;
    pub(super) const DIVISION: u16 = 4;
    pub(super) const ESTATE_UNIT: u16 = 5;
    pub(super) const GEOMETRY: u16 = 14;
}

/// Classes that are lines on every map, and those that are areas.
const LINES: [&str; 4] = ["road", "railway", "canal", "coastline"];
const AREAS: [&str; 4] = ["parcel", "lake", "protected_area", "vegetation"];

pub(super) struct Features;

impl RowRules for Features {
    fn table(&self) -> &'static str {
        "features"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        found.extend(unit(row));
        found.extend(geometry(row));
        found
    }
}

/// Parcels and real-estate units carry their code; its first six digits are the county.
fn unit(row: &mut Fields) -> Option<Finding> {
    let class = text(row, field::CLASS)?;
    let Some(given) = text(row, field::ESTATE_UNIT) else {
        let message = "a parcel or real-estate unit has its code of 28 characters";
        return matches!(class, "parcel" | "estate_unit")
            .then(|| finding("estate_unit", "estate_unit_missing", message, false));
    };
    match estate_unit::parse(given) {
        Ok(code) => {
            if row.get(field::DIVISION).is_none()
                && let Some(county) = code.get(..6)
            {
                row.set(field::DIVISION, Value::Code(county.to_owned()));
            }
            row.set(field::ESTATE_UNIT, Value::Text(code));
            None
        }
        Err(reason) => Some(finding("estate_unit", "estate_unit_form", reason, true)),
    }
}

/// A road is a line, a parcel an area.
fn geometry(row: &Fields) -> Option<Finding> {
    let class = text(row, field::CLASS)?;
    let Some(Value::Geometry(shape)) = row.get(field::GEOMETRY) else {
        let message = "the feature has no geometry and shows on no map";
        return Some(finding("geometry", "without_location", message, false));
    };
    let point = shape.as_point().is_some();
    let wrong = LINES.contains(&class) && (point || shape.is_areal()) || AREAS.contains(&class) && !shape.is_areal();
    let wanted = if LINES.contains(&class) { "a line" } else { "an area" };
    let message = || format!("a feature of class {class} is {wanted}, not a {}", shape.kind());
    wrong.then(|| finding("geometry", "geometry_of_class", message(), true))
}

#[cfg(test)]
mod tests {
    use foundation::value::Shape;

    use super::super::tests::{check, numbers_agree};
    use super::*;

    fn row(class: &str, wkt: &str) -> Fields {
        let shape = Shape::from_wkt(wkt, 100).expect("a geometry");
        [(field::CLASS, Value::Code(class.into())), (field::GEOMETRY, Value::Geometry(shape))].into_iter().collect()
    }

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        numbers_agree(
            "features",
            &[
                ("feature_class", field::CLASS),
                ("division", field::DIVISION),
                ("estate_unit", field::ESTATE_UNIT),
                ("geometry", field::GEOMETRY),
            ],
        );
    }

    #[test]
    fn classes_have_their_geometries() {
        let (line, area) = ("LINESTRING (1 2, 3 4)", "POLYGON ((0 0, 1 0, 1 1, 0 0))");
        assert_eq!(check(&Features, &mut row("road", line)), []);
        assert_eq!(check(&Features, &mut row("lake", area)), []);
        let refused = [("geometry_of_class".to_owned(), true)];
        assert_eq!(check(&Features, &mut row("road", area)), refused);
        assert_eq!(check(&Features, &mut row("lake", "POINT (1 2)")), refused);
        let mut bare: Fields = [(field::CLASS, Value::Code("bridge".into()))].into_iter().collect();
        assert_eq!(check(&Features, &mut bare), [("without_location".to_owned(), false)]);
    }

    #[test]
    fn parcels_carry_their_code() {
        let mut parcel = row("parcel", "POLYGON ((0 0, 1 0, 1 1, 0 0))");
        assert_eq!(check(&Features, &mut parcel), [("estate_unit_missing".to_owned(), false)]);
        parcel.set(field::ESTATE_UNIT, Value::Text("110105 001001 GB00021 F00010012".into()));
        assert_eq!(check(&Features, &mut parcel), []);
        assert_eq!(text(&parcel, field::ESTATE_UNIT), Some("110105001001GB00021F00010012"));
        assert_eq!(text(&parcel, field::DIVISION), Some("110105"));
        parcel.set(field::ESTATE_UNIT, Value::Text("110105001001GB00021".into()));
        assert_eq!(check(&Features, &mut parcel), [("estate_unit_form".to_owned(), true)]);
    }
}
