//! What must hold of a movable relic's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{era_of_dynasty, finding};

/// Field numbers of `datasets/relics.toml`; a test compares them.
mod field {
    pub(super) const DYNASTY: u16 = 6;
    pub(super) const ERA: u16 = 7;
    pub(super) const CENSUS_NUMBER: u16 = 16;
}

/// Digits of a census number: division 6, kind of unit 1, industry 1, unit 5, item 8 (第一次全国可移动文物普查).
const CENSUS_DIGITS: usize = 21;

pub(super) struct Relics;

impl RowRules for Relics {
    fn table(&self) -> &'static str {
        "relics"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let mut found: Vec<Finding> = era_of_dynasty(row, "era", (field::DYNASTY, field::ERA)).into_iter().collect();
        if let Some(Value::Text(number)) = row.get(field::CENSUS_NUMBER)
            && (number.len() != CENSUS_DIGITS || !number.bytes().all(|b| b.is_ascii_digit()))
        {
            let message = format!("a census number has {CENSUS_DIGITS} digits");
            found.push(finding("census_number", "census_number_form", message, false));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::Era;

    use super::super::tests::{broken, numbers_agree};
    use super::*;

    #[test]
    fn eras_are_completed_and_census_numbers_judged() {
        numbers_agree(
            "relics",
            &[("dynasty", field::DYNASTY), ("era", field::ERA), ("census_number", field::CENSUS_NUMBER)],
        );
        let mut row: Fields = [
            (field::DYNASTY, Value::Code("song".into())),
            (field::CENSUS_NUMBER, Value::Text("110101211800001000123".into())),
        ]
        .into_iter()
        .collect();
        assert_eq!(broken(&Relics, &mut row), [""; 0]);
        assert_eq!(row.get(field::ERA), Era::parse("0960/1279").map(Value::Era).as_ref());
        row.set(field::CENSUS_NUMBER, Value::Text("1234".into()));
        assert_eq!(broken(&Relics, &mut row), ["census_number_form"]);
    }
}
