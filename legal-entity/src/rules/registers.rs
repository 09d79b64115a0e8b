//! What must hold of rows of the other registers: state organs and public institutions, social organisations.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::credit_code::CreditCode;
use foundation::value::{Fields, Value};

use super::{SYNTHETIC_PROVINCE, class, finding, text};

/// Field numbers that both definitions share; a test compares them.
mod field {
    pub(super) const CREDIT_CODE: u16 = 1;
    pub(super) const KIND: u16 = 3;
    pub(super) const LEGAL_REPRESENTATIVE: u16 = 5;
    pub(super) const LEGAL_REPRESENTATIVE_NAME: u16 = 6;
    pub(super) const ESTABLISHED: u16 = 13;
    pub(super) const VALID_UNTIL: u16 = 14;
}

/// A register kept by one authority of GB 32100.
pub(super) struct Register {
    table: &'static str,
    /// First character of its credit codes.
    authority: char,
    /// Who that is.
    registrar: &'static str,
}

/// State organs, mass organisations and public institutions.
pub(super) const INSTITUTIONS: Register =
    Register { table: "institutions", authority: '1', registrar: "机构编制 (institutions)" };
/// Social associations, private non-enterprise units, foundations.
pub(super) const SOCIAL_ORGANISATIONS: Register =
    Register { table: "social-organisations", authority: '5', registrar: "民政 (civil affairs)" };

impl RowRules for Register {
    fn table(&self) -> &'static str {
        self.table
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        if let Some(code) = row.get(field::CREDIT_CODE).and_then(text).and_then(|c| CreditCode::parse(c).ok()) {
            found.extend(self.authority(&code));
            found.extend(class(&code));
            if code.division().starts_with(SYNTHETIC_PROVINCE) && !context.demo {
                let message = "the code is synthetic (its division was never issued): only demonstrations take it";
                found.push(finding("credit_code", "synthetic_code", message, true));
            }
        }
        found.extend(self.kind(row));
        found.extend(dates(row));
        name_of_representative(row);
        found
    }
}

impl Register {
    /// The code was given by this register's authority.
    fn authority(&self, code: &CreditCode) -> Option<Finding> {
        let message = || format!("codes of this register begin with {}: {}", self.authority, self.registrar);
        (code.authority() != self.authority).then(|| finding("credit_code", "credit_code_authority", message(), true))
    }

    /// The kind is one this register knows.
    fn kind(&self, row: &Fields) -> Option<Finding> {
        let kind = row.get(field::KIND).and_then(text)?;
        let message = || format!("kind {kind} is not registered by authority {}", self.authority);
        (!kind.starts_with(self.authority)).then(|| finding("kind", "kind_of_code", message(), true))
    }
}

/// A certificate does not end before the body was set up.
fn dates(row: &Fields) -> Option<Finding> {
    let (Some(Value::Date(from)), Some(Value::Date(to))) = (row.get(field::ESTABLISHED), row.get(field::VALID_UNTIL))
    else {
        return None;
    };
    (to.span().to <= from.span().from)
        .then(|| finding("valid_until", "ends_before_established", "the certificate ends before the set-up", true))
}

fn name_of_representative(row: &mut Fields) {
    if row.get(field::LEGAL_REPRESENTATIVE_NAME).is_none()
        && let Some(Value::Party(party)) = row.get(field::LEGAL_REPRESENTATIVE)
        && let Some(name) = party.name.clone()
    {
        row.set(field::LEGAL_REPRESENTATIVE_NAME, Value::Text(name));
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::{PartialDate, Party};

    use super::super::tests::{check, numbers_agree};
    use super::*;

    fn row(code: &str) -> Fields {
        [(field::CREDIT_CODE, Value::Code(code.to_owned()))].into_iter().collect()
    }

    #[test]
    fn field_numbers_are_those_of_the_definitions() {
        for table in ["institutions", "social-organisations"] {
            numbers_agree(
                table,
                &[
                    ("credit_code", field::CREDIT_CODE),
                    ("kind", field::KIND),
                    ("legal_representative", field::LEGAL_REPRESENTATIVE),
                    ("legal_representative_name", field::LEGAL_REPRESENTATIVE_NAME),
                    ("established", field::ESTABLISHED),
                    ("valid_until", field::VALID_UNTIL),
                ],
            );
        }
    }

    #[test]
    fn a_register_takes_its_own_codes() {
        assert_eq!(check(&INSTITUTIONS, &mut row("11100000000013338W"), false), []);
        let foreign = [("credit_code_authority".to_owned(), true)];
        assert_eq!(check(&SOCIAL_ORGANISATIONS, &mut row("11100000000013338W"), false), foreign);
        assert_eq!(check(&INSTITUTIONS, &mut row("91350100M000100Y43"), false), foreign);
    }

    #[test]
    fn kinds_and_dates_are_judged_and_the_name_taken_over() {
        let mut fields = row("11100000000013338W");
        fields.set(field::KIND, Value::Code("51".into()));
        let date = |text| PartialDate::parse(text).map(Value::Date).expect("a date");
        fields.set(field::ESTABLISHED, date("2020-05-01"));
        fields.set(field::VALID_UNTIL, date("2019"));
        let party = Party { name: Some("王伟".into()), ..Party::default() };
        fields.set(field::LEGAL_REPRESENTATIVE, Value::Party(party));
        let found = check(&INSTITUTIONS, &mut fields, false);
        assert_eq!(found, [("kind_of_code".to_owned(), true), ("ends_before_established".to_owned(), true)]);
        assert_eq!(fields.get(field::LEGAL_REPRESENTATIVE_NAME), Some(&Value::Text("王伟".into())));
    }
}
