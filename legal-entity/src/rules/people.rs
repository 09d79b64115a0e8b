//! What must hold of rows that name people behind a legal entity: officers, beneficial owners.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::citizen_id::CitizenId;
use foundation::value::{Decimal, Fields, Party, Value};

use super::{entity, finding, text};

/// Field numbers that both definitions share; a test compares them.
mod field {
    pub(super) const CREDIT_CODE: u16 = 1;
    pub(super) const DOCUMENT_NUMBER: u16 = 2;
}

/// Field numbers of `datasets/officers.toml`.
mod officer {
    pub(super) const NAME: u16 = 4;
    pub(super) const PERSON: u16 = 5;
    pub(super) const COUNTRY: u16 = 6;
}

/// Field numbers of `datasets/beneficial-owners.toml`.
mod owner {
    pub(super) const NAME: u16 = 3;
    pub(super) const PERSON: u16 = 4;
    pub(super) const COUNTRY: u16 = 5;
    pub(super) const BASIS: u16 = 6;
    pub(super) const PERCENT: u16 = 7;
}

pub(super) struct Officers;
pub(super) struct BeneficialOwners;

impl RowRules for Officers {
    fn table(&self) -> &'static str {
        "officers"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let mut found: Vec<Finding> = entity(row, "credit_code", field::CREDIT_CODE).into_iter().collect();
        found.extend(person(row, officer::NAME, officer::PERSON, officer::COUNTRY));
        found
    }
}

impl RowRules for BeneficialOwners {
    fn table(&self) -> &'static str {
        "beneficial-owners"
    }

    fn check(&self, row: &mut Fields, _context: &RowContext<'_>) -> Vec<Finding> {
        let mut found: Vec<Finding> = entity(row, "credit_code", field::CREDIT_CODE).into_iter().collect();
        found.extend(person(row, owner::NAME, owner::PERSON, owner::COUNTRY));
        found.extend(share(row));
        found
    }
}

/// A citizen number makes the person a link; any other document leaves a party with name and country. Eighteen characters
/// that begin like a citizen number and are none are refused.
fn person(row: &mut Fields, name: u16, to: u16, country: u16) -> Option<Finding> {
    let number = row.get(field::DOCUMENT_NUMBER).and_then(text)?.to_owned();
    let given = |at: u16| row.get(at).and_then(text).map(ToOwned::to_owned);
    let mut party = Party { name: given(name), country: given(country), ..Party::default() };
    match CitizenId::parse(&number) {
        Ok(id) => party.link = Some(id.into_string()),
        Err(error) if number.len() == 18 && number.bytes().take(17).all(|b| b.is_ascii_digit()) => {
            return Some(finding("document_number", error.rule(), error.to_string(), true));
        }
        Err(_) => party.document = Some(("other".to_owned(), number)),
    }
    if row.get(to).is_none() {
        row.set(to, Value::Party(party));
    }
    None
}

/// Ownership by shares or profits begins at 25 % (受益所有人信息管理办法 art 6).
fn share(row: &Fields) -> Option<Finding> {
    let basis = row.get(owner::BASIS).and_then(text)?;
    let Some(Value::Decimal(percent)) = row.get(owner::PERCENT) else { return None };
    let least: Decimal = "25".parse().ok()?;
    (matches!(basis, "1" | "2") && *percent < least).then(|| {
        finding(
            "percent",
            "share_below_quarter",
            "shares or profits of less than 25 % are no ground of this kind",
            false,
        )
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{check, numbers_agree};
    use super::*;

    fn row(number: &str) -> Fields {
        [
            (field::CREDIT_CODE, Value::Link("91350100M000100Y43".into())),
            (field::DOCUMENT_NUMBER, Value::Code(number.into())),
            (owner::NAME, Value::Text("王伟".into())),
        ]
        .into_iter()
        .collect()
    }

    #[test]
    fn field_numbers_are_those_of_the_definitions() {
        for table in ["officers", "beneficial-owners"] {
            let shared = [("credit_code", field::CREDIT_CODE), ("document_number", field::DOCUMENT_NUMBER)];
            numbers_agree(table, &shared);
        }
        let officers = [("name", officer::NAME), ("person", officer::PERSON), ("country", officer::COUNTRY)];
        numbers_agree("officers", &officers);
        numbers_agree(
            "beneficial-owners",
            &[
                ("name", owner::NAME),
                ("person", owner::PERSON),
                ("country", owner::COUNTRY),
                ("basis", owner::BASIS),
                ("percent", owner::PERCENT),
            ],
        );
    }

    #[test]
    fn a_citizen_number_is_a_link_and_a_passport_a_party() {
        let mut citizen = row("11010519491231002X");
        assert_eq!(check(&BeneficialOwners, &mut citizen, false), []);
        let Some(Value::Party(party)) = citizen.get(owner::PERSON) else { panic!("no person") };
        assert_eq!((party.link.as_deref(), party.name.as_deref()), (Some("11010519491231002X"), Some("王伟")));
        let mut foreign = row("C01234567");
        assert_eq!(check(&BeneficialOwners, &mut foreign, false), []);
        let Some(Value::Party(party)) = foreign.get(owner::PERSON) else { panic!("no person") };
        assert_eq!((party.link.is_none(), party.document.is_some()), (true, true));
        let wrong = check(&Officers, &mut row("110105194912310021"), false);
        assert_eq!(wrong, [("citizen_id_check_digit".to_owned(), true)]);
    }

    #[test]
    fn a_ground_of_shares_begins_at_a_quarter() {
        let mut fields = row("11010519491231002X");
        fields.set(owner::BASIS, Value::Code("1".into()));
        fields.set(owner::PERCENT, Value::Decimal("24.9".parse().expect("a decimal")));
        assert_eq!(check(&BeneficialOwners, &mut fields, false), [("share_below_quarter".to_owned(), false)]);
        fields.set(owner::BASIS, Value::Code("3".into()));
        assert_eq!(check(&BeneficialOwners, &mut fields, false), []);
    }
}
