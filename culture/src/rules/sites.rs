//! What must hold of an immovable relic's row; makes the place that the public may see.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Shape, Value};

use super::{era_of_dynasty, finding};

/// Field numbers of `datasets/sites.toml`; a test compares them.
mod field {
    pub(super) const DYNASTY: u16 = 7;
    pub(super) const ERA: u16 = 8;
    pub(super) const SENSITIVE: u16 = 11;
    pub(super) const LOCATION: u16 = 12;
    pub(super) const AREA: u16 = 13;
    pub(super) const PROTECTED_AREA: u16 = 14;
    pub(super) const CONTROL_ZONE: u16 = 15;
}

/// Size of the cell that stands for a sensitive place, degrees (about one kilometre).
const CELL: f64 = 0.01;

pub(super) struct Sites;

impl RowRules for Sites {
    fn table(&self) -> &'static str {
        "sites"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let mut found: Vec<Finding> = era_of_dynasty(row, "era", (field::DYNASTY, field::ERA)).into_iter().collect();
        for (name, number) in [("protected_area", field::PROTECTED_AREA), ("control_zone", field::CONTROL_ZONE)] {
            if let Some(Value::Geometry(shape)) = row.get(number)
                && !shape.is_areal()
            {
                let message = format!("a zone is a polygon or several, not a {}", shape.kind());
                found.push(finding(name, "zone_areal", message, true));
            }
        }
        found.extend(public_place(row));
        found
    }
}

/// The place that everybody may see: the exact one, or its cell where the site is sensitive. A source may not open more.
fn public_place(row: &mut Fields) -> Option<Finding> {
    let Some(Value::Geometry(exact)) = row.get(field::LOCATION) else { return None };
    let sensitive = row.get(field::SENSITIVE) != Some(&Value::Boolean(false));
    let place = if sensitive { cell(exact) } else { Some(exact.clone()) }?;
    match row.get(field::AREA) {
        Some(Value::Geometry(given)) if sensitive && *given != place => {
            row.set(field::AREA, Value::Geometry(place));
            let message = "the site is sensitive: its public place is the cell of 0.01° it lies in";
            Some(finding("area", "place_of_sensitive_site", message, false))
        }
        Some(Value::Geometry(_)) => None,
        _ => {
            row.set(field::AREA, Value::Geometry(place));
            None
        }
    }
}

/// The cells that `exact` touches, as one box.
fn cell(exact: &Shape) -> Option<Shape> {
    let [west, south, east, north] = exact.bounding_box();
    let down = |degrees: f64| (degrees / CELL).floor() * CELL;
    // Rounded to what the digits say, so that equal cells are equal values.
    let tidy = |degrees: f64| (degrees * 1e6).round() / 1e6;
    let (west, south) = (tidy(down(west)), tidy(down(south)));
    Shape::rectangle(west, south, tidy(down(east) + CELL), tidy(down(north) + CELL)).ok()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{broken, check, numbers_agree};
    use super::*;

    fn place(wkt: &str) -> Value {
        Value::Geometry(Shape::from_wkt(wkt, 100).expect("a geometry"))
    }

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        numbers_agree(
            "sites",
            &[
                ("dynasty", field::DYNASTY),
                ("era", field::ERA),
                ("sensitive", field::SENSITIVE),
                ("location", field::LOCATION),
                ("area", field::AREA),
                ("protected_area", field::PROTECTED_AREA),
                ("control_zone", field::CONTROL_ZONE),
            ],
        );
    }

    #[test]
    fn the_public_sees_a_cell_unless_the_site_is_not_sensitive() {
        let exact = place("POINT (109.27831 34.38419)");
        let millionths = |shape: &Shape| shape.bounding_box().map(|degrees| format!("{degrees:.6}"));
        let area = |row: &Fields| match row.get(field::AREA) {
            Some(Value::Geometry(shape)) => millionths(shape),
            _ => panic!("no public place"),
        };
        let cell = ["109.270000", "34.380000", "109.280000", "34.390000"];
        for sensitive in [None, Some(true)] {
            let mut row: Fields = [(field::LOCATION, exact.clone())].into_iter().collect();
            sensitive.map(|yes| row.set(field::SENSITIVE, Value::Boolean(yes)));
            assert_eq!(broken(&Sites, &mut row), [""; 0]);
            assert_eq!(area(&row), cell);
            row.set(field::AREA, exact.clone());
            assert_eq!(broken(&Sites, &mut row), ["place_of_sensitive_site"]);
            assert_eq!(area(&row), cell);
        }
        let mut open: Fields =
            [(field::LOCATION, exact.clone()), (field::SENSITIVE, Value::Boolean(false))].into_iter().collect();
        assert_eq!(broken(&Sites, &mut open), [""; 0]);
        assert_eq!(open.get(field::AREA), Some(&exact));
    }

    #[test]
    fn zones_are_areas() {
        let mut row: Fields = [(field::CONTROL_ZONE, place("POINT (1 2)"))].into_iter().collect();
        assert_eq!(check(&Sites, &mut row), [("zone_areal".to_owned(), true)]);
    }
}
