//! What must hold of a standard address; the full address is made of its levels where it is absent.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{finding, text};

/// Field numbers of `datasets/addresses.toml`; a test compares them.
mod field {
    pub(super) const FULL: u16 = 2;
    /// 省, 市, 县, 乡镇, 村居, 路, 门牌, 小区, 楼栋, 单元, 户室: from large to small, in the order of an address.
    pub(super) const LEVELS: [u16; 11] = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
    pub(super) const DOOR: u16 = 10;
    pub(super) const ROAD: u16 = 9;
    pub(super) const UNIT: u16 = 13;
    pub(super) const ROOM: u16 = 14;
    pub(super) const LOCATION: u16 = 15;
}

/// Levels that name a dwelling inside a building; the full address, which is graded lower, leaves them out.
const INSIDE: [u16; 2] = [field::UNIT, field::ROOM];

pub(super) struct Addresses;

impl RowRules for Addresses {
    fn table(&self) -> &'static str {
        "addresses"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        if row.get(field::DOOR).is_some() && row.get(field::ROAD).is_none() {
            found.push(finding("door", "door_without_road", "a door number stands on a road (街路巷)", false));
        }
        if let Some(Value::Geometry(shape)) = row.get(field::LOCATION)
            && shape.as_point().is_none()
        {
            let message = format!("an address lies at a point, not a {}", shape.kind());
            found.push(finding("location", "address_point", message, true));
        }
        complete(row);
        found
    }
}

fn complete(row: &mut Fields) {
    if row.get(field::FULL).is_some() {
        return;
    }
    let mut full = String::new();
    let mut last = "";
    for level in field::LEVELS.iter().filter(|level| !INSIDE.contains(level)) {
        // 北京市北京市朝阳区: a municipality is province and city in one.
        if let Some(part) = text(row, *level).filter(|part| *part != last) {
            full.push_str(part);
            last = part;
        }
    }
    if !full.is_empty() {
        row.set(field::FULL, Value::Text(full));
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::Shape;

    use super::super::tests::{check, numbers_agree};
    use super::*;

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        let names =
            ["province", "city", "county", "township", "village", "road", "door", "site", "building", "unit", "room"];
        let levels: Vec<(&str, u16)> = names.into_iter().zip(field::LEVELS).collect();
        numbers_agree("addresses", &levels);
        numbers_agree(
            "addresses",
            &[
                ("full", field::FULL),
                ("door", field::DOOR),
                ("road", field::ROAD),
                ("unit", field::UNIT),
                ("room", field::ROOM),
                ("location", field::LOCATION),
            ],
        );
    }

    #[test]
    fn the_full_address_is_made_of_the_levels_outside_the_door() {
        let [province, city, county, .., building, unit, room] = field::LEVELS;
        let mut row: Fields = [
            (province, "北京市"),
            (city, "北京市"),
            (county, "朝阳区"),
            (field::ROAD, "建国路"),
            (field::DOOR, "93号"),
            (building, "3号楼"),
            (unit, "2单元"),
            (room, "501室"),
        ]
        .into_iter()
        .map(|(level, part)| (level, Value::Text(part.to_owned())))
        .collect();
        assert_eq!(check(&Addresses, &mut row), []);
        assert_eq!(text(&row, field::FULL), Some("北京市朝阳区建国路93号3号楼"));
    }

    #[test]
    fn doors_stand_on_roads_and_addresses_at_points() {
        let line = Shape::from_wkt("LINESTRING (1 2, 3 4)", 10).expect("a line");
        let mut row: Fields =
            [(field::DOOR, Value::Text("93号".into())), (field::LOCATION, Value::Geometry(line))].into_iter().collect();
        let expected = [("door_without_road".to_owned(), false), ("address_point".to_owned(), true)];
        assert_eq!(check(&Addresses, &mut row), expected);
    }
}
