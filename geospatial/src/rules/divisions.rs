//! What must hold of a division's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{finding, text};

/// Field numbers of `datasets/divisions.toml`; a test compares them.
pub(crate) mod field {
    pub(crate) const SYSTEM: u16 = 1;
    pub(crate) const CODE: u16 = 2;
    pub(crate) const LEVEL: u16 = 5;
    pub(crate) const PROVINCE: u16 = 8;
    pub(crate) const CENTROID: u16 = 10;
    pub(crate) const BOUNDARY: u16 = 11;
}

pub(super) struct Divisions;

impl RowRules for Divisions {
    fn table(&self) -> &'static str {
        "divisions"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        if let (Some(system), Some(code)) = (text(row, field::SYSTEM), text(row, field::CODE)) {
            match level(system, code) {
                Err(expected) => {
                    let message = format!("code {code} does not have the form of system {system}: {expected}");
                    found.push(finding("code", "code_of_system", message, true));
                }
                Ok(level) => {
                    let province =
                        (system != "iso" && level != "0").then(|| format!("{}0000", code.get(..2).unwrap_or_default()));
                    complete(row, level, province);
                }
            }
        }
        if let Some(Value::Geometry(shape)) = row.get(field::BOUNDARY)
            && !shape.is_areal()
        {
            let message = format!("a boundary is a polygon or several, not a {}", shape.kind());
            found.push(finding("boundary", "boundary_areal", message, true));
        }
        if let Some(Value::Geometry(shape)) = row.get(field::CENTROID)
            && shape.as_point().is_none()
        {
            let message = format!("a centroid is a point, not a {}", shape.kind());
            found.push(finding("centroid", "centroid_point", message, true));
        }
        found
    }
}

/// The level that a code's form says, or the form expected.
fn level(system: &str, code: &str) -> Result<&'static str, &'static str> {
    let digits = code.bytes().all(|b| b.is_ascii_digit());
    match (system, code.len()) {
        ("iso", 3) if code.bytes().all(|b| b.is_ascii_uppercase()) => Ok("0"),
        ("iso", _) => Err("three capital letters"),
        ("mca", 6) if code == "100000" => Ok("0"),
        ("mca" | "nbs", 6) if digits && code.ends_with("0000") => Ok("1"),
        ("mca" | "nbs", 6) if digits && code.ends_with("00") => Ok("2"),
        ("mca" | "nbs", 6) if digits => Ok("3"),
        ("nbs", 2) if digits => Ok("1"),
        ("nbs", 4) if digits => Ok("2"),
        ("mca" | "nbs", 9) if digits => Ok("4"),
        ("mca" | "nbs", 12) if digits => Ok("5"),
        ("mca", _) => Err("6, 9 or 12 digits"),
        _ => Err("2, 4, 6, 9 or 12 digits"),
    }
}

fn complete(row: &mut Fields, level: &str, province: Option<String>) {
    if row.get(field::LEVEL).is_none() {
        row.set(field::LEVEL, Value::Code(level.to_owned()));
    }
    if let Some(province) = province
        && row.get(field::PROVINCE).is_none()
    {
        row.set(field::PROVINCE, Value::Code(province));
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::Shape;

    use super::super::tests::check;
    use super::*;

    fn row(system: &str, code: &str) -> Fields {
        [(field::SYSTEM, Value::Code(system.into())), (field::CODE, Value::Text(code.into()))].into_iter().collect()
    }

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        let domain = crate::domain().expect("definitions load");
        for (name, number) in [
            ("system", field::SYSTEM),
            ("code", field::CODE),
            ("level", field::LEVEL),
            ("province", field::PROVINCE),
            ("centroid", field::CENTROID),
            ("boundary", field::BOUNDARY),
        ] {
            assert_eq!(domain.datasets[0].field(name).map(|f| f.number), Some(number), "{name}");
        }
    }

    #[test]
    fn level_and_province_follow_from_the_code() {
        for (system, code, level, province) in [
            ("mca", "100000", "0", None),
            ("mca", "510000", "1", Some("510000")),
            ("mca", "510100", "2", Some("510000")),
            ("mca", "510104", "3", Some("510000")),
            ("nbs", "510104020", "4", Some("510000")),
            ("nbs", "51", "1", Some("510000")),
            ("iso", "FRA", "0", None),
        ] {
            let mut row = row(system, code);
            assert_eq!(check(&Divisions, &mut row), [], "{code}");
            assert_eq!(text(&row, field::LEVEL), Some(level), "{code}");
            assert_eq!(text(&row, field::PROVINCE), province, "{code}");
        }
    }

    #[test]
    fn wrong_forms_are_refused() {
        for (system, code) in [("mca", "5101"), ("iso", "fr"), ("nbs", "51010402")] {
            assert_eq!(check(&Divisions, &mut row(system, code)), [("code_of_system".to_owned(), true)], "{code}");
        }
        let mut point = row("mca", "510104");
        point.set(field::BOUNDARY, Value::Geometry(Shape::point(104.0, 30.6).expect("a point")));
        assert_eq!(check(&Divisions, &mut point), [("boundary_areal".to_owned(), true)]);
    }
}
