//! What must hold of a permit's row.

use foundation::service::{Finding, RowContext, RowRules};
use foundation::value::{Fields, Value};

use super::{entity, finding, text};

/// Field numbers of `datasets/permits.toml`; a test compares them.
mod field {
    pub(super) const CREDIT_CODE: u16 = 2;
    pub(super) const ISSUED: u16 = 6;
    pub(super) const EXPIRES: u16 = 7;
    pub(super) const STATUS: u16 = 8;
}

pub(super) struct Permits;

impl RowRules for Permits {
    fn table(&self) -> &'static str {
        "permits"
    }

    fn check(&self, row: &mut Fields, context: &RowContext<'_>) -> Vec<Finding> {
        let mut found = Vec::new();
        found.extend(entity(row, "credit_code", field::CREDIT_CODE));
        let Some(Value::Date(expires)) = row.get(field::EXPIRES) else { return found };
        if let Some(Value::Date(issued)) = row.get(field::ISSUED)
            && expires.span().to <= issued.span().from
        {
            found.push(finding("expires", "expires_before_issued", "the permit expires before it was issued", true));
        }
        if row.get(field::STATUS).and_then(text) == Some("1") && expires.span().to <= context.today {
            let message = "the permit has expired, yet its status is 1 (valid)";
            found.push(finding("permit_status", "valid_after_expiry", message, false));
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use foundation::value::PartialDate;

    use super::super::tests::{check, numbers_agree};
    use super::*;

    #[test]
    fn field_numbers_are_those_of_the_definition() {
        numbers_agree(
            "permits",
            &[
                ("credit_code", field::CREDIT_CODE),
                ("issued", field::ISSUED),
                ("expires", field::EXPIRES),
                ("permit_status", field::STATUS),
            ],
        );
    }

    #[test]
    fn dates_and_status_fit_together() {
        let date = |text| PartialDate::parse(text).map(Value::Date).expect("a date");
        let row = |issued, expires, status: &str| -> Fields {
            [
                (field::CREDIT_CODE, Value::Link("91350100M000100Y43".into())),
                (field::ISSUED, date(issued)),
                (field::EXPIRES, date(expires)),
                (field::STATUS, Value::Code(status.into())),
            ]
            .into_iter()
            .collect()
        };
        assert_eq!(check(&Permits, &mut row("2024-01-01", "2034-01-01", "1"), false), []);
        assert_eq!(
            check(&Permits, &mut row("2024-01-01", "2023-01-01", "2"), false),
            [("expires_before_issued".to_owned(), true)]
        );
        let stale = check(&Permits, &mut row("2020-01-01", "2025-01-01", "1"), false);
        assert_eq!(stale, [("valid_after_expiry".to_owned(), false)]);
    }
}
