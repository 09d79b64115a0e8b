//! What must hold of rows about households and their members.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{finding, person};

/// Field numbers of `datasets/households.toml`; a test compares them.
mod field {
    pub(super) const HEAD_CITIZEN_ID: u16 = 3;
    pub(super) const HEAD: u16 = 4;
    pub(super) const OPENED: u16 = 8;
    pub(super) const CLOSED: u16 = 9;
}

/// Field numbers of `datasets/household-members.toml`; a test compares them.
mod member {
    pub(super) const CITIZEN_ID: u16 = 2;
    pub(super) const PERSON: u16 = 3;
}

pub(super) struct Households;

impl RowRules for Households {
    fn table(&self) -> &'static str {
        "households"
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        found.extend(person(row, ("head_citizen_id", field::HEAD_CITIZEN_ID), field::HEAD, context));
        if let (Some(Value::Date(opened)), Some(Value::Date(closed))) = (row.get(field::OPENED), row.get(field::CLOSED))
            && closed.span().to <= opened.span().from
        {
            found.push(finding(
                "closed",
                "closed_before_opened",
                "the household was closed before it was opened",
                true,
            ));
        }
        found
    }
}

pub(super) struct Members;

impl RowRules for Members {
    fn table(&self) -> &'static str {
        "household-members"
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        person(row, ("citizen_id", member::CITIZEN_ID), member::PERSON, context).into_iter().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, date, number, numbers_agree};
    use super::*;

    #[test]
    fn field_numbers_are_those_of_the_definitions() {
        numbers_agree(
            "households",
            &[
                ("head_citizen_id", field::HEAD_CITIZEN_ID),
                ("head", field::HEAD),
                ("opened", field::OPENED),
                ("closed", field::CLOSED),
            ],
        );
        numbers_agree("household-members", &[("citizen_id", member::CITIZEN_ID), ("person", member::PERSON)]);
    }

    #[test]
    fn heads_and_members_are_linked_by_their_numbers() {
        let id = Value::Code(number("19900101", "001"));
        let mut household: Fields = [(field::HEAD_CITIZEN_ID, id.clone())].into_iter().collect();
        assert_eq!(check(&Households, &mut household), []);
        assert!(matches!(household.get(field::HEAD), Some(Value::Party(party)) if party.link.is_some()));
        let mut row: Fields = [(member::CITIZEN_ID, id)].into_iter().collect();
        assert_eq!(check(&Members, &mut row), []);
        assert!(row.get(member::PERSON).is_some());
    }

    #[test]
    fn a_household_is_not_closed_before_it_opens() {
        let mut row: Fields =
            [(field::OPENED, date("2020-05-01")), (field::CLOSED, date("2019"))].into_iter().collect();
        assert_eq!(check(&Households, &mut row), [("closed_before_opened".to_owned(), true)]);
    }
}
