//! What must hold of a residence's row. The division is judged by its type, on the first day of the row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::Fields;

use super::{finding, person, text};

/// Field numbers of `datasets/residences.toml`; a test compares them.
pub(super) mod field {
    pub(in crate::rules) const CITIZEN_ID: u16 = 1;
    pub(in crate::rules) const KIND: u16 = 2;
    pub(in crate::rules) const PERSON: u16 = 3;
    pub(in crate::rules) const DIVISION: u16 = 4;
    pub(in crate::rules) const ADDRESS: u16 = 5;
    pub(in crate::rules) const PERMIT_NUMBER: u16 = 7;
    pub(in crate::rules) const REASON: u16 = 8;
}

/// 居住证 in `residence-kind`.
const PERMIT: &str = "3";

pub(super) struct Residences;

impl RowRules for Residences {
    fn table(&self) -> &'static str {
        "residences"
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        found.extend(person(row, ("citizen_id", field::CITIZEN_ID), field::PERSON, context));
        let permit = row.get(field::KIND).and_then(text) == Some(PERMIT);
        if !permit && row.get(field::PERMIT_NUMBER).is_some() {
            let message = "only a residence of kind 3 (居住证) has the number of a permit";
            found.push(finding("permit_number", "permit_of_kind", message, true));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::Value;

    use super::super::tests::{check, number, numbers_agree};
    use super::*;

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        numbers_agree(
            "residences",
            &[
                ("citizen_id", field::CITIZEN_ID),
                ("residence_kind", field::KIND),
                ("person", field::PERSON),
                ("division", field::DIVISION),
                ("address", field::ADDRESS),
                ("reason", field::REASON),
                ("permit_number", field::PERMIT_NUMBER),
            ],
        );
    }

    #[test]
    fn only_permits_have_a_number() {
        let row = |kind: &str| -> Fields {
            [
                (field::CITIZEN_ID, Value::Code(number("19900101", "001"))),
                (field::KIND, Value::Code(kind.into())),
                (field::PERMIT_NUMBER, Value::Code("A12345678".into())),
            ]
            .into_iter()
            .collect()
        };
        assert_eq!(check(&Residences, &mut row("3")), []);
        assert_eq!(check(&Residences, &mut row("1")), [("permit_of_kind".to_owned(), true)]);
    }
}
