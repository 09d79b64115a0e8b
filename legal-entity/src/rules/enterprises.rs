//! What must hold of an enterprise's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::credit_code::CreditCode;
use foundation::value::{Fields, PartialDate, Value};

use super::{SYNTHETIC_PROVINCE, class, finding, text};

/// Field numbers of `datasets/enterprises.toml`; a test compares them.
pub(super) mod field {
    pub(in crate::rules) const CREDIT_CODE: u16 = 1;
    pub(in crate::rules) const NAME: u16 = 2;
    pub(in crate::rules) const KIND: u16 = 4;
    pub(in crate::rules) const STATUS: u16 = 5;
    pub(in crate::rules) const LEGAL_REPRESENTATIVE: u16 = 6;
    pub(in crate::rules) const LEGAL_REPRESENTATIVE_NAME: u16 = 7;
    pub(in crate::rules) const REGISTERED_CAPITAL: u16 = 8;
    pub(in crate::rules) const ESTABLISHED: u16 = 10;
    pub(in crate::rules) const APPROVED: u16 = 11;
    pub(in crate::rules) const ADDRESS: u16 = 12;
    pub(in crate::rules) const DIVISION: u16 = 13;
    pub(in crate::rules) const SCOPE_OF_BUSINESS: u16 = 15;
    pub(in crate::rules) const LOCATION: u16 = 16;
    pub(in crate::rules) const ABNORMAL: u16 = 17;
}

/// The state's own register stands where a division would.
const STATE_REGISTER: &str = "100000";

pub(super) struct Enterprises;

impl RowRules for Enterprises {
    fn table(&self) -> &'static str {
        "enterprises"
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        if let Some(code) = row.get(field::CREDIT_CODE).and_then(text).and_then(|c| CreditCode::parse(c).ok()) {
            found.extend(registering_division(&code, context));
            found.extend(class(&code));
            found.extend(kind(row, &code));
        }
        found.extend(dates(row));
        name_of_representative(row);
        found
    }
}

/// The registering authority's division: unknown ones are told, synthetic ones stay in demonstration directories.
fn registering_division(code: &CreditCode, context: &RowContext<'_>) -> Option<Finding> {
    let division = code.division();
    if division.starts_with(SYNTHETIC_PROVINCE) {
        let message = "the code is synthetic (its division was never issued): only demonstration directories take it";
        return (!context.demo).then(|| finding("credit_code", "synthetic_code", message, true));
    }
    let known = division == STATE_REGISTER
        || division.starts_with("0000")
        || context.lists.get("division").is_none_or(|list| list.knows(division));
    let message = || format!("the registering division {division} in the code is not in the list of divisions");
    (!known).then(|| finding("credit_code", "credit_code_division", message(), false))
}

/// The kind's code begins with the registering authority's character (9 market regulation, 5 civil affairs …).
fn kind(row: &Fields, code: &CreditCode) -> Option<Finding> {
    let kind = row.get(field::KIND).and_then(text)?;
    let message = || format!("kind {kind} is not registered by authority {} of the credit code", code.authority());
    (!kind.starts_with(code.authority())).then(|| finding("kind", "kind_of_code", message(), false))
}

/// Nothing is approved before it is established.
fn dates(row: &Fields) -> Option<Finding> {
    let date = |number| match row.get(number) {
        Some(Value::Date(date)) => Some(*date),
        _ => None,
    };
    let (established, approved): (PartialDate, PartialDate) = (date(field::ESTABLISHED)?, date(field::APPROVED)?);
    (approved.span().to <= established.span().from).then(|| {
        finding("approved", "approved_before_established", "the approval lies before the establishment", false)
    })
}

/// The representative's name is a registry fact of its own: it is open where the person behind it is not.
fn name_of_representative(row: &mut Fields) {
    if row.get(field::LEGAL_REPRESENTATIVE_NAME).is_some() {
        return;
    }
    if let Some(Value::Party(party)) = row.get(field::LEGAL_REPRESENTATIVE)
        && let Some(name) = party.name.clone()
    {
        row.set(field::LEGAL_REPRESENTATIVE_NAME, Value::Text(name));
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::Party;
    use foundation::value::credit_code::check_character;

    use super::super::tests::check;
    use super::*;

    fn row(code: &str) -> Fields {
        [(field::CREDIT_CODE, Value::Code(code.to_owned()))].into_iter().collect()
    }

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        let domain = crate::domain().expect("definitions load");
        for (name, number) in [
            ("credit_code", field::CREDIT_CODE),
            ("kind", field::KIND),
            ("legal_representative", field::LEGAL_REPRESENTATIVE),
            ("legal_representative_name", field::LEGAL_REPRESENTATIVE_NAME),
            ("established", field::ESTABLISHED),
            ("approved", field::APPROVED),
        ] {
            assert_eq!(domain.datasets[0].field(name).map(|f| f.number), Some(number), "{name}");
        }
    }

    #[test]
    fn an_unknown_registering_division_is_told() {
        assert_eq!(check(&Enterprises, &mut row("91350100M000100Y43"), false), []);
        assert_eq!(check(&Enterprises, &mut row("11100000000013338W"), false), []);
        let unknown = [("credit_code_division".to_owned(), false)];
        assert_eq!(check(&Enterprises, &mut row("914403001922038216"), false), unknown);
    }

    #[test]
    fn an_unknown_class_is_told() {
        let body = "95350100M000100Y4";
        let code = format!("{body}{}", check_character(body));
        assert_eq!(check(&Enterprises, &mut row(&code), false), [("credit_code_class".to_owned(), false)]);
    }

    #[test]
    fn synthetic_codes_stay_in_demonstrations() {
        let body = "91895101MA0000010";
        let code = format!("{body}{}", check_character(body));
        assert_eq!(check(&Enterprises, &mut row(&code), true), []);
        assert_eq!(check(&Enterprises, &mut row(&code), false), [("synthetic_code".to_owned(), true)]);
    }

    #[test]
    fn doubtful_rows_are_told_and_the_name_is_taken_over() {
        let mut fields = row("91350100M000100Y43");
        fields.set(field::KIND, Value::Code("51".into()));
        fields.set(field::ESTABLISHED, PartialDate::parse("2020-05-01").map(Value::Date).expect("a date"));
        fields.set(field::APPROVED, PartialDate::parse("2019").map(Value::Date).expect("a date"));
        let party = Party { name: Some("王伟".into()), ..Party::default() };
        fields.set(field::LEGAL_REPRESENTATIVE, Value::Party(party));
        let found = check(&Enterprises, &mut fields, false);
        assert_eq!(found, [("kind_of_code".to_owned(), false), ("approved_before_established".to_owned(), false)]);
        assert_eq!(fields.get(field::LEGAL_REPRESENTATIVE_NAME), Some(&Value::Text("王伟".into())));
    }
}
