//! What must hold of a division's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{finding, text};

/// Field numbers of `datasets/divisions.toml`; a test compares them.
pub(crate) mod field {
    pub(crate) const SYSTEM: u16 = 1;
    pub(crate) const CODE: u16 = 2;
    pub(crate) const NAME: u16 = 3;
    pub(crate) const LEVEL: u16 = 5;
    pub(crate) const PROVINCE: u16 = 8;
    pub(crate) const CENTROID: u16 = 10;
    pub(crate) const BOUNDARY: u16 = 11;
    pub(crate) const SUCCESSORS: u16 = 13;
    /// The division of a place, of `datasets/places.toml`.
    pub(crate) const OF_PLACE: u16 = 7;
    /// The division of an address, of `datasets/addresses.toml`.
    pub(crate) const OF_ADDRESS: u16 = 3;
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
                    found.extend(layers(system, code));
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

/// Provinces of GB/T 2260.
const PROVINCES: &str =
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82";

/// The layers of a code stay in the ranges of GB/T 2260-2007 with amendment 1; outside them a code is told, not refused,
/// since registers carry codes of their own.
///
/// Prefectures: 01–20 and 51–70 cities, 21–50 prefectures, autonomous prefectures and leagues, 90 the counties that a province
/// runs itself. Counties: 01–20 and 51–80 districts, 21–50 counties, 81–99 cities.
fn layers(system: &str, code: &str) -> Option<Finding> {
    if system == "iso" || code == "100000" {
        return None;
    }
    let part = |from: usize| code.get(from..from + 2);
    let told = |what: &str, part: &str| {
        let message = format!("{what} {part} of code {code} lies outside the ranges of GB/T 2260");
        Some(finding("code", "division_layer", message, false))
    };
    let province = part(0)?;
    if !PROVINCES.split(' ').any(|known| known == province) {
        return told("province", province);
    }
    if let Some(prefecture) = part(2).filter(|p| matches!(p.parse(), Ok(71..=89 | 91..=99_u8))) {
        return told("prefecture", prefecture);
    }
    // A county stands under a prefecture; townships of a city without districts stand under its county 00.
    let bare = part(2) == Some("00") && part(4).is_some_and(|county| county != "00");
    bare.then(|| told("prefecture", "00")).flatten()
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
    fn layers_stay_in_their_ranges() {
        for code in ["110101", "659001", "429021", "152201", "441900003", "533401", "710000", "460400000000"] {
            assert_eq!(check(&Divisions, &mut row("nbs", code)), [], "{code}");
        }
        let told = [("division_layer".to_owned(), false)];
        for code in ["160000", "510001", "517100", "529901", "890101"] {
            assert_eq!(check(&Divisions, &mut row("mca", code)), told, "{code}");
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
